/* test_detect.c - what a project without tanda.json is taken for. */
#include <ftw.h>
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

#include "runner/config/config.h"
#include "runner/config/match.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static char root[64];

static void make_file(const char *path, const char *content)
{
	char *full = mem_printf("%s/%s", root, path), *slash;
	FILE *file;

	for (slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	free(full);
}

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/tanda-detect-XXXXXX");
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static struct config *detect(void)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_detect(root, NULL, 0, &config, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return config;
}

/* The file that `init` would write has these suites, one a line. */
static void assert_suites(const struct config *config, const char *suites)
{
	char *written = config_to_json(config);
	char *expected = mem_printf(
		"{\n  \"$schema\": \"./tanda.schema.json\",\n  \"suites\": {\n%s  }\n}\n", suites);

	assert_string_equal(written, expected);
	free(written);
	free(expected);
}

static void features_in_folders_give_areas(void **state)
{
	struct config *config;

	(void)state;
	make_file("features/steps/steps.py", "");
	make_file("features/environment.py", "");
	make_file("features/cart/add.feature", "");
	make_file("features/cart/deep/er.feature", "");
	make_file("features/search/find.feature", "");
	config = detect();
	assert_suites(config, "    \"behave\": {\"framework\": \"behave\", \"files\": "
	                      "\"features/{area}/**/*.feature\"}\n");
	assert_int_equal(config->suites[0].area_rule, AREA_BY_GLOB);
	assert_string_equal(config->assumptions[0],
	                    "found behave: 3 feature files in features/; area = folder");
	assert_null(config->assumptions[1]);
	assert_null(config->path);
	config_free(config);
}

static void features_at_the_top_have_no_area_in_their_pattern(void **state)
{
	struct config *config;

	(void)state;
	make_file("features/steps/steps.py", "");
	make_file("features/cart/add.feature", "");
	make_file("features/top.feature", "");
	config = detect();
	assert_suites(config, "    \"behave\": {\"framework\": \"behave\", \"files\": "
	                      "\"features/**/*.feature\"}\n");
	assert_int_equal(config->suites[0].area_rule, AREA_BY_FOLDER);
	config_free(config);
}

static void patterns_are_narrowed_to_where_the_tests_are(void **state)
{
	struct config *config;

	(void)state;
	make_file("tests/acceptance/test_a.py", "");
	make_file("tests/acceptance/test_b.py", "");
	make_file("tests/acceptance/conftest.py", "");
	config = detect();
	assert_suites(config, "    \"pytest\": {\"framework\": \"pytest\", \"files\": "
	                      "\"tests/acceptance/**/test_*.py\"}\n");
	assert_string_equal(config->assumptions[0],
	                    "found pytest: 2 test files in tests/acceptance/; area = folder");
	config_free(config);
}

static void tests_in_several_places_get_a_pattern_each(void **state)
{
	struct config *config;

	(void)state;
	make_file("a/tests/test_a.py", "");
	make_file("b/test_b.py", "");
	make_file("b/sub/test_c.py", "");
	make_file("test_top.py", "");
	make_file("setup.py", "");
	config = detect();
	assert_suites(config, "    \"pytest\": {\"framework\": \"pytest\", \"files\": "
	                      "[\"a/tests/**/test_*.py\", \"b/**/test_*.py\", \"test_*.py\"]}\n");
	assert_string_equal(
		config->assumptions[0],
		"found pytest: 4 test files in a/tests/, b/, the project's folder; area "
		"= folder");
	config_free(config);
}

static void several_frameworks_are_several_suites(void **state)
{
	struct config *config;

	(void)state;
	make_file("features/steps/steps.py", "");
	make_file("features/cart/add.feature", "");
	make_file("api/orders/test_a.py", "");
	make_file("api/users/test_b.py", "");
	make_file("smoke/login.bats", "");
	config = detect();
	assert_suites(config,
	              "    \"bats\": {\"framework\": \"bats\", \"files\": \"smoke/**/*.bats\"},\n"
	              "    \"behave\": {\"framework\": \"behave\", \"files\": "
	              "\"features/{area}/**/*.feature\"},\n"
	              "    \"pytest\": {\"framework\": \"pytest\", \"files\": "
	              "\"api/{area}/**/test_*.py\"}\n");
	assert_string_equal(config->assumptions[0],
	                    "found bats: 1 test file in smoke/; area = folder");
	config_free(config);
}

static void a_package_in_a_folder_is_run_there(void **state)
{
	struct config *config;

	(void)state;
	make_file("web/package.json", "{\"devDependencies\": {\"@cucumber/cucumber\": \"^12\"}}");
	make_file("web/features/cart/add.feature", "");
	make_file("web/node_modules/x/features/other.feature", "");
	config = detect();
	assert_suites(config, "    \"cucumber-js\": {\"framework\": \"cucumber-js\", \"files\": "
	                      "\"features/{area}/**/*.feature\", \"dir\": \"web\"}\n");
	assert_string_equal(config->assumptions[0],
	                    "found cucumber-js: 1 feature file in web/features/; area = folder");
	config_free(config);
}

static void features_go_to_the_framework_that_more_speaks_for(void **state)
{
	struct config *config;

	(void)state;
	make_file("package.json", "{\"devDependencies\": {\"@cucumber/cucumber\": \"^12\"}}");
	make_file("features/steps/steps.py", "");
	make_file("features/environment.py", "");
	make_file("features/cart/add.feature", "");
	config = detect();
	assert_int_equal(config->suite_count, 1);
	assert_string_equal(config->suites[0].name, "behave");
	assert_string_equal(config->assumptions[0],
	                    "left out cucumber-js, which package.json speaks for: more speaks for "
	                    "behave (features/environment.py)");
	assert_non_null(config->assumptions[1]);
	config_free(config);
}

static void features_with_a_javascript_package_alone_are_cucumbers(void **state)
{
	struct config *config;

	(void)state;
	make_file("package.json", "{\"dependencies\": {\"@cucumber/cucumber\": \"^12\"}}");
	make_file("features/step_definitions/steps.js", "");
	make_file("features/cart/add.feature", "");
	config = detect();
	assert_int_equal(config->suite_count, 1);
	assert_string_equal(config->suites[0].name, "cucumber-js");
	assert_string_equal(config->suites[0].dir, ".");
	config_free(config);
}

static void packages_keep_the_pattern_that_finds_new_ones(void **state)
{
	struct config *config;

	(void)state;
	make_file("go.mod", "module example.com/shop\n");
	make_file("cart/cart_test.go", "");
	make_file("search/search_test.go", "");
	config = detect();
	assert_suites(
		config,
		"    \"gotestsum\": {\"framework\": \"gotestsum\", \"files\": \"**/*_test.go\"}\n");
	config_free(config);
}

static void dependencies_environments_and_hidden_folders_are_passed_over(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	(void)state;
	make_file("node_modules/a/test_a.py", "");
	make_file(".tox/test_b.py", "");
	make_file("myenv/pyvenv.cfg", "");
	make_file("myenv/lib/test_c.py", "");
	make_file("build-x/test_d.py", "");
	assert_int_equal(config_detect(root, NULL, 0, &config, &error), -1);
	assert_string_equal(error.where, root);
	assert_true(strncmp(error.message, "no test framework found; looked for bats, behave, ",
	                    50) == 0);
	assert_non_null(strstr(error.message, ", cucumber-js, "));
	assert_string_equal(error.hint,
	                    "write a tanda.json with a suite of the framework \"command\"");
}

static void files_of_equal_names_go_to_the_framework_they_import(void **state)
{
	struct config *config;

	(void)state;
	make_file("package.json",
	          "{\"devDependencies\": {\"@playwright/test\": \"1\", \"jest\": \"30\"}}");
	make_file("playwright.config.ts", "");
	make_file("e2e/shop.spec.ts", "import { test } from '@playwright/test';");
	make_file("e2e/deep/cart.spec.ts", "import { test } from '../fixtures';");
	make_file("src/cart.spec.ts", "describe('cart', () => {});");
	make_file("src/price.test.ts", "// not '@playwright/tests'");
	config = detect();
	assert_suites(
		config,
		"    \"jest\": {\"framework\": \"jest\", \"files\": [\"src/**/*.test.{js,jsx,ts,"
		"tsx,cjs,mjs}\", \"src/**/*.spec.{js,jsx,ts,tsx,cjs,mjs}\"]},\n"
		"    \"playwright\": {\"framework\": \"playwright\", \"files\": "
		"\"e2e/**/*.spec.{js,jsx,ts,tsx,cjs,mjs}\"}\n");
	config_free(config);
}

static void one_of_two_frameworks_alike_keeps_what_imports_neither(void **state)
{
	struct config *config;

	(void)state;
	make_file("package.json", "{\"devDependencies\": {\"mocha\": \"11\", \"vitest\": \"3\"}}");
	make_file("vitest.config.js", "");
	make_file("test/a.test.js", "test('global', () => {});");
	config = detect();
	assert_int_equal(config->suite_count, 1);
	assert_string_equal(config->suites[0].preset.name, "vitest");
	config_free(config);
}

static void a_broken_package_says_nothing(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	(void)state;
	make_file("package.json", "{\"dependencies\": [\"@cucumber/cucumber\"");
	make_file("features/cart/add.feature", "");
	assert_int_equal(config_detect(root, NULL, 0, &config, &error), -1);
}

static void links_to_folders_are_not_followed(void **state)
{
	struct config *config;
	char *link = mem_printf("%s/tests/again", root);

	(void)state;
	make_file("tests/test_a.py", "");
	assert_int_equal(symlink(root, link), 0);
	config = detect();
	assert_string_equal(config->assumptions[0],
	                    "found pytest: 1 test file in tests/; area = folder");
	config_free(config);
	free(link);
}

static void overrides_apply_to_what_was_detected(void **state)
{
	static const struct config_override overrides[] = {{"nodes.local", "4", "-j"}};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;
	char *shown;

	(void)state;
	make_file("tests/test_a.py", "");
	assert_int_equal(config_detect(root, overrides, 1, &config, &error), 0);
	assert_int_equal(config->local.executors, 4);
	shown = config_show(config);
	assert_non_null(strstr(shown, "nodes.local = 4  # -j\n"));
	assert_non_null(strstr(shown, "suites.pytest.framework = \"pytest\"  # detected\n"));
	free(shown);
	config_free(config);
}

static void globs_match_by_segments(void **state)
{
	(void)state;
	assert_true(path_match("**/*.py", "a.py"));
	assert_true(path_match("**/*.py", "x/y/a.py"));
	assert_true(path_match("x/**/a.py", "x/a.py"));
	assert_true(path_match("x/**/y/*.py", "x/1/2/y/a.py"));
	assert_true(path_match("cucumber.{js,json}", "cucumber.json"));
	assert_true(path_match("[ab].{x,y}{1,2}", "b.y1"));
	assert_false(path_match("*.py", "x/a.py"));
	assert_false(path_match("x/*", "x"));
	assert_false(path_match("x", "x/y"));
	assert_false(path_match("**/x", "x/y"));
	assert_false(path_match("a.{js,json}", "a.jso"));
}

#define DETECT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DETECT_TEST(features_in_folders_give_areas),
		DETECT_TEST(features_at_the_top_have_no_area_in_their_pattern),
		DETECT_TEST(patterns_are_narrowed_to_where_the_tests_are),
		DETECT_TEST(tests_in_several_places_get_a_pattern_each),
		DETECT_TEST(several_frameworks_are_several_suites),
		DETECT_TEST(a_package_in_a_folder_is_run_there),
		DETECT_TEST(features_go_to_the_framework_that_more_speaks_for),
		DETECT_TEST(features_with_a_javascript_package_alone_are_cucumbers),
		DETECT_TEST(packages_keep_the_pattern_that_finds_new_ones),
		DETECT_TEST(dependencies_environments_and_hidden_folders_are_passed_over),
		DETECT_TEST(files_of_equal_names_go_to_the_framework_they_import),
		DETECT_TEST(one_of_two_frameworks_alike_keeps_what_imports_neither),
		DETECT_TEST(a_broken_package_says_nothing),
		DETECT_TEST(links_to_folders_are_not_followed),
		DETECT_TEST(overrides_apply_to_what_was_detected),
		cmocka_unit_test(globs_match_by_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
