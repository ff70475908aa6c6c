/* counter.c - see counter.h. */
#include "runner/report/counter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "runner/report/cells.h"
#include "runner/report/console.h"

enum {
	PATIENCE_MS = 500, /* what is done by then needs no line */
	DRAW_MS = 100,
	LINE_MAX_BYTES = 1024,
	WIDTH_UNKNOWN = 80,
	DIGITS_MAX = 32,
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void counter_init(struct counter *counter, FILE *stream, const char *what)
{
	bool has_footer;

	(void)console_choose_form(PROGRESS_AUTO, WIDTH_UNKNOWN, &has_footer);
	*counter = (struct counter){
		.stream = stream,
		.what = what,
		.is_wanted = has_footer && isatty(fileno(stream)) == 1,
		.started_ms = now_ms(),
	};
}

/* "12,345,678" */
static void add_grouped(struct cells *cells, uint64_t number)
{
	char digits[DIGITS_MAX], grouped[DIGITS_MAX * 2];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number), at = 0, i;

	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			grouped[at++] = ',';
		grouped[at++] = digits[i];
	}
	cells_add(cells, (struct text){grouped, at});
}

void counter_draw(struct text_buf *out, const char *what, uint64_t done, uint64_t total,
                  size_t width)
{
	struct cells cells = {.out = out, .width = width > 0 ? width - 1 : 0, .unicode = true};
	char percent[DIGITS_MAX];

	cells_add_str(&cells, what);
	cells_add_str(&cells, " ");
	add_grouped(&cells, done);
	if (total == 0)
		return;
	cells_add_str(&cells, " of ");
	add_grouped(&cells, total);
	snprintf(percent, sizeof(percent), "  %u%%",
	         (unsigned)(100.0 * (double)done / (double)total));
	cells_add_str(&cells, percent);
}

static size_t width_of(FILE *stream)
{
	struct winsize size = {0};

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return WIDTH_UNKNOWN;
	return size.ws_col;
}

static void put(struct counter *counter, const char *line)
{
	fprintf(counter->stream, "\r\x1B[K%s", line);
	fflush(counter->stream);
}

void counter_show(struct counter *counter, uint64_t done, uint64_t total)
{
	struct text_buf line;
	uint64_t now;

	if (!counter->is_wanted)
		return;
	now = now_ms();
	if (now < counter->started_ms + PATIENCE_MS || now < counter->drawn_ms + DRAW_MS)
		return;
	counter->drawn_ms = now;
	text_buf_init(&line, LINE_MAX_BYTES);
	counter_draw(&line, counter->what, done, total, width_of(counter->stream));
	put(counter, line.ptr != NULL ? line.ptr : "");
	text_buf_deinit(&line);
	counter->is_shown = true;
}

void counter_clear(struct counter *counter)
{
	if (counter->is_shown)
		put(counter, "");
	counter->is_shown = false;
}
