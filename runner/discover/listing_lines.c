/* listing_lines.c - listings of plain lines: pytest's node ids, files, a number. */
#include <string.h>

#include "runner/discover/listing_reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* "Class::test[a::b]" as "Class > test[a::b]": what stands in brackets is a value. */
static void add_node_titles(struct text_buf *name, struct text node)
{
	size_t i;

	for (i = 0; i < node.len && node.ptr[i] != '['; i++) {
		if (node.ptr[i] != ':' || i + 1 >= node.len || node.ptr[i + 1] != ':') {
			text_buf_add_char(name, node.ptr[i]);
			continue;
		}
		text_buf_add_str(name, " > ");
		i++;
	}
	text_buf_add(name, text_from_offset(node, i));
}

/* "FILE::NODE", the file told from pytest's own root, which need not be the working folder. */
static int add_node(struct listing_reader *reader, struct text line, const char *colons)
{
	struct text file = {line.ptr, (size_t)(colons - line.ptr)};
	struct text node = text_from_offset(line, file.len + 2);
	struct text_buf name;
	size_t index;
	int status;

	if (!listing_find_file(reader, file, &index))
		return 0;
	text_buf_init(&name, LISTING_NAME_MAX_BYTES);
	add_node_titles(&name, node);
	status = listing_add(reader, index, text_buf_text(&name),
	                     mem_printf("%s::%.*s", reader->files[index], TEXT_ARG(node)));
	text_buf_deinit(&name);
	return status;
}

/* A node a line; the summary, after a blank line, says what was done. Without it this is not a
 * listing, or not all of it. */
int listing_read_pytest(struct listing_reader *reader, struct text output)
{
	struct text line, all = output;
	bool is_whole = false;

	while (text_next_line(&output, &line)) {
		const char *colons = line.ptr != NULL ? memmem(line.ptr, line.len, "::", 2) : NULL;

		if (line.len == 0)
			break;
		if (colons != NULL && add_node(reader, line, colons) < 0)
			return -1;
	}
	while (text_next_line(&all, &line))
		is_whole |= text_contains(line, TEXT_LIT(" collected")) ||
		            text_contains(line, TEXT_LIT("no tests")) ||
		            text_contains(line, TEXT_LIT("deselected"));
	return is_whole ? 0 : listing_is_foreign(reader, "pytest --collect-only -q", NULL);
}

/* A number by itself on the last line: of the one file asked about. */
int listing_read_count(struct listing_reader *reader, struct text output)
{
	struct text line, last = TEXT_EMPTY;
	uint64_t count, i;

	while (text_next_line(&output, &line)) {
		if (text_trim(line).len > 0)
			last = text_trim(line);
	}
	if (reader->file_count != 1 || !text_to_u64(last, &count)) {
		tanda_error_set(reader->error, NULL, "expected a number of tests, got '%.*s'",
		                TEXT_ARG(text_head(last, 80)));
		return -1;
	}
	for (i = 0; i < count; i++) {
		if (listing_add_counted(reader, 0) < 0)
			return -1;
	}
	return 0;
}

/* The path of a file a line, which has at least one case. Other lines are the project's own. */
int listing_read_files(struct listing_reader *reader, struct text output)
{
	struct text line;
	size_t index;

	while (text_next_line(&output, &line)) {
		if (listing_find_file(reader, text_trim(line), &index) &&
		    listing_add_counted(reader, index) < 0)
			return -1;
	}
	return 0;
}
