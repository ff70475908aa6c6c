/* listing_run.h - before a run: what do the frameworks themselves say that they would run? */
#ifndef RUN_LISTING_RUN_H
#define RUN_LISTING_RUN_H
#include "runner/run/project.h"

struct tanda_error;

/* Ask the framework of every suite that has args (which may filter) for its own listing, and mark
 * the tests in which it finds nothing to run as skipped, so that no plan holds what cannot run. A
 * listing that fails is a warning: the run itself will tell. */
int listing_drop_empty(struct project *project, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
