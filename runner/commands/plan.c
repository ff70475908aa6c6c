/* plan.c - `tanda plan`: a rehearsal of the run, of the project's tests or of
 * reports alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands/commands.h"
#include "runner/commands/plan_request.h"
#include "runner/record/plan_file.h"
#include "runner/report/counter.h"
#include "runner/report/explain_text.h"
#include "runner/report/plan_text.h"
#include "runner/run/node_spec.h"
#include "runner/run/reported.h"
#include "shards/base/mem.h"
#include "shards/plan/estimate.h"
#include "shards/plan/explain.h"
#include "shards/plan/outlook.h"
#include "shards/plan/rehearse.h"
#include "shards/plan/sweep.h"
#include "tanda/error.h"

enum { SCREEN_MAX_BYTES = 64 * 1024 * 1024, REPORT_WORKERS = 4 };

/* Where the tests come from, and what they run on. */
struct source {
	struct project *project; /* NULL: reports */
	struct reported reported;
	bool has_reported;
	struct node_specs nodes;
	struct plan_suite suite; /* of reports */
	struct plan_node node;   /* in place of the nodes */
	struct plan_input input;
};

static void source_deinit(struct source *source)
{
	project_free(source->project);
	if (source->has_reported)
		reported_deinit(&source->reported);
	node_specs_deinit(&source->nodes);
}

/* ---- where the tests come from ---- */

static int open_reports(const struct options *options, const struct plan_request *request,
                        struct source *source, struct tanda_error *error)
{
	const struct reported *reported = &source->reported;

	if (options->argument_count == 0) {
		tanda_error_set(error, "--junit", "expected JUnit XML files, or folders of them");
		tanda_error_hint(error, "for example: tanda plan --junit build/test-results");
		return -1;
	}
	if (reported_read(options->arguments, &source->reported, error) < 0)
		return -1;
	source->has_reported = true;
	fprintf(stderr, "read %zu %s of %zu %s: %zu cases in %zu tests, %zu areas\n",
	        reported->file_count, reported->file_count == 1 ? "report" : "reports",
	        reported->run_count, reported->run_count == 1 ? "run" : "runs",
	        reported->case_count, reported->tests.count, reported->tests.area_count);
	if (reported->notes.len > 0)
		fprintf(stderr, "%s", reported->notes.ptr);
	source->suite =
		(struct plan_suite){.start_up_ns = request->start_up_ns, .spread = SPREAD_UNKNOWN};
	source->node = (struct plan_node){.name = "local", .executors = REPORT_WORKERS, .speed = 1};
	source->input = (struct plan_input){.tests = &reported->tests,
	                                    .suites = &source->suite,
	                                    .nodes = &source->node,
	                                    .node_count = 1};
	return 0;
}

/* A plan of guesses must not look like one of measurements. */
static void say_what_is_known(const struct test_list *tests)
{
	size_t known = estimate_known_count(tests);

	if (known == 0 && tests->count > 0)
		fprintf(stderr, "no test has run here yet: these are guesses by the size of files; "
		                "tanda run measures, tanda plan --junit reads reports\n");
	else if (known < tests->count)
		fprintf(stderr,
		        "times are known of %zu of %zu tests; the others count as the slower ones "
		        "of their area\n",
		        known, tests->count);
}

static int open_project(const struct options *options, const struct plan_request *request,
                        struct source *source, struct tanda_error *error)
{
	const struct opening opening = {.asks_frameworks = true,
	                                .worker_count = request->most_workers,
	                                .longest_ns = request->outlook.target_ns,
	                                .nodes = source->nodes.nodes,
	                                .node_count = source->nodes.count};
	size_t i;

	if (commands_open_project(options, &opening, &source->project, error) < 0)
		return -1;
	commands_say_assumptions(source->project);
	for (i = 0; i < source->project->warning_count; i++)
		fprintf(stderr, "warning: %s\n", source->project->warnings[i]);
	source->input = source->project->planning.input;
	say_what_is_known(&source->project->tests);
	return 0;
}

/* The workers that were asked for, in place of those that are there. */
static int replace_nodes(const struct plan_request *request, struct source *source,
                         struct tanda_error *error)
{
	if (source->nodes.count > 0) {
		source->input.nodes = source->nodes.nodes;
		source->input.node_count = source->nodes.count;
	} else if (request->workers > 0) {
		source->input = sweep_input(&source->input, request->workers, &source->node);
	}
	return plan_input_check(&source->input, error);
}

static int open_source(const struct options *options, const struct plan_request *request,
                       struct source *source, struct tanda_error *error)
{
	int status;

	if (options->nodes != NULL && node_specs_parse(options->nodes, &source->nodes, error) < 0)
		return -1;
	status = options->from_reports ? open_reports(options, request, source, error)
	                               : open_project(options, request, source, error);
	return status < 0 ? -1 : replace_nodes(request, source, error);
}

/* ---- what comes of it ---- */

static void on_rehearsal(void *data, uint64_t done, uint64_t total)
{
	counter_show(data, done, total);
}

static void rehearse_all(const struct plan_request *request, struct source *source,
                         struct plan *plan)
{
	struct outlook_request outlook = request->outlook;
	struct counter counter;

	counter_init(&counter, stderr, "rehearsing numbers of workers:");
	outlook.on_rehearsal = on_rehearsal;
	outlook.data = &counter;
	outlook_find(&source->input, &outlook, plan);
	counter_clear(&counter);
}

static void make_plan(const struct plan_request *request, struct source *source, struct plan *plan)
{
	uint32_t *shards;

	if (request->shard_count == 0) {
		rehearse_all(request, source, plan);
		return;
	}
	shards = mem_calloc(source->input.tests->count, sizeof(shards[0]));
	outlook_split(&source->input, request->shard_count, true, shards, plan);
	free(shards);
}

/* Nobody knows beforehand what they take. */
static void add_around(struct text_buf *out, const struct config *config)
{
	static const char before[] = "around the tests, and not in these times: ";
	const char *joint = before;
	size_t i;

	for (i = 0; i < HOOK_SCOPES; i++) {
		const char *scope = hook_scope_name((enum hook_scope)i);

		if (config->hooks[i].before != NULL) {
			text_buf_printf(out, "%shooks.%s.before", joint, scope);
			joint = ", ";
		}
		if (config->hooks[i].after != NULL) {
			text_buf_printf(out, "%shooks.%s.after", joint, scope);
			joint = ", ";
		}
	}
	for (i = 0; i < config->pool_count; i++) {
		if (config->pools[i].up != NULL) {
			text_buf_printf(out, "%spools.%s.up", joint, config->pools[i].name);
			joint = ", ";
		}
	}
	if (joint != before)
		text_buf_add_char(out, '\n');
}

static void print_screen(const struct source *source, const struct plan_request *request,
                         const struct plan *plan)
{
	const struct plan_text_options options = {.unicode = console_wants_unicode(),
	                                          .noise = request->outlook.noise};
	struct text_buf text;

	text_buf_init(&text, SCREEN_MAX_BYTES);
	plan_text(&text, plan, source->input.tests, &options);
	if (source->project != NULL)
		add_around(&text, source->project->config);
	fwrite(text.ptr, 1, text.len, stdout);
	text_buf_deinit(&text);
}

static int print_json(const struct plan *plan, struct tanda_error *error)
{
	struct text_buf json;
	int status;

	text_buf_init(&json, PLAN_FILE_MAX_BYTES);
	status = plan_file_put_whole(&json, plan, "--json", error);
	if (status == 0)
		fwrite(json.ptr, 1, json.len, stdout);
	text_buf_deinit(&json);
	return status;
}

static int show(const struct options *options, const struct plan_request *request,
                struct source *source, struct tanda_error *error)
{
	struct plan plan;
	int status = 0;

	make_plan(request, source, &plan);
	if (options->plan_out != NULL)
		status = plan_file_write(options->plan_out, &plan, error);
	if (status == 0 && options->json)
		status = print_json(&plan, error);
	else if (status == 0)
		print_screen(source, request, &plan);
	if (status == 0 && options->plan_out != NULL)
		fprintf(stderr, "wrote %s: %zu tests in %zu shards, digest %016llx\n",
		        options->plan_out, plan_test_count(&plan), plan.shard_count,
		        (unsigned long long)plan.digest);
	plan_deinit(&plan);
	return status;
}

/* ---- why ---- */

/* The test that is called so, or the only one that has it in its id. */
static int find_test(const struct test_list *tests, const char *wanted, uint32_t *ret_test,
                     struct tanda_error *error)
{
	size_t found = 0, i;
	uint32_t last = 0;

	for (i = 0; i < tests->count; i++) {
		if (strcmp(tests->tests[i].id, wanted) == 0) {
			*ret_test = (uint32_t)i;
			return 0;
		}
		if (strstr(tests->tests[i].id, wanted) == NULL)
			continue;
		last = (uint32_t)i;
		found++;
	}
	if (found == 1) {
		*ret_test = last;
		return 0;
	}
	tanda_error_set(error, "--explain",
	                found == 0 ? "no test is called '%.300s'"
	                           : "several tests have '%.300s' in their id",
	                wanted);
	tanda_error_hint(error, "tanda list prints every id");
	return -1;
}

static int explain_test(const char *wanted, struct source *source, struct tanda_error *error)
{
	struct rehearsal *rehearsal;
	struct explanation why;
	struct pieces *pieces;
	struct text_buf text;
	uint32_t test;

	if (find_test(source->input.tests, wanted, &test, error) < 0)
		return -1;
	pieces = pieces_new(&source->input);
	rehearsal = mem_calloc(1, sizeof(*rehearsal));
	rehearse(pieces, rehearsal);
	explain(pieces, &rehearsal->policy, test, &why);
	text_buf_init(&text, SCREEN_MAX_BYTES);
	explain_text(&text, &why);
	if (!why.is_skipped)
		text_buf_printf(&text, "  handed out: %s\n", rehearsal->words);
	fwrite(text.ptr, 1, text.len, stdout);
	text_buf_deinit(&text);
	free(rehearsal);
	pieces_free(pieces);
	return 0;
}

int command_plan(const struct options *options)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct source source = {.project = NULL};
	struct plan_request request;
	int code = 0, status = -1;

	if (plan_request_parse(options, &request, &error) < 0)
		return commands_fail_as(&error, TANDA_CODE_OPTION_VALUE);
	if (open_source(options, &request, &source, &error) == 0 &&
	    source.input.tests->count == 0) {
		fprintf(stderr, "exit %d: nothing to plan\n", EXIT_NOTHING);
		source_deinit(&source);
		return EXIT_NOTHING;
	}
	if (!tanda_error_is_set(&error))
		status = options->explain != NULL ? explain_test(options->explain, &source, &error)
		                                  : show(options, &request, &source, &error);
	if (status < 0)
		code = commands_fail_as(&error, TANDA_CODE_PLAN);
	source_deinit(&source);
	return code;
}
