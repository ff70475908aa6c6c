/* capture.c - one supervised command to its end, waiting for it: exec_capture(). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/frame.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

extern char **environ;

enum { READ_BYTES = 64 * 1024, GRACE_MS = 1000, LOG_MAX_BYTES = 256 * 1024 * 1024 };

/* The supervisor, reached over a socket; -1 with the fault told. */
static int start_supervisor(pid_t *ret_pid, struct tanda_error *error)
{
	char *args[] = {(char *)"tanda", (char *)"__supervise", NULL};
	posix_spawn_file_actions_t actions;
	int fds[2], fault;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		tanda_error_set(error, NULL, "a socket cannot be made: %s", strerror(errno));
		return -1;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDIN_FILENO);
	fault = posix_spawn(ret_pid, "/proc/self/exe", &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (fault != 0) {
		tanda_error_set(error, NULL, "a supervisor cannot be started: %s", strerror(fault));
		close(fds[0]);
		return -1;
	}
	return fds[0];
}

static bool send_all(int fd, struct text bytes)
{
	while (bytes.len > 0) {
		ssize_t len = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (len < 0 && errno != EINTR)
			return false;
		if (len > 0)
			bytes = text_from_offset(bytes, (size_t)len);
	}
	return true;
}

/* Read frames until the command has ended; false when the supervisor is gone before. */
static bool wait_for_end(int fd, struct ending *ret_ending, char **ret_message, char **ret_leaked)
{
	static char bytes[READ_BYTES];
	struct text_buf incoming;
	bool has_ended = false;

	text_buf_init(&incoming, FRAME_MAX_BYTES);
	while (!has_ended) {
		ssize_t len = read(fd, bytes, sizeof(bytes));
		struct text rest;
		struct frame frame;

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		text_buf_add(&incoming, (struct text){bytes, (size_t)len});
		rest = text_buf_text(&incoming);
		while ((len = frame_find(rest, &frame)) > 0) {
			if (frame.kind == FRAME_ENDED)
				has_ended = frame_read_ended(frame.body, ret_ending, ret_message,
				                             ret_leaked);
			rest = text_from_offset(rest, (size_t)len);
		}
		memmove(incoming.ptr, rest.ptr != NULL ? rest.ptr : incoming.ptr, rest.len);
		incoming.len = rest.len;
	}
	text_buf_deinit(&incoming);
	return has_ended;
}

static int read_log(const char *path, struct text_buf *output, struct tanda_error *error)
{
	static char bytes[READ_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len;

	if (fd < 0)
		return 0; /* it printed nothing */
	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		text_buf_add(output, (struct text){bytes, (size_t)len});
	close(fd);
	if (!output->overflowed)
		return 0;
	tanda_error_set(error, NULL, "its output is over %zu bytes", output->max);
	return -1;
}

static int judge(const struct ending *ending, const char *command, uint64_t limit_ms,
                 struct tanda_error *error)
{
	if (ending->kind == ENDING_REFUSED)
		tanda_error_set(error, NULL, "%s", ending->message);
	else if (ending->timed_out)
		tanda_error_set(error, NULL, "'%s' was not done after %llu s", command,
		                (unsigned long long)(limit_ms / 1000));
	else if (ending->signal != 0)
		tanda_error_set(error, NULL, "'%s' was killed by signal %d", command,
		                ending->signal);
	else
		return 0;
	return -1;
}

/* Run it with its folders under `folder`, which is the caller's to remove. */
static int run(const struct assignment *assignment, struct ending *ret_ending, char **ret_message,
               char **ret_leaked, struct tanda_error *error)
{
	struct text_buf bytes;
	int status = -1, fd;
	pid_t pid;

	fd = start_supervisor(&pid, error);
	if (fd < 0)
		return -1;
	text_buf_init(&bytes, FRAME_MAX_BYTES);
	frame_add_start(&bytes, assignment, NULL);
	if (send_all(fd, text_buf_text(&bytes)) &&
	    wait_for_end(fd, ret_ending, ret_message, ret_leaked))
		status = 0;
	else
		tanda_error_set(error, NULL, "the supervisor of '%s' was killed",
		                assignment->argv[0]);
	text_buf_clear(&bytes);
	frame_add(&bytes, FRAME_BYE, TEXT_EMPTY);
	(void)send_all(fd, text_buf_text(&bytes));
	text_buf_deinit(&bytes);
	close(fd); /* the supervisor ends with its socket */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int capture(const struct assignment *wanted, struct text_buf *ret_output, int *ret_exit_code,
                   struct tanda_error *error)
{
	const char *base = getenv("TMPDIR");
	char *folder =
		mem_printf("%s/tanda-XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");
	char *log_path = NULL, *tmp_dir = NULL, *report_dir = NULL;
	char *message = NULL, *leaked = NULL;
	struct assignment assignment = *wanted;
	struct ending ending;
	int status = -1;

	assignment.key = "capture";
	assignment.grace_ms = GRACE_MS;
	assignment.log_max_bytes = LOG_MAX_BYTES;
	if (mkdtemp(folder) == NULL) {
		tanda_error_set(error, folder, "a temporary folder cannot be made: %s",
		                strerror(errno));
		free(folder);
		return -1;
	}
	log_path = mem_printf("%s/output", folder);
	tmp_dir = mem_printf("%s/tmp", folder);
	report_dir = mem_printf("%s/report", folder);
	assignment.log_path = log_path;
	assignment.tmp_dir = tmp_dir;
	assignment.run_dir = folder;
	assignment.report_dir = report_dir;
	if (run(&assignment, &ending, &message, &leaked, error) == 0 &&
	    judge(&ending, assignment.argv[0], assignment.limit_ms, error) == 0) {
		*ret_exit_code = ending.exit_code;
		status = read_log(log_path, ret_output, error);
	}
	unlink(log_path);
	rmdir(report_dir);
	rmdir(tmp_dir);
	rmdir(folder);
	free(message);
	free(leaked);
	free(log_path);
	free(tmp_dir);
	free(report_dir);
	free(folder);
	return status;
}

int exec_capture(const char *const *argv, const char *const *env, const char *dir,
                 uint64_t limit_ms, struct text_buf *ret_output, int *ret_exit_code,
                 struct tanda_error *error)
{
	return capture(&(struct assignment){.argv = argv,
	                                    .env = env,
	                                    .dir = dir,
	                                    .limit_ms = limit_ms,
	                                    .drops_stderr = true},
	               ret_output, ret_exit_code, error);
}

int exec_capture_all(const char *const *argv, const char *const *env, const char *dir,
                     uint64_t limit_ms, struct text_buf *ret_output, int *ret_exit_code,
                     struct tanda_error *error)
{
	return capture(
		&(struct assignment){.argv = argv, .env = env, .dir = dir, .limit_ms = limit_ms},
		ret_output, ret_exit_code, error);
}
