/* test_junit_faults.c - reports that are missing, cut, odd or hostile: told, bounded, and harmless.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/junit_kit.h"

static char folder[] = "/tmp/tanda-junit-XXXXXX";
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

static void put_file(const char *bytes, size_t len)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_int_equal(fwrite(bytes, 1, len, stream), len);
	fclose(stream);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void assert_state(const char *xml, enum report_state wanted, size_t case_count,
                         const char *message)
{
	struct kept kept = kit_read(xml);

	if (kept.summary.state != wanted || kept.count != case_count ||
	    strstr(kept.summary.message, message) == NULL)
		fail_msg("'%.60s': state %d, %zu cases, '%s'", xml, kept.summary.state, kept.count,
		         kept.summary.message);
	assert_int_equal(kept.summary.case_count, kept.count);
	kit_free(&kept);
}

static void a_missing_report_is_missing(void **state)
{
	struct kept kept = kit_read_file("/nonexistent/report.xml");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_MISSING);
	assert_string_not_equal(kept.summary.message, "");
}

static void an_empty_report_is_empty(void **state)
{
	struct kept kept;

	(void)state;
	assert_state("", REPORT_EMPTY, 0, "empty");
	assert_state(" \r\n\t\n", REPORT_EMPTY, 0, "empty");
	assert_state("\xef\xbb\xbf", REPORT_EMPTY, 0, "empty");
	put_file("", 0);
	kept = kit_read_file(path);
	assert_int_equal(kept.summary.state, REPORT_EMPTY);
	unlink(path);
}

static void only_regular_files_are_read(void **state)
{
	char target[sizeof(path) + 8];
	struct kept kept;

	(void)state;
	kept = kit_read_file(folder);
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	assert_int_equal(mkfifo(path, 0600), 0);
	kept = kit_read_file(path); /* nobody writes: it must not wait */
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	assert_non_null(strstr(kept.summary.message, "regular"));
	unlink(path);
	put_file("<testsuite/>", 12);
	snprintf(target, sizeof(target), "%s.real", path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	kept = kit_read_file(path);
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	assert_non_null(strstr(kept.summary.message, "link"));
	unlink(path);
	unlink(target);
	kept = kit_read_file("/dev/null");
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
}

static void what_is_not_junit_is_refused(void **state)
{
	(void)state;
	assert_state("<nothing><testcase name='a'/></nothing>", REPORT_BROKEN, 0,
	             "line 1: not a JUnit report: its root is <nothing>");
	assert_state("<html><body>502</body></html>", REPORT_BROKEN, 0, "<html>");
	assert_state("<testcase name='a'/>", REPORT_BROKEN, 0, "<testcase>");
	assert_state("npm WARN x\n<testsuites/>", REPORT_BROKEN, 0, "line 1: not well-formed");
	assert_state("{\"json\": true}", REPORT_BROKEN, 0, "line 1: not well-formed");
	assert_state("<?xml version='1.0'?>", REPORT_BROKEN, 0, "");
}

static const char good[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<testsuites name=\"all\" tests=\"5\">\n"
	"  <!-- a comment -->\n"
	"  <testsuite name=\"caf\xc3\xa9\" tests=\"3\" file=\"a.js\">\n"
	"    <properties><property name=\"p\" value=\"v\"/></properties>\n"
	"    <testcase name=\"one\" classname=\"c\" time=\"1.5\"/>\n"
	"    <testcase name=\"two\" classname=\"c\"><failure message=\"m &amp; n\" type=\"T\">"
	"<![CDATA[t <r> a\n]]></failure><system-out>o&#10;p</system-out></testcase>\n"
	"    <testcase name=\"three\" classname=\"c\"><skipped/></testcase>\n"
	"  </testsuite>\n"
	"  <testsuite name=\"b\"><error message=\"late\"/><testcase name=\"four\"></testcase>\n"
	"  </testsuite>\n"
	"</testsuites>\n";

/* How many cases are closed within the first `len` bytes. */
static size_t closed_cases(const char *xml, size_t len)
{
	static const char *const ends[] = {"time=\"1.5\"/>", "</testcase>",
	                                   "<error message=\"late\"/>"};
	size_t count = 0, i;

	for (i = 0; i < countof(ends); i++) {
		const char *at = xml;

		while ((at = strstr(at, ends[i])) != NULL) {
			at += strlen(ends[i]);
			count += (size_t)(at - xml) <= len;
		}
	}
	return count;
}

static void a_cut_report_keeps_its_closed_cases(void **state)
{
	size_t whole = strlen(good) - 1; /* the last line's end is no loss */
	size_t len;

	(void)state;
	for (len = 0; len <= strlen(good); len++) {
		struct kept kept = kit_read_bytes((struct text){good, len});
		enum report_state wanted = len == 0       ? REPORT_EMPTY
		                           : len >= whole ? REPORT_WHOLE
		                                          : REPORT_BROKEN;

		if (kept.summary.state != wanted || kept.count != closed_cases(good, len))
			fail_msg("cut at %zu: state %d, %zu cases, '%s'", len, kept.summary.state,
			         kept.count, kept.summary.message);
		kit_free(&kept);
	}
}

static void the_fault_is_told_with_its_line(void **state)
{
	(void)state;
	assert_state("<testsuites>\n<testsuite>\n<testcase name='a'/>\n</testcase>\n"
	             "<testcase name='b'/></testsuite></testsuites>",
	             REPORT_BROKEN, 1, "line 4: not well-formed: ");
	assert_state("<testsuites>\n<testsuite><testcase name='a'/><testcase name=b/></testsuite>",
	             REPORT_BROKEN, 1, "line 2: not well-formed: ");
	assert_state("<testsuite>\n\n<testcase name='a'/><testcase name='x<y'/>", REPORT_BROKEN, 1,
	             "line 3: ");
}

/* A quote too many turns all that follows inside out, which then is a fault of its own. */
static void the_first_of_two_faults_is_told(void **state)
{
	static const size_t case_counts[] = {1, 500, 20000};
	struct text_buf xml;
	size_t i, j;

	(void)state;
	text_buf_init(&xml, 1 << 20);
	for (i = 0; i < countof(case_counts); i++) {
		text_buf_clear(&xml);
		text_buf_add_str(&xml,
		                 "<testsuite>\n<testcase name=\"a\"/>\n<testcase name=\"b\"\"/>");
		for (j = 0; j < case_counts[i]; j++)
			text_buf_add_str(&xml, "\n<testcase name=\"c\"/>");
		text_buf_add_str(&xml, "</testsuite>");
		assert_state(xml.ptr, REPORT_BROKEN, 1, "line 3: not well-formed: ");
	}
	text_buf_deinit(&xml);
}

static void ill_formed_characters_are_repaired(void **state)
{
	struct kept kept = kit_read(
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites time=\"0.014\">\n<testsuite "
		"name=\"a.bats\">\n<testcase classname=\"a.bats\" name=\"bad\" time=\"0.005\">\n<failure "
		"type=\"failure\">(in test file a.bats, line 4)\n&#27;[31mhi</failure></testcase>\n"
		"<testcase classname=\"a.bats\" name=\"raw \x1b[1mbold\x1b[0m \x01 \xff\"/></testsuite>"
		"</testsuites>");

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_REPAIRED);
	assert_string_equal(kept.summary.message,
	                    "line 6: reference to an illegal character, made harmless (5 in all)");
	assert_int_equal(kept.count, 2);
	assert_string_equal(kept.cases[0].body, "hi");
	assert_string_equal(kept.cases[1].name, "raw bold \\x01 \xef\xbf\xbd");
	kit_free(&kept);
}

static void small_faults_are_repaired(void **state)
{
	(void)state;
	assert_state("<testsuite><testcase name='a & b'/><testcase name='c&nbsp;d'/></testsuite>",
	             REPORT_REPAIRED, 2, "bare '&'");
	assert_state(
		"<testsuite><testcase name='a'><failure>1 < 2</failure></testcase></testsuite>",
		REPORT_REPAIRED, 1, "bare '<'");
	assert_state("<testsuite>\n<testcase name='a' name='b'/><testcase name='c'/></testsuite>",
	             REPORT_REPAIRED, 2, "line 2: an attribute twice");
	assert_state("<testsuite><testcase name='a' time='1' time='2'/><testcase></testsuite>",
	             REPORT_BROKEN, 1, "not well-formed");
}

static void a_second_document_is_a_fault(void **state)
{
	(void)state;
	assert_state("<testsuite><testcase name='a'/></testsuite>\n<testsuite><testcase name='b'/>"
	             "</testsuite>",
	             REPORT_BROKEN, 1, "line 2: another document follows the report's end");
	assert_state("<?xml version='1.0'?><testsuite/><?xml version='1.0'?><testsuites/>",
	             REPORT_BROKEN, 0, "another document follows");
	assert_state("<testsuite/>\n<?xml version='1.0'?>\n<!-- <testsuite/> -->", REPORT_WHOLE, 0,
	             "");
	assert_state("<testsuite/>Tests < done", REPORT_REPAIRED, 0, "something follows");
	assert_state("<testsuite/>\n\n<!-- made by x -->\n", REPORT_WHOLE, 0, "");
	assert_state("<testsuite/>Tests done", REPORT_REPAIRED, 0, "follows");
}

static void what_comments_hide_is_told(void **state)
{
	(void)state;
	assert_state(
		"<testsuite><!--><testcase name='a'/><!-- x --><testcase name='b'/></testsuite>",
		REPORT_BROKEN, 0, "a comment begins in another");
	assert_state("<testsuite><!-- a -- b --><testcase name='a'/></testsuite>", REPORT_REPAIRED,
	             1, "'--' in a comment");
	assert_state("<testsuite><!-->x--><testcase name='a'/></testsuite>", REPORT_WHOLE, 1, "");
	assert_state("<testsuite><!----><testcase name='&#00000000000000000000000000000000065;'/>"
	             "</testsuite>",
	             REPORT_WHOLE, 1, "");
}

static void encodings_are_understood(void **state)
{
	struct kept kept;

	(void)state;
	kept = kit_read("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><testsuite><testcase "
	                "name=\"caf\xe9\"/></testsuite>");
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_string_equal(kept.cases[0].name, "caf\xc3\xa9");
	kit_free(&kept);
	kept = kit_read_bytes(TEXT_LIT("\xff\xfe<\0t\0e\0s\0t\0s\0u\0i\0t\0e\0/\0>\0"));
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	kept = kit_read("<?xml version='1.1' encoding='Shift_JIS'?><testsuite><testcase name='a'/>"
	                "</testsuite>");
	assert_int_equal(kept.summary.state, REPORT_REPAIRED);
	assert_non_null(strstr(kept.summary.message, "encoding"));
	kit_free(&kept);
}

/* Each begins with a DOCTYPE, and ends there. */
static void a_doctype_ends_the_reading(void **state)
{
	static const char *const attacks[] = {
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><testsuite>&x;</testsuite>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM \"file:///etc/hostname\"> %p; ]><testsuite/>",
		"<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/x.dtd\"><testsuite>ok</testsuite>",
		"<!DOCTYPE a PUBLIC \"x\" \"http://127.0.0.1:9/x.dtd\"><testsuite>ok</testsuite>",
		("<?xml version=\"1.0\"?>\n<!DOCTYPE l [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\">"
	         "<!ENTITY c \"&b;&b;&b;&b;\">]><testsuite><testcase name=\"&c;\"/>&c;</testsuite>"),
		"<!DOCTYPE testsuite><testsuite><testcase name='a'/></testsuite>",
		"<!DOCTYPE html>\n<html></html>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(attacks); i++)
		assert_state(attacks[i], REPORT_BROKEN, 0, "DOCTYPE");
	assert_state("<testsuite><!DOCTYPE x><testcase/></testsuite>", REPORT_BROKEN, 0, "");
}

static void entity_bombs_cost_nothing(void **state)
{
	double start_s = now_s();
	struct text_buf in;
	struct kept kept;
	size_t i;

	(void)state;
	text_buf_init(&in, 1 << 20);
	text_buf_add_str(&in, "<!DOCTYPE a [<!ENTITY x \"");
	for (i = 0; i < 100000; i++)
		text_buf_add_str(&in, "A");
	text_buf_add_str(&in, "\">]><testsuite>");
	for (i = 0; i < 20000; i++)
		text_buf_add_str(&in, "&x;");
	text_buf_add_str(&in, "</testsuite>");
	kept = kit_read_bytes(text_buf_text(&in));
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	assert_true(now_s() - start_s < 1.0);
	text_buf_deinit(&in);
}

static void deep_nesting_ends_the_reading(void **state)
{
	struct text_buf in;
	size_t i;

	(void)state;
	text_buf_init(&in, 1 << 20);
	text_buf_add_str(&in, "<testsuite><testcase name='a'/>");
	for (i = 0; i < 300; i++)
		text_buf_add_str(&in, "<testsuite name='x'>");
	assert_state(in.ptr, REPORT_BROKEN, 1, "nested deeper than 64");
	text_buf_clear(&in);
	for (i = 0; i < JUNIT_DEPTH_MAX; i++)
		text_buf_add_str(&in, "<testsuite name='x'>");
	for (i = 0; i < JUNIT_DEPTH_MAX; i++)
		text_buf_add_str(&in, "</testsuite>");
	assert_state(in.ptr, REPORT_WHOLE, 0, "");
	text_buf_deinit(&in);
}

static void many_attributes_and_namespaces_end_the_reading(void **state)
{
	struct text_buf in;
	size_t i;

	(void)state;
	text_buf_init(&in, 10 << 20);
	text_buf_add_str(&in, "<testsuite><testcase name='a'/><testcase");
	for (i = 0; i < 200000; i++)
		text_buf_printf(&in, " a%zu=''", i);
	assert_state(in.ptr, REPORT_BROKEN, 1, "attributes");
	text_buf_clear(&in);
	text_buf_add_str(&in, "<testsuite><testcase name='a'/><testcase");
	for (i = 0; i < 200; i++)
		text_buf_printf(&in, " xmlns:a%zu='x'", i);
	text_buf_add_str(&in, "/></testsuite>");
	assert_state(in.ptr, REPORT_BROKEN, 1, "namespaces");
	text_buf_deinit(&in);
}

static void too_many_names_end_the_reading(void **state)
{
	struct text_buf in;
	size_t i;

	(void)state;
	text_buf_init(&in, 64 << 20);
	text_buf_add_str(&in, "<testsuite><testcase name='a'/>");
	for (i = 0; i < 200000; i++)
		text_buf_printf(&in, "<n%010zu/>", i);
	text_buf_add_str(&in, "</testsuite>");
	assert_state(in.ptr, REPORT_BROKEN, 1, "");
	text_buf_deinit(&in);
}

static void count_any(void *data, const struct case_result *result)
{
	uint64_t *count = data;

	(void)result;
	(*count)++;
}

/* `count` times `element` in a suite, and what becomes of it. */
static uint64_t read_many(const char *element, size_t count, struct junit_summary *summary)
{
	size_t len = strlen(element), i;
	struct text_buf in;
	uint64_t seen = 0;

	text_buf_init(&in, len * count + 100);
	text_buf_add_str(&in, "<testsuite>");
	for (i = 0; i < count; i++)
		text_buf_add(&in, (struct text){element, len});
	text_buf_add_str(&in, "</testsuite>");
	junit_read_memory(text_buf_text(&in), "many", count_any, &seen, summary);
	text_buf_deinit(&in);
	return seen;
}

static void too_many_cases_end_the_reading(void **state)
{
	struct junit_summary summary;

	(void)state;
	assert_int_equal(read_many("<testcase/>", JUNIT_CASES_MAX, &summary), JUNIT_CASES_MAX);
	assert_int_equal(summary.state, REPORT_WHOLE);
	assert_int_equal(read_many("<testcase/>", JUNIT_CASES_MAX + 1, &summary), JUNIT_CASES_MAX);
	assert_int_equal(summary.state, REPORT_BROKEN);
	assert_non_null(strstr(summary.message, "cases"));
}

static void too_many_suites_end_the_reading(void **state)
{
	struct junit_summary summary;

	(void)state;
	read_many("<testsuite/>", JUNIT_SUITES_MAX - 1, &summary); /* the root is one, too */
	assert_int_equal(summary.state, REPORT_WHOLE);
	read_many("<testsuite/>", JUNIT_SUITES_MAX, &summary);
	assert_int_equal(summary.state, REPORT_BROKEN);
	assert_non_null(strstr(summary.message, "suites"));
}

static void unknown_prefixes_are_no_fault_but_have_an_end(void **state)
{
	struct junit_summary summary;

	(void)state;
	assert_int_equal(read_many("<u:testcase/>", 20000, &summary), 20000);
	assert_int_equal(summary.state, REPORT_WHOLE);
	read_many("<u:x/>", 1000001, &summary);
	assert_int_equal(summary.state, REPORT_BROKEN);
	assert_string_equal(summary.message, "line 1: too many faults");
}

/* A file of `total` bytes whose text is one part, between `head` and `tail`. */
static void put_huge_file(const char *head, size_t total, const char *tail)
{
	static char block[1 << 16];
	FILE *stream = fopen(path, "w");
	size_t done;

	memset(block, 'x', sizeof(block));
	assert_non_null(stream);
	fputs(head, stream);
	for (done = 0; done < total; done += sizeof(block))
		assert_int_equal(fwrite(block, 1, sizeof(block), stream), sizeof(block));
	fputs(tail, stream);
	fclose(stream);
}

static void huge_texts_are_read_quickly_and_capped(void **state)
{
	static const char *const shapes[][2] = {
		{"<testsuite><testcase name='a'><system-out>",
	         "END</system-out></testcase><testcase name='b'/></testsuite>"},
		{"<testsuite><testcase name='a'><system-out><![CDATA[",
	         "END]]></system-out></testcase><testcase name='b'/></testsuite>"},
		{"<testsuite><testcase name='a' file='",
	         "'><system-out>END</system-out></testcase><testcase name='b'/></testsuite>"},
		{"<testsuite><testcase name='a'><system-out>END</system-out></testcase><!--",
	         "--><testcase name='b'/></testsuite>"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(shapes); i++) {
		double start_s = now_s();
		struct kept kept;

		put_huge_file(shapes[i][0], 12 << 20, shapes[i][1]);
		kept = kit_read_file(path);
		unlink(path);
		assert_int_equal(kept.summary.state, REPORT_WHOLE);
		assert_int_equal(kept.count, 2);
		assert_true(strlen(kept.cases[0].out) <= JUNIT_TEXT_MAX_BYTES);
		assert_string_equal(kept.cases[0].out + strlen(kept.cases[0].out) - 3, "END");
		if (i < 2)
			assert_non_null(strstr(kept.cases[0].out, "; full: "));
		assert_true(strlen(kept.cases[0].file) <= JUNIT_ATTRIBUTE_MAX_BYTES);
		assert_true(now_s() - start_s < 10.0);
		kit_free(&kept);
	}
}

static void count_case(void *data, const struct case_result *result)
{
	uint64_t *count = data;

	*count += result->body.len > 0;
}

/* The cases come as they are read, and memory does not grow with the file. */
static void memory_does_not_grow_with_the_file(void **state)
{
	enum { CASES = 20000 };
	FILE *stream = fopen(path, "w");
	struct junit_summary summary;
	uint64_t count = 0;
	long before_kib;
	size_t i, k;

	(void)state;
	assert_non_null(stream);
	fputs("<testsuites><testsuite name='big'>", stream);
	for (i = 0; i < CASES; i++) {
		fprintf(stream, "<testcase name='case %zu' time='0.1'><failure message='m'>", i);
		for (k = 0; k < 25; k++)
			fputs("  at some.java.Class.method(Class.java:123) [lib.jar:?]\n", stream);
		fputs("</failure></testcase>\n", stream);
	}
	fputs("</testsuite></testsuites>", stream);
	fclose(stream);
	junit_read_memory(TEXT_LIT("<testsuite><testcase/></testsuite>"), "warm", count_case,
	                  &count, &summary);
	before_kib = peak_kib();
	junit_read_file(path, count_case, &count, &summary);
	unlink(path);
	assert_int_equal(summary.state, REPORT_WHOLE);
	assert_int_equal(count, CASES);
	assert_true(peak_kib() - before_kib < 20 * 1024);
}

static void messages_hold_nothing_harmful(void **state)
{
	struct kept kept = kit_read("<testsuite>\n<a\xe2\x80\xa8></b></testsuite>");
	size_t i;

	(void)state;
	assert_int_equal(kept.summary.state, REPORT_BROKEN);
	for (i = 0; kept.summary.message[i] != '\0'; i++)
		assert_true((unsigned char)kept.summary.message[i] >= 0x20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_does_not_grow_with_the_file), /* while the peak is low */
		cmocka_unit_test(a_missing_report_is_missing),
		cmocka_unit_test(an_empty_report_is_empty),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(what_is_not_junit_is_refused),
		cmocka_unit_test(a_cut_report_keeps_its_closed_cases),
		cmocka_unit_test(the_fault_is_told_with_its_line),
		cmocka_unit_test(the_first_of_two_faults_is_told),
		cmocka_unit_test(ill_formed_characters_are_repaired),
		cmocka_unit_test(small_faults_are_repaired),
		cmocka_unit_test(a_second_document_is_a_fault),
		cmocka_unit_test(what_comments_hide_is_told),
		cmocka_unit_test(encodings_are_understood),
		cmocka_unit_test(a_doctype_ends_the_reading),
		cmocka_unit_test(entity_bombs_cost_nothing),
		cmocka_unit_test(deep_nesting_ends_the_reading),
		cmocka_unit_test(many_attributes_and_namespaces_end_the_reading),
		cmocka_unit_test(too_many_names_end_the_reading),
		cmocka_unit_test(too_many_cases_end_the_reading),
		cmocka_unit_test(too_many_suites_end_the_reading),
		cmocka_unit_test(unknown_prefixes_are_no_fault_but_have_an_end),
		cmocka_unit_test(huge_texts_are_read_quickly_and_capped),
		cmocka_unit_test(messages_hold_nothing_harmful),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
