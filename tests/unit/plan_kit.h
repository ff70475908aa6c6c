/* plan_kit.h - inputs for the scheduler's tests: tests, areas, nodes, and what is made of them. */
#ifndef UNIT_PLAN_KIT_H
#define UNIT_PLAN_KIT_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/plan/pieces.h"
#include "shards/plan/queue.h"
#include "tanda/error.h"

#define MS UINT64_C(1000000)

enum { KIT_MOST = 20 };

struct kit {
	struct test_list tests;
	struct plan_suite suites[KIT_MOST];
	struct plan_area areas[KIT_MOST];
	struct plan_pool pools[KIT_MOST];
	struct plan_need needs[KIT_MOST];
	struct plan_node nodes[KIT_MOST];
	struct label *labels[KIT_MOST];
	size_t label_count;
	struct plan_input input;
	struct pieces *pieces;
};

/* One node with so many equal workers; each start of suite 0 costs so much. */
static void kit_init(struct kit *kit, uint32_t workers, uint64_t start_up_ms)
{
	memset(kit, 0, sizeof(*kit));
	test_list_init(&kit->tests);
	kit->suites[0].start_up_ns = start_up_ms * MS;
	kit->nodes[0] = (struct plan_node){.name = "local", .executors = workers, .speed = 1};
	kit->input = (struct plan_input){
		.tests = &kit->tests,
		.suites = kit->suites,
		.areas = kit->areas,
		.pools = kit->pools,
		.nodes = kit->nodes,
		.node_count = 1,
		.second_chance = true,
	};
}

static uint32_t kit_add_to(struct kit *kit, const char *suite, const char *area,
                           uint64_t expected_ms)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct test test = {
		.id = mem_printf("%s/t%zu", area, kit->tests.count),
		.file = mem_printf("%s/t%zu", area, kit->tests.count),
		.expected_ns = expected_ms * MS,
	};

	assert_int_equal(test_list_add_suite(&kit->tests, suite, &test.suite_index, &error), 0);
	assert_int_equal(test_list_add_area(&kit->tests, area, &test.area_index, &error), 0);
	assert_int_equal(test_list_add(&kit->tests, &test, &error), 0);
	return test.area_index;
}

/* A test of suite "web"; returns its area's index. */
static inline uint32_t kit_add(struct kit *kit, const char *area, uint64_t expected_ms)
{
	return kit_add_to(kit, "web", area, expected_ms);
}

static inline uint64_t kit_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* `count` tests in four areas, 10 ms to 2 s, always the same for one seed. */
static inline void kit_add_many(struct kit *kit, size_t count, uint64_t seed)
{
	static const char *const areas[] = {"cart", "search", "orders", "accounts"};
	size_t i;

	for (i = 0; i < count; i++) {
		const char *area = areas[kit_random(&seed) % 4];

		kit_add(kit, area, 10 + kit_random(&seed) % 1990);
	}
}

static inline void kit_ask_for(struct kit *kit, uint32_t area, const char *expression)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(label_parse(expression, &kit->labels[kit->label_count], &error), 0);
	kit->areas[area].labels = kit->labels[kit->label_count++];
}

static inline const struct pieces *kit_pieces(struct kit *kit)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(plan_input_check(&kit->input, &error), 0);
	pieces_free(kit->pieces);
	kit->pieces = pieces_new(&kit->input);
	return kit->pieces;
}

static void kit_deinit(struct kit *kit)
{
	size_t i;

	pieces_free(kit->pieces);
	for (i = 0; i < kit->label_count; i++)
		label_free(kit->labels[i]);
	test_list_deinit(&kit->tests);
}

static const struct policy kit_singles = {.kind = POLICY_SINGLES};
static const struct policy kit_guided = {
	.kind = POLICY_GUIDED, .divisor_percent = 150, .least_start_ups = 3, .keeps_areas = true};
#endif
