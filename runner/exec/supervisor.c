/* supervisor.c - the process that owns everything a worker starts: hidden verb `__supervise`.
 *
 * A plain poll() loop and not libuv: libuv reaps only the children it knows, and the orphans that a
 * subreaper adopts would stay zombies. One socket, standard input, joins it with the coordinator;
 * when that closes, for whatever reason, the supervisor kills what it has and ends. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/exec/child.h"
#include "runner/exec/driver.h"
#include "runner/exec/frame.h"
#include "runner/exec/tree.h"
#include "shards/base/mem.h"

enum {
	CONTROL_READ_BYTES = 64 * 1024,
	OUTPUT_PENDING_MAX_BYTES =
		256 * 1024, /* live output beyond it is dropped; the log has it */
	LAST_KILL_ROUNDS = 400,
	LAST_KILL_ROUND_MS = 5,
};

struct supervisor {
	int control_fd;
	int signal_fd;
	int null_fd;
	bool control_ended;
	bool was_dismissed; /* whoever closed the socket lives */
	bool has_child;
	struct child child;
	char *run_dir; /* of the last start; NULL: there was none */
	struct text_buf incoming;
	struct text_buf outgoing;
};

static int open_signals(void)
{
	static const int ignored[] = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGTSTP,
	                              SIGTTIN, SIGTTOU, SIGPIPE, SIGUSR1, SIGUSR2};
	sigset_t mask;
	size_t i;

	/* A terminal's ^C, a CI server's abort and a test's `kill 0` are the coordinator's to
	 * answer. */
	for (i = 0; i < countof(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool supervisor_open(struct supervisor *s)
{
	*s = (struct supervisor){.control_fd = -1};
	text_buf_init(&s->incoming, (size_t)FRAME_MAX_BYTES + CONTROL_READ_BYTES);
	text_buf_init(&s->outgoing, FRAME_MAX_BYTES);
	/* What tanda was started with open is not for its tests. An old kernel leaves it open. */
	(void)close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s->signal_fd = open_signals();
	s->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	s->control_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (s->signal_fd < 0 || s->null_fd < 0 || s->control_fd < 0)
		return false;
	dup2(s->null_fd, STDIN_FILENO);
	dup2(s->null_fd, STDOUT_FILENO);
	fcntl(s->control_fd, F_SETFL, O_NONBLOCK);
	return true;
}

static void send_pending(struct supervisor *s)
{
	size_t sent = 0;

	while (sent < s->outgoing.len) {
		ssize_t len = write(s->control_fd, s->outgoing.ptr + sent, s->outgoing.len - sent);

		if (len > 0)
			sent += (size_t)len;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR) {
			s->control_ended = true;
			sent = s->outgoing.len;
		}
	}
	if (sent > 0)
		memmove(s->outgoing.ptr, s->outgoing.ptr + sent, s->outgoing.len - sent);
	s->outgoing.len -= sent;
}

static void on_child_output(void *data, struct text output)
{
	struct supervisor *s = data;

	if (s->outgoing.len < OUTPUT_PENDING_MAX_BYTES)
		frame_add(&s->outgoing, FRAME_OUTPUT, output);
}

static void start_child(struct supervisor *s, struct text body)
{
	struct start start;

	if (s->has_child || !frame_read_start(body, &start)) {
		s->control_ended = true; /* this is not our coordinator */
		return;
	}
	free(s->run_dir);
	s->run_dir = mem_strdup(start.run_dir);
	child_start(&s->child, &start, s->null_fd);
	s->has_child = true;
	if (s->child.state != CHILD_ENDED)
		frame_add_started(&s->outgoing, s->child.pid);
}

static void take_frame(struct supervisor *s, const struct frame *frame)
{
	int64_t number;

	if (frame->kind == FRAME_START)
		start_child(s, frame->body);
	s->was_dismissed |= frame->kind == FRAME_BYE;
	if (!s->has_child)
		return;
	if (frame->kind == FRAME_STOP && frame_read_number(frame->body, &number))
		s->child.stop_signal = (int)number;
	else if (frame->kind == FRAME_KILL)
		s->child.must_die = true;
	else if (frame->kind == FRAME_PAUSE)
		child_pause(&s->child);
	else if (frame->kind == FRAME_RESUME)
		child_resume(&s->child);
}

static void take_frames(struct supervisor *s)
{
	struct text rest = text_buf_text(&s->incoming);
	struct frame frame;
	ssize_t len;

	while ((len = frame_find(rest, &frame)) > 0) {
		take_frame(s, &frame);
		rest = text_from_offset(rest, (size_t)len);
	}
	if (len < 0)
		s->control_ended = true;
	if (rest.len > 0)
		memmove(s->incoming.ptr, rest.ptr, rest.len);
	s->incoming.len = rest.len;
}

static void read_control(struct supervisor *s)
{
	static char bytes[CONTROL_READ_BYTES];
	ssize_t len = read(s->control_fd, bytes, sizeof(bytes));

	if (len > 0) {
		text_buf_add(&s->incoming, (struct text){bytes, (size_t)len});
		take_frames(s);
	} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		s->control_ended = true;
	}
}

static void read_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) > 0)
		;
}

static void end_child(struct supervisor *s)
{
	struct ending ending = child_finish(&s->child);

	frame_add_ended(&s->outgoing, &ending);
	send_pending(s); /* the coordinator can go on while its folder is removed */
	child_deinit(&s->child);
	s->has_child = false;
}

static void step_child(struct supervisor *s)
{
	bool was_kept = s->child.state == CHILD_KEPT;

	child_step(&s->child);
	if (s->child.state == CHILD_KEPT && !was_kept)
		frame_add(&s->outgoing, FRAME_LEFT, TEXT_EMPTY);
	if (s->child.state == CHILD_ENDED)
		end_child(s);
}

/* Wait for the next facts, record them, take the step that they allow. */
static void turn(struct supervisor *s)
{
	bool is_sending = s->outgoing.len > 0;
	struct pollfd fds[] = {
		{.fd = s->control_fd, .events = (short)(POLLIN | (is_sending ? POLLOUT : 0))},
		{.fd = s->signal_fd, .events = POLLIN},
		{.fd = s->has_child ? s->child.output_fd : -1, .events = POLLIN},
	};

	if (poll(fds, countof(fds), s->has_child ? child_wait_ms(&s->child) : -1) < 0)
		return; /* EINTR: look again */
	if (fds[1].revents != 0)
		read_signals(s);
	if (s->has_child && fds[2].revents != 0)
		child_read(&s->child, on_child_output, s);
	if (s->has_child && fds[1].revents != 0)
		child_reap(&s->child);
	if (fds[0].revents != 0)
		read_control(s);
	if (s->has_child)
		step_child(s);
	send_pending(s);
}

/* The coordinator is gone: leave nothing behind. */
static void kill_everything(struct supervisor *s)
{
	int round;

	for (round = 0; round < LAST_KILL_ROUNDS; round++) {
		tree_kill();
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			break;
		poll(NULL, 0, LAST_KILL_ROUND_MS);
	}
	if (s->has_child) {
		s->child.state = CHILD_ENDED;
		(void)child_finish(&s->child); /* what was written of its log */
		child_deinit(&s->child);
	}
	/* Of a coordinator that was killed; the last supervisor finds what the others could not. */
	if (!s->was_dismissed && s->run_dir != NULL && s->run_dir[0] != '\0')
		child_remove_folder(s->run_dir);
	free(s->run_dir);
}

int supervisor_main(void)
{
	static struct supervisor s;

	if (!supervisor_open(&s))
		return 70;
	while (!s.control_ended)
		turn(&s);
	kill_everything(&s);
	text_buf_deinit(&s.incoming);
	text_buf_deinit(&s.outgoing);
	return 0;
}
