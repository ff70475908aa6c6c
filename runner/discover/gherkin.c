/* gherkin.c - see gherkin.h. */
#include "runner/discover/gherkin.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* "@a @b # why": the tags of one line. */
static void add_tags(struct gherkin_tags *tags, struct text line, unsigned number, unsigned block)
{
	while (line.len > 0 && line.ptr[0] == '@' && tags->count < FEATURE_TAGS_MAX) {
		size_t len = 1;

		while (len < line.len && !is_space(line.ptr[len]) && line.ptr[len] != '@')
			len++;
		tags->tags =
			mem_grow(tags->tags, &tags->cap, tags->count + 1, sizeof(tags->tags[0]));
		tags->tags[tags->count++] = (struct gherkin_tag){
			.name = {line.ptr + 1, len - 1}, .line = number, .block = block};
		line = text_trim(text_from_offset(line, len));
	}
}

static bool is_doc_string(struct text line)
{
	return text_has_prefix(line, TEXT_LIT("\"\"\"")) || text_has_prefix(line, TEXT_LIT("```"));
}

/* Tags come before the keyword they belong to; the first keyword of a file is the feature's. */
void gherkin_read_tags(struct text source, struct gherkin_tags *ret_tags)
{
	struct gherkin_tags tags = {0};
	bool in_doc_string = false, has_feature = false, has_pending = false;
	unsigned number = 0;
	struct text line;

	if (text_has_prefix(source, TEXT_LIT("\xef\xbb\xbf")))
		source = text_from_offset(source, 3);
	while (text_next_line(&source, &line)) {
		number++;
		line = text_trim(line);
		if (is_doc_string(line)) {
			in_doc_string = !in_doc_string;
			continue;
		}
		if (in_doc_string || line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '|')
			continue;
		if (line.ptr[0] == '@') {
			add_tags(&tags, line, number, has_feature ? tags.block_count + 1 : 0);
			has_pending = true;
			continue;
		}
		if (!has_feature) {
			has_feature = true;
			has_pending = false;
		} else if (has_pending) {
			tags.block_count++;
			has_pending = false;
		}
	}
	*ret_tags = tags;
}

void gherkin_tags_deinit(struct gherkin_tags *tags)
{
	free(tags->tags);
	*tags = (struct gherkin_tags){0};
}

struct text gherkin_title(struct text source)
{
	struct text line;

	if (text_has_prefix(source, TEXT_LIT("\xef\xbb\xbf")))
		source = text_from_offset(source, 3);
	while (text_next_line(&source, &line)) {
		const char *colon;

		line = text_trim(line);
		if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '@')
			continue;
		colon = memchr(line.ptr, ':', line.len);
		if (colon == NULL)
			break;
		return text_trim(text_from_offset(line, (size_t)(colon - line.ptr) + 1));
	}
	return TEXT_EMPTY;
}
