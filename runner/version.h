/* version.h - this program's version; the build sets it. */
#ifndef RUNNER_VERSION_H
#define RUNNER_VERSION_H
#ifndef TANDA_VERSION
#define TANDA_VERSION "0.1.0"
#endif
#endif
