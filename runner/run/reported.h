/* reported.h - tests and their times out of nothing but JUnit reports: last night's, or those of
 * several nights. */
#ifndef RUN_REPORTED_H
#define RUN_REPORTED_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/test.h"

struct tanda_error;

struct reported {
	struct test_list tests; /* test files, or what stands for them; in the order of their ids */
	size_t run_count;       /* paths that held cases */
	size_t file_count;      /* reports read */
	size_t case_count;      /* as reported, those of all runs */
	struct text_buf notes;  /* a line for each thing the user should know; may be empty */
};

/* Read the reports at `paths` (NULL-terminated): files, or folders with every *.xml below them.
 *
 * Each path is a run. A test's time is the sum of its cases' times within a run; of a case that
 * several runs tell about, the median counts. Cases are put together to test files by
 * junit/casefile.h, areas are made by discover/area_guess.h. Tests that were only skipped are left
 * out. What can be lived with (a broken report, cases without a time) is a note; no case at all,
 * and a path that is not there, are errors. */
int reported_read(const char *const *paths, struct reported *ret_reported,
                  struct tanda_error *error) __attribute__((warn_unused_result));
void reported_deinit(struct reported *reported);
#endif
