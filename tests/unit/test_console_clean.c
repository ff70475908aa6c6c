/* test_console_clean.c - whatever strangers write, terminal and CI server take no order from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/report/clean.h"
#include "runner/report/console.h"

enum { OUT_MAX = 100000 };

static void expect(void (*clean)(struct text_buf *, struct text), struct text in,
                   const char *wanted)
{
	struct text_buf out;

	text_buf_init(&out, OUT_MAX);
	clean(&out, in);
	assert_string_equal(out.ptr != NULL ? out.ptr : "", wanted);
	text_buf_deinit(&out);
}

#define LINES(in, wanted)    expect(console_clean, TEXT_LIT(in), wanted)
#define NAME(in, wanted)     expect(console_clean_name, TEXT_LIT(in), wanted)
#define SENTENCE(in, wanted) expect(clean_sentence, TEXT_LIT(in), wanted)

static void colored(struct text_buf *out, struct text in)
{
	clean_output_line(out, in, true);
}

static void plain_text_stays_as_it_is(void **state)
{
	(void)state;
	LINES("", "");
	LINES("one\n\ttwo\n", "one\n\ttwo\n");
	LINES("\xC3\xA9t\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x8E\x89",
	      "\xC3\xA9t\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x8E\x89");
	NAME("tests/a.py::test_x[a-b]", "tests/a.py::test_x[a-b]");
	LINES("a ## heading [1]\n50%: ok", "a ## heading [1]\n50%: ok");
}

static void terminal_sequences_are_dropped_from_output(void **state)
{
	(void)state;
	LINES("a\x1B[31mred\x1B[0m", "ared");
	LINES("\x1B[2J\x1B[Hx", "x");
	LINES("\x1B]0;title\az", "z");
	LINES("\x1B]52;c;aGk=\x1B\\z", "z");
	LINES("\x1BP1;2q###\x1B\\z", "z");
	LINES("\x1B(Bx\x1B"
	      "7y\x1B",
	      "xy");
}

static void an_unfinished_sequence_swallows_nothing(void **state)
{
	(void)state;
	LINES("\x1B]0;no end\nnext", "0;no end\nnext");
	LINES("\x1B[31\nnext", "\nnext");
	LINES("\x1B]a\x1B]b\x1B[0mc", "abc");
}

static void other_controls_are_visible(void **state)
{
	(void)state;
	LINES("a\ab\bc\x7F", "a\\u{7}b\\u{8}c\\u{7f}");
	expect(console_clean, (struct text){"a\0b", 3}, "a\\u{0}b");
	LINES("\xC2\x9B"
	      "31mx",
	      "\\u{9b}31mx");
}

static void bytes_that_are_no_characters_are_visible(void **state)
{
	(void)state;
	LINES("caf\xE9", "caf\\x{e9}");
	LINES("\xC0\xAF", "\\x{c0}\\x{af}");
	LINES("\xED\xA0\x80", "\\x{ed}\\x{a0}\\x{80}");
	LINES("\xF4\x90\x80\x80", "\\x{f4}\\x{90}\\x{80}\\x{80}");
	LINES("\xE2\x82", "\\x{e2}\\x{82}");
}

static void bidi_and_zero_widths_are_visible(void **state)
{
	(void)state;
	NAME("a\xE2\x80\xAE"
	     "b",
	     "a\\u{202e}b");
	NAME("\xE2\x81\xA6x\xE2\x81\xA9", "\\u{2066}x\\u{2069}");
	LINES("a\xE2\x80\x8B"
	      "b\xEF\xBB\xBF",
	      "a\\u{200b}b\\u{feff}");
	LINES("a\xE2\x80\xA8"
	      "b",
	      "a\\u{2028}b");
	LINES("\xF3\xA0\x81\x81", "\\u{e0041}");
}

static void only_the_last_overwrite_of_a_progress_bar_is_left(void **state)
{
	(void)state;
	LINES("1\r2\r3\n", "3\n");
	LINES("dos\r\nlines\r\n", "dos\nlines\n");
	LINES("10%\r100%\r\r\n", "100%\n");
}

static void ci_commands_are_broken_at_the_start_of_a_line(void **state)
{
	(void)state;
	LINES("::add-mask::x", "\\u{3a}:add-mask::x");
	LINES("ok\n  \t::error file=a::x", "ok\n  \t\\u{3a}:error file=a::x");
	LINES("\xC2\xA0::set-env::x", "\xC2\xA0\\u{3a}:set-env::x");
	LINES("--- group", "\\u{2d}-- group");
	LINES("+++ open\n~~~ muted\n^^^ +++", "\\u{2b}++ open\n\\u{7e}~~ muted\n\\u{5e}^^ +++");
	LINES("----- x", "----- x");
}

static void ci_commands_are_broken_anywhere_in_a_line(void **state)
{
	(void)state;
	LINES("x ##[error]y", "x \\u{23}#[error]y");
	LINES("x ##vso[task.x]y", "x \\u{23}#vso[task.x]y");
	LINES("x ###TeamCity[a]", "x #\\u{23}#TeamCity[a]");
	NAME("##teamcity[testFailed]", "\\u{23}#teamcity[testFailed]");
	LINES("\x1B[0Ksection_start:1:a\r\x1B[0Kb", "b");
	SENTENCE("x section_start:1:a section_end:1:a",
	         "x \\u{73}ection_start:1:a \\u{73}ection_end:1:a");
}

static void what_dropping_a_sequence_puts_together_is_broken_too(void **state)
{
	(void)state;
	LINES(":\x1B[0m:add-mask::x", "\\u{3a}:add-mask::x");
	LINES("#\x1B[0m#[err\x1B[1mor]", "\\u{23}#[error]");
	LINES("\x1B[0m::stop-commands::x", "\\u{3a}:stop-commands::x");
}

static void a_name_is_one_line_and_loses_nothing(void **state)
{
	(void)state;
	NAME("a\nexit 0: all passed\r\t", "a\\u{a}exit 0: all passed\\u{d}\\u{9}");
	NAME("\x1B[8mhidden", "\\u{1b}[8mhidden");
}

static void a_sentence_is_one_line_without_sequences(void **state)
{
	(void)state;
	SENTENCE("\x1B[31mexpected\x1B[39m\n\ttwo", "expected  two");
}

static void colours_may_stay_and_end_with_their_line(void **state)
{
	(void)state;
	expect(colored, TEXT_LIT("\x1B[1;31mred"), "\x1B[1;31mred\x1B[0m");
	expect(colored, TEXT_LIT("\x1B[38:5:1mred\x1B[0m"), "\x1B[38:5:1mred\x1B[0m\x1B[0m");
	expect(colored, TEXT_LIT("\x1B[2J\x1B[>4mplain"), "plain");
	expect(colored, TEXT_LIT("\x1B[31mold\rnew"), "new");
}

static void a_line_behind_a_margin_keeps_a_diff_readable(void **state)
{
	struct text_buf out;

	(void)state;
	text_buf_init(&out, OUT_MAX);
	clean_output_line(&out, TEXT_LIT("--- a/cart.py"), false);
	assert_string_equal(out.ptr, "--- a/cart.py");
	text_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays_as_it_is),
		cmocka_unit_test(terminal_sequences_are_dropped_from_output),
		cmocka_unit_test(an_unfinished_sequence_swallows_nothing),
		cmocka_unit_test(other_controls_are_visible),
		cmocka_unit_test(bytes_that_are_no_characters_are_visible),
		cmocka_unit_test(bidi_and_zero_widths_are_visible),
		cmocka_unit_test(only_the_last_overwrite_of_a_progress_bar_is_left),
		cmocka_unit_test(ci_commands_are_broken_at_the_start_of_a_line),
		cmocka_unit_test(ci_commands_are_broken_anywhere_in_a_line),
		cmocka_unit_test(what_dropping_a_sequence_puts_together_is_broken_too),
		cmocka_unit_test(a_name_is_one_line_and_loses_nothing),
		cmocka_unit_test(a_sentence_is_one_line_without_sequences),
		cmocka_unit_test(colours_may_stay_and_end_with_their_line),
		cmocka_unit_test(a_line_behind_a_margin_keeps_a_diff_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
