/* attempts.h - the cases of a suite, with those of equal keys taken for attempts of one case. */
#ifndef MERGE_ATTEMPTS_H
#define MERGE_ATTEMPTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/merge/record.h"
#include "runner/merge/suites.h"
#include "shards/base/dict.h"

struct tanda_error;

struct attempt {
	const struct spool *spool;
	uint64_t offset, len;
	enum case_status status;
	struct instant started;
	uint64_t time_ns;
	size_t next; /* attempt of the same case, in the order of time; ATTEMPT_NONE */
};

#define ATTEMPT_NONE SIZE_MAX

struct attempts {
	struct attempt *list;
	size_t count, cap;
	struct attempt_case {
		char *key;
		size_t first, last, count;
		bool all_started;
	} * cases; /* in the order in which they first appear */
	size_t case_count, case_cap;
	struct dict by_key;
	struct record_reader reader;
};

void attempts_init(struct attempts *attempts);
void attempts_deinit(struct attempts *attempts);
/* Read what cases a suite has; what was read before is forgotten. */
int attempts_scan(struct attempts *attempts, const struct merged_suite *suite,
                  struct tanda_error *error) __attribute__((warn_unused_result));
/* The attempt that a case shows: one that passed, as what is repeated is what failed; else the
 * first that failed; else the first. Whatever the order of the reports, the verdict is the same. */
size_t attempts_shown(const struct attempts *attempts, const struct attempt_case *item);
/* What they come to. */
void attempts_sum(const struct attempts *attempts, struct junit_counts *ret_counts,
                  uint64_t *ret_time_ns);
/* The time of a case is that of its last attempt, of those that passed if any did. */
uint64_t attempts_time_ns(const struct attempts *attempts, const struct attempt_case *item);
#endif
