/* course.c - see course.h. */
#include "runner/report/course.h"

#include <stdlib.h>

#include "shards/base/mem.h"

bool slice_is_start_up(const struct slice *slice)
{
	return slice->attempt == NULL;
}

const struct attempt *course_attempt(const struct ledger *ledger, uint32_t test, uint32_t batch,
                                     uint32_t *ret_number)
{
	const struct attempt *attempt = ledger->tests[test].first_attempt;
	uint32_t number = 1;

	while (attempt != NULL && attempt->batch != batch) {
		attempt = attempt->next;
		number++;
	}
	*ret_number = number;
	return attempt;
}

/* A test of a batch, for sorting: tests without cases come last, as the batch has them. */
struct turn {
	size_t reported; /* position of its first case in the journal */
	uint32_t position;
	uint32_t test;
};

static int by_report(const void *left, const void *right)
{
	const struct turn *a = left, *b = right;

	if (a->reported != b->reported)
		return a->reported < b->reported ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

static size_t first_case(const struct view *view, uint32_t test, uint32_t batch)
{
	size_t i;

	for (i = view->case_first[test]; i < view->case_first[test + 1]; i++) {
		if (view->cases[view->case_order[i]].batch == batch)
			return view->case_order[i];
	}
	return SIZE_MAX;
}

static struct turn *turns_of(const struct view *view, uint32_t number)
{
	const struct ledger_batch *batch = &view->ledger->batches[number];
	struct turn *turns = mem_calloc(batch->test_count, sizeof(turns[0]));
	uint32_t i;

	for (i = 0; i < batch->test_count; i++)
		turns[i] = (struct turn){first_case(view, batch->tests[i], number), i,
		                         batch->tests[i]};
	qsort(turns, batch->test_count, sizeof(turns[0]), by_report);
	return turns;
}

static void add_slice(struct course *course, struct slice slice)
{
	course->slices = mem_grow(course->slices, &course->slice_cap, course->slice_count + 1,
	                          sizeof(course->slices[0]));
	course->slices[course->slice_count++] = slice;
}

/* The end of what the batch's command did, as far as it is known. */
static uint64_t command_end(const struct view *view, const struct ledger_batch *batch)
{
	uint64_t end_ns = batch->has_ended ? batch->ended_ns : view->end_ns;

	if (batch->has_ended && batch->end.elapsed_ns > 0 &&
	    batch->end.elapsed_ns < end_ns - batch->running_ns)
		return batch->running_ns + batch->end.elapsed_ns;
	return end_ns;
}

/* What its tests say that they took; 0 while it runs, when nobody knows. */
static uint64_t tests_ns_of(const struct view *view, uint32_t number)
{
	const struct ledger_batch *batch = &view->ledger->batches[number];
	uint64_t sum_ns = 0;
	uint32_t attempt_number, i;

	for (i = 0; batch->has_ended && i < batch->test_count; i++)
		sum_ns += course_attempt(view->ledger, batch->tests[i], number, &attempt_number)
		                  ->time_ns;
	return sum_ns;
}

/* One after the other from `start_ns` on, each as long as it took times `scale`. */
static void add_tests(struct course *course, const struct view *view, uint32_t number,
                      uint64_t start_ns, uint64_t end_ns, double scale)
{
	const struct ledger_batch *batch = &view->ledger->batches[number];
	struct turn *turns = turns_of(view, number);
	uint64_t done_ns = 0, at_ns = start_ns;
	uint32_t i;

	for (i = 0; i < batch->test_count; i++) {
		struct slice slice = {.start_ns = at_ns, .batch = number, .test = turns[i].test};

		slice.attempt =
			course_attempt(view->ledger, turns[i].test, number, &slice.attempt_number);
		done_ns += batch->has_ended ? slice.attempt->time_ns : 0;
		at_ns = start_ns + (uint64_t)((double)done_ns * scale);
		if (at_ns > end_ns)
			at_ns = end_ns; /* rounding */
		slice.end_ns = at_ns;
		add_slice(course, slice);
	}
	free(turns);
}

static void add_start_up(struct course *course, uint32_t number, uint64_t start_ns, uint64_t end_ns)
{
	if (start_ns < end_ns)
		add_slice(course, (struct slice){.start_ns = start_ns,
		                                 .end_ns = end_ns,
		                                 .batch = number,
		                                 .test = UINT32_MAX});
}

static int by_start(const void *left, const void *right)
{
	const struct slice *a = left, *b = right;

	return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* When the framework told the start and the end of each test, and one came after the other: its
 * tests, as they were. Else NULL. The caller frees them. */
static struct slice *told_slices(const struct view *view, uint32_t number, uint64_t end_ns)
{
	const struct ledger_batch *batch = &view->ledger->batches[number];
	struct slice *slices = mem_calloc(batch->test_count, sizeof(slices[0]));
	uint64_t at_ns = batch->running_ns;
	bool is_told = batch->has_ended;
	uint32_t i;

	for (i = 0; i < batch->test_count && is_told; i++) {
		struct slice *slice = &slices[i];

		*slice = (struct slice){.batch = number, .test = batch->tests[i]};
		slice->attempt =
			course_attempt(view->ledger, slice->test, number, &slice->attempt_number);
		slice->start_ns = slice->attempt->started_ns;
		slice->end_ns = slice->attempt->done_ns;
		is_told = slice->start_ns > 0 && slice->end_ns > 0;
	}
	if (is_told)
		qsort(slices, batch->test_count, sizeof(slices[0]), by_start);
	for (i = 0; i < batch->test_count && is_told; i++) {
		is_told = slices[i].start_ns >= at_ns && slices[i].end_ns >= slices[i].start_ns;
		at_ns = slices[i].end_ns;
	}
	if (is_told && at_ns <= end_ns)
		return slices;
	free(slices);
	return NULL;
}

/* What is between two tests is the framework's time, as a start-up is. */
static bool add_told(struct course *course, const struct view *view, uint32_t number,
                     uint64_t end_ns)
{
	const struct ledger_batch *batch = &view->ledger->batches[number];
	struct slice *slices = told_slices(view, number, end_ns);
	uint32_t i;

	if (slices == NULL)
		return false;
	add_start_up(course, number, batch->running_ns, slices[0].start_ns);
	for (i = 0; i < batch->test_count; i++)
		add_slice(course, slices[i]);
	free(slices);
	return true;
}

static void add_batch(struct course *course, const struct view *view, uint32_t number)
{
	const struct ledger_batch *batch = &view->ledger->batches[number];
	uint64_t end_ns = command_end(view, batch), elapsed_ns = end_ns - batch->running_ns;
	uint64_t tests_ns = tests_ns_of(view, number), start_ns = batch->running_ns;
	double scale = 1;

	if (add_told(course, view, number, end_ns))
		return;
	if (tests_ns > elapsed_ns)
		scale = (double)elapsed_ns / (double)tests_ns;
	else
		start_ns += elapsed_ns - tests_ns;
	add_start_up(course, number, batch->running_ns, start_ns);
	add_tests(course, view, number, start_ns, end_ns, scale);
}

struct stay {
	uint32_t batch;
	uint32_t worker;
	uint64_t running_ns;
};

static int by_worker_and_time(const void *left, const void *right)
{
	const struct stay *a = left, *b = right;

	if (a->worker != b->worker)
		return a->worker < b->worker ? -1 : 1;
	if (a->running_ns != b->running_ns)
		return a->running_ns < b->running_ns ? -1 : 1;
	return (a->batch > b->batch) - (a->batch < b->batch);
}

/* All batches whose command ran, in the order of the chart; notes which ended last. */
static struct stay *stays_of(struct course *course, const struct view *view, size_t *ret_count)
{
	const struct ledger *ledger = view->ledger;
	struct stay *stays = mem_calloc(ledger->batch_count, sizeof(stays[0]));
	size_t count = 0, i;

	course->last_batch = UINT32_MAX;
	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];

		if (batch->running_ns == 0)
			continue;
		stays[count++] = (struct stay){(uint32_t)i, batch->worker, batch->running_ns};
		if (batch->has_ended &&
		    (course->last_batch == UINT32_MAX ||
		     batch->ended_ns > ledger->batches[course->last_batch].ended_ns))
			course->last_batch = (uint32_t)i;
	}
	qsort(stays, count, sizeof(stays[0]), by_worker_and_time);
	*ret_count = count;
	return stays;
}

void course_init(struct course *course, const struct view *view)
{
	const struct ledger *ledger = view->ledger;
	size_t stay_count, i, worker = 0;
	struct stay *stays;

	*course = (struct course){0};
	stays = stays_of(course, view, &stay_count);
	course->first = mem_calloc(ledger->worker_count + 1, sizeof(course->first[0]));
	for (i = 0; i < stay_count; i++) {
		while (worker < stays[i].worker)
			course->first[++worker] = course->slice_count;
		add_batch(course, view, stays[i].batch);
	}
	while (worker < ledger->worker_count)
		course->first[++worker] = course->slice_count;
	free(stays);
	course->start_ns = ledger->has_started ? ledger->first_start_ns : 0;
	course->end_ns = ledger->has_ended && view->is_whole ? ledger->last_end_ns : view->end_ns;
	if (course->end_ns < course->start_ns)
		course->end_ns = course->start_ns;
}

void course_deinit(struct course *course)
{
	free(course->slices);
	free(course->first);
	*course = (struct course){0};
}
