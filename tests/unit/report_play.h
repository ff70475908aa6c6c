/* report_play.h - a run that never ran: events into a ledger and a console, with a clock of its
 * own.
 */
#ifndef TESTS_REPORT_PLAY_H
#define TESTS_REPORT_PLAY_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/report/console.h"
#include "shards/model/ledger.h"
#include "tanda/error.h"

#define SECONDS(n) ((uint64_t)((n)*1000) * 1000000)

struct play {
	struct ledger ledger;
	struct console *console; /* NULL: only the ledger */
	FILE *stream;
	char *text;
	size_t len, seen;
	uint64_t now_ns;
	uint32_t batches;
};

static inline void play(struct play *p, struct event event)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	event.at_ns = p->now_ns;
	if (ledger_apply(&p->ledger, &event, &error) < 0)
		fail_msg("%s", error.message);
	if (p->console != NULL)
		console_event(p->console, &event);
}

static inline void play_open(struct play *p, struct console_options options)
{
	*p = (struct play){0};
	ledger_init(&p->ledger);
	p->stream = open_memstream(&p->text, &p->len);
	assert_non_null(p->stream);
	options.stream = p->stream;
	p->console = console_new(&p->ledger, &options);
}

static inline void play_start(struct play *p, uint32_t workers)
{
	uint32_t i;

	play(p, (struct event){.kind = EVENT_RUN_STARTED,
	                       .run_started = {.run_id = TEXT_LIT("7f3a"),
	                                       .name = TEXT_LIT("shop"),
	                                       .version = TEXT_LIT("0.1.0"),
	                                       .started = TEXT_LIT("2026-11-23T10:00:00Z")}});
	for (i = 0; i < workers; i++)
		play(p, (struct event){.kind = EVENT_WORKER_PLANNED,
		                       .worker_planned = {.worker = i, .node = TEXT_LIT("local")}});
	play(p, (struct event){.kind = EVENT_SUITE_PLANNED,
	                       .suite_planned = {.suite = 0,
	                                         .name = TEXT_LIT("web"),
	                                         .framework = TEXT_LIT("behave"),
	                                         .dir = TEXT_LIT(".")}});
}

static inline void play_test(struct play *p, const char *id, const char *area, const char *skip)
{
	play(p, (struct event){.kind = EVENT_TEST_PLANNED,
	                       .test_planned = {.test = (uint32_t)p->ledger.test_count,
	                                        .id = text_from(id),
	                                        .file = text_from(id),
	                                        .area = text_from(area),
	                                        .skip_reason = text_from(skip)}});
}

static inline void play_seal(struct play *p, uint64_t predicted_ns, uint64_t bound_ns)
{
	play(p, (struct event){.kind = EVENT_PLAN_SEALED,
	                       .plan_sealed = {.test_count = p->ledger.test_count,
	                                       .predicted_ns = predicted_ns,
	                                       .lower_bound_ns = bound_ns}});
}

/* The same as shard 2 of 3, of a plan of nine tests. */
static inline void play_seal_shard(struct play *p)
{
	play(p, (struct event){.kind = EVENT_PLAN_SEALED,
	                       .plan_sealed = {.test_count = p->ledger.test_count,
	                                       .shard = 2,
	                                       .shard_count = 3,
	                                       .plan_digest = 0xabc,
	                                       .plan_tests = 9}});
}

/* Returns the batch's number. */
static inline uint32_t play_batch(struct play *p, uint32_t worker, enum batch_reason reason,
                                  const uint32_t *tests, size_t count)
{
	uint32_t batch = p->batches++;

	p->now_ns += 1; /* 0 would mean that the command never ran */
	play(p, (struct event){.kind = EVENT_BATCH_STARTED,
	                       .batch_started = {.batch = batch,
	                                         .worker = worker,
	                                         .reason = reason,
	                                         .tests = tests,
	                                         .test_count = count,
	                                         .limit_ms = 90000}});
	play(p,
	     (struct event){.kind = EVENT_BATCH_RUNNING, .batch_running = {batch, TEXT_LIT("42")}});
	return batch;
}

static inline void play_case(struct play *p, uint32_t batch, uint32_t test, enum case_status status,
                             uint64_t time_ns, const char *message)
{
	play(p, (struct event){.kind = EVENT_CASE_REPORTED,
	                       .case_reported = {batch,
	                                         test,
	                                         {.name = TEXT_LIT("a case"),
	                                          .status = status,
	                                          .time_known = true,
	                                          .time_ns = time_ns,
	                                          .message = text_from(message)}}});
}

/* A framework's complete end after `elapsed_ns`; change what is to be different. */
static inline struct event_batch_ended complete(uint32_t batch, bool failed, uint64_t elapsed_ns)
{
	return (struct event_batch_ended){.batch = batch,
	                                  .ending = ENDING_RESULT,
	                                  .exit_code = failed,
	                                  .exit_expected = true,
	                                  .exit_failed = failed,
	                                  .report = REPORT_WHOLE,
	                                  .elapsed_ns = elapsed_ns};
}

static inline struct event_batch_ended crashed(uint32_t batch, int signal_number,
                                               uint64_t elapsed_ns)
{
	struct event_batch_ended end = complete(batch, false, elapsed_ns);

	end.exit_code = -1;
	end.exit_expected = false;
	end.signal = signal_number;
	end.report = REPORT_MISSING;
	return end;
}

/* The batch ends at `at_ns`, and its tests are told; `again` for all of them. */
static inline void play_end(struct play *p, struct event_batch_ended end, uint64_t at_ns,
                            bool again)
{
	const struct ledger_batch *batch;
	uint32_t i;

	if (at_ns > p->now_ns)
		p->now_ns = at_ns;
	play(p, (struct event){.kind = EVENT_BATCH_ENDED, .batch_ended = end});
	batch = &p->ledger.batches[end.batch];
	for (i = 0; i < batch->test_count && p->console != NULL; i++)
		console_attempt(p->console, batch->tests[i],
		                p->ledger.tests[batch->tests[i]].last_attempt, again);
}

/* One test, one batch, one case, from `from_ns` on. */
static inline void play_one(struct play *p, uint32_t worker, uint32_t test, enum case_status status,
                            uint64_t from_ns, uint64_t elapsed_ns)
{
	uint32_t batch;
	bool failed = status == CASE_FAILED;

	if (from_ns > p->now_ns)
		p->now_ns = from_ns;
	batch = play_batch(p, worker, BATCH_PLANNED, &test, 1);
	play_case(p, batch, test, status, elapsed_ns, failed ? "expected 2 items, got 1" : "");
	play_end(p, complete(batch, failed, elapsed_ns), from_ns + elapsed_ns, false);
}

static inline void play_warning(struct play *p, const char *message)
{
	play(p, (struct event){.kind = EVENT_WARNED, .warned = {text_from(message)}});
}

static inline void play_stop(struct play *p, enum stop_cause cause, int signal_number,
                             const char *message)
{
	play(p, (struct event){.kind = EVENT_STOP_REQUESTED,
	                       .stop_requested = {cause, signal_number, text_from(message)}});
}

/* Ends the run; returns everything that was written, until play_close(). */
static inline const char *play_finish(struct play *p)
{
	char reason[1000];
	int code = ledger_exit(&p->ledger, reason, sizeof(reason));

	console_finish(p->console, code, reason);
	fflush(p->stream);
	return p->text;
}

/* What was written since the last call. */
static inline const char *play_text(struct play *p)
{
	size_t from = p->seen;

	fflush(p->stream);
	p->seen = p->len;
	return p->text + from;
}

static inline void play_close(struct play *p)
{
	console_free(p->console);
	if (p->stream != NULL)
		fclose(p->stream);
	free(p->text);
	ledger_deinit(&p->ledger);
}

static inline void expect_text(const char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
}

static inline void expect_part(const char *text, const char *part)
{
	assert_non_null(text);
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is not in:\n%s", part, text);
}

static inline void expect_not(const char *text, const char *part)
{
	assert_non_null(text);
	if (strstr(text, part) != NULL)
		fail_msg("'%s' is in:\n%s", part, text);
}
#endif
