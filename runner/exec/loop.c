/* loop.c - see loop.h. */
#include "runner/exec/loop.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "runner/exec/loop_uv.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* A signal somebody waits for; lives as long as the loop. */
struct signal_watch {
	uv_signal_t handle;
	loop_signal_fn on_signal;
	void *data;
	struct signal_watch *next;
};

struct loop {
	uv_loop_t uv;
	struct signal_watch *watches;
	uv_prepare_t turn; /* while it is measured */
	bool is_measured;
	uint64_t turned_ns, idle_ns, longest_ns;
};

struct loop_timer {
	uv_timer_t handle;
	loop_fn on_expired;
	void *data;
	bool has_looked;
};

struct work_item {
	uv_work_t request;
	loop_fn work;
	loop_fn done;
	void *data;
};

uv_loop_t *loop_uv(struct loop *loop)
{
	return &loop->uv;
}

/* Each worker costs a few descriptors; the soft limit is often a fraction of what is allowed. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* the old limit will do, for fewer workers */
}

static sigset_t stops(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

sigset_t loop_hold_stops(void)
{
	const sigset_t set = stops();
	sigset_t before;

	pthread_sigmask(SIG_BLOCK, &set, &before);
	return before;
}

void loop_take_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* A caller's mask would keep the children's ends from us for good; what stops tanda may be held. */
static void unblock_signals(void)
{
	const sigset_t set = stops();
	sigset_t others;
	int i;

	sigfillset(&others);
	for (i = 1; i < NSIG; i++) {
		if (sigismember(&set, i) == 1)
			sigdelset(&others, i);
	}
	pthread_sigmask(SIG_UNBLOCK, &others, NULL);
}

int loop_new(struct loop **ret_loop, struct tanda_error *error)
{
	struct loop *loop = mem_calloc(1, sizeof(*loop));
	int status = uv_loop_init(&loop->uv);

	if (status < 0) {
		tanda_error_set(error, NULL, "the event loop cannot be made: %s",
		                uv_strerror(status));
		free(loop);
		return -1;
	}
	raise_file_limit();
	unblock_signals();
	signal(SIGPIPE, SIG_IGN);
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	struct signal_watch *watch, *next;
	int status;

	if (loop == NULL)
		return;
	for (watch = loop->watches; watch != NULL; watch = watch->next)
		uv_close((uv_handle_t *)&watch->handle, NULL);
	if (loop->is_measured)
		uv_close((uv_handle_t *)&loop->turn, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	status = uv_loop_close(&loop->uv);
	assert(status == 0); /* somebody forgot to close a handle */
	for (watch = loop->watches; watch != NULL; watch = next) {
		next = watch->next;
		free(watch);
	}
	free(loop);
}

/* Once in each turn, before it waits: what of the time since the last was not waiting was work. */
static void on_turn(uv_prepare_t *handle)
{
	struct loop *loop = handle->data;
	uint64_t now_ns = uv_hrtime(), idle_ns = uv_metrics_idle_time(&loop->uv);
	uint64_t work_ns = now_ns - loop->turned_ns - (idle_ns - loop->idle_ns);

	if (loop->turned_ns > 0 && work_ns > loop->longest_ns)
		loop->longest_ns = work_ns;
	loop->turned_ns = now_ns;
	loop->idle_ns = idle_ns;
}

void loop_measure(struct loop *loop)
{
	uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME);
	uv_prepare_init(&loop->uv, &loop->turn);
	loop->turn.data = loop;
	uv_prepare_start(&loop->turn, on_turn);
	uv_unref((uv_handle_t *)&loop->turn);
	loop->is_measured = true;
}

uint64_t loop_longest_ns(const struct loop *loop)
{
	return loop->longest_ns;
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

uint64_t loop_now_ns(const struct loop *loop)
{
	(void)loop;
	return uv_hrtime();
}

static void on_signal(uv_signal_t *handle, int signal_number)
{
	struct signal_watch *watch = handle->data;

	watch->on_signal(watch->data, signal_number);
}

static bool is_ignored(int signal_number)
{
	struct sigaction action;

	return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void loop_hold_signals(const struct loop *loop)
{
	const struct signal_watch *watch;
	sigset_t set;

	sigemptyset(&set);
	for (watch = loop->watches; watch != NULL; watch = watch->next)
		sigaddset(&set, watch->handle.signum);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int loop_watch_signal(struct loop *loop, int signal_number, loop_signal_fn callback, void *data,
                      struct tanda_error *error)
{
	struct signal_watch *watch;
	int status;

	if (is_ignored(signal_number))
		return 0;
	watch = mem_calloc(1, sizeof(*watch));
	status = uv_signal_init(&loop->uv, &watch->handle);
	assert(status == 0);
	watch->handle.data = watch;
	watch->on_signal = callback;
	watch->data = data;
	watch->next = loop->watches;
	loop->watches = watch;
	uv_unref((uv_handle_t *)&watch->handle);
	status = uv_signal_start(&watch->handle, on_signal, signal_number);
	if (status < 0) {
		tanda_error_set(error, NULL, "signal %d cannot be watched: %s", signal_number,
		                uv_strerror(status));
		return -1;
	}
	return 0;
}

static void on_timer(uv_timer_t *handle)
{
	struct loop_timer *timer = handle->data;

	if (timer->has_looked) {
		timer->on_expired(timer->data);
		return;
	}
	/* A timer may run before the poll that would deliver what it waits for: look once more. */
	timer->has_looked = true;
	uv_timer_start(handle, on_timer, 1, 0);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn on_expired, void *data)
{
	struct loop_timer *timer = mem_calloc(1, sizeof(*timer));

	uv_timer_init(&loop->uv, &timer->handle);
	timer->handle.data = timer;
	timer->on_expired = on_expired;
	timer->data = data;
	return timer;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms)
{
	uv_update_time(timer->handle.loop); /* the cached time may be long gone */
	timer->has_looked = false;
	uv_timer_start(&timer->handle, on_timer, delay_ms, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
	uv_timer_stop(&timer->handle);
}

bool loop_timer_is_armed(const struct loop_timer *timer)
{
	return uv_is_active((const uv_handle_t *)&timer->handle);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void loop_timer_free(struct loop_timer *timer)
{
	if (timer != NULL)
		uv_close((uv_handle_t *)&timer->handle, on_timer_closed);
}

static void on_work(uv_work_t *request)
{
	struct work_item *item = request->data;

	item->work(item->data);
}

static void on_worked(uv_work_t *request, int status)
{
	struct work_item *item = request->data;

	assert(status == 0); /* nobody cancels */
	item->done(item->data);
	free(item);
}

void loop_work(struct loop *loop, loop_fn work, loop_fn done, void *data)
{
	struct work_item *item = mem_calloc(1, sizeof(*item));
	sigset_t all, before;
	int status;

	*item = (struct work_item){.work = work, .done = done, .data = data};
	item->request.data = item;
	/* The first call starts the threads, which inherit the mask: signals are this thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = uv_queue_work(&loop->uv, &item->request, on_work, on_worked);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert(status == 0);
}

/* A call for the next turn. */
struct deferred {
	uv_timer_t handle;
	loop_fn fn;
	void *data;
};

static void on_deferred_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_deferred(uv_timer_t *handle)
{
	struct deferred *deferred = handle->data;

	deferred->fn(deferred->data);
	uv_close((uv_handle_t *)handle, on_deferred_closed);
}

void loop_defer(struct loop *loop, loop_fn fn, void *data)
{
	struct deferred *deferred = mem_calloc(1, sizeof(*deferred));

	deferred->fn = fn;
	deferred->data = data;
	uv_timer_init(&loop->uv, &deferred->handle);
	deferred->handle.data = deferred;
	uv_timer_start(&deferred->handle, on_deferred, 0, 0);
}
