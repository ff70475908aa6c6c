/* shared_clock.c - see shared_clock.h. */
#include "shards/plan/shared_clock.h"

#include <math.h>
#include <stdlib.h>

#include "shards/base/mem.h"

/* Halvings of the interval in which f lies: far below a nanosecond in a day. */
enum { HALVINGS = 50 };

/* A worker's batch: its framework's start, then test by test. */
struct lane {
	bool is_running;
	bool is_start_up;
	bool is_coming; /* no batch: it waits until its worker is there, whatever others do */
	const uint32_t *tests;
	size_t count, at;
	double left_ns; /* of the start or the test, as if it were alone */
	double demand;  /* of a cpu, alone */
	double stretch; /* how many times as long it takes as things are */
};

struct shared_clock {
	const struct pieces *pieces;
	const uint64_t *actual_ns;
	struct lane *lanes;
	double now_ns;
};

struct shared_clock *shared_clock_new(const struct pieces *pieces, const uint64_t *actual_ns)
{
	struct shared_clock *clock = mem_calloc(1, sizeof(*clock));

	clock->pieces = pieces;
	clock->actual_ns = actual_ns;
	clock->lanes = mem_calloc(pieces->worker_count, sizeof(clock->lanes[0]));
	return clock;
}

void shared_clock_free(struct shared_clock *clock)
{
	if (clock == NULL)
		return;
	free(clock->lanes);
	free(clock);
}

static void enter_start_up(struct shared_clock *clock, uint32_t worker)
{
	const struct pieces *pieces = clock->pieces;
	struct lane *lane = &clock->lanes[worker];
	uint32_t suite = pieces->input->tests->tests[lane->tests[0]].suite_index;

	lane->is_start_up = true;
	lane->left_ns = (double)pieces_start_up_ns(pieces, suite, pieces->worker_nodes[worker]);
	lane->demand = pieces->input->suites[suite].cpu_share;
}

static void enter_test(struct shared_clock *clock, uint32_t worker)
{
	const struct pieces *pieces = clock->pieces;
	struct lane *lane = &clock->lanes[worker];
	uint32_t test = lane->tests[lane->at];
	const struct test *planned = &pieces->input->tests->tests[test];
	uint64_t alone_ns =
		clock->actual_ns != NULL ? clock->actual_ns[test] : pieces_test_ns(pieces, test);

	lane->is_start_up = false;
	lane->left_ns = (double)alone_ns / pieces->input->nodes[pieces->worker_nodes[worker]].speed;
	lane->demand = planned->expected_ns > 0
	                       ? (double)planned->cpu_ns / (double)planned->expected_ns
	                       : 0;
}

void shared_clock_start(struct shared_clock *clock, uint32_t worker, const uint32_t *tests,
                        size_t test_count)
{
	clock->lanes[worker] =
		(struct lane){.is_running = true, .tests = tests, .count = test_count};
	enter_start_up(clock, worker);
}

void shared_clock_await(struct shared_clock *clock, uint32_t worker, uint64_t at_ns)
{
	clock->lanes[worker] = (struct lane){
		.is_running = true, .is_coming = true, .left_ns = (double)at_ns - clock->now_ns};
}

/* How long something takes where computing takes f times as long as alone. */
static double stretch_of(double demand, double f)
{
	return demand >= 1 ? f : 1 - demand + demand * f;
}

static double cpus_used(const struct shared_clock *clock, uint32_t first, uint32_t end, double f)
{
	double used = 0;
	uint32_t i;

	for (i = first; i < end; i++) {
		const struct lane *lane = &clock->lanes[i];

		if (lane->is_running)
			used += lane->demand / stretch_of(lane->demand, f);
	}
	return used;
}

/* The f at which the node's running workers use just its cpus; 1 where they do not need them all.
 */
static double cpu_stretch(const struct shared_clock *clock, uint32_t first, uint32_t end,
                          double cpus)
{
	double low = 1, high, middle;
	int i;

	if (cpus_used(clock, first, end, 1) <= cpus)
		return 1;
	for (high = 2; cpus_used(clock, first, end, high) > cpus;)
		high *= 2;
	for (i = 0; i < HALVINGS && high - low > 1e-9; i++) {
		middle = (low + high) / 2;
		if (cpus_used(clock, first, end, middle) > cpus)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static double system_stretch(const struct shared_clock *clock)
{
	const struct plan_contention *contention = &clock->pieces->input->contention;
	double systems = contention->system_count > 0 ? contention->system_count : 1;
	double running = 0, beside;
	uint32_t i;

	for (i = 0; i < clock->pieces->worker_count; i++)
		running += clock->lanes[i].is_running && !clock->lanes[i].is_start_up &&
		           !clock->lanes[i].is_coming;
	beside = running / systems - 1;
	return beside > 0 ? 1 + contention->slow_down * beside : 1;
}

static void find_stretches(struct shared_clock *clock)
{
	const struct plan_input *input = clock->pieces->input;
	double of_system = system_stretch(clock);
	uint32_t first = 0, i;
	size_t node;

	for (node = 0; node < input->node_count; node++) {
		uint32_t end = first + input->nodes[node].executors;
		double f = 1;

		if (input->contention.on_cpus && input->nodes[node].cpus > 0)
			f = cpu_stretch(clock, first, end, input->nodes[node].cpus);
		for (i = first; i < end; i++) {
			struct lane *lane = &clock->lanes[i];

			lane->stretch = stretch_of(lane->demand, f) *
			                (lane->is_start_up || lane->is_coming ? 1 : of_system);
		}
		first = end;
	}
}

/* The worker whose start-up or test ends first; of equal ones the first. */
static uint32_t first_to_end(const struct shared_clock *clock, double *ret_after_ns)
{
	uint32_t first = UINT32_MAX, i;

	for (i = 0; i < clock->pieces->worker_count; i++) {
		const struct lane *lane = &clock->lanes[i];
		double after_ns = lane->left_ns * lane->stretch;

		if (lane->is_running && (first == UINT32_MAX || after_ns < *ret_after_ns)) {
			first = i;
			*ret_after_ns = after_ns;
		}
	}
	return first;
}

bool shared_clock_next(struct shared_clock *clock, struct clock_event *ret_event)
{
	struct lane *lane;
	double after_ns = 0;
	uint32_t worker, i;

	find_stretches(clock);
	worker = first_to_end(clock, &after_ns);
	if (worker == UINT32_MAX)
		return false;
	for (i = 0; i < clock->pieces->worker_count; i++) {
		if (clock->lanes[i].is_running)
			clock->lanes[i].left_ns -= after_ns / clock->lanes[i].stretch;
	}
	clock->now_ns += after_ns;
	lane = &clock->lanes[worker];
	/* rounded up, but for what a double can't tell from a whole number */
	*ret_event = (struct clock_event){.at_ns = (uint64_t)ceil(clock->now_ns - 1e-3),
	                                  .worker = worker,
	                                  .is_start_up = lane->is_start_up,
	                                  .is_coming = lane->is_coming};
	if (lane->is_coming) {
		lane->is_running = false;
		return true;
	}
	if (!lane->is_start_up && ++lane->at == lane->count) {
		lane->is_running = false;
		ret_event->is_last = true;
	} else {
		enter_test(clock, worker);
	}
	return true;
}
