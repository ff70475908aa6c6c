/* project.c - see project.h. */
#include "runner/run/project.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/run/clashes.h"
#include "runner/run/expectations.h"
#include "runner/run/listing_run.h"
#include "runner/run/quarantine.h"
#include "runner/run/resume.h"
#include "runner/run/since.h"
#include "runner/run/splitting.h"
#include "runner/run/toggles.h"
#include "shards/base/mem.h"
#include "shards/plan/estimate.h"
#include "tanda/error.h"

enum {
	STRAYS_SHOWN = 5,
	FAILED_LIST_MAX_BYTES = 64 * 1024 * 1024,
};

__attribute__((format(printf, 4, 0))) static void add_line(char ***lines, size_t *count,
                                                           size_t *cap, const char *format,
                                                           va_list args)
{
	struct text_buf buf;

	text_buf_init(&buf, TANDA_MESSAGE_MAX);
	text_buf_vprintf(&buf, format, args);
	*lines = mem_grow(*lines, cap, *count + 1, sizeof((*lines)[0]));
	(*lines)[(*count)++] = text_buf_steal(&buf);
}

void project_warn(struct project *project, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(&project->warnings, &project->warning_count, &project->warning_cap, format, args);
	va_end(args);
}

void project_note(struct project *project, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(&project->notes, &project->note_count, &project->note_cap, format, args);
	va_end(args);
}

void project_free(struct project *project)
{
	size_t i;

	if (project == NULL)
		return;
	for (i = 0; i < project->warning_count; i++)
		free(project->warnings[i]);
	free(project->warnings);
	for (i = 0; i < project->note_count; i++)
		free(project->notes[i]);
	free(project->notes);
	for (i = 0; i < project->variant_count; i++) {
		free(project->variants[i].label);
		mem_free_strings(project->variants[i].env);
	}
	free(project->variants);
	toggling_free(project->toggling);
	planning_deinit(&project->planning);
	secrets_close(&project->secrets);
	free(project->ids_text);
	test_list_deinit(&project->tests);
	config_free(project->config);
	free(project);
}

static bool is_dot(const char *path)
{
	return path[0] == '\0' || strcmp(path, ".") == 0;
}

char *project_suite_dir(const struct project *project, const struct suite *suite)
{
	if (is_dot(suite->dir))
		return mem_strdup(project->config->root);
	return mem_printf("%s/%s", project->config->root, suite->dir);
}

char *project_test_file(const struct project *project, const struct test *test)
{
	const struct suite *suite = &project->config->suites[test->suite_index];

	if (is_dot(suite->dir))
		return mem_strdup(test->file);
	return mem_printf("%s/%s", suite->dir, test->file);
}

char *project_history_path(const struct project *project)
{
	return mem_printf("%s/.tanda/history.db", project->config->root);
}

static char *working_folder(struct tanda_error *error)
{
	char *cwd = getcwd(NULL, 0);

	if (cwd == NULL)
		tanda_error_set(error, NULL, "the working folder cannot be told: %s",
		                strerror(errno));
	return cwd;
}

static int read_config(const struct project_request *request, const char *cwd,
                       struct project *project, struct tanda_error *error)
{
	char *path;
	int status;

	if (config_find(request->config_path, cwd, &path, error) < 0) {
		tanda_error_code(error, TANDA_CODE_CONFIG_FILE);
		return -1;
	}
	if (path != NULL)
		status = config_load(path, request->overrides, request->override_count,
		                     &project->config, error);
	else
		status = config_detect(cwd, request->overrides, request->override_count,
		                       &project->config, error);
	if (status < 0)
		tanda_error_code(error, TANDA_CODE_CONFIG_VALUE);
	free(path);
	return status;
}

static int open_secrets(struct project *project, struct tanda_error *error)
{
	struct secrets *secrets = &project->secrets;
	size_t i;

	if (secrets_open(secrets, project->config, error) < 0) {
		tanda_error_code(error, TANDA_CODE_CONFIG_VALUE);
		return -1;
	}
	for (i = 0; secrets->warnings != NULL && secrets->warnings[i] != NULL; i++)
		project_warn(project, "%s", secrets->warnings[i]);
	return 0;
}

static enum discover_area discover_area(enum area_rule rule)
{
	switch (rule) {
	case AREA_BY_GLOB:
		return DISCOVER_AREA_GLOB;
	case AREA_BY_NAME:
		return DISCOVER_AREA_NAME;
	case AREA_BY_TAG:
		return DISCOVER_AREA_TAG;
	case AREA_BY_FOLDER:
		break;
	}
	return DISCOVER_AREA_FOLDER;
}

static int find_suite_tests(struct project *project, const struct suite *suite,
                            struct tanda_error *error)
{
	char *dir = project_suite_dir(project, suite);
	struct discover_suite rules = {
		.name = suite->name,
		.dir = dir,
		.files = (const char *const *)suite->files,
		.exclude = (const char *const *)suite->exclude,
		.area_rule = discover_area(suite->area_rule),
		.area = suite->area,
		.is_gherkin = suite->preset.is_gherkin,
		.by_folder = suite->preset.unit == UNIT_FOLDER,
	};
	size_t before = project->tests.count;
	uint32_t index;
	int status = test_list_add_suite(&project->tests, suite->name, &index, error);

	if (status == 0)
		status = discover_suite_tests(&rules, &project->tests, error);
	if (status == 0 && project->tests.count == before)
		project_warn(project, "suite '%s': no file matches %s", suite->name,
		             suite->files[0]);
	free(dir);
	return status;
}

static int find_tests(struct project *project, struct tanda_error *error)
{
	size_t i;

	for (i = 0; i < project->config->suite_count; i++) {
		if (find_suite_tests(project, &project->config->suites[i], error) < 0)
			return -1;
	}
	secrets_hide_ids(&project->secrets, &project->tests);
	return 0;
}

static char **test_paths(const struct project *project)
{
	char **paths = mem_calloc(project->tests.count + 1, sizeof(paths[0]));
	size_t i;

	for (i = 0; i < project->tests.count; i++)
		paths[i] = project_test_file(project, &project->tests.tests[i]);
	return paths;
}

static void warn_of_strays(struct project *project, char *const *paths)
{
	size_t total, i;
	char **strays;
	struct text_buf names;

	strays = discover_strays(project->config->root, paths, project->tests.count, STRAYS_SHOWN,
	                         &total);
	text_buf_init(&names, TANDA_MESSAGE_MAX / 2);
	for (i = 0; strays != NULL && strays[i] != NULL; i++)
		text_buf_printf(&names, "%s%s", i > 0 ? ", " : "", strays[i]);
	if (total > 0)
		project_warn(project, "%zu %s like tests but %s in no suite: %s%s", total,
		             total == 1 ? "file looks" : "files look", total == 1 ? "is" : "are",
		             text_buf_text(&names).ptr, total > STRAYS_SHOWN ? ", ..." : "");
	text_buf_deinit(&names);
	mem_free_strings(strays);
}

/* Replace the newlines by NULs and point at each line; *ret_text owns the bytes. */
static const char **split_lines(char *text)
{
	size_t count = 0, cap = 0;
	const char **lines = mem_grow(NULL, &cap, 1, sizeof(lines[0]));
	char *end;

	while (*text != '\0') {
		end = strchr(text, '\n');
		if (end != NULL)
			*end = '\0';
		lines = mem_grow(lines, &cap, count + 2, sizeof(lines[0]));
		if (*text != '\0')
			lines[count++] = text;
		if (end == NULL)
			break;
		text = end + 1;
	}
	lines[count] = NULL;
	return lines;
}

static int read_last_failed(struct project *project, const char *out_dir, const char ***ret_ids,
                            struct tanda_error *error)
{
	char *path = mem_printf("%s/last-failed.txt", out_dir);
	struct text_buf buf;
	int status = -1;

	text_buf_init(&buf, FAILED_LIST_MAX_BYTES);
	if (file_read(path, &buf, error) < 0) {
		tanda_error_hint(error,
		                 "--failed runs again what the last run left; run without it "
		                 "first, or name its folder with --out");
		goto done;
	}
	project->ids_text = text_buf_steal(&buf);
	*ret_ids = split_lines(project->ids_text);
	status = 0;
done:
	text_buf_deinit(&buf);
	free(path);
	return status;
}

/* Nothing to run where there are tests is a slip, as a rule: say what left them out. */
static void warn_of_empty_selection(const struct project_request *request, struct project *project)
{
	const struct selection *selection = &request->selection;

	if (project->tests.count > 0 || project->found_count == 0 || request->only_failed ||
	    request->since != NULL)
		return;
	if (selection->match != NULL)
		project_warn(project, "--match '%s' leaves none of %zu tests", selection->match,
		             project->found_count);
	else if (selection->tag != NULL)
		project_warn(project, "--tag '%s' leaves none of %zu tests", selection->tag,
		             project->found_count);
	else
		project_warn(project, "what was asked for leaves none of %zu tests",
		             project->found_count);
}

/* A file that is asked for as a whole, or with its folder, is not cut down to single cases. */
static void keep_whole_files(const struct project *project, const struct selection *selection,
                             const char *const *typed, const char *const *files, char *const *paths,
                             struct wanted_cases *wanted)
{
	size_t i, j, k;

	for (i = 0; typed != NULL && typed[i] != NULL; i++) {
		if (typed[i] != files[i])
			continue; /* a case */
		for (j = 0; j < wanted->count; j++) {
			struct wanted_case *item = &wanted->cases[j];

			for (k = 0; k < project->tests.count && !item->is_in_whole; k++)
				item->is_in_whole =
					strcmp(project->tests.tests[k].id, item->file) == 0 &&
					selection_means_path(selection, project->config->root,
				                             typed[i], paths[k]);
		}
	}
}

static void warn_of_gone(void *data, const char *id)
{
	project_warn(data, "%s: it failed last time and is not here any more",
	             strchr(id, '\t') != NULL ? strchr(id, '\t') + 1 : id);
}

/* resume_match() tells of them all. */
static void pass_over_gone(void *data, const char *id)
{
	(void)data;
	(void)id;
}

static int select_tests(const struct project_request *request, const char *cwd, char *const *paths,
                        struct wanted_cases *wanted, struct project *project,
                        struct tanda_error *error)
{
	struct selection selection = request->selection;
	const char *root = project->config->root;
	size_t root_len = strlen(root);
	const char **ids = NULL, **files, **typed_files;
	int status;

	if (request->only_failed && read_last_failed(project, request->out_dir, &ids, error) < 0)
		return -1;
	if (ids != NULL) {
		selection.ids = ids;
		selection.on_gone = warn_of_gone;
		selection.data = project;
		wanted->may_be_gone = true;
	}
	if (request->resume != NULL) {
		resume_note_found(request->resume, project);
		selection.ids = (const char *const *)request->resume->ids;
		selection.on_gone = pass_over_gone;
		wanted->may_be_gone = true;
	}
	files = wanted_cases_take(wanted, &project->tests, selection.ids);
	typed_files = wanted_cases_take(wanted, &project->tests, selection.paths);
	selection.ids = files;
	selection.paths = typed_files;
	selection.cwd_relative = "";
	if (strncmp(cwd, root, root_len) == 0 && cwd[root_len] == '/')
		selection.cwd_relative = cwd + root_len + 1;
	keep_whole_files(project, &selection, request->selection.paths, typed_files, paths, wanted);
	if (files != NULL && files[0] == NULL && selection.on_gone != NULL) {
		test_list_select(&project->tests, NULL, 0); /* nothing is left to rerun */
		status = 0;
	} else {
		status = selection_apply(&selection, root, paths, &project->tests, error);
	}
	free(typed_files);
	free(files);
	free(ids);
	return status;
}

static void set_limits(struct project *project)
{
	const struct config *config = project->config;
	size_t i;

	for (i = 0; i < project->tests.count; i++) {
		struct test *test = &project->tests.tests[i];
		const struct area_settings *area =
			config_area(config, test_area_name(&project->tests, test));
		bool has_limit = area != NULL && area->has_limit;
		bool has_retries = area != NULL && area->has_retries;

		test->limit_ms =
			limit_for(has_limit ? area->limit : config->test_limit,
		                  test->expectation == EXPECTATION_HISTORY ? test->expected_ns : 0);
		test->retries = has_retries ? area->retries : config->retries;
	}
}

static void warn_of_offline_node(struct project *project, const struct node_settings *node)
{
	if (node->offline != NULL)
		project_warn(project, "node %s is not used, as it is offline: %s", node->name,
		             node->offline);
}

static void warn_of_offline_nodes(struct project *project)
{
	const struct config *config = project->config;
	size_t i;

	warn_of_offline_node(project, &config->local);
	for (i = 0; i < config->node_count; i++)
		warn_of_offline_node(project, &config->nodes[i]);
}

static void warn_of_unknown_areas(struct project *project)
{
	const struct config *config = project->config;
	size_t i, index;

	for (i = 0; i < config->area_count; i++) {
		if (strcmp(config->areas[i].name, AREA_ANY) != 0 &&
		    !dict_find(&project->tests.area_names, text_from(config->areas[i].name),
		               &index))
			project_warn(project, "no test is in area '%s', which %s sets up",
			             config->areas[i].name, config->path);
	}
}

/* How long everything takes; files that turn out to be too long become their cases. */
static int estimate(struct project *project, const struct project_request *request,
                    const struct wanted_cases *wanted, struct tanda_error *error)
{
	struct splitting_rule rule = {
		.workers = request->worker_count > 0 ? request->worker_count
	                                             : plan_worker_count(&project->planning.input),
		.longest_ns = request->longest_ns};
	bool was_split;

	if (request->resume != NULL) /* what is split was split before */
		rule = (struct splitting_rule){.workers = 0};

	expectations_read(project);
	estimate_unknown(&project->tests);
	if (splitting_apply(project, wanted, &rule, &was_split, error) < 0)
		return -1;
	if (was_split) { /* the cases may have times of their own, some of them none */
		expectations_read(project);
		estimate_unknown(&project->tests);
	}
	expectations_judge(project);
	return 0;
}

/* Of a shard the tests are settled before this machine's history is asked: all jobs have to agree.
 */
static int estimate_shard(struct project *project, const struct project_request *request,
                          const struct wanted_cases *wanted, struct tanda_error *error)
{
	if (sharding_apply(request->sharding, project, wanted, error) < 0)
		return -1;
	project->sharding = request->sharding;
	expectations_read(project);
	estimate_unknown(&project->tests);
	expectations_judge(project);
	return 0;
}

static int settle_tests(struct project *project, const struct project_request *request,
                        const struct wanted_cases *wanted, struct tanda_error *error)
{
	if (request->sharding != NULL && request->sharding->shard.count > 0)
		return estimate_shard(project, request, wanted, error);
	return estimate(project, request, wanted, error);
}

int project_open(const struct project_request *request, struct project **ret_project,
                 struct tanda_error *error)
{
	struct project *project = mem_calloc(1, sizeof(*project));
	char *cwd = working_folder(error);
	struct wanted_cases wanted = {0};
	char **paths = NULL;
	int status = -1;
	uint32_t i;

	test_list_init(&project->tests);
	if (cwd == NULL || read_config(request, cwd, project, error) < 0)
		goto done;
	if (open_secrets(project, error) < 0)
		goto done;
	if (find_tests(project, error) < 0) {
		tanda_error_code(error, TANDA_CODE_DISCOVERY);
		goto done;
	}
	if (toggles_apply(project, error) < 0) {
		tanda_error_code(error, TANDA_CODE_FEATURES);
		goto done;
	}
	project->found_count = project->tests.count;
	paths = test_paths(project);
	warn_of_strays(project, paths);
	if (select_tests(request, cwd, paths, &wanted, project, error) < 0) {
		tanda_error_code(error, TANDA_CODE_SELECTION);
		goto done;
	}
	warn_of_unknown_areas(project);
	if (request->since != NULL && since_apply(request->since, project, error) < 0) {
		tanda_error_code(error, TANDA_CODE_SELECTION);
		goto done;
	}
	warn_of_offline_nodes(project);
	if (planning_init(&project->planning, project, error) < 0)
		goto done;
	if (request->resume != NULL &&
	    resume_set_nodes(request->resume, &project->planning, error) < 0) {
		tanda_error_code(error, TANDA_CODE_PLAN);
		goto done;
	}
	if (request->node_count > 0) {
		project->planning.input.nodes = request->nodes;
		project->planning.input.node_count = request->node_count;
	}
	if (request->asks_frameworks)
		listing_drop_empty(project);
	if (settle_tests(project, request, &wanted, error) < 0) {
		tanda_error_code(error, TANDA_CODE_DISCOVERY);
		goto done;
	}
	if (request->resume != NULL && resume_match(request->resume, project, error) < 0) {
		tanda_error_code(error, TANDA_CODE_PLAN);
		goto done;
	}
	warn_of_empty_selection(request, project);
	set_limits(project);
	quarantine_apply(project);
	if (request->resume != NULL)
		resume_replay(request->resume, project);
	for (i = 0; i < project->config->suite_count; i++)
		clashes_set(project, i);
	if (planning_rehearse(&project->planning, project, request->strategy, error) < 0)
		goto done;
	expectations_judge_limits(project);
	*ret_project = project;
	project = NULL;
	status = 0;
done:
	wanted_cases_deinit(&wanted);
	mem_free_strings(paths);
	free(cwd);
	project_free(project);
	return status;
}
