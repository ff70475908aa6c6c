/* test_label.c - Jenkins' label expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/plan/label.h"
#include "tanda/error.h"

static const char *const linux_browser[] = {"linux", "browser", NULL};

static bool matches(const char *expression, const char *const *labels)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct label *label;
	bool result;

	assert_int_equal(label_parse(expression, &label, &error), 0);
	assert_string_equal(label_text(label), expression);
	result = label_matches(label, "agent-1", labels);
	label_free(label);
	return result;
}

static void operators_mean_what_jenkins_says(void **state)
{
	static const struct {
		const char *expression;
		bool holds;
	} cases[] = {
		{"linux", true},
		{"windows", false},
		{"agent-1", true}, /* a node's name is one of its labels */
		{"linux && browser", true},
		{"linux&&windows", false},
		{"linux || windows", true},
		{"!windows", true},
		{"!!linux", true},
		{"!linux && browser || linux", true}, /* ! before && before || */
		{"windows -> no-such", true},
		{"linux -> windows", false},
		{"linux <-> browser", true},
		{"linux <-> windows", false},
		{"windows -> linux -> windows", true}, /* groups to the right */
		{"(windows -> linux) -> windows", false},
		{"windows <-> windows <-> windows", false}, /* to the left */
		{"\"linux\" && (browser)", true},
		{"\"two words\"", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++)
		assert_int_equal(matches(cases[i].expression, linux_browser), cases[i].holds);
	assert_false(matches("linux", NULL));
}

static void a_fault_names_its_place(void **state)
{
	static const struct {
		const char *expression, *message;
	} cases[] = {
		{"", "ends where a label is expected"},
		{"linux &&", "ends where a label is expected"},
		{"linux browser", "an operator (&&, ||, ->, <->) is expected at character 7"},
		{"(linux", "ends where ')' is expected"},
		{"linux & browser", "is expected at character 7, not '&'"},
		{"\"linux", "the end of a quoted name"},
		{"\"\"", "the end of a quoted name"},
		{")", "a label is expected at character 1, not ')'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;
		struct label *label;

		assert_int_equal(label_parse(cases[i].expression, &label, &error), -1);
		assert_non_null(strstr(error.message, cases[i].message));
	}
}

static void depth_and_length_are_limited(void **state)
{
	char deep[LABEL_MAX_BYTES + 2];
	struct tanda_error error = TANDA_ERROR_INIT;
	struct label *label;

	(void)state;
	memset(deep, '(', LABEL_MAX_BYTES);
	deep[LABEL_MAX_BYTES] = '\0';
	assert_int_equal(label_parse(deep, &label, &error), -1);
	assert_non_null(strstr(error.message, "nested too deep"));
	memset(deep, 'a', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(label_parse(deep, &label, &error), -1);
	assert_non_null(strstr(error.message, "at most"));
}

static void an_expression_knows_the_labels_it_names(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct label *label;

	(void)state;
	assert_int_equal(label_parse("!linux || fast", &label, &error), 0);
	assert_true(label_names(label, "agent-1", linux_browser));
	assert_true(label_names(label, "fast", NULL));
	assert_false(label_names(label, "agent-1", NULL));
	label_free(label);
	label_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_mean_what_jenkins_says),
		cmocka_unit_test(a_fault_names_its_place),
		cmocka_unit_test(depth_and_length_are_limited),
		cmocka_unit_test(an_expression_knows_the_labels_it_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
