/* block.c - a batch's output on the console: its end in a block, or all of it as it comes. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "runner/report/clean.h"
#include "runner/report/console_state.h"
#include "shards/base/mem.h"

static const char *bar(const struct console *console)
{
	return console->options.unicode ? "\xE2\x94\x82 " : "| ";
}

/* ---- the end of a log ---- */

/* Only what tanda itself has written there: no link is followed. */
static void read_log_tail(const struct console *console, const char *log, struct text_buf *tail)
{
	char *path = mem_printf("%s/%s", console->out_dir, log);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	char *bytes = mem_alloc(BLOCK_MAX_BYTES);
	ssize_t len = -1;

	if (size > 0)
		len = pread(fd, bytes, BLOCK_MAX_BYTES,
		            size > BLOCK_MAX_BYTES ? size - BLOCK_MAX_BYTES : 0);
	if (len > 0)
		text_buf_add(tail, (struct text){bytes, (size_t)len});
	if (fd >= 0)
		close(fd);
	free(bytes);
	free(path);
}

static struct text last_lines(struct text text, size_t max)
{
	size_t from = text.len, lines = 0;

	while (from > 0) {
		if (text.ptr[from - 1] == '\n' && from < text.len && ++lines == max)
			break;
		from--;
	}
	return text_from_offset(text, from);
}

static void write_lines(struct console *console, struct text rest)
{
	struct text line;

	while (text_next_line(&rest, &line)) {
		text_buf_printf(&console->line, "      %s", bar(console));
		clean_output_line(&console->line, line, console->options.color);
		text_buf_add_char(&console->line, '\n');
		if (console->line.len > LINE_MAX_BYTES / 2)
			console_write(console);
	}
}

void block_write_log(struct console *console, const char *log, size_t max)
{
	struct text_buf tail;

	text_buf_init(&tail, BLOCK_MAX_BYTES);
	if (console->out_dir != NULL)
		read_log_tail(console, log, &tail);
	write_lines(console, last_lines(text_buf_text(&tail), max));
	console_write(console);
	text_buf_deinit(&tail);
}

void block_write(struct console *console, uint32_t number)
{
	const struct ledger_batch *batch = &console->ledger->batches[number];
	struct text_buf tail;

	if (batch->end.log == NULL && batch->end.tail == NULL)
		return;
	text_buf_init(&tail, BLOCK_MAX_BYTES);
	if (batch->end.tail != NULL)
		text_buf_add(&tail, text_tail(text_from(batch->end.tail), BLOCK_MAX_BYTES));
	else if (console->options.output == OUTPUT_ALL && console->out_dir != NULL)
		read_log_tail(console, batch->end.log, &tail);
	write_lines(console, last_lines(text_buf_text(&tail), BLOCK_MAX_LINES));
	if (batch->end.log != NULL) {
		text_buf_printf(&console->line, "      %s whole log%s: ",
		                console->options.unicode ? "\xE2\x94\x94" : "+",
		                batch->test_count > 1 ? " of this batch" : "");
		console_add_path(console, batch->end.log);
		text_buf_add_char(&console->line, '\n');
	}
	console_write(console);
	text_buf_deinit(&tail);
}

/* ---- live ---- */

static struct text_buf *live_line(struct console *console, uint32_t worker)
{
	size_t wanted = console->ledger->worker_count, i;

	if (console->live_count < wanted) {
		console->live = mem_realloc(console->live, wanted * sizeof(console->live[0]));
		for (i = console->live_count; i < wanted; i++)
			text_buf_init(&console->live[i], LIVE_LINE_MAX_BYTES);
		console->live_count = wanted;
	}
	return &console->live[worker];
}

static void write_live_line(struct console *console, uint32_t worker)
{
	struct text_buf *live = live_line(console, worker);

	text_buf_printf(&console->line, "w%" PRIu32 " %s", worker, bar(console));
	clean_output_line(&console->line, text_buf_text(live), console->options.color);
	text_buf_add_char(&console->line, '\n');
	console_write(console);
	text_buf_clear(live);
}

void console_live(struct console *console, uint32_t batch, struct text output)
{
	const struct ledger *ledger = console->ledger;
	uint32_t worker;

	if (console->options.output != OUTPUT_LIVE || batch >= ledger->batch_count ||
	    ledger->batches[batch].worker >= ledger->worker_count)
		return;
	worker = ledger->batches[batch].worker;
	while (output.len > 0) {
		struct text_buf *live = live_line(console, worker);
		size_t room = live->max - live->len;
		const char *end = memchr(output.ptr, '\n', output.len);
		size_t len = end != NULL ? (size_t)(end - output.ptr) : output.len;
		bool is_whole = end != NULL && len <= room;

		len = len < room ? len : room;
		text_buf_add(live, (struct text){output.ptr, len});
		output = text_from_offset(output, len + (is_whole ? 1 : 0));
		if (is_whole || live->len == live->max)
			write_live_line(console, worker);
	}
}

void block_end_live(struct console *console, uint32_t batch)
{
	uint32_t worker;

	if (batch >= console->ledger->batch_count)
		return;
	worker = console->ledger->batches[batch].worker;
	if (worker < console->live_count && console->live[worker].len > 0)
		write_live_line(console, worker);
}
