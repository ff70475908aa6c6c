/* command.c - see command.h. */
#include "runner/run/command.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "runner/config/placeholder.h"
#include "runner/record/file.h"
#include "runner/run/casemap.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

extern char **environ;

enum { LIST_MAX_BYTES = 512 * 1024 * 1024 };

#define LIST_NAME "tests.list"

/* An environment under construction: a later value of a name replaces the earlier one. */
struct env {
	char **entries;
	size_t count, cap;
};

static size_t name_len(const char *entry)
{
	const char *equals = strchr(entry, '=');

	return equals != NULL ? (size_t)(equals - entry) : strlen(entry);
}

/* Takes `entry` over. */
static void env_set(struct env *env, char *entry)
{
	size_t len = name_len(entry), i;

	for (i = 0; i < env->count; i++) {
		if (name_len(env->entries[i]) == len && memcmp(env->entries[i], entry, len) == 0) {
			free(env->entries[i]);
			env->entries[i] = entry;
			return;
		}
	}
	env->entries = mem_grow(env->entries, &env->cap, env->count + 2, sizeof(env->entries[0]));
	env->entries[env->count++] = entry;
	env->entries[env->count] = NULL;
}

/* The words that only a running batch has; those of an outer tanda must not reach an inner one. */
static bool is_own_word(const char *entry)
{
	static const char *const words[] = {"TANDA",         "TANDA_RUN_ID",   "TANDA_AREA",
	                                    "TANDA_NODE",    "TANDA_WORKER",   "TANDA_WORKERS",
	                                    "TANDA_ATTEMPT", "TANDA_REPORT",   "TANDA_REPORT_DIR",
	                                    "TANDA_TMP",     "TANDA_PROGRESS", "TEST_ENV_NUMBER"};
	size_t len = name_len(entry), i;

	for (i = 0; i < countof(words); i++) {
		if (strlen(words[i]) == len && memcmp(words[i], entry, len) == 0)
			return true;
	}
	return false;
}

static void set_base(struct env *env)
{
	size_t i;

	for (i = 0; environ[i] != NULL; i++) {
		if (is_own_word(environ[i]) || pool_words_is_own(environ[i]))
			continue;
		env->entries =
			mem_grow(env->entries, &env->cap, env->count + 2, sizeof(env->entries[0]));
		env->entries[env->count++] = mem_strdup(environ[i]);
		env->entries[env->count] = NULL;
	}
}

/* What the node has of its own; a suite knows better. */
static void set_node(struct env *env, char *const *entries)
{
	size_t i;

	for (i = 0; entries != NULL && entries[i] != NULL; i++)
		env_set(env, mem_strdup(entries[i]));
}

/* Another node has none of them, this one not those from files. */
static void set_secrets(struct env *env, const struct secrets *secrets)
{
	size_t i;

	for (i = 0; secrets->env != NULL && secrets->env[i] != NULL; i++)
		env_set(env, mem_strdup(secrets->env[i]));
}

/* Takes the entries over, and the array. */
static void set_all(struct env *env, char **entries)
{
	size_t i;

	for (i = 0; entries[i] != NULL; i++)
		env_set(env, entries[i]);
	free(entries);
}

/* The areas of a batch's tests, each once, joined by commas. */
static char *area_list(const struct project *project, const struct command_batch *batch)
{
	struct text_buf buf;
	uint32_t last = UINT32_MAX;
	size_t i;

	text_buf_init(&buf, AREAS_MAX * 64);
	for (i = 0; i < batch->test_count; i++) {
		const struct test *test = &project->tests.tests[batch->tests[i]];

		if (test->area_index == last)
			continue;
		last = test->area_index;
		text_buf_printf(&buf, "%s%s", buf.len > 0 ? "," : "",
		                test_area_name(&project->tests, test));
	}
	return text_buf_steal(&buf);
}

int command_worker_base(const struct project *project, uint32_t *ret_base,
                        struct tanda_error *error)
{
	const char *offset = project->config->worker_offset, *held = offset;
	bool is_variable = offset != NULL && offset[0] == '$';
	uint64_t number = 0;

	*ret_base = 0;
	if (is_variable)
		held = getenv(offset + 1);
	if (held == NULL || held[0] == '\0')
		return 0;
	if (!text_to_u64(text_from(held), &number) || number > WORKER_OFFSET_MAX) {
		tanda_error_set(error, offset, "\"%.100s\" is not a number up to %d", held,
		                WORKER_OFFSET_MAX);
		tanda_error_hint(error,
		                 "\"worker_offset\" wants a variable that counts the runs of "
		                 "this machine");
		return -1;
	}
	if (is_variable)
		number *= plan_worker_count(&project->planning.input);
	*ret_base = (uint32_t)number;
	return 0;
}

static void set_own(struct env *env, const struct command_context *context,
                    const struct command_batch *batch, const struct placeholder_values *values)
{
	char *areas = area_list(context->project, batch);
	uint32_t worker = context->worker_base + batch->worker;

	env_set(env, mem_strdup("TANDA=1"));
	env_set(env, mem_printf("TANDA_RUN_ID=%s", context->run_id));
	env_set(env, mem_printf("TANDA_AREA=%s", areas));
	env_set(env, mem_printf("TANDA_NODE=%s", batch->node));
	env_set(env, mem_printf("TANDA_WORKER=%u", worker));
	env_set(env, mem_printf("TANDA_WORKERS=%u",
	                        plan_worker_count(&context->project->planning.input)));
	env_set(env, mem_printf("TANDA_ATTEMPT=%u", batch->attempt));
	env_set(env, mem_printf("TANDA_REPORT=%s", values->report));
	env_set(env, mem_printf("TANDA_REPORT_DIR=%s", values->report_dir));
	env_set(env, mem_printf("TANDA_TMP=%s", values->tmp));
	env_set(env, mem_printf("TMPDIR=%s", values->tmp));
	/* As parallel_tests has it: "", "2", "3"... */
	env_set(env, worker == 0 ? mem_strdup("TEST_ENV_NUMBER=")
	                         : mem_printf("TEST_ENV_NUMBER=%u", worker + 1));
	free(areas);
}

static void set_members(struct env *env, const struct command_batch *batch)
{
	char **entries = batch->members != NULL ? batch->members->env : NULL;
	size_t i;

	for (i = 0; entries != NULL && entries[i] != NULL; i++)
		env_set(env, mem_strdup(entries[i]));
}

char **command_errand_env(const struct command_context *context, char *const *extra)
{
	struct env env = {0};
	size_t i;

	set_base(&env);
	env_set(&env, mem_strdup("TANDA=1"));
	env_set(&env, mem_printf("TANDA_RUN_ID=%s", context->run_id));
	for (i = 0; extra != NULL && extra[i] != NULL; i++)
		env_set(&env, mem_strdup(extra[i]));
	return env.entries;
}

char **command_hook_env(const struct command_context *context, char *const *extra,
                        char *const *node_env, bool is_remote)
{
	struct env env = {0};
	size_t i;

	if (!is_remote)
		set_base(&env);
	set_secrets(&env, &context->project->secrets);
	set_node(&env, node_env);
	env_set(&env, mem_strdup("TANDA=1"));
	env_set(&env, mem_printf("TANDA_RUN_ID=%s", context->run_id));
	for (i = 0; extra[i] != NULL; i++)
		env_set(&env, mem_strdup(extra[i]));
	return env.entries;
}

/* Put `value` in front of what the variable holds; what that is another node knows itself. */
static void env_prepend(struct env *env, const char *name, const char *value, char joint,
                        bool is_remote)
{
	const char *old = NULL;
	size_t i;

	for (i = 0; i < env->count; i++) {
		if (name_len(env->entries[i]) == strlen(name) &&
		    strncmp(env->entries[i], name, strlen(name)) == 0)
			old = env->entries[i] + strlen(name) + 1;
	}
	if (old != NULL && old[0] != '\0')
		env_set(env, mem_printf("%s=%s%c%s", name, value, joint, old));
	else if (old == NULL && is_remote)
		env_set(env, mem_printf("%s=%s%s%c", name, value, NODE_OWN, joint));
	else
		env_set(env, mem_printf("%s=%s", name, value));
}

char *command_plugins_dir(const struct command_context *context)
{
	return mem_printf("%s/plugins", context->tmp_root);
}

/* Where they are for the batch. */
static char *plugins_dir(const struct command_context *context, const struct command_batch *batch)
{
	return batch->is_remote ? mem_strdup(NODE_BATCH_FILES) : command_plugins_dir(context);
}

/* For a framework that is told by an argument. */
static char *plugin_path(const struct command_context *context, const struct command_batch *batch,
                         const struct preset *preset)
{
	char *dir = plugins_dir(context, batch), *path;

	path = mem_printf("%s/%s", dir, preset->plugin);
	free(dir);
	return path;
}

/* What makes the framework tell where it is. Where the environment does not reach it (a container),
 * it runs as ever. */
static void set_progress(struct env *env, const struct command_context *context,
                         const struct command_batch *batch, const struct preset *preset,
                         const char *path)
{
	char *dir, *module;

	if (path == NULL)
		return;
	env_set(env, mem_printf("TANDA_PROGRESS=%s", path));
	if (preset->plugin == NULL || preset->plugin_path == NULL)
		return;
	dir = plugins_dir(context, batch);
	module = mem_strndup(preset->plugin, strcspn(preset->plugin, "."));
	env_prepend(env, preset->plugin_path, dir, ':', batch->is_remote);
	env_prepend(env, preset->plugin_names, module, ',', batch->is_remote);
	free(module);
	free(dir);
}

/* The state of toggles that all of its tests are run in. */
static void set_variant(struct env *env, const struct project *project,
                        const struct command_batch *batch)
{
	uint32_t number = project->tests.tests[batch->tests[0]].variant;
	size_t i;

	if (number == 0)
		return;
	for (i = 0; project->variants[number - 1].env[i] != NULL; i++)
		env_set(env, mem_strdup(project->variants[number - 1].env[i]));
}

static char *attempt_key(const struct command_context *context, const struct command_batch *batch)
{
	uint64_t nonce = 0;

	(void)!getrandom(&nonce, sizeof(nonce), GRND_NONBLOCK); /* a weak nonce is no danger here */
	return mem_printf("%s.%u.%u.%016llx", context->run_id, batch->number, batch->attempt,
	                  (unsigned long long)nonce);
}

/* How the framework is told of a batch: its files, and, where tests are single cases, all locators
 * (a whole file among them is its own). */
struct told_tests {
	const char **files;
	size_t file_count;
	const char **locators;
	size_t locator_count, locator_cap;
};

static void tell_locator(struct told_tests *told, const char *locator)
{
	told->locators = mem_grow(told->locators, &told->locator_cap, told->locator_count + 1,
	                          sizeof(told->locators[0]));
	told->locators[told->locator_count++] = locator;
}

static struct told_tests tell_tests(const struct project *project,
                                    const struct command_batch *batch)
{
	struct told_tests told = {0};
	bool has_cases = false;
	size_t i, j;

	told.files = casemap_files(project, batch->tests, batch->test_count, &told.file_count);
	for (i = 0; i < batch->test_count; i++)
		has_cases |= project->tests.tests[batch->tests[i]].locators != NULL;
	for (i = 0; has_cases && i < batch->test_count; i++) {
		const struct test *test = &project->tests.tests[batch->tests[i]];

		if (test->locators == NULL)
			tell_locator(&told, test->file);
		for (j = 0; test->locators != NULL && test->locators[j] != NULL; j++)
			tell_locator(&told, test->locators[j]);
	}
	return told;
}

static void told_tests_deinit(struct told_tests *told)
{
	free(told->files);
	free(told->locators);
}

static const struct suite *batch_suite(const struct project *project,
                                       const struct command_batch *batch)
{
	return &project->config->suites[project->tests.tests[batch->tests[0]].suite_index];
}

/* `expand` makes the argv: suite_command or suite_listing. */
static void build(struct command *command, const struct command_context *context,
                  const struct command_batch *batch,
                  char **(*expand)(const struct suite *, const struct placeholder_values *))
{
	const struct suite *suite = batch_suite(context->project, batch);
	struct told_tests told = tell_tests(context->project, batch);
	const char *report_dir = batch->is_remote ? NODE_BATCH_REPORT : command->report_dir;
	char *report = mem_printf("%s/report.xml", report_dir);
	const char *root = context->project->config->root;
	struct placeholder_values values = {
		.ids = told.files,
		.id_count = told.file_count,
		.cases = told.locators,
		.case_count = told.locator_count,
		.root = batch->is_remote ? NODE_WORKSPACE : root,
		.root_here = root,
		.dir = batch->is_remote ? command->work_dir : command->dir,
		.list = batch->is_remote ? NODE_BATCH_FILES "/" LIST_NAME : command->list_path,
		.report = report,
		.report_dir = report_dir,
		.worker = context->worker_base + batch->worker,
		.node = batch->node,
		.tmp = batch->is_remote ? NODE_BATCH_TMP : command->tmp_dir,
		.plugin = command->plugin_path,
		.pool_lookup = batch->members != NULL ? pool_words_lookup : NULL,
		.pool_data = batch->members,
	};
	struct env env = {0};

	if (!batch->is_remote)
		set_base(&env);
	set_secrets(&env, &context->project->secrets);
	set_node(&env, batch->node_env);
	set_all(&env, suite_environment(suite, &values));
	set_own(&env, context, batch, &values);
	set_members(&env, batch);
	set_variant(&env, context->project, batch);
	set_progress(&env, context, batch, &suite->preset, command->progress_path);
	command->env = env.entries;
	command->argv = expand(suite, &values);
	command->key = attempt_key(context, batch);
	free(report);
	told_tests_deinit(&told);
}

char *command_log_name(uint32_t batch)
{
	return mem_printf("logs/%05u.log", batch);
}

/* Its working folder there, and what of it comes back. */
static void set_remote(struct command *command, const struct command_context *context,
                       const struct command_batch *batch)
{
	const struct suite *suite = batch_suite(context->project, batch);
	const struct preset *preset = &suite->preset;
	size_t root_len = strlen(context->project->config->root), count = 0, i;

	command->work_dir = mem_printf("%s%s", NODE_WORKSPACE, command->dir + root_len);
	for (i = 0; suite->collect != NULL && suite->collect[i] != NULL; i++)
		count++;
	for (i = 0; preset->reports != NULL && preset->reports[i] != NULL; i++)
		count++;
	command->wanted_files = mem_calloc(count + 1, sizeof(command->wanted_files[0]));
	count = 0;
	for (i = 0; suite->collect != NULL && suite->collect[i] != NULL; i++)
		command->wanted_files[count++] = mem_strdup(suite->collect[i]);
	for (i = 0; preset->report_folder != NULL && preset->reports[i] != NULL; i++)
		command->wanted_files[count++] =
			mem_printf("%s/%s", preset->report_folder, preset->reports[i]);
	command->files_dir = mem_printf("%s/%u.files", context->tmp_root, batch->number);
}

static void set_progress_path(struct command *command, const struct command_context *context,
                              const struct command_batch *batch)
{
	const struct preset *preset = &batch_suite(context->project, batch)->preset;

	command->progress_path =
		batch->is_remote ? mem_strdup(NODE_BATCH_PROGRESS)
				 : mem_printf("%s/%u.progress", context->tmp_root, batch->number);
	if (preset->plugin != NULL && preset->plugin_path == NULL)
		command->plugin_path = plugin_path(context, batch, preset);
	if (preset->plugin != NULL && batch->is_remote)
		command->files[command->file_count++] =
			(struct sent_file){preset->plugin, config_plugin(preset->plugin)};
}

/* The lines of the file that {list} stands for. */
static void render_list(const struct command_context *context, const struct command_batch *batch,
                        const char *dir, struct text_buf *buf)
{
	struct told_tests told = tell_tests(context->project, batch);
	const struct placeholder_values values = {
		.dir = dir,
		.ids = told.files,
		.id_count = told.file_count,
		.cases = told.locators,
		.case_count = told.locator_count,
	};

	text_buf_init(buf, LIST_MAX_BYTES);
	suite_write_list(batch_suite(context->project, batch), &values, buf);
	told_tests_deinit(&told);
}

/* Another node gets it along with the batch. */
static void send_list(struct command *command, const struct command_context *context,
                      const struct command_batch *batch)
{
	struct text_buf buf;
	size_t len;

	render_list(context, batch, command->work_dir, &buf);
	len = buf.len;
	command->list_text = text_buf_steal(&buf);
	command->files[command->file_count++] =
		(struct sent_file){LIST_NAME, {command->list_text, len}};
}

void command_build(struct command *command, const struct command_context *context,
                   const struct command_batch *batch)
{
	const struct suite *suite = batch_suite(context->project, batch);
	bool takes_list = placeholder_is_used((const char *const *)suite->preset.run, "{list}");

	bool has_report = suite->preset.reports != NULL && suite->preset.reports[0] != NULL;

	/* Folders are dear to make: what stays empty as a rule is used again by the worker. */
	*command = (struct command){
		.report_dir =
			has_report || batch->is_remote
				? mem_printf("%s/batches/%05u", context->out_dir, batch->number)
				: mem_printf("%s/batches/worker-%u", context->out_dir,
	                                     batch->worker),
		.dir = project_suite_dir(context->project, suite),
		.tmp_dir = mem_printf("%s/%u", context->tmp_root, batch->worker),
		.log_name = command_log_name(batch->number),
		.kept_dir = mem_printf("%s/batches/%05u", context->out_dir, batch->number),
	};
	command->log_path = mem_printf("%s/%s", context->out_dir, command->log_name);
	if (suite->preset.progress == TELLS_BY_LINES && batch->test_count > 1 && batch->is_followed)
		set_progress_path(command, context, batch);
	if (takes_list && !batch->is_remote)
		command->list_path = mem_printf("%s/%u.list", context->tmp_root, batch->number);
	if (batch->is_remote)
		set_remote(command, context, batch);
	if (takes_list && batch->is_remote)
		send_list(command, context, batch);
	build(command, context, batch, suite_command);
}

bool command_build_listing(struct command *command, const struct command_context *context,
                           const struct command_batch *batch)
{
	const struct suite *suite = batch_suite(context->project, batch);

	*command = (struct command){0};
	if (suite->preset.list == NULL)
		return false;
	*command = (struct command){
		.report_dir =
			mem_printf("%s/batches/%05u.listing", context->out_dir, batch->number),
		.dir = project_suite_dir(context->project, suite),
		.tmp_dir = mem_printf("%s/%u.listing", context->tmp_root, batch->number),
		.log_name = mem_printf("logs/%05u.listing", batch->number),
	};
	command->log_path = mem_printf("%s/%s", context->out_dir, command->log_name);
	if (batch->is_remote)
		command->work_dir =
			mem_printf("%s%s", NODE_WORKSPACE,
		                   command->dir + strlen(context->project->config->root));
	build(command, context, batch, suite_listing);
	return true;
}

int command_write_list(const struct command *command, const struct command_context *context,
                       const struct command_batch *batch, struct tanda_error *error)
{
	struct text_buf buf;
	int status;

	if (command->list_path == NULL)
		return 0;
	render_list(context, batch, command->dir, &buf);
	status = write_file_aside(command->list_path, text_buf_text(&buf), error);
	text_buf_deinit(&buf);
	return status;
}

void command_deinit(struct command *command)
{
	mem_free_strings(command->argv);
	mem_free_strings(command->env);
	free(command->dir);
	free(command->report_dir);
	free(command->kept_dir);
	free(command->tmp_dir);
	free(command->log_path);
	free(command->log_name);
	free(command->progress_path);
	free(command->list_path);
	free(command->work_dir);
	mem_free_strings(command->wanted_files);
	free(command->files_dir);
	free(command->plugin_path);
	free(command->list_text);
	free(command->key);
	*command = (struct command){0};
}
