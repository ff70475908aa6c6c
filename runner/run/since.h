/* since.h - `--since REF`: which tests a change concerns.
 *
 * A changed file selects the tests of each area whose `paths` match it, and the test that it is. A
 * file that neither claims selects everything, or nothing where tanda.json says so; one that was a
 * test and is gone, or that `since.ignore` matches, concerns no test. */
#ifndef RUN_SINCE_H
#define RUN_SINCE_H

struct project;
struct tanda_error;

/* Drop what the changes since `ref` do not concern from the project's tests, and note why. */
int since_apply(const char *ref, struct project *project, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
