/* balance.c - how well a run's work was spread over its workers, in plain words. */
#include <inttypes.h>

#include "runner/report/console_state.h"
#include "runner/report/summary.h"

enum { PERCENT = 100, NOTABLE_PERCENT = 3 };

static const char indent[] = "          ";

static uint64_t percent_of(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (uint64_t)((double)part * PERCENT / (double)whole + 0.5) : 0;
}

static void add_named_span(struct text_buf *line, const char *before, uint64_t ns)
{
	text_buf_add_str(line, before);
	words_add_span(line, ns);
}

/* "3m47s of wall time for 8m11s of tests on 8 workers: saved 4m24s, 2.2x faster than ..." */
static void add_saved(struct console *console, const struct ledger_totals *totals)
{
	struct text_buf *line = &console->line;
	size_t workers = console->ledger->worker_count;

	add_named_span(line, " Balance  ", totals->wall_ns);
	add_named_span(line, " of wall time for ", totals->test_ns);
	text_buf_add_str(line, " of tests on ");
	words_add_count(line, workers, "worker", "workers");
	if (totals->test_ns > totals->wall_ns) {
		add_named_span(line, ": saved ", totals->test_ns - totals->wall_ns);
		add_named_span(line, " of ", totals->test_ns);
		text_buf_printf(line, ", %.1fx faster than one after the other",
		                (double)totals->test_ns / (double)totals->wall_ns);
	} else if (workers > 1) {
		text_buf_add_str(line, ": nothing saved");
	}
	text_buf_add_char(line, '\n');
}

void console_set_bound(struct console *console, const struct console_bound *bound)
{
	console->bound = *bound;
}

/* What sets the bound, in brackets. A batch of many tests could have been cut smaller: then the
 * bound is the cut's, not the work's. */
static void add_bound_words(struct console *console, const struct ledger_totals *totals)
{
	const struct console_bound *bound = &console->bound;
	bool is_longest = bound->kind == PLAN_BOUND_LONGEST;
	struct text_buf *line = &console->line;

	if (bound->ns == 0) {
		text_buf_add_str(line, totals->bound_ns == totals->longest_batch_ns
		                               ? " (its longest batch)"
		                               : " (an even share)");
	} else if (bound->what[0] != '\0') {
		text_buf_add_str(line, is_longest ? " (area " : " (pool ");
		console_clean_name(line, text_from(bound->what));
		text_buf_add_str(line, is_longest ? " is kept together)" : " is taken in turns)");
	} else {
		text_buf_add_str(line, is_longest ? " (its longest test)" : " (an even share)");
	}
}

static void add_efficiency(struct console *console, const struct ledger_totals *totals)
{
	struct text_buf *line = &console->line;
	uint64_t bound_ns = console->bound.ns > 0 ? console->bound.ns : totals->bound_ns;
	uint64_t percent = percent_of(bound_ns, totals->wall_ns);
	bool is_cut = console->bound.ns == 0 && bound_ns == totals->longest_batch_ns;

	text_buf_printf(line, "%sefficiency %" PRIu64 "%%: ", indent,
	                percent < PERCENT ? percent : PERCENT);
	text_buf_add_str(line, is_cut ? "cut like this, the work" : "this work");
	add_named_span(line, " could not end before ", bound_ns);
	add_bound_words(console, totals);
	text_buf_add_char(line, '\n');
}

/* The worker that had the least to do. */
static uint32_t idlest_worker(const struct ledger *ledger)
{
	uint32_t idlest = 0, i;

	for (i = 1; i < ledger->worker_count; i++) {
		if (ledger->workers[i].busy_ns < ledger->workers[idlest].busy_ns)
			idlest = i;
	}
	return idlest;
}

static void add_losses(struct console *console, const struct ledger_totals *totals)
{
	const struct ledger *ledger = console->ledger;
	struct text_buf *line = &console->line;
	uint32_t idlest = idlest_worker(ledger);
	uint64_t busy_ns = ledger->worker_count > 0 ? ledger->workers[idlest].busy_ns : 0;

	text_buf_printf(line, "%stotal work ", indent);
	words_add_span(line, totals->work_ns);
	add_named_span(line, ", of it start-up ", totals->start_up_ns);
	add_named_span(line, "; idle ", totals->idle_ns);
	if (ledger->worker_count > 1 && totals->wall_ns > busy_ns) {
		text_buf_printf(line, " (w%" PRIu32 " ", idlest);
		words_add_span(line, totals->wall_ns - busy_ns);
		text_buf_add_char(line, ')');
	}
	text_buf_add_char(line, '\n');
}

static void add_prediction(struct console *console, const struct ledger_totals *totals)
{
	uint64_t predicted_ns = console->ledger->predicted_ns, off_ns;
	bool is_longer = totals->wall_ns > predicted_ns;
	struct text_buf *line = &console->line;

	if (predicted_ns == 0)
		return;
	off_ns = is_longer ? totals->wall_ns - predicted_ns : predicted_ns - totals->wall_ns;
	text_buf_add_str(line, indent);
	add_named_span(line, "predicted ", predicted_ns);
	add_named_span(line, ", took ", off_ns);
	text_buf_printf(line, " %s (%" PRIu64 "%%)\n", is_longer ? "longer" : "less",
	                percent_of(off_ns, predicted_ns));
}

/* ---- the long pole ---- */

static const struct ledger_batch *last_batch(const struct ledger *ledger)
{
	const struct ledger_batch *last = NULL;
	size_t i;

	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];

		if (batch->has_ended && batch->running_ns > 0 && batch->test_count > 0 &&
		    (last == NULL || batch->ended_ns > last->ended_ns))
			last = batch;
	}
	return last;
}

/* What this batch's attempt at the test took. */
static uint64_t time_in(const struct ledger *ledger, uint32_t test,
                        const struct ledger_batch *batch)
{
	const struct attempt *attempt = ledger->tests[test].first_attempt;

	while (attempt != NULL && &ledger->batches[attempt->batch] != batch)
		attempt = attempt->next;
	return attempt != NULL ? ledger_attempt_ns(ledger, attempt) : 0;
}

static uint32_t longest_test(const struct ledger *ledger, const struct ledger_batch *batch)
{
	uint32_t longest = batch->tests[0], i;

	for (i = 1; i < batch->test_count; i++) {
		if (time_in(ledger, batch->tests[i], batch) > time_in(ledger, longest, batch))
			longest = batch->tests[i];
	}
	return longest;
}

/* Would cutting it smaller have helped? Not what is shorter than an even share. */
static void add_advice(struct text_buf *line, const struct ledger_batch *batch, uint64_t test_ns,
                       uint64_t share_ns)
{
	if (batch->test_count == 1)
		test_ns = batch->end.elapsed_ns; /* its start-up is its own */
	if (test_ns > share_ns)
		add_named_span(line, "; splitting it would help: an even share is ", share_ns);
	else if (batch->end.elapsed_ns > share_ns)
		add_named_span(line, "; smaller batches would help: an even share is ", share_ns);
	else
		add_named_span(line, "; splitting it would not help: an even share is ", share_ns);
	text_buf_add_char(line, '\n');
}

static void add_long_pole(struct console *console, const struct ledger_totals *totals)
{
	const struct ledger *ledger = console->ledger;
	const struct ledger_batch *last = last_batch(ledger);
	uint64_t late_ns = summary_long_pole_ns(ledger);
	struct text_buf *line = &console->line;
	uint32_t test;

	if (last == NULL || ledger->worker_count < 2)
		return;
	text_buf_add_str(line, indent);
	if (late_ns * PERCENT < totals->wall_ns * NOTABLE_PERCENT) {
		text_buf_add_str(line, "no long pole: the workers ended together\n");
		return;
	}
	test = longest_test(ledger, last);
	text_buf_printf(line, "long pole: w%" PRIu32 " ended ", last->worker);
	words_add_span(line, late_ns);
	text_buf_add_str(line, " after the average worker, with ");
	console_clean_name(line, text_from(ledger->tests[test].info.id));
	add_named_span(line, " (", time_in(ledger, test, last));
	if (last->test_count > 1)
		add_named_span(line, " in a batch of ", last->end.elapsed_ns);
	text_buf_add_char(line, ')');
	add_advice(line, last, time_in(ledger, test, last), totals->busy_ns / ledger->worker_count);
}

/* Tests that never came to an end have no time to hold the run's against. */
static void add_unjudged(struct console *console, const struct ledger_totals *totals)
{
	struct text_buf *line = &console->line;

	add_named_span(line, " Balance  ", totals->wall_ns);
	add_named_span(line, " of wall time, total work ", totals->work_ns);
	text_buf_add_str(line, "; the run was not whole, so nothing is said to be saved\n");
}

void balance_write(struct console *console, const struct ledger_totals *totals)
{
	const uint64_t *verdicts = totals->verdicts;

	if (totals->wall_ns == 0)
		return;
	if (verdicts[VERDICT_NOT_RUN] + verdicts[VERDICT_LOST] > 0) {
		add_unjudged(console, totals);
	} else {
		add_saved(console, totals);
		add_efficiency(console, totals);
		add_losses(console, totals);
		add_prediction(console, totals);
		add_long_pole(console, totals);
	}
	console_write(console);
}
