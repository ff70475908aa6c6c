/* test_summary.c - summary.json and last-failed.txt say what the ledger says. */
#include "tests/unit/report_play.h"

#include <jansson.h>

#include "runner/report/summary.h"

static const char *const top_keys[] = {
	"schema",        "run",         "name",      "started", "exit",   "planned",
	"verdicts",      "cases",       "unplanned", "wall_s",  "work_s", "predicted_s",
	"lower_bound_s", "efficiency",  "lost_to",   "workers", "nodes",  "areas",
	"shard",         "quarantines", "build",     "errands"};

static void expect_keys(json_t *object, const char *const *wanted, size_t count)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	json_object_foreach (object, key, value) {
		assert_true(i < count);
		assert_string_equal(key, wanted[i]);
		i++;
	}
	assert_int_equal(i, count);
}

static const struct summary_bound the_bound = {.bound_ns = SECONDS(12.31),
                                               .losses = {.start_up_ns = (int64_t)SECONDS(3),
                                                          .long_pole_ns = (int64_t)SECONDS(5),
                                                          .idle_ns = -(int64_t)SECONDS(0.31)}};

static json_t *summary_of(const struct ledger *ledger)
{
	char reason[1000];
	int code = ledger_exit(ledger, reason, sizeof(reason));
	char *text = summary_json(ledger, code, reason, &the_bound);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (root == NULL)
		fail_msg("%s in:\n%s", error.text, text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
	return root;
}

static double real_at(json_t *root, const char *key)
{
	assert_true(json_is_real(json_object_get(root, key)));
	return json_real_value(json_object_get(root, key));
}

static json_int_t integer_at(json_t *root, const char *key)
{
	assert_true(json_is_integer(json_object_get(root, key)));
	return json_integer_value(json_object_get(root, key));
}

static bool is_near(double a, double b)
{
	return a - b < 0.0005 && b - a < 0.0005;
}

static void play_without_console(struct play *p)
{
	*p = (struct play){0};
	ledger_init(&p->ledger);
}

/* Four tests on two workers: passed, failed, skipped beforehand, and one that the stop left. */
static void play_run(struct play *p)
{
	play_without_console(p);
	play_start(p, 2);
	play_test(p, "cart", "shop", NULL);
	play_test(p, "pay", "money", NULL);
	play_test(p, "wip", "money", "tagged @wip");
	play_test(p, "late", "money", NULL);
	play_seal(p, SECONDS(19), SECONDS(18));
	play_one(p, 0, 0, CASE_PASSED, 0, SECONDS(12.31));
	play_one(p, 1, 1, CASE_FAILED, SECONDS(12.31), SECONDS(7.69));
	play_stop(p, STOP_DEADLINE, 0, "the run's time was up");
}

static void the_keys_come_in_the_order_of_the_design(void **state)
{
	struct play p;
	json_t *root;

	(void)state;
	play_run(&p);
	root = summary_of(&p.ledger);
	expect_keys(root, top_keys, sizeof(top_keys) / sizeof(top_keys[0]));
	expect_keys(json_object_get(root, "exit"), (const char *[]){"code", "reason"}, 2);
	expect_keys(json_object_get(root, "verdicts"),
	            (const char *[]){"passed", "flaky", "failed", "error", "skipped", "lost",
	                             "not_run"},
	            7);
	expect_keys(json_object_get(root, "cases"),
	            (const char *[]){"passed", "failed", "error", "skipped"}, 4);
	expect_keys(
		json_object_get(root, "lost_to"),
		(const char *[]){"start_up_s", "long_pole_s", "pools_s", "contention_s", "idle_s"},
		5);
	expect_keys(json_array_get(json_object_get(root, "workers"), 0),
	            (const char *[]){"worker", "node", "busy_s", "idle_s", "tests"}, 5);
	expect_keys(json_array_get(json_object_get(root, "areas"), 0),
	            (const char *[]){"area", "tests", "work_s", "failed"}, 4);
	json_decref(root);
	play_close(&p);
}

static void the_verdicts_sum_up_to_what_was_planned(void **state)
{
	struct play p;
	json_t *root, *verdicts, *value;
	const char *key;
	json_int_t sum = 0;

	(void)state;
	play_run(&p);
	root = summary_of(&p.ledger);
	verdicts = json_object_get(root, "verdicts");
	json_object_foreach (verdicts, key, value)
		sum += json_integer_value(value);
	assert_int_equal(sum, 4);
	assert_int_equal(integer_at(root, "planned"), 4);
	assert_int_equal(integer_at(verdicts, "passed"), 1);
	assert_int_equal(integer_at(verdicts, "failed"), 1);
	assert_int_equal(integer_at(verdicts, "skipped"), 1);
	assert_int_equal(integer_at(verdicts, "not_run"), 1);
	assert_int_equal(integer_at(json_object_get(root, "exit"), "code"), 1);
	json_decref(root);
	play_close(&p);
}

static void times_are_seconds_of_the_run_as_it_was(void **state)
{
	struct play p;
	json_t *root, *lost;

	(void)state;
	play_run(&p);
	root = summary_of(&p.ledger);
	lost = json_object_get(root, "lost_to");
	assert_true(is_near(real_at(root, "wall_s"), 20));
	assert_true(is_near(real_at(root, "work_s"), 20));
	assert_true(is_near(real_at(root, "predicted_s"), 19));
	assert_true(is_near(real_at(root, "lower_bound_s"), 12.31));
	assert_true(is_near(real_at(root, "efficiency"), 0.616));
	/* The parts add up to makespan less bound. */
	assert_true(is_near(real_at(lost, "start_up_s"), 3));
	assert_true(is_near(real_at(lost, "idle_s"), -0.31));
	assert_true(is_near(real_at(lost, "long_pole_s"), 5));
	assert_true(json_is_null(json_object_get(lost, "pools_s")));
	assert_true(json_is_null(json_object_get(lost, "contention_s")));
	json_decref(root);
	play_close(&p);
}

static void a_time_has_no_more_than_three_decimals(void **state)
{
	struct play p;
	char *text;

	(void)state;
	play_run(&p);
	text = summary_json(&p.ledger, 1, "", &the_bound);
	assert_non_null(strstr(text, "\"busy_s\": 12.31,"));
	assert_non_null(strstr(text, "\"wall_s\": 20.0,"));
	free(text);
	play_close(&p);
}

static void areas_and_workers_have_their_share(void **state)
{
	struct play p;
	json_t *root, *money, *second;

	(void)state;
	play_run(&p);
	root = summary_of(&p.ledger);
	money = json_array_get(json_object_get(root, "areas"), 1);
	second = json_array_get(json_object_get(root, "workers"), 1);
	assert_string_equal(json_string_value(json_object_get(money, "area")), "money");
	assert_int_equal(integer_at(money, "tests"), 3);
	assert_int_equal(integer_at(money, "failed"), 1);
	assert_true(is_near(real_at(money, "work_s"), 7.69));
	assert_true(is_near(real_at(second, "busy_s"), 7.69));
	assert_true(is_near(real_at(second, "idle_s"), 12.31));
	assert_int_equal(integer_at(second, "tests"), 1);
	json_decref(root);
	play_close(&p);
}

static void what_is_unknown_is_null(void **state)
{
	static const char *const unknown[] = {"wall_s", "predicted_s", "lower_bound_s",
	                                      "efficiency"};
	struct play p;
	json_t *root;
	char *text;
	size_t i;

	(void)state;
	play_without_console(&p);
	play_start(&p, 0);
	play_seal(&p, 0, 0);
	text = summary_json(&p.ledger, 4, "", &(struct summary_bound){0});
	root = json_loads(text, 0, NULL);
	free(text);
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_true(json_is_null(json_object_get(root, unknown[i])));
	assert_true(json_is_null(json_object_get(json_object_get(root, "lost_to"), "start_up_s")));
	assert_int_equal(json_array_size(json_object_get(root, "workers")), 0);
	json_decref(root);
	play_close(&p);
}

static void a_ledger_without_a_run_is_told_too(void **state)
{
	struct ledger ledger;
	json_t *root;

	(void)state;
	ledger_init(&ledger);
	root = summary_of(&ledger);
	assert_true(json_is_null(json_object_get(root, "run")));
	json_decref(root);
	ledger_deinit(&ledger);
}

static void names_that_are_no_utf8_are_still_json(void **state)
{
	struct play p;
	json_t *root;

	(void)state;
	play_without_console(&p);
	play_start(&p, 1);
	play_test(&p, "t", "caf\xE9 \"x\"", NULL);
	play_seal(&p, 0, 0);
	root = summary_of(&p.ledger);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(root, "areas"), 0), "area")),
	                    "caf\xEF\xBF\xBD \"x\"");
	json_decref(root);
	play_close(&p);
}

static void the_last_failed_are_those_to_run_again(void **state)
{
	struct play p;
	char *text;

	(void)state;
	play_run(&p);
	text = last_failed_text(&p.ledger);
	assert_string_equal(text, "web\tpay\nweb\tlate\n");
	free(text);
	play_close(&p);
}

static void a_line_end_in_an_id_does_not_make_two_tests(void **state)
{
	struct play p;
	char *text;

	(void)state;
	play_without_console(&p);
	play_start(&p, 1);
	play_test(&p, "a\nweb\tb", "a", NULL);
	play_seal(&p, 0, 0);
	text = last_failed_text(&p.ledger);
	assert_string_equal(text, "web\ta\\nweb\tb\n");
	free(text);
	play_close(&p);
}

static void a_shard_names_its_plan(void **state)
{
	struct play p = {0};
	json_t *root, *shard;

	(void)state;
	ledger_init(&p.ledger);
	play_start(&p, 1);
	play_test(&p, "a", "cart", NULL);
	play_seal_shard(&p);
	root = summary_of(&p.ledger);
	shard = json_object_get(root, "shard");
	expect_keys(shard, (const char *[]){"index", "of", "plan", "plan_tests"}, 4);
	assert_string_equal(json_string_value(json_object_get(shard, "plan")), "0000000000000abc");
	json_decref(root);
	ledger_deinit(&p.ledger);
}

static void an_empty_shard_is_a_success_that_says_so(void **state)
{
	struct play p = {0};
	char reason[200];

	(void)state;
	ledger_init(&p.ledger);
	play_start(&p, 1);
	play_seal_shard(&p);
	assert_int_equal(ledger_exit(&p.ledger, reason, sizeof(reason)), 0);
	assert_string_equal(reason, "shard 2/3 is empty: the other shards have all 9 tests of the "
	                            "plan");
	ledger_deinit(&p.ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_come_in_the_order_of_the_design),
		cmocka_unit_test(the_verdicts_sum_up_to_what_was_planned),
		cmocka_unit_test(times_are_seconds_of_the_run_as_it_was),
		cmocka_unit_test(a_time_has_no_more_than_three_decimals),
		cmocka_unit_test(areas_and_workers_have_their_share),
		cmocka_unit_test(what_is_unknown_is_null),
		cmocka_unit_test(a_ledger_without_a_run_is_told_too),
		cmocka_unit_test(names_that_are_no_utf8_are_still_json),
		cmocka_unit_test(a_shard_names_its_plan),
		cmocka_unit_test(an_empty_shard_is_a_success_that_says_so),
		cmocka_unit_test(the_last_failed_are_those_to_run_again),
		cmocka_unit_test(a_line_end_in_an_id_does_not_make_two_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
