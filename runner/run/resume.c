/* resume.c - see resume.h. */
#include "runner/run/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/tree.h"
#include "runner/record/file.h"
#include "runner/run/reports.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { NAMED_MAX = 5, NAMES_MAX_BYTES = 600, CONFIG_MAX_BYTES = 16 * 1024 * 1024 };

/* ---- what is there ---- */

struct reading {
	struct resume *resume;
	struct tanda_error refused; /* what the ledger did not take */
};

static void note_tmp(struct resume *resume, struct text path)
{
	if (text_is_empty(path))
		return;
	resume->tmps = mem_grow(resume->tmps, &resume->tmp_cap, resume->tmp_count + 2,
	                        sizeof(resume->tmps[0]));
	resume->tmps[resume->tmp_count++] = text_dup(path);
	resume->tmps[resume->tmp_count] = NULL;
}

/* What the ledger does not keep. */
static void note_event(struct resume *resume, const struct event *event)
{
	if (event->kind == EVENT_BATCH_SUBMITTED) {
		held_note(&resume->held, &event->batch_submitted);
	} else if (event->kind == EVENT_RUN_RESUMED) {
		note_tmp(resume, event->run_resumed.tmp);
	} else if (event->kind == EVENT_RUN_STARTED) {
		note_tmp(resume, event->run_started.tmp);
		free(resume->told);
		resume->told = text_dup(event->run_started.options);
	}
}

static bool on_event(void *data, const struct event *event, uint64_t offset)
{
	struct reading *reading = data;

	(void)offset;
	reading->resume->last_ns = event->at_ns;
	note_event(reading->resume, event);
	return ledger_apply(&reading->resume->ledger, event, &reading->refused) == 0;
}

static int read_journal(struct resume *resume, struct tanda_error *error)
{
	struct reading reading = {.resume = resume, .refused = TANDA_ERROR_INIT};

	if (journal_read(resume->journal_path, on_event, &reading, &resume->summary, error) < 0)
		return -1;
	if (tanda_error_is_set(&reading.refused)) {
		tanda_error_set(error, resume->journal_path, "the journal contradicts itself: %s",
		                reading.refused.message);
		tanda_error_hint(error, "start a new run");
		return -1;
	}
	if (!resume->ledger.is_sealed) {
		tanda_error_set(error, resume->journal_path,
		                "that run ended before its plan was complete: nothing of it ran");
		tanda_error_hint(error, "start a new run");
		return -1;
	}
	return 0;
}

static void note_ids(struct resume *resume)
{
	const struct ledger *ledger = &resume->ledger;
	size_t i;

	resume->ids = mem_calloc(ledger->test_count + 1, sizeof(resume->ids[0]));
	for (i = 0; i < ledger->test_count; i++) {
		const struct test_info *info = &ledger->tests[i].info;

		resume->ids[i] = mem_printf("%s\t%s", ledger->suites[info->suite].name, info->id);
	}
}

int resume_open(const char *out_dir, struct resume *resume, struct tanda_error *error)
{
	*resume = (struct resume){0};
	ledger_init(&resume->ledger);
	text_buf_init(&resume->stranger_names, NAMES_MAX_BYTES);
	if (outdir_reclaim(out_dir, &resume->outdir, error) < 0)
		return -1;
	resume->journal_path = reports_journal_path(out_dir);
	if (read_journal(resume, error) < 0)
		return -1;
	note_ids(resume);
	return 0;
}

void resume_deinit(struct resume *resume)
{
	outdir_release(resume->outdir);
	ledger_deinit(&resume->ledger);
	mem_free_strings(resume->ids);
	free(resume->journal_path);
	held_deinit(&resume->held);
	free(resume->told);
	mem_free_strings(resume->tmps);
	free(resume->pasts);
	free(resume->is_settled);
	text_buf_deinit(&resume->stranger_names);
}

/* ---- is it the same project? ---- */

static void add_name(struct text_buf *names, size_t *count, const char *name)
{
	if ((*count)++ < NAMED_MAX)
		text_buf_printf(names, "%s%s", *count > 1 ? ", " : "", name);
}

/* The whole file of a planned test, as "SUITE<TAB>ID". */
static struct text file_of(const char *id)
{
	const char *separator = strstr(id, TEST_CASE_SEPARATOR);

	return separator != NULL ? (struct text){id, (size_t)(separator - id)} : text_from(id);
}

void resume_note_found(struct resume *resume, const struct project *project)
{
	struct dict planned;
	size_t ignored, i;

	dict_init(&planned);
	for (i = 0; resume->ids[i] != NULL; i++)
		(void)dict_add(&planned, file_of(resume->ids[i]), i);
	for (i = 0; i < project->tests.count; i++) {
		const struct test *test = &project->tests.tests[i];
		char *key = mem_printf("%s\t%s", test_suite_name(&project->tests, test), test->id);

		if (!dict_find(&planned, text_from(key), &ignored))
			add_name(&resume->stranger_names, &resume->stranger_count, test->id);
		free(key);
	}
	dict_deinit(&planned);
}

int resume_set_nodes(const struct resume *resume, struct planning *planning,
                     struct tanda_error *error)
{
	const struct ledger *ledger = &resume->ledger;
	size_t known = 0, i, worker;

	for (i = 0; i < planning->node_count; i++) {
		struct plan_node *node = &planning->nodes[i];

		node->executors = 0;
		for (worker = 0; worker < ledger->worker_count; worker++)
			node->executors += strcmp(ledger->workers[worker].node, node->name) == 0;
		known += node->executors;
	}
	if (known == ledger->worker_count)
		return 0;
	tanda_error_set(error, NULL,
	                "%zu of the %zu workers of that run are on nodes that are "
	                "not in the configuration any more",
	                ledger->worker_count - known, ledger->worker_count);
	tanda_error_hint(error, "put the nodes back, or start a new run");
	return -1;
}

uint64_t resume_config_digest(const struct project *project)
{
	struct tanda_error ignored = TANDA_ERROR_INIT;
	uint64_t digest = 0;
	struct text_buf bytes;

	text_buf_init(&bytes, CONFIG_MAX_BYTES);
	if (project->config->path != NULL &&
	    file_read(project->config->path, &bytes, &ignored) == 0)
		digest = dict_hash(text_buf_text(&bytes));
	text_buf_deinit(&bytes);
	return digest;
}

static int check_config(const struct resume *resume, const struct project *project,
                        struct tanda_error *error)
{
	if (resume->ledger.config_digest == resume_config_digest(project))
		return 0;
	tanda_error_set(error, project->config->path,
	                "the configuration is not what it was when that run began");
	tanda_error_hint(error, "restore it, or start a new run");
	return -1;
}

static bool find_planned(const struct resume *resume, const struct project *project, size_t planned,
                         size_t *ret_index)
{
	const struct test_info *info = &resume->ledger.tests[planned].info;
	const char *suite = resume->ledger.suites[info->suite].name;
	uint32_t i;

	for (i = 0; i < project->tests.suite_count; i++) {
		if (strcmp(project->tests.suites[i], suite) == 0)
			return test_list_find(&project->tests, i, info->id, ret_index);
	}
	return false;
}

/* By planned test, where the project has it. */
static int find_all(const struct resume *resume, const struct project *project, size_t *indexes,
                    struct tanda_error *error)
{
	struct text_buf names;
	size_t gone = 0, i;

	text_buf_init(&names, NAMES_MAX_BYTES);
	for (i = 0; i < resume->ledger.test_count; i++) {
		if (!find_planned(resume, project, i, &indexes[i]))
			add_name(&names, &gone, resume->ledger.tests[i].info.id);
	}
	if (gone > 0) {
		tanda_error_set(error, NULL, "%zu of %zu planned tests %s gone: %s%s", gone,
		                resume->ledger.test_count, gone == 1 ? "is" : "are", names.ptr,
		                gone > NAMED_MAX ? ", ..." : "");
		tanda_error_hint(error, "restore what that run began with, or start a new run");
	}
	text_buf_deinit(&names);
	return gone > 0 ? -1 : 0;
}

/* Of a run of a selection those that came since cannot be told by name. */
static int check_count(const struct resume *resume, const struct project *project,
                       struct tanda_error *error)
{
	uint64_t then = resume->ledger.found_count, now = project->found_count;

	if (then == now)
		return 0;
	if (then + resume->stranger_count == now)
		tanda_error_set(error, NULL, "%zu %s come since that run began: %s%s",
		                resume->stranger_count,
		                resume->stranger_count == 1 ? "test has" : "tests have",
		                resume->stranger_names.ptr,
		                resume->stranger_count > NAMED_MAX ? ", ..." : "");
	tanda_error_set(error, NULL,
	                "the project had %llu tests when that run began, and has %llu now",
	                (unsigned long long)then, (unsigned long long)now);
	tanda_error_hint(error, "restore what that run began with, or start a new run");
	return -1;
}

/* As the plan says, whatever was learned or listed since. */
static void restore_test(struct test *test, const struct ledger_test *planned)
{
	test->expected_ns = planned->info.expected_ns;
	if (planned->info.expected_known)
		test->expectation = EXPECTATION_HISTORY;
	else if (test->expectation == EXPECTATION_HISTORY)
		test->expectation = EXPECTATION_AREA;
	free(test->skip_reason);
	test->skip_reason = NULL;
	if (planned->skip_reason != NULL)
		test->skip_reason = mem_strdup(planned->skip_reason);
}

int resume_match(const struct resume *resume, struct project *project, struct tanda_error *error)
{
	size_t count = resume->ledger.test_count, i;
	size_t *indexes = mem_calloc(count, sizeof(indexes[0]));
	int status = -1;

	if (check_config(resume, project, error) == 0 &&
	    find_all(resume, project, indexes, error) == 0 &&
	    check_count(resume, project, error) == 0) {
		test_list_select(&project->tests, indexes, count);
		for (i = 0; i < count; i++)
			restore_test(&project->tests.tests[i], &resume->ledger.tests[i]);
		status = 0;
	}
	free(indexes);
	return status;
}

/* ---- what is left to do ---- */

/* Was it ended by the end of its tanda, which says nothing about the test? */
static bool was_cut_off(const struct ledger *ledger, const struct attempt *attempt)
{
	const struct ledger_batch *batch = &ledger->batches[attempt->batch];

	return batch->is_open || batch->is_orphan || attempt->outcome == OUTCOME_CANCELLED;
}

static struct plan_past past_of(const struct ledger *ledger, size_t test,
                                const struct project *project)
{
	struct plan_past past = {.is_settled = ledger->tests[test].skip_reason != NULL};
	const struct chances chances = {
		.retries = project->tests.tests[test].retries,
		.second_chance = project->config->second_chance,
		.is_elsewhere = project->planning.node_count > 1,
	};
	const struct attempt *attempt;

	for (attempt = ledger->tests[test].first_attempt; attempt != NULL;
	     attempt = attempt->next) {
		if (was_cut_off(ledger, attempt))
			continue;
		past.runs_again =
			fate_goes_on(&past.fate, attempt->outcome, &chances, &past.reason);
		past.is_settled = !past.runs_again;
		past.was_refused = attempt->outcome == OUTCOME_REFUSED;
		if (attempt->outcome == OUTCOME_LOST && past.fate.moves == 1)
			past.runs_again = false; /* as if it had not run, after a first loss */
		past.worker = ledger->batches[attempt->batch].worker;
	}
	return past;
}

static bool has_failed(const struct ledger *ledger, uint32_t test)
{
	const char *reason;
	enum verdict verdict = ledger_verdict(ledger, test, &reason);

	return verdict == VERDICT_FAILED || verdict == VERDICT_ERROR;
}

void resume_replay(struct resume *resume, struct project *project)
{
	size_t count = resume->ledger.test_count, i;

	resume->pasts = mem_calloc(count, sizeof(resume->pasts[0]));
	resume->is_settled = mem_calloc(count, sizeof(resume->is_settled[0]));
	for (i = 0; i < count; i++) {
		resume->pasts[i] = past_of(&resume->ledger, i, project);
		resume->is_settled[i] = resume->pasts[i].is_settled;
		resume->failed_count +=
			resume->is_settled[i] && has_failed(&resume->ledger, (uint32_t)i);
	}
	held_choose(&resume->held, &resume->ledger, project, resume->pasts);
	project->planning.input.pasts = resume->pasts;
}

/* ---- going on ---- */

/* Its supervisors end what they have as soon as their tanda is gone; this makes sure of it. A node
 * that goes on by itself may well be this machine, too. */
static void end_leftovers(const struct ledger *ledger, const struct held_list *held)
{
	char *entry = mem_printf("TANDA_RUN_ID=%s", ledger->run_id);
	char **spared = mem_calloc(held->count + 1, sizeof(spared[0]));
	size_t count = 0, i;

	for (i = 0; i < held->count; i++) {
		const struct held_batch *batch = &held->list[i];

		if (batch->is_asked_for)
			spared[count++] =
				mem_printf("TANDA_NODE=%s", ledger->workers[batch->worker].node);
	}
	tree_kill_by_environment("TANDA=1", entry, (const char *const *)spared);
	mem_free_strings(spared);
	free(entry);
}

int resume_begin(struct resume *resume, struct recorder *recorder, struct tanda_error *error)
{
	if (journal_continue(resume->journal_path, &resume->summary, &recorder->journal, error) < 0)
		return -1;
	end_leftovers(&resume->ledger, &resume->held);
	recorder->ledger = resume->ledger;
	ledger_init(&resume->ledger);
	clock_continue(&recorder->clock, resume->last_ns,
	               timestamp_parse(recorder->ledger.started));
	return 0;
}

void resume_end_orphan(struct recorder *recorder, uint32_t batch)
{
	recorder_add(recorder,
	             (struct event){.kind = EVENT_BATCH_ENDED,
	                            .batch_ended = {
					    .batch = batch,
					    .ending = ENDING_LOST,
					    .exit_code = -1,
					    .report = REPORT_MISSING,
					    .message = TEXT_LIT("tanda died while it ran"),
				    }});
}

void resume_record(const struct resume *resume, struct recorder *recorder,
                   const struct event_run_resumed *event)
{
	struct event told = {.kind = EVENT_RUN_RESUMED, .run_resumed = *event};
	char now[TIMESTAMP_BYTES];
	struct timespec moment;
	uint32_t i;

	clock_gettime(CLOCK_REALTIME, &moment);
	timestamp_format(moment, 0, now);
	told.run_resumed.resumed = text_from(now);
	recorder_add(recorder, told);
	for (i = 0; i < recorder->ledger.batch_count; i++) {
		if (recorder->ledger.batches[i].is_open && !held_has(&resume->held, i))
			resume_end_orphan(recorder, i);
	}
}

/* A journal may have come from anywhere: nothing else is removed on its word. */
static bool is_tmp_root(const char *path, const char *own)
{
	const char *slash = strrchr(own, '/');
	size_t parent_len = (size_t)(slash + 1 - own);
	struct stat status;

	return strlen(path) == strlen(own) && strcmp(path, own) != 0 &&
	       strncmp(path, own, parent_len + strlen("tanda-")) == 0 &&
	       strchr(path + parent_len, '/') == NULL && lstat(path, &status) == 0 &&
	       S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

void resume_remove_tmp(const struct resume *resume, const char *tmp_root)
{
	size_t i;

	for (i = 0; i < resume->tmp_count; i++) {
		if (is_tmp_root(resume->tmps[i], tmp_root))
			remove_tree(resume->tmps[i]);
	}
}
