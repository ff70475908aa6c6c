/* test_plan_text.c - what a plan looks like: two lines to show to a colleague, then the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/report/explain_text.h"
#include "runner/report/plan_text.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define MINUTES(n) ((uint64_t)((n)*60e9))

struct fixture {
	struct plan plan;
	struct test_list tests;
	struct text_buf out;
};

static void add_test(struct test_list *tests, const char *id, const char *area, uint64_t time_ns)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct test test = {.id = mem_strdup(id), .file = mem_strdup(id), .expected_ns = time_ns};

	assert_int_equal(test_list_add_area(tests, area, &test.area_index, &error), 0);
	assert_int_equal(test_list_add(tests, &test, &error), 0);
}

/* 38.2 minutes on four workers; the longest test takes 6.1. */
static int set_up(void **state)
{
	struct fixture *f = mem_calloc(1, sizeof(*f));
	struct tanda_error error = TANDA_ERROR_INIT;
	struct plan_batch *batch;
	uint32_t suite, i;

	plan_init(&f->plan);
	test_list_init(&f->tests);
	text_buf_init(&f->out, 1 << 20);
	assert_int_equal(test_list_add_suite(&f->tests, "web", &suite, &error), 0);
	f->plan.workers = 4;
	f->plan.makespan_ns = MINUTES(10.4);
	f->plan.lower_bound_ns = MINUTES(9.6);
	f->plan.work_ns = MINUTES(38.2);
	f->plan.bound_what = mem_strdup("");
	f->plan.longest = (struct plan_longest){.what = mem_strdup("features/checkout/pay.feature"),
	                                        .ns = MINUTES(6.1),
	                                        .workers = 7};
	add_test(&f->tests, "features/checkout/pay.feature", "checkout", MINUTES(6.1));
	add_test(&f->tests, "features/cart/a.feature", "cart", MINUTES(4.3));
	for (i = 0; i < 4; i++)
		plan_add_shard(&f->plan, "local");
	f->plan.shards[0].expected_ns = MINUTES(10.4);
	batch = plan_add_batch(&f->plan.shards[0], "checkout", "web");
	plan_add_test(batch, "features/checkout/pay.feature");
	plan_add_test(batch, "features/cart/a.feature");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_deinit(&f->plan);
	test_list_deinit(&f->tests);
	text_buf_deinit(&f->out);
	free(f);
	return 0;
}

static void check_headline(struct fixture *f, const char *expected)
{
	text_buf_clear(&f->out);
	plan_headline(&f->out, &f->plan);
	assert_string_equal(f->out.ptr, expected);
}

static void check_holds(struct fixture *f, const char *expected)
{
	const struct plan_text_options options = {.unicode = false, .noise = 0.2};

	text_buf_clear(&f->out);
	plan_text(&f->out, &f->plan, &f->tests, &options);
	if (strstr(f->out.ptr, expected) == NULL)
		fail_msg("'%s' is not in\n%s", expected, f->out.ptr);
}

static void the_first_two_lines_say_it_all(void **state)
{
	check_headline(*state,
	               "38.2 min of tests: 10.4 min on 4 workers (bound 9.6)\n"
	               "features/checkout/pay.feature (6.1 min) bounds you from 7 workers on: "
	               "split it\n");
}

static void what_bounds_already_is_said_so(void **state)
{
	struct fixture *f = *state;

	f->plan.workers = 8;
	check_headline(f, "38.2 min of tests: 10.4 min on 8 workers (bound 9.6)\n"
	                  "features/checkout/pay.feature (6.1 min) bounds you already: more than 7 "
	                  "workers bring nothing: split it\n");
}

static void an_area_that_is_kept_together_is_not_to_be_split(void **state)
{
	struct fixture *f = *state;

	f->plan.longest.is_area = true;
	check_headline(f, "38.2 min of tests: 10.4 min on 4 workers (bound 9.6)\n"
	                  "area features/checkout/pay.feature, which is kept together (6.1 min) "
	                  "bounds you from 7 workers on: let its tests run apart\n");
}

static void a_single_case_is_not_to_be_split(void **state)
{
	struct fixture *f = *state;

	f->plan.longest.is_one_case = true;
	check_headline(f, "38.2 min of tests: 10.4 min on 4 workers (bound 9.6)\n"
	                  "features/checkout/pay.feature (6.1 min) bounds you from 7 workers on: "
	                  "a single case, make it faster\n");
}

static void pools_and_labels_have_their_own_remedy(void **state)
{
	struct fixture *f = *state;

	free(f->plan.bound_what);
	f->plan.bound_what = mem_strdup("integration");
	f->plan.bound_kind = PLAN_BOUND_POOL;
	check_headline(f, "38.2 min of tests: 10.4 min on 4 workers (bound 9.6)\n"
	                  "pool integration bounds you: give it more members, or share it less\n");
}

static void each_shard_has_its_load_and_areas(void **state)
{
	check_holds(*state,
	            "    1  local  10.4 min  ########################     2  checkout 6.1 min, "
	            "cart 4.3 min\n");
	check_holds(*state,
	            "efficiency 92%: nothing ends sooner than 9.6 min, set by all the work");
}

static void the_knee_is_marked(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	for (i = 1; i <= 4; i++) {
		plan_add_point(&f->plan, i)->makespan_ns = MINUTES(40.0 / i);
		f->plan.points[i - 1].lower_bound_ns = MINUTES(38.2 / i);
	}
	f->plan.knee = 3;
	check_holds(f, "      3   13.3 min   12.7 min    96%  ########................  <- knee");
}

static void a_target_is_answered(void **state)
{
	struct fixture *f = *state;

	f->plan.target = (struct plan_target){.is_set = true,
	                                      .is_reachable = true,
	                                      .wanted_ns = MINUTES(10),
	                                      .workers = 5,
	                                      .because = mem_strdup("on 5 workers it takes 9 min")};
	check_holds(f, "target 10.0 min: 5 workers, as on 5 workers it takes 9 min\n");
	f->plan.target.is_reachable = false;
	check_holds(f, "target 10.0 min cannot be reached: on 5");
}

static void strategies_stand_side_by_side(void **state)
{
	struct fixture *f = *state;
	struct plan_strategy *strategy = plan_add_strategy(&f->plan, "areas");

	*strategy = (struct plan_strategy){.name = strategy->name,
	                                   .makespan_ns = MINUTES(20),
	                                   .lower_bound_ns = MINUTES(10),
	                                   .has_noise = true,
	                                   .median_ns = MINUTES(21),
	                                   .p95_ns = MINUTES(25)};
	check_holds(f, "times wrong by 20%: median, 95th");
	check_holds(f, "areas      20.0 min         50%");
	check_holds(f, "21.0 min,   25.0 min");
}

static void strangers_names_are_harmless(void **state)
{
	struct fixture *f = *state;

	free(f->plan.longest.what);
	f->plan.longest.what = mem_strdup("a\x1B[31m\nb");
	text_buf_clear(&f->out);
	plan_headline(&f->out, &f->plan);
	assert_null(strchr(f->out.ptr, '\x1B'));
}

static void an_explanation_says_where_when_and_why(void **state)
{
	struct fixture *f = *state;
	const struct explanation e = {.test = &f->tests.tests[0],
	                              .suite = "web",
	                              .area = "checkout",
	                              .rank = 1,
	                              .piece_count = 24,
	                              .piece_tests = 1,
	                              .worker = 2,
	                              .node = "local",
	                              .batch_number = 1,
	                              .place = 1,
	                              .batch_tests = 1,
	                              .ended_ns = MINUTES(6.1),
	                              .makespan_ns = MINUTES(10.4),
	                              .without_ns = MINUTES(8.8),
	                              .doubled_ns = MINUTES(12.2),
	                              .may_run_on = 2,
	                              .worker_count = 4,
	                              .labels = "browser"};

	explain_text(&f->out, &e);
	assert_non_null(strstr(f->out.ptr, "runs on worker 2 (local), from 0.0 s to 6.1 min"));
	assert_non_null(strstr(f->out.ptr, "longest first, and 0 of 24 are longer"));
	assert_non_null(strstr(f->out.ptr, "only 2 of 4 workers may run it, by its labels "
	                                   "'browser'"));
	assert_non_null(strstr(f->out.ptr, "without it the run would take 8.8 min"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_two_lines_say_it_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_bounds_already_is_said_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_single_case_is_not_to_be_split, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(an_area_that_is_kept_together_is_not_to_be_split,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(pools_and_labels_have_their_own_remedy, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(each_shard_has_its_load_and_areas, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(the_knee_is_marked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_target_is_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(strategies_stand_side_by_side, set_up, tear_down),
		cmocka_unit_test_setup_teardown(strangers_names_are_harmless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_explanation_says_where_when_and_why, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
