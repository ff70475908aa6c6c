/* node.c - nodes: this machine, and others by ssh, by a program that gives a shell, by Jenkins. */
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { NODES_CONFIG_MAX = 999, PORT_MAX = 65535, LAUNCH_RETRIES_MAX = 100 };

#define LAUNCH_TIMEOUT_DEFAULT_MS UINT64_C(60000)
#define LAUNCH_RETRIES_DEFAULT    6

static const char letters_and_digits[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Letters, digits and `others`; the first is no '-': to a program it would be an option. */
static bool is_plain(struct text text, const char *others)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0' || (strchr(letters_and_digits, text.ptr[i]) == NULL &&
		                            strchr(others, text.ptr[i]) == NULL))
			return false;
	}
	return text.len > 0 && text.ptr[0] != '-';
}

static void set_string(char **slot, struct text text)
{
	free(*slot);
	*slot = text_dup(text);
}

/* ---- ssh ---- */

/* "ci@agent-1", "agent-1"; what stands behind the last '@' is the host. */
static int read_ssh(const struct value *value, void *base, const struct key *key,
                    struct tanda_error *error)
{
	struct node_settings *node = base;
	const char *target, *at;
	struct text user = TEXT_EMPTY, host;

	(void)key;
	if (value_name(value, "a host", &target, error) < 0)
		return -1;
	at = strrchr(target, '@');
	host = text_from(at != NULL ? at + 1 : target);
	if (at != NULL)
		user = (struct text){target, (size_t)(at - target)};
	if (!is_plain(host, "_.:%[]-") || (at != NULL && !is_plain(user, "_.@+-"))) {
		tanda_error_hint(error,
		                 "other settings belong into ssh's own configuration, under a "
		                 "host's name there");
		return value_expected(value, error,
		                      "USER@HOST or HOST, of letters, digits and . _ - : "
		                      "%% [ ], without a '-' in front");
	}
	set_string(&node->host, host);
	if (at != NULL)
		set_string(&node->user, user);
	return 0;
}

static json_t *write_ssh(const void *base, const struct key *key)
{
	const struct node_settings *node = base;

	(void)key;
	return node->host != NULL ? json_string(node->host) : NULL;
}

const struct field field_ssh = {.read = read_ssh, .write = write_ssh};

static int read_user(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *user;

	if (value_name(value, "a user's name", &user, error) < 0)
		return -1;
	if (!is_plain(text_from(user), "_.@+-"))
		return value_expected(value, error,
		                      "a user's name of letters, digits and . _ @ + -, "
		                      "without a '-' in front");
	set_string(slot, text_from(user));
	return 0;
}

static json_t *write_text(const void *base, const struct key *key)
{
	char *const *slot = (const void *)((const char *)base + key->offset);

	return *slot != NULL ? json_string(*slot) : NULL;
}

const struct field field_user = {.read = read_user, .write = write_text};

static int read_port(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	uint32_t *slot = (void *)((char *)base + key->offset);

	return value_count(value, 1, PORT_MAX, slot, error);
}

static json_t *write_count(const void *base, const struct key *key)
{
	const uint32_t *slot = (const void *)((const char *)base + key->offset);

	return *slot > 0 ? json_integer(*slot) : NULL;
}

const struct field field_port = {.read = read_port, .write = write_count};

static int read_launch_retries(const struct value *value, void *base, const struct key *key,
                               struct tanda_error *error)
{
	uint32_t *slot = (void *)((char *)base + key->offset);

	return value_count(value, 0, LAUNCH_RETRIES_MAX, slot, error);
}

static json_t *write_launch_retries(const void *base, const struct key *key)
{
	const uint32_t *slot = (const void *)((const char *)base + key->offset);

	return json_integer(*slot);
}

const struct field field_launch_retries = {.read = read_launch_retries,
                                           .write = write_launch_retries};

/* ---- folders and programs on the node ---- */

static bool has_upward_segment(const char *path)
{
	const char *segment = path;

	while (segment != NULL) {
		segment += segment[0] == '/';
		if (strncmp(segment, "..", 2) == 0 && (segment[2] == '/' || segment[2] == '\0'))
			return true;
		segment = strchr(segment, '/');
	}
	return false;
}

static int read_remote_root(const struct value *value, void *base, const struct key *key,
                            struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *path;

	if (value_name(value, "a folder on the node", &path, error) < 0)
		return -1;
	if (path[0] != '/' || path[1] == '\0' || has_upward_segment(path))
		return value_expected(value, error,
		                      "an absolute folder on the node, not / and without \"..\"");
	set_string(slot, text_from(path));
	return 0;
}

const struct field field_remote_root = {.read = read_remote_root, .write = write_text};

/* The node's own git fetches from it: whatever that understands, but no option and no password. */
static int read_git_url(const struct value *value, void *base, const struct key *key,
                        struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *url, *name, *at;

	if (value_name(value, "an address for git", &url, error) < 0)
		return -1;
	name = strstr(url, "://");
	at = name != NULL ? memchr(name + 3, '@', strcspn(name + 3, "/")) : NULL;
	if (at != NULL && memchr(name + 3, ':', (size_t)(at - name - 3)) != NULL) {
		tanda_error_hint(error,
		                 "the node's git must know its own: a credential helper, a key");
		return value_fault(value, error, "\"git_url\": expected no password in it");
	}
	if (url[0] == '-')
		return value_expected(value, error,
		                      "an address such as \"git@host:team/shop.git\", without a "
		                      "'-' in front");
	set_string(slot, text_from(url));
	return 0;
}

const struct field field_git_url = {.read = read_git_url, .write = write_text};

/* The words before a command; they are for this machine, so there is no placeholder in them. */
static int read_exec(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	char ***slot = (void *)((char *)base + key->offset), **words;
	struct value_iter iter = value_children(value);
	struct value element;
	size_t count = 0;

	if (!json_is_array(value->json) || json_array_size(value->json) == 0)
		return value_expected(value, error,
		                      "a program and its arguments, such as "
		                      "[\"podman\", \"exec\", \"-i\", \"box\"]");
	words = mem_calloc(json_array_size(value->json) + 1, sizeof(words[0]));
	while (value_next(&iter, &element)) {
		const char *word;

		if (value_name(&element, "a word", &word, error) < 0) {
			mem_free_strings(words);
			return -1;
		}
		words[count++] = mem_strdup(word);
	}
	mem_free_strings(*slot);
	*slot = words;
	return 0;
}

static json_t *write_exec(const void *base, const struct key *key)
{
	char **const *slot = (const void *)((const char *)base + key->offset);

	return *slot != NULL ? strings_to_json(*slot) : NULL;
}

const struct field field_exec = {.read = read_exec, .write = write_exec};

/* ---- jenkins ---- */

static int read_url(const struct value *value, void *base, const struct key *key,
                    struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *url;

	if (value_name(value, "an address", &url, error) < 0)
		return -1;
	if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) ||
	    strpbrk(url, " @?#\"") != NULL)
		return value_expected(value, error,
		                      "an address such as \"https://ci.example/jenkins\", without "
		                      "user, password or query");
	set_string(slot, text_from(url));
	return 0;
}

const struct field field_url = {.read = read_url, .write = write_text};

/* A secret stands in the environment, never in the file. */
static int read_variable(const struct value *value, void *base, const struct key *key,
                         struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *name = json_string_value(value->json);

	if (name == NULL || name[0] != '$' || !is_plain(text_from(name + 1), "_")) {
		tanda_error_hint(error,
		                 "put it into the environment; write \"$JENKINS_TOKEN\" here");
		return value_fault(value, error,
		                   "\"%s\": expected the name of a variable, such as "
		                   "\"$JENKINS_TOKEN\"",
		                   key->name);
	}
	set_string(slot, text_from(name));
	return 0;
}

const struct field field_variable = {.read = read_variable, .write = write_text};

static int read_token(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *source = json_string_value(value->json);

	if (source == NULL || (source[0] != '/' && strncmp(source, "~/", 2) != 0))
		return read_variable(value, base, key, error);
	set_string(slot, text_from(source));
	return 0;
}

const struct field field_token = {.read = read_token, .write = write_text};

static int refuse_password(const struct value *value, void *base, const struct key *key,
                           struct tanda_error *error)
{
	(void)base;
	(void)key;
	tanda_error_hint(error, "make an API token at <Jenkins>/me/configure, put it into the "
	                        "environment, and write \"token\": \"$JENKINS_TOKEN\"");
	return value_key_fault(value, error, "\"password\": tanda logs in with an API token only");
}

static json_t *write_no_password(const void *base, const struct key *key)
{
	(void)base;
	(void)key;
	return NULL;
}

const struct field field_password = {.read = refuse_password, .write = write_no_password};

/* ---- nodes.local ---- */

static bool has_more_than_executors(const struct node_settings *node)
{
	return node->cpus > 0 || node->labels != NULL || node->env != NULL ||
	       node->usage != USAGE_NORMAL || node->offline != NULL;
}

static void write_member(json_t *object, const struct key_table *table, const char *name,
                         const void *base)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		json_t *json = NULL;

		if (strcmp(table->keys[i].name, name) == 0)
			json = table->keys[i].field->write(base, &table->keys[i]);
		if (json != NULL)
			json_object_set_new(object, name, json);
	}
}

/* Its executors alone, unless more was said. */
static json_t *write_local_node(const void *base, const struct key *key)
{
	const struct node_settings *local = (const void *)((const char *)base + key->offset);
	json_t *object;

	if (!has_more_than_executors(local))
		return local->executors > 0 ? json_integer(local->executors) : NULL;
	object = json_object();
	write_member(object, &local_node_keys, "executors", local);
	write_member(object, &local_node_keys, "cpus", local);
	if (local->labels != NULL)
		write_member(object, &local_node_keys, "labels", local);
	if (local->env != NULL)
		write_member(object, &local_node_keys, "env", local);
	if (local->usage != USAGE_NORMAL)
		write_member(object, &local_node_keys, "usage", local);
	write_member(object, &local_node_keys, "offline", local);
	return object;
}

static int read_local_node(const struct value *value, void *base, const struct key *key,
                           struct tanda_error *error)
{
	struct node_settings *local = (void *)((char *)base + key->offset);

	local->is_given = true;
	if (json_is_object(value->json))
		return keys_read(value, &local_node_keys, local, "nodes.local", NULL, error);
	return value_count(value, 1, EXECUTORS_MAX, &local->executors, error);
}

const struct field field_local_node = {
	.typed = TYPED_COUNT, .read = read_local_node, .write = write_local_node};

/* ---- nodes.NAME ---- */

static int check_workspace(const struct value *member, const struct node_settings *node,
                           struct tanda_error *error)
{
	if (node->workspace == WORKSPACE_GIT || node->git_url == NULL)
		return 0;
	return value_fault(member, error,
	                   "node \"%s\": \"git_url\" belongs to \"workspace\": \"git\"",
	                   node->name);
}

/* A build has what its job checks out, where its agent puts it. */
static int check_farm(const struct value *member, const struct node_settings *node,
                      struct tanda_error *error)
{
	static const char *const others[] = {"workspace", "remote_root", "git_url", "keep"};
	struct value value;
	size_t i;

	if (node->jenkins_url == NULL || node->jenkins_job == NULL)
		return value_fault(member, error,
		                   "node \"%s\": expected \"url\" and \"job\" in \"jenkins\"",
		                   node->name);
	for (i = 0; i < countof(others); i++) {
		if (value_get(member, others[i], &value))
			return value_fault(&value, error,
			                   "node \"%s\": \"%s\" belongs to \"ssh\" and \"exec\": a "
			                   "build has what its job checks out",
			                   node->name, others[i]);
	}
	return 0;
}

static int check_node(const struct value *member, struct node_settings *node,
                      struct tanda_error *error)
{
	bool has_jenkins = node->jenkins_url != NULL || node->jenkins_job != NULL ||
	                   node->jenkins_user != NULL || node->jenkins_token != NULL;
	int ways = (node->host != NULL) + (node->exec != NULL) + has_jenkins;

	if (ways != 1) {
		tanda_error_hint(error,
		                 "for example: \"%s\": {\"ssh\": \"ci@%s\", \"executors\": 4}",
		                 node->name, node->name);
		return value_fault(member, error,
		                   "node \"%s\": expected one of \"ssh\", \"exec\" and \"jenkins\"",
		                   node->name);
	}
	node->kind = node->host != NULL ? NODE_SSH : node->exec != NULL ? NODE_EXEC : NODE_JENKINS;
	if (node->kind == NODE_JENKINS && check_farm(member, node, error) < 0)
		return -1;
	if (node->kind != NODE_SSH && (node->user != NULL || node->port > 0))
		return value_fault(member, error,
		                   "node \"%s\": \"user\" and \"port\" belong to \"ssh\"",
		                   node->name);
	return node->kind != NODE_JENKINS ? check_workspace(member, node, error) : 0;
}

static int read_node(const struct value *member, void *base, const struct key *key,
                     struct tanda_error *error)
{
	struct config *config = base;
	struct node_settings *node;
	char *path;
	int status;

	(void)key;
	if (value_key_name(member, "a node's name", error) < 0)
		return -1;
	if (!is_plain(text_from(member->key), "_.-"))
		return value_key_fault(
			member, error,
			"\"%s\": expected a node's name of letters, digits and . _ -, "
			"without a '-' in front",
			member->key);
	if (config->node_count == NODES_CONFIG_MAX)
		return value_fault(member, error, "\"nodes\": expected at most %d of them",
		                   NODES_CONFIG_MAX);
	config->nodes = mem_grow(config->nodes, &config->node_cap, config->node_count + 1,
	                         sizeof(config->nodes[0]));
	node = &config->nodes[config->node_count++];
	node_settings_init(node, member->key);
	path = origin_path("nodes", member->key);
	status = keys_read(member, &node_keys, node, path, config->origins, error);
	free(path);
	return status == 0 ? check_node(member, node, error) : -1;
}

const struct field field_node = {.read = read_node};

void node_settings_init(struct node_settings *node, const char *name)
{
	*node = (struct node_settings){
		.name = mem_strdup(name),
		.executors = 1,
		.launch_timeout_ms = LAUNCH_TIMEOUT_DEFAULT_MS,
		.launch_retries = LAUNCH_RETRIES_DEFAULT,
	};
}

void node_settings_deinit(struct node_settings *node)
{
	free(node->name);
	mem_free_strings(node->labels);
	mem_free_strings(node->env);
	free(node->host);
	free(node->user);
	mem_free_strings(node->exec);
	free(node->jenkins_url);
	free(node->jenkins_job);
	free(node->jenkins_user);
	free(node->jenkins_token);
	free(node->jenkins_ca);
	free(node->remote_root);
	free(node->git_url);
	free(node->offline);
}

bool config_uses_local(const struct config *config)
{
	return config->node_count == 0 || config->local.is_given;
}
