/* test_html.c - strangers' text in report.html and summary.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/report/html/html.h"
#include "runner/report/markdown.h"

enum { MAX_BYTES = 64 * 1024 };

static void check(void (*add)(struct text_buf *, struct text), const char *in, const char *wanted)
{
	struct text_buf out;

	text_buf_init(&out, MAX_BYTES);
	text_buf_add_str(&out, "");
	add(&out, text_from(in));
	assert_string_equal(out.ptr, wanted);
	text_buf_deinit(&out);
}

static void markup_and_quotes_are_entities(void **state)
{
	(void)state;
	check(html_add_name, "</script><img src=x onerror='a&b'>\"",
	      "&lt;/script&gt;&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;&quot;");
	check(html_add_name, "{{7*7}} javascript:x ::error::", "{{7*7}} javascript:x ::error::");
}

static void what_is_not_seen_is_visible_in_names(void **state)
{
	(void)state;
	check(html_add_name,
	      "a\xE2\x80\xAE"
	      "b",
	      "a\\u{202e}b");
	check(html_add_name, "a\x1B[2Jb\n\x07", "a\\u{1b}[2Jb\\u{a}\\u{7}");
	check(html_add_name, "\xFF\xC3\xA9", "\\x{ff}\xC3\xA9");
}

static void add_lines(struct text_buf *out, struct text bytes)
{
	html_add_lines(out, bytes, 40);
}

static void output_loses_sequences_and_what_was_overwritten(void **state)
{
	(void)state;
	check(add_lines, "10 %\r100 %\n\x1B[31m<b>\x1B[0m\n", "100 %\n&lt;b&gt;\n");
}

static void long_output_keeps_head_and_tail(void **state)
{
	(void)state;
	check(add_lines, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST",
	      "0123456789\n[... 16 bytes left out ...]\nqrstuvwxyzABCDEFGHIJKLMNOPQRST\n");
}

static void shell_words_are_quoted_where_needed(void **state)
{
	(void)state;
	check(html_add_shell_word, "features/pay.feature", "features/pay.feature");
	check(html_add_shell_word, "a b", "&#39;a b&#39;");
	check(html_add_shell_word, "it's $(x)", "&#39;it&#39;\\&#39;&#39;s $(x)&#39;");
	check(html_add_shell_word, "", "&#39;&#39;");
}

static void url_paths_cannot_leave_their_meaning(void **state)
{
	(void)state;
	check(html_add_url_path, "logs/0001.log", "logs/0001.log");
	check(html_add_url_path, "javascript:a?b#c\"", "javascript%3Aa%3Fb%23c%22");
}

static void markdown_names_cannot_format_link_or_mention(void **state)
{
	(void)state;
	check(markdown_add_name, "a|b`c`<b>@team #1",
	      "a&#124;b&#96;c&#96;&#60;b&#62;&#64;team &#35;1");
	check(markdown_add_name, "[x](http://y) www.z.com",
	      "&#91;x&#93;&#40;http&#58;//y&#41; www&#46;z.com");
	check(markdown_add_name, "line\nline", "line&#92;u&#123;a&#125;line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_and_quotes_are_entities),
		cmocka_unit_test(what_is_not_seen_is_visible_in_names),
		cmocka_unit_test(output_loses_sequences_and_what_was_overwritten),
		cmocka_unit_test(long_output_keeps_head_and_tail),
		cmocka_unit_test(shell_words_are_quoted_where_needed),
		cmocka_unit_test(url_paths_cannot_leave_their_meaning),
		cmocka_unit_test(markdown_names_cannot_format_link_or_mention),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
