/* test_ci.c - what is written for CI servers is theirs to read, whatever strangers named. */
#include "tests/unit/report_play.h"

#include "runner/report/ci.h"
#include "shards/base/mem.h"

static const char *written(struct text_buf *out)
{
	return out->ptr != NULL ? out->ptr : "";
}

static void expect_annotation(enum ci ci, const char *file, const char *expected)
{
	struct text_buf out;

	text_buf_init(&out, 1000);
	ci_add_annotation(&out, ci, text_from(file), TEXT_LIT("FAIL a:b"),
	                  TEXT_LIT("100% of [x]; a\r\nb"));
	assert_string_equal(written(&out), expected);
	text_buf_deinit(&out);
}

static void annotations_are_escaped_as_each_server_has_it(void **state)
{
	(void)state;
	expect_annotation(CI_GITHUB, "a,b:c.feature",
	                  "::error file=a%2Cb%3Ac.feature,title=FAIL a%3Ab::"
	                  "100%25 of [x]; a%0D%0Ab\n");
	expect_annotation(CI_AZURE, "a;b].feature",
	                  "##vso[task.logissue type=error;sourcepath=a%3Bb%5D.feature]FAIL a:b: "
	                  "100%AZP25 of [x%5D%3B a%0D%0Ab\n");
	expect_annotation(CI_GITHUB, NULL, "::error title=FAIL a%3Ab::100%25 of [x]; a%0D%0Ab\n");
	expect_annotation(CI_GITLAB, "a", "");
}

static void teamcity_messages_escape_quotes_lines_and_unicode(void **state)
{
	struct text_buf out;

	(void)state;
	text_buf_init(&out, 1000);
	ci_add_test(&out, CI_TEAMCITY, 3, TEXT_LIT("web: 'a|b' [c]"), CI_FAILED,
	            TEXT_LIT("expected \xC3\xB1\n\xF0\x9F\x98\x80 \xFF"), 1234);
	assert_string_equal(written(&out),
	                    "##teamcity[testStarted name='web: |'a||b|' |[c|]' flowId='tanda-w3']\n"
	                    "##teamcity[testFailed name='web: |'a||b|' |[c|]' "
	                    "message='expected |0x00f1|n|0xd83d|0xde00 ?' flowId='tanda-w3']\n"
	                    "##teamcity[testFinished name='web: |'a||b|' |[c|]' duration='1234' "
	                    "flowId='tanda-w3']\n");
	text_buf_clear(&out);
	ci_add_test(&out, CI_GITHUB, 0, TEXT_LIT("a"), CI_PASSED, TEXT_LIT(""), 0);
	assert_int_equal(out.len, 0);
	text_buf_deinit(&out);
}

static void groups_fold_as_each_server_has_it(void **state)
{
	static const struct {
		enum ci ci;
		const char *folded, *open;
	} wanted[] = {
		{CI_GITHUB, "::group::t%25\n::endgroup::\n", ""},
		{CI_AZURE, "##[group]t%\n##[endgroup]\n", ""},
		{CI_BUILDKITE, "--- t%\n", "+++ t%\n"},
		{CI_TEAMCITY,
	         "##teamcity[blockOpened name='t%']\n##teamcity[blockClosed name='t%']\n", ""},
		{CI_GITLAB,
	         "\x1B[0Ksection_start:5:tanda_7[collapsed=true]\r\x1B[0Kt%\n"
	         "\x1B[0Ksection_end:5:tanda_7\r\x1B[0K\n",
	         "\x1B[0Ksection_start:5:tanda_7\r\x1B[0Kt%\n\x1B[0Ksection_end:5:tanda_7\r\x1B[0K\n"},
		{CI_NONE, "", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(wanted); i++) {
		struct ci_group group = {7, 5, true, TEXT_LIT("t%")};
		struct text_buf out;

		text_buf_init(&out, 1000);
		ci_begin_group(&out, wanted[i].ci, &group);
		ci_end_group(&out, wanted[i].ci, &group);
		assert_string_equal(written(&out), wanted[i].folded);
		text_buf_clear(&out);
		group.is_folded = false;
		ci_begin_group(&out, wanted[i].ci, &group);
		ci_end_group(&out, wanted[i].ci, &group);
		assert_string_equal(written(&out), wanted[i].open);
		text_buf_deinit(&out);
	}
}

static void a_server_is_known_by_its_variable(void **state)
{
	static const char *const names[] = {"GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE",
	                                    "TEAMCITY_VERSION", "TF_BUILD"};
	size_t i;

	(void)state;
	for (i = 0; i < countof(names); i++)
		unsetenv(names[i]);
	setenv("JENKINS_URL", "http://ci", 1);
	assert_int_equal(ci_detect(), CI_NONE);
	for (i = 0; i < countof(names); i++) {
		setenv(names[i], "true", 1);
		assert_int_equal(ci_detect(), CI_GITHUB + (int)i);
		unsetenv(names[i]);
	}
}

/* A minute of silence is a line, in a log; a second call a moment later is none. */
static void a_silent_minute_says_what_runs(void **state)
{
	const struct console_options options = {.form = FORM_COUNTED, .out_dir = "tanda-out"};
	const uint32_t test = 0;
	struct console_moment moment = {0};
	struct play p;

	(void)state;
	play_open(&p, options);
	play_start(&p, 1);
	play_test(&p, "features/pay.feature", "pay", NULL);
	play_seal(&p, 0, 0);
	play_batch(&p, 0, BATCH_PLANNED, &test, 1);
	moment.now_ns = SECONDS(59);
	console_tick(p.console, &moment);
	moment.now_ns = SECONDS(72);
	console_tick(p.console, &moment);
	moment.now_ns = SECONDS(75);
	console_tick(p.console, &moment);
	moment.now_ns = SECONDS(135);
	console_tick(p.console, &moment);
	play_finish(&p);
	expect_part(p.text, "1 worker\n"
	                    "... 1m12s quiet: 1 running, longest w0 features/pay.feature 1m12s\n"
	                    "... 2m15s quiet: 1 running, longest w0 features/pay.feature 2m15s\n"
	                    "------------\n");
	play_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(annotations_are_escaped_as_each_server_has_it),
		cmocka_unit_test(teamcity_messages_escape_quotes_lines_and_unicode),
		cmocka_unit_test(groups_fold_as_each_server_has_it),
		cmocka_unit_test(a_server_is_known_by_its_variable),
		cmocka_unit_test(a_silent_minute_says_what_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
