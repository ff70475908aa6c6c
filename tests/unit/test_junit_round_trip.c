/* test_junit_round_trip.c - what was read is written such that it is read again as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/junit_rewrite.h"

static char folder[] = "/tmp/tanda-trip-XXXXXX";
static char path[sizeof(folder) + 32];

static int make_folder(void **state)
{
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/report.xml", folder);
	return kit_setup(state);
}

static int remove_folder(void **state)
{
	unlink(path);
	rmdir(folder);
	return kit_teardown(state);
}

static void assert_equal_cases(const struct kept *a, const struct kept *b)
{
	size_t i;

	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++) {
		const struct kept_case *x = &a->cases[i], *y = &b->cases[i];

		assert_string_equal(x->suite, y->suite);
		assert_string_equal(x->classname, y->classname);
		assert_string_equal(x->name, y->name);
		assert_string_equal(x->file, y->file);
		assert_string_equal(x->type, y->type);
		assert_string_equal(x->message, y->message);
		assert_string_equal(x->body, y->body);
		assert_string_equal(x->out, y->out);
		assert_string_equal(x->err, y->err);
		assert_int_equal(x->line, y->line);
		assert_int_equal(x->status, y->status);
		assert_int_equal(x->time_ns, y->time_ns);
	}
}

static struct kept rewritten(const struct kept *kept)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct kept again;

	assert_int_equal(rewrite(kept, path, &error), 0);
	again = kit_read_file(path);
	assert_int_equal(again.summary.state, REPORT_WHOLE);
	return again;
}

/* A report without empty names, duplicates, sub-millisecond times and output of passing cases. */
static void an_ordinary_report_comes_back_as_it_was(void **state)
{
	struct kept first = kit_read(
	    "<testsuites><testsuite name='a &lt;b&gt; \"c\"'><testcase classname='x.y' name='p&amp;q' "
	    "file='a/b.js' line='7' time='1.5'/><testcase classname='x' name='tab&#9;line&#10;end' "
	    "time='0.001'><failure type='T' message='m &quot;q&quot; &lt;'>first\n  at &lt;x&gt;\n\n"
	    "]]&gt; end</failure><system-out>\n o1\n\no2 [[ATTACHMENT|s.png]]\n</system-out>"
	    "<system-err>e</system-err></testcase></testsuite><testsuite name='two'><testcase "
	    "classname='c' name='s'><skipped message='why'>why\nmore</skipped></testcase><testcase "
	    "classname='c' name='e'><error message='x&#10;y'>z</error></testcase><testcase "
	    "classname='c' name='f'><failure>only text\nand more</failure></testcase><testcase "
	    "classname='c' name='g'><failure/></testcase><testcase classname='c' name='h'>"
	    "<failure message='twice'>twice\ntwice\nend</failure></testcase></testsuite>"
	    "</testsuites>");
	struct kept second = rewritten(&first);

	(void)state;
	assert_int_equal(first.count, 7);
	assert_equal_cases(&first, &second);
	kit_free(&first);
	kit_free(&second);
}

static void odd_reports_settle_after_one_trip(void **state)
{
	static const char *const odd[] = {
	    "<testsuite><testcase/><testcase/><testcase name='(unnamed) [2]'/></testsuite>",
	    "<testsuite><testcase name='&#27;[0m' classname='&#1;' time='0.0004999'/></testsuite>",
	    "<testsuite name='v1.2 login'><testcase name='a'/></testsuite>",
	    "<testsuite><testcase name='a'><failure type='yaml' message=' '> \n </failure>"
	    "</testcase></testsuite>",
	    "<testsuite><testcase name='a'><failure message='m'>x</failure><error>y</error>"
	    "<skipped message='z'/></testcase></testsuite>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(odd); i++) {
		struct kept first = kit_read(odd[i]);
		struct kept second = rewritten(&first);
		struct kept third = rewritten(&second);

		assert_int_equal(first.count, second.count);
		assert_equal_cases(&second, &third);
		kit_free(&first);
		kit_free(&second);
		kit_free(&third);
	}
}

static void long_texts_are_cut_once(void **state)
{
	struct text_buf in;
	struct kept first, second;
	size_t i;

	(void)state;
	text_buf_init(&in, 10 << 20);
	text_buf_add_str(
	    &in, "<testsuite name='s'><testcase classname='c' name='n'><failure message='m'>");
	for (i = 0; i < 40000; i++)
		text_buf_printf(&in, "caf\xc3\xa9 %zu\n", i);
	text_buf_add_str(&in, "</failure><system-out>");
	for (i = 0; i < 40000; i++)
		text_buf_printf(&in, "\xe2\x82\xac%zu", i);
	text_buf_add_str(&in, "[[ATTACHMENT|late.png]]</system-out></testcase></testsuite>");
	first = kit_read_bytes(text_buf_text(&in));
	second = rewritten(&first);
	assert_equal_cases(&first, &second);
	assert_non_null(strstr(first.cases[0].body, "bytes; full: report.xml]..."));
	text_buf_deinit(&in);
	kit_free(&first);
	kit_free(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_ordinary_report_comes_back_as_it_was),
	    cmocka_unit_test(odd_reports_settle_after_one_trip),
	    cmocka_unit_test(long_texts_are_cut_once),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
