/* footer.c - see footer.h. */
#include "runner/report/footer.h"

#include <inttypes.h>
#include <stdio.h>

#include "runner/report/cells.h"
#include "runner/report/console.h"
#include "shards/base/mem.h"

enum {
	WIDTH_MIN = 16, /* below, there is no room to say anything */
	HEIGHT_MIN = 3,
	WORD_WIDTH = 12, /* as in the results */
	BAR_MIN = 8,
	BAR_MAX = 28,
	ID_MIN = 8,
	PHRASE_MAX_BYTES = 200,
	ID_MAX_BYTES = 8 * 1024,
	EIGHTHS = 8,
};

/* ---- pieces ---- */

static void add_span(struct cells *cells, uint64_t ns)
{
	enum { NS_PER_S = 1000000000 };
	uint64_t s = ns / NS_PER_S;
	char span[40];

	if (s < 60)
		snprintf(span, sizeof(span), "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(span, sizeof(span), "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
	else
		snprintf(span, sizeof(span), "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
	cells_add_str(cells, span);
}

/* "[   1m04s]", as wide as the "[  12.310s]" above it. */
static void add_boxed_span(struct cells *cells, uint64_t ns)
{
	enum { BOX_WIDTH = 9 };
	struct text_buf span;
	struct cells inner = *cells;

	text_buf_init(&span, PHRASE_MAX_BYTES);
	inner.out = &span;
	inner.used = 0;
	add_span(&inner, ns);
	cells_add_str(cells, "[");
	cells_pad(cells, cells->used + BOX_WIDTH - (inner.used < BOX_WIDTH ? inner.used : 0));
	if (span.ptr != NULL)
		cells_add_str(cells, span.ptr);
	cells_add_str(cells, "] ");
	text_buf_deinit(&span);
}

/* A bar of `width` columns, an eighth at a time where the font has them. */
static void add_bar(struct cells *cells, size_t width, uint64_t done, uint64_t total)
{
	static const char *const parts[] = {"",
	                                    "\xE2\x96\x8F",
	                                    "\xE2\x96\x8E",
	                                    "\xE2\x96\x8D",
	                                    "\xE2\x96\x8C",
	                                    "\xE2\x96\x8B",
	                                    "\xE2\x96\x8A",
	                                    "\xE2\x96\x89"};
	size_t eighths = total > 0 ? (size_t)(done * width * EIGHTHS / total) : 0;
	size_t end = cells->used + width, i;

	for (i = 0; i < eighths / EIGHTHS; i++)
		cells_add_str(cells, cells->unicode ? "\xE2\x96\x88" : "=");
	if (!cells->unicode && eighths < width * EIGHTHS)
		cells_add_str(cells, ">");
	else if (cells->unicode)
		cells_add_str(cells, parts[eighths % EIGHTHS]);
	for (; cells->used < end && cells_left(cells) > 0;)
		cells_add_painted(cells, TONE_FAINT, cells->unicode ? "\xE2\x96\x91" : " ");
}

static void add_number(struct cells *cells, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	cells_add_str(cells, digits);
}

/* ---- lines ---- */

static void add_counts(struct cells *cells, const struct footer *f)
{
	char phrase[PHRASE_MAX_BYTES];

	if (f->failed > 0) {
		snprintf(phrase, sizeof(phrase), "%" PRIu64 " failed", f->failed);
		cells_add_str(cells, "  ");
		cells_add_painted(cells, TONE_BAD, phrase);
	}
	if (f->flaky > 0) {
		snprintf(phrase, sizeof(phrase), "%" PRIu64 " flaky", f->flaky);
		cells_add_str(cells, "  ");
		cells_add_painted(cells, TONE_ODD, phrase);
	}
}

/* What comes after the bar; made first, as the bar takes the rest. */
static void add_facts(struct cells *cells, const struct footer *f)
{
	cells_add_str(cells, " ");
	add_number(cells, f->done);
	cells_add_str(cells, "/");
	add_number(cells, f->total);
	cells_add_str(cells, "  ");
	add_span(cells, f->elapsed_ns);
	if (f->left_known) {
		cells_add_str(cells, cells->unicode ? " \xC2\xB7 about " : ", about ");
		add_span(cells, f->left_ns);
		cells_add_str(cells, " left");
	}
	add_counts(cells, f);
}

static void draw_stop(struct cells *cells, const struct footer *f)
{
	char phrase[PHRASE_MAX_BYTES];

	cells_pad(cells, WORD_WIDTH - (sizeof("Stopping") - 1));
	cells_add_painted(cells, TONE_ODD, "Stopping");
	snprintf(phrase, sizeof(phrase), " waiting for %zu %s", f->running_count,
	         f->running_count == 1 ? "batch" : "batches");
	cells_add_str(cells, phrase);
	if (!f->will_kill)
		return;
	cells_add_str(cells, ", killed in ");
	add_span(cells, f->kill_in_ns);
	cells_add_str(cells, "; Ctrl-C again: now");
}

static void draw_progress(struct cells *cells, const struct footer *f)
{
	struct text_buf facts;
	struct cells after = *cells;
	size_t room;

	if (cells->width >= WORD_WIDTH + BAR_MIN + sizeof(" 1234/1234  1m00s")) {
		cells_pad(cells, WORD_WIDTH - (sizeof("Running") - 1));
		cells_add_painted(cells, TONE_GOOD, "Running");
		cells_add_str(cells, " ");
	}
	text_buf_init(&facts, PHRASE_MAX_BYTES * 2);
	after.out = &facts;
	after.used = 0;
	add_facts(&after, f);
	room = cells_left(cells) > after.used ? cells_left(cells) - after.used : 0;
	if (room >= BAR_MIN)
		add_bar(cells, room < BAR_MAX ? room : BAR_MAX, f->done, f->total);
	add_facts(cells, f);
	text_buf_deinit(&facts);
}

static void draw_row(struct cells *cells, const struct footer *f, const struct footer_row *row)
{
	char phrase[PHRASE_MAX_BYTES];
	struct text_buf name;
	size_t start, more_width = 0;

	if (cells->width > WORD_WIDTH * 4) {
		cells_pad(cells, WORD_WIDTH - (row->is_slow ? sizeof("SLOW") - 1 : 0));
		if (row->is_slow)
			cells_add_painted(cells, TONE_ODD, "SLOW");
	}
	cells_add_str(cells, " ");
	add_boxed_span(cells, row->elapsed_ns);
	snprintf(phrase, sizeof(phrase), "w%-*" PRIu32 " ", f->worker_width, row->worker);
	cells_add_str(cells, phrase);
	text_buf_init(&name, ID_MAX_BYTES);
	console_clean_name(&name, text_from(row->suite));
	start = cells->used;
	if (cells_left(cells) > f->suite_width + ID_MIN) {
		cells_add(cells, text_buf_text(&name));
		cells_pad(cells, start + f->suite_width + 2);
	}
	phrase[0] = '\0';
	if (row->more > 0)
		more_width = (size_t)snprintf(phrase, sizeof(phrase), " and %" PRIu32 " more",
		                              row->more);
	if (cells_left(cells) < more_width + ID_MIN)
		more_width = 0;
	text_buf_clear(&name);
	console_clean_name(&name, text_from(row->id));
	cells_add_middle_cut(cells, text_buf_text(&name), cells_left(cells) - more_width);
	if (more_width > 0)
		cells_add_str(cells, phrase);
	text_buf_deinit(&name);
}

static void draw_rest(struct cells *cells, const struct footer *f, size_t shown)
{
	char phrase[PHRASE_MAX_BYTES];

	if (cells->width > WORD_WIDTH * 4)
		cells_pad(cells, WORD_WIDTH);
	snprintf(phrase, sizeof(phrase), " %s %zu more running", f->unicode ? "\xE2\x80\xA6" : "..",
	         f->running_count - shown);
	cells_add_painted(cells, TONE_FAINT, phrase);
}

/* ---- the whole ---- */

static struct cells begin_line(struct text_buf *out, const struct footer *f, size_t line)
{
	if (line > 0)
		text_buf_add_char(out, '\n');
	/* The last column stays empty: some terminals wrap as soon as it is full. */
	return (struct cells){
		.out = out, .width = f->width - 1, .color = f->color, .unicode = f->unicode};
}

size_t footer_draw(struct text_buf *out, const struct footer *f,
                   size_t ret_widths[FOOTER_LINES_MAX])
{
	size_t lines_max = f->height / 2, count = 0, shown, i;
	struct cells cells;

	if (f->width < WIDTH_MIN || f->height < HEIGHT_MIN)
		return 0;
	cells = begin_line(out, f, count);
	if (f->is_stopping)
		draw_stop(&cells, f);
	else
		draw_progress(&cells, f);
	ret_widths[count++] = cells.used;
	shown = f->row_count;
	if (shown + 1 > lines_max || shown < f->running_count)
		shown = lines_max < 2 ? 0 : shown < lines_max - 2 ? shown : lines_max - 2;
	for (i = 0; i < shown; i++) {
		cells = begin_line(out, f, count);
		draw_row(&cells, f, &f->rows[i]);
		ret_widths[count++] = cells.used;
	}
	if (shown < f->running_count && lines_max >= 2) {
		cells = begin_line(out, f, count);
		draw_rest(&cells, f, shown);
		ret_widths[count++] = cells.used;
	}
	return count;
}
