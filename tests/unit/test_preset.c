/* test_preset.c - the frameworks built in: each is whole, and says what a run needs to know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/placeholder.h"
#include "runner/config/preset.h"
#include "tanda/error.h"

static bool is_command(const struct preset *preset)
{
	return strcmp(preset->name, "command") == 0;
}

static void for_each(void (*check)(const struct preset *preset))
{
	const char *const *name;

	for (name = preset_names(); *name != NULL; name++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct preset preset;

		if (preset_load(*name, &preset, &error) < 0)
			fail_msg("%s: %s", error.where, error.message);
		assert_string_equal(preset.name, *name);
		check(&preset);
		preset_deinit(&preset);
	}
}

static void check_whole(const struct preset *preset)
{
	const char *const *run = (const char *const *)preset->run;

	if (is_command(preset))
		return;
	assert_non_null(preset->reports[0]);
	/* What speaks for a framework is of use only where its tests can be found, too. */
	assert_true(preset->files != NULL ||
	            (preset->detect == NULL && preset->detect_dependency == NULL));
	assert_true(placeholder_is_used(run, "{args}"));
	assert_true(placeholder_is_used(run, "{ids}") || placeholder_is_used(run, "{id}") ||
	            placeholder_is_used(run, "{list}") || placeholder_is_used(run, "{ids,}") ||
	            placeholder_is_used(run, "{ids|}"));
	assert_true((preset->list != NULL) == (preset->list_format != LISTING_NONE));
	assert_true(preset->start_up_ms > 0);
}

static void every_framework_is_whole(void **state)
{
	(void)state;
	for_each(check_whole);
}

static bool has(const int32_t *codes, size_t count, int32_t code)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

static void check_codes(const struct preset *preset)
{
	size_t i;

	assert_true(has(preset->exit_passed, preset->exit_passed_count, 0));
	for (i = 0; i < preset->exit_passed_count; i++)
		assert_true(has(preset->exit_complete, preset->exit_complete_count,
		                preset->exit_passed[i]));
}

static void a_code_that_says_passed_says_complete(void **state)
{
	(void)state;
	for_each(check_codes);
}

static void a_command_is_judged_by_its_exit_code(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct preset preset;

	(void)state;
	assert_int_equal(preset_load("command", &preset, &error), 0);
	assert_int_equal(preset.exit_complete_count, 256);
	assert_int_equal(preset.exit_passed_count, 1);
	assert_int_equal(preset.exit_passed[0], 0);
	assert_int_equal(preset.exit_skipped_count, 1);
	assert_int_equal(preset.exit_skipped[0], 77);
	assert_int_equal(preset.case_key, CASE_KEY_ONLY);
	assert_true(preset.reports == NULL || preset.reports[0] == NULL);
	assert_null(preset.run);
	preset_deinit(&preset);
}

static void names_are_sorted_and_others_unknown(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	const char *const *name = preset_names();
	struct preset preset;

	(void)state;
	for (; name[1] != NULL; name++)
		assert_true(strcmp(name[0], name[1]) < 0);
	assert_int_equal(preset_load("nose", &preset, &error), -1);
	assert_string_equal(error.message, "unknown framework \"nose\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_framework_is_whole),
		cmocka_unit_test(a_code_that_says_passed_says_complete),
		cmocka_unit_test(a_command_is_judged_by_its_exit_code),
		cmocka_unit_test(names_are_sorted_and_others_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
