/* test_node.c - nodes as tanda.json tells them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/config.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define WITH(member)                                                                                          \
	"{\"suites\": {\"a\": {\"framework\": \"command\", \"files\": \"*\", \"run\": [\"{id}\"]}},\n" member \
	"}"
#define NODE(members) WITH("\"nodes\": {\"n\": {" members "}}")

struct fault {
	const char *source;
	const char *message; /* how it begins */
};

static struct config *parse(const char *source)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_parse(text_from(source), "tanda.json", NULL, 0, &config, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return config;
}

static void assert_refused(const struct fault *fault)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_parse(text_from(fault->source), "tanda.json", NULL, 0, &config, &error) == 0)
		fail_msg("taken: %s", fault->source);
	if (strncmp(error.message, fault->message, strlen(fault->message)) != 0)
		fail_msg("%s\nis refused by: %s\nand not by: %s", fault->source, error.message,
		         fault->message);
	if (strncmp(error.where, "tanda.json:2:", strlen("tanda.json:2:")) != 0)
		fail_msg("%s: at %s", fault->source, error.where);
}

static void nodes_are_checked_value_by_value(void **state)
{
	static const char host[] =
		"\"ssh\": expected USER@HOST or HOST, of letters, digits and . _ "
		"- : % [ ], without a '-' in front, not ";
	static const char variable[] =
		"\"token\": expected the name of a variable, such as \"$JENKINS_TOKEN\"";
	static const struct fault faults[] = {
		{NODE("\"ssh\": \"-oProxyCommand=touch /tmp/p\""), host},
		{NODE("\"ssh\": \"a;touch${IFS}x\""), host},
		{NODE("\"ssh\": \"u$(x)@h\""), host},
		{NODE("\"ssh\": \"-l@h\""), host},
		{NODE("\"ssh\": \"a b\""), host},
		{NODE("\"ssh\": \"@h\""), host},
		{NODE("\"ssh\": \"u@\""), host},
		{NODE("\"ssh\": \"h\", \"user\": \"-x\""),
	         "\"user\": expected a user's name of letters"},
		{NODE("\"ssh\": \"h\", \"port\": 0"),
	         "\"port\": expected a whole number from 1 to 65535, not 0"},
		{NODE("\"ssh\": \"h\", \"remote_root\": \"x\""),
	         "\"remote_root\": expected an absolute folder on the node"},
		{NODE("\"ssh\": \"h\", \"remote_root\": \"/a/../b\""),
	         "\"remote_root\": expected an absolute folder on the node"},
		{NODE("\"ssh\": \"h\", \"exec\": [\"sh\"]"),
	         "node \"n\": expected one of \"ssh\", \"exec\" and \"jenkins\""},
		{NODE("\"executors\": 2"),
	         "node \"n\": expected one of \"ssh\", \"exec\" and \"jenkins\""},
		{NODE("\"exec\": []"), "\"exec\": expected a program"},
		{NODE("\"exec\": [\"sh\"], \"port\": 22"),
	         "node \"n\": \"user\" and \"port\" belong to \"ssh\""},
		{NODE("\"jenkins\": {\"url\": \"https://c\"}"),
	         "node \"n\": expected \"url\" and \"job\" in \"jenkins\""},
		{NODE("\"jenkins\": {\"url\": \"https://u:p@c\"}"), "\"url\": expected an address"},
		{NODE("\"jenkins\": {\"token\": \"11aa\"}"), variable},
		{NODE("\"jenkins\": {\"job\": \"x\", \"pasword\": \"y\"}"),
	         "unknown key \"pasword\" in nodes.n.jenkins"},
		{NODE("\"ssh\": \"h\", \"workspace\": \"rsync\""),
	         "\"workspace\": expected \"sync\", \"git\" or \"shared\""},
		{NODE("\"ssh\": \"h\", \"git_url\": \"git@h:x.git\""),
	         "node \"n\": \"git_url\" belongs to \"workspace\": \"git\""},
		{NODE("\"ssh\": \"h\", \"workspace\": \"git\", \"git_url\": \"--upload-pack=x\""),
	         "\"git_url\": expected an address"},
		{NODE("\"ssh\": \"h\", \"workspace\": \"git\", \"git_url\": \"https://u:p@h/x\""),
	         "\"git_url\": expected no password in it"},
		{NODE("\"ssh\": \"h\", \"executer\": 1"), "unknown key \"executer\" in nodes.n"},
		{WITH("\"nodes\": {\"-n\": {\"ssh\": \"h\"}}"),
	         "\"-n\": expected a node's name of letters, digits"},
		{WITH("\"nodes\": {\"a/b\": {\"ssh\": \"h\"}}"),
	         "\"a/b\": expected a node's name of letters, digits"},
		{WITH("\"nodes\": {\"local\": {\"executors\": 2, \"remote_root\": \"/x\"}}"),
	         "unknown key \"remote_root\" in nodes.local"},
	};

	size_t i;

	(void)state;
	for (i = 0; i < countof(faults); i++)
		assert_refused(&faults[i]);
}

static void nodes_are_read_whole(void **state)
{
	const struct node_settings *node;
	struct config *config;

	(void)state;
	config = parse(
		WITH("\"nodes\": {"
	             "\"agent-1\": {\"ssh\": \"ci@agent-1\", \"port\": 2222, \"executors\": 4, "
	             "\"labels\": [\"linux\", \"browser\"], \"remote_root\": \"/var/lib/ci\", "
	             "\"usage\": \"exclusive\", \"env\": {\"A\": \"b\"}, \"keep\": true, "
	             "\"launch_timeout\": \"5s\", \"launch_retries\": 0, \"cpus\": 8, "
	             "\"workspace\": \"shared\", \"offline\": \"TIE-1\"},"
	             "\"box\": {\"exec\": [\"podman\", \"exec\", \"-i\", \"box\"], "
	             "\"workspace\": \"git\", \"git_url\": \"ssh://git@h:22/x.git\"},"
	             "\"farm\": {\"jenkins\": {\"url\": \"https://ci/j\", \"job\": \"a/b\", "
	             "\"user\": \"$U\", \"token\": \"$T\"}, \"executors\": 8}}"));
	assert_false(config_uses_local(config));
	assert_int_equal(config->node_count, 3);
	node = &config->nodes[0];
	assert_string_equal(node->name, "agent-1");
	assert_int_equal(node->kind, NODE_SSH);
	assert_string_equal(node->host, "agent-1");
	assert_string_equal(node->user, "ci");
	assert_int_equal(node->port, 2222);
	assert_int_equal(node->executors, 4);
	assert_int_equal(node->cpus, 8);
	assert_string_equal(node->labels[1], "browser");
	assert_string_equal(node->env[0], "A=b");
	assert_string_equal(node->remote_root, "/var/lib/ci");
	assert_string_equal(node->offline, "TIE-1");
	assert_int_equal(node->usage, USAGE_EXCLUSIVE);
	assert_int_equal(node->workspace, WORKSPACE_SHARED);
	assert_int_equal(node->launch_timeout_ms, 5000);
	assert_int_equal(node->launch_retries, 0);
	assert_true(node->keep);
	node = &config->nodes[1];
	assert_int_equal(node->kind, NODE_EXEC);
	assert_string_equal(node->exec[3], "box");
	assert_int_equal(node->executors, 1);
	assert_int_equal(node->launch_retries, 6);
	assert_int_equal(node->workspace, WORKSPACE_GIT);
	assert_string_equal(node->git_url, "ssh://git@h:22/x.git");
	node = &config->nodes[2];
	assert_int_equal(node->kind, NODE_JENKINS);
	assert_string_equal(node->jenkins_job, "a/b");
	assert_string_equal(node->jenkins_token, "$T");
	config_free(config);
}

static void beside_other_nodes_this_machine_runs_tests_only_when_named(void **state)
{
	struct config *config = parse(NODE("\"ssh\": \"h\", \"workspace\": \"shared\""));

	(void)state;
	assert_false(config_uses_local(config));
	config_free(config);
	config = parse(WITH(
		"\"nodes\": {\"n\": {\"ssh\": \"h\", \"workspace\": \"shared\"}, \"local\": 2}"));
	assert_true(config_uses_local(config));
	assert_int_equal(config->local.executors, 2);
	config_free(config);
	config = parse(WITH("\"retries\": 1"));
	assert_true(config_uses_local(config));
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_checked_value_by_value),
		cmocka_unit_test(nodes_are_read_whole),
		cmocka_unit_test(beside_other_nodes_this_machine_runs_tests_only_when_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
