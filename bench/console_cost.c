/* console_cost.c - what the console costs: processor time for each result that it shows.
 *
 * A run that never runs is played into a ledger and a console, a result a millisecond, with a tick
 * of the footer's clock for every hundred. A child reads what is written. What the ledger and the
 * waiting cost is measured without a console, and taken off. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/exec/outlet.h"
#include "runner/report/console.h"
#include "shards/base/mem.h"
#include "shards/model/ledger.h"
#include "tanda/error.h"

enum {
	TESTS = 5000,
	WORKERS = 8,
	RESULTS_PER_TICK = 100,
	NS_PER_RESULT = 1000000, /* a thousand a second */
	NS_PER_S = 1000000000,
	RATE = 1000,
	TARGET_PERCENT = 5,
	WIDTH = 120,
	HEIGHT = 40,
};

struct bench {
	struct ledger ledger;
	struct console *console; /* NULL: the ledger alone */
	uint64_t now_ns;
};

static void play(struct bench *bench, struct event event)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	event.at_ns = bench->now_ns;
	if (ledger_apply(&bench->ledger, &event, &error) < 0) {
		fprintf(stderr, "console_cost: %s\n", error.message);
		exit(2);
	}
	if (bench->console != NULL)
		console_event(bench->console, &event);
}

static void plan(struct bench *bench)
{
	uint32_t i;

	play(bench, (struct event){.kind = EVENT_RUN_STARTED,
	                           .run_started = {.run_id = TEXT_LIT("bench"),
	                                           .name = TEXT_LIT("bench"),
	                                           .version = TEXT_LIT("0"),
	                                           .started = TEXT_LIT("2026-01-01T00:00:00Z")}});
	for (i = 0; i < WORKERS; i++)
		play(bench,
		     (struct event){.kind = EVENT_WORKER_PLANNED,
		                    .worker_planned = {.worker = i, .node = TEXT_LIT("local")}});
	play(bench, (struct event){.kind = EVENT_SUITE_PLANNED,
	                           .suite_planned = {.suite = 0,
	                                             .name = TEXT_LIT("web"),
	                                             .framework = TEXT_LIT("behave"),
	                                             .dir = TEXT_LIT(".")}});
	for (i = 0; i < TESTS; i++) {
		char id[80];

		snprintf(id, sizeof(id), "features/area_%02u/a_feature_%05u.feature", i % 40, i);
		play(bench, (struct event){.kind = EVENT_TEST_PLANNED,
		                           .test_planned = {.test = i,
		                                            .suite = 0,
		                                            .id = text_from(id),
		                                            .file = text_from(id),
		                                            .area = TEXT_LIT("area"),
		                                            .expected_ns = WORKERS * NS_PER_RESULT,
		                                            .expected_known = true}});
	}
	play(bench,
	     (struct event){.kind = EVENT_PLAN_SEALED,
	                    .plan_sealed = {.test_count = TESTS,
	                                    .predicted_ns = (uint64_t)TESTS * NS_PER_RESULT}});
}

static void start(struct bench *bench, uint32_t number)
{
	play(bench, (struct event){.kind = EVENT_BATCH_STARTED,
	                           .batch_started = {.batch = number,
	                                             .worker = number % WORKERS,
	                                             .tests = &number,
	                                             .test_count = 1,
	                                             .expected_ns = WORKERS * NS_PER_RESULT}});
}

/* One in fifty fails, with a message and a few lines of output. */
static void end(struct bench *bench, uint32_t number)
{
	bool fails = number % 50 == 0;

	play(bench, (struct event){.kind = EVENT_CASE_REPORTED,
	                           .case_reported = {number,
	                                             number,
	                                             {.name = TEXT_LIT("a case"),
	                                              .status = fails ? CASE_FAILED : CASE_PASSED,
	                                              .message = TEXT_LIT("expected 2, got 1")}}});
	play(bench,
	     (struct event){.kind = EVENT_BATCH_ENDED,
	                    .batch_ended = {.batch = number,
	                                    .ending = ENDING_RESULT,
	                                    .exit_code = fails,
	                                    .exit_expected = true,
	                                    .exit_failed = fails,
	                                    .report = REPORT_WHOLE,
	                                    .tail = fails ? TEXT_LIT("one\ntwo\n\x1B[31mthree\n")
	                                                  : TEXT_LIT("")}});
	if (bench->console != NULL)
		console_attempt(bench->console, number, bench->ledger.tests[number].last_attempt,
		                false);
}

/* Results come one by one, so that each wakes the outlet's thread as it would in earnest. */
static void wait_until(struct timespec *next)
{
	next->tv_nsec += NS_PER_RESULT;
	next->tv_sec += next->tv_nsec / NS_PER_S;
	next->tv_nsec %= NS_PER_S;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static void run(struct bench *bench)
{
	struct timespec next;
	uint32_t number;

	plan(bench);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (number = 0; number < TESTS; number++) {
		wait_until(&next);
		bench->now_ns += NS_PER_RESULT;
		start(bench, number);
		if (number >= WORKERS - 1)
			end(bench, number - (WORKERS - 1));
		if (bench->console != NULL && number % RESULTS_PER_TICK == 0) {
			const struct console_moment moment = {bench->now_ns, WIDTH, HEIGHT, true};

			console_tick(bench->console, &moment);
		}
	}
}

static double processor_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Seconds of processor time for the whole run, the outlet's thread included; `options` NULL:
 * without a console. */
static double measure(const struct console_options *wanted)
{
	struct bench bench = {0};
	struct outlet *outlet = NULL;
	struct console_options options;
	double before = processor_s(), spent;
	int ends[2] = {-1, -1};
	pid_t reader = -1;

	ledger_init(&bench.ledger);
	if (wanted != NULL && pipe(ends) == 0) {
		reader = fork();
		if (reader == 0) {
			close(ends[1]);
			dup2(ends[0], STDIN_FILENO);
			execlp("sh", "sh", "-c", "exec cat >/dev/null", (char *)NULL);
			_exit(127);
		}
		options = *wanted;
		outlet = outlet_new(ends[1]);
		options.stream = outlet_stream(outlet);
		bench.console = console_new(&bench.ledger, &options);
	}
	run(&bench);
	console_free(bench.console);
	outlet_free(outlet, UINT64_MAX);
	ledger_deinit(&bench.ledger);
	spent = processor_s() - before;
	if (reader > 0) {
		close(ends[0]);
		close(ends[1]);
		waitpid(reader, NULL, 0);
	}
	return spent;
}

static bool tell(const char *name, double seconds, double alone)
{
	double each_us = (seconds - alone) / TESTS * 1e6;
	double percent = each_us * RATE / 1e6 * 100;
	bool is_met = percent < TARGET_PERCENT;

	printf("%-22s %6.2f us a result: %5.2f%% of a core at %d results a second (target %d%%)%s\n",
	       name, each_us, percent, RATE, TARGET_PERCENT, is_met ? "" : "  MISSED");
	return is_met;
}

int main(void)
{
	const struct console_options log = {.form = FORM_COUNTED, .unicode = true};
	const struct console_options server = {
		.form = FORM_COUNTED, .unicode = true, .color = true, .ci = CI_GITHUB};
	const struct console_options terminal = {
		.form = FORM_COLUMNS, .unicode = true, .color = true, .has_footer = true};
	double alone = measure(NULL);
	bool is_met = tell("log, a write a result", measure(&log), alone);

	is_met &= tell("GitHub's log", measure(&server), alone);
	is_met &= tell("terminal with footer", measure(&terminal), alone);
	return is_met ? 0 : 1;
}
