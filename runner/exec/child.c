/* child.c - see child.h. */
#include "runner/exec/child.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/exec/spawn.h"
#include "runner/exec/tree.h"
#include "shards/base/mem.h"

#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_SECOND UINT64_C(1000000000)

enum {
	DRAIN_MS = 500, /* for output that others still hold, and for others to go by themselves */
	KILL_ROUND_MS = 5,
	KILL_ROUNDS_MAX = 2000,
	READ_BYTES = 64 * 1024,
	READS_PER_TURN = 16,
	LEAKED_MAX_BYTES = 1024,
	START_TRIES = 7,
	START_WAIT_MS = 50, /* doubled with each try: 50 ms to 3.2 s */
	TREE_DEPTH_MAX = 64,
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* ---- start ---- */

/* Both folders; their parents are the coordinator's. */
static bool make_folders(struct child *child)
{
	const char *const paths[] = {child->start.report_dir, child->start.tmp_dir};
	size_t i;

	for (i = 0; i < countof(paths); i++) {
		if (mkdir(paths[i], i == 0 ? 0777 : 0700) == 0 || errno == EEXIST)
			continue;
		snprintf(child->message, sizeof(child->message),
		         "cannot make the folder %.200s: %s", paths[i], strerror(errno));
		return false;
	}
	return true;
}

/* Try until it starts, or until the fault is not one that passes. */
static pid_t start_command(struct child *child, int null_fd, int output_fd)
{
	bool is_temporary = false;
	int try, wait_ms = START_WAIT_MS;
	pid_t pid = -1;

	for (try = 0; try < START_TRIES; try++, wait_ms *= 2) {
		pid = spawn(&child->start, null_fd, output_fd, child->message,
		            sizeof(child->message), &is_temporary);
		if (pid >= 0 || !is_temporary)
			break;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;               /* a child that failed before its exec */
		poll(NULL, 0, wait_ms); /* nothing runs here yet that would have to be watched */
	}
	if (pid >= 0)
		child->message[0] = '\0';
	return pid;
}

static struct mask *make_mask(const struct start *start)
{
	struct text *secrets;
	struct mask *mask;
	size_t count = 0;

	if (start->secrets[0] == NULL)
		return NULL;
	while (start->secrets[count] != NULL)
		count++;
	secrets = mem_calloc(count, sizeof(secrets[0]));
	for (count = 0; start->secrets[count] != NULL; count++)
		secrets[count] = text_from(start->secrets[count]);
	mask = mask_new(secrets, count);
	free(secrets);
	return mask;
}

void child_start(struct child *child, struct start *start, int null_fd)
{
	int pipe_fds[2] = {-1, -1};

	*child = (struct child){.start = *start, .output_fd = -1, .pid = -1};
	*start = (struct start){0};
	child->mask = make_mask(&child->start);
	logfile_init(&child->log, child->start.log_path, child->start.log_max_bytes, child->mask);
	child->started_ns = child->ended_ns = now_ns();
	if (!make_folders(child))
		goto refused;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		snprintf(child->message, sizeof(child->message), "cannot make a pipe: %s",
		         strerror(errno));
		goto refused;
	}
	child->pid = start_command(child, null_fd, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child->pid < 0) {
		close(pipe_fds[0]);
		goto refused;
	}
	child->output_fd = pipe_fds[0];
	fcntl(child->output_fd, F_SETFL, O_NONBLOCK);
	child->started_ns = now_ns();
	if (child->start.limit_ms > 0)
		child->deadline_ns = child->started_ns + child->start.limit_ms * NS_PER_MS;
	child->state = CHILD_RUNNING;
	return;
refused:
	child->was_refused = true;
	child->state = CHILD_ENDED;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Remove what is in the folder `fd`, without following links; closes it. */
static void empty_folder(int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		int sub;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			continue;
		sub = openat(dirfd(dir), entry->d_name,
		             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0 && depth < TREE_DEPTH_MAX)
			empty_folder(sub, depth + 1);
		else if (sub >= 0)
			close(sub);
		unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

static void empty_folder_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty_folder(fd, 0);
}

void child_remove_folder(const char *path)
{
	empty_folder_at(path);
	rmdir(path);
}

void child_deinit(struct child *child)
{
	if (child->start.tmp_dir != NULL)
		empty_folder_at(child->start.tmp_dir);
	if (child->output_fd >= 0)
		close(child->output_fd);
	start_deinit(&child->start);
	free(child->leaked);
	mask_free(child->mask);
	*child = (struct child){.output_fd = -1, .pid = -1, .state = CHILD_ENDED};
}

/* ---- facts ---- */

static void give(const struct child *child, struct text output, child_output_fn on_output,
                 void *data)
{
	if (child->start.wants_output && output.len > 0)
		on_output(data, output);
}

void child_read(struct child *child, child_output_fn on_output, void *data)
{
	static char bytes[READ_BYTES];
	int i;

	for (i = 0; i < READS_PER_TURN && child->output_fd >= 0; i++) {
		ssize_t len = read(child->output_fd, bytes, sizeof(bytes));

		if (len > 0) {
			give(child, logfile_add(&child->log, (struct text){bytes, (size_t)len}),
			     on_output, data);
		} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
			give(child, logfile_end(&child->log), on_output, data);
			close(child->output_fd);
			child->output_fd = -1;
		} else {
			break;
		}
	}
}

static void add_usage(struct child *child, const struct rusage *usage)
{
	uint64_t peak_bytes = (uint64_t)usage->ru_maxrss * 1024;

	child->cpu_ns += (uint64_t)usage->ru_utime.tv_sec * NS_PER_SECOND +
	                 (uint64_t)usage->ru_utime.tv_usec * 1000 +
	                 (uint64_t)usage->ru_stime.tv_sec * NS_PER_SECOND +
	                 (uint64_t)usage->ru_stime.tv_usec * 1000;
	if (child->peak_bytes < peak_bytes)
		child->peak_bytes = peak_bytes;
}

void child_reap(struct child *child)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		add_usage(child, &usage);
		if (pid != child->pid)
			continue;
		/* From here on its group is never signalled: the id may be somebody else's. */
		child->pid = -1;
		child->exited = true;
		child->wait_status = status;
		child->ended_ns = now_ns();
	}
	/* Orphans come to us, the subreaper: no child means that nothing of it is left anywhere. */
	child->has_others = pid == 0 || errno != ECHILD;
}

static void signal_all(struct child *child, int signal_number)
{
	struct tree tree;

	if (child->pid > 0)
		kill(-child->pid, signal_number);
	tree_find(&tree);
	tree_signal(&tree, signal_number, child->pid);
	tree_deinit(&tree);
}

void child_pause(struct child *child)
{
	if (child->state == CHILD_ENDED || child->paused_at_ns > 0)
		return;
	signal_all(child, SIGSTOP);
	child->paused_at_ns = now_ns();
}

void child_resume(struct child *child)
{
	uint64_t pause_ns;

	if (child->paused_at_ns == 0)
		return;
	pause_ns = now_ns() - child->paused_at_ns;
	child->paused_at_ns = 0;
	child->paused_ns += pause_ns;
	if (child->deadline_ns > 0)
		child->deadline_ns += pause_ns;
	signal_all(child, SIGCONT);
}

/* ---- states ---- */

/* Is the state's time over? Looks twice, with a poll between, so that an exit that is already there
 * is heard first. */
static bool is_late(struct child *child)
{
	if (child->deadline_ns == 0 || child->paused_at_ns > 0 || now_ns() < child->deadline_ns) {
		child->has_looked = false;
		return false;
	}
	if (!child->has_looked) {
		child->has_looked = true;
		return false;
	}
	child->has_looked = false;
	return true;
}

static void set_deadline(struct child *child, uint64_t delay_ms)
{
	child->deadline_ns = now_ns() + delay_ms * NS_PER_MS;
	child->has_looked = false;
}

static void enter_stopping(struct child *child, int signal_number)
{
	child_resume(child); /* what stands still cannot obey */
	child->stopped = true;
	signal_all(child, signal_number);
	signal_all(child, SIGCONT);
	set_deadline(child, child->start.grace_ms);
	child->state = CHILD_STOPPING;
}

static void enter_killing(struct child *child)
{
	child_resume(child);
	tree_kill();
	child->kill_round_count++;
	set_deadline(child, KILL_ROUND_MS);
	child->state = CHILD_KILLING;
}

static void enter_kept(struct child *child)
{
	child->deadline_ns = 0;
	child->state = CHILD_KEPT;
}

static bool leaves_something(const struct child *child)
{
	return child->start.keeps_rest && child->has_others && WIFEXITED(child->wait_status) &&
	       WEXITSTATUS(child->wait_status) == 0;
}

static void enter_draining(struct child *child)
{
	set_deadline(child, DRAIN_MS);
	child->state = CHILD_DRAINING;
}

/* What still runs after the command and its drain time. */
static void name_leaked(struct child *child)
{
	struct text_buf names;
	struct tree tree;

	tree_find(&tree);
	text_buf_init(&names, LEAKED_MAX_BYTES);
	tree_name(&tree, child->mask, &names);
	child->leaked_count = (uint32_t)tree.count;
	child->leaked = text_buf_steal(&names);
	tree_deinit(&tree);
}

static void enter_ended(struct child *child)
{
	child->deadline_ns = 0;
	child->state = CHILD_ENDED;
}

/* When it must die at once, stopping goes on to killing in the same step. */
static void step_running(struct child *child, bool late)
{
	if (child->exited && leaves_something(child))
		enter_kept(child);
	else if (child->exited)
		enter_draining(child);
	else if (child->must_die)
		enter_stopping(child, SIGKILL);
	else if (child->stop_signal != 0)
		enter_stopping(child, child->stop_signal);
	else if (late) {
		child->timed_out = true;
		enter_stopping(child,
		               child->start.stop_signal != 0 ? child->start.stop_signal : SIGTERM);
	}
}

static void step_kept(struct child *child)
{
	if (!child->has_others)
		enter_draining(child);
	else if (child->must_die)
		enter_stopping(child, SIGKILL);
	else if (child->stop_signal != 0)
		enter_stopping(child, child->stop_signal);
}

void child_step(struct child *child)
{
	bool late = is_late(child);
	bool is_gone = child->exited && !child->has_others;
	bool is_urgent, has_leaked;

	if (child->state == CHILD_RUNNING) {
		step_running(child, late);
		late = false; /* its limit was: the grace that follows begins now */
	} else if (child->state == CHILD_KEPT) {
		step_kept(child);
		late = false;
	}
	is_urgent = late || child->must_die;
	has_leaked = child->state == CHILD_DRAINING && child->has_others && is_urgent;
	if (has_leaked)
		name_leaked(child);
	if (has_leaked || (child->state == CHILD_STOPPING && is_urgent && !is_gone) ||
	    (child->state == CHILD_KILLING && late && !is_gone))
		enter_killing(child);
	if (child->must_die)
		child->stopped |= !child->exited;
	if (child->kill_round_count > KILL_ROUNDS_MAX)
		is_gone = child->output_fd < 0 || late; /* it hangs in the kernel: leave it there */
	if (child->state == CHILD_ENDED || child->state == CHILD_RUNNING ||
	    child->state == CHILD_KEPT || !is_gone)
		return;
	/* No process is left, so all output is in the pipe, unless somebody else was given it. */
	if (child->output_fd < 0 || late)
		enter_ended(child);
}

int child_wait_ms(const struct child *child)
{
	uint64_t now = now_ns();
	uint64_t wait_ms;

	if (child->deadline_ns == 0 || child->paused_at_ns > 0)
		return -1;
	if (child->deadline_ns <= now)
		return child->has_looked ? 1 : 0;
	wait_ms = (child->deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS;
	return wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX;
}

/* ---- the end ---- */

struct ending child_finish(struct child *child)
{
	struct ending ending = {.exit_code = -1, .message = child->message, .leaked = ""};

	assert(child->state == CHILD_ENDED);
	ending.dropped_bytes = logfile_finish(&child->log);
	ending.output_bytes = child->log.total_bytes;
	if (child->was_refused) {
		ending.kind = ENDING_REFUSED;
		return ending;
	}
	if (WIFEXITED(child->wait_status))
		ending.exit_code = WEXITSTATUS(child->wait_status);
	if (WIFSIGNALED(child->wait_status)) {
		ending.signal = WTERMSIG(child->wait_status);
		ending.core_dumped = WCOREDUMP(child->wait_status);
	}
	ending.kind = ending.signal != 0 && !child->stopped ? ENDING_CRASHED : ENDING_RESULT;
	if (child->stopped && !child->timed_out)
		ending.kind = ENDING_CANCELLED;
	ending.timed_out = child->timed_out;
	ending.stopped = child->stopped;
	ending.elapsed_ns = child->ended_ns - child->started_ns - child->paused_ns;
	ending.cpu_ns = child->cpu_ns;
	ending.peak_bytes = child->peak_bytes;
	ending.leaked_count = child->leaked_count;
	if (child->leaked != NULL)
		ending.leaked = child->leaked;
	return ending;
}
