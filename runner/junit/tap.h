/* tap.h - the Test Anything Protocol, told in the words of a JUnit report. */
#ifndef JUNIT_TAP_H
#define JUNIT_TAP_H
#include "runner/junit/read.h"

/* As junit_read_file(), for a file in TAP 12 to 14: each point at its top level is a case, of the
 * suite and class `name`; what it prints on the way, and nested tests, are its output.
 *
 * A TODO that fails is skipped, one that passes has passed. "1..0 # SKIP" is one skipped case. The
 * plan is the only proof that the file is whole: BROKEN without one, and when it does not agree
 * with the points. "Bail out!" is an error outside the tests, and ends the reading. */
void tap_read_file(const char *path, const char *name, junit_case_fn on_case, void *data,
                   struct junit_summary *ret_summary);
void tap_read_memory(struct text bytes, const char *name, junit_case_fn on_case, void *data,
                     struct junit_summary *ret_summary);
#endif
