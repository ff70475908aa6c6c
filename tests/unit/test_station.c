/* test_station.c - the shell driver and what it says to a node, with shells of this machine as
 * nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { TASKS_MAX = 64, PATH_BYTES = 256, TEXT_BYTES = 1024 };

/* One command to run, and what came of it. */
struct task {
	struct assignment assignment;
	const char *argv[8];
	char key[32], report_dir[PATH_BYTES], files_dir[PATH_BYTES], log_path[PATH_BYTES];
	struct ending ending;
	char message[TEXT_BYTES], leaked[TEXT_BYTES], handle[TEXT_BYTES];
	int started_count, ended_count;
	uint64_t live_bytes;
};

/* A loop, a driver, and tasks that wait for slots. */
struct theatre {
	char folder[64];
	struct loop *loop;
	struct driver *driver;
	struct node_setup setup;
	struct task *tasks;
	uint32_t task_count, next_task, ended_count;
	struct node_answer answer;
	char why[TEXT_BYTES], lost_why[TEXT_BYTES];
	int opened_count, prepared_count, lost_count, away_count;
	bool is_closing;
	void (*on_task_started)(struct task *task, const char *process);
};

static char run_id[32];
static struct theatre *stage;    /* what assignments cannot tell */
static const char *root_of_node; /* NULL: the theatre's folder */

static void close_theatre(void)
{
	if (!stage->is_closing)
		stage->driver->ops->close(stage->driver);
	stage->is_closing = true;
}

static void on_opened(void *data, const struct node_answer *answer)
{
	struct theatre *theatre = data;

	theatre->opened_count++;
	theatre->answer = *answer;
	snprintf(theatre->why, sizeof(theatre->why), "%s", answer->why);
	if (answer->is_reachable)
		theatre->driver->ops->prepare(theatre->driver);
	else
		close_theatre();
}

static void on_prepared(void *data, const struct node_readiness *readiness)
{
	struct theatre *theatre = data;

	theatre->prepared_count++;
	assert_true(readiness->is_ready);
	if (theatre->task_count == 0)
		close_theatre();
}

static void on_slot_ready(void *data, uint32_t slot)
{
	struct theatre *theatre = data;
	struct task *task;

	if (theatre->next_task >= theatre->task_count)
		return;
	task = &theatre->tasks[theatre->next_task++];
	task->assignment.slot = slot;
	theatre->driver->ops->submit(theatre->driver, &task->assignment);
}

static void on_slot_away(void *data, uint32_t slot, const char *why)
{
	(void)slot;
	((struct theatre *)data)->away_count++;
	assert_true(why[0] != '\0');
}

static void on_slot_lost(void *data, uint32_t slot, const char *why)
{
	(void)data;
	fail_msg("slot %u lost: %s", slot, why);
}

static void on_node_lost(void *data, const char *why)
{
	struct theatre *theatre = data;

	theatre->lost_count++;
	snprintf(theatre->lost_why, sizeof(theatre->lost_why), "%s", why);
	close_theatre();
}

static void on_handle(const struct assignment *assignment, const char *handle)
{
	struct task *task = assignment->data;

	snprintf(task->handle, sizeof(task->handle), "%s", handle);
}

static void on_started(const struct assignment *assignment, const char *process)
{
	struct task *task = assignment->data;

	task->started_count++;
	assert_true(task->handle[0] == '/');
	if (stage->on_task_started != NULL)
		stage->on_task_started(task, process);
}

static void on_output(const struct assignment *assignment, struct text output)
{
	((struct task *)assignment->data)->live_bytes += output.len;
}

static void on_ended(const struct assignment *assignment, const struct ending *ending)
{
	struct task *task = assignment->data;

	task->ended_count++;
	task->ending = *ending;
	snprintf(task->message, sizeof(task->message), "%s", ending->message);
	snprintf(task->leaked, sizeof(task->leaked), "%s", ending->leaked);
	stage->driver->ops->acknowledge(stage->driver, assignment->key);
	if (++stage->ended_count == stage->task_count)
		close_theatre();
}

static void on_late_result(void *data, const char *key, const char *what)
{
	(void)data;
	fail_msg("late: %s %s", key, what);
}

static void on_closed(void *data)
{
	((struct theatre *)data)->is_closing = true;
}

static void theatre_init(struct theatre *theatre, const char *const *exec, uint32_t executors,
                         uint32_t task_count)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const struct driver_listener listener = {.on_opened = on_opened,
	                                         .on_prepared = on_prepared,
	                                         .on_slot_ready = on_slot_ready,
	                                         .on_slot_away = on_slot_away,
	                                         .on_slot_lost = on_slot_lost,
	                                         .on_node_lost = on_node_lost,
	                                         .on_handle = on_handle,
	                                         .on_started = on_started,
	                                         .on_output = on_output,
	                                         .on_ended = on_ended,
	                                         .on_late_result = on_late_result,
	                                         .on_closed = on_closed,
	                                         .data = theatre};

	*theatre = (struct theatre){.folder = "/tmp/tanda-unit-XXXXXX", .task_count = task_count};
	stage = theatre;
	assert_non_null(mkdtemp(theatre->folder));
	theatre->setup = (struct node_setup){.kind = NODE_EXEC,
	                                     .name = "box",
	                                     .run_id = run_id,
	                                     .project_name = "p",
	                                     .project_dir = theatre->folder,
	                                     .out_dir = theatre->folder,
	                                     .executors = executors,
	                                     .launch_timeout_ms = 20000,
	                                     .exec = exec,
	                                     .remote_root = root_of_node != NULL ? root_of_node
	                                                                         : theatre->folder,
	                                     .workspace = WORKSPACE_SHARED};
	assert_int_equal(loop_new(&theatre->loop, &error), 0);
	assert_int_equal(
		driver_new(theatre->loop, &listener, &theatre->setup, &theatre->driver, &error), 0);
	theatre->tasks = mem_calloc(task_count + 1, sizeof(theatre->tasks[0]));
}

static const char *const plain_env[] = {"GREETING=it's\na 'greeting'", "SECRET=s3cr3t-of-the-node",
                                        "REPORT=" NODE_BATCH_REPORT, NULL};
static const char *const wanted[] = {"shots/**/*.png", "loose.txt", NULL};

/* Task number `index` runs a shell script. */
static struct task *script(struct theatre *theatre, uint32_t index, const char *text)
{
	struct task *task = &theatre->tasks[index];

	snprintf(task->key, sizeof(task->key), "run.%u.1.n", index);
	snprintf(task->report_dir, sizeof(task->report_dir), "%s/r%u", theatre->folder, index);
	snprintf(task->files_dir, sizeof(task->files_dir), "%s/f%u", theatre->folder, index);
	snprintf(task->log_path, sizeof(task->log_path), "%s/l%u", theatre->folder, index);
	task->argv[0] = "sh";
	task->argv[1] = "-c";
	task->argv[2] = text;
	task->assignment = (struct assignment){.key = task->key,
	                                       .argv = task->argv,
	                                       .own_env = plain_env,
	                                       .work_dir = NODE_WORKSPACE,
	                                       .report_dir = task->report_dir,
	                                       .files_dir = task->files_dir,
	                                       .log_path = task->log_path,
	                                       .limit_ms = 20000,
	                                       .grace_ms = 300,
	                                       .log_max_bytes = 1024 * 1024,
	                                       .data = task};
	return task;
}

static void theatre_run(struct theatre *theatre)
{
	uint32_t i;

	theatre->driver->ops->open(theatre->driver);
	loop_run(theatre->loop);
	assert_int_equal(theatre->opened_count, 1);
	for (i = 0; i < theatre->task_count && theatre->answer.is_reachable; i++)
		assert_int_equal(theatre->tasks[i].ended_count, 1);
}

/* Is any process of a station or a job of ours alive? */
static bool anything_left(const char *folder)
{
	char command[600];

	snprintf(
		command, sizeof(command),
		"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do "
		"found=; for p in /proc/[0-9]*; do { tr '\\0' ' ' <$p/environ; tr '\\0' ' ' <$p/cmdline; } 2>/dev/null | "
		"grep -q '%s/[t]anda-' && found=1; done; [ $found ] || exit 0; sleep 0.1; done; exit 1",
		folder);
	return system(command) != 0;
}

static void theatre_end(struct theatre *theatre)
{
	char command[128];

	theatre->driver->ops->free(theatre->driver);
	loop_free(theatre->loop);
	free(theatre->tasks);
	assert_false(anything_left(theatre->folder));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	snprintf(command, sizeof(command), "ls -d %s/tanda-* 2>/dev/null", theatre->folder);
	assert_int_not_equal(system(command), 0); /* no station is left */
	snprintf(command, sizeof(command), "rm -rf %s", theatre->folder);
	assert_int_equal(system(command), 0);
}

static char *content(const char *folder, const char *name)
{
	static char bytes[4096];
	char path[PATH_BYTES + 64];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", folder, name);
	file = fopen(path, "r");
	if (file != NULL) {
		len = fread(bytes, 1, sizeof(bytes) - 1, file);
		fclose(file);
	}
	bytes[len] = '\0';
	return bytes;
}

static const char *const local_shell[] = {"env", NULL};

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
		cmocka_unit_test(what_gives_no_shell_is_unreachable),
		cmocka_unit_test(a_root_that_is_closed_is_named),
	};

	snprintf(run_id, sizeof(run_id), "station-%d", (int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
