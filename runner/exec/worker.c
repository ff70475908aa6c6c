/* worker.c - see worker.h. */
#include "runner/exec/worker.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "shards/base/mem.h"

enum { READ_BYTES = 64 * 1024 };

/* Bytes on their way to the supervisor. */
struct sending {
	uv_write_t request;
	char *bytes;
};

static void worker_step(struct worker *worker);

void worker_init(struct worker *worker, uv_loop_t *loop, uint32_t slot,
                 const struct worker_listener *listener, void *data)
{
	*worker = (struct worker){.loop = loop, .slot = slot, .listener = listener, .data = data};
	text_buf_init(&worker->incoming, (size_t)FRAME_MAX_BYTES + READ_BYTES);
}

void worker_deinit(struct worker *worker)
{
	assert(worker->open_handles == 0);
	text_buf_deinit(&worker->incoming);
}

static void on_closed(uv_handle_t *handle)
{
	struct worker *worker = handle->data;

	worker->open_handles--;
	worker_step(worker);
}

static void on_process_exited(uv_process_t *process, int64_t status, int signal_number)
{
	struct worker *worker = process->data;

	(void)status;
	worker->exit_signal = signal_number;
	worker->has_exited = true;
	worker_step(worker);
}

/* A test may stop its supervisor, and nobody would watch its limit any more. Only a stop is asked
 * for here: an exit stays libuv's to reap. */
static void on_child_changed(uv_signal_t *signal, int signal_number)
{
	struct worker *worker = signal->data;
	siginfo_t info = {0};

	(void)signal_number;
	if (worker->has_exited)
		return;
	if (waitid(P_PID, (id_t)worker->process.pid, &info, WSTOPPED | WNOHANG) == 0 &&
	    info.si_pid != 0)
		uv_process_kill(&worker->process, SIGCONT);
}

static void on_buffer_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	static char bytes[READ_BYTES]; /* one thread, and used up before the next read */

	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static void take_ended(struct worker *worker, struct text body)
{
	char *message = NULL, *leaked = NULL;
	struct ending ending;

	if (!frame_read_ended(body, &ending, &message, &leaked)) {
		worker->is_unusable = true;
		return;
	}
	worker->state = WORKER_IDLE;
	worker->listener->on_ended(worker, &ending);
	free(message);
	free(leaked);
}

static void take_frame(struct worker *worker, const struct frame *frame)
{
	bool is_busy = worker->state == WORKER_BUSY;
	int64_t pid;

	if (is_busy && frame->kind == FRAME_STARTED && frame_read_number(frame->body, &pid))
		worker->listener->on_started(worker, pid);
	else if (is_busy && frame->kind == FRAME_OUTPUT)
		worker->listener->on_output(worker, frame->body);
	else if (is_busy && frame->kind == FRAME_LEFT)
		worker->listener->on_left(worker);
	else if (is_busy && frame->kind == FRAME_ENDED)
		take_ended(worker, frame->body);
	else
		worker->is_unusable = true;
}

static void take_frames(struct worker *worker)
{
	/* The listener may submit from within: what came is moved out first. */
	size_t max = worker->incoming.max;
	struct text_buf bytes = worker->incoming;
	struct text rest = text_buf_text(&bytes);
	struct frame frame;
	ssize_t len;

	text_buf_init(&worker->incoming, max);
	while ((len = frame_find(rest, &frame)) > 0) {
		take_frame(worker, &frame);
		rest = text_from_offset(rest, (size_t)len);
	}
	if (len < 0)
		worker->is_unusable = true;
	if (rest.len > 0)
		text_buf_add(&worker->incoming, rest);
	text_buf_deinit(&bytes);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct worker *worker = stream->data;

	if (len > 0) {
		text_buf_add(&worker->incoming, (struct text){buf->base, (size_t)len});
		take_frames(worker);
	} else if (len < 0) {
		worker->is_unusable = true;
	}
	worker_step(worker);
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* The only function that closes handles and leaves CLOSING. */
static void worker_step(struct worker *worker)
{
	if (worker->state == WORKER_DOWN)
		return;
	if (worker->has_exited || worker->is_unusable || worker->was_asked) {
		worker->state = WORKER_CLOSING;
		close_handle((uv_handle_t *)&worker->control);
	}
	if (worker->state != WORKER_CLOSING)
		return;
	if (worker->is_unusable && !worker->has_exited)
		uv_process_kill(&worker->process, SIGKILL); /* its tree is found by environment */
	if (worker->has_exited) { /* closed earlier, libuv would leave a zombie */
		close_handle((uv_handle_t *)&worker->process);
		close_handle((uv_handle_t *)&worker->child_changed);
	}
	if (worker->open_handles == 0) {
		worker->state = WORKER_DOWN;
		worker->listener->on_down(worker, worker->was_asked);
	}
}

int worker_start(struct worker *worker)
{
	char *args[] = {(char *)"tanda", (char *)"__supervise", NULL};
	uv_stdio_container_t stdio[] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE,
	         .data.stream = (uv_stream_t *)&worker->control},
		{.flags = UV_IGNORE},
		{.flags = UV_INHERIT_FD, .data.fd = 2},
	};
	uv_process_options_t options = {
		.file = "/proc/self/exe",
		.args = args,
		.flags = UV_PROCESS_DETACHED, /* a session of its own: no terminal reaches it */
		.stdio = stdio,
		.stdio_count = countof(stdio),
		.exit_cb = on_process_exited,
	};
	int status;

	assert(worker->state == WORKER_DOWN && worker->open_handles == 0);
	uv_pipe_init(worker->loop, &worker->control, 0);
	uv_signal_init(worker->loop, &worker->child_changed);
	worker->control.data = worker;
	worker->process.data = worker;
	worker->child_changed.data = worker;
	worker->open_handles = 3;
	worker->has_exited = worker->is_unusable = worker->was_asked = false;
	worker->exit_signal = 0;
	text_buf_clear(&worker->incoming);
	status = uv_spawn(worker->loop, &worker->process, &options);
	worker->state = status == 0 ? WORKER_IDLE : WORKER_CLOSING;
	if (status < 0) {
		worker->has_exited = true; /* it takes the same road as a death */
		worker_step(worker);
		return status;
	}
	uv_read_start((uv_stream_t *)&worker->control, on_buffer_wanted, on_read);
	uv_signal_start(&worker->child_changed, on_child_changed, SIGCHLD);
	return 0;
}

static void on_sent(uv_write_t *request, int status)
{
	struct sending *sending = request->data;

	(void)status; /* a broken socket shows in on_read too */
	free(sending->bytes);
	free(sending);
}

static void send_bytes(struct worker *worker, struct text_buf *bytes)
{
	struct sending *sending = mem_calloc(1, sizeof(*sending));
	uv_buf_t buf = uv_buf_init(bytes->ptr, (unsigned)bytes->len);

	sending->bytes = text_buf_steal(bytes);
	sending->request.data = sending;
	if (uv_write(&sending->request, (uv_stream_t *)&worker->control, &buf, 1, on_sent) < 0)
		on_sent(&sending->request, -1);
}

void worker_submit(struct worker *worker, const struct assignment *assignment,
                   const struct mask *mask)
{
	struct text_buf bytes;

	assert(worker->state == WORKER_IDLE);
	text_buf_init(&bytes, FRAME_MAX_BYTES);
	frame_add_start(&bytes, assignment, mask);
	worker->assignment = assignment;
	worker->state = WORKER_BUSY;
	send_bytes(worker, &bytes);
	text_buf_deinit(&bytes);
}

static bool can_send(const struct worker *worker)
{
	return worker->state == WORKER_BUSY || worker->state == WORKER_IDLE;
}

void worker_send(struct worker *worker, enum frame_kind kind)
{
	struct text_buf bytes;

	if (!can_send(worker))
		return;
	text_buf_init(&bytes, FRAME_MAX_BYTES);
	frame_add(&bytes, kind, TEXT_EMPTY);
	send_bytes(worker, &bytes);
	text_buf_deinit(&bytes);
}

void worker_send_stop(struct worker *worker, int signal_number)
{
	struct text_buf bytes;

	if (!can_send(worker))
		return;
	text_buf_init(&bytes, FRAME_MAX_BYTES);
	frame_add_stop(&bytes, signal_number);
	send_bytes(worker, &bytes);
	text_buf_deinit(&bytes);
}

void worker_close(struct worker *worker)
{
	worker_send(worker, FRAME_BYE);
	worker->was_asked = true;
	worker_step(worker);
}
