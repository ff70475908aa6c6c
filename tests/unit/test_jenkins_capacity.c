/* test_jenkins_capacity.c - how many builds a controller can run at a time, and why not more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/exec/jenkins/capacity.h"
#include "tanda/error.h"

#define MASTER(executors)                                                                          \
	"{\"_class\":\"hudson.model.Hudson$MasterComputer\",\"displayName\":\"Built-In Node\","    \
	"\"numExecutors\":" #executors ",\"offline\":false,\"executors\":[{\"currentExecutable\":" \
	"{\"url\":\"http://ci/job/pipeline/7/\"}}]}"
#define AGENT(name, executors, more)                                                \
	"{\"_class\":\"hudson.slaves.SlaveComputer\",\"displayName\":\"" name "\"," \
	"\"numExecutors\":" #executors more "}"
#define COMPUTERS(list) "{\"computer\":[" list "]}"

static struct capacity read_capacity(const char *computers, const char *label, const char *own_url)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct capacity capacity;

	assert_int_equal(
		capacity_read(text_from(computers), text_from(label), own_url, &capacity, &error),
		0);
	return capacity;
}

static void nodes_that_are_online_count(void **state)
{
	struct capacity capacity = read_capacity(
		COMPUTERS(MASTER(2) "," AGENT("a", 4, "") "," AGENT(
			"b", 8,
			",\"offline\":true,\"offlineCauseReason\":\"\"") "," AGENT("c", 8,
	                                                                           ",\"temporarilyOffline\":true")),
		"", NULL);

	(void)state;
	assert_int_equal(capacity.executors, 6);
	assert_false(capacity.is_elastic || capacity.is_deadlocked);
	assert_string_equal(capacity.why, "'b' is offline; 'c' is offline");
}

static void a_stack_trace_is_cut_to_its_first_line(void **state)
{
	struct capacity capacity = read_capacity(
		COMPUTERS(AGENT("box", 4,
	                        ",\"offline\":true,\"offlineCauseReason\":\"Connection was broken: "
	                        "x\\u000a\\u0009at java.base/y\"")),
		"", NULL);

	(void)state;
	assert_string_equal(capacity.why, "'box' is offline: Connection was broken: x");
}

static void a_label_names_its_nodes(void **state)
{
	static const char computers[] =
		COMPUTERS(MASTER(2) "," AGENT("a", 4, "") "," AGENT("b", 8, ""));

	(void)state;
	assert_int_equal(
		read_capacity(computers, "{\"nodes\":[{\"nodeName\":\"b\"}]}", NULL).executors, 8);
	/* "" is the controller's own, whatever it is shown as. */
	assert_int_equal(
		read_capacity(computers, "{\"nodes\":[{\"nodeName\":\"\"}]}", NULL).executors, 2);
	assert_string_equal(read_capacity(computers, "{\"nodes\":[]}", NULL).why,
	                    "no node has the job's label");
}

static void the_executor_of_the_own_build_does_not_count(void **state)
{
	static const char own[] = "http://ci/job/pipeline/7/";
	struct capacity capacity = read_capacity(COMPUTERS(MASTER(3)), "", own);

	(void)state;
	assert_int_equal(capacity.executors, 2);
	assert_false(capacity.is_deadlocked);
	assert_int_equal(
		read_capacity(COMPUTERS(MASTER(3)), "", "http://ci/job/other/1/").executors, 3);
}

static void who_holds_the_only_executor_is_told_so(void **state)
{
	struct capacity capacity =
		read_capacity(COMPUTERS(MASTER(1) "," AGENT("a", 4, ",\"offline\":true")), "",
	                      "http://ci/job/pipeline/7/");

	(void)state;
	assert_true(capacity.is_deadlocked);
	assert_non_null(strstr(capacity.why, "'Built-In Node'"));
	assert_non_null(strstr(capacity.why, "another executor"));
}

static void nodes_that_come_when_needed_are_no_bound(void **state)
{
	struct capacity capacity = read_capacity(
		COMPUTERS(MASTER(1) ",{\"_class\":\"org.example.CloudComputer\",\"displayName\":"
	                            "\"c\",\"offline\":true}"),
		"", "http://ci/job/pipeline/7/");

	(void)state;
	assert_true(capacity.is_elastic);
	assert_false(capacity.is_deadlocked);
}

static void what_is_no_answer_is_no_capacity(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct capacity capacity;

	(void)state;
	assert_int_equal(capacity_read(TEXT_LIT("{}"), TEXT_EMPTY, NULL, &capacity, &error), -1);
	assert_string_not_equal(error.message, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_that_are_online_count),
		cmocka_unit_test(a_stack_trace_is_cut_to_its_first_line),
		cmocka_unit_test(a_label_names_its_nodes),
		cmocka_unit_test(the_executor_of_the_own_build_does_not_count),
		cmocka_unit_test(who_holds_the_only_executor_is_told_so),
		cmocka_unit_test(nodes_that_come_when_needed_are_no_bound),
		cmocka_unit_test(what_is_no_answer_is_no_capacity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
