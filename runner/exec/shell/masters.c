/* masters.c - see masters.h. */
#include "runner/exec/shell/masters.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/shell/transport.h"
#include "shards/base/mem.h"

#define NS_PER_MS UINT64_C(1000000)

enum {
	POLL_MS = 20,
	NOISE_MAX_BYTES = 8 * 1024,
	/* Of a socket's address, less what ssh appends while it makes it. */
	FOLDER_MAX_BYTES = 70,
	ITEMS_MAX = 128,
};

struct master {
	struct link link;
	struct masters *owner;
	char *socket;
	struct text_buf noise;
	bool is_up;
};

struct masters {
	uv_loop_t *loop;
	const struct node_setup *setup;
	const struct masters_listener *listener;
	void *data;
	char *folder;
	struct master *items;
	uint32_t count, starting; /* the one that is being started; count: all are */
	uv_timer_t timer;
	uint64_t started_ns;
	uint32_t open_count; /* links and the timer */
	bool is_stopping, has_failed;
};

static void start_next(struct masters *masters);

/* ---- the end ---- */

static void remove_folder(struct masters *masters)
{
	uint32_t i;

	for (i = 0; i < masters->count; i++)
		unlink(masters->items[i].socket);
	if (masters->folder != NULL)
		rmdir(masters->folder);
	free(masters->folder);
	masters->folder = NULL;
}

static void one_is_gone(struct masters *masters)
{
	assert(masters->open_count > 0);
	if (--masters->open_count > 0)
		return;
	remove_folder(masters);
	masters->listener->on_down(masters->data);
}

static void on_poll_closed(uv_handle_t *handle)
{
	one_is_gone(handle->data);
}

void masters_stop(struct masters *masters)
{
	uint32_t i;

	if (masters->is_stopping)
		return;
	masters->is_stopping = true;
	for (i = 0; i < masters->count; i++) {
		link_close_input(&masters->items[i].link);
		link_kill(&masters->items[i].link);
	}
	uv_close((uv_handle_t *)&masters->timer, on_poll_closed);
}

static void fail(struct masters *masters, const char *why, bool is_final)
{
	if (masters->has_failed || masters->is_stopping)
		return;
	masters->has_failed = true;
	masters->listener->on_failed(masters->data, why, is_final);
	masters_stop(masters);
}

/* ---- one after the other ---- */

static void all_started(struct masters *masters)
{
	masters->starting = masters->count;
	masters->listener->on_ready(masters->data);
}

static void go_on(struct masters *masters)
{
	masters->starting++;
	if (masters->starting < masters->count)
		start_next(masters);
	else
		all_started(masters);
}

static void fail_to_start(struct masters *masters, const struct master *master)
{
	char why[MASTERS_WHY_MAX_BYTES], end[80];
	bool is_final;

	link_describe_end(&master->link, end, sizeof(end));
	transport_explain(masters->setup, text_buf_text(&master->noise), end, why, sizeof(why),
	                  &is_final);
	fail(masters, why, is_final);
}

/* Its socket is there as soon as the login is through. */
static void on_poll(uv_timer_t *timer)
{
	struct masters *masters = timer->data;
	struct master *master = &masters->items[masters->starting];
	uint64_t limit_ms = masters->setup->launch_timeout_ms;
	char why[MASTERS_WHY_MAX_BYTES];

	if (access(master->socket, F_OK) == 0) {
		master->is_up = true;
		go_on(masters);
	} else if (uv_hrtime() - masters->started_ns < limit_ms * NS_PER_MS) {
		uv_timer_start(timer, on_poll, POLL_MS, 0);
	} else if (masters->starting > 0) {
		link_kill(&master->link); /* its lines make connections of their own */
	} else {
		snprintf(why, sizeof(why), "no login within %llu s: is %s switched on (ssh %s)?",
		         (unsigned long long)(limit_ms / 1000), masters->setup->host,
		         masters->setup->host);
		fail(masters, why, false);
	}
}

static void start_next(struct masters *masters)
{
	struct master *master = &masters->items[masters->starting];
	char **words = transport_master_words(masters->setup, master->socket);

	masters->started_ns = uv_hrtime();
	masters->open_count++;
	link_start(&master->link, (const char *const *)words);
	mem_free_strings(words);
	uv_update_time(masters->loop);
	uv_timer_start(&masters->timer, on_poll, POLL_MS, 0);
}

/* ---- what a connection does ---- */

static void on_master_output(struct link *link, struct text bytes)
{
	(void)link;
	(void)bytes; /* a banner, a shell's start files */
}

static void on_master_noise(struct link *link, struct text bytes)
{
	struct master *master = link->data;

	text_buf_add(&master->noise, bytes);
}

static void on_master_down(struct link *link)
{
	struct master *master = link->data;
	struct masters *masters = master->owner;
	bool was_starting = !master->is_up && !masters->is_stopping;

	master->is_up = false;
	if (was_starting)
		uv_timer_stop(&masters->timer);
	if (was_starting && masters->starting == 0)
		fail_to_start(masters, master);
	else if (was_starting)
		go_on(masters);
	one_is_gone(masters);
}

static const struct link_listener master_listener = {
	.on_output = on_master_output,
	.on_noise = on_master_noise,
	.on_down = on_master_down,
};

/* ---- beginning ---- */

struct masters *masters_new(uv_loop_t *loop, const struct node_setup *setup,
                            const struct masters_listener *listener, void *data)
{
	struct masters *masters = mem_calloc(1, sizeof(*masters));
	uint32_t i;

	masters->loop = loop;
	masters->setup = setup;
	masters->listener = listener;
	masters->data = data;
	masters->count = (setup->executors + MASTER_SESSIONS_MAX - 1) / MASTER_SESSIONS_MAX;
	if (masters->count > ITEMS_MAX)
		masters->count = ITEMS_MAX;
	masters->items = mem_calloc(masters->count, sizeof(masters->items[0]));
	for (i = 0; i < masters->count; i++) {
		struct master *master = &masters->items[i];

		link_init(&master->link, loop, &master_listener, master);
		text_buf_init(&master->noise, NOISE_MAX_BYTES);
		master->owner = masters;
	}
	return masters;
}

void masters_free(struct masters *masters)
{
	uint32_t i;

	if (masters == NULL)
		return;
	for (i = 0; i < masters->count; i++) {
		text_buf_deinit(&masters->items[i].noise);
		free(masters->items[i].socket);
	}
	free(masters->items);
	free(masters->folder);
	free(masters);
}

/* Mode 0700, and short: a socket's address has 108 bytes. */
static char *make_folder(void)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char *folder;

	if (base == NULL || base[0] != '/' || strlen(base) > FOLDER_MAX_BYTES - 20)
		base = "/tmp";
	folder = mem_printf("%s/tanda-XXXXXX", base);
	if (mkdtemp(folder) == NULL) {
		free(folder);
		return NULL;
	}
	return folder;
}

void masters_start(struct masters *masters)
{
	uint32_t i;

	uv_timer_init(masters->loop, &masters->timer);
	masters->timer.data = masters;
	masters->open_count = 1;
	masters->folder = make_folder();
	for (i = 0; i < masters->count; i++)
		masters->items[i].socket = mem_printf(
			"%s/%u", masters->folder != NULL ? masters->folder : "/nonexistent", i);
	if (masters->folder == NULL) {
		fail(masters, "no folder for ssh's connection can be made in /tmp: is it writable?",
		     false);
		return;
	}
	start_next(masters);
}

bool masters_are_up(const struct masters *masters)
{
	return masters->items[0].is_up && !masters->is_stopping;
}

const char *masters_socket(const struct masters *masters, uint32_t slot)
{
	const struct master *master = &masters->items[slot / MASTER_SESSIONS_MAX % masters->count];

	return master->is_up ? master->socket : NULL;
}
