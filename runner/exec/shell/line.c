/* line.c - see line.h. */
#include "runner/exec/shell/line.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "runner/exec/shell/script.h"
#include "shards/base/mem.h"

#define NS_PER_MS UINT64_C(1000000)

enum {
	NOISE_MAX_BYTES = 4096,
	/* Both ends count in whole seconds, and the watch looks once a second. */
	ROUNDING_MS = 2000,
};

static const struct link_listener link_listener;

static void make_nonce(char *nonce)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[STREAM_NONCE_LEN / 2];
	ssize_t len = getrandom(bytes, sizeof(bytes), 0);
	size_t i;

	assert(len == (ssize_t)sizeof(bytes)); /* so few are never cut short */
	for (i = 0; i < sizeof(bytes); i++) {
		nonce[2 * i] = digits[bytes[i] >> 4];
		nonce[2 * i + 1] = digits[bytes[i] & 15];
	}
	nonce[STREAM_NONCE_LEN] = '\0';
}

void line_init(struct line *line, uv_loop_t *loop, const struct line_listener *listener, void *data,
               uint32_t slot)
{
	*line = (struct line){.listener = listener, .data = data, .slot = slot};
	link_init(&line->link, loop, &link_listener, line);
	text_buf_init(&line->noise, (size_t)2 * NOISE_MAX_BYTES);
}

static void forget_streams(struct line *line)
{
	if (line->has_streams) {
		stream_deinit(&line->out);
		stream_deinit(&line->err);
	}
	line->has_streams = false;
}

void line_deinit(struct line *line)
{
	assert(line->state == LINE_DOWN && !line->has_timer);
	forget_streams(line);
	text_buf_deinit(&line->noise);
	free(line->station);
}

/* ---- sending ---- */

void line_send(struct line *line, struct text_buf *message)
{
	link_send(&line->link, text_buf_text(message));
	text_buf_deinit(message);
}

static void send_boot(struct line *line)
{
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_boot(&message, line->root, line->run_id, line->nonce);
	line_send(line, &message);
}

static void send_join(struct line *line, uint64_t executor)
{
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_join(&message, line->station, line->nonce, executor);
	line->zero_ns = line->beat_ns = uv_hrtime();
	line_send(line, &message);
}

static void send_beat(struct line *line)
{
	struct text_buf message;

	text_buf_init(&message, SCRIPT_MAX_BYTES);
	line->beat_ns = uv_hrtime();
	script_add_beat(&message, (line->beat_ns - line->zero_ns) / (1000 * NS_PER_MS));
	line_send(line, &message);
}

void line_close(struct line *line)
{
	struct text_buf message;

	if (line->state != LINE_UP) {
		line_fail(line, "");
		return;
	}
	text_buf_init(&message, SCRIPT_MAX_BYTES);
	script_add_close(&message);
	line_send(line, &message);
}

void line_fail(struct line *line, const char *why)
{
	if (line->why[0] == '\0')
		snprintf(line->why, sizeof(line->why), "%s", why);
	link_kill(&line->link);
}

/* ---- the heart ---- */

static void look_at_launch(struct line *line)
{
	char why[LINE_WHY_MAX_BYTES];

	if (uv_hrtime() - line->started_ns < line->launch_ms * NS_PER_MS)
		return;
	snprintf(why, sizeof(why), "no answer from its shell within %llu s",
	         (unsigned long long)(line->launch_ms / 1000));
	line_fail(line, why);
}

static void on_beat(uv_timer_t *timer)
{
	struct line *line = timer->data;
	uint64_t quiet_ns = uv_hrtime() - line->heard_ns, next_ms = LINE_BEAT_MS;

	if (line->state != LINE_UP) {
		look_at_launch(line);
	} else if (quiet_ns < LINE_QUIET_MS * NS_PER_MS) {
		send_beat(line);
	} else if (quiet_ns >= LINE_DEAD_MS * NS_PER_MS) {
		if (line->has_looked) {
			line->is_silent = true;
			line_fail(line, "nothing has been heard from it for 10 s");
		}
		line->has_looked = true; /* a poll comes between: what is there is heard first */
		next_ms = 1;
	}
	uv_timer_start(timer, on_beat, next_ms, 0);
}

uint32_t line_may_run_ms(const struct line *line)
{
	uint64_t bound_ns = (NODE_LEASE_MS + NODE_KILL_MS + ROUNDING_MS) * NS_PER_MS;
	uint64_t gone_ns = uv_hrtime() - line->beat_ns;

	bound_ns += line->answer_ns;
	if (!line->was_reached || line->has_said_bye || gone_ns >= bound_ns)
		return 0;
	return (uint32_t)((bound_ns - gone_ns) / NS_PER_MS);
}

/* ---- hearing ---- */

static void add_noise(struct line *line, struct text bytes)
{
	text_buf_add(&line->noise, text_tail(bytes, NOISE_MAX_BYTES));
	if (line->noise.len > NOISE_MAX_BYTES) {
		size_t extra = line->noise.len - NOISE_MAX_BYTES;

		memmove(line->noise.ptr, line->noise.ptr + extra, NOISE_MAX_BYTES);
		line->noise.len = NOISE_MAX_BYTES;
	}
}

struct text line_noise(const struct line *line)
{
	return text_trim(text_buf_text(&line->noise));
}

static void take_up(struct line *line, const struct station_event *event)
{
	line->state = LINE_UP;
	line->was_reached = true;
	line->answer_ns = uv_hrtime() - line->zero_ns;
	line->listener->on_up(line, event->number <= 65536 ? (uint32_t)event->number : 0);
}

/* What may come at any time. */
static bool take_aside(struct line *line, const struct station_event *event)
{
	switch (event->kind) {
	case STATION_UNFIT:
		line->is_unfit = true;
		snprintf(line->why, sizeof(line->why), "%.*s", TEXT_ARG(event->text));
		return true;
	case STATION_BYE:
		line->has_said_bye = true;
		return true;
	case STATION_GONE:
		line->executor_died = true;
		return true;
	case STATION_BEAT:
		return true; /* that something came is all it says */
	case STATION_SAMPLED:
		line->listener->on_sampled(line, event->text);
		return true;
	case STATION_SEEN:
		line->listener->on_seen(line, event->number);
		return true;
	default:
		return false;
	}
}

static bool is_of_a_job(enum station_kind kind)
{
	return kind == STATION_TEXT || kind == STATION_BYTES || kind >= STATION_SKIPPED;
}

static void on_stream_event(void *data, const struct station_event *event)
{
	struct line *line = data;

	if (take_aside(line, event))
		return;
	if (event->kind == STATION_TEXT && line->state != LINE_UP) {
		add_noise(line, event->text);
	} else if (event->kind == STATION_BOOT && line->state == LINE_BOOTING) {
		line->station = text_dup(event->text);
		line->state = LINE_JOINING;
		send_join(line, event->number);
	} else if (event->kind == STATION_READY && line->state == LINE_JOINING) {
		take_up(line, event);
	} else if (line->state == LINE_UP && is_of_a_job(event->kind)) {
		line->listener->on_word(line, event);
	} else {
		line_fail(line, "what comes from it makes no sense");
	}
}

/* Standard error: its own words, and whatever the client program has to say. */
static void on_err_event(void *data, const struct station_event *event)
{
	struct line *line = data;

	if (event->kind == STATION_TEXT)
		add_noise(line, event->text);
	else
		on_stream_event(line, event);
}

static void hear(struct line *line, struct stream *stream, struct text bytes)
{
	line->heard_ns = uv_hrtime();
	line->has_looked = false;
	stream_feed(stream, bytes);
}

static void on_link_output(struct link *link, struct text bytes)
{
	struct line *line = link->data;

	hear(line, &line->out, bytes);
}

static void on_link_noise(struct link *link, struct text bytes)
{
	struct line *line = link->data;

	hear(line, &line->err, bytes);
}

/* ---- beginning and end ---- */

static void on_timer_gone(uv_handle_t *handle)
{
	struct line *line = handle->data;

	line->has_timer = false;
	line->state = LINE_DOWN;
	line->listener->on_down(line);
}

static void on_link_down(struct link *link)
{
	struct line *line = link->data;

	uv_close((uv_handle_t *)&line->timer, on_timer_gone);
}

static const struct link_listener link_listener = {
	.on_output = on_link_output,
	.on_noise = on_link_noise,
	.on_down = on_link_down,
};

void line_start(struct line *line, const char *const *argv)
{
	assert(line->state == LINE_DOWN && !line->has_timer);
	forget_streams(line);
	free(line->station);
	line->station = NULL;
	text_buf_clear(&line->noise);
	line->why[0] = '\0';
	line->has_looked = line->was_reached = line->has_said_bye = false;
	line->is_silent = line->executor_died = line->is_unfit = false;
	line->answer_ns = 0;
	make_nonce(line->nonce);
	stream_init(&line->out, line->nonce, on_stream_event, line);
	stream_init(&line->err, line->nonce, on_err_event, line);
	line->has_streams = true;
	line->state = LINE_BOOTING;
	line->started_ns = line->heard_ns = uv_hrtime();
	uv_timer_init(line->link.loop, &line->timer);
	line->timer.data = line;
	line->has_timer = true;
	uv_update_time(line->link.loop);
	uv_timer_start(&line->timer, on_beat, LINE_BEAT_MS, 0);
	link_start(&line->link, argv);
	send_boot(line);
}
