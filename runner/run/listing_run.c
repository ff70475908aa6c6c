/* listing_run.c - see listing_run.h. */
#include "runner/run/listing_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/discover/listing.h"
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

/* Ask about these tests of one suite, and mark those with nothing to run. */
static int ask(struct project *project, const struct command_context *context,
               const struct command_batch *batch, struct tanda_error *error)
{
	const struct suite *suite =
		&project->config->suites[project->tests.tests[batch->tests[0]].suite_index];
	const char **files = mem_calloc(batch->test_count, sizeof(files[0]));
	uint64_t *counts = mem_calloc(batch->test_count, sizeof(counts[0]));
	struct command command;
	struct listing listing = {0};
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
	    listing_read((enum listing_kind)suite->preset.list_format, text_buf_text(&output),
	                 command.dir, files, batch->test_count, &listing, error) == 0)
		status = 0;
	listing_count(&listing, batch->test_count, counts);
	for (i = 0; status == 0 && i < batch->test_count; i++) {
		if (counts[i] == 0)
			project->tests.tests[batch->tests[i]].skip_reason =
				mem_strdup("the suite's args leave nothing of it to run");
	}
	remove_tree(command.tmp_dir);
	command_deinit(&command);
	text_buf_deinit(&output);
	listing_deinit(&listing);
	free(counts);
	free(files);
	return status;
}

static int ask_suite(struct project *project, const struct command_context *context,
                     uint32_t suite_index, struct tanda_error *error)
{
	const struct suite *suite = &project->config->suites[suite_index];
	size_t most = suite->preset.list_format == LISTING_COUNT ? 1 : FILES_PER_LISTING;
	uint32_t *tests = mem_calloc(project->tests.count, sizeof(tests[0]));
	size_t count = 0, from, i;
	int status = 0;

	for (i = 0; i < project->tests.count; i++) {
		if (project->tests.tests[i].suite_index == suite_index)
			tests[count++] = (uint32_t)i;
	}
	for (from = 0; from < count && status == 0; from += most) {
		struct command_batch batch = {
			.attempt = 1,
			.node = "local",
			.tests = tests + from,
			.test_count = count - from < most ? count - from : most,
		};

		status = ask(project, context, &batch, error);
	}
	free(tests);
	return status;
}

int listing_drop_empty(struct project *project, struct tanda_error *error)
{
	const char *base = getenv("TMPDIR");
	char *tmp_root =
		mem_printf("%s/tanda-XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");
	struct command_context context = {
		.project = project, .run_id = "listing", .out_dir = tmp_root, .tmp_root = tmp_root};
	uint32_t i;
	bool is_made = false;

	for (i = 0; i < project->config->suite_count; i++) {
		const struct suite *suite = &project->config->suites[i];
		struct tanda_error fault = TANDA_ERROR_INIT;

		if (suite->args == NULL || suite->args[0] == NULL || suite->preset.list == NULL)
			continue;
		if (!is_made && mkdtemp(tmp_root) == NULL) {
			tanda_error_set(error, tmp_root, "a temporary folder cannot be made: %s",
			                strerror(errno));
			free(tmp_root);
			return -1;
		}
		is_made = true;
		if (ask_suite(project, &context, i, &fault) < 0)
			project_warn(project, "suite '%s': its own listing failed: %s", suite->name,
			             fault.message);
	}
	if (is_made)
		remove_tree(tmp_root);
	free(tmp_root);
	return 0;
}
