/* test_jenkins_api.c - addresses, answers and pages of a Jenkins controller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/exec/jenkins/api.h"
#include "runner/exec/jenkins/page.h"
#include "runner/exec/jenkins/url.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* ---- addresses ---- */

static void a_base_keeps_its_context_path(void **state)
{
	static const char *const cases[][2] = {
		{"https://ci.example", "https://ci.example"},
		{"http://ci.example:8080/", "http://ci.example:8080"},
		{"HTTPS://ci.example/jenkins//", "HTTPS://ci.example/jenkins"},
	};
	struct tanda_error error = TANDA_ERROR_INIT;
	char *base;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(url_read_base(cases[i][0], &base, &error), 0);
		assert_string_equal(base, cases[i][1]);
		free(base);
	}
}

static void what_is_no_base_is_refused(void **state)
{
	static const char *const cases[] = {
		"",          "ci.example", "ftp://ci.example",      "file:///etc", "http://",
		"http:///x", "http://a b", "https://ci.example/?x", "http://ci#y"};
	char *base = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;

		assert_int_equal(url_read_base(cases[i], &base, &error), -1);
		assert_true(tanda_error_is_set(&error));
	}
	assert_null(base);
}

static void credentials_in_a_base_are_refused_and_not_shown(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *base;

	(void)state;
	assert_int_equal(url_read_base("https://juan:hunter2@ci.example", &base, &error), -1);
	assert_null(strstr(error.message, "hunter2"));
	assert_non_null(strstr(error.hint, "token"));
}

static void a_job_is_named_with_its_folders(void **state)
{
	static const char *const cases[][2] = {
		{"shard", "http://ci/job/shard"},
		{"acceptance/shard", "http://ci/job/acceptance/job/shard"},
		{"two words/50%", "http://ci/job/two%20words/job/50%25"},
		/* A branch is a job whose name Jenkins has encoded once. */
		{"shop/feature%2Flogin", "http://ci/job/shop/job/feature%252Flogin"},
		{"mañana", "http://ci/job/ma%C3%B1ana"},
		{"a;b?c#d&e", "http://ci/job/a%3Bb%3Fc%23d%26e"},
	};
	struct tanda_error error = TANDA_ERROR_INIT;
	char *url;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(url_of_job("http://ci", cases[i][0], &url, &error), 0);
		assert_string_equal(url, cases[i][1]);
		free(url);
	}
}

static void what_names_no_job_is_refused(void **state)
{
	static const char *const cases[] = {"",     "/",    "/a",    "a/",
	                                    "a//b", "../x", "a/./b", "http://ci/job/a"};
	char *url = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;

		assert_int_equal(url_of_job("http://ci", cases[i], &url, &error), -1);
		assert_true(tanda_error_is_set(&error));
	}
	assert_null(url);
}

static void of_a_location_only_the_id_counts(void **state)
{
	uint64_t id = 0;

	(void)state;
	assert_true(url_queue_id("http://inside:8080/jenkins/queue/item/4711/", &id));
	assert_int_equal(id, 4711);
	assert_true(url_queue_id("/queue/item/7", &id));
	assert_int_equal(id, 7);
	assert_false(url_queue_id("", &id));
	assert_false(url_queue_id("http://ci/job/shard/", &id));
	assert_false(url_queue_id("http://ci/queue/item/", &id));
	assert_false(url_queue_id("http://ci/queue/item/-1/", &id));
	assert_false(url_queue_id("http://ci/queue/item/99999999999999999999/", &id));
}

static void a_form_carries_any_bytes(void **state)
{
	struct text_buf form;

	(void)state;
	text_buf_init(&form, 1000);
	url_add_field(&form, "TANDA_KEY", TEXT_LIT("r.1.1.ab"));
	url_add_field(&form, "S", TEXT_LIT("a b&c=d\n\xff+%"));
	assert_string_equal(form.ptr, "TANDA_KEY=r.1.1.ab&S=a%20b%26c%3Dd%0A%FF%2B%25");
	text_buf_deinit(&form);
}

/* ---- answers ---- */

struct seen {
	size_t count;
	struct api_item item;
	struct api_build build;
	char text[400]; /* the last one's texts */
};

static void on_item(void *data, const struct api_item *item)
{
	struct seen *seen = data;

	seen->count++;
	seen->item = *item;
	snprintf(seen->text, sizeof(seen->text), "%s|%s", item->why, item->key);
}

static void on_build(void *data, const struct api_build *build)
{
	struct seen *seen = data;

	seen->count++;
	seen->build = *build;
	snprintf(seen->text, sizeof(seen->text), "%s|%s|%s", build->result, build->built_on,
	         build->key);
}

static void a_queue_tells_what_waits_and_why(void **state)
{
	static const char body[] =
		"{\"_class\":\"hudson.model.Queue\",\"items\":[{\"id\":3},"
		"{\"id\":12,\"why\":\"\xe2\x80\x98"
		"box\xe2\x80\x99 is offline\",\"stuck\":true,"
		"\"actions\":[{},{\"parameters\":[{\"name\":\"OTHER\",\"value\":\"x\"},"
		"{\"name\":\"TANDA_KEY\",\"value\":\"r.1.1.ab\"}]}]}]}";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct seen seen = {0};

	(void)state;
	assert_int_equal(api_read_queue(text_from(body), on_item, &seen, &error), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.item.id, 12);
	assert_true(seen.item.is_stuck);
	assert_string_equal(seen.text, "\xe2\x80\x98"
	                               "box\xe2\x80\x99 is offline|r.1.1.ab");
}

static void an_item_that_left_tells_its_build(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct seen seen = {0};

	(void)state;
	assert_int_equal(api_read_item(TEXT_LIT("{\"id\":1,\"why\":null,\"cancelled\":false,"
	                                        "\"executable\":{\"number\":17}}"),
	                               on_item, &seen, &error),
	                 0);
	assert_int_equal(seen.item.build, 17);
	assert_false(seen.item.is_cancelled);
	assert_int_equal(
		api_read_item(TEXT_LIT("{\"id\":1,\"cancelled\":true,\"executable\":null}"),
	                      on_item, &seen, &error),
		0);
	assert_int_equal(seen.item.build, 0);
	assert_true(seen.item.is_cancelled);
}

static void builds_tell_state_place_and_key(void **state)
{
	static const char body[] =
		"{\"allBuilds\":[{\"number\":9,\"queueId\":10,\"building\":true,\"result\":null,"
		"\"builtOn\":\"\"},{\"number\":8,\"queueId\":9,\"building\":false,"
		"\"result\":\"UNSTABLE\",\"builtOn\":\"box\",\"actions\":[null,{\"parameters\":"
		"[{\"name\":\"TANDA_KEY\",\"value\":\"k\"}]}]}]}";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct seen seen = {0};

	(void)state;
	assert_int_equal(api_read_builds(text_from(body), on_build, &seen, &error), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.build.number, 8);
	assert_int_equal(seen.build.queue_id, 9);
	assert_false(seen.build.is_building);
	assert_string_equal(seen.text, "UNSTABLE|box|k");
}

/* Whatever is of another type or missing is passed over: nothing is believed by halves. */
static void odd_parts_are_passed_over(void **state)
{
	static const char body[] =
		"{\"allBuilds\":[7,null,\"x\",{},{\"number\":\"9\"},{\"number\":-3},"
		"{\"number\":1,\"result\":7,\"builtOn\":{},\"actions\":\"no\"}]}";
	struct tanda_error error = TANDA_ERROR_INIT;
	struct seen seen = {0};

	(void)state;
	assert_int_equal(api_read_builds(text_from(body), on_build, &seen, &error), 0);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.text, "||");
}

static void what_is_no_answer_fails_and_is_quoted(void **state)
{
	static const struct {
		const char *body, *told;
	} cases[] = {
		{"", "expected JSON"},
		{"{\"items\":[{\"id\":1", "expected JSON"},
		{"[]", "expected a JSON object"},
		{"{\"items\":{}}", "\"items\""},
		{"<html><head><title>Sign in [Jenkins]</title></head></html>", "Sign in [Jenkins]"},
		{"upstream\x1b[31m timed out\nmore", "upstream [31m timed out"},
	};
	struct seen seen = {0};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;

		assert_int_equal(api_read_queue(text_from(cases[i].body), on_item, &seen, &error),
		                 -1);
		if (strstr(error.message, cases[i].told) == NULL)
			fail_msg("'%s' is not told in '%s'", cases[i].told, error.message);
	}
	assert_int_equal(seen.count, 0);
}

static void on_job(void *data, const struct api_job *job)
{
	struct seen *seen = data;

	seen->count++;
	snprintf(seen->text, sizeof(seen->text), "%d%d%d%d%d%d %s", job->is_buildable,
	         job->is_concurrent, job->tells_parameters, job->has_key, job->has_script,
	         job->has_env, job->label != NULL ? job->label : "-");
}

static void a_job_tells_whether_it_takes_a_batch(void **state)
{
	static const struct {
		const char *body, *told;
	} cases[] = {
		{"{\"buildable\":true,\"concurrentBuild\":false,\"property\":[{},"
	         "{\"parameterDefinitions\":[{\"name\":\"TANDA_KEY\"},{\"name\":\"TANDA_ENV\"}]}],"
	         "\"labelExpression\":\"a && b\"}",
	         "101101 a && b"},
		{"{\"buildable\":false,\"labelExpression\":null}", "010000 "},
		{"{\"buildable\":true}", "110000 -"},
	};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct seen seen = {0};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(api_read_job(text_from(cases[i].body), on_job, &seen, &error), 0);
		assert_string_equal(seen.text, cases[i].told);
	}
	assert_int_equal(api_read_job(TEXT_LIT("{\"_class\":\"a.Folder\",\"jobs\":[]}"), on_job,
	                              &seen, &error),
	                 -1);
	assert_non_null(strstr(error.message, "a.Folder"));
}

static void the_builds_asked_for_are_bounded(void **state)
{
	struct text_buf path;

	(void)state;
	text_buf_init(&path, 1000);
	api_builds_path(&path, 100, false);
	assert_non_null(strstr(path.ptr, "%7B0,100%7D"));
	assert_null(strstr(path.ptr, "parameters"));
	text_buf_clear(&path);
	api_builds_path(&path, 50, true);
	assert_non_null(strstr(path.ptr, "actions%5Bparameters%5Bname,value%5D%5D%5D%7B0,50%7D"));
	text_buf_deinit(&path);
}

/* ---- pages ---- */

static void a_page_is_told_by_its_title_or_first_words(void **state)
{
	static const char *const cases[][2] = {
		{"<html><head><TITLE>\n Error 401\tInvalid password </TITLE></head>x",
	         "Error 401 Invalid password"},
		{"<html><script>var a = '<b>';</script><style>p{}</style><!-- no -->"
	         "<p>Please   wait<br>a moment</p></html>",
	         "Please wait a moment"},
		{"<html><script>never ends", ""},
		{"<html", ""},
		{"", ""},
	};
	char words[PAGE_WORDS_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		page_words(text_from(cases[i][0]), words);
		assert_string_equal(words, cases[i][1]);
	}
}

static void words_are_cut_at_a_characters_boundary(void **state)
{
	char words[PAGE_WORDS_MAX + 1], page[1000] = "";
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		memcpy(page + 3 * i, "\xe2\x82\xac", 4);
	page_words(text_from(page), words);
	assert_int_equal(strlen(words) % 3, 0);
	assert_true(strlen(words) <= PAGE_WORDS_MAX && strlen(words) > PAGE_WORDS_MAX - 3);
}

static void a_page_shows_by_type_or_beginning(void **state)
{
	(void)state;
	assert_true(page_is_html("text/html;charset=utf-8", TEXT_LIT("{}")));
	assert_true(page_is_html("", TEXT_LIT(" \n<!DOCTYPE html>")));
	assert_false(page_is_html("application/json", TEXT_LIT("{}")));
	assert_false(page_is_html("", TEXT_EMPTY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_base_keeps_its_context_path),
		cmocka_unit_test(what_is_no_base_is_refused),
		cmocka_unit_test(credentials_in_a_base_are_refused_and_not_shown),
		cmocka_unit_test(a_job_is_named_with_its_folders),
		cmocka_unit_test(what_names_no_job_is_refused),
		cmocka_unit_test(of_a_location_only_the_id_counts),
		cmocka_unit_test(a_form_carries_any_bytes),
		cmocka_unit_test(a_queue_tells_what_waits_and_why),
		cmocka_unit_test(an_item_that_left_tells_its_build),
		cmocka_unit_test(builds_tell_state_place_and_key),
		cmocka_unit_test(odd_parts_are_passed_over),
		cmocka_unit_test(what_is_no_answer_fails_and_is_quoted),
		cmocka_unit_test(a_job_tells_whether_it_takes_a_batch),
		cmocka_unit_test(the_builds_asked_for_are_bounded),
		cmocka_unit_test(a_page_is_told_by_its_title_or_first_words),
		cmocka_unit_test(words_are_cut_at_a_characters_boundary),
		cmocka_unit_test(a_page_shows_by_type_or_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
