/* test_junit_read.c - every dialect's cases come out the same way; one test for each oddity. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/junit_kit.h"

#define MS UINT64_C(1000000)

static void surefire_suites_are_roots(void **state)
{
	struct kept kept = kit_read(
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" version=\"3.0\"\n"
		" xsi:noNamespaceSchemaLocation=\"https://x/y.xsd\" name=\"shop.CartTest\" tests=\"4\">\n"
		"  <properties><property name=\"java.home\" value=\"/jdk\"/></properties>\n"
		"  <testcase name=\"adds\" classname=\"shop.CartTest\" time=\"1,024.12\"/>\n"
		"  <testcase name=\"pays\" classname=\"shop.CartTest\" time=\"0.5\">\n"
		"    <failure message=\"no\" type=\"java.lang.AssertionError\"><![CDATA[no\n"
		"\tat shop.Cart.pay(Cart.java:7)\n]]></failure>\n"
		"    <system-out><![CDATA[paying\n]]></system-out>\n"
		"    <system-err>warn</system-err>\n  </testcase>\n</testsuite>\n");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_string_equal(kept.summary.message, "");
	assert_int_equal(kept.summary.case_count, 2);
	assert_string_equal(kept.cases[0].suite, "shop.CartTest");
	assert_string_equal(kept.cases[0].classname, "shop.CartTest");
	assert_int_equal(kept.cases[0].status, CASE_PASSED);
	assert_int_equal(kept.cases[0].time_ns, 1024120 * MS);
	assert_int_equal(kept.cases[1].status, CASE_FAILED);
	assert_string_equal(kept.cases[1].type, "java.lang.AssertionError");
	assert_string_equal(kept.cases[1].message, "no");
	assert_string_equal(kept.cases[1].body, "\tat shop.Cart.pay(Cart.java:7)");
	assert_string_equal(kept.cases[1].out, "paying");
	assert_string_equal(kept.cases[1].err, "warn");
	kit_free(&kept);
}

static void reruns_of_surefire_stay_out_of_the_case(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='F' tests='3' failures='2'><testcase name='flaky' classname='F'>"
		"<flakyFailure message='m' type='t'><stackTrace>trace</stackTrace>"
		"<system-out>first</system-out><failure message='inner'>leak</failure></flakyFailure>"
		"<flakyError><system-err>e</system-err><skipped/></flakyError>"
		"<system-out>last</system-out></testcase>"
		"<testcase name='bad' classname='F'><failure message='one'/>"
		"<rerunFailure message='two'><stackTrace>t</stackTrace><system-out>o</system-out>"
		"</rerunFailure><rerunError/></testcase></testsuite>");

	(void)state;
	assert_int_equal(kept.count, 2);
	assert_int_equal(kept.cases[0].status, CASE_PASSED);
	assert_string_equal(kept.cases[0].out, "last");
	assert_string_equal(kept.cases[0].err, "");
	assert_string_equal(kept.cases[0].body, "");
	assert_int_equal(kept.cases[1].status, CASE_FAILED);
	assert_string_equal(kept.cases[1].message, "one");
	assert_string_equal(kept.cases[1].body, "");
	assert_string_equal(kept.cases[1].out, "");
	kit_free(&kept);
}

static void nextest_reruns_with_mixed_text_stay_out(void **state)
{
	struct kept kept = kit_read(
		"<testsuites name='nextest-run' uuid='u' time='0.0'><testsuite name='crate::bin'>"
		"<testcase name='t' classname='crate::bin' time='0.004'><failure type='test failure'>"
		"thread 't' panicked at x.rs:19:5:\nassertion</failure><rerunFailure time='9'>again"
		"<system-out>o</system-out></rerunFailure><system-out>real</system-out></testcase>"
		"</testsuite></testsuites>");

	(void)state;
	assert_string_equal(kept.cases[0].message, "thread 't' panicked at x.rs:19:5:");
	assert_string_equal(kept.cases[0].body, "assertion");
	assert_string_equal(kept.cases[0].out, "real");
	assert_int_equal(kept.cases[0].time_ns, 4 * MS);
	kit_free(&kept);
}

static void pytest_collection_errors_are_outside(void **state)
{
	struct kept kept = kit_read(
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites name=\"pytest tests\"><testsuite "
		"name=\"pytest\" errors=\"1\" failures=\"0\" skipped=\"2\" tests=\"4\" time=\"0.1\">"
		"<testcase classname=\"\" name=\"test_x\" time=\"0.000\"><error message=\"collection "
		"failure\">ImportError</error></testcase>"
		"<testcase classname='a.b' name='t[a/b]' file='a/b.py' line='11' time='0.001'/>"
		"<testcase classname='a.b' name='s' time='0.0'><skipped type='pytest.skip' "
		"message='why'>/x.py:7: why</skipped></testcase>"
		"<testcase classname='a.b' name='x' time='0.0'><skipped type='pytest.xfail' message=''/>"
		"</testcase></testsuite></testsuites>");

	(void)state;
	assert_int_equal(kept.count, 4);
	assert_true(kept.cases[0].is_outside);
	assert_int_equal(kept.cases[0].status, CASE_ERROR);
	assert_string_equal(kept.cases[0].body, "ImportError");
	assert_false(kept.cases[1].is_outside);
	assert_string_equal(kept.cases[1].file, "a/b.py");
	assert_int_equal(kept.cases[1].line, 11);
	assert_int_equal(kept.cases[2].status, CASE_SKIPPED);
	assert_string_equal(kept.cases[2].message, "why");
	assert_string_equal(kept.cases[2].type, "pytest.skip");
	assert_int_equal(kept.cases[3].status, CASE_SKIPPED);
	kit_free(&kept);
}

static void a_call_failure_and_a_teardown_error_are_two_cases(void **state)
{
	struct kept kept = kit_read(
		"<testsuites><testsuite name='pytest'><testcase classname='a' name='t' time='0.1'>"
		"<failure message='f'>x</failure></testcase><testcase classname='a' name='t' time='0.1'>"
		"<error message='failed on teardown with \"x\"'>y</error></testcase></testsuite>"
		"</testsuites>");

	(void)state;
	assert_int_equal(kept.failed, 1);
	assert_int_equal(kept.errors, 1);
	assert_int_equal(kept.outside, 0);
	kit_free(&kept);
}

static void jest_suites_that_fail_to_load_are_outside(void **state)
{
	struct kept kept = kit_read(
		"<testsuites name='jest tests'><testsuite name='d.test.js' errors='1' tests='0'>"
		"<testcase classname='Test suite failed to run' name='d.test.js' time='0'><error>  "
		"\xe2\x97\x8f Test suite failed to run\n\n    Unexpected</error></testcase></testsuite>"
		"</testsuites>");

	(void)state;
	assert_true(kept.cases[0].is_outside);
	assert_string_equal(kept.cases[0].message, "\xe2\x97\x8f Test suite failed to run");
	assert_string_equal(kept.cases[0].body, "    Unexpected");
	kit_free(&kept);
}

static void go_build_failures_are_outside(void **state)
{
	struct kept kept = kit_read(
		"<testsuites><testsuite name='pkg'><testcase name='[build failed]' classname='pkg'>"
		"<error message='Build error'>x.go:3</error></testcase></testsuite></testsuites>");

	(void)state;
	assert_true(kept.cases[0].is_outside);
	kit_free(&kept);
}

static void behave_failure_beats_skipped(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='login.Login' tests='1'><testcase classname='login.Login' name='S' "
		"status='skipped' time='0.0'><skipped /><failure type='undefined' message='None'/>"
		"<system-out>\n<![CDATA[\n@scenario.begin\n  Scenario: S\n@scenario.end\n]]></system-out>"
		"</testcase></testsuite>");

	(void)state;
	assert_int_equal(kept.cases[0].status, CASE_FAILED);
	assert_string_equal(kept.cases[0].message, "None");
	assert_string_equal(kept.cases[0].out, "@scenario.begin\n  Scenario: S\n@scenario.end");
	kit_free(&kept);
}

static void cucumber_traces_in_the_message_are_kept_whole(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='io.cucumber'><testcase classname='Feature' name='S'>"
		"<failure message='java.lang.X: boom&#10;&#9;at a.B.c(B.java:1)&#10;' type='java.lang.X'>"
		"</failure></testcase><testcase classname='F' name='u'><failure/></testcase></testsuite>");

	(void)state;
	assert_string_equal(kept.cases[0].message, "java.lang.X: boom at a.B.c(B.java:1)");
	assert_string_equal(kept.cases[0].body, "java.lang.X: boom\n\tat a.B.c(B.java:1)");
	assert_int_equal(kept.cases[1].status, CASE_FAILED);
	assert_string_equal(kept.cases[1].message, "");
	kit_free(&kept);
}

static void a_message_that_the_text_repeats_is_told_once(void **state)
{
	struct kept kept = kit_read(
		"<testsuites><testsuite name='A'><testcase name='bad' file='g.cc' line='2' status='run' "
		"result='completed' time='0.' classname='A'><failure message='g.cc:2&#x0A;Expected:&#x0A;"
		"  1' type=''><![CDATA[g.cc:2\nExpected:\n  1]]></failure></testcase></testsuite>"
		"</testsuites>");

	(void)state;
	assert_string_equal(kept.cases[0].message, "g.cc:2 Expected: 1");
	assert_string_equal(kept.cases[0].body, "g.cc:2\nExpected:\n  1");
	assert_true(kept.cases[0].time_known);
	kit_free(&kept);
}

static void a_status_attribute_speaks_where_no_element_does(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='s'><testcase name='a' status='notrun'/><testcase name='b' "
		"status='disabled'/><testcase name='c' result='suppressed'/><testcase name='d' "
		"status='run' result='skipped'/><testcase name='e' status='run' result='completed'/>"
		"<testcase name='f' status='notrun'><failure message='no'/></testcase>"
		"<testcase name='g' status='Ignored'/><testcase name='h' status='failed'/>"
		"<testcase name='i' status='errored'/></testsuite>");

	(void)state;
	assert_int_equal(kept.cases[0].status, CASE_SKIPPED);
	assert_string_equal(kept.cases[0].message, "status: notrun");
	assert_int_equal(kept.cases[1].status, CASE_SKIPPED);
	assert_int_equal(kept.cases[2].status, CASE_SKIPPED);
	assert_int_equal(kept.cases[3].status, CASE_SKIPPED);
	assert_int_equal(kept.cases[4].status, CASE_PASSED);
	assert_int_equal(kept.cases[5].status, CASE_FAILED);
	assert_int_equal(kept.cases[6].status, CASE_SKIPPED);
	assert_int_equal(kept.cases[7].status, CASE_FAILED);
	assert_int_equal(kept.cases[8].status, CASE_ERROR);
	kit_free(&kept);
}

static void several_results_are_one_case(void **state)
{
	struct kept kept = kit_read(
		"<testsuite><testcase name='t'><failure message='first' type='A'>one</failure>"
		"<failure message='second' type='B'>two</failure><error message='third' type='C'>three"
		"</error><skipped message='fourth'/></testcase></testsuite>");

	(void)state;
	assert_int_equal(kept.count, 1);
	assert_int_equal(kept.cases[0].status, CASE_ERROR);
	assert_string_equal(kept.cases[0].message, "third");
	assert_string_equal(kept.cases[0].type, "C");
	assert_string_equal(kept.cases[0].body,
	                    "first\none\n--- also: failure second\ntwo\n--- also: error third\n"
	                    "three\n--- also: skipped fourth");
	kit_free(&kept);
}

static void nested_suites_join_their_names(void **state)
{
	struct kept kept = kit_read(
		"<testsuites name='ignored'><testsuite name='phpunit.xml'><testsuite name='' >"
		"<testsuite name='ShopTest' file='tests/ShopTest.php'><testcase name='a' "
		"class='Shop\\CartTest' classname='Shop.CartTest' file='x.php' line='9'/>"
		"<testsuite name='ShopTest::data'><testcase name='b' class='Shop\\CartTest'/></testsuite>"
		"<testcase name='c'/></testsuite></testsuite></testsuite><testcase name='loose'/>"
		"</testsuites>");

	(void)state;
	assert_int_equal(kept.count, 4);
	assert_string_equal(kept.cases[0].suite, "phpunit.xml / ShopTest");
	assert_string_equal(kept.cases[0].classname, "Shop.CartTest");
	assert_string_equal(kept.cases[0].file, "x.php");
	assert_string_equal(kept.cases[1].suite, "phpunit.xml / ShopTest / ShopTest::data");
	assert_string_equal(kept.cases[1].classname, "Shop\\CartTest");
	assert_string_equal(kept.cases[1].file, "tests/ShopTest.php");
	assert_string_equal(kept.cases[2].suite, "phpunit.xml / ShopTest");
	assert_string_equal(kept.cases[3].suite, "");
	assert_string_equal(kept.cases[3].file, "");
	kit_free(&kept);
}

static void mocha_files_come_from_the_root_suite(void **state)
{
	struct kept kept = kit_read(
		"<testsuites name='Mocha Tests'><testsuite name='Root Suite' file='a.spec.js' tests='0'/>"
		"<testsuite name='S'><testcase name='S ok' classname='ok'/></testsuite>"
		"<testsuite name='T'><testcase name='T ok' classname='ok'/></testsuite>"
		"<testsuite name='Root Suite' tests='0'></testsuite>"
		"<testsuite name='U'><testcase name='U' classname='U'/></testsuite></testsuites>");

	(void)state;
	assert_string_equal(kept.cases[0].file, "a.spec.js");
	assert_string_equal(kept.cases[1].file, "a.spec.js");
	assert_string_equal(kept.cases[2].file, "");
	kit_free(&kept);
}

static void namespaces_and_prefixes_do_not_matter(void **state)
{
	struct kept kept = kit_read(
		"<j:testsuites xmlns:j='urn:x'><j:testsuite name='n'><j:testcase name='a' j:time='1'>"
		"<j:failure message='m'/></j:testcase></j:testsuite></j:testsuites>");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.failed, 1);
	kit_free(&kept);
	kept = kit_read("<u:testsuite name='n'><u:testcase name='a'/></u:testsuite>");
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.passed, 1);
	kit_free(&kept);
}

static void suite_errors_surface(void **state)
{
	struct kept kept = kit_read(
		"<testsuites><testsuite name='outer'><testcase name='t' time='1'/><testsuite name='inner' "
		"errors='1' tests='1'><error message='class failed' type='X'>trace</error></testsuite>"
		"</testsuite></testsuites>");

	(void)state;
	assert_int_equal(kept.count, 2);
	assert_string_equal(kept.cases[0].suite, "outer");
	assert_string_equal(kept.cases[1].suite, "outer / inner");
	assert_string_equal(kept.cases[1].classname, "inner");
	assert_string_equal(kept.cases[1].name, "(suite error)");
	assert_string_equal(kept.cases[1].message, "class failed");
	assert_string_equal(kept.cases[1].body, "trace");
	assert_int_equal(kept.cases[1].status, CASE_ERROR);
	assert_true(kept.cases[1].is_outside);
	assert_false(kept.cases[1].time_known);
	kit_free(&kept);
}

static void counts_without_cases_surface(void **state)
{
	struct kept kept = kit_read(
		"<testsuites name='C' tests='1'><testsuite name='F / r' tests='0' errors='1'><system-err>"
		"<![CDATA[RequestError: refused\n]]></system-err></testsuite></testsuites>");

	(void)state;
	assert_int_equal(kept.count, 1);
	assert_string_equal(kept.cases[0].name, "(no cases)");
	assert_string_equal(kept.cases[0].body, "RequestError: refused");
	assert_string_equal(kept.cases[0].type, "tanda.CountMismatch");
	assert_true(kept.cases[0].is_outside);
	kit_free(&kept);
	kept = kit_read("<testsuites><testsuite name='x' tests='7' skipped='3' disabled='1'/>"
	                "</testsuites>");
	assert_int_equal(kept.errors, 1);
	kit_free(&kept);
	kept = kit_read("<testsuites tests='2'/>");
	assert_int_equal(kept.errors, 1);
	kit_free(&kept);
}

static void suites_without_work_are_no_error(void **state)
{
	struct kept kept =
		kit_read("<testsuites tests='0' failures='0'><testsuite name='x' tests='2' "
	                 "skipped='2'/><testsuite name='y' tests='0'/></testsuites>");

	(void)state;
	assert_int_equal(kept.count, 0);
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	kit_free(&kept);
}

static void declared_counts_do_not_count(void **state)
{
	struct kept kept = kit_read("<testsuites tests='186' failures='9'><testsuite name='a' "
	                            "tests='4' failures='3'><testcase name='t'><flakyFailure/>"
	                            "</testcase></testsuite></testsuites>");

	(void)state;
	assert_int_equal(kept.count, 1);
	assert_int_equal(kept.passed, 1);
	kit_free(&kept);
}

static void testng_output_belongs_to_the_case_before_it(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='t'><testcase name='a' classname='T'/><system-out>of a\n</system-out>"
		"<testcase name='b' classname='T'/><testcase name='c' classname='T'/>"
		"<system-out>of c</system-out><system-out>more</system-out></testsuite>");

	(void)state;
	assert_string_equal(kept.cases[0].out, "of a");
	assert_string_equal(kept.cases[1].out, "");
	assert_string_equal(kept.cases[2].out, "of c\nmore");
	kit_free(&kept);
}

static void a_suites_own_output_is_no_cases(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='ant'><properties/><testcase name='a'/><testcase name='b'><system-out>own"
		"</system-out></testcase><system-out>all</system-out><system-err>x</system-err>"
		"</testsuite>");

	(void)state;
	assert_string_equal(kept.cases[0].out, "");
	assert_string_equal(kept.cases[1].out, "own");
	kit_free(&kept);
	kept = kit_read("<testsuite name='one'><testcase name='a'/><system-out>all</system-out>"
	                "</testsuite>");
	assert_string_equal(kept.cases[0].out, "all");
	kit_free(&kept);
}

static void attachments_stand_in_front(void **state)
{
	struct kept kept = kit_read(
		"<testsuite name='playwright'><testcase name='a'><failure message='m'/><system-out>"
		"<![CDATA[line\n\n[[ATTACHMENT|shots\\1.png]]\n\n[[ATTACHMENT|trace.zip]]\n]]>"
		"</system-out></testcase></testsuite>");

	(void)state;
	assert_string_equal(kept.cases[0].out,
	                    "[[ATTACHMENT|shots/1.png]]\n[[ATTACHMENT|trace.zip]]\nline");
	kit_free(&kept);
}

static void names_may_be_empty_or_missing(void **state)
{
	struct kept kept = kit_read("<testsuite><testcase/><testcase name='' classname=''/>"
	                            "<testcase classname='c' name=' '/></testsuite>");

	(void)state;
	assert_int_equal(kept.count, 3);
	assert_string_equal(kept.cases[0].name, "");
	assert_string_equal(kept.cases[0].suite, "");
	assert_false(kept.cases[0].time_known);
	kit_free(&kept);
}

static void duplicates_are_all_told(void **state)
{
	struct kept kept =
		kit_read("<testsuite name='r'><testcase name='a' classname='c'><failure/>"
	                 "</testcase><testcase name='a' classname='c'/></testsuite>");

	(void)state;
	assert_int_equal(kept.failed, 1);
	assert_int_equal(kept.passed, 1);
	kit_free(&kept);
}

static void strange_times_are_unknown(void **state)
{
	struct kept kept =
		kit_read("<testsuite><testcase time='-9.9'/><testcase time='NaN'/>"
	                 "<testcase time='1e308'/><testcase time=''/><testcase/>"
	                 "<testcase time='0:01:02'/><testcase time='0,160'/></testsuite>");
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++)
		assert_false(kept.cases[i].time_known);
	assert_true(kept.cases[6].time_known);
	assert_int_equal(kept.cases[6].time_ns, 160 * MS);
	kit_free(&kept);
}

static void markup_inside_a_text_is_text(void **state)
{
	struct kept kept = kit_read("<testsuite><testcase name='a'><failure>x<b>y</b>z<system-out>w"
	                            "</system-out></failure><system-out>p<i>q</i></system-out>"
	                            "</testcase></testsuite>");

	(void)state;
	assert_string_equal(kept.cases[0].message, "xyzw");
	assert_string_equal(kept.cases[0].out, "pq");
	kit_free(&kept);
}

static void unknown_elements_are_passed_over(void **state)
{
	struct kept kept = kit_read(
		"<testsuites><testsuite name='a'><properties><testcase name='no'/></properties><testcase "
		"name='a'><properties><property name='p' value='v'><failure/></property></properties>"
		"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/hostname'/></testcase>"
		"</testsuite></testsuites>");

	(void)state;
	assert_int_equal(kept.count, 1);
	assert_int_equal(kept.passed, 1);
	assert_string_equal(kept.cases[0].out, "");
	kit_free(&kept);
}

static void names_are_clean(void **state)
{
	struct kept kept = kit_read("<testsuite name='a&#27;[1mb'><testcase name='c&#7;&#10;d' "
	                            "classname='R&amp;D &lt;&#38;> &amp;amp;' file='\"q\"'/>"
	                            "</testsuite>");

	(void)state;
	assert_string_equal(kept.cases[0].suite, "ab");
	assert_string_equal(kept.cases[0].name, "c\\x07\nd");
	assert_string_equal(kept.cases[0].classname, "R&D <&> &amp;");
	assert_string_equal(kept.cases[0].file, "\"q\"");
	kit_free(&kept);
}

static void the_locale_changes_no_time(void **state)
{
	struct kept kept;

	(void)state;
	if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
		skip();
	kept = kit_read("<testsuite><testcase name='a' time='1.5'/></testsuite>");
	setlocale(LC_ALL, "C");
	assert_int_equal(kept.cases[0].time_ns, 1500 * MS);
	kit_free(&kept);
}

static void phpunits_text_begins_with_what_failed(void **state)
{
	struct kept kept = kit_read(
		"<testsuites><testsuite name=\"a\"><testcase name=\"testSum\" class=\"App\\CartTest\" "
		"classname=\"App.CartTest\"><failure type=\"E\">App\\CartTest::testSum\n"
		"Failed asserting that 1 is 2.\n\nCartTest.php:5</failure></testcase>"
		"<testcase name=\"testBare\" classname=\"CartTest\"><failure>CartTest::testBare</failure>"
		"</testcase></testsuite></testsuites>");

	(void)state;
	assert_string_equal(kept.cases[0].message, "Failed asserting that 1 is 2.");
	assert_string_equal(kept.cases[0].body, "CartTest.php:5");
	assert_string_equal(kept.cases[1].message, "CartTest::testBare");
	kit_free(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(surefire_suites_are_roots),
		cmocka_unit_test(reruns_of_surefire_stay_out_of_the_case),
		cmocka_unit_test(nextest_reruns_with_mixed_text_stay_out),
		cmocka_unit_test(pytest_collection_errors_are_outside),
		cmocka_unit_test(a_call_failure_and_a_teardown_error_are_two_cases),
		cmocka_unit_test(jest_suites_that_fail_to_load_are_outside),
		cmocka_unit_test(go_build_failures_are_outside),
		cmocka_unit_test(behave_failure_beats_skipped),
		cmocka_unit_test(cucumber_traces_in_the_message_are_kept_whole),
		cmocka_unit_test(a_message_that_the_text_repeats_is_told_once),
		cmocka_unit_test(a_status_attribute_speaks_where_no_element_does),
		cmocka_unit_test(several_results_are_one_case),
		cmocka_unit_test(nested_suites_join_their_names),
		cmocka_unit_test(mocha_files_come_from_the_root_suite),
		cmocka_unit_test(namespaces_and_prefixes_do_not_matter),
		cmocka_unit_test(suite_errors_surface),
		cmocka_unit_test(counts_without_cases_surface),
		cmocka_unit_test(suites_without_work_are_no_error),
		cmocka_unit_test(declared_counts_do_not_count),
		cmocka_unit_test(testng_output_belongs_to_the_case_before_it),
		cmocka_unit_test(a_suites_own_output_is_no_cases),
		cmocka_unit_test(attachments_stand_in_front),
		cmocka_unit_test(names_may_be_empty_or_missing),
		cmocka_unit_test(duplicates_are_all_told),
		cmocka_unit_test(strange_times_are_unknown),
		cmocka_unit_test(markup_inside_a_text_is_text),
		cmocka_unit_test(unknown_elements_are_passed_over),
		cmocka_unit_test(names_are_clean),
		cmocka_unit_test(the_locale_changes_no_time),
		cmocka_unit_test(phpunits_text_begins_with_what_failed),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
