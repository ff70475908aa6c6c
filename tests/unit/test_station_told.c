/* test_station_told.c - what a node tells of a job while it runs. */
#include "station_kit.h"

/* ---- where a job is ---- */

static void lines_are_told_while_the_job_runs(void **state)
{
	struct theatre theatre;
	struct task *task;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 1);
	task = script(&theatre, 0,
	              "p=" NODE_BATCH_PROGRESS "; exec 3>>$p; echo 'started 1 a' >&3;"
	              "i=0; until [ -e told ] || [ $i -gt 150 ]; do sleep 0.1; i=$((i+1)); done;"
	              /* What is put in its place is not read, and a NUL is no end. */
	              "rm $p; mkfifo $p; printf 'do\\0ne it''s \\001TANDA\\n' >&3; ls told");
	task->assignment.follows = FOLLOWS_LINES;
	on_told_makes = "told";
	theatre_run(&theatre);
	on_told_makes = NULL;
	assert_int_equal(task->ending.exit_code, 0);
	assert_string_equal(task->told, "started 1 a\ndo\nne its \001TANDA\n");
	assert_true(task->silence_count >= 2);
	theatre_end(&theatre);
}

static void reports_are_told_as_they_appear(void **state)
{
	struct theatre theatre;
	struct task *task;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 1);
	task = script(
		&theatre, 0,
		"cd \"$REPORT\"; : >empty; ln -s one link; echo x >'one of it.xml';"
		"i=0; until [ -e \"$1/told\" ] || [ $i -gt 150 ]; do sleep 0.1; i=$((i+1)); done;"
		"echo x >two; ls \"$1/told\"");
	task->argv[3] = "sh";
	task->argv[4] = NODE_WORKSPACE;
	task->assignment.follows = FOLLOWS_REPORTS;
	on_told_makes = "told";
	theatre_run(&theatre);
	on_told_makes = NULL;
	assert_int_equal(task->ending.exit_code, 0);
	assert_non_null(strstr(task->told, "reported\tone of it.xml\n"));
	assert_non_null(strstr(task->told, "reported\ttwo\n"));
	assert_null(strstr(task->told, "empty"));
	assert_null(strstr(task->told, "link"));
	theatre_end(&theatre);
}

/* A job that floods the channel is told in bounded pieces, and nobody waits for more. */
static void a_flood_of_lines_is_bounded(void **state)
{
	struct theatre theatre;
	struct task *task;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 1);
	task = script(&theatre, 0,
	              "head -c 3000000 /dev/zero | tr '\\0' x >>" NODE_BATCH_PROGRESS "; exit 3");
	task->assignment.follows = FOLLOWS_LINES;
	theatre_run(&theatre);
	assert_int_equal(task->ending.kind, ENDING_RESULT);
	assert_int_equal(task->ending.exit_code, 3);
	theatre_end(&theatre);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_told_while_the_job_runs),
		cmocka_unit_test(reports_are_told_as_they_appear),
		cmocka_unit_test(a_flood_of_lines_is_bounded),
	};

	snprintf(run_id, sizeof(run_id), "station-%d", (int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
