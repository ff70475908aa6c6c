/* listing_run.c - see listing_run.h. */
#include "runner/run/listing_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/config/placeholder.h"
#include "runner/exec/driver.h"
#include "runner/record/file.h"
#include "runner/run/command.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	LISTING_LIMIT_MS = 120 * 1000,
	LISTING_MAX_BYTES = 64 * 1024 * 1024,
	FILES_PER_LISTING = 500, /* well below what one command line may hold */
};

static const struct suite *suite_of(const struct project *project, uint32_t test)
{
	return &project->config->suites[project->tests.tests[test].suite_index];
}

/* What a file that cannot be loaded holds is not in the listing, but it is no empty file. */
static int check_exit(const struct suite *suite, int exit_code, struct tanda_error *error)
{
	if (suite_exits_well(suite, exit_code))
		return 0;
	tanda_error_set(error, NULL, "it ended with %d", exit_code);
	return -1;
}

/* One start of the framework, to list a batch. */
static int ask(struct project *project, const struct command_context *context,
               const struct command_batch *batch, struct listing *ret_listing,
               struct tanda_error *error)
{
	const struct suite *suite = suite_of(project, batch->tests[0]);
	const char **files = mem_calloc(batch->test_count, sizeof(files[0]));
	struct command command;
	struct text_buf output;
	int exit_code, status = -1;
	size_t i;

	text_buf_init(&output, LISTING_MAX_BYTES);
	for (i = 0; i < batch->test_count; i++)
		files[i] = project->tests.tests[batch->tests[i]].file;
	command_build_listing(&command, context, batch);
	mkdir(command.tmp_dir, 0700);
	if (exec_capture((const char *const *)command.argv, (const char *const *)command.env,
	                 command.dir, LISTING_LIMIT_MS, &output, &exit_code, error) == 0 &&
	    check_exit(suite, exit_code, error) == 0)
		status = listing_read((enum listing_kind)suite->preset.list_format,
		                      text_buf_text(&output), command.dir, files, batch->test_count,
		                      ret_listing, error);
	remove_tree(command.tmp_dir);
	command_deinit(&command);
	text_buf_deinit(&output);
	free(files);
	return status;
}

/* A folder for the frameworks' own temporary files; the caller removes it and frees the path. */
static char *make_tmp_root(struct tanda_error *error)
{
	const char *base = getenv("TMPDIR");
	char *path = mem_printf("%s/tanda-XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");

	if (mkdtemp(path) != NULL)
		return path;
	tanda_error_set(error, path, "a temporary folder cannot be made: %s", strerror(errno));
	free(path);
	return NULL;
}

/* Tests by variant, otherwise as they were: one listing has one environment. */
static uint32_t *sorted_by_variant(const struct project *project, const uint32_t *tests,
                                   size_t count)
{
	uint32_t *sorted = mem_calloc(count, sizeof(sorted[0]));
	size_t variant, filled = 0, i;

	for (variant = 0; variant <= project->variant_count && filled < count; variant++) {
		for (i = 0; i < count; i++) {
			if (project->tests.tests[tests[i]].variant == variant)
				sorted[filled++] = tests[i];
		}
	}
	return sorted;
}

/* So many of the tests at `tests` are of the first one's variant, up to `most`. */
static size_t same_variant(const struct project *project, const uint32_t *tests, size_t count,
                           size_t most)
{
	uint32_t variant = project->tests.tests[tests[0]].variant;
	size_t i = 1;

	while (i < count && i < most && project->tests.tests[tests[i]].variant == variant)
		i++;
	return i;
}

int listing_run(struct project *project, const uint32_t *tests, size_t count,
                listing_run_fn on_listed, void *data, struct tanda_error *error)
{
	const struct suite *suite = suite_of(project, tests[0]);
	bool takes_one = suite->preset.list_format == LISTING_COUNT ||
	                 placeholder_is_used((const char *const *)suite->preset.list, "{id}");
	size_t most = takes_one ? 1 : FILES_PER_LISTING;
	char *tmp_root = make_tmp_root(error);
	struct command_context context = {
		.project = project, .run_id = "listing", .out_dir = tmp_root, .tmp_root = tmp_root};
	uint32_t *sorted;
	size_t from, taken;
	int status = 0;

	if (tmp_root == NULL)
		return -1;
	sorted = sorted_by_variant(project, tests, count);
	for (from = 0; from < count && status == 0; from += taken) {
		struct command_batch batch = {
			.attempt = 1,
			.node = "local",
			.tests = sorted + from,
			.test_count = same_variant(project, sorted + from, count - from, most),
		};
		struct listing listing = {0};

		taken = batch.test_count;
		status = ask(project, &context, &batch, &listing, error);
		if (status == 0)
			on_listed(data, batch.tests, batch.test_count, &listing);
		listing_deinit(&listing);
	}
	free(sorted);
	remove_tree(tmp_root);
	free(tmp_root);
	return status;
}

static void mark_empty(void *data, const uint32_t *tests, size_t count,
                       const struct listing *listing)
{
	struct project *project = data;
	uint64_t *counts = mem_calloc(count, sizeof(counts[0]));
	size_t i;

	listing_count(listing, count, counts);
	for (i = 0; i < count; i++) {
		if (counts[i] == 0)
			project->tests.tests[tests[i]].skip_reason =
				mem_strdup("the suite's args leave nothing of it to run");
	}
	free(counts);
}

static void drop_empty_of(struct project *project, uint32_t suite_index)
{
	uint32_t *tests = mem_calloc(project->tests.count, sizeof(tests[0]));
	struct tanda_error error = TANDA_ERROR_INIT;
	size_t count = 0, i;

	for (i = 0; i < project->tests.count; i++) {
		if (project->tests.tests[i].suite_index == suite_index)
			tests[count++] = (uint32_t)i;
	}
	if (count > 0 && listing_run(project, tests, count, mark_empty, project, &error) < 0)
		project_warn(project, "suite '%s': its own listing failed: %s",
		             project->config->suites[suite_index].name, error.message);
	free(tests);
}

void listing_drop_empty(struct project *project)
{
	uint32_t i;

	for (i = 0; i < project->config->suite_count; i++) {
		const struct suite *suite = &project->config->suites[i];

		if (suite->args != NULL && suite->args[0] != NULL && suite->preset.list != NULL)
			drop_empty_of(project, i);
	}
}
