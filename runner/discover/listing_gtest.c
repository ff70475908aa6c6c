/* listing_gtest.c - GoogleTest's list: suites that end in '.', their tests two blanks further in.
 */
#include <string.h>

#include "runner/discover/listing_reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* Without "  # TypeParam = int" and its like. */
static struct text without_comment(struct text line)
{
	const char *hash = line.ptr != NULL ? memmem(line.ptr, line.len, "  # ", 4) : NULL;

	if (hash != NULL)
		line.len = (size_t)(hash - line.ptr);
	return line;
}

/* In a filter these join names, stand for others, or begin what is left out. */
static bool can_be_told(struct text name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		if (strchr(":*?-", name.ptr[i]) != NULL)
			return false;
	}
	return true;
}

static int add_test(struct listing_reader *reader, struct text suite, struct text test)
{
	char *name = mem_printf("%.*s > %.*s", TEXT_ARG(suite), TEXT_ARG(test)), *locator = NULL;
	int status;

	if (can_be_told(suite) && can_be_told(test))
		locator = mem_printf("%.*s.%.*s", TEXT_ARG(suite), TEXT_ARG(test));
	status = listing_add(reader, 0, text_from(name), locator);
	free(name);
	return status;
}

int listing_read_gtest(struct listing_reader *reader, struct text output)
{
	struct text line, suite = TEXT_EMPTY;
	bool is_test;

	if (reader->file_count != 1) {
		tanda_error_set(reader->error, NULL, "expected one program, got %zu",
		                reader->file_count);
		return -1;
	}
	while (text_next_line(&output, &line)) {
		/* With a flag that it does not know it prints its help, runs nothing and exits with
		 * 0. */
		if (text_has_prefix(line,
		                    TEXT_LIT("This program contains tests written using Google")))
			return listing_is_foreign(reader, "--gtest_list_tests",
			                          "it is GoogleTest's help, as if one of its flags "
			                          "were unknown");
		is_test = text_has_prefix(line, TEXT_LIT("  "));
		line = text_trim(without_comment(line));
		if (is_test && suite.len > 0 && line.len > 0 && add_test(reader, suite, line) < 0)
			return -1;
		if (!is_test && text_has_suffix(line, TEXT_LIT(".")))
			suite = text_head(line, line.len - 1);
		else if (!is_test)
			suite = TEXT_EMPTY; /* what the program itself prints */
	}
	return 0;
}
