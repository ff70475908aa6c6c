/* planning.c - see planning.h. */
#include "runner/run/planning.h"

#include <stdlib.h>

#include "runner/run/cpus.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "shards/plan/simulate.h"

enum {
	NS_PER_MS = 1000000,
	BATCH_MAX_MS = 60 * 1000, /* while no framework shows its progress test by test */
	BATCH_MAX_START_UPS = 50,
};

static void set_suites(struct planning *planning, const struct config *config)
{
	size_t i;

	planning->suites = mem_calloc(config->suite_count, sizeof(planning->suites[0]));
	for (i = 0; i < config->suite_count; i++) {
		const struct preset *preset = &config->suites[i].preset;

		planning->suites[i] = (struct plan_suite){
			.start_up_ns = preset->start_up_ms * NS_PER_MS,
			.batch_max = preset->batch_max,
			.spread = SPREAD_UNKNOWN,
		};
	}
}

static void set_nodes(struct planning *planning, const struct config *config)
{
	planning->node_count = 1;
	planning->nodes = mem_calloc(1, sizeof(planning->nodes[0]));
	planning->nodes[0] = (struct plan_node){
		.name = "local",
		.executors = config->executors > 0 ? config->executors : cpus_available(),
		.speed = 1,
		.cpus = cpus_available(),
	};
}

void planning_init(struct planning *planning, const struct project *project)
{
	*planning = (struct planning){0};
	set_suites(planning, project->config);
	set_nodes(planning, project->config);
	planning->input = (struct plan_input){
		.tests = &project->tests,
		.suites = planning->suites,
		.areas = planning->areas,
		.pools = planning->pools,
		.pool_count = planning->pool_count,
		.nodes = planning->nodes,
		.node_count = planning->node_count,
		.second_chance = project->config->second_chance,
	};
}

void planning_deinit(struct planning *planning)
{
	pieces_free(planning->pieces);
	free(planning->suites);
	free(planning->areas);
	free(planning->pools);
	free(planning->nodes);
	free(planning->assigned);
}

static void limit_batches(struct planning *planning, size_t suite_count)
{
	size_t i;

	for (i = 0; i < suite_count; i++) {
		struct plan_suite *suite = &planning->suites[i];

		suite->batch_max_ns = (uint64_t)BATCH_MAX_MS * NS_PER_MS;
		if (suite->batch_max_ns < suite->start_up_ns * BATCH_MAX_START_UPS)
			suite->batch_max_ns = suite->start_up_ns * BATCH_MAX_START_UPS;
	}
}

/* Another strategy than the queue's own: what it comes to stands in for the rehearsal. */
static void follow(struct planning *planning, enum strategy strategy)
{
	struct timeline line;

	planning->assigned =
		mem_calloc(planning->input.tests->count, sizeof(planning->assigned[0]));
	planning->policy = strategy_assign(planning->pieces, strategy, planning->assigned);
	simulate(planning->pieces, &planning->policy, NULL, false, &line);
	planning->rehearsal.makespan_ns = line.makespan_ns;
	timeline_deinit(&line);
}

int planning_rehearse(struct planning *planning, const struct project *project,
                      enum strategy strategy, struct tanda_error *error)
{
	limit_batches(planning, project->config->suite_count);
	if (plan_input_check(&planning->input, error) < 0)
		return -1;
	planning->pieces = pieces_new(&planning->input);
	rehearse(planning->pieces, &planning->rehearsal);
	planning->policy = planning->rehearsal.policy;
	if (strategy != STRATEGY_DYNAMIC)
		follow(planning, strategy);
	return 0;
}
