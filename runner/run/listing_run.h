/* listing_run.h - before a run: what do the frameworks themselves say that they would run? */
#ifndef RUN_LISTING_RUN_H
#define RUN_LISTING_RUN_H
#include "runner/discover/listing.h"
#include "runner/run/project.h"

struct tanda_error;

/* What was listed of `count` tests: `listing` counts files by their place in `tests`. */
typedef void (*listing_run_fn)(void *data, const uint32_t *tests, size_t count,
                               const struct listing *listing);

/* Let the framework list these tests, which are whole files of one suite that has a listing; in as
 * many calls as it takes. Fails when the listing cannot be run or read. */
int listing_run(struct project *project, const uint32_t *tests, size_t count,
                listing_run_fn on_listed, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Ask the framework of every suite that has args (which may filter) for its own listing, and mark
 * the tests in which it finds nothing to run as skipped, so that no plan holds what cannot run. A
 * listing that fails is a warning: the run itself will tell. */
void listing_drop_empty(struct project *project);
#endif
