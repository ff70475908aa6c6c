/* test_config.c - tanda.json: what is taken, what is refused, in which words and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/config.h"
#include "runner/config/reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* A suite that is right, so that only the rest can be wrong. */
#define SUITES \
	"\"suites\": {\"a\": {\"framework\": \"command\", \"files\": \"*\", \"run\": [\"{id}\"]}}"
#define GOOD     "{" SUITES "}"
#define WITH(x)  "{" SUITES ",\n" x "}"
#define SUITE(x) "{\"suites\": {\"a\": {\n\"framework\": \"command\", \"files\": \"*\",\n" x "}}}"
/* As SUITE(), with a command. */
#define RUNNING(x) SUITE("\"run\": [\"{id}\"],\n" x)

struct fault {
	const char *source;
	const char *where;
	const char *message;
	const char *hint;
};

static struct config *parse(const char *source)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_parse(text_from(source), "tanda.json", NULL, 0, &config, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return config;
}

static void assert_faults(const struct fault *faults, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct config *config = NULL;

		if (config_parse(text_from(faults[i].source), "tanda.json", NULL, 0, &config,
		                 &error) == 0)
			fail_msg("taken: %s", faults[i].source);
		assert_null(config);
		assert_string_equal(error.message, faults[i].message);
		assert_string_equal(error.where, faults[i].where);
		if (faults[i].hint != NULL)
			assert_string_equal(error.hint, faults[i].hint);
	}
}

static void broken_json_is_refused_where_it_breaks(void **state)
{
	static const struct fault faults[] = {
		{"", "tanda.json:1:1", "not valid JSON: '[' or '{' expected near end of file", ""},
		{"{\"name\": \"x\",\n}", "tanda.json:1:13",
	         "not valid JSON: string or '}' expected near '}'",
	         "JSON has no trailing comma; remove it"},
		{"{\"suites\": [1,\n 2 , ]}", "tanda.json:2:4",
	         "not valid JSON: unexpected token near ']'",
	         "JSON has no trailing comma; remove it"},
		{"{\n  // why\n  \"name\": 1}", "tanda.json:2:3",
	         "not valid JSON: string or '}' expected near '/'",
	         "JSON has no comments; use a key that starts with //"},
		{"# why\n{}", "tanda.json:1:1", "not valid JSON: '[' or '{' expected near '#'",
	         "JSON has no comments; use a key that starts with //"},
		{"{\"name\": 'x'}", "tanda.json:1:10", "not valid JSON: invalid token near '''",
	         "JSON strings stand in double quotes"},
		{"{\"name\": NaN}", "tanda.json:1:10", "not valid JSON: invalid token near 'NaN'",
	         ""},
		{"{\"\xC3\xA9\": nope}", "tanda.json:1:7",
	         "not valid JSON: invalid token near 'nope'", ""},
		{"{\"retries\": 1,\n \"retries\": 2}", "tanda.json:2:2",
	         "not valid JSON: duplicate object key near '\"retries\"'", ""},
		{"{\"//\": 1, \"//\": 2}", "tanda.json:1:11",
	         "not valid JSON: duplicate object key near '\"//\"'",
	         "give each comment a key of its own, such as \"//2\""},
		{"{\"retries\": 99999999999999999999}", "tanda.json:1:13",
	         "not valid JSON: too big integer near '99999999999999999999'", ""},
		{"{\"retries\": 1e999}", "tanda.json:1:13",
	         "not valid JSON: real number overflow near '1e999'", ""},
		{"{\"name\": \"a\\u0000\"}", "tanda.json:1:10",
	         "not valid JSON: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"a\\u0000\"'",
	         ""},
		{"{\"name\": \"a\x1B[2J\"}", "tanda.json:1:10",
	         "not valid JSON: control character 0x1b near '\"a'", ""},
		{"{\"name\": \"x\"", "tanda.json:1:13",
	         "not valid JSON: '}' expected near end of file", ""},
		{"{} x", "tanda.json:1:4", "not valid JSON: end of file expected near 'x'", ""},
	};

	(void)state;
	assert_faults(faults, countof(faults));
}

static void deep_nesting_is_refused_not_followed(void **state)
{
	static char source[100000];
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	(void)state;
	memset(source, '[', sizeof(source));
	assert_int_equal(config_parse((struct text){source, sizeof(source)}, "tanda.json", NULL, 0,
	                              &config, &error),
	                 -1);
	assert_non_null(strstr(error.message, "maximum parsing depth"));
}

static void a_file_over_its_cap_is_refused(void **state)
{
	size_t len = DOCUMENT_MAX_BYTES + 1;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;
	char *source = mem_alloc(len);

	(void)state;
	memset(source, ' ', len);
	memcpy(source, GOOD, strlen(GOOD));
	assert_int_equal(
		config_parse((struct text){source, len}, "tanda.json", NULL, 0, &config, &error),
		-1);
	assert_string_equal(error.message, "expected at most 16 MB, not 16777217 bytes");
	assert_int_equal(config_parse((struct text){source, len - 1}, "tanda.json", NULL, 0,
	                              &config, &error),
	                 0);
	config_free(config);
	free(source);
}

static void unknown_keys_name_the_nearest_one(void **state)
{
	static const struct fault faults[] = {
		{WITH("\"retires\": 1"), "tanda.json:2:1", "unknown key \"retires\"",
	         "did you mean \"retries\"?"},
		{WITH("\"zzz\": 1"), "tanda.json:2:1", "unknown key \"zzz\"",
	         "known are $schema, name, suites, areas, pools, test_timeout, run_timeout, grace, "
	         "batch_max, retries, second_chance, timings, worker_offset, secrets, nodes, reports, since, "
	         "build_version, features, hooks"},
		{RUNNING("\"flies\": 1"), "tanda.json:4:1", "unknown key \"flies\" in suites.a",
	         "did you mean \"files\"?"},
		{RUNNING("\"exit\": {\"pased\": []}"), "tanda.json:4:10",
	         "unknown key \"pased\" in suites.a.exit", "did you mean \"passed\"?"},
		{WITH("\"areas\": {\"b c\": {\"retry\": 1}}"), "tanda.json:2:19",
	         "unknown key \"retry\" in areas.\"b c\"", NULL},
		{WITH("\"nodes\": {\"locl\": 2}"), "tanda.json:2:11",
	         "unknown key \"locl\" in nodes", "did you mean \"local\"?"},
		{WITH("\"env\": {}"), "tanda.json:2:1", "unknown key \"env\"",
	         "\"env\" belongs into suites.NAME or into nodes.NAME"},
		{WITH("\"nodes\": {\"local\": {\"executor\": 2}}"), "tanda.json:2:21",
	         "unknown key \"executor\" in nodes.local", "did you mean \"executors\"?"},
		{WITH("\"reports\": {\"junti\": \"x\"}"), "tanda.json:2:13",
	         "unknown key \"junti\" in reports", "did you mean \"junit\"?"},
		{WITH("\"\\u001b[2J\": 1"), "tanda.json:2:1", "unknown key \"\\u001B[2J\"", NULL},
	};

	(void)state;
	assert_faults(faults, countof(faults));
}

static void pools_are_checked_member_by_member(void **state)
{
#define POOL(keys) \
	WITH("\"pools\": {\"db\": {\"members\": [{\"name\": \"a\", \"u\": 1}], " keys "}}")
	static const struct fault faults[] = {
		{POOL("\"up\": [\"x\", \"{url}\"]"), "tanda.json:2:60",
	         "unknown placeholder \"{url}\"",
	         "\"up\" knows the keys of its members, and \"a\" has none of that name; write {{ "
	         "for a brace"},
		{POOL("\"up\": [\"x\", \"{u\"]"), "tanda.json:2:60", "expected \"}\" after \"{u\"",
	         "write {{ for a brace"},
		{POOL("\"up\": \"x\""), "tanda.json:2:60",
	         "\"up\": expected an array of arguments, not \"x\"", NULL},
		{POOL("\"up\": [\"\"]"), "tanda.json:2:60",
	         "\"up\": expected a program to run, not [\"\"]", NULL},
		{POOL("\"down\": [\"x\"]"), "tanda.json:2:62",
	         "\"down\": expected \"up\" beside it, which brings up what it takes down", NULL},
		{POOL("\"share\": 0"), "tanda.json:2:63",
	         "\"share\": expected a whole number from 1 to 1000, not 0", NULL},
		{POOL("\"u\": 0"), "tanda.json:2:54", "unknown key \"u\" in pools.db",
	         "did you mean \"up\"?"},
		{WITH("\"pools\": {\"d b\": {\"members\": [{\"name\": \"a\"}]}}"),
	         "tanda.json:2:11",
	         "\"d b\": expected a pool's name of letters, digits, '_' and '-', as it becomes "
	         "part of a variable's name",
	         NULL},
		{WITH("\"pools\": {\"db\": {\"members\": [{\"name\": \"a\", \"x y\": 1}]}}"),
	         "tanda.json:2:44",
	         "\"x y\": expected a key of letters, digits, '_' and '-', as it becomes part of "
	         "a variable's name",
	         NULL},
		{WITH("\"pools\": {\"db\": {\"members\": [{\"name\": \"a\", \"x\": []}]}}"),
	         "tanda.json:2:49",
	         "\"x\": expected a string, a whole number, true or false, not []", NULL},
		{RUNNING("\"env\": {\"A\": \"x{pool.int.url}\"}"), "tanda.json",
	         "suite \"a\" uses {pool.int.url}, but there is no pool of that name",
	         "set it up in \"pools\""},
	};

	(void)state;
	assert_faults(faults, countof(faults));
#undef POOL
}

static void wrong_values_are_quoted_with_what_was_expected(void **state)
{
	static const struct fault faults[] = {
		{"[]", "tanda.json:1:1", "expected an object, not []", ""},
		{"{}", "tanda.json:1:1", "expected \"suites\"",
	         "tanda init prints them for the frameworks that it finds"},
		{"{\"suites\": {}}", "tanda.json:1:12",
	         "\"suites\": expected at least one suite, not {}", ""},
		{"{\"suites\": {\"//\": 1}}", "tanda.json:1:12",
	         "\"suites\": expected at least one suite, not {\"//\": 1}", ""},
		{WITH("\"name\": \"\""), "tanda.json:2:9",
	         "\"name\": expected a name that is not empty, not \"\"", ""},
		{WITH("\"name\": \"a\\nb\""), "tanda.json:2:9",
	         "\"name\": expected a name without control characters, not \"a\\nb\"", ""},
		{WITH("\"name\": 3"), "tanda.json:2:9", "\"name\": expected a name, not 3", ""},
		{WITH("\"retries\": \"3\""), "tanda.json:2:12",
	         "\"retries\": expected a whole number from 0 to 100, not \"3\"", ""},
		{WITH("\"retries\": 1.5"), "tanda.json:2:12",
	         "\"retries\": expected a whole number from 0 to 100, not 1.5", ""},
		{WITH("\"retries\": -1"), "tanda.json:2:12",
	         "\"retries\": expected a whole number from 0 to 100, not -1", ""},
		{WITH("\"second_chance\": 1"), "tanda.json:2:18",
	         "\"second_chance\": expected true or false, not 1", ""},
		{WITH("\"grace\": 5"), "tanda.json:2:10",
	         "\"grace\": expected a duration such as \"90s\" or \"2m30s\", or \"0\", not 5",
	         ""},
		{WITH("\"run_timeout\": \"300%\""), "tanda.json:2:16",
	         "\"run_timeout\": expected a duration such as \"90s\" or \"2m30s\", or \"0\", not "
	         "\"300%\"",
	         ""},
		{WITH("\"test_timeout\": \"9007199254740993ms\""), "tanda.json:2:17",
	         "\"test_timeout\": expected a duration such as \"90s\" or \"2m30s\", a share of the "
	         "expected time such as \"300%\", or \"0\", not \"9007199254740993ms\"",
	         ""},
		{WITH("\"nodes\": {\"local\": 0}"), "tanda.json:2:20",
	         "\"local\": expected a whole number from 1 to 1024, not 0", ""},
		{WITH("\"nodes\": {\"local\": {\"executors\": 1025}}"), "tanda.json:2:34",
	         "\"executors\": expected a whole number from 1 to 1024, not 1025", ""},
		{WITH("\"timings\": [\"a\"]"), "tanda.json:2:12",
	         "\"timings\": expected the path of a file, not [\"a\"]", ""},
		{WITH("\"$schema\": 1"), "tanda.json:2:12",
	         "\"$schema\": expected the place of the schema, not 1", ""},
		{WITH("\"areas\": {\"\": {}}"), "tanda.json:2:11",
	         "expected an area's name that is not empty, not \"\"", ""},
		{WITH("\"areas\": {\"a\": 1}"), "tanda.json:2:16",
	         "\"a\": expected an object, not 1", ""},
		{WITH("\"name\": [\"0123456789012345678901234567890123456789012345678901234567890\"]"),
	         "tanda.json:2:9",
	         "\"name\": expected a name, not "
	         "[\"0123456789012345678901234567890123456789012345678901234567...",
	         ""},
	};

	(void)state;
	assert_faults(faults, countof(faults));
}

static void a_quarantine_has_a_reason_and_an_end(void **state)
{
	static const struct fault faults[] = {
		{WITH("\"areas\": {\"a\": {\"quarantine\": {\"until\": \"2027-01-31\"}}}"),
	         "tanda.json:2:31", "expected a \"reason\" for the quarantine", ""},
		{WITH("\"areas\": {\"a\": {\"quarantine\": {\"reason\": \"x\"}}}"),
	         "tanda.json:2:31", "expected \"until\", the quarantine's last day",
	         "one without an end would be forgotten"},
		{WITH("\"areas\": {\"a\": {\"quarantine\": {\"until\": \"2027-02-29\"}}}"),
	         "tanda.json:2:41",
	         "\"until\": expected a day such as \"2027-01-31\", not \"2027-02-29\"", ""},
		{WITH("\"areas\": {\"a\": {\"quarantine\": [{\"reason\": \"x\", \"til\": \"2027-02-29\"}]}}"),
	         "tanda.json:2:48", "unknown key \"til\" in quarantine",
	         "known are reason, until, tests"},
	};

	(void)state;
	assert_faults(faults, countof(faults));
}

static void patterns_of_sources_lie_in_the_repository(void **state)
{
	static const struct fault faults[] = {
		{WITH("\"areas\": {\"a\": {\"paths\": [\"../src/**\", \"src/../b\"]}}"),
	         "tanda.json:2:40",
	         "\"paths\": expected a file pattern with \"..\" at its beginning alone, not "
	         "\"src/../b\"",
	         ""},
		{WITH("\"areas\": {\"a\": {\"paths\": \"/src/**\"}}"), "tanda.json:2:26",
	         "\"paths\": expected a pattern relative to the project's folder, not \"/src/**\"",
	         ""},
		{WITH("\"since\": {\"unclaimed\": \"none\"}"), "tanda.json:2:24",
	         "\"unclaimed\": expected \"all\" or \"nothing\", not \"none\"", ""},
	};

	(void)state;
	assert_faults(faults, countof(faults));
}

static void suites_are_checked_value_by_value(void **state)
{
	static const struct fault faults[] = {
		{"{\"suites\": {\"\": {}}}", "tanda.json:1:13",
	         "expected a suite's name that is not empty, not \"\"", ""},
		{"{\"suites\": {\"a\\tb\": {}}}", "tanda.json:1:13",
	         "expected a suite's name without control characters, not \"a\\tb\"", ""},
		{"{\"suites\": {\"a\": 1}}", "tanda.json:1:18", "\"a\": expected an object, not 1",
	         ""},
		{"{\"suites\": {\"a\": {\"framework\": \"pytest\", \"files\": []}}}",
	         "tanda.json:1:51",
	         "\"files\": expected a file pattern, or an array of them, at least 1, not []", ""},
		{SUITE("\"run\": []"), "tanda.json:3:8",
	         "\"run\": expected an array of arguments, at least 1, not []", ""},
		{SUITE("\"run\": \"sh {id}\""), "tanda.json:3:8",
	         "\"run\": expected an array of arguments, not \"sh {id}\"",
	         "a command is an array because no shell takes it apart: [\"sh\", \"{id}\"]"},
		{SUITE("\"run\": [\"\", \"{id}\"]"), "tanda.json:3:8",
	         "\"run\": expected a program to run, not [\"\", \"{id}\"]", ""},
		{SUITE("\"run\": [\"sh\", 3]"), "tanda.json:3:15",
	         "\"run\": expected a string, not 3", ""},
		{SUITE("\"run\": [\"sh\",\n \"{it}\"]"), "tanda.json:4:2",
	         "unknown placeholder \"{it}\"; known are {ids} {args} {ids,} {ids|} {id} {list} {report} "
	         "{report_dir} {worker} {node} {tmp} {script} {plugin} {pool.NAME.KEY}",
	         "did you mean \"{id}\"?"},
		{RUNNING("\"args\": \"-x\""), "tanda.json:4:9",
	         "\"args\": expected an array of arguments, not \"-x\"",
	         "a command is an array because no shell takes it apart: [\"sh\", \"{id}\"]"},
		{RUNNING("\"args\": [\"{ids}\"]"), "tanda.json:4:10",
	         "{ids} may stand in \"run\" only", ""},
		{RUNNING("\"dir\": \"../x\""), "tanda.json:4:8",
	         "\"dir\": expected a folder inside the project, not \"../x\"", ""},
		{RUNNING("\"dir\": \"/x\""), "tanda.json:4:8",
	         "\"dir\": expected a folder inside the project, not \"/x\"", ""},
		{RUNNING("\"exclude\": \"a/../../b\""), "tanda.json:4:12",
	         "\"exclude\": expected a file pattern without \"..\", not \"a/../../b\"", ""},
		{RUNNING("\"exclude\": [\"a\", \"/b\"]"), "tanda.json:4:18",
	         "\"exclude\": expected a relative file pattern, not \"/b\"", ""},
		{RUNNING("\"exclude\": \"{x,..}/b\""), "tanda.json:4:12",
	         "\"exclude\": expected a file pattern without \"..\", not \"{x,..}/b\"", ""},
		{RUNNING("\"exclude\": \"a[b\""), "tanda.json:4:12",
	         "\"exclude\": expected a file pattern with a \"]\" for its \"[\", not \"a[b\"",
	         ""},
		{RUNNING("\"exclude\": \"a{b\""), "tanda.json:4:12",
	         "\"exclude\": expected a file pattern with a \"}\" for its \"{\", not \"a{b\"",
	         ""},
		{RUNNING("\"collect\": {}"), "tanda.json:4:12",
	         "\"collect\": expected a file pattern, or an array of them, not {}", ""},
		{RUNNING("\"env\": [\"A=1\"]"), "tanda.json:4:8",
	         "\"env\": expected an object of variables, not [\"A=1\"]", ""},
		{RUNNING("\"env\": {\"PORT\": 8080}"), "tanda.json:4:17",
	         "\"PORT\": expected a string, not 8080", ""},
		{RUNNING("\"env\": {\"A=B\": \"\"}"), "tanda.json:4:9",
	         "expected the name of a variable without \"=\", not \"A=B\"", ""},
		{RUNNING("\"env\": {\"TANDA_TMP\": \"\"}"), "tanda.json:4:9",
	         "\"TANDA_TMP\" is set by tanda itself", ""},
		{RUNNING("\"area\": 1"), "tanda.json:4:9",
	         "\"area\": expected an area's name or {\"tag\": PATTERN}, not 1", ""},
		{RUNNING("\"area\": {\"tags\": \"x\"}"), "tanda.json:4:10",
	         "expected \"tag\" in \"area\", not \"tags\"", ""},
		{RUNNING("\"area\": {}"), "tanda.json:4:9",
	         "\"area\": expected {\"tag\": PATTERN}, not {}", ""},
		{RUNNING("\"split\": \"auto\""), "tanda.json:4:10",
	         "\"split\": expected \"none\", since single cases of \"command\" cannot be listed and run, not \"auto\"",
	         "\"case\" and \"list\" say how they can"},
		{RUNNING("\"split\": true"), "tanda.json:4:10",
	         "\"split\": expected \"none\" or \"auto\", not true", ""},
		{RUNNING("\"case_key\": \"name\""), "tanda.json:4:13",
	         "\"case_key\": expected \"only\", \"file\", \"path\", \"basename\", \"classname\", "
	         "\"class_path\", \"suite_path\", \"report\", \"class\" or \"package\", "
	         "not \"name\"",
	         ""},
		{RUNNING("\"exit\": {\"passed\": [256]}"), "tanda.json:4:21",
	         "\"passed\": expected a whole number from 0 to 255, not 256", ""},
		{RUNNING("\"exit\": {\"passed\": \"all\"}"), "tanda.json:4:20",
	         "\"passed\": expected an array of exit codes, or \"any\", not \"all\"", ""},
	};

	(void)state;
	assert_faults(faults, countof(faults));
}

static void every_key_lands_where_it_belongs(void **state)
{
	struct config *config = parse(
		"\xEF\xBB\xBF{\"$schema\": \"./x\", \"//\": \"why\", \"x-ci\": {\"pools\": 1},\n"
		"\"name\": \"shop\", \"test_timeout\": \"300%\", \"run_timeout\": \"40m\",\n"
		"\"grace\": 0, \"batch_max\": \"2m\", \"retries\": 2, \"second_chance\": false, \"timings\": \"t.json\",\n"
		"\"nodes\": {\"local\": {\"executors\": 4}}, \"reports\": {\"junit\": \"b/j.xml\"},\n"
		"\"areas\": {\"cart\": {\"test_timeout\": \"5m\", \"retries\": 1}, \"x-note\": 1, \"pay\": "
		"{}},\n" SUITES "}");

	(void)state;
	assert_string_equal(config->path, "tanda.json");
	assert_int_equal(config->root[0], '/');
	assert_string_equal(config->name, "shop");
	assert_int_equal(config->test_limit.percent, 300);
	assert_int_equal(config->run_limit_ms, 2400000);
	assert_int_equal(config->grace_ms, 0);
	assert_int_equal(config->batch_max_ms, 120000);
	assert_int_equal(config->retries, 2);
	assert_false(config->second_chance);
	assert_string_equal(config->timings, "t.json");
	assert_int_equal(config->local.executors, 4);
	assert_string_equal(config->report_junit, "b/j.xml");
	assert_int_equal(config->area_count, 2);
	assert_string_equal(config->areas[0].name, "cart");
	assert_true(config->areas[0].has_limit);
	assert_int_equal(config->areas[0].limit.ms, 300000);
	assert_true(config->areas[0].has_retries);
	assert_int_equal(config->areas[0].retries, 1);
	assert_false(config->areas[1].has_limit);
	assert_false(config->areas[1].has_retries);
	assert_int_equal(config->suite_count, 1);
	assert_null(config->assumptions);
	config_free(config);
}

static void what_is_not_said_has_its_default(void **state)
{
	struct config *config = parse(GOOD);

	(void)state;
	assert_int_equal(config->test_limit.ms, 1800000);
	assert_int_equal(config->run_limit_ms, 0);
	assert_int_equal(config->grace_ms, 5000);
	assert_int_equal(config->retries, 0);
	assert_true(config->second_chance);
	assert_int_equal(config->local.executors, 0);
	assert_null(config->timings);
	assert_null(config->report_junit);
	assert_string_equal(config->name, strrchr(config->root, '/') + 1);
	config_free(config);
}

static void the_last_override_wins(void **state)
{
	static const struct config_override overrides[] = {
		{"retries", "1", "TANDA_RETRIES"},
		{"nodes.local", "8", "TANDA_JOBS"},
		{"grace", NULL, "TANDA_GRACE"},
		{"retries", "3", "--retries"},
		{"test_timeout", "0", "--timeout"},
		{"second_chance", "false", "--no-second-chance"},
		{"name", "123", "--name"},
		{"reports.junit", "j.xml", "--junit"},
		{"timings", "t.json", "--timings"},
		{"run_timeout", "1h", "--run-timeout"},
	};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	(void)state;
	assert_int_equal(config_parse(TEXT_LIT(WITH("\"retries\": 2, \"grace\": \"9s\"")),
	                              "tanda.json", overrides, countof(overrides), &config, &error),
	                 0);
	assert_int_equal(config->retries, 3);
	assert_int_equal(config->local.executors, 8);
	assert_int_equal(config->grace_ms, 9000);
	assert_int_equal(config->test_limit.ms, 0);
	assert_false(config->second_chance);
	assert_string_equal(config->name, "123");
	assert_string_equal(config->report_junit, "j.xml");
	assert_string_equal(config->timings, "t.json");
	assert_int_equal(config->run_limit_ms, 3600000);
	config_free(config);
}

static void a_fault_in_an_override_names_its_origin(void **state)
{
	static const struct {
		struct config_override override;
		const char *message;
	} faults[] = {
		{{"retries", "three", "--retries"},
	         "expected a whole number from 0 to 100, not \"three\""},
		{{"retries", "101", "--retries"}, "expected a whole number from 0 to 100, not 101"},
		{{"retries", "99999999999999999999", "--retries"},
	         "expected a whole number from 0 to 100, not \"99999999999999999999\""},
		{{"retries", "", "--retries"}, "expected a whole number from 0 to 100, not \"\""},
		{{"nodes.local", "0", "-j"}, "expected a whole number from 1 to 1024, not 0"},
		{{"grace", "5", "TANDA_GRACE"},
	         "expected a duration such as \"90s\" or \"2m30s\", or \"0\", not \"5\""},
		{{"second_chance", "maybe", "TANDA_SECOND_CHANCE"},
	         "expected true or false, not \"maybe\""},
		{{"name", "", "--name"}, "expected a name that is not empty, not \"\""},
		{{"name", "\xFF", "--name"}, "expected UTF-8"},
		{{"nodes", "2", "--set"}, "unknown setting \"nodes\""},
		{{"retries.x", "2", "--set"}, "unknown setting \"retries.x\""},
		{{"hooks", "2", "--set"}, "unknown setting \"hooks\""},
		{{"", "2", "--set"}, "unknown setting \"\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(faults); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct config *config = NULL;

		assert_int_equal(config_parse(TEXT_LIT(GOOD), "tanda.json", &faults[i].override, 1,
		                              &config, &error),
		                 -1);
		assert_string_equal(error.where, faults[i].override.origin);
		assert_string_equal(error.message, faults[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_json_is_refused_where_it_breaks),
		cmocka_unit_test(deep_nesting_is_refused_not_followed),
		cmocka_unit_test(a_file_over_its_cap_is_refused),
		cmocka_unit_test(unknown_keys_name_the_nearest_one),
		cmocka_unit_test(pools_are_checked_member_by_member),
		cmocka_unit_test(wrong_values_are_quoted_with_what_was_expected),
		cmocka_unit_test(a_quarantine_has_a_reason_and_an_end),
		cmocka_unit_test(patterns_of_sources_lie_in_the_repository),
		cmocka_unit_test(suites_are_checked_value_by_value),
		cmocka_unit_test(every_key_lands_where_it_belongs),
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(the_last_override_wins),
		cmocka_unit_test(a_fault_in_an_override_names_its_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
