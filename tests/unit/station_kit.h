/* station_kit.h - a loop, the shell driver and tasks for it, with shells of this machine as nodes.
 */
#ifndef TESTS_STATION_KIT_H
#define TESTS_STATION_KIT_H
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
	char told[TEXT_BYTES];
	int silence_count; /* signs of life without news */
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
	void (*on_ready)(struct theatre *theatre); /* before any slot is */
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
	if (theatre->on_ready != NULL)
		theatre->on_ready(theatre);
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

/* A file that the first line makes in the theatre's folder; NULL: none. */
static const char *on_told_makes;

static void make_file(const char *name)
{
	char path[PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", stage->folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void on_told(const struct assignment *assignment, struct text lines)
{
	struct task *task = assignment->data;
	size_t len = strlen(task->told);

	assert_int_equal(task->ended_count, 0);
	task->silence_count += lines.len == 0;
	snprintf(task->told + len, sizeof(task->told) - len, "%.*s", TEXT_ARG(lines));
	if (on_told_makes != NULL && lines.len > 0)
		make_file(on_told_makes);
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
	                                         .on_told = on_told,
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

static inline char *content(const char *folder, const char *name)
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
#endif
