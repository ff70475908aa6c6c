/* simulate.c - see simulate.h. */
#include "shards/plan/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/plan/queue.h"
#include "shards/plan/shared_clock.h"

/* What a worker does. */
struct runner {
	struct queue_batch batch;
	size_t number; /* of its batch on the time line */
	size_t ended;  /* tests of it */
	uint64_t waits_from_ns;
	bool stands_still; /* others hold what it needs, since then */
	bool is_waiting;   /* it has stood still since its last batch: it asks again */
};

/* The next ends, the earliest on top; equal ones in the order of workers. A worker that comes later
 * begins with one. */
struct end {
	uint64_t at_ns;
	uint32_t worker;
};

struct simulation {
	const struct pieces *pieces;
	const uint64_t *actual_ns;
	struct queue *queue;
	struct runner *runners;
	uint32_t waiting_count;
	struct shared_clock *clock; /* NULL: nothing slows anything down */
	struct end *heap;
	uint32_t heap_count;
	struct schedule *line;
	bool is_whole;
	size_t batch_cap, test_count, test_cap, ended_cap;
};

/* ---- ends, when nothing slows anything down ---- */

static bool is_sooner(struct end a, struct end b)
{
	return a.at_ns < b.at_ns || (a.at_ns == b.at_ns && a.worker < b.worker);
}

static void push_end(struct simulation *s, struct end end)
{
	uint32_t at = s->heap_count++;

	while (at > 0 && is_sooner(end, s->heap[(at - 1) / 2])) {
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at] = end;
}

static struct end pop_end(struct simulation *s)
{
	struct end top = s->heap[0], last = s->heap[--s->heap_count];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < s->heap_count) {
		if (child + 1 < s->heap_count && is_sooner(s->heap[child + 1], s->heap[child]))
			child++;
		if (!is_sooner(s->heap[child], last))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = last;
	return top;
}

/* ---- the line ---- */

static uint64_t test_ns(const struct simulation *s, uint32_t test, uint32_t node)
{
	uint64_t time_ns =
		s->actual_ns != NULL ? s->actual_ns[test] : pieces_test_ns(s->pieces, test);

	return pieces_on_node_ns(s->pieces, time_ns, node);
}

static uint32_t suite_of(const struct simulation *s, const struct queue_batch *batch)
{
	return s->pieces->input->tests->tests[batch->tests[0]].suite_index;
}

static void add_to_line(struct simulation *s, uint32_t worker, uint64_t now_ns)
{
	struct schedule *line = s->line;
	struct runner *runner = &s->runners[worker];
	const struct queue_batch *batch = &runner->batch;

	runner->number = line->batch_count++;
	runner->ended = 0;
	if (!s->is_whole)
		return;
	line->batches =
		mem_grow(line->batches, &s->batch_cap, line->batch_count, sizeof(line->batches[0]));
	line->tests = mem_grow(line->tests, &s->test_cap, s->test_count + batch->test_count,
	                       sizeof(line->tests[0]));
	line->test_ended_ns =
		mem_grow(line->test_ended_ns, &s->ended_cap, s->test_count + batch->test_count,
	                 sizeof(line->test_ended_ns[0]));
	line->batches[runner->number] = (struct schedule_batch){
		.worker = worker,
		.suite = suite_of(s, batch),
		.started_ns = now_ns,
		.waited_ns = runner->stands_still ? now_ns - runner->waits_from_ns : 0,
		.first_test = (uint32_t)s->test_count,
		.test_count = (uint32_t)batch->test_count,
	};
	memcpy(&line->tests[s->test_count], batch->tests,
	       batch->test_count * sizeof(line->tests[0]));
	s->test_count += batch->test_count;
}

static void note_running(struct simulation *s, uint32_t worker, uint64_t at_ns)
{
	if (s->is_whole)
		s->line->batches[s->runners[worker].number].running_ns = at_ns;
}

static void note_test_end(struct simulation *s, uint32_t worker, uint64_t at_ns)
{
	struct runner *runner = &s->runners[worker];
	struct schedule_batch *batch;
	uint64_t before_ns;

	if (!s->is_whole)
		return;
	batch = &s->line->batches[runner->number];
	before_ns = runner->ended > 0
	                    ? s->line->test_ended_ns[batch->first_test + runner->ended - 1]
	                    : batch->running_ns;
	s->line->test_ended_ns[batch->first_test + runner->ended++] = at_ns;
	batch->last_test_ns = at_ns - before_ns;
}

/* What its tests took over what they take alone. */
static uint64_t contention_ns(const struct simulation *s, const struct schedule_batch *batch)
{
	uint32_t node = s->pieces->worker_nodes[batch->worker], i;
	uint64_t alone_ns = 0, took_ns = batch->ended_ns - batch->running_ns;

	for (i = 0; i < batch->test_count; i++)
		alone_ns += test_ns(s, s->line->tests[batch->first_test + i], node);
	return took_ns > alone_ns ? took_ns - alone_ns : 0;
}

static void note_batch_end(struct simulation *s, uint32_t worker, uint64_t at_ns)
{
	struct schedule_batch *batch;
	struct schedule_worker *w;

	if (at_ns > s->line->makespan_ns)
		s->line->makespan_ns = at_ns;
	if (!s->is_whole)
		return;
	batch = &s->line->batches[s->runners[worker].number];
	w = &s->line->workers[worker];
	batch->ended_ns = at_ns;
	batch->contention_ns = s->clock != NULL ? contention_ns(s, batch) : 0;
	w->busy_ns += at_ns - batch->started_ns;
	w->start_up_ns += batch->running_ns - batch->started_ns;
	w->waited_ns += batch->waited_ns;
	w->contention_ns += batch->contention_ns;
	w->ended_ns = at_ns;
	w->batch_count++;
	w->test_count += batch->test_count;
}

/* ---- the run ---- */

static void run_unslowed(struct simulation *s, uint32_t worker, uint64_t now_ns)
{
	const struct queue_batch *batch = &s->runners[worker].batch;
	uint32_t node = s->pieces->worker_nodes[worker];
	uint64_t at_ns = now_ns + pieces_start_up_ns(s->pieces, suite_of(s, batch), node);
	size_t i;

	note_running(s, worker, at_ns);
	for (i = 0; i < batch->test_count; i++) {
		at_ns += test_ns(s, batch->tests[i], node);
		note_test_end(s, worker, at_ns);
	}
	push_end(s, (struct end){at_ns, worker});
}

/* It got nothing: because of what others hold, or because there is nothing more for it. */
static void note_vain(struct simulation *s, struct runner *runner, bool is_held_up, uint64_t now_ns)
{
	if (is_held_up && !runner->stands_still)
		runner->waits_from_ns = now_ns;
	if (!is_held_up && runner->stands_still)
		s->line->unserved_ns += now_ns - runner->waits_from_ns;
	runner->stands_still = is_held_up;
	s->waiting_count += is_held_up && !runner->is_waiting;
	runner->is_waiting |= is_held_up;
}

/* The worker, which is free, asks. */
static void ask(struct simulation *s, uint32_t worker, uint64_t now_ns)
{
	struct runner *runner = &s->runners[worker];

	if (!queue_take_next(s->queue, worker, &runner->batch)) {
		note_vain(s, runner, queue_is_held_up(s->queue, worker), now_ns);
		return;
	}
	s->line->start_up_ns += pieces_start_up_ns(s->pieces, suite_of(s, &runner->batch),
	                                           s->pieces->worker_nodes[worker]);
	add_to_line(s, worker, now_ns);
	s->waiting_count -= runner->is_waiting;
	runner->is_waiting = runner->stands_still = false;
	if (s->clock != NULL)
		shared_clock_start(s->clock, worker, runner->batch.tests, runner->batch.test_count);
	else
		run_unslowed(s, worker, now_ns);
}

/* A batch is over: what it held is free, so that those who wait for it ask again. */
static void on_ended(struct simulation *s, uint32_t worker, uint64_t now_ns)
{
	uint32_t i;

	note_batch_end(s, worker, now_ns);
	free(s->runners[worker].batch.tests);
	s->runners[worker].batch.tests = NULL;
	queue_release(s->queue, worker);
	for (i = 0; s->waiting_count > 0 && i < s->pieces->worker_count; i++) {
		if (s->runners[i].is_waiting)
			ask(s, i, now_ns);
	}
	ask(s, worker, now_ns);
}

/* Now, or as soon as its node is there. */
static void begin(struct simulation *s, uint32_t worker)
{
	uint64_t ready_ns = s->pieces->input->nodes[s->pieces->worker_nodes[worker]].ready_ns;

	if (ready_ns == 0)
		ask(s, worker, 0);
	else if (s->clock != NULL)
		shared_clock_await(s->clock, worker, ready_ns);
	else
		push_end(s, (struct end){ready_ns, worker});
}

static void run_slowed(struct simulation *s)
{
	struct clock_event event;

	while (shared_clock_next(s->clock, &event)) {
		if (event.is_coming) {
			ask(s, event.worker, event.at_ns);
			continue;
		}
		if (event.is_start_up)
			note_running(s, event.worker, event.at_ns);
		else
			note_test_end(s, event.worker, event.at_ns);
		if (event.is_last)
			on_ended(s, event.worker, event.at_ns);
	}
}

static bool has_contention(const struct plan_input *input)
{
	return input->contention.on_cpus || input->contention.slow_down > 0;
}

static void run(struct simulation *s, const struct policy *policy)
{
	uint32_t worker_count = s->pieces->worker_count, i;

	s->line->worker_count = worker_count;
	s->queue = queue_new(s->pieces, policy);
	s->runners = mem_calloc(worker_count, sizeof(s->runners[0]));
	s->heap = mem_calloc(worker_count, sizeof(s->heap[0]));
	if (s->is_whole)
		s->line->workers = mem_calloc(worker_count, sizeof(s->line->workers[0]));
	for (i = 0; i < worker_count; i++)
		begin(s, i);
	if (s->clock != NULL)
		run_slowed(s);
	while (s->heap_count > 0) {
		struct end end = pop_end(s);

		if (s->runners[end.worker].batch.tests == NULL)
			ask(s, end.worker, end.at_ns);
		else
			on_ended(s, end.worker, end.at_ns);
	}
	shared_clock_free(s->clock);
	free(s->heap);
	free(s->runners);
	queue_free(s->queue);
}

void simulate(const struct pieces *pieces, const struct policy *policy, const uint64_t *actual_ns,
              bool is_whole, struct schedule *ret_schedule)
{
	struct simulation s = {
		.pieces = pieces,
		.actual_ns = actual_ns,
		.is_whole = is_whole,
		.line = ret_schedule,
	};

	*ret_schedule = (struct schedule){0};
	if (has_contention(pieces->input))
		s.clock = shared_clock_new(pieces, actual_ns);
	run(&s, policy);
}

uint64_t simulate_unslowed_ns(const struct pieces *pieces, const struct policy *policy,
                              const uint64_t *actual_ns)
{
	struct schedule line = {0};
	struct simulation s = {.pieces = pieces, .actual_ns = actual_ns, .line = &line};

	run(&s, policy);
	return line.makespan_ns;
}

/* ---- chance ---- */

/* splitmix64 (Steele, Lea, Flood 2014): any number into an evenly spread one. */
static uint64_t mix(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

/* Above 0, at most 1. */
static double unit(uint64_t bits)
{
	return ((double)(bits >> 11) + 1) / 9007199254740992.0;
}

/* Normally distributed (Box and Muller 1958). */
static double normal(uint64_t key)
{
	return sqrt(-2 * log(unit(mix(key)))) *
	       cos(6.283185307179586 * unit(mix(key ^ UINT64_C(0xd1b54a32d192ed03))));
}

void simulate_draw(const struct pieces *pieces, uint32_t draw, double spread,
                   uint64_t *ret_actual_ns)
{
	const struct plan_input *input = pieces->input;
	uint64_t stream = mix(input->seed ^ mix(draw));
	size_t i;

	for (i = 0; i < input->tests->count; i++) {
		const struct test *test = &input->tests->tests[i];
		double sigma = spread >= 0 ? spread : input->suites[test->suite_index].spread;
		double factor = sigma > 0 ? exp(sigma * normal(stream + i)) : 1;

		ret_actual_ns[i] = (uint64_t)((double)pieces_test_ns(pieces, (uint32_t)i) * factor);
	}
}
