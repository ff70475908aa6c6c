/* test_filter.c - whatever comes in, what goes to the parser is small, safe and UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/junit/filter.h"
#include "runner/junit/hidden.h"
#include "runner/junit/read.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

#define BEL_HIDDEN "\xef\xb7\x97" /* U+FDD7 */
#define AMP_HIDDEN "\xef\xb7\x99" /* U+FDD9 */
#define ESC_HIDDEN "\xef\xb7\xab" /* U+FDEB */

struct filtered {
	struct text_buf out;
	enum filter_repair repair;
	uint64_t line;
	bool has_content;
	char fault[128];
};

/* What waits aside, as it would have come through the parser. */
static void put_aside(struct text_buf *out, struct text text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		char hidden[UTF8_MAX_BYTES];

		if (c == '<' || c == '>' || c == '&')
			text_buf_add_str(out, c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
		else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			text_buf_add(out,
			             (struct text){hidden, utf8_encode(HIDDEN_FIRST + c, hidden)});
		else
			text_buf_add_char(out, (char)c);
	}
}

/* Put all that waits aside, a NUL behind each, to `asides`. */
static void take_asides(struct filter *filter, struct text_buf *asides)
{
	struct text text;
	uint64_t lines;

	while (filter_take_aside(filter, &text, &lines)) {
		put_aside(asides, text);
		text_buf_add_char(asides, '\0');
	}
}

/* `out` with each placeholder replaced by the next of `asides`. */
static void put_back(struct text_buf *out, const struct text_buf *asides)
{
	const char *next = asides->ptr;
	struct text_buf whole;
	struct text rest = text_buf_text(out);

	text_buf_init(&whole, SIZE_MAX / 4);
	while (rest.len > 0) {
		struct text plain = hidden_before(rest, HIDDEN_ASIDE);
		struct text padding = hidden_before(rest, HIDDEN_PADDING);

		if (padding.len < plain.len)
			plain = padding;
		text_buf_add(&whole, plain);
		rest = text_from_offset(rest, plain.len);
		if (rest.len > 0 && padding.len != plain.len) {
			text_buf_add_str(&whole, next);
			next += strlen(next) + 1;
		}
		rest = text_from_offset(rest, HIDDEN_BYTES);
	}
	text_buf_clear(out);
	text_buf_add(out, text_buf_text(&whole));
	text_buf_deinit(&whole);
}

static struct filtered filter_bytes(struct text bytes, uint64_t max_bytes, size_t step)
{
	struct filter *filter = mem_alloc(sizeof(*filter));
	char *buffer = mem_alloc(step);
	struct filtered filtered = {0};
	struct text_buf asides;
	size_t got;

	filter_init(filter, -1, bytes, max_bytes);
	text_buf_init(&filtered.out, SIZE_MAX / 4);
	text_buf_init(&asides, SIZE_MAX / 4);
	while ((got = filter_read(filter, buffer, step)) > 0) {
		text_buf_add(&filtered.out, (struct text){buffer, got});
		take_asides(filter, &asides);
	}
	put_back(&filtered.out, &asides);
	text_buf_deinit(&asides);
	assert_int_equal(filter_read(filter, buffer, step), 0);
	filtered.repair = filter->repair;
	filtered.line = filter->repair_line;
	filtered.has_content = filter->has_content;
	strncpy(filtered.fault, filter_fault(filter), sizeof(filtered.fault) - 1);
	filter_deinit(filter);
	free(filter);
	free(buffer);
	return filtered;
}

static const struct {
	struct text in, out;
	enum filter_repair repair;
} samples[] = {
/* TEXT_LIT() is no constant expression. */
#define SAMPLE(in, out, repair)                                      \
	{                                                            \
		{in, sizeof(in) - 1}, {out, sizeof(out) - 1}, repair \
	}
	SAMPLE("", "", REPAIR_NONE),
	SAMPLE("<a b=\"c\">d</a>", "<a b=\"c\">d</a>", REPAIR_NONE),
	SAMPLE("\xef\xbb\xbf <?xml version='1.0'?>\n<a/>", " \n<a/>", REPAIR_NONE),
	SAMPLE("\xef\xbb\xbf", "", REPAIR_NONE),
	/* comments, instructions, CDATA */
	SAMPLE("<a><!-- x\n& \x01 --\n-->b</a>", "<a>\n\nb</a>", REPAIR_COMMENT),
	SAMPLE("<a><!-->x--><!-- <! -->b</a>", "<a>b</a>", REPAIR_NONE),
	SAMPLE("<a><?php echo '<'; ?>b</a>", "<a>b</a>", REPAIR_NONE),
	SAMPLE("<a><![CDATA[<b>&amp;]] ]>]]>c</a>", "<a>&lt;b&gt;&amp;amp;]] ]&gt;c</a>",
               REPAIR_NONE),
	SAMPLE("<a><![CDATA[x]]]]]>y", "<a>x]]]y", REPAIR_NONE),
	SAMPLE("<a><![CDATA[never closed <b/>", "<a>never closed &lt;b/&gt;", REPAIR_NONE),
	SAMPLE("<a>]]></a>", "<a>]]&gt;</a>", REPAIR_NONE),
	/* characters */
	SAMPLE("<a>\x1b[31m\x07</a>", "<a>" ESC_HIDDEN "[31m" BEL_HIDDEN "</a>", REPAIR_CHARACTER),
	SAMPLE("<a>\0</a>", "<a>\xef\xb7\x90</a>", REPAIR_CHARACTER),
	SAMPLE("<a>\xff</a>", "<a>" UTF8_REPLACEMENT "</a>", REPAIR_UTF8),
	SAMPLE("<a>\xe2\x82", "<a>" UTF8_REPLACEMENT UTF8_REPLACEMENT, REPAIR_UTF8),
	SAMPLE("<a>\xef\xbf\xbe</a>", "<a>\\u{fffe}</a>", REPAIR_CHARACTER),
	SAMPLE("<a>" BEL_HIDDEN "</a>", "<a>\\u{fdd7}</a>", REPAIR_NONE),
	SAMPLE("<a>\x7f\xc2\x9b\xf0\x9f\x98\x80</a>", "<a>\x7f\xc2\x9b\xf0\x9f\x98\x80</a>",
               REPAIR_NONE),
	/* references */
	SAMPLE("<a b='&amp;&#38;&lt;&gt;&quot;&apos;'>&amp;&#x26;</a>",
               "<a b='" AMP_HIDDEN AMP_HIDDEN "&lt;&gt;&quot;&apos;'>&amp;&amp;</a>", REPAIR_NONE),
	SAMPLE("<a>&#10;&#x9;&#233;&#x1F600;</a>", "<a>&#10;&#9;&#233;&#128512;</a>", REPAIR_NONE),
	SAMPLE("<a>&#27;[0m&#x1b;&#0;&#X7;</a>",
               "<a>" ESC_HIDDEN "[0m" ESC_HIDDEN "\xef\xb7\x90" BEL_HIDDEN "</a>",
               REPAIR_REFERENCE),
	SAMPLE("<a>&#xD800;&#xffff;</a>", "<a>\\u{d800}\\u{ffff}</a>", REPAIR_REFERENCE),
	SAMPLE("<a>&#xFDD7;</a>", "<a>\\u{fdd7}</a>", REPAIR_NONE),
	SAMPLE("<a>&#x110000;&#99999999999999999999;</a>",
               "<a>" UTF8_REPLACEMENT UTF8_REPLACEMENT "</a>", REPAIR_REFERENCE),
	SAMPLE("<a>a & b &nbsp; &; &#; &#x; &#xg; &#1a;</a>",
               "<a>a &amp; b &amp;nbsp; &amp;; &amp;#; &amp;#x; &amp;#xg; &amp;#1a;</a>",
               REPAIR_AMPERSAND),
	SAMPLE("<a b='x&y'/>&", "<a b='x" AMP_HIDDEN "y'/>&amp;", REPAIR_AMPERSAND),
	SAMPLE("<a>&#00000000000000000000000000000000000065;</a>", "<a>&#65;</a>", REPAIR_NONE),
	SAMPLE("<a>1 < 2 <3</a>", "<a>1 &lt; 2 &lt;3</a>", REPAIR_LESS_THAN),
	SAMPLE("<a>\n\n<", "<a>\n\n<", REPAIR_NONE),
	/* quotes */
	SAMPLE("<a b=\"it's > & <\">'\"</a>", "<a b=\"it's > " AMP_HIDDEN " <\">'\"</a>",
               REPAIR_AMPERSAND),
	/* encodings */
	SAMPLE("\xff\xfe<\0a\0>\0\xe9\0=\xd8\0\xde<\0/\0a\0>\0", "<a>\xc3\xa9\xf0\x9f\x98\x80</a>",
               REPAIR_NONE),
	SAMPLE("\0<\0a\0>\0\xe9\0<\0/\0a\0>", "<a>\xc3\xa9</a>", REPAIR_NONE),
	SAMPLE("\xfe\xff\0<\0a\0>\xd8\x3d\0x\xdc\0\0",
               "<a>" UTF8_REPLACEMENT "x" UTF8_REPLACEMENT UTF8_REPLACEMENT, REPAIR_NONE),
	SAMPLE("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "<a>\xc3\xa9</a>",
               REPAIR_NONE),
	SAMPLE("<?xml version=\"1.0\" encoding = \"windows-1252\" ?><a>\x80</a>",
               "<a>\xe2\x82\xac</a>", REPAIR_NONE),
	SAMPLE("<?xml version='1.0' encoding='utf-8'?><a>\xc3\xa9</a>", "<a>\xc3\xa9</a>",
               REPAIR_NONE),
	SAMPLE("<?xml version='1.0' encoding='utf-16'?><a>\xc3\xa9</a>", "<a>\xc3\xa9</a>",
               REPAIR_ENCODING),
	SAMPLE("<?xml version='1.0' encoding='X/../x'?><a>\xc3\xa9</a>", "<a>\xc3\xa9</a>",
               REPAIR_ENCODING),
#undef SAMPLE
};

static void anything_becomes_plain_markup(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(samples); i++) {
		struct filtered got = filter_bytes(samples[i].in, 1000, 4000);

		if (!text_equal(text_buf_text(&got.out), samples[i].out))
			fail_msg("sample %zu gave '%.*s'", i, TEXT_ARG(text_buf_text(&got.out)));
		assert_int_equal(got.repair, samples[i].repair);
		assert_string_equal(got.fault, "");
		text_buf_deinit(&got.out);
	}
}

/* Constructs that the window's end cuts in two must come out as they do in one piece. */
static void the_windows_end_cuts_nothing(void **state)
{
	char *spaces = mem_alloc(FILTER_WINDOW_BYTES);
	size_t i, shift;

	(void)state;
	memset(spaces, ' ', FILTER_WINDOW_BYTES);
	for (i = 0; i < countof(samples); i++) {
		for (shift = 0; shift < 40; shift++) {
			size_t pad = FILTER_WINDOW_BYTES - shift;
			struct text_buf in;
			struct filtered got;

			if (samples[i].repair == REPAIR_ENCODING || samples[i].in.len < 2 ||
			    samples[i].in.ptr[0] != '<' || samples[i].in.ptr[1] != 'a')
				continue;
			text_buf_init(&in, SIZE_MAX / 4);
			text_buf_add(&in, (struct text){spaces, pad});
			text_buf_add(&in, samples[i].in);
			got = filter_bytes(text_buf_text(&in), 1 << 20, 999);
			assert_true(text_equal(text_from_offset(text_buf_text(&got.out), pad),
			                       samples[i].out));
			assert_int_equal(got.repair, samples[i].repair);
			text_buf_deinit(&got.out);
			text_buf_deinit(&in);
		}
	}
	free(spaces);
}

/* `tag` with each '@' replaced by `value`. */
static void put_tag(struct text_buf *out, const char *tag, const char *value)
{
	text_buf_clear(out);
	for (; *tag != '\0'; tag++) {
		if (*tag == '@')
			text_buf_add_str(out, value);
		else
			text_buf_add_char(out, *tag);
	}
}

/* What is quick with simple tags must see where they end, however long their values are. */
static void a_tag_ends_behind_its_values(void **state)
{
	static const struct {
		const char *in, *out;
	} tags[] = {
		{"<a b=\"@\">x>y</a>", "<a b=\"@\">x&gt;y</a>"},
		{"<a b=\"@\" c=\"1>2\">x>y</a>", "<a b=\"@\" c=\"1>2\">x&gt;y</a>"},
		{"<a b=\"@'\" c='\"1>2'>x>y</a>", "<a b=\"@'\" c='\"1>2'>x&gt;y</a>"},
		{"<a b='@\"' c=\"1>2\">x>y</a>", "<a b='@\"' c=\"1>2\">x&gt;y</a>"},
		{"<a b=\"@&lt;\">\n\t<b@/>\r\n x>y", "<a b=\"@&lt;\">\n\t<b@/>\r\n x&gt;y"},
		{"<a b=\"@\x01\">", "<a b=\"@\xef\xb7\x91\">"},
	};
	char value[101] = "";
	struct text_buf in, out;
	size_t i, len;

	(void)state;
	text_buf_init(&in, 1000);
	text_buf_init(&out, 1000);
	for (len = 0; len < sizeof(value) - 1; len++) {
		for (i = 0; i < countof(tags); i++) {
			struct filtered got;

			put_tag(&in, tags[i].in, value);
			put_tag(&out, tags[i].out, value);
			got = filter_bytes(text_buf_text(&in), 1000, 4000);
			assert_string_equal(got.out.ptr, out.ptr);
			text_buf_deinit(&got.out);
		}
		value[len] = 'v';
		value[len + 1] = '\0';
	}
	text_buf_deinit(&in);
	text_buf_deinit(&out);
}

/* A short input comes in one piece, the same that it comes in otherwise; a long one does not. */
static void a_short_input_is_read_at_once(void **state)
{
	struct filter *filter = mem_alloc(sizeof(*filter));
	struct text long_input = {mem_calloc(FILTER_WINDOW_BYTES + 1, 1), FILTER_WINDOW_BYTES + 1};
	struct text whole;
	size_t i;

	(void)state;
	filter_init(filter, -1, TEXT_EMPTY, 1 << 20);
	for (i = 0; i < countof(samples); i++) {
		struct text_buf out, asides;

		filter_restart(filter, -1, samples[i].in, 1 << 20);
		assert_true(filter_read_whole(filter, &whole));
		assert_int_equal(strlen(whole.ptr), whole.len);
		text_buf_init(&out, SIZE_MAX / 4);
		text_buf_init(&asides, SIZE_MAX / 4);
		text_buf_add(&out, whole);
		take_asides(filter, &asides);
		put_back(&out, &asides);
		assert_true(text_equal(text_buf_text(&out), samples[i].out));
		assert_int_equal(filter->repair, samples[i].repair);
		text_buf_deinit(&asides);
		text_buf_deinit(&out);
	}
	filter_restart(filter, -1, long_input, 1 << 20);
	assert_false(filter_read_whole(filter, &whole));
	filter_deinit(filter);
	free(filter);
	free((char *)long_input.ptr);
}

static void the_first_repair_is_told_with_its_line(void **state)
{
	struct filtered got = filter_bytes(TEXT_LIT("<a>\n<!--\n\n-->\n & \x01</a>"), 1000, 100);

	(void)state;
	assert_int_equal(got.repair, REPAIR_AMPERSAND);
	assert_int_equal(got.line, 5);
	assert_string_equal(filter_repair_name(got.repair), "bare '&'");
	text_buf_deinit(&got.out);
}

static void white_space_is_no_content(void **state)
{
	struct filtered got = filter_bytes(TEXT_LIT("\xef\xbb\xbf \r\n\t"), 1000, 100);

	(void)state;
	assert_false(got.has_content);
	text_buf_deinit(&got.out);
	got = filter_bytes(TEXT_LIT(" x"), 1000, 100);
	assert_true(got.has_content);
	text_buf_deinit(&got.out);
}

static void long_attributes_are_cut(void **state)
{
	struct text_buf in;
	struct filtered got;
	size_t i;

	(void)state;
	text_buf_init(&in, SIZE_MAX / 4);
	text_buf_add_str(&in, "<a b=\"");
	for (i = 0; i < 2 * JUNIT_ATTRIBUTE_MAX_BYTES; i++)
		text_buf_add_str(&in, "\xc3\xa9");
	text_buf_add_str(&in, "&amp;\" c=\"d\"/>");
	got = filter_bytes(text_buf_text(&in), 1 << 20, 4000);
	assert_int_equal(got.out.len, 6 + JUNIT_ATTRIBUTE_MAX_BYTES + 9);
	assert_string_equal(got.out.ptr + got.out.len - 11, "\xc3\xa9\" c=\"d\"/>");
	text_buf_deinit(&got.out);
	text_buf_deinit(&in);
}

static void the_values_of_a_tag_are_bounded_together(void **state)
{
	struct text_buf in;
	struct filtered got;
	size_t i, k;

	(void)state;
	text_buf_init(&in, SIZE_MAX / 4);
	text_buf_add_str(&in, "<a");
	for (i = 0; i < 100; i++) {
		text_buf_printf(&in, " b%zu='", i);
		for (k = 0; k < 4000; k++)
			text_buf_add_str(&in, "0123456789");
		text_buf_add_str(&in, "'");
	}
	text_buf_add_str(&in, "/>");
	got = filter_bytes(text_buf_text(&in), 1 << 30, 4000);
	assert_true(got.out.len < FILTER_VALUES_MAX_BYTES + 100 * 10);
	assert_string_equal(got.fault, "");
	text_buf_deinit(&got.out);
	text_buf_deinit(&in);
}

static void what_makes_parsers_slow_is_a_fault(void **state)
{
	struct text_buf in;
	struct filtered got;
	size_t i;

	(void)state;
	text_buf_init(&in, SIZE_MAX / 4);
	text_buf_add_str(&in, "<x/><a");
	for (i = 0; i < 1000; i++)
		text_buf_printf(&in, " b%zu=''", i);
	got = filter_bytes(text_buf_text(&in), 1 << 30, 4000);
	assert_non_null(strstr(got.fault, "more attributes"));
	assert_memory_equal(got.out.ptr, "<x/>", 4); /* what came before still goes out */
	text_buf_deinit(&got.out);
	text_buf_clear(&in);
	text_buf_add_str(&in, "<x/><a");
	for (i = 0; i < 100000; i++)
		text_buf_add_str(&in, " ");
	got = filter_bytes(text_buf_text(&in), 1 << 30, 4000);
	assert_non_null(strstr(got.fault, "longer"));
	text_buf_deinit(&got.out);
	text_buf_deinit(&in);
}

static void more_bytes_than_allowed_are_a_fault(void **state)
{
	struct filtered got = filter_bytes(TEXT_LIT("<a>0123456789</a>"), 17, 100);

	(void)state;
	assert_string_equal(got.fault, "");
	text_buf_deinit(&got.out);
	got = filter_bytes(TEXT_LIT("<a>0123456789</a>"), 16, 100);
	assert_string_equal(got.fault, "larger than 16 bytes");
	text_buf_deinit(&got.out);
}

static void hidden_characters_come_back(void **state)
{
	struct text_buf out;

	(void)state;
	text_buf_init(&out, 100);
	hidden_restore(&out, TEXT_LIT("a" AMP_HIDDEN ESC_HIDDEN
	                              "[0m\xef\xb7\x90\xef\xbf\xbd\xef\xb7\xb0\xef"));
	assert_true(text_equal(text_buf_text(&out),
	                       TEXT_LIT("a&\x1b[0m\0\xef\xbf\xbd\xef\xb7\xb0\xef")));
	text_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything_becomes_plain_markup),
		cmocka_unit_test(the_windows_end_cuts_nothing),
		cmocka_unit_test(a_tag_ends_behind_its_values),
		cmocka_unit_test(a_short_input_is_read_at_once),
		cmocka_unit_test(the_first_repair_is_told_with_its_line),
		cmocka_unit_test(white_space_is_no_content),
		cmocka_unit_test(long_attributes_are_cut),
		cmocka_unit_test(the_values_of_a_tag_are_bounded_together),
		cmocka_unit_test(what_makes_parsers_slow_is_a_fault),
		cmocka_unit_test(more_bytes_than_allowed_are_a_fault),
		cmocka_unit_test(hidden_characters_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
