/* screen.c - results that scroll above a footer: console_tick().
 *
 * Between two ticks lines are only kept. A tick takes the old footer away, writes them and draws
 * the new footer, all in one write, so that no half of it is ever seen; when nothing has changed it
 * writes nothing. The cursor rests at the footer's end and is never hidden, so that there is
 * nothing to restore when tanda is killed. */
#include <string.h>

#include "runner/report/console_state.h"
#include "shards/base/mem.h"

enum { SCREEN_MAX_BYTES = 2 * 1024 * 1024, FOOTER_MAX_BYTES = 64 * 1024 };

#define CLEAR_BELOW "\x1B[J"

void screen_deinit(struct console *console)
{
	text_buf_deinit(&console->pending);
	text_buf_deinit(&console->footer);
}

void screen_add_line(struct console *console)
{
	struct text line = text_buf_text(&console->line);

	if (console->pending.max == 0)
		text_buf_init(&console->pending, PENDING_MAX_BYTES + LINE_MAX_BYTES);
	text_buf_add(&console->pending, line);
	text_buf_clear(&console->line);
	if (console->pending.len > PENDING_MAX_BYTES) {
		console_rest(console);
		console->is_live = true;
	}
}

/* How many lines the footer takes on a terminal that has become `width` wide: most terminals wrap
 * anew what has become too long. */
static size_t lines_above(const struct console *console, size_t width)
{
	size_t lines = 0, i;

	for (i = 0; i < console->footer_lines; i++)
		lines += width > 0 && console->footer_widths[i] > width
		                 ? (console->footer_widths[i] + width - 1) / width
		                 : 1;
	return lines > 0 ? lines - 1 : 0;
}

static void add_erasure(const struct console *console, struct text_buf *out, size_t width)
{
	size_t up = lines_above(console, width);

	if (console->footer_lines == 0)
		return;
	text_buf_add_char(out, '\r');
	if (up > 0)
		text_buf_printf(out, "\x1B[%zuA", up);
	text_buf_add_str(out, CLEAR_BELOW);
}

static size_t draw_footer(const struct console *console, const struct console_moment *moment,
                          struct text_buf *out, size_t ret_widths[FOOTER_LINES_MAX])
{
	struct footer_row rows[FOOTER_ROWS_MAX];
	struct footer footer;

	running_describe(console, &footer, rows);
	footer.width = moment->width;
	footer.height = moment->height;
	return footer_draw(out, &footer, ret_widths);
}

static void draw(struct console *console, const struct console_moment *moment)
{
	size_t widths[FOOTER_LINES_MAX], lines;
	struct text_buf footer, screen;

	text_buf_init(&footer, FOOTER_MAX_BYTES);
	lines = moment->is_foreground ? draw_footer(console, moment, &footer, widths) : 0;
	if (console->pending.len > 0 ||
	    !text_equal(text_buf_text(&footer), text_buf_text(&console->footer))) {
		text_buf_init(&screen, SCREEN_MAX_BYTES);
		add_erasure(console, &screen, moment->width);
		text_buf_add(&screen, text_buf_text(&console->pending));
		text_buf_add(&screen, text_buf_text(&footer));
		console_put(console, text_buf_text(&screen));
		text_buf_deinit(&screen);
		text_buf_clear(&console->pending);
		memcpy(console->footer_widths, widths, lines * sizeof(widths[0]));
		console->footer_lines = lines;
	}
	text_buf_deinit(&console->footer);
	console->footer = footer;
}

bool console_has_footer(const struct console *console)
{
	return console->options.has_footer;
}

void console_tick(struct console *console, const struct console_moment *moment)
{
	console->now_ns = moment->now_ns;
	if (console->options.has_footer) {
		console->is_live = true;
		draw(console, moment);
	} else {
		running_write_heartbeat(console);
	}
}

void console_rest(struct console *console)
{
	struct text_buf screen;

	console->is_live = false;
	if (console->footer_lines == 0 && console->pending.len == 0)
		return;
	text_buf_init(&screen, SCREEN_MAX_BYTES);
	add_erasure(console, &screen, 0); /* rather too little than a result */
	text_buf_add(&screen, text_buf_text(&console->pending));
	console_put(console, text_buf_text(&screen));
	text_buf_deinit(&screen);
	if (console->pending.max > 0)
		text_buf_clear(&console->pending);
	text_buf_clear(&console->footer);
	console->footer_lines = 0;
}
