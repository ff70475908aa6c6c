/* reconcile.c - see reconcile.h. */
#include "runner/run/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/placeholder.h"
#include "runner/run/command.h"
#include "runner/run/report_files.h"
#include "runner/run/results.h"
#include "runner/run/tail.h"
#include "shards/base/mem.h"

enum {
	WORDS_MAX_BYTES = 8 * 1024,
	NAME_SHOWN_BYTES = 200,
	FILES_SHOWN = 3,
	CODES_SHOWN = 8,
	LINES_SHOWN = 8
};

/* All that there is to look at. */
struct evidence {
	const struct project *project;
	const struct suite *suite;
	const struct test *test;
	const struct attempt *attempt; /* the last */
	const struct ledger_batch *batch;
	const char *report_dir;
	struct results results;
	size_t own_count; /* cases that belong to the test */
	struct reconciliation *result;
};

#define SAY(e, ...)    text_buf_printf(&(e)->result->words, __VA_ARGS__)
#define ADVISE(e, ...) text_buf_printf(&(e)->result->remedy, __VA_ARGS__)

/* The words of "case_key" for the rules that look at a report's texts. */
static const struct rule_word {
	enum mapping rule;
	const char *word;
} rule_words[] = {
	{MAPPING_BY_PATH, "path"},
	{MAPPING_BY_CLASS_PATH, "class_path"},
	{MAPPING_BY_SUITE_PATH, "suite_path"},
	{MAPPING_BY_CLASSNAME, "classname"},
	{MAPPING_BY_FILE, "file"},
	{MAPPING_BY_BASENAME, "basename"},
	{MAPPING_BY_CLASS, "class"},
};

/* ---- what was left ---- */

static size_t find_own(const struct evidence *e, enum mapping rule, size_t from)
{
	char *dir = project_suite_dir(e->project, e->suite);
	const char *const files[] = {e->test->file};
	size_t i;

	for (i = from; i < e->results.count; i++) {
		const struct found_case *found = &e->results.cases[i];

		if (mapping_find(rule, &found->result, found->report_name, dir, files, 1) == 0)
			break;
	}
	free(dir);
	return i;
}

/* A rule under which the report would have told of the test, or NULL. */
static const char *other_rule(const struct evidence *e)
{
	size_t i;

	for (i = 0; i < countof(rule_words); i++) {
		if (find_own(e, rule_words[i].rule, 0) < e->results.count)
			return rule_words[i].word;
	}
	return NULL;
}

static bool names_a_report(char *const *argv)
{
	return argv != NULL && (placeholder_is_used((const char *const *)argv, "{report}") ||
	                        placeholder_is_used((const char *const *)argv, "{report_dir}"));
}

/* ---- the causes ---- */

static void explain_ending(const struct evidence *e)
{
	SAY(e, "%s", e->attempt->reason != NULL ? e->attempt->reason : "it did not end");
	if (e->batch->end.timed_out)
		ADVISE(e, "does it wait for input or for a service? else raise \"test_timeout\"");
	else if (e->batch->end.signal != 0)
		ADVISE(e, "look at its log; a program that dies of a signal by itself can't be "
		          "trusted with the other tests either");
	else
		ADVISE(e, "mend the suite's \"run\", or install what it names");
}

static void explain_exit(const struct evidence *e)
{
	const struct preset *preset = &e->suite->preset;
	size_t i;

	SAY(e, "it ended with %d, which is no code of a complete run (\"exit\": \"complete\" has",
	    e->batch->end.exit_code);
	for (i = 0; i < preset->exit_complete_count && i < CODES_SHOWN; i++)
		SAY(e, " %d", preset->exit_complete[i]);
	SAY(e, ")");
	ADVISE(e,
	       "look at its log: wrong arguments end many frameworks so; if %d does end a complete "
	       "run, add it to \"complete\"",
	       e->batch->end.exit_code);
}

static void explain_missing(const struct evidence *e)
{
	static const char *const everything[] = {"**", NULL};
	struct report_files files;
	size_t i;

	report_files_find(e->report_dir, everything, &files);
	if (files.count > 0) {
		SAY(e, "it wrote no report that \"reports\" matches, but");
		for (i = 0; i < files.count && i < FILES_SHOWN; i++)
			SAY(e, "%s %.200s", i > 0 ? "," : "", files.paths[i]);
		ADVISE(e, "if that is its JUnit report, set \"reports\": \"%.200s\"",
		       files.paths[0]);
	} else if (!names_a_report(e->suite->preset.run) && !names_a_report(e->suite->args) &&
	           !names_a_report(e->suite->env) && !names_a_report(e->suite->preset.env)) {
		SAY(e, "it ended with %d and wrote no report: nothing in its command says where to",
		    e->batch->end.exit_code);
		ADVISE(e,
		       "put {report} where it takes the path of its JUnit report, or {report_dir}");
	} else {
		SAY(e, "it ended with %d and wrote no report", e->batch->end.exit_code);
		ADVISE(e,
		       "is the JUnit reporter installed, and not displaced by another one in \"run\" or "
		       "\"args\"? does a filter in \"args\" leave nothing to run?");
	}
	report_files_deinit(&files);
}

static void explain_strangers(const struct evidence *e)
{
	const struct case_result *first = &e->results.cases[0].result;
	const char *word = other_rule(e);

	SAY(e,
	    "its report has %zu %s, none of which belongs to %.200s: the first has class '%.*s', "
	    "name '%.*s', file '%.*s', suite '%.*s'",
	    e->results.count, e->results.count == 1 ? "case" : "cases", e->test->file,
	    TEXT_ARG(text_head(first->classname, NAME_SHOWN_BYTES)),
	    TEXT_ARG(text_head(first->name, NAME_SHOWN_BYTES)),
	    TEXT_ARG(text_head(first->file, NAME_SHOWN_BYTES)),
	    TEXT_ARG(text_head(first->suite_name, NAME_SHOWN_BYTES)));
	if (word != NULL)
		ADVISE(e, "set \"case_key\": \"%s\", which would have found it", word);
	else
		ADVISE(e,
		       "set \"case_key\": \"only\": then each start runs one test, and all of its "
		       "report is that test's; it costs a start per test");
}

static void explain_silent_failure(const struct evidence *e)
{
	SAY(e,
	    "it ended with %d, which says that something failed, and no case in its report failed",
	    e->batch->end.exit_code);
	ADVISE(e,
	       "look at its log: a hook, a threshold or a warning made it fail; if %d is how it "
	       "passes, add it to \"exit\": \"passed\"",
	       e->batch->end.exit_code);
}

/* Beside the test's own cases there are others: the command ran more than it was told. */
static void explain_too_many(const struct evidence *e, size_t others)
{
	SAY(e, "; %zu further %s of its report belong to other files", others,
	    others == 1 ? "case" : "cases");
	ADVISE(e, "it ran more than it was told: does \"run\" pass {ids} or {id} on, and does the "
	          "program take them for whole paths?");
	e->result->holds = false;
}

/* Whether it would be found in a report is not known then. */
static void explain_skipped(const struct evidence *e, uint32_t count)
{
	if (count == 0)
		SAY(e, ": it holds nothing to run");
	else
		SAY(e, ": none of it was run");
	e->result->is_proven = false;
	if (e->suite->args != NULL && e->suite->args[0] != NULL)
		ADVISE(e, "\"args\" may leave it out: is a filter in them meant?");
}

static void explain_good(const struct evidence *e)
{
	const struct attempt *a = e->attempt;
	uint32_t count = attempt_case_count(a);

	e->result->holds = true;
	e->result->is_proven = true;
	if (e->batch->end.report == REPORT_NONE_EXPECTED)
		SAY(e, "%s, by its exit code %d", outcome_name(a->outcome),
		    e->batch->end.exit_code);
	else
		SAY(e, "%s, %u %s", outcome_name(a->outcome), count, count == 1 ? "case" : "cases");
	if (a->outcome == OUTCOME_SKIPPED && e->batch->end.report != REPORT_NONE_EXPECTED)
		explain_skipped(e, count);
	if (e->results.count > e->own_count && e->batch->end.report != REPORT_NONE_EXPECTED)
		explain_too_many(e, e->results.count - e->own_count);
}

static void explain_unresolved(const struct evidence *e)
{
	const struct batch_end *end = &e->batch->end;

	if (end->ending != ENDING_RESULT || end->signal != 0 || end->timed_out)
		explain_ending(e);
	else if (!end->exit_expected)
		explain_exit(e);
	else if (end->report == REPORT_MISSING)
		explain_missing(e);
	else if (end->report == REPORT_EMPTY || end->report == REPORT_BROKEN) {
		SAY(e, "%s", e->attempt->reason);
		ADVISE(e,
		       "is something else writing to the same file, or did it end while it wrote?");
	} else if (e->results.count == 0) {
		SAY(e, "its report holds no case");
		ADVISE(e, "does \"run\" pass the test on as {ids} or {id}, and does a filter in "
		          "\"args\" leave nothing of it?");
	} else if (e->own_count == 0)
		explain_strangers(e);
	else
		explain_silent_failure(e);
}

static void explain(const struct evidence *e)
{
	switch (e->attempt->outcome) {
	case OUTCOME_PASSED:
	case OUTCOME_FAILED:
	case OUTCOME_SKIPPED:
		explain_good(e);
		break;
	case OUTCOME_OUTSIDE:
		SAY(e, "an error outside the tests: %s",
		    e->attempt->reason != NULL ? e->attempt->reason : "see its log");
		ADVISE(e, "it could not be loaded, or a hook failed: look at its log");
		break;
	case OUTCOME_RUNNING:
	case OUTCOME_TIMED_OUT:
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
	case OUTCOME_CANCELLED:
		explain_ending(e);
		break;
	case OUTCOME_UNRESOLVED:
		explain_unresolved(e);
		break;
	}
}

static void look(struct evidence *e, uint32_t batch, const char *out_dir)
{
	const struct preset *preset = &e->suite->preset;
	char *dir = mem_printf("%s/batches/%05u", out_dir, batch);
	size_t i = 0;

	e->report_dir = dir;
	results_init(&e->results);
	if (preset->reports != NULL)
		results_read(&e->results, dir, (const char *const *)preset->reports,
		             preset->report_format);
	while ((i = find_own(e, project_mapping(e->suite), i)) < e->results.count) {
		e->own_count++;
		i++;
	}
	explain(e);
	results_deinit(&e->results);
	free(dir);
}

/* Blank, or of a stack that lies between the cause and the end. */
static bool tells_nothing(struct text line)
{
	line = text_trim(line);
	return line.len == 0 || text_has_prefix(line, TEXT_LIT("at ")) ||
	       text_has_prefix(line, TEXT_LIT("from /"));
}

/* The last lines that tell something. */
static void show_log(struct evidence *e, uint32_t batch, const char *out_dir)
{
	char *name = command_log_name(batch), *path = mem_printf("%s/%s", out_dir, name);
	struct text lines[LINES_SHOWN], rest, line;
	struct text_buf tail;
	size_t count = 0, i;

	text_buf_init(&tail, TAIL_MAX_BYTES);
	tail_read(path, &tail);
	rest = text_buf_text(&tail);
	while (text_next_line(&rest, &line)) {
		if (!tells_nothing(line))
			lines[count++ % LINES_SHOWN] = line;
	}
	for (i = count > LINES_SHOWN ? count - LINES_SHOWN : 0; i < count; i++) {
		text_buf_add(&e->result->log, lines[i % LINES_SHOWN]);
		text_buf_add_str(&e->result->log, "\n");
	}
	text_buf_deinit(&tail);
	free(path);
	free(name);
}

void reconcile(const struct project *project, const struct run_record *record, const char *out_dir,
               uint32_t test, struct reconciliation *ret_reconciliation)
{
	const struct ledger_test *planned = &record->ledger.tests[test];
	struct evidence e = {
		.project = project,
		.test = &project->tests.tests[test],
		.suite = &project->config->suites[project->tests.tests[test].suite_index],
		.attempt = planned->last_attempt,
		.result = ret_reconciliation,
	};

	*ret_reconciliation = (struct reconciliation){.holds = false};
	text_buf_init(&ret_reconciliation->words, WORDS_MAX_BYTES);
	text_buf_init(&ret_reconciliation->remedy, WORDS_MAX_BYTES);
	text_buf_init(&ret_reconciliation->log, TAIL_MAX_BYTES + LINES_SHOWN);
	if (planned->skip_reason != NULL) {
		ret_reconciliation->holds = true;
		SAY(&e, "skipped: %s", planned->skip_reason);
		ADVISE(&e,
		       "nothing of it was run: if that is not meant, look at the suite's \"args\"");
	} else if (e.attempt == NULL) {
		SAY(&e, "it was not run");
		ADVISE(&e, "the run was stopped: try again");
	} else {
		e.batch = &record->ledger.batches[e.attempt->batch];
		look(&e, e.attempt->batch, out_dir);
		if (!ret_reconciliation->holds)
			show_log(&e, e.attempt->batch, out_dir);
	}
}

void reconciliation_deinit(struct reconciliation *reconciliation)
{
	text_buf_deinit(&reconciliation->words);
	text_buf_deinit(&reconciliation->remedy);
	text_buf_deinit(&reconciliation->log);
}
