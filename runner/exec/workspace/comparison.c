/* comparison.c - see comparison.h. */
#include "runner/exec/workspace/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { ORDERS_MAX_BYTES = 256 * 1024 * 1024 };

/* ---- the pieces of an answer ---- */

static struct text find_part(struct text text, struct text part)
{
	const char *found = text.len > 0 ? memmem(text.ptr, text.len, part.ptr, part.len) : NULL;

	return found != NULL ? text_from_offset(text, (size_t)(found - text.ptr)) : TEXT_EMPTY;
}

/* What follows the word that nobody else knows; empty: it was not said. */
static struct text said(struct text output, const char *word)
{
	char *marker = mem_printf("\n%s ", word);
	struct text found = find_part(output, text_from(marker));

	found = text_from_offset(found, strlen(marker));
	free(marker);
	return found;
}

/* Up to a NUL; false: there is none. */
static bool next_token(struct text *rest, struct text *ret_token)
{
	size_t len = rest->len > 0 ? strnlen(rest->ptr, rest->len) : 0;

	if (len == rest->len)
		return false;
	*ret_token = (struct text){rest->ptr, len};
	*rest = text_from_offset(*rest, len + 1);
	return true;
}

/* ---- states ---- */

struct state {
	char kind; /* 'd', 'f', 'l', 'o', '-' */
	bool may_read, may_write, may_execute;
	bool has_sum;
	uint64_t sum, bytes;
	struct text target;
};

static bool take_sum(struct text words, struct state *state, struct text *ret_rest)
{
	const char *blank = words.len > 0 ? memchr(words.ptr, ' ', words.len) : NULL;
	struct text sum, bytes;

	if (blank == NULL)
		return false;
	sum = (struct text){words.ptr, (size_t)(blank - words.ptr)};
	bytes = text_from_offset(words, sum.len + 1);
	blank = bytes.len > 0 ? memchr(bytes.ptr, ' ', bytes.len) : NULL;
	*ret_rest = TEXT_EMPTY;
	if (blank != NULL) {
		*ret_rest = text_from_offset(bytes, (size_t)(blank - bytes.ptr) + 1);
		bytes.len = (size_t)(blank - bytes.ptr);
	}
	state->has_sum = text_to_u64(sum, &state->sum) && text_to_u64(bytes, &state->bytes);
	return state->has_sum;
}

static struct state read_state(struct text token)
{
	struct state state = {.kind = token.len > 0 ? token.ptr[0] : '-'};
	struct text rest = text_from_offset(token, 1), ignored;

	if (state.kind == 'l') {
		state.target = rest;
		return state;
	}
	for (; rest.len > 0 && rest.ptr[0] != ' '; rest = text_from_offset(rest, 1)) {
		state.may_read |= rest.ptr[0] == 'r';
		state.may_write |= rest.ptr[0] == 'w';
		state.may_execute |= rest.ptr[0] == 'x';
	}
	(void)take_sum(text_from_offset(rest, 1), &state, &ignored);
	return state;
}

/* The next line of sums, if it is of this name. */
static void take_line(struct text *sums, const char *name, struct state *state)
{
	struct text rest = *sums, line, said_name;
	struct state found = {.kind = 'f'};

	if (!text_next_line(&rest, &line))
		return;
	if (line.ptr + line.len < sums->ptr + sums->len && line.ptr[line.len] == '\r')
		line.len++; /* of the name */
	if (!take_sum(line, &found, &said_name) || !text_equal_str(said_name, name))
		return;
	state->has_sum = true;
	state->sum = found.sum;
	state->bytes = found.bytes;
	*sums = rest;
}

static bool is_usable_alike(const struct entry *entry, const struct state *state, bool is_root)
{
	if (is_root)
		return state->may_execute == ((entry->mode & 0111) != 0);
	return state->may_read == ((entry->mode & 0400) != 0) &&
	       state->may_write == ((entry->mode & 0200) != 0) &&
	       state->may_execute == ((entry->mode & 0100) != 0);
}

static enum difference difference_of(const struct entry *entry, const struct state *state,
                                     bool is_root)
{
	static const char kinds[] = {[ENTRY_FOLDER] = 'd', [ENTRY_FILE] = 'f', [ENTRY_LINK] = 'l'};

	if (state->kind == '-')
		return DIFFERENCE_ABSENT;
	if (state->kind != kinds[entry->kind])
		return DIFFERENCE_KIND;
	switch (entry->kind) {
	case ENTRY_FOLDER:
		return state->may_read && state->may_write && state->may_execute
		               ? DIFFERENCE_NONE
		               : DIFFERENCE_CLOSED;
	case ENTRY_LINK: /* not every archiver puts one in another's place */
		return text_equal_str(state->target, entry->target) ? DIFFERENCE_NONE
		                                                    : DIFFERENCE_KIND;
	case ENTRY_FILE:
		break;
	}
	return entry->has_sum && state->has_sum && entry->sum == state->sum &&
	                       entry->sum_bytes == state->bytes &&
	                       is_usable_alike(entry, state, is_root)
	               ? DIFFERENCE_NONE
	               : DIFFERENCE_CONTENT;
}

/* What is seen through something else in a folder's place is not there. */
static bool has_no_folder(const struct comparison *comparison, const struct manifest *manifest,
                          const char *name)
{
	const char *slash = strrchr(name, '/');
	struct text parent = {name, (size_t)(slash - name)};
	ssize_t index = parent.len > 1 ? manifest_find(manifest, parent) : -1;

	return index >= 0 && (comparison->marks[index] == DIFFERENCE_KIND ||
	                      comparison->marks[index] == DIFFERENCE_ABSENT);
}

static void order(struct comparison *comparison, char letter, struct text name)
{
	text_buf_add_char(&comparison->orders, letter);
	text_buf_add(&comparison->orders, name);
	text_buf_add_char(&comparison->orders, '\0');
}

static void mark(struct comparison *comparison, const struct manifest *manifest, size_t index,
                 enum difference difference)
{
	const struct entry *entry = &manifest->entries[index];

	if (has_no_folder(comparison, manifest, entry->name))
		difference = DIFFERENCE_ABSENT;
	comparison->marks[index] = (unsigned char)difference;
	if (difference == DIFFERENCE_KIND)
		order(comparison, 'x', text_from(entry->name));
	if (difference == DIFFERENCE_CLOSED)
		order(comparison, 'o', text_from(entry->name));
	comparison->has_closed |= difference == DIFFERENCE_CLOSED;
	comparison->has_old |= difference == DIFFERENCE_CONTENT;
	if (!comparison_is_sent(comparison, index))
		return;
	comparison->differing_count++;
	comparison->file_count += entry->kind != ENTRY_FOLDER;
	comparison->bytes += entry->bytes;
}

static bool take_states(struct comparison *comparison, const struct manifest *manifest,
                        struct text rest, const char *word)
{
	char *end = mem_printf("\n%s end\n", word);
	struct text token, states = rest, sums, tail;
	bool is_whole = true;
	size_t i;

	for (i = 0; i <= manifest->count && is_whole; i++)
		is_whole = next_token(&rest, &token);
	sums = rest;
	tail = find_part(sums, text_from(end));
	is_whole = is_whole && token.len == 0 && tail.len > 0;
	free(end);
	if (!is_whole)
		return false;
	sums.len -= tail.len;
	for (i = 0; i < manifest->count; i++) {
		const struct entry *entry = &manifest->entries[i];
		struct state state;

		(void)next_token(&states, &token);
		state = read_state(token);
		if (state.kind == 'f' && !state.has_sum)
			take_line(&sums, entry->name, &state);
		mark(comparison, manifest, i, difference_of(entry, &state, comparison->is_root));
	}
	return true;
}

/* ---- names of before ---- */

/* Does it lie below the folder, as it is spelled? */
static bool is_within(struct text name)
{
	struct text rest = name;

	if (!text_has_prefix(name, TEXT_LIT("./")) || name.len == 2)
		return false;
	while (rest.len > 0) {
		const char *slash = memchr(rest.ptr, '/', rest.len);
		struct text segment = {rest.ptr,
		                       slash != NULL ? (size_t)(slash - rest.ptr) : rest.len};

		if (segment.len == 0 || text_equal_str(segment, ".."))
			return false;
		rest = text_from_offset(rest, segment.len + 1);
	}
	return true;
}

static int backwards(const void *a, const void *b)
{
	return -text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* What is in a folder is ordered away before the folder. */
static bool take_old_names(struct comparison *comparison, const struct manifest *manifest,
                           struct text *rest)
{
	struct text *stale = NULL, name;
	size_t count = 0, cap = 0, i;
	bool is_whole;

	while ((is_whole = next_token(rest, &name)) && name.len > 0) {
		if (manifest_find(manifest, name) >= 0 || !is_within(name))
			continue;
		stale = mem_grow(stale, &cap, count + 1, sizeof(stale[0]));
		stale[count++] = name;
	}
	if (count > 0)
		qsort(stale, count, sizeof(stale[0]), backwards);
	for (i = 0; i < count; i++)
		order(comparison, 's', stale[i]);
	free(stale);
	return is_whole;
}

/* ---- the whole ---- */

static void mark_all_absent(struct comparison *comparison, const struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->count; i++)
		mark(comparison, manifest, i, DIFFERENCE_ABSENT);
}

static bool read_answer(struct comparison *comparison, const struct manifest *manifest,
                        struct text rest, const char *word)
{
	struct text line, user, tool, names;

	if (!text_next_line(&rest, &line) || line.len == 0 || line.ptr[0] != '/' ||
	    !next_token(&rest, &user) || !next_token(&rest, &tool) || !next_token(&rest, &names))
		return false;
	comparison->dir = text_dup(line);
	comparison->is_root = text_equal_str(user, "root");
	comparison->has_rsync = text_equal_str(tool, "rsync");
	if (text_equal_str(names, "new")) {
		comparison->is_new = true;
		mark_all_absent(comparison, manifest);
		return true;
	}
	if (text_equal_str(names, "other")) {
		comparison->must_clear = true;
		if (!take_old_names(comparison, manifest, &rest))
			return false;
	} else if (!text_equal_str(names, "same")) {
		return false;
	}
	return take_states(comparison, manifest, rest, word);
}

enum comparison_answer comparison_make(const struct manifest *manifest, struct text output,
                                       const char *word, struct comparison *ret_comparison,
                                       struct text *ret_why)
{
	struct text rest = said(output, word);
	struct comparison comparison = {.dir = NULL};

	if (text_has_prefix(rest, TEXT_LIT("apart "))) {
		rest = text_from_offset(rest, strlen("apart "));
		(void)text_next_line(&rest, ret_why);
		return COMPARISON_APART;
	}
	if (!text_has_prefix(rest, TEXT_LIT("answer ")))
		return COMPARISON_MISSING;
	comparison.marks = mem_calloc(manifest->count + 1, 1);
	text_buf_init(&comparison.orders, ORDERS_MAX_BYTES);
	if (!read_answer(&comparison, manifest, text_from_offset(rest, strlen("answer ")), word) ||
	    comparison.orders.overflowed) {
		comparison_deinit(&comparison);
		return COMPARISON_MISSING;
	}
	comparison.must_clear |= comparison.orders.len > 0;
	*ret_comparison = comparison;
	return COMPARISON_MADE;
}

bool comparison_is_of_new(struct text output, const char *word)
{
	struct text rest = said(output, word), line, token;

	return text_next_line(&rest, &line) && text_has_prefix(line, TEXT_LIT("answer ")) &&
	       next_token(&rest, &token) && next_token(&rest, &token) &&
	       next_token(&rest, &token) && text_equal_str(token, "new");
}

void comparison_deinit(struct comparison *comparison)
{
	free(comparison->dir);
	free(comparison->marks);
	text_buf_deinit(&comparison->orders);
	*comparison = (struct comparison){.dir = NULL};
}

bool comparison_is_sent(const struct comparison *comparison, size_t index)
{
	switch ((enum difference)comparison->marks[index]) {
	case DIFFERENCE_NONE:
	case DIFFERENCE_CLOSED:
		return false;
	case DIFFERENCE_ABSENT:
	case DIFFERENCE_CONTENT:
	case DIFFERENCE_KIND:
		return true;
	}
	return true;
}
