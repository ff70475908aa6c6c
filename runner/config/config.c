/* config.c - finding tanda.json, reading it whole, and the values it starts from. */
#include "runner/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/config/build.h"
#include "runner/config/embedded.h"
#include "runner/config/field.h"
#include "runner/config/keys.h"
#include "runner/config/suite.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static const char file_name[] = "tanda.json";

/* Deeper working folders than this are not looked above. */
enum { FOLDERS_MAX = 256 };

#define TEST_LIMIT_DEFAULT_MS UINT64_C(1800000)
#define GRACE_DEFAULT_MS      UINT64_C(5000)
#define HOOK_DEFAULT_MS       UINT64_C(300000)

static bool exists(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct stat status;
	bool found = stat(path, &status) == 0;

	free(path);
	return found;
}

static bool everybody_may_write(const char *folder)
{
	struct stat status;

	return stat(folder, &status) != 0 || (status.st_mode & S_IWOTH) != 0;
}

/* How many folders above `folder` (absolute; cut short on the way) the file is, or -1. */
static int levels_up(char *folder)
{
	int level;

	for (level = 0; level < FOLDERS_MAX; level++) {
		char *slash = strrchr(folder, '/');

		if (level > 0 && everybody_may_write(folder[0] != '\0' ? folder : "/"))
			return -1;
		if (exists(folder, file_name))
			return level;
		if (exists(folder, ".git") || slash == NULL)
			return -1;
		*slash = '\0';
	}
	return -1;
}

static char *path_up(int level, const char *folder, bool is_relative)
{
	struct text_buf path;

	if (!is_relative)
		return mem_printf("%s/%s", folder, file_name);
	text_buf_init(&path, PATH_MAX);
	for (; level > 0; level--)
		text_buf_add_str(&path, "../");
	text_buf_add_str(&path, file_name);
	return text_buf_steal(&path);
}

int config_find(const char *wanted, const char *dir, char **ret_path, struct tanda_error *error)
{
	const char *origin = wanted != NULL ? "-c" : "TANDA_CONFIG";
	char *folder;
	int level;

	if (wanted == NULL)
		wanted = getenv("TANDA_CONFIG");
	if (wanted != NULL && wanted[0] != '\0') {
		if (access(wanted, R_OK) != 0) {
			tanda_error_code(error, TANDA_CODE_CONFIG_FILE);
			tanda_error_set(error, wanted, "expected a file to read: %s",
			                strerror(errno));
			tanda_error_hint(error, "it was named by %s", origin);
			return -1;
		}
		*ret_path = mem_strdup(wanted);
		return 0;
	}
	folder = realpath(dir, NULL);
	if (folder == NULL) {
		tanda_error_set(error, dir, "expected a folder: %s", strerror(errno));
		return -1;
	}
	if (strcmp(folder, "/") == 0)
		folder[0] = '\0';
	level = levels_up(folder);
	*ret_path = level >= 0 ? path_up(level, folder, dir[0] != '/') : NULL;
	free(folder);
	return 0;
}

struct config *config_new(const char *root)
{
	struct config *config = mem_calloc(1, sizeof(*config));
	const char *name = strrchr(root, '/');
	size_t i;

	config->root = mem_strdup(root);
	config->name = mem_strdup(name != NULL && name[1] != '\0' ? name + 1 : "tanda");
	config->test_limit.ms = TEST_LIMIT_DEFAULT_MS;
	config->grace_ms = GRACE_DEFAULT_MS;
	for (i = 0; i < HOOK_SCOPES; i++)
		config->hooks[i].limit_ms = HOOK_DEFAULT_MS;
	config->second_chance = true;
	node_settings_init(&config->local, "local");
	config->local.executors = 0; /* as many as CPUs */
	config->origins = origins_new();
	return config;
}

void config_free(struct config *config)
{
	size_t i;

	if (config == NULL)
		return;
	for (i = 0; i < config->suite_count; i++)
		suite_deinit(&config->suites[i]);
	for (i = 0; i < config->area_count; i++)
		area_settings_deinit(&config->areas[i]);
	for (i = 0; i < config->pool_count; i++)
		pool_settings_deinit(&config->pools[i]);
	for (i = 0; i < config->secret_count; i++)
		secret_rule_deinit(&config->secrets[i]);
	free(config->secrets);
	free(config->pools);
	node_settings_deinit(&config->local);
	for (i = 0; i < config->node_count; i++)
		node_settings_deinit(&config->nodes[i]);
	free(config->nodes);
	free(config->suites);
	free(config->areas);
	free(config->path);
	free(config->root);
	free(config->name);
	free(config->timings);
	free(config->worker_offset);
	for (i = 0; i < HOOK_SCOPES; i++) {
		mem_free_strings(config->hooks[i].before);
		mem_free_strings(config->hooks[i].after);
	}
	free(config->report_junit);
	free(config->report_html);
	free(config->build_version.file);
	mem_free_strings(config->build_version.command);
	free(config->features.file);
	mem_free_strings(config->features.command);
	free(config->features.user);
	mem_free_strings(config->features.groups);
	mem_free_strings(config->since_ignore);
	mem_free_strings(config->assumptions);
	origins_free(config->origins);
	free(config);
}

int config_apply(struct config *config, const struct config_override *overrides,
                 size_t override_count, struct tanda_error *error)
{
	size_t i;

	for (i = 0; i < override_count; i++) {
		const struct config_override *override = &overrides[i];

		if (override->value != NULL &&
		    keys_read_override(override->key, override->value, override->origin,
		                       &config_keys, config, config->origins, error) < 0)
			return -1;
	}
	return 0;
}

/* The absolute folder of the file, which itself need not exist. */
static char *root_of(const char *path, struct tanda_error *error)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash != NULL ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
	char *root = realpath(folder, NULL);

	if (root == NULL)
		tanda_error_set(error, folder, "expected a folder: %s", strerror(errno));
	free(folder);
	return root;
}

const char *hook_scope_name(enum hook_scope scope)
{
	static const char *const names[HOOK_SCOPES] = {"run", "node", "worker", "area"};

	return names[scope];
}

/* A build comes and goes: it has no place that could be made ready once for many of them. */
static int check_hooks(const struct value *root, const struct config *config,
                       struct tanda_error *error)
{
	struct value hooks;
	size_t i;

	for (i = 0; i < config->node_count; i++) {
		bool is_farm = config->nodes[i].kind == NODE_JENKINS;
		const struct hook_settings *node = &config->hooks[HOOK_NODE];
		const struct hook_settings *worker = &config->hooks[HOOK_WORKER];

		if (!is_farm || (node->before == NULL && node->after == NULL &&
		                 worker->before == NULL && worker->after == NULL))
			continue;
		(void)value_get(root, "hooks", &hooks);
		value_fault(&hooks, error,
		            "\"hooks\": there are none for \"node\" and \"worker\" where a node "
		            "is a Jenkins job, as \"%s\" is",
		            config->nodes[i].name);
		tanda_error_hint(error, "put them into the job, as steps around its shell");
		return -1;
	}
	return 0;
}

static int read_document(const struct document *document, struct config *config,
                         struct tanda_error *error)
{
	struct value root = document_root(document);

	if (keys_read(&root, &config_keys, config, "", config->origins, error) < 0)
		return -1;
	if (config->suite_count > 0 && check_hooks(&root, config, error) < 0)
		return -1;
	if (config->suite_count > 0)
		return config_check_pools(config, error);
	value_fault(&root, error, "expected \"suites\"");
	tanda_error_hint(error, "tanda init prints them for the frameworks that it finds");
	return -1;
}

int config_parse(struct text source, const char *path, const struct config_override *overrides,
                 size_t override_count, struct config **ret_config, struct tanda_error *error)
{
	struct document document = {.name = NULL};
	struct config *config = NULL;
	char *root = root_of(path, error);
	int status = -1;

	if (root == NULL || document_parse(source, path, &document, error) < 0)
		goto done;
	config = config_new(root);
	config->path = mem_strdup(path);
	if (read_document(&document, config, error) < 0 ||
	    config_apply(config, overrides, override_count, error) < 0)
		goto done;
	*ret_config = config;
	config = NULL;
	status = 0;
done:
	config_free(config);
	document_deinit(&document);
	free(root);
	return status;
}

/* One byte more than allowed is read, so that the parser sees and says that it is too long. */
static int read_file(const char *path, struct text_buf *source, struct tanda_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[65536];
	ssize_t count = fd < 0 ? -1 : 1;

	while (count > 0 && !source->overflowed) {
		count = read(fd, chunk, sizeof(chunk));
		if (count < 0 && errno == EINTR)
			count = 1;
		else if (count > 0)
			text_buf_add(source, (struct text){chunk, (size_t)count});
	}
	if (count < 0) {
		tanda_error_code(error, TANDA_CODE_CONFIG_FILE);
		tanda_error_set(error, path, "cannot be read: %s", strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return count < 0 ? -1 : 0;
}

int config_load(const char *path, const struct config_override *overrides, size_t override_count,
                struct config **ret_config, struct tanda_error *error)
{
	struct text_buf source;
	int status = -1;

	text_buf_init(&source, DOCUMENT_MAX_BYTES + 1);
	if (read_file(path, &source, error) == 0)
		status = config_parse(text_buf_text(&source), path, overrides, override_count,
		                      ret_config, error);
	text_buf_deinit(&source);
	return status;
}

struct text config_schema(void)
{
	struct text schema = TEXT_EMPTY;

	(void)embedded_find("tanda.schema.json", &schema);
	return schema;
}
