/* glob.c - path patterns: * ? [] {a,b} within a segment, ** for any number of segments, {area} for
 * one segment that is handed back. fnmatch() knows neither of the last two. */
#include <stdlib.h>
#include <string.h>

#include "runner/discover/discover.h"

enum { STEPS_MAX = 100000 }; /* a pattern such as *a*a*a*b must not take for ever */

struct match {
	struct text area;
	unsigned steps;
};

static bool match_here(struct match *m, const char *pattern, const char *path);

/* "[a-z]", "[!x]" at `pattern`; *ret_end is behind it. False too when it does not end. */
static bool match_class(const char *pattern, char c, const char **ret_end)
{
	const char *at = pattern + 1;
	bool negated = *at == '!' || *at == '^';
	bool found = false;

	at += negated;
	do {
		char low = *at, high = *at;

		if (low == '\0')
			return false;
		if (at[1] == '-' && at[2] != ']' && at[2] != '\0') {
			high = at[2];
			at += 2;
		}
		found |= (unsigned char)c >= (unsigned char)low &&
		         (unsigned char)c <= (unsigned char)high;
		at++;
	} while (*at != ']');
	*ret_end = at + 1;
	return c != '/' && c != '\0' && found != negated;
}

static bool match_star(struct match *m, const char *pattern, const char *path)
{
	for (;; path++) {
		if (match_here(m, pattern, path))
			return true;
		if (*path == '\0' || *path == '/')
			return false;
	}
}

/* "**" + "/": no segment, or any number of them; a last "**": all that is left. */
static bool match_any_depth(struct match *m, const char *pattern, const char *path)
{
	if (*pattern == '\0')
		return true;
	for (;;) {
		if (match_here(m, pattern + 1, path))
			return true;
		path = strchr(path, '/');
		if (path == NULL)
			return false;
		path++;
	}
}

static bool match_area(struct match *m, const char *pattern, const char *path)
{
	size_t len = strcspn(path, "/"), taken;
	struct text before = m->area;

	for (taken = len; taken > 0; taken--) {
		m->area = (struct text){path, taken};
		if (match_here(m, pattern, path + taken))
			return true;
	}
	m->area = before;
	return false;
}

/* "{a,b}": each in turn, followed by what stands behind the brace. */
static bool match_choice(struct match *m, const char *pattern, const char *end, const char *path)
{
	const char *at = pattern + 1;

	while (at <= end) {
		size_t len = strcspn(at, ",}");

		if (strncmp(at, path, len) == 0 && match_here(m, end + 1, path + len))
			return true;
		at += len + 1;
	}
	return false;
}

static bool match_here(struct match *m, const char *pattern, const char *path)
{
	const char *end;

	for (;; pattern++, path++) {
		if (m->steps++ > STEPS_MAX)
			return false;
		if (strncmp(pattern, "**", 2) == 0 && (pattern[2] == '/' || pattern[2] == '\0'))
			return match_any_depth(m, pattern + 2, path);
		if (*pattern == '*')
			return match_star(m, pattern + strspn(pattern, "*"), path);
		if (strncmp(pattern, "{area}", 6) == 0)
			return match_area(m, pattern + 6, path);
		end = *pattern == '{' ? strchr(pattern, '}') : NULL;
		if (end != NULL)
			return match_choice(m, pattern, end, path);
		if (*pattern == '\0')
			return *path == '\0';
		if (*pattern == '[' && strchr(pattern, ']') != NULL) {
			if (!match_class(pattern, *path, &end))
				return false;
			pattern = end - 1;
		} else if (*pattern == '?') {
			if (*path == '\0' || *path == '/')
				return false;
		} else if (*pattern != *path) {
			return false;
		}
	}
}

bool glob_match(const char *pattern, const char *path, struct text *ret_area)
{
	struct match m = {.area = TEXT_EMPTY};
	bool matched = match_here(&m, pattern, path);

	*ret_area = matched ? m.area : TEXT_EMPTY;
	return matched;
}
