/* classname.c - see classname.h. */
#include "runner/config/classname.h"

#include <ctype.h>
#include <string.h>

#include "shards/base/mem.h"

/* The next segment of a path; false behind the last. */
static bool next_segment(struct text *rest, struct text *ret_segment)
{
	const char *slash;

	if (rest->len == 0)
		return false;
	slash = memchr(rest->ptr, '/', rest->len);
	*ret_segment =
		(struct text){rest->ptr, slash != NULL ? (size_t)(slash - rest->ptr) : rest->len};
	*rest = text_from_offset(*rest, ret_segment->len + (slash != NULL ? 1 : 0));
	return true;
}

static bool is_language(struct text segment)
{
	static const char *const languages[] = {"java", "kotlin", "groovy", "scala"};
	size_t i;

	for (i = 0; i < countof(languages); i++) {
		if (text_equal_str(segment, languages[i]))
			return true;
	}
	return false;
}

/* What follows the source root, or the folder of compiled classes. */
static struct text below_root(struct text path)
{
	struct text rest = path, segment, last = TEXT_EMPTY, before = TEXT_EMPTY;

	while (next_segment(&rest, &segment)) {
		if (text_equal_str(segment, "classes") || text_equal_str(segment, "test-classes") ||
		    (is_language(segment) && text_equal_str(before, "src")))
			return rest;
		before = last;
		last = segment;
	}
	return path;
}

static struct text without_extension(struct text path)
{
	size_t i;

	for (i = path.len; i > 0 && path.ptr[i - 1] != '/'; i--) {
		if (path.ptr[i - 1] == '.')
			return text_head(path, i - 1);
	}
	return path;
}

void classname_add(struct text_buf *out, const char *path)
{
	struct text name = without_extension(below_root(text_from(path)));
	size_t i;

	for (i = 0; i < name.len; i++)
		text_buf_add_char(out, name.ptr[i] == '/' ? '.' : name.ptr[i]);
}

bool classname_is_plain(const char *path)
{
	struct text name = without_extension(below_root(text_from(path)));
	size_t i;

	for (i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (!isalnum(c) && strchr("_$/", c) == NULL && c < 0x80)
			return false;
	}
	return name.len > 0;
}
