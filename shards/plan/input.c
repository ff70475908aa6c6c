/* input.c - see input.h. */
#include "shards/plan/input.h"

#include <stdlib.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

uint32_t plan_worker_count(const struct plan_input *input)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < input->node_count; i++)
		count += input->nodes[i].executors;
	return count;
}

uint32_t plan_worker_node(const struct plan_input *input, uint32_t worker)
{
	uint32_t node = 0;

	while (worker >= input->nodes[node].executors)
		worker -= input->nodes[node++].executors;
	return node;
}

static int check_nodes(const struct plan_input *input, struct tanda_error *error)
{
	uint64_t workers = 0;
	size_t i;

	for (i = 0; i < input->node_count; i++) {
		const struct plan_node *node = &input->nodes[i];

		if (!(node->speed > 0) || node->speed > 1e6) {
			tanda_error_set(error, NULL, "node '%s': a speed of %g makes no sense",
			                node->name, node->speed);
			return -1;
		}
		workers += node->executors;
	}
	if (workers == 0 || workers > WORKERS_MAX) {
		tanda_error_set(error, NULL, "%llu workers: from 1 to %d are possible",
		                (unsigned long long)workers, WORKERS_MAX);
		return -1;
	}
	return 0;
}

static int check_times(const struct plan_input *input, struct tanda_error *error)
{
	const struct test_list *tests = input->tests;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].expected_ns <= (uint64_t)EXPECTED_MAX_S * 1000000000)
			continue;
		tanda_error_set(error, NULL, "test '%.300s' is expected to take %.0f s",
		                tests->tests[i].id, (double)tests->tests[i].expected_ns / 1e9);
		tanda_error_hint(error, "no test may take more than 30 days; correct its timing");
		return -1;
	}
	return 0;
}

/* All starts and tests one after the other, each in a start of its own, on the slowest node. */
static int check_total(const struct plan_input *input, struct tanda_error *error)
{
	const struct test_list *tests = input->tests;
	double slowest = input->nodes[0].speed, total_ns = 0, years;
	size_t i;

	for (i = 1; i < input->node_count; i++) {
		if (input->nodes[i].speed < slowest)
			slowest = input->nodes[i].speed;
	}
	for (i = 0; i < tests->count; i++) {
		const struct plan_suite *suite = &input->suites[tests->tests[i].suite_index];

		total_ns += (double)tests->tests[i].expected_ns + (double)suite->start_up_ns +
		            (double)suite->per_test_ns;
	}
	years = total_ns / slowest / 1e9 / (365.25 * 24 * 3600);
	if (years <= TOTAL_MAX_YEARS)
		return 0;
	tanda_error_set(error, NULL, "all %zu tests together are expected to take %.0f years",
	                tests->count, years);
	tanda_error_hint(error, "more than %d years can't be planned; correct the timings%s",
	                 TOTAL_MAX_YEARS, slowest < 1 ? ", or the slowest node's speed" : "");
	return -1;
}

bool plan_node_serves(const struct plan_node *node, const struct plan_area *area)
{
	if (node->executors == 0)
		return false;
	if (node->cpus > 0 && area->cpus > node->cpus)
		return false;
	if (area->labels == NULL)
		return !node->is_exclusive;
	if (node->is_exclusive && !label_names(area->labels, node->name, node->labels))
		return false;
	return label_matches(area->labels, node->name, node->labels);
}

static int check_pools(const struct plan_input *input, const struct plan_area *area,
                       const char *name, struct tanda_error *error)
{
	size_t i;

	for (i = 0; i < area->need_count; i++) {
		const struct plan_pool *pool = &input->pools[area->needs[i].pool];

		if (area->needs[i].count <= pool->member_count)
			continue;
		tanda_error_set(error, NULL,
		                "area '%s' wants %u of pool '%s' at once, but it has %u", name,
		                area->needs[i].count, pool->name, pool->member_count);
		tanda_error_hint(error, "want fewer, or add members to pools.%s", pool->name);
		return -1;
	}
	return 0;
}

static int check_area(const struct plan_input *input, size_t index, struct tanda_error *error)
{
	const struct plan_area *area = &input->areas[index];
	const char *name = input->tests->areas[index];
	size_t i;

	if (check_pools(input, area, name, error) < 0)
		return -1;
	for (i = 0; i < input->node_count; i++) {
		if (plan_node_serves(&input->nodes[i], area))
			return 0;
	}
	if (area->labels != NULL)
		tanda_error_set(error, NULL, "no node can run area '%s', which asks for '%s'%s",
		                name, label_text(area->labels),
		                area->cpus > 0 ? " and so many cpus" : "");
	else if (area->cpus > 0)
		tanda_error_set(error, NULL, "no node has the %u cpus that area '%s' asks for",
		                area->cpus, name);
	else
		tanda_error_set(error, NULL, "all nodes are exclusive, and area '%s' has no labels",
		                name);
	tanda_error_hint(error, "give a node those labels or cpus, or change areas.%s", name);
	return -1;
}

bool plan_input_runs(const struct plan_input *input, size_t test)
{
	return input->tests->tests[test].skip_reason == NULL &&
	       (input->pasts == NULL || !input->pasts[test].is_settled);
}

/* Areas that no test of the list is in do not matter. */
static bool *used_areas(const struct plan_input *input)
{
	bool *is_used = mem_calloc(input->tests->area_count, sizeof(is_used[0]));
	size_t i;

	for (i = 0; i < input->tests->count; i++) {
		if (plan_input_runs(input, i))
			is_used[input->tests->tests[i].area_index] = true;
	}
	return is_used;
}

int plan_input_check(const struct plan_input *input, struct tanda_error *error)
{
	bool *is_used;
	int status = 0;
	size_t i;

	if (check_nodes(input, error) < 0 || check_times(input, error) < 0 ||
	    check_total(input, error) < 0)
		return -1;
	is_used = used_areas(input);
	for (i = 0; status == 0 && input->areas != NULL && i < input->tests->area_count; i++) {
		if (is_used[i])
			status = check_area(input, i, error);
	}
	free(is_used);
	return status;
}
