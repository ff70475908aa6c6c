/* test_queue_wait.c - who gets what others hold: all at once, in turn, and somebody always. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "queue_kit.h"

static void pools_are_taken_all_at_once_and_nobody_starves(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct queue *queue;
	struct kit kit;
	uint32_t both;

	(void)state;
	kit_init(&kit, 3, 0);
	kit.pools[0] = (struct plan_pool){"db", 2};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){0, 2, 0};
	kit.needs[1] = (struct plan_need){0, 1, 0};
	kit_add(&kit, "one", 100);
	kit_add(&kit, "one", 10);
	kit_add(&kit, "one", 10);
	both = kit_add(&kit, "both", 80);
	kit_add(&kit, "free", 1);
	kit.areas[both].needs = &kit.needs[0];
	kit.areas[both].need_count = 1;
	kit.areas[0].needs = &kit.needs[1];
	kit.areas[0].need_count = 1;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 0);
	/* "both" is next and waits: the small ones must not slip past it, others may. */
	assert_int_equal(begin_one(queue, 1), 4);
	assert_true(gets_nothing(queue, 2));
	assert_true(queue_is_held_up(queue, 2));
	queue_release(queue, 0);
	assert_int_equal(begin_one(queue, 2), 3);
	assert_true(gets_nothing(queue, 0));
	queue_release(queue, 2);
	assert_int_equal(begin_one(queue, 0), 1);
	assert_int_equal(begin_one(queue, 2), 2);
	queue_free(queue);

	kit.needs[0].count = 3;
	assert_int_equal(plan_input_check(&kit.input, &error), -1);
	assert_non_null(strstr(error.message, "wants 3 of pool 'db' at once, but it has 2"));
	kit_deinit(&kit);
}

static void members_that_are_away_are_not_handed_out(void **state)
{
	struct queue *queue;
	struct kit kit;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.pools[0] = (struct plan_pool){"db", 2};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){0, 1, 0};
	kit_add(&kit, "db", 20);
	kit_add(&kit, "db", 10);
	kit_add(&kit, "free", 1);
	kit.areas[0].needs = &kit.needs[0];
	kit.areas[0].need_count = 1;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	queue_set_away(queue, 0, 1);
	assert_int_equal(begin_one(queue, 0), 0);
	assert_int_equal(begin_one(queue, 1), 2); /* it does something else meanwhile */
	queue_release(queue, 1);
	assert_true(gets_nothing(queue, 1));
	assert_true(queue_is_held_up(queue, 1));
	queue_set_away(queue, 0, 0);
	assert_int_equal(begin_one(queue, 1), 1);
	queue_free(queue);
	kit_deinit(&kit);
}

/* Two kinds want members of one pool of two: "both" all of it, "one" a member each. */
static void ask_for_members(struct kit *kit, uint32_t both, uint32_t one)
{
	kit->pools[0] = (struct plan_pool){"db", 2};
	kit->input.pool_count = 1;
	kit->needs[0] = (struct plan_need){0, 2, 0};
	kit->needs[1] = (struct plan_need){0, 1, 0};
	kit->areas[both].needs = &kit->needs[0];
	kit->areas[one].needs = &kit->needs[1];
	kit->areas[both].need_count = kit->areas[one].need_count = 1;
}

static void a_begun_area_gets_its_members_before_those_that_ask_later(void **state)
{
	struct queue *queue;
	struct kit kit;
	uint32_t both, one;
	int i;

	(void)state;
	kit_init(&kit, 3, 0);
	kit.suites[0].batch_max = 1;
	both = kit_add(&kit, "both", 100);
	kit_add(&kit, "both", 90);
	for (i = 0; i < 6; i++)
		one = kit_add(&kit, "one", 10);
	kit.areas[both].keep_together = true;
	ask_for_members(&kit, both, one);
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 0);
	assert_true(gets_nothing(queue, 1));
	assert_true(gets_nothing(queue, 2));
	queue_release(queue, 0);
	assert_int_equal(begin_one(queue, 1), 2); /* they have waited longer */
	assert_int_equal(begin_one(queue, 2), 3);
	assert_true(gets_nothing(queue, 0));
	queue_release(queue, 1); /* one member is free, the other not yet */
	assert_true(gets_nothing(queue, 1));
	assert_true(queue_is_held_up(queue, 1));
	assert_true(gets_nothing(queue, 0));
	queue_release(queue, 2);
	assert_true(gets_nothing(queue, 1)); /* both are free, but another waits for both */
	assert_int_equal(begin_one(queue, 0), 1);
	queue_release(queue, 0);
	assert_int_equal(begin_one(queue, 1), 4);
	queue_free(queue);
	kit_deinit(&kit);
}

static void what_only_one_node_can_run_gets_its_members_in_turn(void **state)
{
	static const char *const browser[] = {"browser", NULL};
	struct queue *queue;
	struct kit kit;
	uint32_t both, one, i;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.nodes[1] = (struct plan_node){.name = "agent",
	                                  .executors = 1,
	                                  .speed = 1,
	                                  .labels = browser,
	                                  .is_exclusive = true};
	kit.input.node_count = 2;
	both = kit_add(&kit, "both", 30);
	for (i = 0; i < 6; i++)
		one = kit_add(&kit, "one", 20);
	ask_for_members(&kit, both, one);
	kit_ask_for(&kit, both, "browser");
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 1);
	assert_int_equal(begin_one(queue, 1), 2);
	assert_true(gets_nothing(queue, 2));
	queue_release(queue, 0);
	assert_true(gets_nothing(queue, 0));
	queue_release(queue, 1);
	assert_int_equal(begin_one(queue, 2), 0);
	assert_true(gets_nothing(queue, 1));
	queue_release(queue, 2);
	assert_int_equal(begin_one(queue, 0), 3); /* what it waited for has gone */
	assert_int_equal(begin_one(queue, 1), 4);
	queue_free(queue);

	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 1);
	assert_true(gets_nothing(queue, 2));
	queue_lose_worker(queue, 2); /* and with it its claim */
	assert_int_equal(begin_one(queue, 1), 2);
	queue_free(queue);
	kit_deinit(&kit);
}

static void random_waits(struct kit *kit, uint64_t *seed)
{
	static const char *const browser[] = {"browser", NULL};
	uint32_t i;

	kit_init(kit, 2 + (uint32_t)(kit_random(seed) % 4), 0);
	kit->nodes[0].cpus = (uint32_t)(kit_random(seed) % 2 * 4);
	kit->nodes[1] = (struct plan_node){.name = "agent",
	                                   .executors = 1 + (uint32_t)(kit_random(seed) % 2),
	                                   .speed = 1,
	                                   .labels = browser};
	kit->input.node_count = 2;
	kit_add_many(kit, 1 + kit_random(seed) % 40, kit_random(seed));
	kit->suites[0].batch_max = (uint32_t)(kit_random(seed) % 3);
	kit->pools[0] = (struct plan_pool){"db", 2};
	kit->pools[1] = (struct plan_pool){"box", 3};
	kit->input.pool_count = 2;
	for (i = 0; i < kit->tests.area_count; i++) {
		kit->needs[i] = (struct plan_need){(uint32_t)(kit_random(seed) % 2),
		                                   1 + (uint32_t)(kit_random(seed) % 2), 0};
		kit->areas[i] = (struct plan_area){.keep_together = kit_random(seed) % 3 == 0,
		                                   .needs = &kit->needs[i],
		                                   .need_count = kit_random(seed) % 3 > 0,
		                                   .cpus = (uint32_t)(kit_random(seed) % 3)};
		if (kit_random(seed) % 4 == 0)
			kit_ask_for(kit, i, "browser");
	}
	for (i = 0; i < kit->tests.count; i++)
		kit->tests.tests[i].retries = (uint32_t)(kit_random(seed) % 2);
}

/* Batches end in any order, their tests any way, until nobody runs and nobody gets anything. */
static void run_at_random(struct queue *queue, uint32_t worker_count, uint64_t *seed)
{
	static const enum outcome outcomes[] = {OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_UNRESOLVED,
	                                        OUTCOME_LOST};
	struct queue_batch batches[8];
	uint32_t running[8], count, i;
	bool is_busy[8] = {false};
	size_t n;

	for (;;) {
		for (count = i = 0; i < worker_count; i++) {
			if (is_busy[i] || queue_take_next(queue, i, &batches[i])) {
				is_busy[i] = true;
				running[count++] = i;
			}
		}
		if (count == 0)
			return;
		i = running[kit_random(seed) % count];
		is_busy[i] = false;
		queue_release(queue, i);
		for (n = 0; n < batches[i].test_count; n++)
			queue_settle(queue, batches[i].tests[n], i,
			             outcomes[kit_random(seed) % countof(outcomes)]);
		free(batches[i].tests);
	}
}

static void whoever_waits_for_whatever_all_is_handed_out(void **state)
{
	uint64_t seed = 11;
	int round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		struct queue *queue;
		struct kit kit;

		random_waits(&kit, &seed);
		queue = queue_new(kit_pieces(&kit),
		                  kit_random(&seed) % 2 ? &kit_singles : &kit_guided);
		run_at_random(queue, kit.pieces->worker_count, &seed);
		assert_true(queue_is_empty(queue));
		queue_free(queue);
		kit_deinit(&kit);
	}
}

static void cpus_of_a_node_are_shared_out(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct queue *queue;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 3, 0);
	kit.nodes[0].cpus = 3;
	area = kit_add(&kit, "heavy", 100);
	kit_add(&kit, "heavy", 90);
	kit_add(&kit, "light", 10);
	kit.areas[area].cpus = 2;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 0);
	assert_int_equal(begin_one(queue, 1), 2);
	assert_true(gets_nothing(queue, 2));
	queue_release(queue, 0);
	assert_int_equal(begin_one(queue, 2), 1);
	queue_free(queue);
	kit.areas[area].cpus = 4;
	assert_int_equal(plan_input_check(&kit.input, &error), -1);
	assert_non_null(strstr(error.message, "no node has the 4 cpus that area 'heavy' asks for"));
	kit_deinit(&kit);
}

static void what_few_can_serve_goes_first(void **state)
{
	struct queue *queue;
	struct kit kit;
	uint32_t area;

	(void)state;
	kit_init(&kit, 2, 0);
	kit.pools[0] = (struct plan_pool){"db", 1};
	kit.input.pool_count = 1;
	kit.needs[0] = (struct plan_need){0, 1, 0};
	kit_add(&kit, "free", 50);
	area = kit_add(&kit, "db", 30);
	kit_add(&kit, "db", 30); /* one after the other: 60 */
	kit.areas[area].needs = kit.needs;
	kit.areas[area].need_count = 1;
	queue = queue_new(kit_pieces(&kit), &kit_singles);
	assert_int_equal(begin_one(queue, 0), 1);
	queue_free(queue);
	kit_deinit(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_that_are_away_are_not_handed_out),
		cmocka_unit_test(pools_are_taken_all_at_once_and_nobody_starves),
		cmocka_unit_test(a_begun_area_gets_its_members_before_those_that_ask_later),
		cmocka_unit_test(what_only_one_node_can_run_gets_its_members_in_turn),
		cmocka_unit_test(whoever_waits_for_whatever_all_is_handed_out),
		cmocka_unit_test(cpus_of_a_node_are_shared_out),
		cmocka_unit_test(what_few_can_serve_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
