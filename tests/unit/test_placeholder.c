/* test_placeholder.c - what templates may hold and what they expand to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/placeholder.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

static const char *const ids[] = {"a b.feature", "c.feature", NULL};
static const char *const args[] = {"--tags=@x", "--out={tmp}/o{worker}", NULL};

static struct placeholder_values sample(void)
{
	return (struct placeholder_values){.ids = ids,
	                                   .id_count = 2,
	                                   .list = "/t/list",
	                                   .report = "/r/report.xml",
	                                   .report_dir = "/r",
	                                   .worker = 3,
	                                   .node = "local",
	                                   .tmp = "/t",
	                                   .args = args};
}

/* The expanded arguments, each ended by '|'. */
static void assert_expands(const char *const *argv, const struct placeholder_values *values,
                           const char *expected)
{
	char **expanded = placeholder_expand(argv, values);
	struct text_buf joined;
	size_t i;

	text_buf_init(&joined, 10000);
	for (i = 0; expanded[i] != NULL; i++)
		text_buf_printf(&joined, "%s|", expanded[i]);
	assert_string_equal(joined.ptr != NULL ? joined.ptr : "", expected);
	text_buf_deinit(&joined);
	mem_free_strings(expanded);
}

static void whole_arguments_expand_to_many(void **state)
{
	const char *const argv[] = {"run", "{args}", "{ids}", "end", NULL};
	struct placeholder_values values = sample();

	(void)state;
	assert_expands(argv, &values, "run|--tags=@x|--out=/t/o3|a b.feature|c.feature|end|");
	values.id_count = 0;
	values.args = NULL;
	assert_expands(argv, &values, "run|end|");
}

static void single_values_stand_inside_longer_arguments(void **state)
{
	const char *const argv[] = {
		"--spec={ids,}",         "{id}:1", "{list}", "x{report}y{report_dir}",
		"{node}-{worker}-{tmp}", NULL};
	struct placeholder_values values = sample();

	(void)state;
	assert_expands(argv, &values,
	               "--spec=a b.feature,c.feature|a b.feature:1|/t/list|x/r/report.xmly/r|"
	               "local-3-/t|");
}

static void an_argument_around_ids_is_repeated(void **state)
{
	const char *const argv[] = {"x", "--spec={ids}@{worker}", "-R", "^({ids|})$", NULL};
	struct placeholder_values values = sample();

	(void)state;
	assert_expands(argv, &values,
	               "x|--spec=a b.feature@3|--spec=c.feature@3|-R|^(a b.feature|c.feature)$|");
}

static void cases_follow_the_args(void **state)
{
	static const char *const cases[] = {"one", "-two", NULL};
	static const char *const case_args[] = {"-t", "^{case}$", "--any=({cases|})", NULL};
	const char *const argv[] = {"x", "{args}", "{ids}", NULL};
	struct placeholder_values values = sample();

	(void)state;
	values.cases = cases;
	values.case_count = 2;
	values.case_args = case_args;
	assert_expands(argv, &values,
	               "x|--tags=@x|--out=/t/o3|-t|^one$|--any=(one|-two)|a b.feature|c.feature|");
	assert_int_equal(placeholder_check("{cases|}", PLACEHOLDER_IN_CASE, "F:1:2",
	                                   &(struct tanda_error)TANDA_ERROR_INIT),
	                 0);
}

static void doubled_braces_are_braces(void **state)
{
	const char *const argv[] = {"{{\"a\": {{}}", "{{ids}", "}", "{{{id}", NULL};
	struct placeholder_values values = sample();

	(void)state;
	assert_expands(argv, &values, "{\"a\": {}}|{ids}|}|{a b.feature|");
}

static void ids_that_look_like_options_get_a_folder(void **state)
{
	static const char *const odd[] = {"-rf", "b", NULL};
	const char *const argv[] = {"x", "{ids}", "{id}", "--f={id}", "{ids,}", NULL};
	struct placeholder_values values = sample();

	(void)state;
	values.ids = odd;
	assert_expands(argv, &values, "x|./-rf|b|./-rf|--f=-rf|./-rf,b|");
}

static void dashes_come_once_before_ids_that_need_them(void **state)
{
	static const char *const odd[] = {"a", "-b", NULL};
	const char *const argv[] = {"x", "{args}", "{ids}", "{id}", NULL};
	const char *const with[] = {"x", "--", "{ids}", NULL};
	struct placeholder_values values = sample();

	(void)state;
	values.args = NULL;
	values.ids_follow_dashes = true;
	assert_expands(argv, &values, "x|a b.feature|c.feature|a b.feature|");
	values.ids = odd;
	assert_expands(argv, &values, "x|--|a|-b|a|");
	assert_expands(with, &values, "x|--|a|-b|");
}

static void a_string_expands_by_itself(void **state)
{
	struct placeholder_values values = sample();
	char *expanded = placeholder_expand_string("{report_dir}/x{{{worker}", &values);

	(void)state;
	assert_string_equal(expanded, "/r/x{3");
	free(expanded);
}

static void used_placeholders_are_seen(void **state)
{
	const char *const argv[] = {"a", "{{id}", "b{ids,}", NULL};

	(void)state;
	assert_true(placeholder_is_used(argv, "{ids,}"));
	assert_false(placeholder_is_used(argv, "{id}"));
	assert_false(placeholder_is_used(argv, "{ids}"));
}

static void faults_say_what_is_wrong(void **state)
{
	static const struct {
		const char *template;
		enum placeholder_place place;
		const char *message;
		const char *hint;
	} faults[] = {
		{"{idz}", PLACEHOLDER_IN_RUN,
	         "unknown placeholder \"{idz}\"; known are {ids} {args} {ids,} {ids|} {id} {list} "
	         "{report} {report_dir} {worker} {node} {tmp} {script} {plugin} {pool.NAME.KEY}",
	         "did you mean \"{ids}\"?"},
		{"a{pool.x}", PLACEHOLDER_IN_ARG,
	         "unknown placeholder \"{pool.x}\"; known are {ids} {args} {ids,} {ids|} {id} {list} "
	         "{report} {report_dir} {worker} {node} {tmp} {script} {plugin} {pool.NAME.KEY}",
	         "write {{ for a brace"},
		{"a{id", PLACEHOLDER_IN_RUN, "expected \"}\" after \"{id\"",
	         "write {{ for a brace"},
		{"{case}", PLACEHOLDER_IN_RUN, "{case} may stand in \"case\" only", ""},
		{"x{cases|}", PLACEHOLDER_IN_ARG, "{cases|} may stand in \"case\" only", ""},
		{"{ids}", PLACEHOLDER_IN_CASE, "{ids} may stand in \"run\" only", ""},
		{"{args}x", PLACEHOLDER_IN_RUN,
	         "{args} expands to many arguments and must be an argument by itself", ""},
		{"{ids}", PLACEHOLDER_IN_ARG, "{ids} may stand in \"run\" only", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(faults); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;

		assert_int_equal(
			placeholder_check(faults[i].template, faults[i].place, "F:1:2", &error),
			-1);
		assert_string_equal(error.where, "F:1:2");
		assert_string_equal(error.message, faults[i].message);
		assert_string_equal(error.hint, faults[i].hint);
	}
}

static void good_templates_pass(void **state)
{
	static const char *const good[] = {"", "x", "{ids}", "{args}", "a{id}b{{c}", "{{", "}}"};
	struct tanda_error error = TANDA_ERROR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < countof(good); i++)
		assert_int_equal(placeholder_check(good[i], PLACEHOLDER_IN_RUN, "", &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_arguments_expand_to_many),
		cmocka_unit_test(single_values_stand_inside_longer_arguments),
		cmocka_unit_test(an_argument_around_ids_is_repeated),
		cmocka_unit_test(cases_follow_the_args),
		cmocka_unit_test(doubled_braces_are_braces),
		cmocka_unit_test(ids_that_look_like_options_get_a_folder),
		cmocka_unit_test(dashes_come_once_before_ids_that_need_them),
		cmocka_unit_test(a_string_expands_by_itself),
		cmocka_unit_test(used_placeholders_are_seen),
		cmocka_unit_test(faults_say_what_is_wrong),
		cmocka_unit_test(good_templates_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
