/* link.c - see link.h. */
#include "runner/exec/shell/link.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "shards/base/mem.h"

enum { LINK_READ_BYTES = 64 * 1024, LINK_DRAIN_MS = 500 };

/* Bytes on their way. */
struct parcel {
	uv_write_t request;
	char *bytes;
};

static void link_step(struct link *link);

void link_init(struct link *link, uv_loop_t *loop, const struct link_listener *listener, void *data)
{
	*link = (struct link){.loop = loop, .listener = listener, .data = data};
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	link->open_handles--;
	link_step(link);
}

static void close_once(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_handle_closed);
}

static bool is_open(const uv_pipe_t *pipe)
{
	return !uv_is_closing((const uv_handle_t *)pipe);
}

static void on_room_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	static char bytes[LINK_READ_BYTES]; /* one thread, and used up before the next read */

	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct link *link = stream->data;

	if (len > 0) {
		struct text bytes = {buf->base, (size_t)len};

		if (stream == (uv_stream_t *)&link->out)
			link->listener->on_output(link, bytes);
		else
			link->listener->on_noise(link, bytes);
	} else if (len < 0) {
		close_once((uv_handle_t *)stream);
		link_step(link);
	}
}

static void on_process_ended(uv_process_t *process, int64_t code, int signal_number)
{
	struct link *link = process->data;

	link->exit_code = code;
	link->exit_signal = signal_number;
	link->has_exited = true;
	link_step(link);
}

static void on_drained(uv_timer_t *timer)
{
	struct link *link = timer->data;

	link->is_late = true;
	link_step(link);
}

/* The only function that closes what is left, and that leaves ENDING. */
static void link_step(struct link *link)
{
	bool is_read;

	if (link->state == LINK_RUNNING && link->has_exited) {
		link->state = LINK_ENDING;
		uv_timer_start(&link->drain, on_drained, LINK_DRAIN_MS, 0);
	}
	if (link->state != LINK_ENDING)
		return;
	is_read = !is_open(&link->out) && !is_open(&link->err);
	if (link->has_exited && (is_read || link->is_late)) {
		close_once((uv_handle_t *)&link->process);
		close_once((uv_handle_t *)&link->in);
		close_once((uv_handle_t *)&link->out);
		close_once((uv_handle_t *)&link->err);
		close_once((uv_handle_t *)&link->drain);
	}
	if (link->open_handles == 0) {
		link->state = LINK_DOWN;
		link->listener->on_down(link); /* may start it again: nothing follows */
	}
}

static void open_handles(struct link *link)
{
	uv_pipe_init(link->loop, &link->in, 0);
	uv_pipe_init(link->loop, &link->out, 0);
	uv_pipe_init(link->loop, &link->err, 0);
	uv_timer_init(link->loop, &link->drain);
	link->in.data = link->out.data = link->err.data = link;
	link->drain.data = link->process.data = link;
	link->open_handles = 5;
	link->has_exited = link->is_late = false;
	link->exit_code = 0;
	link->exit_signal = 0;
}

void link_start(struct link *link, const char *const *argv)
{
	uv_stdio_container_t stdio[] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
	         .data.stream = (uv_stream_t *)&link->in},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	         .data.stream = (uv_stream_t *)&link->out},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	         .data.stream = (uv_stream_t *)&link->err},
	};
	uv_process_options_t options = {
		.file = argv[0],
		.args = (char **)argv, /* libuv does not write to them */
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = countof(stdio),
		.exit_cb = on_process_ended,
	};

	assert(link->state == LINK_DOWN && link->open_handles == 0);
	open_handles(link);
	link->state = LINK_RUNNING;
	link->spawn_fault = uv_spawn(link->loop, &link->process, &options);
	if (link->spawn_fault <
	    0) { /* the same road as a death; on_down comes with the next turn */
		link->has_exited = link->is_late = true;
		link_step(link);
		return;
	}
	uv_read_start((uv_stream_t *)&link->out, on_room_wanted, on_read);
	uv_read_start((uv_stream_t *)&link->err, on_room_wanted, on_read);
}

static void on_parcel_sent(uv_write_t *request, int status)
{
	struct parcel *parcel = request->data;

	(void)status; /* a connection that broke shows in its end */
	free(parcel->bytes);
	free(parcel);
}

void link_send(struct link *link, struct text bytes)
{
	struct parcel *parcel;
	uv_buf_t buf;

	if (link->state != LINK_RUNNING || link->has_exited || !is_open(&link->in))
		return;
	parcel = mem_calloc(1, sizeof(*parcel));
	parcel->bytes = mem_strndup(bytes.ptr, bytes.len);
	parcel->request.data = parcel;
	buf = uv_buf_init(parcel->bytes, (unsigned)bytes.len);
	if (uv_write(&parcel->request, (uv_stream_t *)&link->in, &buf, 1, on_parcel_sent) < 0)
		on_parcel_sent(&parcel->request, -1);
}

void link_close_input(struct link *link)
{
	if (link->state == LINK_RUNNING)
		close_once((uv_handle_t *)&link->in);
}

void link_kill(struct link *link)
{
	if (link->state == LINK_RUNNING && !link->has_exited)
		uv_process_kill(&link->process, SIGKILL);
}

void link_kill_group(struct link *link)
{
	if (link->state == LINK_RUNNING && !link->has_exited && link->process.pid > 0)
		kill(-link->process.pid, SIGKILL);
	link_kill(link);
}

void link_describe_end(const struct link *link, char *text, size_t size)
{
	if (link->spawn_fault < 0)
		snprintf(text, size, "%s", uv_strerror(link->spawn_fault));
	else if (link->exit_signal != 0)
		snprintf(text, size, "signal %d", link->exit_signal);
	else
		snprintf(text, size, "exit %lld", (long long)link->exit_code);
}
