/* sharding.h - a run of one static shard: which tests are its own, so that all
 * jobs agree.
 *
 * They agree because they share a plan file; or because they share the timings
 * file (and nothing else that they know counts: no history of their machine);
 * or, with neither, because the split depends on the list of tests alone. The
 * plan's digest, which goes into each shard's report, proves it. */
#ifndef RUN_SHARDING_H
#define RUN_SHARDING_H
#include <stdbool.h>
#include <stddef.h>

#include "runner/run/shard.h"
#include "runner/run/splitting.h"
#include "shards/model/plan.h"

struct project;
struct tanda_error;

struct sharding {
	struct shard shard;    /* count 0: no shard, and nothing below is set */
	const char *plan_path; /* borrowed; NULL: the split is made here */
	bool by_times;         /* made here, by the timings file */
	struct plan plan;      /* all shards */
	bool has_plan;
};

/* Understand --shard and --plan (each NULL: not given); a plan alone asks the
 * CI which shard this is. Reads the plan. Fails when shard and plan do not fit
 * together. */
int sharding_open(struct sharding *sharding, const char *shard, const char *plan_path,
                  struct tanda_error *error) __attribute__((warn_unused_result));
void sharding_deinit(struct sharding *sharding);

/* Keep this shard's tests of the project's selected ones; no expected time is
 * set afterwards. With a plan file: fails when it is of other tests, naming
 * some. */
int sharding_apply(struct sharding *sharding, struct project *project,
                   const struct wanted_cases *wanted, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
