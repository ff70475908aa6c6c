/* match.c - segment by segment, each by fnmatch(). */
#include "runner/config/match.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

static bool match_segments(const char *pattern, const char *path)
{
	size_t pattern_len = strcspn(pattern, "/"), path_len = strcspn(path, "/");
	bool is_last = pattern[pattern_len] == '\0', path_is_last = path[path_len] == '\0';
	char *glob, *segment;
	bool matches;

	if (strncmp(pattern, "**/", 3) == 0)
		return match_segments(pattern + 3, path) ||
		       (!path_is_last && match_segments(pattern, path + path_len + 1));
	if (is_last != path_is_last)
		return false;
	glob = mem_strndup(pattern, pattern_len);
	segment = mem_strndup(path, path_len);
	matches = fnmatch(glob, segment, 0) == 0;
	free(glob);
	free(segment);
	if (!matches || is_last)
		return matches;
	return match_segments(pattern + pattern_len + 1, path + path_len + 1);
}

bool path_match(const char *pattern, const char *path)
{
	size_t open = strcspn(pattern, "{"), close = open + strcspn(pattern + open, "}");
	size_t start = open + 1, len;
	bool matches = false;

	if (pattern[close] == '\0')
		return match_segments(pattern, path);
	for (; start <= close && !matches; start += len + 1) {
		char *chosen;

		len = strcspn(pattern + start, ",}");
		chosen = mem_printf("%.*s%.*s%s", (int)open, pattern, (int)len, pattern + start,
		                    pattern + close + 1);
		matches = path_match(chosen, path);
		free(chosen);
	}
	return matches;
}
