/* test_station.c - the shell driver and what it says to a node, with shells of this machine as
 * nodes. */
#include "station_kit.h"

/* ---- what a job is given, and what it brings ---- */

static void see_one_job(const char *const *exec)
{
	struct theatre theatre;
	struct task *task;

	theatre_init(&theatre, exec, 1, 1);
	task = script(
		&theatre, 0,
		"echo \"$GREETING\"; pwd; mkdir -p shots/deep; echo 1 >shots/deep/a.png; echo 2 >loose.txt;"
		"echo '<x/>' >\"$REPORT/my report.xml\"; ln -s /etc/passwd \"$REPORT/link\"; cat \"$1\" \"$2\"; exit 255");
	task->argv[3] = "sh";
	task->argv[4] = NODE_BATCH_FILES "/ids";
	task->argv[5] = NODE_WORKSPACE "/loose.txt";
	task->assignment.wanted_files = wanted;
	task->assignment.files = &(struct sent_file){"ids", TEXT_LIT("one\ntwo'\n")};
	task->assignment.file_count = 1;
	theatre_run(&theatre);
	assert_true(theatre.answer.is_reachable);
	assert_int_equal(theatre.answer.executors, 1);
	assert_true(theatre.answer.cpus > 0);
	assert_string_equal(task->message, "");
	assert_int_equal(task->ending.kind, ENDING_RESULT);
	assert_int_equal(task->ending.exit_code, 255);
	assert_int_equal(task->started_count, 1);
	assert_true(task->ending.elapsed_ns > 0);
	{
		char expected[256];

		snprintf(expected, sizeof(expected), "it's\na 'greeting'\n%s\none\ntwo'\n2\n",
		         theatre.folder);
		assert_string_equal(content(task->log_path, ""), expected);
	}
	assert_string_equal(content(task->report_dir, "/my report.xml"), "<x/>\n");
	assert_string_equal(content(task->report_dir, "/link"), "");
	assert_string_equal(content(task->files_dir, "/shots/deep/a.png"), "1\n");
	assert_string_equal(content(task->files_dir, "/loose.txt"), "2\n");
	theatre_end(&theatre);
}

static void a_job_runs_and_what_it_leaves_comes_back(void **state)
{
	(void)state;
	see_one_job(local_shell);
}

/* A folder in which `sh` is another shell, first in PATH. */
static void see_other_shell(const char *shell)
{
	char folder[] = "/tmp/tanda-unit-XXXXXX", command[256], path[128];
	const char *exec[] = {"env", path, NULL};

	snprintf(command, sizeof(command), "command -v %s >/dev/null", shell);
	if (system(command) != 0) {
		print_message("no %s here\n", shell);
		skip();
	}
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "ln -s \"$(command -v %s)\" %s/sh", shell, folder);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "PATH=%s:/usr/bin:/bin", folder);
	see_one_job(exec);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void bash_will_do(void **state)
{
	(void)state;
	see_other_shell("bash");
}

static void busybox_will_do(void **state)
{
	(void)state;
	see_other_shell("busybox");
}

static void noise_before_the_start_is_passed_over(void **state)
{
	static const char *const noisy[] = {
		"sh", "-c",
		"echo Welcome to box; echo 'last login: never' >&2; printf 'no newline \\001TANDA-'; exec \"$0\"",
		NULL};

	(void)state;
	see_one_job(noisy);
}

static void secrets_are_on_no_command_line(void **state)
{
	struct theatre theatre;
	struct task *task;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 1);
	task = script(
		&theatre, 0,
		"test \"$SECRET\" || exit 9; for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in "
		"*\"$SECRET\"*) echo \"found in $p\";; esac; done 2>/dev/null; echo looked");
	theatre_run(&theatre);
	assert_string_equal(content(task->log_path, ""), "looked\n");
	theatre_end(&theatre);
}

/* ---- how it ends ---- */

static struct task see_script(const char *text, uint64_t limit_ms, char *log, size_t log_size)
{
	struct theatre theatre;
	struct task task;

	theatre_init(&theatre, local_shell, 1, 1);
	script(&theatre, 0, text)->assignment.limit_ms = limit_ms;
	theatre_run(&theatre);
	task = theatre.tasks[0];
	if (log != NULL)
		snprintf(log, log_size, "%.200s", content(task.log_path, ""));
	theatre_end(&theatre);
	return task;
}

static void a_signal_is_a_crash(void **state)
{
	struct task task = see_script("kill -SEGV $$", 20000, NULL, 0);

	(void)state;
	assert_int_equal(task.ending.kind, ENDING_CRASHED);
	assert_int_equal(task.ending.signal, SIGSEGV);
	assert_int_equal(task.ending.exit_code, -1);
}

static void a_limit_stops_and_then_kills(void **state)
{
	char log[256];
	struct task task =
		see_script("trap 'echo asked; exit 3' TERM; while :; do sleep 0.05; done", 200, log,
	                   sizeof(log));

	(void)state;
	assert_int_equal(task.ending.kind, ENDING_RESULT);
	assert_true(task.ending.timed_out && task.ending.stopped);
	assert_int_equal(task.ending.exit_code, 3);
	assert_non_null(strstr(log, "asked\n"));
	task = see_script("trap '' TERM; while :; do sleep 0.05; done", 200, NULL, 0);
	assert_true(task.ending.timed_out && task.ending.stopped);
	assert_int_equal(task.ending.signal, SIGKILL);
}

static void what_a_job_leaves_is_killed_and_named(void **state)
{
	struct task task =
		see_script("sleep 311 & setsid sleep 312 >/dev/null 2>&1 & exit 0", 20000, NULL, 0);

	(void)state;
	assert_int_equal(task.ending.kind, ENDING_RESULT);
	assert_int_equal(task.ending.leaked_count, 2);
	assert_non_null(strstr(task.leaked, "sleep"));
}

static void its_time_on_the_cpu_is_told(void **state)
{
	struct task task =
		see_script("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done", 20000, NULL, 0);

	(void)state;
	assert_true(task.ending.cpu_ns > 10000000);
}

static void what_cannot_start_is_refused(void **state)
{
	struct theatre theatre;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 2);
	script(&theatre, 0, "")->argv[0] = "no-such-program";
	script(&theatre, 1, "true")->assignment.work_dir = NODE_WORKSPACE "/nowhere";
	theatre_run(&theatre);
	assert_int_equal(theatre.tasks[0].ending.kind, ENDING_REFUSED);
	assert_non_null(strstr(theatre.tasks[0].message,
	                       "cannot start 'no-such-program': it is not in PATH"));
	assert_int_equal(theatre.tasks[1].ending.kind, ENDING_REFUSED);
	assert_non_null(strstr(theatre.tasks[1].message, "/nowhere is not there"));
	assert_int_equal(theatre.tasks[0].started_count, 0);
	theatre_end(&theatre);
}

static void a_flood_is_capped_and_streamed(void **state)
{
	struct theatre theatre;
	struct task *task;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 1);
	task = script(&theatre, 0, "head -c 20000000 /dev/zero; printf 'the \\001TANDA-end'");
	task->assignment.wants_output = true;
	theatre_run(&theatre);
	assert_int_equal(task->ending.kind, ENDING_RESULT);
	assert_int_equal(task->ending.output_bytes, 20000014);
	assert_int_equal(task->live_bytes, 20000014);
	assert_true(task->ending.dropped_bytes > 10000000);
	theatre_end(&theatre);
}

static void many_jobs_keep_all_executors_busy(void **state)
{
	struct theatre theatre;
	uint32_t i;

	(void)state;
	theatre_init(&theatre, local_shell, 3, 30);
	for (i = 0; i < 30; i++)
		script(&theatre, i, i % 3 == 0 ? "echo x >\"$REPORT/r.xml\"" : "exit 4");
	theatre_run(&theatre);
	for (i = 0; i < 30; i++) {
		assert_int_equal(theatre.tasks[i].ending.kind, ENDING_RESULT);
		assert_int_equal(theatre.tasks[i].ending.exit_code, i % 3 == 0 ? 0 : 4);
		assert_string_equal(content(theatre.tasks[i].report_dir, "/r.xml"),
		                    i % 3 == 0 ? "x\n" : "");
	}
	theatre_end(&theatre);
}

/* ---- stopping ---- */

static void cancel_all(struct task *task, const char *process)
{
	uint32_t i;

	(void)task;
	(void)process;
	for (i = 0; i < stage->next_task; i++)
		stage->driver->ops->cancel(stage->driver, &stage->tasks[i].assignment,
		                           DRIVER_STOP_ORDERLY, SIGINT);
}

static void what_runs_and_what_waits_is_cancelled(void **state)
{
	struct theatre theatre;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 2);
	script(&theatre, 0, "trap 'echo int; exit 1' INT; on_time=1; while :; do sleep 0.05; done");
	script(&theatre, 1, "echo never");
	theatre.on_task_started = cancel_all;
	/* The second is handed out right after the first has started: before that it is cancelled.
	 */
	theatre_run(&theatre);
	assert_int_equal(theatre.tasks[0].ending.kind, ENDING_CANCELLED);
	theatre_end(&theatre);
}

static void kill_client(struct task *task, const char *process)
{
	char path[64], line[512] = "";
	FILE *file;
	int parent = 0;

	(void)task;
	snprintf(path, sizeof(path), "/proc/%s/stat", process);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_int_equal(sscanf(strrchr(line, ')') + 4, "%d", &parent), 1);
	kill(parent, SIGKILL); /* the executor: the session's own shell */
}

static void a_killed_shell_is_a_crash_and_leaves_nothing(void **state)
{
	struct theatre theatre;

	(void)state;
	theatre_init(&theatre, local_shell, 1, 2);
	script(&theatre, 0, "trap '' TERM; sleep 313 & setsid sleep 314 & sleep 315");
	script(&theatre, 1, "echo again");
	theatre.on_task_started = kill_client;
	theatre_run(&theatre);
	assert_true(theatre.tasks[0].ending.kind == ENDING_CRASHED ||
	            theatre.tasks[0].ending.kind == ENDING_LOST);
	assert_int_equal(theatre.tasks[1].ending.kind, ENDING_LOST);
	assert_int_equal(theatre.tasks[1].started_count, 0);
	theatre_end(&theatre);
}

/* ---- what an earlier tanda had ---- */

static char pid_path[64];

static void fetch_through_a_dead_shell(struct theatre *theatre)
{
	struct task *task = &theatre->tasks[theatre->next_task++];

	assert_int_equal(kill((pid_t)atol(content(pid_path, "")), SIGKILL), 0);
	theatre->driver->ops->reattach(theatre->driver, &task->assignment, "/tmp/tanda-of-before");
}

static void what_could_not_be_asked_for_may_run_until_its_lease_is_over(void **state)
{
	const char *const exec[] = {"sh", "-c", "echo $$ >\"$0\"; exec \"$@\"", pid_path, NULL};
	struct theatre theatre;

	(void)state;
	snprintf(pid_path, sizeof(pid_path), "/tmp/tanda-unit-pid-%d", (int)getpid());
	theatre_init(&theatre, exec, 1, 1);
	script(&theatre, 0, "echo never");
	theatre.on_ready = fetch_through_a_dead_shell;
	theatre_run(&theatre);
	assert_int_equal(theatre.tasks[0].ending.kind, ENDING_LOST);
	assert_int_equal(theatre.tasks[0].ending.may_run_ms, NODE_DEAD_MS);
	unlink(pid_path);
	theatre_end(&theatre);
}

/* ---- nodes that are none ---- */

static void see_unreachable(const char *const *exec, const char *expected, bool is_final)
{
	struct theatre theatre;

	theatre_init(&theatre, exec, 2, 1);
	theatre_run(&theatre);
	assert_false(theatre.answer.is_reachable);
	if (strstr(theatre.why, expected) == NULL)
		fail_msg("'%s' is not in '%s'", expected, theatre.why);
	assert_int_equal(theatre.answer.is_final, is_final);
	theatre_end(&theatre);
}

static void what_gives_no_shell_is_unreachable(void **state)
{
	static const char *const fails[] = {
		"sh", "-c", "echo 'first'; echo 'Error: no such thing' >&2; exit 125", NULL};
	static const char *const missing[] = {"/nonexistent/podman", "exec", NULL};
	static const char *const refused[] = {
		"sh", "-c", "echo 'ci@box: Permission denied (publickey).' >&2; exit 255", NULL};
	static const char *const bare[] = {"env", "PATH=/nonexistent", "/bin/sh",
	                                   "-c",  "exec /bin/sh",      NULL};

	(void)state;
	see_unreachable(fails, "gave no shell there (exit 125): Error: no such thing", false);
	see_unreachable(missing, "no such file", false);
	see_unreachable(refused, "the login was refused: ssh-copy-id box", true);
	see_unreachable(bare, "there is no tar: install it", true);
}

static void a_root_that_is_closed_is_named(void **state)
{
	struct theatre theatre;

	(void)state;
	root_of_node = "/proc/nowhere";
	theatre_init(&theatre, local_shell, 1, 1);
	root_of_node = NULL;
	theatre_run(&theatre);
	assert_false(theatre.answer.is_reachable);
	assert_non_null(strstr(theatre.why, "no folder can be made in /proc/nowhere"));
	theatre_end(&theatre);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_runs_and_what_it_leaves_comes_back),
		cmocka_unit_test(bash_will_do),
		cmocka_unit_test(busybox_will_do),
		cmocka_unit_test(noise_before_the_start_is_passed_over),
		cmocka_unit_test(secrets_are_on_no_command_line),
		cmocka_unit_test(a_signal_is_a_crash),
		cmocka_unit_test(a_limit_stops_and_then_kills),
		cmocka_unit_test(what_a_job_leaves_is_killed_and_named),
		cmocka_unit_test(its_time_on_the_cpu_is_told),
		cmocka_unit_test(what_cannot_start_is_refused),
		cmocka_unit_test(a_flood_is_capped_and_streamed),
		cmocka_unit_test(many_jobs_keep_all_executors_busy),
		cmocka_unit_test(what_runs_and_what_waits_is_cancelled),
		cmocka_unit_test(a_killed_shell_is_a_crash_and_leaves_nothing),
		cmocka_unit_test(what_could_not_be_asked_for_may_run_until_its_lease_is_over),
		cmocka_unit_test(what_gives_no_shell_is_unreachable),
		cmocka_unit_test(a_root_that_is_closed_is_named),
	};

	snprintf(run_id, sizeof(run_id), "station-%d", (int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
