/* fault.c - see fault.h. */
#include "runner/commands/fault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/report/cells.h"
#include "runner/report/console.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum {
	FILE_MAX_BYTES = 4 * 1024 * 1024, /* a line further behind is not shown */
	EXCERPT_WIDTH = 100,
	MARGIN = 5, /* of line numbers */
	NUMBER_MAX = 99999,
	LINE_MAX_BYTES = 64 * 1024,
	CODE_MAX_BYTES = 32,
};

/* ---- the place ---- */

struct place {
	struct text file;
	uint64_t line, column; /* column 0: the whole line */
};

/* Split ":NUMBER" off the end. */
static bool take_number(struct text *rest, uint64_t *ret_number)
{
	const char *colon = rest->len > 0 ? memrchr(rest->ptr, ':', rest->len) : NULL;
	size_t at = colon != NULL ? (size_t)(colon - rest->ptr) : 0;

	if (colon == NULL || !text_to_u64(text_from_offset(*rest, at + 1), ret_number))
		return false;
	rest->len = at;
	return true;
}

/* "FILE:LINE:COLUMN" or "FILE:LINE"; false for any other place. */
static bool parse_place(const char *where, struct place *ret_place)
{
	struct text rest = text_from(where);
	uint64_t last, first;

	if (!take_number(&rest, &last))
		return false;
	if (take_number(&rest, &first))
		*ret_place = (struct place){rest, first, last};
	else
		*ret_place = (struct place){rest, last, 0};
	return rest.len > 0 && ret_place->line > 0 && ret_place->line <= NUMBER_MAX;
}

static bool read_file(struct text name, struct text_buf *bytes)
{
	char *path = text_dup(name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat about;
	bool is_regular = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
	char block[4096];
	ssize_t len;

	free(path);
	while (is_regular && !bytes->overflowed && (len = read(fd, block, sizeof(block))) > 0)
		text_buf_add(bytes, (struct text){block, (size_t)len});
	if (fd >= 0)
		close(fd);
	return is_regular;
}

static bool find_line(struct text text, uint64_t number, struct text *ret_line)
{
	while (number-- > 0) {
		if (!text_next_line(&text, ret_line))
			return false;
	}
	return true;
}

/* ---- the excerpt ---- */

/* How many bytes of `line` its first `count` characters take. */
static size_t bytes_of(struct text line, uint64_t count)
{
	size_t at = 0;

	while (count-- > 0 && at < line.len) {
		uint32_t code;
		size_t len;

		if (utf8_decode(line.ptr + at, line.len - at, &code, &len) != UTF8_WHOLE)
			len = 1;
		at += len;
	}
	return at;
}

/* The word that begins at `token`: a string in quotes, a run without separators, or one byte. */
static size_t token_len(struct text token)
{
	size_t at;

	if (token.len == 0)
		return 0;
	if (token.ptr[0] == '"') {
		for (at = 1; at < token.len && token.ptr[at] != '"'; at++)
			at += token.ptr[at] == '\\' && at + 1 < token.len;
		return at < token.len ? at + 1 : token.len;
	}
	for (at = 0; at < token.len && strchr(" \t,:[]{}\"", token.ptr[at]) == NULL; at++)
		;
	return at > 0 ? at : 1;
}

/* As it is shown: harmless, tabs as spaces, and at most `width` columns. */
static size_t add_shown(struct text_buf *out, struct text text, size_t width)
{
	struct text_buf clean;
	struct cells cells = {.out = out, .width = width, .unicode = true};
	size_t i;

	text_buf_init(&clean, LINE_MAX_BYTES);
	for (i = 0; i < text.len; i++) {
		size_t run = 0;

		while (i + run < text.len && text.ptr[i + run] != '\t')
			run++;
		console_clean_name(&clean, (struct text){text.ptr + i, run});
		if (i + run < text.len)
			text_buf_add_char(&clean, ' ');
		i += run;
	}
	cells_add(&cells, text_buf_text(&clean));
	text_buf_deinit(&clean);
	return cells.used;
}

static void add_repeated(struct text_buf *out, char c, size_t count)
{
	while (count-- > 0)
		text_buf_add_char(out, c);
}

static void add_marker(struct text_buf *out, struct text before, struct text token, bool color)
{
	struct text_buf scratch, carets;
	size_t indent, width;

	text_buf_init(&scratch, LINE_MAX_BYTES);
	text_buf_init(&carets, LINE_MAX_BYTES);
	indent = add_shown(&scratch, before, EXCERPT_WIDTH);
	width = add_shown(&scratch, token, EXCERPT_WIDTH - indent);
	if (indent < EXCERPT_WIDTH) {
		text_buf_printf(out, "%*s | ", MARGIN, "");
		add_repeated(out, ' ', indent);
		add_repeated(&carets, '^', width > 0 ? width : 1);
		words_add_painted(out, color, TONE_BAD, carets.ptr);
		text_buf_add_char(out, '\n');
	}
	text_buf_deinit(&scratch);
	text_buf_deinit(&carets);
}

static void add_excerpt(struct text_buf *out, const struct place *place, bool color)
{
	struct text_buf bytes;
	struct text line;
	size_t at;

	text_buf_init(&bytes, FILE_MAX_BYTES);
	if (!read_file(place->file, &bytes) ||
	    !find_line(text_buf_text(&bytes), place->line, &line)) {
		text_buf_deinit(&bytes);
		return;
	}
	text_buf_printf(out, "%*s |\n%*u | ", MARGIN, "", MARGIN, (unsigned)place->line);
	(void)add_shown(out, line, EXCERPT_WIDTH);
	text_buf_add_char(out, '\n');
	if (place->column > 0) {
		struct text token;

		at = bytes_of(line, place->column - 1);
		token = text_from_offset(line, at);
		token.len = token_len(token);
		add_marker(out, (struct text){line.ptr, at}, token, color);
	}
	text_buf_deinit(&bytes);
}

/* ---- the whole ---- */

/* A path below the working folder is shown as it would be typed. */
static const char *from_here(const char *where)
{
	char *folder = getcwd(NULL, 0);
	size_t len = folder != NULL ? strlen(folder) : 0;
	bool is_below = len > 1 && strncmp(where, folder, len) == 0 && where[len] == '/' &&
	                where[len + 1] != '\0';

	free(folder);
	return is_below ? where + len + 1 : where;
}

static void add_note(struct text_buf *out, const char *kind, const char *note)
{
	text_buf_printf(out, "%*s = %s: ", MARGIN, "", kind);
	console_clean_name(out, text_from(note));
	text_buf_add_char(out, '\n');
}

void fault_add(struct text_buf *out, const struct tanda_error *error, bool color)
{
	char code[CODE_MAX_BYTES] = "error:";
	struct place place;

	if (error->code != TANDA_CODE_NONE)
		snprintf(code, sizeof(code), "error[E%03u]:", (unsigned)error->code);
	words_add_painted(out, color, TONE_BAD, code);
	text_buf_add_char(out, ' ');
	console_clean_name(out, text_from(error->message));
	text_buf_add_char(out, '\n');
	if (error->where[0] != '\0') {
		text_buf_printf(out, "%*s--> ", MARGIN, "");
		console_clean_name(out, text_from(from_here(error->where)));
		text_buf_add_char(out, '\n');
		if (parse_place(error->where, &place))
			add_excerpt(out, &place, color);
	}
	if (error->hint[0] != '\0')
		add_note(out, "help", error->hint);
}
