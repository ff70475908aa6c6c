/* small_file.h - the start of a file that the kernel makes up: /proc, /sys. */
#ifndef RUN_SMALL_FILE_H
#define RUN_SMALL_FILE_H
#include <stdbool.h>

enum { SMALL_FILE_MAX_BYTES = 4096 };

/* Read at most SMALL_FILE_MAX_BYTES - 1 bytes and end them with a NUL; false when there are none.
 */
bool small_file_read(const char *path, char bytes[SMALL_FILE_MAX_BYTES]);
#endif
