/* test_timings.c - rules of the portable timings file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/record_scratch.h"
#include "runner/record/history.h"
#include "tanda/error.h"

struct fixture {
	char *dir;
	char *path;
	struct text_buf seen; /* "SUITE/ID=NS\n"... */
};

static int set_up(void **state)
{
	struct fixture *fixture = mem_calloc(1, sizeof(*fixture));

	fixture->dir = scratch_new();
	fixture->path = mem_printf("%s/times.json", fixture->dir);
	text_buf_init(&fixture->seen, 1 << 20);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	text_buf_deinit(&fixture->seen);
	free(fixture->path);
	scratch_free(fixture->dir);
	free(fixture);
	return 0;
}

static void on_test(void *data, struct text suite, struct text id, const uint64_t *times_ns,
		    size_t count, uint32_t last_case_count)
{
	struct fixture *fixture = data;

	assert_int_equal(count, 1);
	assert_int_equal(last_case_count, 0);
	text_buf_printf(&fixture->seen, "%.*s/%.*s=%llu\n", TEXT_ARG(suite), TEXT_ARG(id),
			(unsigned long long)times_ns[0]);
}

static void read_back(struct fixture *fixture, const char *expected)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	text_buf_clear(&fixture->seen);
	if (timings_read(fixture->path, on_test, fixture, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	assert_string_equal(fixture->seen.ptr, expected);
}

static const struct timing shuffled[] = {
    {"web", "b.feature", 2000400000}, {"api", "tests/\"quoted\"\n\xc3\xa9.py", 1},
    {"web", "a.feature", 1234567890}, {"web", "", 400000000},
    {"web", "b.feature", 1000000000}, {"web", "bad\xff.feature", 5},
    {"web", "a.feature", 1234567890},
};

static void equal_sets_give_equal_bytes(void **state)
{
	struct fixture *fixture = *state;
	struct timing turned[countof(shuffled)];
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text first, second;
	size_t i;

	for (i = 0; i < countof(shuffled); i++)
		turned[i] = shuffled[countof(shuffled) - 1 - i];
	assert_int_equal(timings_write(fixture->path, shuffled, countof(shuffled), &error), 0);
	first = scratch_read(fixture->path);
	assert_int_equal(timings_write(fixture->path, turned, countof(turned), &error), 0);
	second = scratch_read(fixture->path);
	assert_true(text_equal(first, second));
	assert_true(text_equal_str(first, "{\n"
					  "  \"schema\": \"tanda.timings/1\",\n"
					  "  \"suites\": {\n"
					  "    \"api\": {\n"
					  "      \"tests\": {\n"
					  "        \"tests/\\\"quoted\\\"\\n\xc3\xa9.py\": 0.001\n"
					  "      }\n"
					  "    },\n"
					  "    \"web\": {\n"
					  "      \"start_up_s\": 0.400,\n"
					  "      \"tests\": {\n"
					  "        \"a.feature\": 1.235,\n"
					  "        \"b.feature\": 2.000\n"
					  "      }\n"
					  "    }\n"
					  "  }\n"
					  "}\n"));
	free((char *)first.ptr);
	free((char *)second.ptr);
}

static void what_is_written_is_read_back(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(timings_write(fixture->path, shuffled, countof(shuffled), &error), 0);
	read_back(fixture, "api/tests/\"quoted\"\n\xc3\xa9.py=1000000\n"
			   "web/=400000000\nweb/a.feature=1235000000\nweb/b.feature=2000000000\n");
	assert_int_equal(timings_write(fixture->path, NULL, 0, &error), 0);
	text_buf_add_str(&fixture->seen, "");
	read_back(fixture, "");
}

static void a_byte_order_mark_and_whole_seconds_are_taken(void **state)
{
	struct fixture *fixture = *state;

	scratch_write(fixture->path,
		      TEXT_LIT("\xEF\xBB\xBF{\"schema\":\"tanda.timings/1\",\"later\":[],"
			       "\"suites\":{\"web\":{\"tests\":{\"a\":3}}}}"));
	read_back(fixture, "web/a=3000000000\n");
}

static void refuse(struct fixture *fixture, const char *json, const char *where_end,
		   const char *part_of_message)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	scratch_write(fixture->path, text_from(json));
	text_buf_clear(&fixture->seen);
	assert_int_equal(timings_read(fixture->path, on_test, fixture, &error), -1);
	assert_true(text_has_suffix(text_from(error.where), text_from(where_end)));
	if (strstr(error.message, part_of_message) == NULL)
		fail_msg("'%s' is not in '%s'", part_of_message, error.message);
	assert_int_equal(fixture->seen.len, 0);
}

#define SCHEMA "{\"schema\":\"tanda.timings/1\",\n"

static void syntax_faults_name_line_and_column(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;

	refuse(fixture, "", "times.json:1", "end of file");
	refuse(fixture, SCHEMA "\"suites\":{\"a\":{},\"a\":{}}}", "times.json:2:20", "duplicate");
	refuse(fixture, SCHEMA "\"suites\":NaN}", "times.json:2:12", "invalid token");
	refuse(fixture, SCHEMA "\"suites\":{\"w\":{\"tests\":{\"a\":1,}}}}", "times.json:2:31", "");
	assert_int_equal(timings_read(fixture->path, on_test, fixture, &error), -1);
	assert_non_null(strstr(error.hint, "comma"));
	refuse(fixture, SCHEMA "\"suites\":{\"w\":{\"tests\":{\"a\":1e999}}}}", "", "overflow");
}

static void faults_of_shape_name_the_key(void **state)
{
	struct fixture *fixture = *state;

	refuse(fixture, "[]", "times.json", "schema: expected \"tanda.timings/1\", got nothing");
	refuse(fixture, "{\"schema\":\"tanda.timings/2\"}", "times.json",
	       "got \"tanda.timings/2\"");
	refuse(fixture, SCHEMA "\"suites\":[]}", "times.json", "suites: expected an object");
	refuse(fixture, SCHEMA "\"suites\":{\"good\":{\"tests\":{\"a\":1}},\"web\":7}}",
	       "times.json", "suites.web: expected an object, got a number");
	refuse(fixture, SCHEMA "\"suites\":{\"web\":{\"tests\":[]}}}", "times.json",
	       "suites.web.tests: expected an object, got an array");
	refuse(fixture, SCHEMA "\"suites\":{\"web\":{\"tests\":{\"a\":\"1\"}}}}", "times.json",
	       "suites.web.tests['a']: expected seconds, 0 or more, got a string");
	refuse(fixture, SCHEMA "\"suites\":{\"web\":{\"tests\":{\"a\":-0.1}}}}", "times.json",
	       "suites.web.tests['a']: expected seconds");
	refuse(fixture, SCHEMA "\"suites\":{\"web\":{\"start_up_s\":null}}}", "times.json",
	       "suites.web.start_up_s: expected seconds");
}

static void a_missing_file_or_a_folder_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(timings_read(fixture->path, on_test, fixture, &error), -1);
	assert_non_null(strstr(error.message, "No such file"));
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(timings_read(fixture->dir, on_test, fixture, &error), -1);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    RULE(equal_sets_give_equal_bytes),
	    RULE(what_is_written_is_read_back),
	    RULE(a_byte_order_mark_and_whole_seconds_are_taken),
	    RULE(syntax_faults_name_line_and_column),
	    RULE(faults_of_shape_name_the_key),
	    RULE(a_missing_file_or_a_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
