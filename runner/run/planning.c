/* planning.c - see planning.h. */
#include "runner/run/planning.h"

#include <stdlib.h>
#include <string.h>

#include "runner/run/cpus.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "shards/plan/simulate.h"
#include "tanda/error.h"

enum {
	NS_PER_MS = 1000000,
	BATCH_MAX_MS = 5 * 60 * 1000,
	BATCH_MAX_BLIND_MS = 60 * 1000, /* of a framework that does not show its progress */
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

static void add_node(struct planning *planning, const struct node_settings *settings,
                     uint32_t cpus_here)
{
	bool is_local = settings->kind == NODE_LOCAL;

	planning->node_settings[planning->node_count] = settings;
	planning->nodes[planning->node_count++] = (struct plan_node){
		.name = settings->name,
		.executors = settings->executors > 0 ? settings->executors : cpus_here,
		.speed = 1,
		.cpus = settings->cpus > 0 ? settings->cpus
	                : is_local         ? cpus_here
	                                   : 0,
		.labels = (const char *const *)settings->labels,
		.is_exclusive = settings->usage == USAGE_EXCLUSIVE,
	};
}

/* This machine comes first, then the others in the order of the file; none that is offline. */
static int set_nodes(struct planning *planning, const struct config *config,
                     struct tanda_error *error)
{
	uint32_t cpus = cpus_available();
	size_t i;

	planning->nodes = mem_calloc(config->node_count + 1, sizeof(planning->nodes[0]));
	planning->node_settings =
		mem_calloc(config->node_count + 1, sizeof(planning->node_settings[0]));
	planning->node_start_ups_ns =
		mem_calloc(config->node_count + 1, sizeof(planning->node_start_ups_ns[0]));
	if (config_uses_local(config) && config->local.offline == NULL)
		add_node(planning, &config->local, cpus);
	for (i = 0; i < config->node_count; i++) {
		if (config->nodes[i].offline == NULL)
			add_node(planning, &config->nodes[i], cpus);
	}
	if (planning->node_count > 0)
		return 0;
	tanda_error_set(error, config->path, "all nodes are offline");
	tanda_error_hint(error,
	                 "take \"offline\" out of one of them, or use -j N for this machine");
	return -1;
}

static void set_pools(struct planning *planning, const struct config *config)
{
	size_t i;

	planning->pool_count = config->pool_count;
	planning->pools = mem_calloc(config->pool_count, sizeof(planning->pools[0]));
	for (i = 0; i < config->pool_count; i++)
		planning->pools[i] = (struct plan_pool){config->pools[i].name,
		                                        (uint32_t)config->pools[i].member_count *
		                                                config->pools[i].share};
}

static void free_areas(struct planning *planning)
{
	size_t i;

	for (i = 0; planning->areas != NULL && i < planning->input.tests->area_count; i++)
		free((struct plan_need *)planning->areas[i].needs);
	for (i = 0; i < planning->label_count; i++)
		label_free(planning->labels[i]);
	free(planning->areas);
	free(planning->labels);
}

void planning_release(struct planning *planning)
{
	pieces_free(planning->pieces);
	planning->pieces = NULL;
	free(planning->assigned);
	planning->assigned = NULL;
}

void planning_deinit(struct planning *planning)
{
	size_t i;

	for (i = 0; i < planning->node_count; i++)
		free(planning->node_start_ups_ns[i]);
	free(planning->node_start_ups_ns);
	planning_release(planning);
	free_areas(planning);
	free(planning->suites);
	free(planning->pools);
	free(planning->nodes);
	free(planning->node_settings);
}

/* ---- what areas ask for ---- */

static int find_pool(const struct planning *planning, const struct area_settings *settings,
                     const char *name, uint32_t *ret_pool, struct tanda_error *error)
{
	uint32_t i;

	for (i = 0; i < planning->pool_count; i++) {
		if (strcmp(planning->pools[i].name, name) == 0) {
			*ret_pool = i;
			return 0;
		}
	}
	tanda_error_set(error, NULL, "area '%s' wants members of pool '%s', which is not there",
	                settings->name, name);
	tanda_error_hint(error, "set it up in \"pools\", or correct areas.%s.pools",
	                 settings->name);
	return -1;
}

/* Several batches may share a member, but no batch has one twice. */
static int check_share(const struct pool_settings *pool, const struct area_settings *settings,
                       uint32_t count, struct tanda_error *error)
{
	if (count <= pool->member_count)
		return 0;
	tanda_error_set(error, NULL, "area '%s' wants %u of pool '%s' at once, but it has %zu",
	                settings->name, count, pool->name, pool->member_count);
	tanda_error_hint(error, "want fewer, or add members to pools.%s", pool->name);
	return -1;
}

static int set_needs(struct planning *planning, const struct config *config,
                     const struct area_settings *settings, struct plan_area *area,
                     struct tanda_error *error)
{
	struct plan_need *needs = mem_calloc(settings->want_count, sizeof(needs[0]));
	size_t i;

	area->needs = needs;
	area->need_count = settings->want_count;
	for (i = 0; i < settings->want_count; i++) {
		const struct pool_want *want = &settings->wants[i];
		const struct pool_settings *pool;

		if (find_pool(planning, settings, want->pool, &needs[i].pool, error) < 0)
			return -1;
		pool = &config->pools[needs[i].pool];
		if (check_share(pool, settings, want->count, error) < 0)
			return -1;
		needs[i].seats_each = want->is_exclusive ? pool->share : 1;
		needs[i].count = want->count * needs[i].seats_each;
	}
	return 0;
}

static int set_area(struct planning *planning, const struct config *config,
                    const struct area_settings *settings, struct plan_area *area,
                    struct tanda_error *error)
{
	char *where;
	int status;

	area->keep_together = settings->keep_together;
	area->cpus = settings->cpus;
	if (set_needs(planning, config, settings, area, error) < 0)
		return -1;
	if (settings->labels == NULL)
		return 0;
	status = label_parse(settings->labels, &planning->labels[planning->label_count], error);
	if (status < 0) {
		where = mem_printf("areas.%s.labels", settings->name);
		tanda_error_hint(error, "it is %s; write Jenkins' words: linux && !slow", where);
		free(where);
		return -1;
	}
	area->labels = planning->labels[planning->label_count++];
	return 0;
}

static int set_areas(struct planning *planning, const struct config *config,
                     const struct test_list *tests, struct tanda_error *error)
{
	size_t i;

	planning->areas = mem_calloc(tests->area_count, sizeof(planning->areas[0]));
	planning->labels = mem_calloc(tests->area_count, sizeof(planning->labels[0]));
	planning->input.areas = planning->areas;
	for (i = 0; i < tests->area_count; i++) {
		const struct area_settings *settings = config_area(config, tests->areas[i]);

		if (settings != NULL &&
		    set_area(planning, config, settings, &planning->areas[i], error) < 0)
			return -1;
	}
	return 0;
}

static bool wants_pool(const struct plan_area *area, uint32_t pool)
{
	size_t i;

	for (i = 0; i < area->need_count; i++) {
		if (area->needs[i].pool == pool)
			return true;
	}
	return false;
}

/* Whoever names {pool.shop.url} must be given one. */
static int check_uses(const struct planning *planning, const struct config *config,
                      const struct test_list *tests, struct tanda_error *error)
{
	uint32_t pool;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];
		const struct suite *suite = &config->suites[test->suite_index];

		for (pool = 0; pool < config->pool_count; pool++) {
			const char *name = config->pools[pool].name;
			const char *area = test_area_name(tests, test);

			if (wants_pool(&planning->areas[test->area_index], pool) ||
			    !suite_uses_pool(suite, name))
				continue;
			tanda_error_set(error, config->path,
			                "suite \"%s\" uses {pool.%s...}, but area '%s' wants no "
			                "member of that pool",
			                suite->name, name, area);
			tanda_error_hint(error,
			                 "add \"areas\": {\"%s\": {\"pools\": {\"%s\": 1}}}, or "
			                 "\"*\" for every area that has no settings of its own",
			                 area, name);
			return -1;
		}
	}
	return 0;
}

/* ---- the plan ---- */

int planning_init(struct planning *planning, const struct project *project,
                  struct tanda_error *error)
{
	*planning = (struct planning){0};
	set_suites(planning, project->config);
	if (set_nodes(planning, project->config, error) < 0)
		return -1;
	set_pools(planning, project->config);
	planning->input = (struct plan_input){
		.tests = &project->tests,
		.suites = planning->suites,
		.pools = planning->pools,
		.pool_count = planning->pool_count,
		.nodes = planning->nodes,
		.node_count = planning->node_count,
		.second_chance = project->config->second_chance,
	};
	if (set_areas(planning, project->config, &project->tests, error) < 0)
		return -1;
	return check_uses(planning, project->config, &project->tests, error);
}

static void limit_batches(struct planning *planning, const struct config *config)
{
	size_t i;

	for (i = 0; i < config->suite_count; i++) {
		struct plan_suite *suite = &planning->suites[i];
		bool is_blind = config->suites[i].preset.progress == TELLS_NOTHING;
		uint64_t most_ms = is_blind ? BATCH_MAX_BLIND_MS : BATCH_MAX_MS;

		suite->batch_max_ns = most_ms * NS_PER_MS;
		if (suite->batch_max_ns < suite->start_up_ns * BATCH_MAX_START_UPS)
			suite->batch_max_ns = suite->start_up_ns * BATCH_MAX_START_UPS;
		if (config->batch_max_ms > 0)
			suite->batch_max_ns = config->batch_max_ms * NS_PER_MS;
	}
}

/* Another strategy than the queue's own: what it comes to stands in for the rehearsal. */
static void follow(struct planning *planning, enum strategy strategy)
{
	struct schedule line;

	planning->assigned =
		mem_calloc(planning->input.tests->count, sizeof(planning->assigned[0]));
	planning->policy = strategy_assign(planning->pieces, strategy, planning->assigned);
	simulate(planning->pieces, &planning->policy, NULL, false, &line);
	planning->rehearsal.makespan_ns = line.makespan_ns;
	schedule_deinit(&line);
}

int planning_rehearse(struct planning *planning, const struct project *project,
                      enum strategy strategy, struct tanda_error *error)
{
	limit_batches(planning, project->config);
	if (plan_input_check(&planning->input, error) < 0)
		return -1;
	planning->pieces = pieces_new(&planning->input);
	rehearse(planning->pieces, &planning->rehearsal);
	planning->policy = planning->rehearsal.policy;
	if (strategy != STRATEGY_DYNAMIC)
		follow(planning, strategy);
	return 0;
}
