/* test_show.c - a configuration written out: with the origin of each value, and as a short file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/config.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static struct config *parse(const char *source, const struct config_override *overrides,
                            size_t count)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_parse(text_from(source), "tanda.json", overrides, count, &config, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return config;
}

static const char sample[] =
	"{\"name\": \"shop\",\n"
	" \"suites\": {\n"
	"  \"old ones\": {\"framework\": \"command\", \"files\": [\"a/*.sh\"],\n"
	"   \"run\": [\"sh\", \"{id}\"], \"env\": {\"A\": \"1\"}, \"exit\": {\"skipped\": [4]},\n"
	"   \"start_up\": \"1500ms\", \"area\": \"legacy\"}},\n"
	" \"areas\": {\"pay\": {\"test_timeout\": \"300%\"}},\n"
	" \"retries\": 1,\n"
	" \"nodes\": {\"local\": {\"executors\": 2}}}\n";

static void every_value_is_shown_with_its_origin(void **state)
{
	static const struct config_override overrides[] = {{"grace", "9s", "TANDA_GRACE"},
	                                                   {"retries", "2", "--retries"}};
	struct config *config = parse(sample, overrides, countof(overrides));
	char *shown = config_show(config);

	(void)state;
	assert_string_equal(shown,
	                    "name = \"shop\"  # tanda.json:1:10\n"
	                    "test_timeout = \"30m\"  # default\n"
	                    "run_timeout = \"0\"  # default\n"
	                    "grace = \"9s\"  # TANDA_GRACE\n"
	                    "batch_max = \"0\"  # default\n"
	                    "retries = 2  # --retries\n"
	                    "second_chance = true  # default\n"
	                    "nodes.local = 2  # tanda.json:8:21\n"
	                    "since.unclaimed = \"all\"  # default\n"
	                    "features.states = \"current\"  # default\n"
	                    "hooks.run.timeout = \"5m\"  # default\n"
	                    "hooks.node.timeout = \"5m\"  # default\n"
	                    "hooks.worker.timeout = \"5m\"  # default\n"
	                    "hooks.area.timeout = \"5m\"  # default\n"
	                    "areas.pay.test_timeout = \"300%\"  # tanda.json:6:36\n"
	                    "areas.pay.keep_together = false  # default\n"
	                    "suites.\"old ones\".framework = \"command\"  # tanda.json:3:29\n"
	                    "suites.\"old ones\".files = \"a/*.sh\"  # tanda.json:3:49\n"
	                    "suites.\"old ones\".exclude = []  # default\n"
	                    "suites.\"old ones\".dir = \".\"  # default\n"
	                    "suites.\"old ones\".args = []  # default\n"
	                    "suites.\"old ones\".env = {\"A\": \"1\"}  # tanda.json:4:34\n"
	                    "suites.\"old ones\".prefix = []  # default\n"
	                    "suites.\"old ones\".collect = []  # default\n"
	                    "suites.\"old ones\".area = \"legacy\"  # tanda.json:5:34\n"
	                    "suites.\"old ones\".split = \"none\"  # default\n"
	                    "suites.\"old ones\".run = [\"sh\", \"{id}\"]  # tanda.json:4:11\n"
	                    "suites.\"old ones\".list.format = \"none\"  # preset command\n"
	                    "suites.\"old ones\".unit = \"file\"  # preset command\n"
	                    "suites.\"old ones\".reports = []  # preset command\n"
	                    "suites.\"old ones\".stop_signal = \"TERM\"  # preset command\n"
	                    "suites.\"old ones\".progress = \"none\"  # preset command\n"
	                    "suites.\"old ones\".report_format = \"junit\"  # preset command\n"
	                    "suites.\"old ones\".case_key = \"only\"  # preset command\n"
	                    "suites.\"old ones\".case.as = \"none\"  # preset command\n"
	                    "suites.\"old ones\".case.are = \"paths\"  # preset command\n"
	                    "suites.\"old ones\".exit.complete = \"any\"  # preset command\n"
	                    "suites.\"old ones\".exit.passed = [0]  # preset command\n"
	                    "suites.\"old ones\".exit.empty = []  # preset command\n"
	                    "suites.\"old ones\".exit.skipped = [4]  # tanda.json:4:66\n"
	                    "suites.\"old ones\".batch_max = 1  # preset command\n"
	                    "suites.\"old ones\".start_up = \"1s500ms\"  # tanda.json:5:16\n"
	                    "suites.\"old ones\".ids_follow_dashes = false  # preset command\n"
	                    "suites.\"old ones\".ids_are = \"paths\"  # preset command\n"
	                    "suites.\"old ones\".ids_are_absolute = false  # preset command\n"
	                    "suites.\"old ones\".gherkin = false  # preset command\n");
	free(shown);
	config_free(config);
}

static void the_presets_variables_are_shown_one_by_one(void **state)
{
	struct config *config = parse(sample, NULL, 0);
	char **env = mem_calloc(3, sizeof(env[0]));
	char *shown;

	(void)state;
	env[0] = mem_strdup("A=preset");
	env[1] = mem_strdup("B=preset");
	config->suites[0].preset.env = env;
	shown = config_show(config);
	assert_non_null(strstr(shown,
	                       ".env = {\"A\": \"1\"}  # tanda.json:4:34\n"
	                       "suites.\"old ones\".env.B = \"preset\"  # preset command\n"));
	assert_null(strstr(shown, ".env.A"));
	free(shown);
	config_free(config);
}

static void the_short_file_says_what_was_said(void **state)
{
	struct config *config = parse(sample, NULL, 0);
	char *written = config_to_json(config);

	(void)state;
	assert_string_equal(
		written,
		"{\n"
		"  \"$schema\": \"./tanda.schema.json\",\n"
		"  \"suites\": {\n"
		"    \"old ones\": {\"framework\": \"command\", \"files\": \"a/*.sh\", "
		"\"env\": {\"A\": \"1\"}, \"area\": \"legacy\", \"run\": [\"sh\", \"{id}\"], "
		"\"exit\": {\"skipped\": [4]}, \"start_up\": \"1s500ms\"}\n"
		"  },\n"
		"  \"areas\": {\n"
		"    \"pay\": {\"test_timeout\": \"300%\"}\n"
		"  },\n"
		"  \"name\": \"shop\",\n"
		"  \"retries\": 1,\n"
		"  \"nodes\": {\"local\": 2}\n"
		"}\n");
	free(written);
	config_free(config);
}

static void the_short_file_reads_back_as_the_same(void **state)
{
	struct config *config = parse(sample, NULL, 0), *again;
	char *first = config_to_json(config), *second;

	(void)state;
	again = parse(first, NULL, 0);
	second = config_to_json(again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	config_free(config);
	config_free(again);
}

static void a_configuration_without_origins_is_all_default(void **state)
{
	char root[] = "/", name[] = "n";
	struct config config = {.root = root, .name = name};
	char *shown = config_show(&config);

	(void)state;
	assert_non_null(strstr(shown, "name = \"n\"  # default\n"));
	assert_null(strstr(shown, "nodes.local"));
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_is_shown_with_its_origin),
		cmocka_unit_test(the_presets_variables_are_shown_one_by_one),
		cmocka_unit_test(the_short_file_says_what_was_said),
		cmocka_unit_test(the_short_file_reads_back_as_the_same),
		cmocka_unit_test(a_configuration_without_origins_is_all_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
