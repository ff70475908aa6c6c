/* queue.c - see queue.h. Tests wait in groups of one suite and area, longest first. */
#include "shards/plan/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

/* How finely the rest is cut: a batch may take the remaining work divided by this many times the
 * workers (guided self-scheduling, Polychronopoulos and Kuck 1987), but is never cut smaller than
 * this many start-ups, as then starting would cost more than evening out saves. Both figures stand
 * up best in the simulations over start-up costs from 0 to 1/60 of the work. */
enum { GUIDED_PARTS_PERCENT = 150, START_UPS_PER_BATCH = 3 };

/* No cut for tests whose framework starts for nothing: one at a time evens out best. */
enum { FREE_START_UP_NS = 20 * 1000 * 1000 };

/* Tests of one suite and area that wait, longest first; `next` skips what is taken. */
struct group {
	uint32_t suite_index;
	uint32_t area_index;
	uint32_t *tests;
	size_t count, cap;
	size_t next;
};

/* A test that runs once more. */
struct rerun {
	uint32_t test;
	uint32_t avoid_worker; /* where it ran last; another one is better */
	enum batch_reason reason;
};

/* What the queue remembers of a test. */
struct fate {
	bool is_taken;
	bool had_second_chance;
	uint32_t retries_left;
	uint32_t moves; /* times it came back from a lost or refusing worker */
};

/* A node that keeps losing a test is not the node's fault for ever. */
enum { MOVES_MAX = 3 };

struct queue {
	const struct test_list *tests;
	const struct queue_suite *suites;
	struct queue_settings settings;
	struct group *groups;
	size_t group_count, group_cap;
	struct rerun *reruns;
	size_t rerun_count, rerun_cap;
	struct fate *fates;
	uint32_t *last_area; /* of each worker; UINT32_MAX: none yet */
	size_t waiting_count;
	uint64_t waiting_ns;
	bool reruns_stopped;
};

static const struct test *test_at(const struct queue *queue, uint32_t test)
{
	return &queue->tests->tests[test];
}

static struct group *group_for(struct queue *queue, const struct test *test)
{
	struct group *group;
	size_t i;

	for (i = queue->group_count; i > 0; i--) { /* tests come area by area: the last one fits */
		group = &queue->groups[i - 1];
		if (group->suite_index == test->suite_index &&
		    group->area_index == test->area_index)
			return group;
	}
	queue->groups = mem_grow(queue->groups, &queue->group_cap, queue->group_count + 1,
	                         sizeof(queue->groups[0]));
	group = &queue->groups[queue->group_count++];
	*group = (struct group){.suite_index = test->suite_index, .area_index = test->area_index};
	return group;
}

/* One comparison for qsort: the expected time beside the index, ties in the order of planning. */
struct ranked {
	uint64_t expected_ns;
	uint32_t test;
};

static int longest_first(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->expected_ns != b->expected_ns)
		return a->expected_ns > b->expected_ns ? -1 : 1;
	return (a->test > b->test) - (a->test < b->test);
}

static void fill_groups(struct queue *queue)
{
	struct ranked *ranking = mem_calloc(queue->tests->count, sizeof(ranking[0]));
	size_t count = 0, i;

	for (i = 0; i < queue->tests->count; i++) {
		const struct test *test = &queue->tests->tests[i];

		queue->fates[i] = (struct fate){.retries_left = test->retries};
		if (test->skip_reason != NULL)
			continue;
		ranking[count++] = (struct ranked){test->expected_ns, (uint32_t)i};
		queue->waiting_ns += test->expected_ns;
	}
	queue->waiting_count = count;
	qsort(ranking, count, sizeof(ranking[0]), longest_first);
	for (i = 0; i < count; i++) {
		struct group *group = group_for(queue, test_at(queue, ranking[i].test));

		group->tests = mem_grow(group->tests, &group->cap, group->count + 1,
		                        sizeof(group->tests[0]));
		group->tests[group->count++] = ranking[i].test;
	}
	free(ranking);
}

struct queue *queue_new(const struct test_list *tests, const struct queue_suite *suites,
                        const struct queue_settings *settings)
{
	struct queue *queue = mem_calloc(1, sizeof(*queue));
	uint32_t i;

	assert(settings->worker_count > 0);
	queue->tests = tests;
	queue->suites = suites;
	queue->settings = *settings;
	queue->fates = mem_calloc(tests->count, sizeof(queue->fates[0]));
	queue->last_area = mem_calloc(settings->worker_count, sizeof(queue->last_area[0]));
	for (i = 0; i < settings->worker_count; i++)
		queue->last_area[i] = UINT32_MAX;
	fill_groups(queue);
	return queue;
}

void queue_free(struct queue *queue)
{
	size_t i;

	if (queue == NULL)
		return;
	for (i = 0; i < queue->group_count; i++)
		free(queue->groups[i].tests);
	free(queue->groups);
	free(queue->reruns);
	free(queue->fates);
	free(queue->last_area);
	free(queue);
}

/* The group's longest waiting test, or NULL when it has none left. */
static const struct test *group_head(struct queue *queue, struct group *group)
{
	while (group->next < group->count && queue->fates[group->tests[group->next]].is_taken)
		group->next++;
	return group->next < group->count ? test_at(queue, group->tests[group->next]) : NULL;
}

/* The group whose head is longest. Among equal ones the worker's own area comes first, so that it
 * stays where its caches are warm as long as that costs nothing. */
static struct group *choose_group(struct queue *queue, uint32_t worker)
{
	struct group *best = NULL;
	uint64_t best_ns = 0;
	size_t i;

	for (i = 0; i < queue->group_count; i++) {
		struct group *group = &queue->groups[i];
		const struct test *head = group_head(queue, group);
		bool is_own;

		if (head == NULL)
			continue;
		is_own = group->area_index == queue->last_area[worker];
		if (best == NULL || head->expected_ns > best_ns ||
		    (head->expected_ns == best_ns && is_own &&
		     best->area_index != queue->last_area[worker])) {
			best = group;
			best_ns = head->expected_ns;
		}
	}
	return best;
}

/* How much expected time the next batch of a suite should hold. */
static uint64_t target_ns(const struct queue *queue, const struct queue_suite *suite)
{
	uint64_t parts = (uint64_t)queue->settings.worker_count * GUIDED_PARTS_PERCENT;
	uint64_t target = queue->waiting_ns * 100 / parts;
	uint64_t least = suite->start_up_ns * START_UPS_PER_BATCH;
	uint64_t most = suite->batch_max_ns;

	if (suite->start_up_ns < FREE_START_UP_NS)
		return 0;
	if (target < least)
		target = least;
	return most > 0 && target > most ? most : target;
}

/* When no time is known every test counts the same: share them out by number. */
static size_t target_count(const struct queue *queue, const struct queue_suite *suite)
{
	size_t parts = (size_t)queue->settings.worker_count * GUIDED_PARTS_PERCENT;
	size_t count = queue->waiting_count * 100 / parts;

	if (queue->waiting_ns > 0 || suite->start_up_ns < FREE_START_UP_NS)
		return SIZE_MAX;
	return count > 0 ? count : 1;
}

static bool can_join(const struct queue *queue, const struct queue_suite *suite,
                     const struct queue_batch *batch, uint32_t test)
{
	size_t i;

	for (i = 0; suite->can_share != NULL && i < batch->test_count; i++) {
		if (!suite->can_share(suite->data, test_at(queue, batch->tests[i])->file,
		                      test_at(queue, test)->file))
			return false;
	}
	return true;
}

static void take_test(struct queue *queue, uint32_t test, struct queue_batch *batch, size_t *cap)
{
	queue->fates[test].is_taken = true;
	queue->waiting_count--;
	queue->waiting_ns -= test_at(queue, test)->expected_ns;
	batch->tests = mem_grow(batch->tests, cap, batch->test_count + 1, sizeof(batch->tests[0]));
	batch->tests[batch->test_count++] = test;
	batch->expected_ns += test_at(queue, test)->expected_ns;
}

/* A batch that is being put together, and how much it may hold. */
struct filling {
	const struct queue_suite *suite;
	struct queue_batch batch;
	size_t cap;
	size_t most;
	uint64_t most_ns;
};

/* Take the group's tests that still fit, longest first. */
static void take_from_group(struct queue *queue, const struct group *group, struct filling *f)
{
	size_t i;

	for (i = group->next; i < group->count && f->batch.test_count < f->most; i++) {
		uint32_t test = group->tests[i];
		uint64_t expected_ns = test_at(queue, test)->expected_ns;

		if (queue->fates[test].is_taken)
			continue;
		if (f->batch.test_count > 0 && (f->batch.expected_ns + expected_ns > f->most_ns ||
		                                !can_join(queue, f->suite, &f->batch, test)))
			continue;
		take_test(queue, test, &f->batch, &f->cap);
		if (f->most_ns == 0)
			break;
	}
}

/* The group's longest test opens the batch. While that is not worth its start-up, other areas of
 * the suite join: their needs are equal. */
static void fill_batch(struct queue *queue, struct group *group, struct queue_batch *ret_batch)
{
	struct filling f = {
		.suite = &queue->suites[group->suite_index],
		.batch = {.reason = BATCH_PLANNED},
	};
	size_t i;

	f.most_ns = target_ns(queue, f.suite);
	f.most = target_count(queue, f.suite);
	if (f.suite->batch_max > 0 && f.most > f.suite->batch_max)
		f.most = f.suite->batch_max;
	take_from_group(queue, group, &f);
	if (f.most_ns > f.suite->start_up_ns * START_UPS_PER_BATCH)
		f.most_ns = f.suite->start_up_ns * START_UPS_PER_BATCH;
	for (i = 0; i < queue->group_count && f.batch.expected_ns < f.most_ns; i++) {
		if (queue->groups[i].suite_index == group->suite_index)
			take_from_group(queue, &queue->groups[i], &f);
	}
	f.batch.expected_ns += f.suite->start_up_ns;
	*ret_batch = f.batch;
}

/* A rerun for this worker: one that did not run here before, else, when it is the only worker or
 * nothing else is left to do, any. */
static size_t choose_rerun(const struct queue *queue, uint32_t worker)
{
	size_t i;

	for (i = 0; i < queue->rerun_count; i++) {
		if (queue->reruns[i].avoid_worker != worker)
			return i;
	}
	return queue->waiting_count == 0 || queue->settings.worker_count == 1 ? 0
	                                                                      : queue->rerun_count;
}

static void take_rerun(struct queue *queue, size_t index, struct queue_batch *ret_batch)
{
	struct rerun rerun = queue->reruns[index];
	const struct test *test = test_at(queue, rerun.test);
	uint32_t *tests = mem_alloc(sizeof(tests[0]));

	queue->rerun_count--;
	memmove(&queue->reruns[index], &queue->reruns[index + 1],
	        (queue->rerun_count - index) * sizeof(queue->reruns[0]));
	tests[0] = rerun.test;
	*ret_batch = (struct queue_batch){
		.tests = tests,
		.test_count = 1,
		.expected_ns = test->expected_ns + queue->suites[test->suite_index].start_up_ns,
		.reason = rerun.reason,
	};
}

bool queue_take_next(struct queue *queue, uint32_t worker, struct queue_batch *ret_batch)
{
	size_t rerun = choose_rerun(queue, worker);
	struct group *group;

	assert(worker < queue->settings.worker_count);
	if (rerun < queue->rerun_count) {
		take_rerun(queue, rerun, ret_batch);
		return true;
	}
	group = choose_group(queue, worker);
	if (group == NULL)
		return false;
	queue->last_area[worker] = group->area_index;
	fill_batch(queue, group, ret_batch);
	return true;
}

static void run_again(struct queue *queue, uint32_t test, uint32_t worker, enum batch_reason reason)
{
	queue->reruns = mem_grow(queue->reruns, &queue->rerun_cap, queue->rerun_count + 1,
	                         sizeof(queue->reruns[0]));
	queue->reruns[queue->rerun_count++] = (struct rerun){test, worker, reason};
}

/* May it run again, and as what? A lost or refusing worker costs the test nothing; a crash gives
 * one second chance, alone; failures and time-outs use the retries; the rest is final. */
static bool may_run_again(struct queue *queue, struct fate *fate, enum outcome outcome,
                          enum batch_reason *ret_reason)
{
	switch (outcome) {
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
		*ret_reason = BATCH_RETRY;
		return fate->retries_left > 0 && fate->retries_left-- > 0;
	case OUTCOME_UNRESOLVED:
		*ret_reason = BATCH_SECOND_CHANCE;
		if (queue->settings.second_chance && !fate->had_second_chance) {
			fate->had_second_chance = true;
			return true;
		}
		return false;
	case OUTCOME_LOST:
		*ret_reason = BATCH_MOVED;
		return fate->moves++ < MOVES_MAX;
	case OUTCOME_REFUSED: /* not retried on this node, and there is no other kind yet */
	case OUTCOME_RUNNING:
	case OUTCOME_PASSED:
	case OUTCOME_SKIPPED:
	case OUTCOME_OUTSIDE:
	case OUTCOME_CANCELLED:
		break;
	}
	return false;
}

bool queue_settle(struct queue *queue, uint32_t test, uint32_t worker, enum outcome outcome)
{
	struct fate *fate = &queue->fates[test];
	enum batch_reason reason;

	assert(fate->is_taken);
	if (queue->reruns_stopped || !may_run_again(queue, fate, outcome, &reason))
		return false;
	run_again(queue, test, worker, reason);
	return true;
}

bool queue_is_empty(const struct queue *queue)
{
	return queue->waiting_count == 0 && queue->rerun_count == 0;
}

size_t queue_waiting_count(const struct queue *queue)
{
	return queue->waiting_count + queue->rerun_count;
}

uint64_t queue_waiting_ns(const struct queue *queue)
{
	return queue->waiting_ns;
}

void queue_stop_reruns(struct queue *queue)
{
	queue->reruns_stopped = true;
	queue->rerun_count = 0;
}
