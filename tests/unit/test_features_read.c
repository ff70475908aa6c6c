/* test_features_read.c - what an application's configuration says of its toggles, and what it may
 * not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/features_read.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define DOTNET(features) "{\"FeatureManagement\": {" features "}}"
#define FLAGS(flags)     "{\"feature_management\": {\"feature_flags\": [" flags "]}}"
#define FILTER(name, parameters)                                                                \
	DOTNET("\"A\": {\"EnabledFor\": [{\"Name\": \"" name "\", \"Parameters\": {" parameters \
	       "}}]}")
#define NOW_MS INT64_C(1556719199000) /* Wed, 01 May 2019 13:59:59 GMT */

static void parse(const char *source, struct features *features)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (features_parse(text_from(source), "app.json", features, &error) < 0)
		fail_msg("%s: %s in %s", error.where, error.message, source);
}

static enum feature_state state_for(const char *source, const char *user, const char *group)
{
	const char *const groups[] = {group, NULL};
	const struct feature_context context = {
		.now_ms = NOW_MS, .user = user, .groups = group != NULL ? groups : NULL};
	const struct feature *feature;
	enum feature_state state = FEATURE_OFF;
	struct features features;

	parse(source, &features);
	feature = features_find(&features, "a");
	if (feature != NULL)
		state = feature_evaluate(feature, &context, NULL);
	features_deinit(&features);
	return state;
}

struct expectation {
	const char *source;
	enum feature_state state;
};

static void expect_all(const struct expectation *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (state_for(list[i].source, NULL, NULL) != list[i].state)
			fail_msg("not %s: %s", feature_state_word(list[i].state), list[i].source);
	}
}

static void both_schemas_say_on_and_off(void **state)
{
	static const struct expectation list[] = {
		{DOTNET("\"A\": true"), FEATURE_ON},
		{DOTNET("\"A\": \"True\""), FEATURE_ON},
		{DOTNET("\"a\": false"), FEATURE_OFF},
		{DOTNET("\"A\": null"), FEATURE_OFF},
		{DOTNET("\"B\": true"), FEATURE_OFF},
		{DOTNET("\"A\": {}"), FEATURE_OFF},
		{DOTNET("\"A\": {\"EnabledFor\": true}"), FEATURE_ON},
		{DOTNET("\"A\": {\"enabledfor\": \"false\"}"), FEATURE_OFF},
		{DOTNET("\"A\": {\"EnabledFor\": []}"), FEATURE_OFF},
		{DOTNET("\"A\": {\"EnabledFor\": [], \"RequirementType\": \"All\"}"), FEATURE_OFF},
		{DOTNET("\"A\": {\"EnabledFor\": [{\"Parameters\": {}}]}"), FEATURE_OFF},
		{DOTNET("\"A\": {\"EnabledFor\": [{\"Name\": \"AlwaysOn\"}]}"), FEATURE_ON},
		{"{\"featuremanagement\": {\"A\": true}}", FEATURE_ON},
		{FLAGS("{\"id\": \"A\", \"enabled\": true}"), FEATURE_ON},
		{FLAGS("{\"id\": \"A\", \"enabled\": true, \"conditions\": {\"client_filters\": []}}"),
	         FEATURE_ON},
		{FLAGS("{\"id\": \"A\", \"enabled\": false, \"conditions\": {\"client_filters\": "
	               "[{\"name\": \"AlwaysOn\"}]}}"),
	         FEATURE_OFF},
		{FLAGS("{\"id\": \"A\"}"), FEATURE_OFF},
		{FLAGS("{\"id\": \"A\", \"enabled\": true}, {\"id\": \"a\", \"enabled\": false}"),
	         FEATURE_OFF},
		{"{\"feature_management\": {\"feature_flags\": [{\"id\": \"A\", \"enabled\": true}]},"
	         " \"FeatureManagement\": {\"A\": false}}",
	         FEATURE_ON},
		{FLAGS("{\"id\": \"A\", \"enabled\": true, \"variants\": [{\"name\": \"x\", "
	               "\"status_override\": \"Disabled\"}]}"),
	         FEATURE_UNKNOWN},
	};

	(void)state;
	expect_all(list, countof(list));
}

static void filters_hold_any_or_all(void **state)
{
#define TWO(type, first, second)                                                                 \
	DOTNET("\"A\": {\"RequirementType\": \"" type "\", \"EnabledFor\": [{\"Name\": \"" first \
	       "\"}, {\"Name\": \"" second "\"}]}")
	static const struct expectation list[] = {
		{TWO("Any", "TimeWindow", "AlwaysOn"), FEATURE_ON},
		{TWO("any", "Mine", "AlwaysOn"), FEATURE_ON},
		{TWO("Any", "Mine", "TimeWindow"), FEATURE_UNKNOWN},
		{TWO("All", "AlwaysOn", "AlwaysOn"), FEATURE_ON},
		{TWO("All", "AlwaysOn", "TimeWindow"), FEATURE_OFF},
		{TWO("all", "Mine", "TimeWindow"), FEATURE_OFF},
		{TWO("All", "Mine", "AlwaysOn"), FEATURE_UNKNOWN},
	};

	(void)state;
	expect_all(list, countof(list));
}

static void percentages_and_windows_are_known_where_they_can_be(void **state)
{
	static const struct expectation list[] = {
		{FILTER("Percentage", "\"Value\": 0"), FEATURE_OFF},
		{FILTER("Microsoft.Percentage", "\"Value\": \"100\""), FEATURE_ON},
		{FILTER("percentage", "\"Value\": 50"), FEATURE_UNKNOWN},
		{FILTER("Percentage", "\"Value\": 150"), FEATURE_ON},
		{FILTER("Percentage", "\"Value\": -1"), FEATURE_OFF},
		{FILTER("Percentage", ""), FEATURE_OFF},
		{FILTER("TimeWindow", "\"Start\": \"Wed, 01 May 2019 13:59:59 GMT\""), FEATURE_ON},
		{FILTER("TimeWindow", "\"End\": \"2019-05-01T13:59:59Z\""), FEATURE_OFF},
		{FILTER("Microsoft.TimeWindow",
	                "\"Start\": \"2019-05-01T00:00:00+02:00\", \"End\": "
	                "\"Wed, 01 May 2019 14:00:00 GMT\""),
	         FEATURE_ON},
		{FILTER("TimeWindow", ""), FEATURE_OFF},
		{FILTER("TimeWindow",
	                "\"Start\": \"2019-04-03T13:00:00Z\", \"End\": \"2019-04-03T14:00:00Z\", "
	                "\"Recurrence\": {\"Pattern\": {\"Type\": \"Weekly\", \"Interval\": 2, "
	                "\"DaysOfWeek\": [\"Wednesday\"]}, \"Range\": {\"Type\": \"NoEnd\"}}"),
	         FEATURE_ON},
		{FILTER("TimeWindow",
	                "\"Start\": \"2019-04-03T13:00:00Z\", \"End\": \"2019-04-03T14:00:00Z\", "
	                "\"Recurrence\": {\"Pattern\": {\"Type\": \"Daily\"}, \"Range\": {\"Type\": "
	                "\"Numbered\", \"NumberOfOccurrences\": 28}}"),
	         FEATURE_OFF},
		{FILTER("BrowserFilter", "\"Anything\": [1, {}]"), FEATURE_UNKNOWN},
	};

	(void)state;
	expect_all(list, countof(list));
}

#define AUDIENCE(audience)                                                                        \
	DOTNET("\"Beta\": {\"EnabledFor\": [{\"Name\": \"Microsoft.Targeting\", \"Parameters\": " \
	       "{\"Audience\": {" audience "}}}]}")

static void expect_audience(const char *source, const char *user, const char *group,
                            enum feature_state wanted)
{
	const char *const groups[] = {group, NULL};
	const struct feature_context context = {
		.now_ms = NOW_MS, .user = user, .groups = group != NULL ? groups : NULL};
	struct features features;

	parse(source, &features);
	if (feature_evaluate(&features.list[0], &context, NULL) != wanted)
		fail_msg("%s of %s is not %s: %s", user != NULL ? user : "-",
		         group != NULL ? group : "-", feature_state_word(wanted), source);
	features_deinit(&features);
}

/* Of "juan\nBeta" the share is 67.42 %, of "maria\nBeta" 57.47 %, of "x\nBeta\nring1" 48.75 %. */
static void targeting_means_who_it_says(void **state)
{
	static const char users[] = AUDIENCE("\"Users\": [\"juan\", \"maria\"]");
	static const char rollout[] = AUDIENCE("\"DefaultRolloutPercentage\": 60");
	static const char ring[] = AUDIENCE(
		"\"Groups\": [{\"Name\": \"ring1\", \"RolloutPercentage\": 48.8}], "
		"\"Exclusion\": {\"Users\": [\"eve\"], \"Groups\": [\"out\"]}, \"Users\": [\"eve\"]");

	(void)state;
	expect_audience(users, "juan", NULL, FEATURE_ON);
	expect_audience(users, "Juan", NULL, FEATURE_OFF);
	expect_audience(users, NULL, NULL, FEATURE_UNKNOWN);
	expect_audience(rollout, "maria", NULL, FEATURE_ON);
	expect_audience(rollout, "juan", NULL, FEATURE_OFF);
	expect_audience(ring, "x", "ring1", FEATURE_ON);
	expect_audience(ring, "x", "ring2", FEATURE_OFF);
	expect_audience(ring, "eve", "ring1", FEATURE_OFF);
	expect_audience(ring, "x", "out", FEATURE_OFF);
	expect_audience(AUDIENCE("\"DefaultRolloutPercentage\": 100"), NULL, NULL, FEATURE_ON);
	expect_audience(AUDIENCE(""), NULL, NULL, FEATURE_OFF);
}

static void comments_and_trailing_commas_are_dotnets(void **state)
{
	struct features features;

	(void)state;
	parse("\xEF\xBB\xBF// head\n{ /* \" */ \"FeatureManagement\": {\n \"A//x\": true, // }\n"
	      " \"x-b\": \"true\", /* , */ },\n}",
	      &features);
	assert_int_equal(features.count, 2);
	assert_string_equal(features.list[0].name, "A//x");
	assert_string_equal(features.list[1].name, "x-b");
	assert_string_equal(features.list[1].place, "app.json:4:9");
	features_deinit(&features);
}

static void what_is_odd_is_a_warning_with_its_place(void **state)
{
	struct features features;

	(void)state;
	parse(FILTER("Percentage", "\"Value\": 150"), &features);
	assert_int_equal(features.warning_count, 1);
	assert_string_equal(
		features.warnings[0],
		"app.json:1:92: a percentage of 150 is not from 0 to 100: it is always on");
	features_deinit(&features);
	parse(FILTER("TimeWindow", "\"Start\": \"2019-05-01\""), &features);
	assert_int_equal(features.warning_count, 1);
	features_deinit(&features);
}

static void what_the_application_would_refuse_is_refused_with_its_place(void **state)
{
#define RECURS(parameters, pattern, range)                                          \
	FILTER("TimeWindow", parameters ", \"Recurrence\": {\"Pattern\": {" pattern \
	                                "}, \"Range\": {" range "}}")
#define HOURS "\"Start\": \"2019-05-01T13:00:00Z\", \"End\": \"2019-05-01T14:00:00Z\""
	static const struct {
		const char *source, *message;
	} faults[] = {
		{"", "not valid JSON"},
		{"{\"FeatureManagement\": {\"A\": true}", "not valid JSON"},
		{"/* {\"FeatureManagement\": {}}", "not valid JSON"},
		{"[]", "expected an object"},
		{"{\"Logging\": {}}", "there are no feature toggles in it"},
		{"{\"FeatureManagement\": [1]}", "expected an object"},
		{DOTNET("\"A\": true, \"a\": false"),
	         "the toggle \"a\" is there twice: app.json:1:29"},
		{DOTNET("\"A\": true, \"A\": false"), "duplicate object key"},
		{DOTNET("\"A:B\": true"), "may not be empty or hold ':'"},
		{DOTNET("\"A\": 1"), "expected true or false, not 1"},
		{DOTNET("\"A\": \"yes\""), "expected true or false"},
		{DOTNET("\"A\": {\"EnabledFor\": \"x\"}"), "expected true or false"},
		{DOTNET("\"A\": {\"RequirementType\": \"Some\"}"), "expected \"Any\" or \"All\""},
		{FLAGS("{\"enabled\": true}"), "expected an \"id\" in each flag"},
		{FLAGS("true"), "expected an object"},
		{"{\"feature_management\": {\"feature_flags\": {}}}", "expected an array of flags"},
		{FILTER("Percentage", "\"Value\": \"half\""), "expected a number, not \"half\""},
		{FILTER("Targeting", ""), "expected an \"Audience\""},
		{FILTER("Targeting", "\"Audience\": {\"DefaultRolloutPercentage\": 101}"),
	         "expected a percentage from 0 to 100, not 101"},
		{FILTER("Targeting", "\"Audience\": {\"Groups\": [{\"Name\": \"a\", "
	                             "\"RolloutPercentage\": -1}]}"),
	         "expected a percentage from 0 to 100, not -1"},
		{FILTER("Targeting", "\"Audience\": {\"Users\": \"juan\"}"),
	         "expected an array of names"},
		{FILTER("TimeWindow", "\"Start\": \"Thu, 01 May 2019 13:59:59 GMT\""),
	         "expected a time such as"},
		{FILTER("TimeWindow", "\"End\": 1556719199"), "expected a time such as"},
		{RECURS("\"Start\": \"2019-05-01T13:00:00Z\"", "", ""), "\"Start\" and \"End\""},
		{RECURS(HOURS, "\"Type\": \"Monthly\"", ""), "expected \"Daily\" or \"Weekly\""},
		{RECURS(HOURS, "\"Interval\": 0", ""), "expected a whole number, at least 1"},
		{RECURS(HOURS, "\"Type\": \"Weekly\"", ""), "expected \"DaysOfWeek\""},
		{RECURS(HOURS, "\"Type\": \"Weekly\", \"DaysOfWeek\": [\"Monday\"]", ""),
	         "on none of its \"DaysOfWeek\""},
		{RECURS(HOURS, "\"Type\": \"Weekly\", \"DaysOfWeek\": [\"Mittwoch\"]", ""),
	         "expected a day of the week"},
		{RECURS("\"Start\": \"2019-05-01T13:00:00Z\", \"End\": \"2019-05-03T14:00:00Z\"",
	                "", ""),
	         "longer than the time between"},
		{RECURS("\"Start\": \"2019-05-01T13:00:00Z\", \"End\": \"2019-05-01T13:00:00Z\"",
	                "", ""),
	         "not behind its start"},
		{RECURS(HOURS, "", "\"Type\": \"EndDate\", \"EndDate\": \"2019-04-01T00:00:00Z\""),
	         "before the window's start"},
		{RECURS(HOURS, "", "\"Type\": \"Numbered\", \"NumberOfOccurrences\": 0"),
	         "at least 1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(faults); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct features features;

		if (features_parse(text_from(faults[i].source), "app.json", &features, &error) == 0)
			fail_msg("taken: %s", faults[i].source);
		if (strstr(error.message, faults[i].message) == NULL)
			fail_msg("'%s' is not in '%s': %s", faults[i].message, error.message,
			         faults[i].source);
		assert_memory_equal(error.where, "app.json:1:", strlen("app.json:1:"));
	}
}

static void what_is_deep_or_huge_is_refused(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct features features;
	struct text_buf source;
	int i;

	(void)state;
	text_buf_init(&source, FEATURES_MAX_BYTES + 100);
	text_buf_add_str(&source, "{\"FeatureManagement\": {\"A\": ");
	for (i = 0; i < 100000; i++)
		text_buf_add_str(&source, "{\"EnabledFor\": [");
	assert_int_equal(features_parse(text_buf_text(&source), "a", &features, &error), -1);
	assert_non_null(strstr(error.message, "depth"));
	error = (struct tanda_error)TANDA_ERROR_INIT;
	while (source.len <= FEATURES_MAX_BYTES)
		text_buf_add_str(&source, "          ");
	assert_int_equal(features_parse(text_buf_text(&source), "a", &features, &error), -1);
	assert_non_null(strstr(error.message, "at most 16 MB"));
	text_buf_clear(&source);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	text_buf_add_str(&source, "{\"FeatureManagement\": {\"x\": true");
	for (i = 0; i < FEATURES_MAX; i++)
		text_buf_printf(&source, ", \"x%d\": true", i);
	text_buf_add_str(&source, "}}");
	assert_int_equal(features_parse(text_buf_text(&source), "a", &features, &error), -1);
	assert_non_null(strstr(error.message, "at most 10000 toggles"));
	text_buf_deinit(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_schemas_say_on_and_off),
		cmocka_unit_test(filters_hold_any_or_all),
		cmocka_unit_test(percentages_and_windows_are_known_where_they_can_be),
		cmocka_unit_test(targeting_means_who_it_says),
		cmocka_unit_test(comments_and_trailing_commas_are_dotnets),
		cmocka_unit_test(what_is_odd_is_a_warning_with_its_place),
		cmocka_unit_test(what_the_application_would_refuse_is_refused_with_its_place),
		cmocka_unit_test(what_is_deep_or_huge_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
