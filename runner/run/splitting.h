/* splitting.h - long files become their cases, so that several workers can share them (DESIGN
 * section 8). A case's id is "FILE > CASE"; it stays when lines move. */
#ifndef RUN_SPLITTING_H
#define RUN_SPLITTING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/model/plan.h"
#include "shards/model/test.h"

struct project;
struct tanda_error;

/* Single cases that are asked for by their ids, whatever their files' lengths. */
struct wanted_cases {
	struct wanted_case {
		char *suite; /* NULL: any */
		char *file;  /* the id of the whole file's test */
		char *name;
		bool is_in_whole; /* its whole file is asked for as well */
	} * cases;
	size_t count, cap;
	bool may_be_gone; /* of a run that is past: a case that is gone is no fault */
	char **texts;     /* own what wanted_cases_take() gave out */
	size_t text_count, text_cap;
};

void wanted_cases_deinit(struct wanted_cases *wanted);

/* Note each id of a case among `typed` (ids or "SUITE<TAB>ID" lines, NULL-terminated, or NULL) and
 * give back the array with the case's file in its place, as the selection knows files alone. NULL
 * gives NULL. The array is the caller's to free, its strings are not. */
const char **wanted_cases_take(struct wanted_cases *wanted, const struct test_list *tests,
                               const char *const *typed);

/* Which files besides are split, where no case of them is wanted. */
struct splitting_rule {
	/* Of suites with "split": "auto" those that are known to take longer than all work shared
	 * evenly by so many workers; 0: none. */
	uint32_t workers;
	uint64_t longest_ns; /* those that take longer than this, too; 0: none */
	/* Those that this plan has as cases, whatever their length, and no others; NULL: no plan.
	 */
	const struct plan *plan;
};

/* Split: the files of wanted cases, which keep only those; and those that `rule` says. What the
 * framework cannot list stays whole, with a warning. Sets *ret_any when a test was split.
 *
 * Fails when a wanted case is not in its file, or its framework cannot run single cases. */
int splitting_apply(struct project *project, const struct wanted_cases *wanted,
                    const struct splitting_rule *rule, bool *ret_any, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
