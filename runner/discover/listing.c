/* listing.c - see listing.h. */
#include "runner/discover/listing.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/discover/samefile.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* Add to the count of the file that `path` names. */
static void count_path(struct text path, const char *const *files, size_t file_count,
                       uint64_t *counts)
{
	size_t i;

	for (i = 0; i < file_count; i++) {
		if (samefile(path, files[i])) {
			counts[i]++;
			return;
		}
	}
}

/* "FILE::NODE" a line; the summary, after a blank line, has no "::" in front of a space. */
static int parse_pytest(struct text output, const char *const *files, size_t file_count,
                        uint64_t *counts, struct tanda_error *error)
{
	struct text line, all = output;
	bool is_whole = false;

	while (text_next_line(&output, &line)) {
		const char *colons = memmem(line.ptr, line.len, "::", 2);

		if (line.len == 0)
			break;
		if (colons != NULL)
			count_path((struct text){line.ptr, (size_t)(colons - line.ptr)}, files,
			           file_count, counts);
	}
	/* Its last line says what it did; without it this is not a listing, or not all of it. */
	while (text_next_line(&all, &line))
		is_whole |= text_contains(line, TEXT_LIT(" collected")) ||
		            text_contains(line, TEXT_LIT("no tests")) ||
		            text_contains(line, TEXT_LIT("deselected"));
	if (is_whole)
		return 0;
	tanda_error_set(error, NULL, "it is not what pytest --collect-only -q prints");
	return -1;
}

/* "features/a.feature:12" without its line. */
static struct text without_line(struct text location)
{
	while (location.len > 0 && location.ptr[location.len - 1] >= '0' &&
	       location.ptr[location.len - 1] <= '9')
		location.len--;
	if (location.len > 0 && location.ptr[location.len - 1] == ':')
		location.len--;
	return location;
}

static struct text string_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct text){json_string_value(value), json_string_length(value)};
}

/* Scenarios that would run are "untested" in a dry run; those filtered out are "skipped". */
static void count_feature(const json_t *feature, const char *const *files, size_t file_count,
                          uint64_t *counts)
{
	json_t *elements = json_object_get(feature, "elements");
	json_t *element;
	size_t i;

	json_array_foreach (elements, i, element) {
		struct text type = string_at(element, "type");

		if (text_equal_str(type, "background") ||
		    text_equal_str(string_at(element, "status"), "skipped"))
			continue;
		count_path(without_line(string_at(feature, "location")), files, file_count, counts);
	}
}

/* A JSON array, behind whatever the project's own hooks print. */
static int parse_behave(struct text output, const char *const *files, size_t file_count,
                        uint64_t *counts, struct tanda_error *error)
{
	const char *start = memmem(output.ptr != NULL ? output.ptr : "", output.len, "[\n{", 3);
	json_error_t fault;
	json_t *root, *feature;
	size_t i;

	if (start == NULL) /* "[\n]": nothing at all would run */
		start = memmem(output.ptr != NULL ? output.ptr : "", output.len, "[\n]", 3);
	if (start == NULL) {
		tanda_error_set(error, NULL, "it is not what behave --format json prints");
		return -1;
	}
	root = json_loadb(start, output.len - (size_t)(start - output.ptr), JSON_DISABLE_EOF_CHECK,
	                  &fault);
	if (!json_is_array(root)) {
		tanda_error_set(error, NULL, "it is not what behave --format json prints: %s",
		                fault.text);
		json_decref(root);
		return -1;
	}
	json_array_foreach (root, i, feature)
		count_feature(feature, files, file_count, counts);
	json_decref(root);
	return 0;
}

/* Messages, one a line; each pickle is a scenario that would run. */
static int parse_cucumber(struct text output, const char *const *files, size_t file_count,
                          uint64_t *counts, struct tanda_error *error)
{
	bool has_any = false;
	struct text line;

	while (text_next_line(&output, &line)) {
		json_error_t fault;
		json_t *message, *pickle;

		if (line.len == 0 || line.ptr[0] != '{')
			continue;
		message = json_loadb(line.ptr, line.len, 0, &fault);
		pickle = json_object_get(message, "testCase");
		has_any |= json_is_object(json_object_get(message, "meta"));
		if (json_is_object(pickle) && file_count == 1)
			counts[0]++; /* one per scenario that passed the filters */
		json_decref(message);
	}
	(void)files;
	if (has_any && file_count == 1)
		return 0;
	tanda_error_set(error, NULL,
	                "it is not what cucumber-js --format message prints for a file");
	return -1;
}

/* A number by itself on the last line: of the one file asked about. */
static int parse_count(struct text output, size_t file_count, uint64_t *counts,
                       struct tanda_error *error)
{
	struct text line, last = TEXT_EMPTY;

	while (text_next_line(&output, &line)) {
		if (text_trim(line).len > 0)
			last = text_trim(line);
	}
	if (file_count == 1 && text_to_u64(last, &counts[0]))
		return 0;
	tanda_error_set(error, NULL, "expected a number of tests, got '%.*s'",
	                TEXT_ARG(text_head(last, 80)));
	return -1;
}

int listing_parse(enum listing format, struct text output, const char *const *files,
                  size_t file_count, uint64_t *ret_counts, struct tanda_error *error)
{
	memset(ret_counts, 0, file_count * sizeof(ret_counts[0]));
	switch (format) {
	case LISTING_IS_PYTEST:
		return parse_pytest(output, files, file_count, ret_counts, error);
	case LISTING_IS_BEHAVE:
		return parse_behave(output, files, file_count, ret_counts, error);
	case LISTING_IS_CUCUMBER:
		return parse_cucumber(output, files, file_count, ret_counts, error);
	case LISTING_IS_COUNT:
		return parse_count(output, file_count, ret_counts, error);
	case LISTING_IS_NONE:
		break;
	}
	tanda_error_set(error, NULL, "this framework has no listing");
	return -1;
}
