/* attempt.c - see attempt.h. */
#include "runner/run/attempt.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/discover/listing.h"
#include "runner/record/file.h"
#include "runner/run/casemap.h"
#include "runner/run/tail.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	LOG_MAX_BYTES = 16 * 1024 * 1024,
	LISTING_MAX_BYTES = 64 * 1024 * 1024,
	SHELL_SIGNAL_BASE = 128,
	CLOCKS_NS = 1000 * 1000 * 1000, /* by which a report's clock may differ */
};

static const struct suite *suite_of(const struct batch_attempt *attempt,
                                    const struct command_context *context)
{
	const struct test *test = &context->project->tests.tests[attempt->tests[0]];

	return &context->project->config->suites[test->suite_index];
}

struct batch_attempt *batch_attempt_new(const struct command_context *context,
                                        const struct command_batch *batch, uint32_t *tests,
                                        enum batch_reason reason, uint64_t limit_ms)
{
	struct batch_attempt *attempt = mem_calloc(1, sizeof(*attempt));
	const struct suite *suite;

	attempt->batch = *batch;
	attempt->batch.tests = tests;
	attempt->tests = tests;
	attempt->reason = reason;
	suite = suite_of(attempt, context);
	attempt->limit_ms = limit_ms;
	clock_gettime(CLOCK_REALTIME, &attempt->started_at);
	attempt->is_empty = mem_calloc(batch->test_count, sizeof(attempt->is_empty[0]));
	results_init(&attempt->results);
	command_build(&attempt->command, context, &attempt->batch);
	attempt->assignment = (struct assignment){
		.key = attempt->command.key,
		.limit_ms = limit_ms,
		.grace_ms = context->project->config->grace_ms,
		.stop_signal = suite_stop_signal(suite),
		.log_max_bytes = LOG_MAX_BYTES,
		.run_dir = context->tmp_root,
		.data = attempt,
	};
	batch_attempt_assign(attempt, &attempt->command);
	return attempt;
}

void batch_attempt_assign(struct batch_attempt *attempt, const struct command *command)
{
	struct assignment *assignment = &attempt->assignment;
	bool is_remote = attempt->batch.is_remote;

	assignment->argv = (const char *const *)command->argv;
	assignment->env = is_remote ? NULL : (const char *const *)command->env;
	assignment->own_env = is_remote ? (const char *const *)command->env : NULL;
	assignment->dir = is_remote ? NULL : command->dir;
	assignment->work_dir = command->work_dir;
	assignment->report_dir = command->report_dir;
	assignment->wanted_files = (const char *const *)command->wanted_files;
	assignment->files_dir = command->files_dir;
	assignment->files = command->files;
	assignment->file_count = command->file_count;
	assignment->follows = FOLLOWS_NOTHING;
	assignment->tmp_dir = is_remote ? NULL : command->tmp_dir;
	assignment->log_path = command->log_path;
}

void batch_attempt_free(struct batch_attempt *attempt)
{
	if (attempt == NULL)
		return;
	progress_free(attempt->progress);
	command_deinit(&attempt->command);
	command_deinit(&attempt->listing);
	results_deinit(&attempt->results);
	free(attempt->ending_message);
	free(attempt->ending_leaked);
	free(attempt->node_dir);
	free(attempt->early_handle);
	free(attempt->early_moves);
	free(attempt->is_empty);
	free(attempt->tests);
	free(attempt);
}

void batch_attempt_take_ending(struct batch_attempt *attempt, const struct ending *ending)
{
	attempt->ending = *ending;
	attempt->ending_message = mem_strdup(ending->message != NULL ? ending->message : "");
	attempt->ending_leaked = mem_strdup(ending->leaked != NULL ? ending->leaked : "");
	attempt->ending.message = attempt->ending_message;
	if (attempt->is_over_limit && ending->kind == ENDING_CANCELLED) {
		attempt->ending.kind = ENDING_RESULT;
		attempt->ending.timed_out = true;
	}
	attempt->ending.leaked = attempt->ending_leaked;
	if (ending->workspace != NULL)
		attempt->node_dir = mem_printf("%s%s", ending->workspace,
		                               attempt->command.work_dir + strlen(NODE_WORKSPACE));
	attempt->ending.workspace = NULL;
}

bool batch_attempt_died_of_strangers_signal(const struct batch_attempt *attempt)
{
	static const int aborts[] = {SIGTERM, SIGINT, SIGHUP};
	const struct ending *ending = &attempt->ending;
	size_t i;

	if (ending->stopped || ending->kind == ENDING_REFUSED)
		return false;
	for (i = 0; i < countof(aborts); i++) {
		if (ending->signal == aborts[i] ||
		    (ending->signal == 0 && ending->exit_code == SHELL_SIGNAL_BASE + aborts[i]))
			return true;
	}
	return false;
}

int batch_attempt_stop_signal(const struct batch_attempt *attempt, int signal_number)
{
	int own = attempt->assignment.stop_signal;

	return own != 0 ? own : signal_number;
}

const char *batch_attempt_refusal(const struct batch_attempt *attempt,
                                  const struct command_context *context)
{
	const char *refusal = NULL;
	size_t i;

	for (i = 0; i < attempt->batch.test_count && refusal == NULL; i++)
		refusal = suite_refusal(suite_of(attempt, context),
		                        context->project->tests.tests[attempt->tests[i]].file);
	return refusal;
}

/* Is one of its tests a case? The framework itself has listed it: it is there to be run. */
static bool has_single_cases(const struct batch_attempt *attempt,
                             const struct command_context *context)
{
	size_t i;

	for (i = 0; i < attempt->batch.test_count; i++) {
		if (context->project->tests.tests[attempt->tests[i]].case_name != NULL)
			return true;
	}
	return false;
}

void batch_attempt_follow(struct batch_attempt *attempt, const struct command_context *context,
                          const struct run_clock *clock, progress_fn on_moved)
{
	const struct progress_source source = {
		.project = context->project,
		.tests = attempt->tests,
		.test_count = attempt->batch.test_count,
		.lines_path = attempt->command.progress_path,
		.is_told = attempt->batch.is_remote,
		.report_dir = attempt->command.report_dir,
		.clock = clock,
	};
	enum progress_kind kind = suite_of(attempt, context)->preset.progress;
	uint64_t sum_ms = 0;
	size_t i;

	if (kind == TELLS_NOTHING || attempt->batch.test_count == 1 || !attempt->batch.is_followed)
		return;
	/* A file's report tells nothing of its single cases. */
	if (kind == TELLS_BY_REPORTS && has_single_cases(attempt, context))
		return;
	if (attempt->batch.is_remote)
		attempt->assignment.follows =
			kind == TELLS_BY_LINES ? FOLLOWS_LINES : FOLLOWS_REPORTS;
	attempt->progress = progress_new(&source, on_moved, attempt);
	for (i = 0; i < attempt->batch.test_count; i++)
		sum_ms += context->project->tests.tests[attempt->tests[i]].limit_ms;
	if (attempt->limit_ms > 0)
		attempt->assignment.limit_ms = sum_ms + attempt->limit_ms;
}

static bool has_report(const struct suite *suite)
{
	return suite->preset.reports != NULL && suite->preset.reports[0] != NULL;
}

/* What is found below it was left by this attempt, when it is not older than `since`. */
static const char *left_dir(const struct batch_attempt *attempt, struct timespec *ret_since)
{
	*ret_since = attempt->started_at;
	if (!attempt->batch.is_remote)
		return attempt->command.dir;
	*ret_since = (struct timespec){0}; /* its driver has seen to that, by the node's clock */
	return attempt->command.files_dir;
}

/* From the folder that it writes to whatever it is told, those of this attempt. */
static void fetch_reports(const struct batch_attempt *attempt, const struct suite *suite)
{
	struct timespec since;
	const char *dir = left_dir(attempt, &since);
	char *folder = mem_printf("%s/%s", dir, suite->preset.report_folder);

	collect_files(folder, (const char *const *)suite->preset.reports, since,
	              attempt->command.report_dir);
	free(folder);
}

void batch_attempt_read(struct batch_attempt *attempt, const struct command_context *context)
{
	const struct suite *suite = suite_of(attempt, context);
	const struct secrets *secrets = &context->project->secrets;

	if (has_report(suite) && suite->preset.report_folder != NULL)
		fetch_reports(attempt, suite);
	secrets_hide_folder(secrets, attempt->command.report_dir);
	if (has_report(suite))
		results_read(&attempt->results, attempt->command.report_dir,
		             (const char *const *)suite->preset.reports,
		             suite->preset.report_format);
	else
		attempt->results.state = REPORT_NONE_EXPECTED;
	if (suite->collect != NULL && suite->collect[0] != NULL) {
		char *target =
			mem_printf("%s/collected/%05u", context->out_dir, attempt->batch.number);
		struct timespec since;
		const char *dir = left_dir(attempt, &since);

		attempt->collected =
			collect_files(dir, (const char *const *)suite->collect, since, target);
		secrets_hide_folder(secrets, target);
		free(target);
	}
}

bool batch_attempt_leaves_files(const struct batch_attempt *attempt,
                                const struct command_context *context)
{
	const struct suite *suite = suite_of(attempt, context);

	return (suite->collect != NULL && suite->collect[0] != NULL) || has_report(suite);
}

/* Is the number in the list? */
static bool is_among(int32_t number, const int32_t *numbers, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (numbers[i] == number)
			return true;
	}
	return false;
}

/* What an exit code means to the suite's framework. */
struct exit_meaning {
	bool is_complete, is_passed, is_empty, is_skipped;
	bool is_good; /* nothing failed */
};

static struct exit_meaning meaning_of(const struct preset *preset, int exit_code)
{
	struct exit_meaning meaning = {
		.is_passed = is_among(exit_code, preset->exit_passed, preset->exit_passed_count),
		.is_empty = is_among(exit_code, preset->exit_empty, preset->exit_empty_count),
		.is_skipped = is_among(exit_code, preset->exit_skipped, preset->exit_skipped_count),
	};

	meaning.is_good = meaning.is_passed || meaning.is_empty || meaning.is_skipped;
	meaning.is_complete =
		preset->exit_complete_count == 0 || meaning.is_empty || meaning.is_skipped ||
		is_among(exit_code, preset->exit_complete, preset->exit_complete_count);
	return meaning;
}

static bool ended_by_itself(const struct batch_attempt *attempt, const struct suite *suite)
{
	const struct ending *ending = &attempt->ending;

	return ending->kind == ENDING_RESULT && ending->signal == 0 && !ending->stopped &&
	       !casemap_is_cut(&attempt->results) &&
	       meaning_of(&suite->preset, ending->exit_code).is_complete;
}

static size_t *map_cases(const struct batch_attempt *attempt, const struct command_context *context)
{
	return casemap(context->project, attempt->tests, attempt->batch.test_count,
	               attempt->node_dir, &attempt->results);
}

/* How many tests of the batch have no case? */
static size_t count_missing(const struct batch_attempt *attempt, const size_t *positions)
{
	bool *seen = mem_calloc(attempt->batch.test_count, sizeof(seen[0]));
	size_t missing = attempt->batch.test_count, i;

	for (i = 0; i < attempt->results.count; i++) {
		if (positions[i] >= attempt->batch.test_count || seen[positions[i]])
			continue;
		seen[positions[i]] = true;
		missing--;
	}
	free(seen);
	return missing;
}

static bool has_failed_case(const struct batch_attempt *attempt)
{
	size_t i;

	for (i = 0; i < attempt->results.count; i++) {
		enum case_status status = attempt->results.cases[i].result.status;

		if (status == CASE_FAILED || status == CASE_ERROR)
			return true;
	}
	return false;
}

/* Does it say so, by its exit code or in its last words? */
static bool says_empty(const struct batch_attempt *attempt, const struct preset *preset,
                       const struct exit_meaning *meaning)
{
	struct text_buf tail;
	bool is_said;

	if (meaning->is_empty)
		return true;
	if (!meaning->is_passed || preset->empty_output == NULL)
		return false;
	text_buf_init(&tail, TAIL_MAX_BYTES);
	tail_read(attempt->command.log_path, &tail);
	is_said = text_contains(text_buf_text(&tail), text_from(preset->empty_output));
	text_buf_deinit(&tail);
	return is_said;
}

bool batch_attempt_is_doubtful(struct batch_attempt *attempt, const struct command_context *context)
{
	const struct suite *suite = suite_of(attempt, context);
	struct exit_meaning meaning = meaning_of(&suite->preset, attempt->ending.exit_code);
	size_t *positions, missing, i;

	if (!has_report(suite) || !ended_by_itself(attempt, suite) ||
	    attempt->results.state == REPORT_BROKEN)
		return false;
	if (!meaning.is_good && !has_failed_case(attempt))
		return false; /* something failed that no case tells: that is no empty test */
	positions = map_cases(attempt, context);
	missing = count_missing(attempt, positions);
	free(positions);
	if (attempt->results.count == 0 && says_empty(attempt, &suite->preset, &meaning)) {
		for (i = 0; i < attempt->batch.test_count; i++)
			attempt->is_empty[i] = true;
		missing = 0;
	}
	return missing > 0 && suite->preset.list != NULL && !has_single_cases(attempt, context);
}

void batch_attempt_read_listing(struct batch_attempt *attempt,
                                const struct command_context *context, int exit_code)
{
	const struct suite *suite = suite_of(attempt, context);
	struct tanda_error error = TANDA_ERROR_INIT;
	size_t file_count;
	const char **files = casemap_files(context->project, attempt->tests,
	                                   attempt->batch.test_count, &file_count);
	uint64_t *counts = mem_calloc(attempt->batch.test_count, sizeof(counts[0]));
	struct listing listing = {0};
	struct text_buf output;
	size_t i;

	text_buf_init(&output, LISTING_MAX_BYTES);
	if (suite_exits_well(suite, exit_code) &&
	    file_read(attempt->listing.log_path, &output, &error) == 0 &&
	    listing_read((enum listing_kind)suite->preset.list_format, text_buf_text(&output),
	                 attempt->node_dir != NULL ? attempt->node_dir : attempt->listing.dir,
	                 files, attempt->batch.test_count, &listing, &error) == 0) {
		listing_count(&listing, attempt->batch.test_count, counts);
		for (i = 0; i < attempt->batch.test_count; i++)
			attempt->is_empty[i] = counts[i] == 0;
	}
	text_buf_deinit(&output);
	listing_deinit(&listing);
	free(counts);
	free(files);
}

static void record_cases(const struct batch_attempt *attempt, const struct command_context *context,
                         struct recorder *recorder)
{
	size_t *positions = map_cases(attempt, context);
	bool comes_again = count_missing(attempt, positions) > 0;
	size_t i;

	for (i = 0; i < attempt->results.count; i++) {
		const struct found_case *found = &attempt->results.cases[i];
		uint32_t test = TEST_UNPLANNED;

		if (positions[i] == CASEMAP_LEFT_OUT)
			continue;
		/* Whose it is shows when the tests that it kept from running run alone. */
		if (positions[i] == CASEMAP_NONE && found->result.is_outside && comes_again)
			continue;
		if (positions[i] != CASEMAP_NONE)
			test = attempt->tests[positions[i]];
		recorder_add(recorder, (struct event){.kind = EVENT_CASE_REPORTED,
		                                      .case_reported = {attempt->batch.number, test,
		                                                        found->result}});
	}
	free(positions);
}

static void record_empty(const struct batch_attempt *attempt, const struct command_context *context,
                         struct recorder *recorder)
{
	const struct suite *suite = suite_of(attempt, context);
	bool has_args = suite->args != NULL && suite->args[0] != NULL;
	size_t i;

	for (i = 0; i < attempt->batch.test_count; i++) {
		if (!attempt->is_empty[i])
			continue;
		recorder_add(recorder,
		             (struct event){
				     .kind = EVENT_TEST_EMPTY,
				     .test_empty = {attempt->batch.number, attempt->tests[i],
		                                    has_args ? TEXT_LIT("the suite's args leave "
		                                                        "nothing of it to run")
		                                             : TEXT_LIT("it holds nothing to run")},
			     });
	}
}

static bool is_good(const struct batch_attempt *attempt, const struct exit_meaning *meaning)
{
	return !has_failed_case(attempt) && attempt->ending.kind == ENDING_RESULT &&
	       attempt->ending.signal == 0 && meaning->is_good;
}

/* What went wrong besides the tests, in words. */
static struct text end_message(const struct batch_attempt *attempt, bool is_cut)
{
	if (attempt->ending.message[0] != '\0')
		return text_from(attempt->ending.message);
	if (is_cut)
		return TEXT_LIT(
			"its framework was interrupted: its report ends in the middle of a test");
	return text_from(attempt->results.message);
}

static void record_end(const struct batch_attempt *attempt, const struct command_context *context,
                       struct recorder *recorder)
{
	const struct suite *suite = suite_of(attempt, context);
	const struct ending *ending = &attempt->ending;
	struct exit_meaning meaning = meaning_of(&suite->preset, ending->exit_code);
	bool is_cut = casemap_is_cut(&attempt->results);
	struct text_buf tail;

	text_buf_init(&tail, TAIL_MAX_BYTES);
	if (ending->output_bytes > 0 && !is_good(attempt, &meaning))
		tail_read(attempt->command.log_path, &tail);
	recorder_add(
		recorder,
		(struct event){
			.kind = EVENT_BATCH_ENDED,
			.batch_ended =
				{
					.batch = attempt->batch.number,
					.ending = ending->kind,
					.exit_code = ending->exit_code,
					.signal = ending->signal,
					.core_dumped = ending->core_dumped,
					.timed_out = ending->timed_out,
					.stopped = ending->stopped,
					.exit_expected = meaning.is_complete && !is_cut,
					.exit_failed = !meaning.is_passed && !meaning.is_empty &&
	                                               !meaning.is_skipped,
					.exit_skipped = meaning.is_skipped,
					.is_orphan = attempt->is_orphan,
					.report = attempt->results.state,
					.message = end_message(attempt, is_cut),
					.elapsed_ns = ending->elapsed_ns,
					.cpu_ns = ending->cpu_ns,
					.peak_bytes = ending->peak_bytes,
					.output_bytes = ending->output_bytes,
					.dropped_bytes = ending->dropped_bytes,
					.leaked_count = ending->leaked_count,
					.leaked = text_from(ending->leaked),
					.log = ending->output_bytes > 0
	                                               ? text_from(attempt->command.log_name)
	                                               : TEXT_EMPTY,
					.tail = text_buf_text(&tail),
				},
		});
	text_buf_deinit(&tail);
}

/* Say so when not everything could be kept. */
static void record_collected(const struct batch_attempt *attempt, struct recorder *recorder)
{
	char message[160];

	if (attempt->collected.left_count == 0)
		return;
	snprintf(message, sizeof(message),
	         "batch %u: %zu files that match \"collect\" were not kept (too many or too large)",
	         attempt->batch.number, attempt->collected.left_count);
	recorder_warn(recorder, message);
}

/* Cases may run side by side, but none longer than the batch that it was in. */
static void record_claim(const struct batch_attempt *attempt, const struct command_context *context,
                         struct recorder *recorder)
{
	uint64_t most_ns = attempt->ending.elapsed_ns + attempt->ending.elapsed_ns / 10 + CLOCKS_NS;
	char message[TANDA_MESSAGE_MAX];
	size_t i;

	for (i = 0; i < attempt->results.count && !recorder->has_told_of_times; i++) {
		const struct case_result *result = &attempt->results.cases[i].result;

		if (result->time_ns <= most_ns)
			continue;
		recorder->has_told_of_times = true;
		snprintf(message, sizeof(message),
		         "%.100s: a report says that '%.*s' took %.1f s, but its whole batch took "
		         "%.1f s: are its times in another unit than seconds? Expected times come "
		         "from reports; what was saved and lost is told by what batches took",
		         suite_of(attempt, context)->name, TEXT_ARG(text_head(result->name, 200)),
		         (double)result->time_ns / 1e9, (double)attempt->ending.elapsed_ns / 1e9);
		recorder_warn(recorder, message);
	}
}

void batch_attempt_record(struct batch_attempt *attempt, const struct command_context *context,
                          struct recorder *recorder)
{
	record_collected(attempt, recorder);
	record_claim(attempt, context, recorder);
	record_cases(attempt, context, recorder);
	record_empty(attempt, context, recorder);
	record_end(attempt, context, recorder);
}

/* Is there nothing in the folder, or no folder? */
static bool is_empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	while (dir != NULL && count <= 2 && readdir(dir) != NULL)
		count++; /* "." and ".." are always there */
	if (dir != NULL)
		closedir(dir);
	return count <= 2;
}

void batch_attempt_keep_folder(const struct batch_attempt *attempt)
{
	const struct command *command = &attempt->command;

	if (strcmp(command->report_dir, command->kept_dir) != 0 &&
	    !is_empty_folder(command->report_dir))
		(void)!rename(command->report_dir, command->kept_dir);
}

void batch_attempt_clean_up(const struct batch_attempt *attempt)
{
	rmdir(attempt->command.kept_dir); /* stays when there is something in it */
	if (attempt->command.list_path != NULL)
		unlink(attempt->command.list_path);
	if (attempt->command.files_dir != NULL)
		remove_tree(attempt->command.files_dir);
	if (attempt->listing.log_path != NULL) {
		unlink(attempt->listing.log_path);
		rmdir(attempt->listing.report_dir);
	}
}
