/* test_suite.c - what must hold for a suite as a whole, and what it starts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/config.h"
#include "runner/config/placeholder.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define SUITES(x) "{\"suites\": {\n" x "}}"

static struct config *parse(const char *source)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_parse(text_from(source), "t", NULL, 0, &config, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return config;
}

static void assert_strings(char *const *strings, const char *expected)
{
	struct text_buf joined;
	size_t i;

	text_buf_init(&joined, 10000);
	for (i = 0; strings[i] != NULL; i++)
		text_buf_printf(&joined, "%s|", strings[i]);
	assert_string_equal(joined.ptr != NULL ? joined.ptr : "", expected);
	text_buf_deinit(&joined);
}

static void suites_that_cannot_work_are_refused(void **state)
{
	static const struct {
		const char *source;
		const char *where;
		const char *message;
		const char *hint;
	} faults[] = {
		{SUITES("\"a\": {\"files\": \"x\"}"), "t:2:1",
	         "expected \"framework\" in suite \"a\"",
	         "\"command\" runs any program, a test a start"},
		{SUITES("\"a\": {\"framework\": \"pytset\"}"), "t:2:20", NULL,
	         "did you mean \"pytest\"?"},
		{SUITES("\"a\": {\"framework\": \"tanda.schema\"}"), "t:2:20", NULL, NULL},
		{SUITES("\"a\": {\"framework\": 1}"), "t:2:20", NULL, NULL},
		{SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\"}"), "t:2:1",
	         "expected \"run\" in suite \"a\"", "for example \"run\": [\"sh\", \"{id}\"]"},
		{SUITES("\"a\": {\"framework\": \"command\", \"run\": [\"{id}\"]}"), "t:2:1",
	         "expected \"files\" in suite \"a\"", ""},
		{SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\", \"run\": [\"make\"]}"),
	         "t:2:52",
	         "\"run\": expected {ids}, {ids,}, {ids|}, {id} or {list}, which tell the command its tests",
	         ""},
		{SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\", \"run\": [\"{id}\"], "
	                "\"args\": [\"-x\"]}"),
	         "t:2:70", "\"args\": expected {args} in \"run\" for them", ""},
		{SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\", \"run\": [\"{id}\"],\n"
	                "\"batch_max\": 5}"),
	         "t:3:14",
	         "\"batch_max\": expected 1, since only one test a start can be told or reported "
	         "here, not 5",
	         ""},
		{SUITES("\"a\": {\"framework\": \"pytest\",\n\"area\": {\"tag\": \"area-*\"}}"),
	         "t:3:9",
	         "\"area\": expected a name, not a tag: the files of \"pytest\" have no Gherkin tags",
	         ""},
		{SUITES("\"a\": {\"framework\": \"pytest\", \"files\": \"{area}/*\",\n\"area\": \"x\"}"),
	         "t:3:9", "\"area\": expected none, since \"files\" has {area}", ""},
		{SUITES("\"a\": {\"framework\": \"pytest\", \"files\": \"{area}/{area}/*\"}"),
	         "t:2:39",
	         "\"files\": expected a file pattern with {area} once only, not \"{area}/{area}/*\"",
	         ""},
		{SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\", \"run\": [\"{id}\"],\n"
	                "\"list\": {\"format\": \"pytest\"}}"),
	         "t:3:9", "\"list\": expected \"run\" beside \"format\"", ""},
		{SUITES("\"list\": {\"framework\": \"command\", \"files\": \"x\", \"run\": [\"{id}\"],\n"
	                "\"list\": {\"run\": [\"x\"]}}"),
	         "t:3:9", "\"list\": expected \"format\" beside \"run\"", ""},
		{SUITES("\"a\": {\"framework\": \"pytest\",\n\"case\": {\"as\": \"args\"}}"),
	         "t:3:9", "\"case\": expected \"args\" that name the case", ""},
		{SUITES("\"a\": {\"framework\": \"pytest\",\n"
	                "\"case\": {\"as\": \"args\", \"args\": [\"-k\"]}}"),
	         "t:3:9", "\"case\": expected {case} or {cases|} in \"args\"", ""},
		{SUITES("\"a\": {\"framework\": \"pytest\",\n\"list_line\": \"x\"}"), NULL,
	         "\"list_line\": expected a line with {id}, not \"x\"", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(faults); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct config *config = NULL;

		if (config_parse(text_from(faults[i].source), "t", NULL, 0, &config, &error) == 0)
			fail_msg("taken: %s", faults[i].source);
		if (faults[i].message != NULL)
			assert_string_equal(error.message, faults[i].message);
		if (faults[i].where != NULL)
			assert_string_equal(error.where, faults[i].where);
		if (faults[i].hint != NULL)
			assert_string_equal(error.hint, faults[i].hint);
	}
}

static void a_suite_named_like_a_key_is_only_a_name(void **state)
{
	struct config *config = parse(SUITES("\"list\": {\"run\": [\"{id}\"], \"files\": \"x\", "
	                                     "\"framework\": \"command\"}"));

	(void)state;
	assert_string_equal(config->suites[0].name, "list");
	assert_string_equal(config->suites[0].preset.name, "command");
	config_free(config);
}

static void every_key_of_a_suite_lands_where_it_belongs(void **state)
{
	struct config *config = parse(SUITES(
		"\"web\": {\"framework\": \"behave\", \"files\": [\"f/**/*.feature\", \"g/*\"],\n"
		"\"exclude\": [\"**/wip/**\"], \"dir\": \"./sub//dir/\", \"args\": [\"-t\", "
		"\"{worker}\"],\n"
		"\"env\": {\"B\": \"1\", \"A\": \"{tmp}\"}, \"prefix\": [\"env\"], \"collect\": "
		"\"shots/**\",\n"
		"\"area\": {\"tag\": \"@area-*\"}, \"split\": \"none\", \"batch_max\": 7,\n"
		"\"start_up\": \"2s\", \"ids_follow_dashes\": true, \"case_key\": \"file\",\n"
		"\"reports\": [\"a.xml\", \"b/*.xml\"], \"list\": {\"format\": \"none\"},\n"
		"\"exit\": {\"complete\": \"any\", \"empty\": [4, 5]}}"));
	const struct suite *suite = &config->suites[0];

	(void)state;
	assert_string_equal(suite->name, "web");
	assert_strings(suite->files, "f/**/*.feature|g/*|");
	assert_strings(suite->exclude, "**/wip/**|");
	assert_string_equal(suite->dir, "sub//dir");
	assert_strings(suite->args, "-t|{worker}|");
	assert_strings(suite->env, "B=1|A={tmp}|");
	assert_strings(suite->prefix, "env|");
	assert_strings(suite->collect, "shots/**|");
	assert_int_equal(suite->area_rule, AREA_BY_TAG);
	assert_string_equal(suite->area, "area-*");
	assert_int_equal(suite->preset.batch_max, 7);
	assert_int_equal(suite->preset.start_up_ms, 2000);
	assert_true(suite->preset.ids_follow_dashes);
	assert_int_equal(suite->preset.case_key, CASE_KEY_FILE);
	assert_strings(suite->preset.reports, "a.xml|b/*.xml|");
	assert_null(suite->preset.list);
	assert_int_equal(suite->preset.exit_complete_count, 256);
	assert_int_equal(suite->preset.exit_complete[255], 255);
	assert_int_equal(suite->preset.exit_empty_count, 2);
	assert_int_equal(suite->preset.exit_empty[1], 5);
	assert_int_equal(suite->preset.exit_passed[0], 0);
	config_free(config);
}

static void areas_come_from_glob_name_or_folder(void **state)
{
	struct config *config = parse(
		SUITES("\"a\": {\"framework\": \"pytest\", \"files\": \"t/{area}/**/*.py\"},\n"
	               "\"b\": {\"framework\": \"pytest\", \"files\": \"t/*\", \"area\": \"x\"},\n"
	               "\"c\": {\"framework\": \"pytest\", \"files\": \"t/*\"}"));

	(void)state;
	assert_int_equal(config->suites[0].area_rule, AREA_BY_GLOB);
	assert_int_equal(config->suites[1].area_rule, AREA_BY_NAME);
	assert_string_equal(config->suites[1].area, "x");
	assert_int_equal(config->suites[2].area_rule, AREA_BY_FOLDER);
	config_free(config);
}

static void without_files_the_preset_says_which(void **state)
{
	struct config *config = parse(SUITES("\"a\": {\"framework\": \"pytest\"}"));
	const struct suite *suite = &config->suites[0];

	(void)state;
	assert_non_null(suite->files[0]);
	assert_string_equal(suite->files[0], suite->preset.files[0]);
	assert_string_equal(suite->dir, ".");
	config_free(config);
}

static void tests_that_are_cases_are_listed_and_run_as_such(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	(void)state;
	assert_int_equal(config_parse(TEXT_LIT(SUITES("\"a\": {\"framework\": \"command\", "
	                                              "\"files\": \"x\", \"run\": [\"{id}\"], "
	                                              "\"unit\": \"case\"}")),
	                              "t", NULL, 0, &config, &error),
	                 -1);
	assert_string_equal(error.message, "\"unit\": expected \"case\" and \"list\" beside it, "
	                                   "which say how cases are run and listed");
	config = parse(SUITES("\"a\": {\"framework\": \"ctest\"}"));
	assert_int_equal(config->suites[0].preset.unit, UNIT_CASE);
	config_free(config);
}

static void one_test_a_start_where_more_could_not_be_told_apart(void **state)
{
	struct config *config = parse(SUITES(
		"\"a\": {\"framework\": \"pytest\", \"run\": [\"x\", \"{id}\"]},\n"
		"\"b\": {\"framework\": \"pytest\", \"case_key\": \"only\"},\n"
		"\"c\": {\"framework\": \"pytest\", \"reports\": []},\n"
		"\"d\": {\"framework\": \"command\", \"files\": \"x\", \"run\": [\"{list}\"],\n"
		"\"reports\": \"*.xml\", \"case_key\": \"file\", \"batch_max\": 0}"));

	(void)state;
	assert_int_equal(config->suites[0].preset.batch_max, 1);
	assert_int_equal(config->suites[1].preset.batch_max, 1);
	assert_int_equal(config->suites[2].preset.batch_max, 1);
	assert_int_equal(config->suites[3].preset.batch_max, 0);
	config_free(config);
}

static void a_command_is_its_prefix_and_its_run_expanded(void **state)
{
	struct config *config =
		parse(SUITES("\"a\": {\"framework\": \"pytest\", \"prefix\": [\"on\", \"{node}\", "
	                     "\"--\"],\n"
	                     "\"run\": [\"py\", \"{args}\", \"{ids}\"], \"args\": [\"-o\", "
	                     "\"x={worker}\"],\n"
	                     "\"ids_follow_dashes\": true,\n"
	                     "\"list\": {\"run\": [\"py\", \"-l\", \"{args}\", \"{ids}\"], "
	                     "\"format\": \"pytest\"}}"));
	const char *const ids[] = {"a.py", "-b.py", NULL};
	struct placeholder_values values = {.ids = ids, .id_count = 2, .node = "n1", .worker = 4};
	char **command = suite_command(&config->suites[0], &values);

	(void)state;
	assert_strings(command, "on|n1|--|py|-o|x=4|--|a.py|-b.py|");
	mem_free_strings(command);
	values.id_count = 1;
	command = suite_listing(&config->suites[0], &values);
	assert_strings(command, "on|n1|--|py|-l|-o|x=4|a.py|");
	mem_free_strings(command);
	config_free(config);
}

static void ids_are_told_as_the_framework_takes_them(void **state)
{
	struct config *config =
		parse(SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\",\n"
	                     "\"ids_are\": \"regexes\", \"ids_are_absolute\": true,\n"
	                     "\"list_line\": \"only {id}\", \"env\": {\"IDS\": \"{ids,}\"},\n"
	                     "\"run\": [\"x\", \"^{ids}$\", \"{ids|}\"]}"));
	const char *const ids[] = {"a (1).js", "b+[c]\\$.js", NULL};
	struct placeholder_values values = {.ids = ids, .id_count = 2, .dir = "/p.q"};
	char **command = suite_command(&config->suites[0], &values);
	struct text_buf lines;

	(void)state;
	assert_strings(command, "x|^/p\\.q/a \\(1\\)\\.js$|^/p\\.q/b\\+\\[c\\]\\\\\\$\\.js$|"
	                        "/p\\.q/a \\(1\\)\\.js|/p\\.q/b\\+\\[c\\]\\\\\\$\\.js|");
	mem_free_strings(command);
	values.id_count = 1;
	command = suite_environment(&config->suites[0], &values);
	assert_strings(command, "IDS=/p\\.q/a \\(1\\)\\.js|");
	mem_free_strings(command);
	text_buf_init(&lines, 1000);
	suite_write_list(&config->suites[0], &values, &lines);
	assert_string_equal(lines.ptr, "only /p\\.q/a \\(1\\)\\.js\n");
	text_buf_deinit(&lines);
	config_free(config);
}

static void a_case_stands_in_place_of_its_file_or_beside_it(void **state)
{
	struct config *config =
		parse(SUITES("\"a\": {\"framework\": \"cucumber-js\"},\n"
	                     "\"b\": {\"framework\": \"command\", \"files\": \"x\",\n"
	                     "\"run\": [\"x\", \"{args}\", \"{id}\"], \"args\": [\"-q\"],\n"
	                     "\"case\": {\"as\": \"args\", \"are\": \"regexes\",\n"
	                     "\"args\": [\"-g\", \"^({cases|})$\"]}}"));
	const char *const ids[] = {"[a].feature"}, *const lines[] = {"[a].feature:3"};
	const char *const titles[] = {"adds 1+1", "-b"};
	struct placeholder_values values = {
		.ids = ids, .id_count = 1, .cases = lines, .case_count = 1, .report = "R"};
	char **command = suite_command(&config->suites[0], &values);

	(void)state;
	assert_strings(command, "node_modules/.bin/cucumber-js|--format|junit:R|--format|summary|"
	                        "[[]a].feature:3|");
	mem_free_strings(command);
	values.cases = titles;
	values.case_count = 2;
	command = suite_command(&config->suites[1], &values);
	assert_strings(command, "x|-q|-g|^(adds 1\\+1|-b)$|[a].feature|");
	mem_free_strings(command);
	config_free(config);
}

static void a_command_without_listing_has_none(void **state)
{
	struct config *config =
		parse(SUITES("\"a\": {\"framework\": \"command\", \"files\": \"x\",\n"
	                     "\"run\": [\"{id}\"]}"));
	struct placeholder_values values = {.id_count = 0};

	(void)state;
	assert_null(suite_listing(&config->suites[0], &values));
	config_free(config);
}

static void the_suites_environment_beats_the_presets(void **state)
{
	char *preset_env[] = {mem_strdup("A=preset {worker}"), mem_strdup("AB=preset"), NULL};
	char *own_env[] = {mem_strdup("A=own {worker}"), mem_strdup("C="), NULL};
	struct suite suite = {.preset.env = preset_env, .env = own_env};
	struct placeholder_values values = {.worker = 2};
	char **pairs = suite_environment(&suite, &values);
	size_t i;

	(void)state;
	assert_strings(pairs, "AB=preset|A=own 2|C=|");
	mem_free_strings(pairs);
	suite.preset.env = NULL;
	pairs = suite_environment(&suite, &values);
	assert_strings(pairs, "A=own 2|C=|");
	mem_free_strings(pairs);
	for (i = 0; i < 2; i++) {
		free(preset_env[i]);
		free(own_env[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_that_cannot_work_are_refused),
		cmocka_unit_test(a_suite_named_like_a_key_is_only_a_name),
		cmocka_unit_test(every_key_of_a_suite_lands_where_it_belongs),
		cmocka_unit_test(areas_come_from_glob_name_or_folder),
		cmocka_unit_test(without_files_the_preset_says_which),
		cmocka_unit_test(tests_that_are_cases_are_listed_and_run_as_such),
		cmocka_unit_test(one_test_a_start_where_more_could_not_be_told_apart),
		cmocka_unit_test(a_command_is_its_prefix_and_its_run_expanded),
		cmocka_unit_test(ids_are_told_as_the_framework_takes_them),
		cmocka_unit_test(a_case_stands_in_place_of_its_file_or_beside_it),
		cmocka_unit_test(a_command_without_listing_has_none),
		cmocka_unit_test(the_suites_environment_beats_the_presets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
