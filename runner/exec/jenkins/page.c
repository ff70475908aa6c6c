/* page.c - see page.h. */
#include "runner/exec/jenkins/page.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PAGE_LOOK_BYTES = 16 * 1024 }; /* its first words are near its start */

/* One line under construction: runs of white space are one blank. */
struct words {
	char bytes[PAGE_WORDS_MAX * 4];
	size_t len;
	bool is_apart;
};

static void words_add(struct words *words, char c)
{
	unsigned char byte = (unsigned char)c;

	if (byte <= ' ' || byte == 0x7f) {
		words->is_apart = words->len > 0;
		return;
	}
	if (words->len + 2 > sizeof(words->bytes))
		return;
	if (words->is_apart)
		words->bytes[words->len++] = ' ';
	words->is_apart = false;
	words->bytes[words->len++] = c;
}

static void words_finish(const struct words *words, char *ret_words)
{
	struct text head = text_head((struct text){words->bytes, words->len}, PAGE_WORDS_MAX);

	if (head.len > 0)
		memcpy(ret_words, head.ptr, head.len);
	ret_words[head.len] = '\0';
}

/* Where `part` begins in `text`, whatever its case; NULL. */
static const char *find_nocase(struct text text, const char *part)
{
	size_t len = strlen(part), i;

	for (i = 0; i + len <= text.len; i++) {
		if (strncasecmp(text.ptr + i, part, len) == 0)
			return text.ptr + i;
	}
	return NULL;
}

static struct text after(struct text text, const char *place)
{
	return (struct text){place, text.len - (size_t)(place - text.ptr)};
}

bool page_is_html(const char *content_type, struct text body)
{
	struct text start = text_trim(text_head(body, PAGE_LOOK_BYTES));

	if (strncasecmp(content_type, "text/html", 9) == 0)
		return true;
	return start.len >= 5 &&
	       (strncasecmp(start.ptr, "<html", 5) == 0 || strncasecmp(start.ptr, "<!doc", 5) == 0);
}

static void take_until_tag(struct text text, struct words *words)
{
	size_t i;

	for (i = 0; i < text.len && text.ptr[i] != '<'; i++)
		words_add(words, text.ptr[i]);
}

static bool take_title(struct text page, struct words *words)
{
	const char *title = find_nocase(page, "<title"), *end;

	if (title == NULL)
		return false;
	page = after(page, title);
	end = memchr(page.ptr, '>', page.len);
	if (end == NULL)
		return false;
	take_until_tag(after(page, end + 1), words);
	return words->len > 0;
}

/* Past a tag, and past what it holds when that is not for reading. */
static struct text skip_tag(struct text page)
{
	static const char *const unread[][2] = {
		{"<script", "</script"}, {"<style", "</style"}, {"<!--", "-->"}};
	const char *end;
	size_t i;

	for (i = 0; i < sizeof(unread) / sizeof(unread[0]); i++) {
		size_t len = strlen(unread[i][0]);

		if (page.len < len || strncasecmp(page.ptr, unread[i][0], len) != 0)
			continue;
		end = find_nocase(page, unread[i][1]);
		if (end == NULL)
			return TEXT_EMPTY;
		page = after(page, end);
	}
	end = memchr(page.ptr, '>', page.len);
	return end != NULL ? after(page, end + 1) : TEXT_EMPTY;
}

static void take_words(struct text page, struct words *words)
{
	while (page.len > 0 && words->len < (size_t)PAGE_WORDS_MAX * 2) {
		if (page.ptr[0] == '<') {
			page = skip_tag(page);
			words_add(words, ' ');
			continue;
		}
		words_add(words, page.ptr[0]);
		page = text_from_offset(page, 1);
	}
}

void page_words(struct text page, char *ret_words)
{
	struct words words = {.len = 0};

	page = text_head(page, PAGE_LOOK_BYTES);
	if (!take_title(page, &words))
		take_words(page, &words);
	words_finish(&words, ret_words);
}

void page_first_line(struct text text, char *ret_words)
{
	struct words words = {.len = 0};
	struct text rest = text_trim(text_head(text, PAGE_LOOK_BYTES)), line;
	size_t i;

	if (text_next_line(&rest, &line)) {
		for (i = 0; i < line.len; i++)
			words_add(&words, line.ptr[i]);
	}
	words_finish(&words, ret_words);
}
