/* test_junit_write.c - one shape of report, whatever goes in; golden texts are the specification.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/junit/write.h"
#include "shards/base/mem.h"
#include "tanda/error.h"
#include "tests/unit/junit_kit.h"

#define MS UINT64_C(1000000)

static char folder[] = "/tmp/tanda-write-XXXXXX";
static char path[sizeof(folder) + 32];

static int make_folder(void **state)
{
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/junit.xml", folder);
	return kit_setup(state);
}

static int remove_folder(void **state)
{
	unlink(path);
	rmdir(folder);
	return kit_teardown(state);
}

static struct junit_writer *begin(void)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct junit_writer *writer = NULL;

	assert_int_equal(junit_writer_new(path, &writer, &error), 0);
	return writer;
}

static struct junit_writer *begin_suite(const char *name)
{
	struct junit_writer *writer = begin();
	struct junit_suite suite = {.name = text_from(name)};

	junit_write_begin(writer, TEXT_LIT("t"), (struct junit_counts){0}, 0, TEXT_EMPTY);
	junit_write_suite(writer, &suite);
	return writer;
}

/* The whole file; the caller frees it. */
static char *finish(struct junit_writer *writer)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf content;
	char block[4096];
	FILE *stream;
	size_t got;

	assert_int_equal(junit_writer_finish(writer, &error), 0);
	junit_writer_free(writer);
	text_buf_init(&content, 1 << 30);
	stream = fopen(path, "r");
	assert_non_null(stream);
	while ((got = fread(block, 1, sizeof(block), stream)) > 0)
		text_buf_add(&content, (struct text){block, got});
	fclose(stream);
	return text_buf_steal(&content);
}

/* What stands between the suite's start tag and its end. */
static void assert_cases(char *content, const char *wanted)
{
	char *start = strstr(strstr(content, "<testsuite "), ">\n") + 2;
	char *end = strstr(start, "  </testsuite>");

	assert_non_null(end);
	*end = '\0';
	assert_string_equal(start, wanted);
	free(content);
}

/* What junit.xml looks like, with everything that may be in it. */
static const char whole_shape_xml[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<testsuites name=\"shop\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" "
	"time=\"75.204\" timestamp=\"2026-11-23T13:20:00.123+00:00\">\n"
	"  <testsuite name=\"features/login.feature\" id=\"0\" package=\"\" tests=\"3\" "
	"failures=\"1\" errors=\"0\" skipped=\"1\" disabled=\"0\" time=\"5.100\" "
	"timestamp=\"2026-11-23T13:20:01.000+00:00\" hostname=\"runner-7\" "
	"file=\"features/login.feature\">\n"
	"    <properties>\n"
	"      <property name=\"tanda.run\" value=\"r-1\"/>\n"
	"      <property name=\"tanda.node\" value=\"local\"/>\n"
	"    </properties>\n"
	"    <testcase classname=\"features.login\" name=\"Valid user\" "
	"file=\"features/login.feature\" line=\"12\" time=\"3.100\"/>\n"
	"    <testcase classname=\"features.login\" name=\"Bad password\" time=\"2.000\">\n"
	"      <properties>\n"
	"        <property name=\"tanda.attempt\" value=\"2\"/>\n"
	"      </properties>\n"
	"      <failure message=\"expected &quot;x&quot; &amp; &lt;y&gt;\" "
	"type=\"AssertionError\">expected \"x\" &amp; &lt;y&gt;\nat a\n\tat b</failure>\n"
	"      <rerunFailure message=\"again\" type=\"E\" time=\"1.250\">\n"
	"        <stackTrace>again\ntrace 2</stackTrace>\n"
	"        <system-out>o2</system-out>\n"
	"        <system-err>e2</system-err>\n"
	"      </rerunFailure>\n"
	"      <system-out>[[ATTACHMENT|shot.png]]\n[[ATTACHMENT|log.txt]]\ntext</system-out>\n"
	"      <system-err>warned</system-err>\n"
	"    </testcase>\n"
	"    <testcase classname=\"features.login\" name=\"SSO\" time=\"0.000\">\n"
	"      <skipped message=\"toggle: sso=off\">toggle: sso=off</skipped>\n"
	"    </testcase>\n"
	"  </testsuite>\n"
	"</testsuites>\n";

static void the_whole_shape(void **state)
{
	const struct junit_property suite_properties[] = {
		{TEXT_LIT("tanda.run"), TEXT_LIT("r-1")},
		{TEXT_LIT("tanda.node"), TEXT_LIT("local")}};
	const struct junit_property case_property = {TEXT_LIT("tanda.attempt"), TEXT_LIT("2")};
	const struct junit_again again = {.type = TEXT_LIT("E"),
	                                  .message = TEXT_LIT("again"),
	                                  .body = TEXT_LIT("trace 2"),
	                                  .out = TEXT_LIT("o2"),
	                                  .err = TEXT_LIT("e2"),
	                                  .time_ns = 1250 * MS};
	const struct junit_suite suite = {.name = TEXT_LIT("features/login.feature"),
	                                  .file = TEXT_LIT("features/login.feature"),
	                                  .hostname = TEXT_LIT("runner-7"),
	                                  .timestamp = TEXT_LIT("2026-11-23T13:20:01.000+00:00"),
	                                  .counts = {.tests = 3, .failures = 1, .skipped = 1},
	                                  .time_ns = 5100 * MS,
	                                  .properties = suite_properties,
	                                  .property_count = 2};
	const struct junit_case cases[] = {
		{.classname = TEXT_LIT("features.login"),
	         .name = TEXT_LIT("Valid user"),
	         .file = TEXT_LIT("features/login.feature"),
	         .line = 12,
	         .time_ns = 3100 * MS},
		{.classname = TEXT_LIT("features.login"),
	         .name = TEXT_LIT("Bad password"),
	         .time_ns = 2000 * MS,
	         .status = CASE_FAILED,
	         .type = TEXT_LIT("AssertionError"),
	         .message = TEXT_LIT("expected\n  \"x\" & <y>"),
	         .body = TEXT_LIT("at a\n\tat b"),
	         .out = TEXT_LIT("text\n[[ATTACHMENT|shot.png]]\n"),
	         .err = TEXT_LIT("[[ATTACHMENT|log.txt]]\nwarned"),
	         .properties = &case_property,
	         .property_count = 1,
	         .agains = &again,
	         .again_count = 1},
		{.classname = TEXT_LIT("features.login"),
	         .name = TEXT_LIT("SSO"),
	         .status = CASE_SKIPPED,
	         .message = TEXT_LIT("toggle: sso=off")},
	};
	struct junit_writer *writer = begin();
	char *content;
	size_t i;

	(void)state;
	junit_write_begin(writer, TEXT_LIT("shop"),
	                  (struct junit_counts){.tests = 3, .failures = 1, .skipped = 1},
	                  75204 * MS, TEXT_LIT("2026-11-23T13:20:00.123+00:00"));
	junit_write_suite(writer, &suite);
	for (i = 0; i < countof(cases); i++)
		junit_write_case(writer, &cases[i]);
	content = finish(writer);
	assert_string_equal(content, whole_shape_xml);
	free(content);
}

static void an_empty_run_is_a_report(void **state)
{
	struct junit_writer *writer = begin();
	char *content;

	(void)state;
	junit_write_begin(writer, TEXT_EMPTY, (struct junit_counts){0}, 0, TEXT_EMPTY);
	content = finish(writer);
	assert_string_equal(content, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                             "<testsuites name=\"tanda\" tests=\"0\" failures=\"0\" "
	                             "errors=\"0\" skipped=\"0\" time=\"0.000\">\n</testsuites>\n");
	free(content);
}

static void a_pass_after_failures_is_flaky(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	const struct junit_again again = {.case_passed = true, .message = TEXT_LIT("m")};
	const struct junit_case item = {.classname = TEXT_LIT("c"),
	                                .name = TEXT_LIT("n"),
	                                .agains = &again,
	                                .again_count = 1};

	(void)state;
	junit_write_case(writer, &item);
	assert_cases(finish(writer), "    <testcase classname=\"c\" name=\"n\" time=\"0.000\">\n"
	                             "      <flakyFailure message=\"m\" time=\"0.000\">\n"
	                             "        <stackTrace>m</stackTrace>\n"
	                             "      </flakyFailure>\n"
	                             "    </testcase>\n");
}

static void put_case(struct junit_writer *writer, const char *classname, const char *name,
                     const char *file)
{
	const struct junit_case item = {.classname = text_from(classname),
	                                .name = text_from(name),
	                                .file = text_from(file)};

	junit_write_case(writer, &item);
}

static void names_are_never_empty(void **state)
{
	struct junit_writer *writer = begin_suite("v1.2 of it");

	(void)state;
	put_case(writer, "", "", "");
	put_case(writer, "", "a", "./features/v1.2/log.in.feature");
	put_case(writer, "\x1b[0m", "\x1b[0m", "/.hidden");
	assert_cases(finish(writer),
	             "    <testcase classname=\"v1_2 of it\" name=\"(unnamed)\" time=\"0.000\"/>\n"
	             "    <testcase classname=\"features.v1.2.log.in\" name=\"a\" "
	             "file=\"./features/v1.2/log.in.feature\" time=\"0.000\"/>\n"
	             "    <testcase classname=\".hidden\" name=\"(unnamed)\" file=\"/.hidden\" "
	             "time=\"0.000\"/>\n");
}

static void a_suites_file_names_its_classes(void **state)
{
	struct junit_writer *writer = begin();
	const struct junit_suite suite = {.file = TEXT_LIT("a/b.spec.js")};
	char *content;

	(void)state;
	junit_write_begin(writer, TEXT_LIT("t"), (struct junit_counts){0}, 0, TEXT_EMPTY);
	junit_write_suite(writer, &suite);
	put_case(writer, "", "n", "");
	content = finish(writer);
	assert_non_null(strstr(content, "<testsuite name=\"(unnamed)\" id=\"0\""));
	assert_non_null(strstr(content, "hostname=\"localhost\" file=\"a/b.spec.js\""));
	assert_non_null(strstr(content, "classname=\"a.b.spec\""));
	free(content);
}

#define DUPLICATE                                                                           \
	"      <properties>\n        <property name=\"tanda.duplicate\" value=\"true\"/>\n" \
	"      </properties>\n    </testcase>\n"

static void duplicates_are_numbered_within_a_suite(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	const struct junit_suite other = {.name = TEXT_LIT("other")};
	char *content;

	(void)state;
	put_case(writer, "c", "a", "");
	put_case(writer, "c", "a [3]", "");
	put_case(writer, "c", "a", "");
	put_case(writer, "d", "a", "");
	put_case(writer, "c", "a\x1b[0m", "");
	junit_write_suite(writer, &other);
	put_case(writer, "c", "a", "");
	content = finish(writer);
	assert_non_null(strstr(content, "  <testsuite name=\"other\" id=\"1\""));
	assert_null(strstr(strstr(content, "name=\"other\""), "duplicate"));
	assert_cases(content,
	             "    <testcase classname=\"c\" name=\"a\" time=\"0.000\"/>\n"
	             "    <testcase classname=\"c\" name=\"a [3]\" time=\"0.000\"/>\n"
	             "    <testcase classname=\"c\" name=\"a [2]\" time=\"0.000\">\n" DUPLICATE
	             "    <testcase classname=\"d\" name=\"a\" time=\"0.000\"/>\n"
	             "    <testcase classname=\"c\" name=\"a [4]\" time=\"0.000\">\n" DUPLICATE);
}

static void many_duplicates_take_no_time(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	char *content;
	size_t i;

	(void)state;
	for (i = 0; i < 30000; i++)
		put_case(writer, "c", "a", "");
	content = finish(writer);
	assert_non_null(strstr(content, "name=\"a [30000]\""));
	free(content);
}

static void hostile_texts_stay_texts(void **state)
{
	static const char hostile[] = "</testcase><x a='\"'>]]>&amp;\x1b]0;t\x07\x01\xff&#27;\r\n";
	struct junit_writer *writer = begin_suite(hostile);
	struct text text = text_from(hostile);
	const struct junit_property property = {text_from(hostile), text};
	const struct junit_again again = {
		.type = text, .message = text, .body = text, .out = text, .err = text};
	const struct junit_case item = {.classname = text,
	                                .name = text,
	                                .file = text,
	                                .status = CASE_ERROR,
	                                .type = text,
	                                .message = text,
	                                .body = text,
	                                .out = text,
	                                .err = text,
	                                .properties = &property,
	                                .property_count = 1,
	                                .agains = &again,
	                                .again_count = 1};
	struct kept kept;

	(void)state;
	junit_write_case(writer, &item);
	free(finish(writer));
	kept = kit_read_file(path);
	assert_int_equal(kept.summary.state, REPORT_WHOLE);
	assert_int_equal(kept.count, 1);
	assert_string_equal(kept.cases[0].name,
	                    "</testcase><x a='\"'>]]>&amp;\\x01\xef\xbf\xbd&#27;\n");
	assert_string_equal(kept.cases[0].message,
	                    "</testcase><x a='\"'>]]>&amp;\\x01\xef\xbf\xbd&#27;");
	kit_free(&kept);
}

static void types_that_mean_something_to_rails_are_renamed(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	const struct junit_case item = {.classname = TEXT_LIT("c"),
	                                .name = TEXT_LIT("n"),
	                                .status = CASE_FAILED,
	                                .type = TEXT_LIT(" yaml ")};

	(void)state;
	junit_write_case(writer, &item);
	assert_cases(finish(writer), "    <testcase classname=\"c\" name=\"n\" time=\"0.000\">\n"
	                             "      <failure type=\"reported.yaml\"/>\n"
	                             "    </testcase>\n");
}

static void a_text_without_a_message_lends_its_first_line(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	const struct junit_case item = {.classname = TEXT_LIT("c"),
	                                .name = TEXT_LIT("n"),
	                                .status = CASE_FAILED,
	                                .body = TEXT_LIT("\nboom\n  at x\n")};

	(void)state;
	junit_write_case(writer, &item);
	assert_cases(finish(writer), "    <testcase classname=\"c\" name=\"n\" time=\"0.000\">\n"
	                             "      <failure message=\"boom\">boom\n  at x</failure>\n"
	                             "    </testcase>\n");
}

static size_t output_len(enum case_status status, size_t len)
{
	struct junit_writer *writer = begin_suite("s");
	char *bytes = mem_calloc(len + 1, 1);
	struct junit_case item = {
		.classname = TEXT_LIT("c"), .name = TEXT_LIT("n"), .status = status};
	char *content, *start;
	size_t got;

	memset(bytes, 'x', len);
	item.out = (struct text){bytes, len};
	item.body = item.out;
	item.message = item.out;
	junit_write_case(writer, &item);
	content = finish(writer);
	start = strstr(content, "<system-out>");
	assert_non_null(start);
	got = (size_t)(strstr(start, "</system-out>") - start) - strlen("<system-out>");
	start = strstr(content, "message=\"");
	if (start != NULL)
		assert_true(strcspn(start + strlen("message=\""), "\"") == JUNIT_MESSAGE_MAX_BYTES);
	free(content);
	free(bytes);
	return got;
}

static void texts_are_capped(void **state)
{
	(void)state;
	assert_int_equal(output_len(CASE_PASSED, 1024), 1024);
	assert_in_range(output_len(CASE_PASSED, 100000), 600, 1024);
	assert_in_range(output_len(CASE_SKIPPED, 100000), 600, 1024);
	assert_int_equal(output_len(CASE_FAILED, 65536), 65536);
	assert_in_range(output_len(CASE_ERROR, 1000000), 60000, 65536);
}

/* Every CI server has a size that it refuses; a run with thousands of failures must stay below. */
static void a_large_report_shrinks_its_texts(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	size_t len = JUNIT_TEXT_MAX_BYTES, i;
	char *bytes = mem_calloc(len + 1, 1);
	struct junit_case item = {.classname = TEXT_LIT("c"), .status = CASE_FAILED};
	char name[20];
	char *content;

	(void)state;
	memset(bytes, 'x', len);
	item.out = item.err = item.body = (struct text){bytes, len};
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		item.name = text_from(name);
		junit_write_case(writer, &item);
	}
	content = finish(writer);
	assert_in_range(strlen(content), 20 << 20, 28 << 20);
	free(content);
	free(bytes);
}

static void equal_input_gives_equal_bytes(void **state)
{
	char *contents[2];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct junit_writer *writer = begin_suite("s");

		put_case(writer, "c", "a", "f");
		put_case(writer, "c", "a", "f");
		contents[i] = finish(writer);
	}
	assert_string_equal(contents[0], contents[1]);
	free(contents[0]);
	free(contents[1]);
}

static void the_locale_changes_nothing(void **state)
{
	struct junit_writer *writer;
	const struct junit_case item = {
		.classname = TEXT_LIT("c"), .name = TEXT_LIT("n"), .time_ns = 1234567 * MS};

	(void)state;
	if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
		skip();
	writer = begin_suite("s");
	junit_write_case(writer, &item);
	setlocale(LC_ALL, "C");
	assert_cases(finish(writer),
	             "    <testcase classname=\"c\" name=\"n\" time=\"1234.567\"/>\n");
}

static void a_dropped_report_leaves_no_trace(void **state)
{
	struct junit_writer *writer = begin_suite("s");
	char part[sizeof(path) + 32];

	(void)state;
	unlink(path);
	snprintf(part, sizeof(part), "%s.part-%ld", path, (long)getpid());
	assert_int_equal(access(part, F_OK), 0);
	junit_writer_free(writer);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(access(path, F_OK), -1);
	junit_writer_free(NULL);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct junit_writer *writer = NULL;

	(void)state;
	assert_int_equal(junit_writer_new("/nonexistent/x.xml", &writer, &error), -1);
	assert_null(writer);
	assert_string_equal(error.where, "/nonexistent/x.xml");
	assert_true(tanda_error_is_set(&error));
	memset(&error, 0, sizeof(error));
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(junit_writer_new(path, &writer, &error), -1);
	assert_null(writer);
	assert_non_null(strstr(error.message, strerror(EISDIR)));
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_shape),
		cmocka_unit_test(an_empty_run_is_a_report),
		cmocka_unit_test(a_pass_after_failures_is_flaky),
		cmocka_unit_test(names_are_never_empty),
		cmocka_unit_test(a_suites_file_names_its_classes),
		cmocka_unit_test(duplicates_are_numbered_within_a_suite),
		cmocka_unit_test(many_duplicates_take_no_time),
		cmocka_unit_test(hostile_texts_stay_texts),
		cmocka_unit_test(types_that_mean_something_to_rails_are_renamed),
		cmocka_unit_test(a_text_without_a_message_lends_its_first_line),
		cmocka_unit_test(texts_are_capped),
		cmocka_unit_test(a_large_report_shrinks_its_texts),
		cmocka_unit_test(equal_input_gives_equal_bytes),
		cmocka_unit_test(the_locale_changes_nothing),
		cmocka_unit_test(a_dropped_report_leaves_no_trace),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
