/* casename.c - see casename.h. */
#include "runner/discover/casename.h"

#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"

/* What frameworks put between the titles that they join. */
static const char *const joints[] = {" > ", " \u203a ", " ", ".", "::", " - ", "/"};

/* Names are compared as a listing spells them: white space at the ends does not count, control
 * characters are spaces. */
static bool is_same(struct text told, struct text title)
{
	size_t i;

	told = text_trim(told);
	title = text_trim(title);
	if (told.len != title.len)
		return false;
	for (i = 0; i < told.len; i++) {
		unsigned char c = (unsigned char)told.ptr[i];

		if ((c < ' ' || c == 0x7f ? ' ' : told.ptr[i]) != title.ptr[i])
			return false;
	}
	return true;
}

/* Cut the last title off; false when it is the only one. */
static bool cut_last(struct text name, struct text *ret_front, struct text *ret_last)
{
	size_t len = strlen(CASENAME_SEPARATOR), i;

	for (i = name.len; i >= len; i--) {
		if (memcmp(name.ptr + i - len, CASENAME_SEPARATOR, len) == 0) {
			*ret_front = (struct text){name.ptr, i - len};
			*ret_last = text_from_offset(name, i);
			return true;
		}
	}
	*ret_front = TEXT_EMPTY;
	*ret_last = name;
	return false;
}

/* Take the titles of `name`, joined by `joint` in place of the separator, off the end of `told`. */
static bool strip_titles(struct text told, struct text name, struct text joint,
                         struct text *ret_rest)
{
	struct text last;

	while (cut_last(name, &name, &last)) {
		if (!text_has_suffix(told, last))
			return false;
		told.len -= last.len;
		if (!text_has_suffix(told, joint))
			return false;
		told.len -= joint.len;
	}
	if (!text_has_suffix(told, last))
		return false;
	told.len -= last.len;
	*ret_rest = told;
	return true;
}

/* Does `told` hold the titles, joined in some way, and nothing else; or, with `has_more`, whatever
 * else in front of a joint? */
static bool holds_titles(struct text told, struct text titles, bool has_more)
{
	struct text rest;
	size_t i;

	told = text_trim(told);
	for (i = 0; i < countof(joints); i++) {
		struct text joint = text_from(joints[i]);

		if (strip_titles(told, titles, joint, &rest) &&
		    (rest.len == 0 || (has_more && text_has_suffix(rest, joint))))
			return true;
	}
	return false;
}

/* "OUTLINE - #1.2: TITLE", as cucumber writes the row that a listing calls "TITLE > #1.2". */
static bool is_row(struct text told, struct text front, struct text row)
{
	struct text before, title;
	size_t from;

	if (row.len < 2 || row.ptr[0] != '#')
		return false;
	cut_last(front, &before, &title);
	if (!text_has_suffix(told, title) || told.len < title.len + row.len + 2)
		return false;
	told.len -= title.len;
	if (!text_has_suffix(told, TEXT_LIT(": ")))
		return false;
	told.len -= 2;
	if (!text_has_suffix(told, row))
		return false;
	from = told.len - row.len;
	return from == 0 || told.ptr[from - 1] == ' ';
}

static uint32_t title_count(struct text name)
{
	struct text last;
	uint32_t count = 1;

	while (cut_last(name, &name, &last))
		count++;
	return count;
}

/* How well a reported case fits a name: 0 not at all, 1 by its last title, of which the report does
 * not tell what stands in front; more, by all its titles: the more there are the better. */
static uint32_t fit_of(const struct case_result *result, struct text name)
{
	struct text front, last, rest = name;

	if (is_same(result->name, name) || holds_titles(result->name, name, false) ||
	    (cut_last(name, &front, &last) && is_row(text_trim(result->name), front, last)))
		return 1 + title_count(name);
	/* A title may hold the separator itself, as in "test[a > b]": try every place. */
	while (cut_last(rest, &front, &last)) {
		last.len = name.len - (size_t)(last.ptr - name.ptr);
		if (is_same(result->name, last))
			return holds_titles(result->classname, front, true) ? 1 + title_count(name)
			                                                    : 1;
		rest = front;
	}
	return 0;
}

size_t casename_find(const struct case_result *result, const char *const *names, size_t count)
{
	size_t found = CASENAME_NONE, best_count = 0, i;
	uint32_t best = 0;

	for (i = 0; i < count; i++) {
		uint32_t fit = fit_of(result, text_from(names[i]));

		if (fit == 0 || fit < best)
			continue;
		best_count = fit > best ? 1 : best_count + 1;
		best = fit;
		found = i;
	}
	return best_count == 1 ? found : CASENAME_NONE;
}
