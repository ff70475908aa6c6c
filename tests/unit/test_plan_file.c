/* test_plan_file.c - rules of plan.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/record/plan_file.h"
#include "tanda/error.h"
#include "tests/unit/record_scratch.h"

struct fixture {
	char *dir;
	char *path;
};

static int set_up(void **state)
{
	struct fixture *fixture = mem_calloc(1, sizeof(*fixture));

	fixture->dir = scratch_new();
	fixture->path = mem_printf("%s/plan.json", fixture->dir);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	free(fixture->path);
	scratch_free(fixture->dir);
	free(fixture);
	return 0;
}

/* Two shards: [cart a, cart b] and [pay c]. */
static void make_plan(struct plan *plan)
{
	struct plan_batch *batch;

	plan_init(plan);
	plan->workers = 2;
	plan->makespan_ns = 12500000000;
	plan->lower_bound_ns = 10000000000;
	plan->bound_kind = PLAN_BOUND_LONGEST;
	plan->bound_what = mem_strdup("pay/c.feature");
	batch = plan_add_batch(plan_add_shard(plan, "local"), "cart", "web");
	plan_add_test(batch, "cart/a.feature");
	plan_add_test(batch, "cart/b \"quoted\".feature");
	batch->expected_ns = 2500000000;
	plan->shards[0].expected_ns = 2500000000;
	batch = plan_add_batch(plan_add_shard(plan, "agent"), "pay", "web");
	plan_add_test(batch, "pay/c.feature");
	batch->expected_ns = 12500000000;
	plan->shards[1].expected_ns = 12500000000;
}

static void write_plan(const struct fixture *fixture, const struct plan *plan)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (plan_file_write(fixture->path, plan, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
}

static void read_plan(const struct fixture *fixture, struct plan *plan)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (plan_file_read(fixture->path, plan, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
}

/* The file of make_plan() with `from` replaced by `to` is refused, and says `expected`. */
static void check_refused(const struct fixture *fixture, const char *from, const char *to,
                          const char *expected)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct plan plan, back;
	struct text bytes;
	char *at, *changed;

	make_plan(&plan);
	write_plan(fixture, &plan);
	plan_deinit(&plan);
	bytes = scratch_read(fixture->path);
	at = strstr(bytes.ptr, from);
	assert_non_null(at);
	changed = mem_printf("%.*s%s%s", (int)(at - bytes.ptr), bytes.ptr, to, at + strlen(from));
	scratch_write(fixture->path, text_from(changed));
	assert_int_equal(plan_file_read(fixture->path, &back, &error), -1);
	assert_non_null(strstr(error.where, "plan.json"));
	if (strstr(error.message, expected) == NULL)
		fail_msg("'%s' is not in '%s'", expected, error.message);
	free(changed);
	free((char *)bytes.ptr);
}

static void a_plan_comes_back_as_it_was(void **state)
{
	const struct fixture *fixture = *state;
	struct plan plan, back;

	make_plan(&plan);
	write_plan(fixture, &plan);
	read_plan(fixture, &back);
	assert_int_equal(back.workers, 2);
	assert_int_equal(back.makespan_ns, plan.makespan_ns);
	assert_int_equal(back.lower_bound_ns, plan.lower_bound_ns);
	assert_int_equal(back.bound_kind, PLAN_BOUND_LONGEST);
	assert_string_equal(back.bound_what, "pay/c.feature");
	assert_int_equal(back.shard_count, 2);
	assert_string_equal(back.shards[1].node, "agent");
	assert_string_equal(back.shards[0].batches[0].tests[1], "cart/b \"quoted\".feature");
	assert_int_equal(back.digest, plan_digest(&plan));
	assert_false(back.target.is_set);
	plan_deinit(&plan);
	plan_deinit(&back);
}

static void the_outlook_comes_back_too(void **state)
{
	const struct fixture *fixture = *state;
	struct plan plan, back;
	struct plan_strategy *strategy;

	make_plan(&plan);
	plan_add_point(&plan, 1)->makespan_ns = 15000000000;
	plan_add_point(&plan, 2)->makespan_ns = 12500000000;
	plan.knee = 2;
	plan.target = (struct plan_target){.is_set = true,
	                                   .wanted_ns = 600000000000,
	                                   .workers = 2,
	                                   .is_reachable = true,
	                                   .because = mem_strdup("two are enough")};
	strategy = plan_add_strategy(&plan, "lpt");
	strategy->makespan_ns = 13000000000;
	strategy->lower_bound_ns = plan.lower_bound_ns;
	strategy->has_noise = true;
	strategy->median_ns = 13100000000;
	strategy->p95_ns = 14000000000;
	write_plan(fixture, &plan);
	read_plan(fixture, &back);
	assert_int_equal(back.point_count, 2);
	assert_int_equal(back.points[1].workers, 2);
	assert_int_equal(back.knee, 2);
	assert_true(back.target.is_reachable);
	assert_string_equal(back.target.because, "two are enough");
	assert_int_equal(back.strategies[0].p95_ns, 14000000000);
	plan_deinit(&plan);
	plan_deinit(&back);
}

static void the_digest_is_of_the_shards_alone(void **state)
{
	struct plan plan, other;
	char *swapped;

	(void)state;
	make_plan(&plan);
	make_plan(&other);
	other.makespan_ns = 1;
	swapped = other.shards[0].batches[0].tests[0];
	other.shards[0].batches[0].tests[0] = other.shards[0].batches[0].tests[1];
	other.shards[0].batches[0].tests[1] = swapped;
	assert_int_equal(plan_digest(&plan), plan_digest(&other)); /* times and order */
	swapped = other.shards[0].batches[0].tests[0];
	other.shards[0].batches[0].tests[0] = other.shards[1].batches[0].tests[0];
	other.shards[1].batches[0].tests[0] = swapped;
	assert_int_not_equal(plan_digest(&plan), plan_digest(&other)); /* who runs what */
	plan_add_shard(&plan, "local");
	assert_int_not_equal(plan_digest(&plan), plan_digest(&other)); /* an empty shard */
	plan_deinit(&plan);
	plan_deinit(&other);
}

static void what_was_changed_by_hand_is_refused(void **state)
{
	const struct fixture *fixture = *state;

	check_refused(fixture, "pay/c.feature\"]", "pay/d.feature\"]", "its digest is");
	check_refused(fixture, "cart/a.feature", "pay/c.feature", "in the plan twice");
	check_refused(fixture, "\"index\": 2", "\"index\": 3",
	              "shards[1].index: expected 2, got 3");
}

static void wrong_shapes_are_refused_with_their_place(void **state)
{
	const struct fixture *fixture = *state;

	check_refused(fixture, "tanda.plan/1", "tanda.plan/9", "schema: expected \"tanda.plan/1\"");
	check_refused(fixture, "\"makespan_s\": 12.500", "\"makespan_s\": -1",
	              "makespan_s: expected seconds, 0 or more, got a number out of range");
	check_refused(fixture, "\"makespan_s\": 12.500", "\"makespan_s\": 1e300", "makespan_s");
	check_refused(fixture, "\"suite\": \"web\"", "\"suite\": 7",
	              "shards[0].batches[0].suite: expected a text");
	check_refused(fixture, "\"cart/a.feature\"", "[]",
	              "shards[0].batches[0].tests[0]: expected a test's id");
	check_refused(fixture, "\"cart/a.feature\"", "\"\"", "tests[0]: expected a test's id");
	check_refused(fixture, "\"longest\"", "\"luck\"", "bound_by.kind");
	check_refused(fixture, "\"workers\": 2", "\"workers\": -2", "workers: expected a whole");
	check_refused(fixture, "]}]}]\n}", "]}]}", "expected near end of file"); /* cut */
}

static void a_missing_file_is_named(void **state)
{
	const struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct plan plan;

	assert_int_equal(plan_file_read(fixture->path, &plan, &error), -1);
	assert_string_equal(error.where, fixture->path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_plan_comes_back_as_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_outlook_comes_back_too, set_up, tear_down),
		cmocka_unit_test(the_digest_is_of_the_shards_alone),
		cmocka_unit_test_setup_teardown(what_was_changed_by_hand_is_refused, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(wrong_shapes_are_refused_with_their_place, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_missing_file_is_named, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
