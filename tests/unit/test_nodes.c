/* test_nodes.c - a run over several nodes, whose drivers follow a script. */
#include "scripted_driver.h"

/* ---- the stage ---- */

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Two nodes, "a" and "b", of two executors each; `more` are further keys of each. */
static void set_stage(const char *a_more, const char *b_more)
{
	char path[200], *config;
	int i;

	stage = (struct stage){.folder = "/tmp/tanda-unit-XXXXXX",
	                       .scripts = {{.name = "a"}, {.name = "b"}}};
	assert_non_null(mkdtemp(stage.folder));
	assert_int_equal(chdir(stage.folder), 0);
	assert_int_equal(mkdir("t", 0777), 0);
	for (i = 0; i < TESTS; i++) {
		snprintf(path, sizeof(path), "t/t%02d.sh", i);
		write_text(path, "exit 0\n");
	}
	config = mem_printf(
		"{\"timings\": \"times.json\", \"suites\": {\"s\": {\"framework\": \"command\", \"files\": \"t/*.sh\", "
		"\"run\": [\"sh\", \"{id}\"], \"env\": {\"FROM_SUITE\": \"{tmp}\"}}},\n"
		"\"nodes\": {\"a\": {\"exec\": [\"x\"], \"workspace\": \"shared\", \"executors\": 2, "
		"\"env\": {\"FROM_NODE\": \"yes\", \"FROM_SUITE\": \"no\"}%s},\n"
		"\"b\": {\"exec\": [\"x\"], \"workspace\": \"shared\", \"executors\": 2, "
		"\"env\": {\"FROM_NODE\": \"yes\"}%s}}}",
		a_more, b_more);
	write_text("tanda.json", config);
	free(config);
}

/* From here on every test is known, and shorter than it is. */
static void set_times(void)
{
	struct text_buf times;
	int i;

	text_buf_init(&times, 64 * 1024);
	text_buf_add_str(&times, "{\"schema\": \"tanda.timings/1\", \"suites\": {\"s\": "
	                         "{\"tests\": {");
	for (i = 0; i < TESTS; i++)
		text_buf_printf(&times, "%s\"t/t%02d.sh\": 0.0%02d", i > 0 ? ", " : "", i,
		                10 + i % 3);
	text_buf_add_str(&times, "}}}}");
	write_text("times.json", times.ptr);
	text_buf_deinit(&times);
}

static void run_stage(void)
{
	const struct run_options options = {.out_dir = "tanda-out",
	                                    .version = "0",
	                                    .is_trial = true,
	                                    .make_driver = scripted_new,
	                                    .first_pause_ms = FIRST_PAUSE_MS};
	const struct project_request request = {.out_dir = "tanda-out"};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct project *project;
	int signal_number = 0;

	if (project_open(&request, &project, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	if (run_tests(project, &options, &stage.exit_code, &signal_number, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	project_free(project);
	if (run_record_read("tanda-out/journal.ndjson", &stage.record, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	if (ledger_check(&stage.record.ledger, &error) < 0)
		fail_msg("%s", error.message);
	if (stage.fault != NULL)
		fail_msg("an assignment: %s", stage.fault);
}

static void clear_stage(void)
{
	run_record_deinit(&stage.record);
	assert_int_equal(chdir("/"), 0);
	remove_tree(stage.folder);
}

static size_t count_submits(const char *node, const char *id)
{
	size_t count = 0, i;

	for (i = 0; i < stage.submit_count; i++) {
		const struct submit *submit = &stage.submits[i];

		count += (node == NULL || strcmp(submit->node, node) == 0) &&
		         (id == NULL || strcmp(submit->id, id) == 0);
	}
	return count;
}

static uint64_t verdicts(enum verdict verdict)
{
	return ledger_totals(&stage.record.ledger).verdicts[verdict];
}

static bool is_warned(const char *words)
{
	size_t i;

	for (i = 0; i < stage.record.ledger.warning_count; i++) {
		if (strstr(stage.record.ledger.warnings[i], words) != NULL)
			return true;
	}
	return false;
}

/* ---- the rules ---- */

static void all_nodes_take_part_and_every_test_runs_once(void **state)
{
	(void)state;
	set_stage("", "");
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.submit_count, TESTS);
	assert_true(count_submits("a", NULL) > 0 && count_submits("b", NULL) > 0);
	assert_string_equal(stage.record.ledger.workers[0].node, "a");
	assert_string_equal(stage.record.ledger.workers[3].node, "b");
	assert_int_equal(stage.record.ledger.warning_count, 0);
	clear_stage();
}

static void a_node_that_does_not_answer_is_left_out_with_a_warning(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.scripts[0].open_count, 1);
	assert_int_equal(count_submits("a", NULL), 0);
	assert_true(is_warned("node a is left out: nobody answers"));
	clear_stage();
}

static void asking_again_ends_at_once_where_it_is_of_no_use(void **state)
{
	(void)state;
	set_stage("", ", \"labels\": \"slow\"");
	stage.scripts[0].silent_opens = UINT32_MAX;
	stage.scripts[0].is_final = true;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(stage.scripts[0].open_count, 1);
	clear_stage();
}

static void a_node_that_answers_later_is_used(void **state)
{
	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].silent_opens = 2;
	stage.scripts[1].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.scripts[0].open_count, 3);
	assert_int_equal(count_submits("a", NULL), TESTS);
	assert_true(is_warned("node a cannot be used yet: nobody answers; it is tried again"));
	clear_stage();
}

static void what_a_lost_node_had_runs_elsewhere_when_its_lease_is_over(void **state)
{
	size_t i, n;

	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].lost_at = 2;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_true(stage.lost_count > 0);
	for (i = 0; i < stage.lost_count; i++) {
		assert_int_equal(count_submits(NULL, stage.lost_ids[i]), 2);
		for (n = 0; n < stage.submit_count; n++) {
			const struct submit *submit = &stage.submits[n];

			if (strcmp(submit->id, stage.lost_ids[i]) == 0 &&
			    strcmp(submit->node, "b") == 0)
				assert_true(submit->at_ms >= stage.lost_at_ms + LEASE_MS);
		}
	}
	assert_int_equal(stage.record.ledger.stale, 0);
	clear_stage();
}

static void a_lost_node_that_is_back_goes_on_and_its_late_result_is_not_used(void **state)
{
	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].lost_at = 3;
	stage.scripts[0].answers_late = true;
	stage.scripts[1].silent_opens = UINT32_MAX; /* there is no other */
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.scripts[0].open_count, 2);
	assert_int_equal(stage.scripts[0].late_count, 1);
	assert_int_equal(stage.record.ledger.stale, 1);
	assert_true(is_warned("node a is lost: the connection is gone; its tests go to others"));
	assert_true(is_warned("node a: a late result of batch"));
	clear_stage();
}

static void a_lost_node_is_back_with_all_its_executors(void **state)
{
	bool seen[SLOTS_MAX] = {false};
	size_t i;

	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].lost_at = 3;
	stage.scripts[0].loses_slots = true;
	stage.scripts[1].silent_opens = UINT32_MAX; /* there is no other */
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	for (i = 0; i < stage.submit_count; i++)
		seen[stage.submits[i].slot] |= stage.submits[i].at_ms > stage.lost_at_ms;
	assert_true(seen[0] && seen[1]);
	clear_stage();
}

static void a_result_that_comes_while_the_lease_runs_is_late_too(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].lost_at = 1;
	stage.scripts[0].answers_at_once = true;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_true(stage.scripts[0].late_count > 0);
	assert_int_equal(stage.record.ledger.stale, stage.scripts[0].late_count);
	clear_stage();
}

static void when_all_nodes_are_gone_every_test_has_its_verdict(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 1", ", \"launch_retries\": 1");
	stage.scripts[0].lost_at = 3;
	stage.scripts[0].is_lost_for_good = true;
	stage.scripts[1].lost_at = 3;
	stage.scripts[1].is_lost_for_good = true;
	run_stage();
	assert_int_equal(stage.exit_code, 3);
	assert_true(verdicts(VERDICT_LOST) > 0 && verdicts(VERDICT_NOT_RUN) > 0);
	assert_int_equal(verdicts(VERDICT_PASSED) + verdicts(VERDICT_LOST) +
	                         verdicts(VERDICT_NOT_RUN),
	                 TESTS);
	assert_int_equal(stage.scripts[0].open_count, 2);
	assert_true(is_warned("node b is left out: nobody answers"));
	assert_non_null(strstr(stage.record.ledger.stop_message, "node a: nobody answers"));
	clear_stage();
}

static void what_a_node_refuses_runs_on_another(void **state)
{
	(void)state;
	set_stage("", "");
	stage.scripts[0].refuses = true;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(count_submits("b", NULL), TESTS);
	assert_true(count_submits("a", NULL) < TESTS); /* it does not go through all of them */
	clear_stage();
}

static void what_every_node_refuses_is_an_error(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 3", ", \"launch_retries\": 3");
	stage.scripts[0].refuses = true;
	stage.scripts[1].refuses = true;
	run_stage();
	assert_int_equal(stage.exit_code, 3);
	assert_true(verdicts(VERDICT_ERROR) > 0);
	assert_int_equal(verdicts(VERDICT_ERROR) + verdicts(VERDICT_NOT_RUN), TESTS);
	assert_true(
		is_warned("node a is left out: it could not start 4 batches in a row: no room"));
	clear_stage();
}

static void a_slot_that_is_away_gets_nothing_until_it_is_back(void **state)
{
	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].slot_comes_late = true;
	stage.scripts[1].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(count_submits("a", NULL), TESTS);
	assert_true(stage.record.ledger.workers[1].tests > 0);
	clear_stage();
}

static void tests_of_a_label_that_only_a_gone_node_has_are_not_run(void **state)
{
	(void)state;
	set_stage(", \"labels\": \"gpu\", \"launch_retries\": 0",
	          "}}, \"areas\": {\"t\": {\"labels\": \"gpu\"");
	stage.scripts[0].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 3);
	assert_int_equal(verdicts(VERDICT_NOT_RUN), TESTS);
	assert_true(is_warned("no worker is left that may run t/t00.sh"));
	clear_stage();
}

static void the_next_batch_is_there_when_the_last_one_ends(void **state)
{
	(void)state;
	set_stage("", "");
	stage.scripts[0].queues_ahead = true;
	stage.scripts[1].queues_ahead = true;
	set_times();
	run_stage(); /* which checks that no worker's batches overlap */
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.submit_count, TESTS);
	assert_true(stage.scripts[0].ahead_count + stage.scripts[1].ahead_count >= TESTS / 3);
	clear_stage();
}

static void several_batches_wait_where_one_is_shorter_than_the_way(void **state)
{
	(void)state;
	set_stage("", "");
	stage.scripts[0].queues_ahead = stage.scripts[1].queues_ahead = true;
	stage.scripts[0].start_ms = stage.scripts[1].start_ms = 100;
	set_times();
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_true(stage.scripts[0].deepest_ahead > 1);
	clear_stage();
}

static void what_waits_on_a_node_that_is_lost_is_lost_with_it(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].queues_ahead = true;
	stage.scripts[0].lost_at = 3;
	set_times();
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_true(stage.lost_count > 0);
	clear_stage();
}

static void nothing_waits_on_a_node_that_holds_what_others_want(void **state)
{
	(void)state;
	set_stage("", "}}, \"areas\": {\"t\": {\"pools\": {\"db\": 1}}}, "
	              "\"pools\": {\"db\": {\"members\": [{\"name\": \"x\"}, {\"name\": \"y\"}]");
	stage.scripts[0].queues_ahead = true;
	stage.scripts[1].queues_ahead = true;
	set_times();
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(stage.scripts[0].ahead_count + stage.scripts[1].ahead_count, 0);
	clear_stage();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_nodes_take_part_and_every_test_runs_once),
		cmocka_unit_test(a_node_that_does_not_answer_is_left_out_with_a_warning),
		cmocka_unit_test(asking_again_ends_at_once_where_it_is_of_no_use),
		cmocka_unit_test(a_node_that_answers_later_is_used),
		cmocka_unit_test(what_a_lost_node_had_runs_elsewhere_when_its_lease_is_over),
		cmocka_unit_test(a_lost_node_that_is_back_goes_on_and_its_late_result_is_not_used),
		cmocka_unit_test(a_lost_node_is_back_with_all_its_executors),
		cmocka_unit_test(a_result_that_comes_while_the_lease_runs_is_late_too),
		cmocka_unit_test(when_all_nodes_are_gone_every_test_has_its_verdict),
		cmocka_unit_test(what_a_node_refuses_runs_on_another),
		cmocka_unit_test(what_every_node_refuses_is_an_error),
		cmocka_unit_test(a_slot_that_is_away_gets_nothing_until_it_is_back),
		cmocka_unit_test(tests_of_a_label_that_only_a_gone_node_has_are_not_run),
		cmocka_unit_test(the_next_batch_is_there_when_the_last_one_ends),
		cmocka_unit_test(several_batches_wait_where_one_is_shorter_than_the_way),
		cmocka_unit_test(what_waits_on_a_node_that_is_lost_is_lost_with_it),
		cmocka_unit_test(nothing_waits_on_a_node_that_holds_what_others_want),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
