/* test_local.c - the local driver and its supervisors, against everything that a test may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/exec/tree.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { JOBS_MAX = 512, PATH_BYTES = 512, MESSAGE_BYTES = 512 };

/* One command to run, and what came of it. */
struct job {
	struct assignment assignment;
	const char *argv[4];
	char report_dir[PATH_BYTES], tmp_dir[PATH_BYTES], log_path[PATH_BYTES];
	struct ending ending;
	char message[MESSAGE_BYTES], leaked[MESSAGE_BYTES];
	int started_count, left_count, ended_count;
	uint64_t live_bytes;
};

/* A stage: a loop, a driver, and jobs that wait for slots. */
struct stage {
	char folder[64];
	struct loop *loop;
	struct driver *driver;
	struct job *jobs;
	uint32_t job_count, next_job, ended_count;
	struct loop_timer *timer;
	void (*on_timer)(struct stage *stage);
	void (*on_job_started)(struct stage *stage, struct job *job);
};

/* Unique among all runs on the machine, as what is left of it is looked for everywhere. */
static char run_id[32], run_id_entry[64];

static struct stage *the_stage; /* assignments know their job, jobs their stage */

static void on_opened(void *data, const struct node_answer *answer)
{
	struct stage *stage = data;

	assert_true(answer->is_reachable);
	stage->driver->ops->prepare(stage->driver);
}

static void on_prepared(void *data, const struct node_readiness *readiness)
{
	(void)data;
	assert_true(readiness->is_ready);
}

static void submit_next(struct stage *stage, uint32_t slot)
{
	struct job *job;

	if (stage->next_job >= stage->job_count)
		return;
	job = &stage->jobs[stage->next_job++];
	job->assignment.slot = slot;
	stage->driver->ops->submit(stage->driver, &job->assignment);
}

static void on_slot_ready(void *data, uint32_t slot)
{
	submit_next(data, slot);
}

static void on_slot_lost(void *data, uint32_t slot, const char *why)
{
	(void)data;
	fail_msg("slot %u lost: %s", slot, why);
}

static void on_started(const struct assignment *assignment, const char *handle)
{
	struct job *job = assignment->data;

	(void)handle;
	job->started_count++;
	if (the_stage->on_job_started != NULL)
		the_stage->on_job_started(the_stage, job);
}

static void on_output(const struct assignment *assignment, struct text output)
{
	struct job *job = assignment->data;

	job->live_bytes += output.len;
}

/* What it left is alive at this moment, and ends only now. */
static void on_left(const struct assignment *assignment)
{
	struct job *job = assignment->data;

	job->left_count++;
	assert_int_equal(job->ended_count, 0);
	the_stage->driver->ops->cancel(the_stage->driver, assignment, DRIVER_STOP_ORDERLY, SIGTERM);
}

static void on_ended(const struct assignment *assignment, const struct ending *ending)
{
	struct job *job = assignment->data;

	job->ended_count++;
	job->ending = *ending;
	snprintf(job->message, sizeof(job->message), "%s", ending->message);
	snprintf(job->leaked, sizeof(job->leaked), "%s", ending->leaked);
	if (++the_stage->ended_count == the_stage->job_count)
		the_stage->driver->ops->close(the_stage->driver);
}

static void on_closed(void *data)
{
	struct stage *stage = data;

	loop_timer_stop(stage->timer);
}

static void on_timer(void *data)
{
	struct stage *stage = data;

	stage->on_timer(stage);
}

static void stage_init(struct stage *stage, uint32_t job_count)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	*stage = (struct stage){.folder = "/tmp/tanda-unit-XXXXXX", .job_count = job_count};
	the_stage = stage;
	assert_non_null(mkdtemp(stage->folder));
	assert_int_equal(loop_new(&stage->loop, &error), 0);
	stage->timer = loop_timer_new(stage->loop, on_timer, stage);
	stage->jobs = mem_calloc(job_count, sizeof(stage->jobs[0]));
}

static const char *const job_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", run_id_entry,
                                      "TANDA_WORKER=0", NULL};

/* Job number `index` runs a shell script. */
static struct job *script(struct stage *stage, uint32_t index, const char *text)
{
	struct job *job = &stage->jobs[index];

	snprintf(job->report_dir, sizeof(job->report_dir), "%s/r%u", stage->folder, index);
	snprintf(job->tmp_dir, sizeof(job->tmp_dir), "%s/t%u", stage->folder, index);
	snprintf(job->log_path, sizeof(job->log_path), "%s/l%u", stage->folder, index);
	job->argv[0] = "sh";
	job->argv[1] = "-c";
	job->argv[2] = text;
	job->assignment = (struct assignment){
		.key = "k",
		.argv = job->argv,
		.env = job_env,
		.dir = stage->folder,
		.report_dir = job->report_dir,
		.tmp_dir = job->tmp_dir,
		.log_path = job->log_path,
		.limit_ms = 20000,
		.grace_ms = 300,
		.log_max_bytes = 1024 * 1024,
		.data = job,
	};
	return job;
}

static void stage_run(struct stage *stage, uint32_t slot_count)
{
	const struct driver_listener listener = {.on_opened = on_opened,
	                                         .on_prepared = on_prepared,
	                                         .on_slot_ready = on_slot_ready,
	                                         .on_slot_lost = on_slot_lost,
	                                         .on_started = on_started,
	                                         .on_output = on_output,
	                                         .on_left = on_left,
	                                         .on_ended = on_ended,
	                                         .on_closed = on_closed,
	                                         .data = stage};
	const struct node_setup setup = {
		.kind = NODE_LOCAL, .name = "local", .run_id = run_id, .executors = slot_count};
	struct tanda_error error = TANDA_ERROR_INIT;
	uint32_t i;

	assert_int_equal(driver_new(stage->loop, &listener, &setup, &stage->driver, &error), 0);
	stage->driver->ops->open(stage->driver);
	loop_run(stage->loop);
	for (i = 0; i < stage->job_count; i++)
		assert_int_equal(stage->jobs[i].ended_count, 1);
}

/* Is any process of our run alive? */
static bool anything_left(void)
{
	char command[128], line[256];
	bool found = false;
	FILE *pipe;

	snprintf(command, sizeof(command), "grep -lzs %s /proc/[0-9]*/environ", run_id_entry);
	pipe = popen(command, "r");
	while (fgets(line, sizeof(line), pipe) != NULL)
		found |= strstr(line, "self") == NULL;
	pclose(pipe);
	return found;
}

static void stage_end(struct stage *stage)
{
	char command[128];

	stage->driver->ops->free(stage->driver);
	loop_timer_free(stage->timer);
	loop_free(stage->loop);
	free(stage->jobs);
	assert_false(anything_left());
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie of ours */
	snprintf(command, sizeof(command), "rm -rf %s", stage->folder);
	assert_int_equal(system(command), 0);
}

static struct job run_one(const char *text)
{
	struct stage stage;
	struct job job;

	stage_init(&stage, 1);
	script(&stage, 0, text);
	stage_run(&stage, 1);
	job = stage.jobs[0];
	stage_end(&stage);
	return job;
}

static void exit_codes_and_signals_are_told_exactly(void **state)
{
	struct job job;

	(void)state;
	job = run_one("exit 3");
	assert_int_equal(job.ending.kind, ENDING_RESULT);
	assert_int_equal(job.ending.exit_code, 3);
	assert_int_equal(job.started_count, 1);
	job = run_one("kill -SEGV $$");
	assert_int_equal(job.ending.kind, ENDING_CRASHED);
	assert_int_equal(job.ending.signal, SIGSEGV);
	job = run_one("kill -40 $$");
	assert_int_equal(job.ending.signal, 40);
}

static struct job run_program(const char *program, const char *dir)
{
	struct stage stage;
	struct job job;

	stage_init(&stage, 1);
	script(&stage, 0, "");
	stage.jobs[0].argv[0] = program;
	stage.jobs[0].argv[1] = NULL;
	if (dir != NULL)
		stage.jobs[0].assignment.dir = dir;
	stage_run(&stage, 1);
	job = stage.jobs[0];
	stage_end(&stage);
	return job;
}

static void write_program(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void start_faults_name_the_program_and_the_remedy(void **state)
{
	char path[] = "/tmp/tanda-unit-program";
	struct job job;

	(void)state;
	job = run_program("no-such-program", NULL);
	assert_int_equal(job.ending.kind, ENDING_REFUSED);
	assert_int_equal(job.started_count, 0);
	assert_non_null(strstr(job.message, "'no-such-program': it is not in PATH"));
	job = run_program("/nonexistent/x", NULL);
	assert_non_null(strstr(job.message, "No such file"));
	write_program(path, "#!/no/such/interpreter\n", 0755);
	job = run_program(path, NULL);
	assert_non_null(strstr(job.message, "interpreter"));
	unlink(path);
	write_program(path,
	              "\x7f"
	              "ELFnonsense",
	              0755);
	job = run_program(path, NULL);
	assert_non_null(strstr(job.message, "no program for this machine"));
	unlink(path);
	write_program(path, "#!/bin/sh\n", 0644);
	job = run_program(path, NULL);
	assert_non_null(strstr(job.message, "chmod +x"));
	unlink(path);
	job = run_program("sh", "/nonexistent-folder");
	assert_non_null(strstr(job.message, "/nonexistent-folder"));
}

static void flood_keeps_head_and_tail_within_the_cap(void **state)
{
	struct stage stage;
	struct stat status;
	char *bytes;
	int fd;

	(void)state;
	stage_init(&stage, 1);
	script(&stage, 0, "echo first; head -c 50000000 /dev/zero; echo last");
	stage_run(&stage, 1);
	assert_int_equal(stage.jobs[0].ending.output_bytes, 50000000 + 11);
	assert_true(stage.jobs[0].ending.dropped_bytes > 48000000);
	assert_int_equal(stat(stage.jobs[0].log_path, &status), 0);
	assert_true(status.st_size < 1024 * 1024 + 100);
	bytes = mem_calloc((size_t)status.st_size + 1, 1);
	fd = open(stage.jobs[0].log_path, O_RDONLY);
	assert_int_equal(read(fd, bytes, (size_t)status.st_size), status.st_size);
	close(fd);
	assert_memory_equal(bytes, "first\n", 6);
	assert_memory_equal(bytes + status.st_size - 5, "last\n", 5);
	assert_non_null(memmem(bytes, (size_t)status.st_size, "tanda: dropped", 14));
	free(bytes);
	stage_end(&stage);
}

static void end_of_output_is_not_the_end(void **state)
{
	struct job job = run_one("exec >&- 2>&-; sleep 0.3; exit 3");

	(void)state;
	assert_int_equal(job.ending.exit_code, 3);
	assert_true(job.ending.elapsed_ns > 290000000);
}

static void processes_that_outlive_the_command_are_named_and_killed(void **state)
{
	static const char *const scripts[] = {
		"sleep 300 & echo hi",                  /* holds the pipe */
		"sleep 300 >/dev/null 2>&1 &",          /* does not */
		"(setsid sleep 300 >/dev/null 2>&1 &)", /* its own session */
		"(setsid sh -c '(setsid sleep 300 &)' >/dev/null 2>&1 &) ; sleep 0.1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(scripts); i++) {
		struct job job = run_one(scripts[i]);

		assert_int_equal(job.ending.kind, ENDING_RESULT);
		assert_int_equal(job.ending.exit_code, 0);
		assert_true(job.ending.leaked_count >= 1);
		assert_non_null(strstr(job.leaked, "sleep 300"));
		assert_true(job.ending.elapsed_ns < 2000000000);
	}
}

static void adopted_zombies_are_reaped(void **state)
{
	struct job job = run_one("for i in $(seq 200); do (setsid true &) ; done; "
	                         "sleep 0.3; p=$PPID; grep -l \"PPid:.$p\" /proc/[0-9]*/status "
	                         "2>/dev/null | xargs grep -l 'State:.Z' | wc -l");

	(void)state;
	assert_int_equal(job.ending.exit_code, 0);
	assert_int_equal(job.ending.leaked_count, 0);
}

static void limit_ends_with_term_then_kill(void **state)
{
	struct stage stage;
	uint32_t i;

	(void)state;
	stage_init(&stage, 4);
	script(&stage, 0, "sleep 60");
	script(&stage, 1, "trap '' TERM; while :; do sleep 0.1; done");
	script(&stage, 2, "kill -STOP $$; sleep 60");
	script(&stage, 3, "trap 'sleep 99 & sleep 99 &' TERM; sleep 99; sleep 99");
	for (i = 0; i < 4; i++)
		stage.jobs[i].assignment.limit_ms = 300;
	stage_run(&stage, 4);
	for (i = 0; i < 4; i++) {
		assert_true(stage.jobs[i].ending.timed_out);
		assert_true(stage.jobs[i].ending.stopped);
		assert_true(stage.jobs[i].ending.elapsed_ns < 3000000000);
	}
	assert_int_equal(stage.jobs[0].ending.signal, SIGTERM);
	assert_int_equal(stage.jobs[1].ending.signal, SIGKILL);
	stage_end(&stage);
}

static void child_that_kills_its_group_or_parent_hurts_only_itself(void **state)
{
	struct job job = run_one("kill -TERM 0; sleep 9");

	(void)state;
	assert_int_equal(job.ending.signal, SIGTERM);
	job = run_one("kill -TERM $PPID; exit 4");
	assert_int_equal(job.ending.exit_code, 4);
}

static void killed_supervisor_ends_its_command_and_is_replaced(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, 2);
	script(&stage, 0, "(setsid sleep 300 >/dev/null 2>&1 &); kill -KILL $PPID; sleep 9");
	script(&stage, 1, "exit 5");
	stage_run(&stage, 1);
	assert_int_equal(stage.jobs[0].ending.kind, ENDING_CRASHED);
	assert_non_null(strstr(stage.jobs[0].message, "supervisor was killed"));
	assert_int_equal(stage.jobs[1].ending.exit_code, 5);
	stage_end(&stage);
}

static void command_starts_with_clean_signals_files_and_input(void **state)
{
	struct job job;

	(void)state;
	signal(SIGINT, SIG_IGN);
	/* By exec: a shell blocks signals of its own while it waits. */
	job = run_one("exec grep -q 'SigIgn:.0000000000000000' /proc/self/status");
	assert_int_equal(job.ending.exit_code, 0);
	job = run_one("exec grep -q 'SigBlk:.0000000000000000' /proc/self/status");
	signal(SIGINT, SIG_DFL);
	assert_int_equal(job.ending.exit_code, 0);
	job = run_one("test $(ls /proc/self/fd | wc -l) -le 4"); /* 0, 1, 2 and ls's own */
	assert_int_equal(job.ending.exit_code, 0);
	job = run_one("test -z \"$(cat)\" && ! (true </dev/tty) 2>/dev/null");
	assert_int_equal(job.ending.exit_code, 0);
}

static void own_temporary_folder_is_private_and_empty_afterwards(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, 1);
	script(&stage, 0,
	       "cd t0 && test $(stat -c %a .) = 700 && mkdir -p a/b && touch a/b/c && "
	       "ln -s / root && test -d ../r0");
	stage_run(&stage, 1);
	assert_int_equal(stage.jobs[0].ending.exit_code, 0);
	assert_int_equal(rmdir(stage.jobs[0].tmp_dir), 0);
	assert_int_equal(access("/usr", F_OK), 0);
	stage_end(&stage);
}

static void cancel_when_started(struct stage *stage, struct job *job)
{
	stage->driver->ops->cancel(stage->driver, &job->assignment,
	                           job == &stage->jobs[0] ? DRIVER_STOP_ORDERLY : DRIVER_STOP_NOW,
	                           SIGINT);
}

static void cancelled_is_cancelled_orderly_and_at_once(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, 2);
	script(&stage, 0, "exec sleep 60")->assignment.grace_ms = 5000;
	script(&stage, 1, "trap '' INT TERM; while :; do sleep 1; done");
	stage.on_job_started = cancel_when_started;
	stage_run(&stage, 2);
	assert_int_equal(stage.jobs[0].ending.kind, ENDING_CANCELLED);
	assert_int_equal(stage.jobs[0].ending.signal, SIGINT);
	assert_int_equal(stage.jobs[1].ending.kind, ENDING_CANCELLED);
	assert_int_equal(stage.jobs[1].ending.signal, SIGKILL);
	stage_end(&stage);
}

static void what_is_to_be_kept_has_no_limit_and_ends_when_told(void **state)
{
	static const struct {
		const char *script;
		int left_count;
		int exit_code;
	} cases[] = {
		{"(trap 'exit 0' TERM; sleep 60 & wait) & exit 0", 1, 0},
		{"sleep 60 & exit 3", 0, 3}, /* it failed: nothing of it is wanted */
		{"exit 0", 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct stage stage;

		stage_init(&stage, 1);
		script(&stage, 0, cases[i].script);
		stage.jobs[0].assignment.keeps_rest = true;
		stage_run(&stage, 1);
		assert_int_equal(stage.jobs[0].left_count, cases[i].left_count);
		assert_int_equal(stage.jobs[0].ending.exit_code, cases[i].exit_code);
		assert_false(stage.jobs[0].ending.timed_out);
		stage_end(&stage);
	}
}

static void resume_all(struct stage *stage)
{
	stage->driver->ops->resume(stage->driver);
}

static void pause_when_started(struct stage *stage, struct job *job)
{
	(void)job;
	stage->driver->ops->pause(stage->driver);
	stage->on_timer = resume_all;
	loop_timer_start(stage->timer, 1500);
}

static void pause_counts_neither_for_the_limit_nor_for_the_time(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, 1);
	script(&stage, 0, "i=0; while test $i -lt 30; do sleep 0.01; i=$((i+1)); done");
	stage.jobs[0].assignment.limit_ms = 1400;
	stage.on_job_started = pause_when_started;
	stage_run(&stage, 1);
	assert_false(stage.jobs[0].ending.timed_out);
	assert_int_equal(stage.jobs[0].ending.exit_code, 0);
	assert_true(stage.jobs[0].ending.elapsed_ns < 1400000000);
	stage_end(&stage);
}

static void burst_of_starts_times_nobody_out(void **state)
{
	struct stage stage;
	uint32_t i;

	(void)state;
	stage_init(&stage, 200);
	for (i = 0; i < 200; i++)
		script(&stage, i, "exit 0")->assignment.limit_ms = 2000;
	stage_run(&stage, 8);
	for (i = 0; i < 200; i++) {
		assert_false(stage.jobs[i].ending.timed_out);
		assert_int_equal(stage.jobs[i].ending.exit_code, 0);
	}
	stage_end(&stage);
}

static void live_output_is_forwarded(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, 1);
	script(&stage, 0, "echo hello")->assignment.wants_output = true;
	stage_run(&stage, 1);
	assert_int_equal(stage.jobs[0].live_bytes, 6);
	stage_end(&stage);
}

/* A coordinator that is killed while two commands run, one of them a daemon's parent. */
static void be_coordinator(int ready_fd)
{
	struct stage stage;

	stage_init(&stage, 2);
	script(&stage, 0, "trap '' TERM INT HUP; sleep 300");
	script(&stage, 1, "(setsid sleep 300 &); sleep 300");
	(void)!write(ready_fd, stage.folder, sizeof(stage.folder));
	stage_run(&stage, 2);
	_exit(0);
}

static void killed_coordinator_leaves_no_process(void **state)
{
	char folder[64], command[128];
	int ready[2], tries;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0)
		be_coordinator(ready[1]);
	assert_int_equal(read(ready[0], folder, sizeof(folder)), sizeof(folder));
	for (tries = 0; tries < 200 && !anything_left(); tries++)
		usleep(10000);
	assert_true(anything_left());
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (tries = 0; tries < 200 && anything_left(); tries++)
		usleep(10000);
	assert_false(anything_left());
	close(ready[0]);
	close(ready[1]);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

static void capture_gives_output_exit_code_and_faults(void **state)
{
	const char *const good[] = {"sh", "-c", "echo out; echo err >&2; exit 5", NULL};
	const char *const slow[] = {"sleep", "60", NULL};
	const char *const missing[] = {"no-such-program", NULL};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf output;
	int exit_code;

	(void)state;
	text_buf_init(&output, 1000);
	assert_int_equal(exec_capture(good, job_env, "/", 5000, &output, &exit_code, &error), 0);
	assert_int_equal(exit_code, 5);
	assert_string_equal(output.ptr, "out\n");
	assert_int_equal(exec_capture(slow, job_env, "/", 200, &output, &exit_code, &error), -1);
	assert_non_null(strstr(error.message, "not done"));
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(exec_capture(missing, job_env, "/", 200, &output, &exit_code, &error), -1);
	assert_non_null(strstr(error.message, "not in PATH"));
	text_buf_deinit(&output);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes_and_signals_are_told_exactly),
		cmocka_unit_test(start_faults_name_the_program_and_the_remedy),
		cmocka_unit_test(flood_keeps_head_and_tail_within_the_cap),
		cmocka_unit_test(end_of_output_is_not_the_end),
		cmocka_unit_test(processes_that_outlive_the_command_are_named_and_killed),
		cmocka_unit_test(adopted_zombies_are_reaped),
		cmocka_unit_test(limit_ends_with_term_then_kill),
		cmocka_unit_test(child_that_kills_its_group_or_parent_hurts_only_itself),
		cmocka_unit_test(killed_supervisor_ends_its_command_and_is_replaced),
		cmocka_unit_test(command_starts_with_clean_signals_files_and_input),
		cmocka_unit_test(own_temporary_folder_is_private_and_empty_afterwards),
		cmocka_unit_test(cancelled_is_cancelled_orderly_and_at_once),
		cmocka_unit_test(what_is_to_be_kept_has_no_limit_and_ends_when_told),
		cmocka_unit_test(pause_counts_neither_for_the_limit_nor_for_the_time),
		cmocka_unit_test(burst_of_starts_times_nobody_out),
		cmocka_unit_test(live_output_is_forwarded),
		cmocka_unit_test(killed_coordinator_leaves_no_process),
		cmocka_unit_test(capture_gives_output_exit_code_and_faults),
	};

	if (argc > 1 && strcmp(argv[1], "__supervise") == 0)
		return supervisor_main();
	snprintf(run_id, sizeof(run_id), "unit-%d", (int)getpid());
	snprintf(run_id_entry, sizeof(run_id_entry), "TANDA_RUN_ID=%s", run_id);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
