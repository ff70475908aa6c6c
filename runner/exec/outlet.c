/* outlet.c - see outlet.h. */
#include "runner/exec/outlet.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"

enum {
	OUTLET_MAX_BYTES = 16 * 1024 * 1024,
	NS_PER_MS = 1000000,
	GATHER_NS = 20 * NS_PER_MS, /* no eye sees it */
};

struct outlet {
	int fd;
	FILE *stream;
	uv_thread_t thread;
	uv_mutex_t mutex; /* guards what follows */
	uv_cond_t changed;
	struct text_buf waiting; /* not yet handed to the thread's write() */
	bool is_writing;
	bool is_gathering;
	uint32_t drain_count; /* who waits for all to be taken */
	bool is_closing;
	bool is_broken; /* the reader is gone */
	uint64_t dropped_count;
	bool has_ended; /* the thread has */
};

/* ---- the thread ---- */

/* False when the reader is gone. Waits as long as it must. */
static bool write_all(int fd, struct text bytes)
{
	while (bytes.len > 0) {
		ssize_t len = write(fd, bytes.ptr, bytes.len);

		if (len > 0) {
			bytes = text_from_offset(bytes, (size_t)len);
		} else if (len < 0 && errno == EAGAIN) {
			/* Somebody who shares it has made it non-blocking. */
			struct pollfd wait = {.fd = fd, .events = POLLOUT};

			(void)poll(&wait, 1, -1);
		} else if (len < 0 && errno != EINTR) {
			return false;
		}
	}
	return true;
}

static void note_dropped(struct outlet *outlet)
{
	if (outlet->dropped_count == 0)
		return;
	text_buf_printf(&outlet->waiting,
	                "\n... %llu messages are not shown: the reader was too slow; the reports "
	                "have all\n",
	                (unsigned long long)outlet->dropped_count);
	outlet->dropped_count = 0;
}

/* What comes close together goes out together: waking up costs more than a line. With the mutex
 * held. */
static void gather(struct outlet *outlet)
{
	uint64_t end_ns = uv_hrtime() + GATHER_NS, now_ns;

	outlet->is_gathering = true;
	while (!outlet->is_closing && outlet->drain_count == 0 && (now_ns = uv_hrtime()) < end_ns)
		(void)uv_cond_timedwait(&outlet->changed, &outlet->mutex, end_ns - now_ns);
	outlet->is_gathering = false;
}

static void pass_on(void *data)
{
	struct outlet *outlet = data;

	uv_mutex_lock(&outlet->mutex);
	while (!outlet->is_closing || outlet->waiting.len > 0) {
		struct text_buf batch = outlet->waiting;
		bool is_there = true;

		if (batch.len == 0) {
			uv_cond_wait(&outlet->changed, &outlet->mutex);
			continue;
		}
		text_buf_init(&outlet->waiting, OUTLET_MAX_BYTES);
		outlet->is_writing = true;
		uv_mutex_unlock(&outlet->mutex);
		is_there = write_all(outlet->fd, text_buf_text(&batch));
		text_buf_deinit(&batch);
		uv_mutex_lock(&outlet->mutex);
		outlet->is_writing = false;
		outlet->is_broken |= !is_there;
		note_dropped(outlet);
		uv_cond_broadcast(&outlet->changed);
		gather(outlet);
	}
	outlet->has_ended = true;
	uv_cond_broadcast(&outlet->changed);
	uv_mutex_unlock(&outlet->mutex);
}

/* Signals belong to the loop's thread. */
static void start_thread(struct outlet *outlet)
{
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = uv_thread_create(&outlet->thread, pass_on, outlet);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	outlet->has_ended = status != 0;
}

/* ---- the stream ---- */

static ssize_t take(void *cookie, const char *bytes, size_t len)
{
	struct outlet *outlet = cookie;

	if (outlet->has_ended) {
		(void)write_all(outlet->fd, (struct text){bytes, len});
		return (ssize_t)len;
	}
	uv_mutex_lock(&outlet->mutex);
	if (outlet->waiting.len + len > OUTLET_MAX_BYTES)
		outlet->dropped_count++;
	else if (!outlet->is_broken)
		text_buf_add(&outlet->waiting, (struct text){bytes, len});
	if (!outlet->is_gathering)
		uv_cond_broadcast(&outlet->changed);
	uv_mutex_unlock(&outlet->mutex);
	return (ssize_t)len;
}

struct outlet *outlet_new(int fd)
{
	struct outlet *outlet = mem_calloc(1, sizeof(*outlet));
	int status;

	outlet->fd = fd;
	text_buf_init(&outlet->waiting, OUTLET_MAX_BYTES);
	status = uv_mutex_init(&outlet->mutex);
	assert(status == 0);
	status = uv_cond_init(&outlet->changed);
	assert(status == 0);
	outlet->stream = fopencookie(outlet, "w", (cookie_io_functions_t){.write = take});
	assert(outlet->stream != NULL);
	start_thread(outlet);
	return outlet;
}

FILE *outlet_stream(struct outlet *outlet)
{
	return outlet->stream;
}

bool outlet_is_behind(struct outlet *outlet)
{
	bool is_behind;

	uv_mutex_lock(&outlet->mutex);
	is_behind = outlet->waiting.len > 0 || outlet->is_writing;
	uv_mutex_unlock(&outlet->mutex);
	return is_behind;
}

/* With the mutex held. */
static bool wait_until_taken(struct outlet *outlet, uint64_t limit_ms)
{
	uint64_t start_ns = uv_hrtime();
	uint64_t limit_ns = limit_ms > UINT64_MAX / NS_PER_MS ? UINT64_MAX : limit_ms * NS_PER_MS;

	while ((outlet->waiting.len > 0 || outlet->is_writing) && !outlet->has_ended) {
		uint64_t spent_ns = uv_hrtime() - start_ns;

		if (limit_ns == UINT64_MAX)
			uv_cond_wait(&outlet->changed, &outlet->mutex);
		else if (spent_ns >= limit_ns)
			return false;
		else
			(void)uv_cond_timedwait(&outlet->changed, &outlet->mutex,
			                        limit_ns - spent_ns);
	}
	return true;
}

bool outlet_drain(struct outlet *outlet, uint64_t limit_ms)
{
	bool is_taken;

	(void)fflush(outlet->stream);
	uv_mutex_lock(&outlet->mutex);
	outlet->drain_count++;
	uv_cond_broadcast(&outlet->changed);
	is_taken = wait_until_taken(outlet, limit_ms);
	outlet->drain_count--;
	uv_mutex_unlock(&outlet->mutex);
	return is_taken;
}

void outlet_free(struct outlet *outlet, uint64_t limit_ms)
{
	bool was_started;

	if (outlet == NULL)
		return;
	was_started = !outlet->has_ended;
	(void)fflush(outlet->stream);
	if (!outlet_drain(outlet, limit_ms))
		return; /* its thread is stuck in write() and will end with the program */
	uv_mutex_lock(&outlet->mutex);
	outlet->is_closing = true;
	uv_cond_broadcast(&outlet->changed);
	uv_mutex_unlock(&outlet->mutex);
	if (was_started)
		uv_thread_join(&outlet->thread);
	(void)fclose(outlet->stream);
	text_buf_deinit(&outlet->waiting);
	uv_cond_destroy(&outlet->changed);
	uv_mutex_destroy(&outlet->mutex);
	free(outlet);
}
