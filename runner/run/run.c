/* run.c - see run.h. */
#include "runner/run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/record/history.h"
#include "runner/record/outdir.h"
#include "runner/record/plan_file.h"
#include "runner/run/build_info.h"
#include "runner/run/coordinator.h"
#include "runner/run/display.h"
#include "runner/run/hindsight.h"
#include "runner/run/past.h"
#include "runner/run/plan_events.h"
#include "runner/run/plugins.h"
#include "runner/run/pools.h"
#include "runner/run/recall.h"
#include "runner/run/recorder.h"
#include "runner/run/reports.h"
#include "runner/run/resume.h"
#include "shards/base/mem.h"
#include "shards/plan/outlook.h"
#include "tanda/error.h"

enum {
	LAST_WORDS_MS = 1000,
	LOOK_AROUND_MS = 100,
	RUN_ID_BYTES = 4,
	HOST_MAX_BYTES = 256,
};

/* What a run holds open, from its folders to its journal. */
struct run {
	struct project *project;
	const struct run_options *options;
	char *out_dir; /* absolute */
	char *tmp_root;
	uint32_t worker_count;
	char *run_id;
	char host[HOST_MAX_BYTES];
	struct outdir *outdir;
	struct outlet *outlet;
	int null_fd; /* of a trial; -1: none */
	struct recorder recorder;
};

/* Time and chance: unique among the runs of a project, and in order when sorted. */
static char *new_run_id(const struct run_clock *clock)
{
	unsigned char chance[RUN_ID_BYTES] = {0};
	char stamp[32];
	struct tm utc;

	(void)!getrandom(chance, sizeof(chance), GRND_NONBLOCK);
	gmtime_r(&clock->started.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
	return mem_printf("%s-%02x%02x%02x%02x", stamp, chance[0], chance[1], chance[2], chance[3]);
}

static int make_tmp_root(struct run *run, struct tanda_error *error)
{
	const char *base = getenv("TMPDIR");
	char *path = mem_printf("%s/tanda-XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");

	if (mkdtemp(path) == NULL) {
		tanda_error_set(error, path, "a folder for temporary files cannot be made: %s",
		                strerror(errno));
		tanda_error_hint(error, "set TMPDIR to a folder that you may write in");
		free(path);
		return -1;
	}
	run->tmp_root = path;
	return 0;
}

static int make_subfolder(const char *out_dir, const char *name, struct tanda_error *error)
{
	char *path = mem_printf("%s/%s", out_dir, name);
	int status = 0;

	if (mkdir(path, 0777) < 0 && errno != EEXIST) {
		tanda_error_set(error, path, "it cannot be made: %s", strerror(errno));
		status = -1;
	}
	free(path);
	return status;
}

/* The folder that the resumed run was claimed with, or a new one's. */
static int claim_folder(struct run *run, struct tanda_error *error)
{
	struct resume *resume = run->options->resume;

	if (resume == NULL)
		return outdir_claim(run->options->out_dir, &run->outdir, error);
	run->outdir = resume->outdir;
	resume->outdir = NULL;
	return 0;
}

static int open_folders(struct run *run, struct tanda_error *error)
{
	if (claim_folder(run, error) < 0)
		return -1;
	run->out_dir = realpath(run->options->out_dir, NULL);
	if (run->out_dir == NULL) {
		tanda_error_set(error, run->options->out_dir, "it cannot be found: %s",
		                strerror(errno));
		return -1;
	}
	if (make_subfolder(run->out_dir, "logs", error) < 0 ||
	    make_subfolder(run->out_dir, "batches", error) < 0)
		return -1;
	return make_tmp_root(run, error);
}

static int open_journal(struct run *run, struct tanda_error *error)
{
	char *path = reports_journal_path(run->out_dir);
	int status = journal_create(path, &run->recorder.journal, error);

	free(path);
	return status;
}

/* What open batches left in the folders that the next ones will use is nobody's. */
static void remove_worker_leftovers(const struct run *run)
{
	uint32_t i;

	for (i = 0; i < run->worker_count; i++) {
		char *path = mem_printf("%s/batches/worker-%u", run->out_dir, i);

		remove_tree(path);
		free(path);
	}
}

/* Folders, journal, and the names that go into it. */
static int open_records(struct run *run, struct tanda_error *error)
{
	if (gethostname(run->host, sizeof(run->host) - 1) < 0)
		snprintf(run->host, sizeof(run->host), "localhost");
	if (open_folders(run, error) < 0)
		return -1;
	if (run->options->resume == NULL) {
		run->run_id = new_run_id(&run->recorder.clock);
		return open_journal(run, error);
	}
	if (resume_begin(run->options->resume, &run->recorder, error) < 0)
		return -1;
	resume_remove_tmp(run->options->resume, run->tmp_root);
	run->run_id = mem_strdup(run->recorder.ledger.run_id);
	remove_worker_leftovers(run);
	return 0;
}

static void warn_of_unfinished(struct run *run)
{
	char message[TANDA_MESSAGE_MAX];

	snprintf(message, sizeof(message),
	         "the run before this one did not end; what it left is in %.800s",
	         outdir_moved_aside(run->outdir));
	recorder_warn(&run->recorder, message);
}

/* What is planned is in the journal, on the disk, before anything starts. */
static int record_plan(struct run *run, struct tanda_error *error)
{
	struct project *project = run->project;
	struct build_info build = {0};
	size_t i;

	if (!run->options->is_trial)
		build_info_find(project, &build);
	plan_events_record(&(struct plan_events){.project = project,
	                                         .recorder = &run->recorder,
	                                         .run_id = run->run_id,
	                                         .host = run->host,
	                                         .options = run->options,
	                                         .build = &build,
	                                         .tmp_root = run->tmp_root});
	build_info_deinit(&build);
	if (outdir_moved_aside(run->outdir) != NULL)
		warn_of_unfinished(run);
	if (outdir_warning(run->outdir) != NULL)
		recorder_warn(&run->recorder, outdir_warning(run->outdir));
	for (i = 0; i < project->warning_count; i++)
		recorder_warn(&run->recorder, project->warnings[i]);
	if (run->recorder.has_failed) {
		tanda_error_set(error, NULL, "%s", run->recorder.fault);
		return -1;
	}
	return journal_sync(run->recorder.journal, error);
}

/* Of a shard: the plan that all shards share, so that any of them can account for the others. */
static int write_plan(const struct run *run, struct tanda_error *error)
{
	const struct planning *planning = &run->project->planning;
	char *path = mem_printf("%s/plan.json", run->out_dir);
	struct plan plan;
	int status;

	if (run->project->sharding != NULL) {
		status = plan_file_write(path, &run->project->sharding->plan, error);
	} else {
		outlook_of_policy(planning->pieces, &planning->policy, &plan);
		status = plan_file_write(path, &plan, error);
		plan_deinit(&plan);
	}
	free(path);
	return status;
}

/* What the journal of a run that goes on holds already, up to where its tanda died. */
static int record_resumption(struct run *run, struct tanda_error *error)
{
	const struct resume *resume = run->options->resume;

	if (run->recorder.console != NULL)
		console_resume(run->recorder.console, resume->is_settled, resume->last_ns);
	resume_record(resume, &run->recorder,
	              &(struct event_run_resumed){.version = text_from(run->options->version),
	                                          .host = text_from(run->host),
	                                          .tmp = text_from(run->tmp_root)});
	return journal_sync(run->recorder.journal, error);
}

/* Before anything starts: the plan is written, and in the journal. */
static int record_beginning(struct run *run, struct tanda_error *error)
{
	if (run->options->resume != NULL)
		return record_resumption(run, error);
	if (write_plan(run, error) < 0)
		return -1;
	return record_plan(run, error);
}

/* Without them the frameworks run as ever. */
static void write_plugins(struct run *run, const struct command_context *context)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char message[TANDA_MESSAGE_MAX];

	if (plugins_write(context, &error) == 0)
		return;
	snprintf(message, sizeof(message),
	         "frameworks will not tell where they are: %.300s: %.600s", error.where,
	         error.message);
	recorder_warn(&run->recorder, message);
}

/* ---- the end ---- */

static void stop_for_fault(struct run *run, const struct tanda_error *error)
{
	char message[TANDA_MESSAGE_MAX];

	snprintf(message, sizeof(message), "%.300s%s%.600s", error->where,
	         error->where[0] != '\0' ? ": " : "", error->message);
	recorder_add(&run->recorder,
	             (struct event){.kind = EVENT_STOP_REQUESTED,
	                            .stop_requested = {STOP_FAULT, 0, text_from(message)}});
}

/* The reports are made from the journal, so that `tanda report` makes the same ones. */
static int write_results(struct run *run, struct tanda_error *error)
{
	char *path = reports_journal_path(run->out_dir);
	struct run_record record;
	int status = -1;

	recorder_flush(&run->recorder);
	if (run_record_read(path, &record, error) < 0)
		goto done;
	if (record.damaged_count > 0)
		tanda_error_set(error, path, "what was written cannot be read back: %s",
		                record.first_damage);
	else
		status = reports_write_results(&record, run->out_dir,
		                               run->project->config->report_junit, error);
	if (status == 0)
		status = reports_write_views(&record, run->out_dir,
		                             run->project->config->report_html, true, error);
	/* The report as others will read it, against the ledger that was there from the start. */
	if (status == 0)
		status = reports_check_junit(&run->recorder.ledger, run->out_dir, error);
	run_record_deinit(&record);
done:
	free(path);
	return status;
}

/* Whoever told tanda to stop may not wait for what is cleared away now: the reports are there by
 * then, and are written once more when that is in them, too. */
static void on_tests_over(void *data)
{
	struct run *run = data;
	const struct config *config = run->project->config;
	struct tanda_error ignored = TANDA_ERROR_INIT;
	bool takes_time = config->pool_count > 0;
	size_t i;

	for (i = 0; i < HOOK_SCOPES; i++)
		takes_time |= config->hooks[i].after != NULL;
	if (takes_time && run->recorder.ledger.stop == STOP_SIGNAL)
		(void)write_results(run, &ignored);
}

/* Returns false after a warning that was not there when the reports were written. */
static bool remember(struct run *run)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char message[TANDA_MESSAGE_MAX];

	if (run->options->is_trial)
		return true;
	if (past_remember(run->project, &run->recorder.ledger, run->options->timings, &error) == 0)
		return true;
	snprintf(message, sizeof(message), "this run is not remembered: %.300s: %.600s",
	         error.where, error.message);
	recorder_warn(&run->recorder, message);
	return false;
}

/* Whatever way a secret took, it does not stay unseen. */
static int look_for_secrets(const struct run *run, struct tanda_error *error)
{
	const struct project *project = run->project;
	char *memory = mem_printf("%s/.tanda", project->config->root);
	const char *const paths[] = {
		run->options->out_dir,
		memory,
		run->options->timings != NULL ? run->options->timings : "",
		project->config->report_junit != NULL ? project->config->report_junit : "",
		project->config->report_html != NULL ? project->config->report_html : "",
		NULL};
	int status = secrets_scan(&project->secrets, paths, error);

	free(memory);
	return status;
}

static int finish(struct run *run)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct hindsight hindsight;
	char reason[TANDA_MESSAGE_MAX];
	int exit_code;

	/* First the reports, as whoever told tanda to stop may not wait much longer. */
	if (run->recorder.ledger.stop == STOP_NONE && !run->options->is_trial)
		recall_trouble(run->project, &run->recorder);
	if (write_results(run, &error) < 0 || (!remember(run) && write_results(run, &error) < 0))
		stop_for_fault(run, &error);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	if (look_for_secrets(run, &error) < 0) {
		stop_for_fault(run, &error);
		(void)!write_results(run, &error); /* with the reason in them */
	}
	exit_code = ledger_exit(&run->recorder.ledger, reason, sizeof(reason));
	error = (struct tanda_error)TANDA_ERROR_INIT;
	recorder_add(&run->recorder, (struct event){.kind = EVENT_RUN_FINISHED,
	                                            .run_finished = {.exit_code = exit_code,
	                                                             .reason = text_from(reason)}});
	if (journal_sync(run->recorder.journal, &error) < 0 ||
	    reports_write_summary(&run->recorder.ledger, run->out_dir, &error) < 0) {
		stop_for_fault(run, &error);
		exit_code = ledger_exit(&run->recorder.ledger, reason, sizeof(reason));
	}
	hindsight_find(&hindsight, &run->recorder.ledger);
	console_set_bound(run->recorder.console,
	                  &(struct console_bound){hindsight.bound_ns, hindsight.bound_kind,
	                                          hindsight.bound_what});
	console_finish(run->recorder.console, exit_code, reason);
	return exit_code;
}

/* Where to speak; a trial does not. */
static int console_fd(struct run *run)
{
	if (!run->options->is_trial)
		return STDERR_FILENO;
	run->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return run->null_fd;
}

static void open_console(struct run *run)
{
	uint64_t grace_ms = run->project->config->grace_ms;
	struct console_options options = {
		.stream = outlet_stream(run->outlet),
		.color = console_wants_color(stderr),
		.unicode = console_wants_unicode(),
		.output = run->options->output,
		.out_dir = run->options->out_dir,
		.grace_ms = grace_ms < STOP_BUDGET_MS ? grace_ms : STOP_BUDGET_MS,
	};

	display_choose(run->options->progress, &options);
	run->recorder.console = console_new(&run->recorder.ledger, &options);
}

/* The folders that the workers' batches shared; what was left in one is its batch's by now. */
static void remove_worker_folders(const struct run *run)
{
	uint32_t i;

	for (i = 0; run->out_dir != NULL && i < run->worker_count; i++) {
		char *path = mem_printf("%s/batches/worker-%u", run->out_dir, i);

		rmdir(path);
		free(path);
	}
}

/* Signals are held by now, and wait to be taken. */
static bool signal_is_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
	        sigismember(&pending, SIGHUP) == 1);
}

/* Whoever reads gets all there is to read, unless a signal says that somebody waits for tanda to
 * die. */
static void let_go_of_outlet(struct run *run, int signal_number)
{
	bool is_taken = run->outlet == NULL;

	while (!is_taken && signal_number == 0 && !signal_is_pending())
		is_taken = outlet_drain(run->outlet, LOOK_AROUND_MS);
	outlet_free(run->outlet, is_taken ? UINT64_MAX : LAST_WORDS_MS);
}

static void close_run(struct run *run, int signal_number)
{
	journal_close(run->recorder.journal);
	console_free(run->recorder.console);
	let_go_of_outlet(run, signal_number);
	if (run->null_fd >= 0)
		close(run->null_fd);
	ledger_deinit(&run->recorder.ledger);
	masker_free(run->recorder.masker);
	if (run->tmp_root != NULL)
		remove_tree(run->tmp_root);
	remove_worker_folders(run);
	outdir_release(run->outdir);
	free(run->tmp_root);
	free(run->out_dir);
	free(run->run_id);
}

int run_tests(struct project *project, const struct run_options *options, int *ret_exit_code,
              int *ret_signal, struct tanda_error *error)
{
	struct run run = {.project = project, .options = options, .null_fd = -1};
	struct command_context context = {.project = project};
	struct coordinator_options work = {
		.context = &context,
		.recorder = &run.recorder,
		.run_limit_ms = project->config->run_limit_ms,
		.max_fail = options->max_fail,
		.failed_count = options->resume != NULL ? options->resume->failed_count : 0,
		.held = options->resume != NULL ? options->resume->held : (struct held_list){0},
		.wants_output = options->output == OUTPUT_LIVE,
		.on_tests_over = on_tests_over,
		.data = &run,
		.make_driver = options->make_driver,
		.first_pause_ms = options->first_pause_ms,
	};
	struct coordinator_result result = {0};
	/* What is made from here on is removed by close_run(). */
	const sigset_t before = loop_hold_stops();
	bool has_worked = false;
	int status = -1;

	run.worker_count = project->planning.pieces->worker_count;
	clock_start(&run.recorder.clock);
	if (project->secrets.mask != NULL)
		run.recorder.masker = masker_new(project->secrets.mask);
	ledger_init(&run.recorder.ledger);
	if (command_worker_base(project, &context.worker_base, error) < 0) {
		tanda_error_code(error, TANDA_CODE_CONFIG_VALUE);
		goto done;
	}
	if (open_records(&run, error) < 0) {
		tanda_error_code(error, TANDA_CODE_OUT_FOLDER);
		goto done;
	}
	run.outlet = outlet_new(console_fd(&run));
	open_console(&run);
	work.outlet = run.outlet;
	if (record_beginning(&run, error) < 0) {
		tanda_error_code(error, TANDA_CODE_WRITE);
		goto done;
	}
	context.run_id = run.run_id;
	context.out_dir = run.out_dir;
	context.tmp_root = run.tmp_root;
	write_plugins(&run, &context);
	if (project->tests.count > 0 && coordinator_run(&work, &result, error) < 0) {
		tanda_error_code(error, TANDA_CODE_SYSTEM);
		goto done;
	}
	has_worked = project->tests.count > 0;
	planning_release(&project->planning);
	(void)malloc_trim(0);
	*ret_exit_code = finish(&run);
	*ret_signal = result.signal;
	status = 0;
done:
	if (status < 0)
		secrets_hide_error(&project->secrets, error);
	close_run(&run, result.signal);
	if (!has_worked)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}
