/* lookback.c - see lookback.h. */
#include "shards/model/lookback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/test.h"

void lookback_init(struct lookback *lookback)
{
	*lookback = (struct lookback){.fed_run_id = ""};
	dict_init(&lookback->test_keys);
	dict_init(&lookback->area_names);
}

void lookback_deinit(struct lookback *lookback)
{
	size_t i;

	for (i = 0; i < lookback->test_count; i++) {
		free(lookback->tests[i].suite);
		free(lookback->tests[i].id);
		free(lookback->tests[i].key);
	}
	for (i = 0; i < lookback->area_count; i++)
		free(lookback->areas[i].name);
	free(lookback->tests);
	free(lookback->areas);
	free(lookback->runs);
	dict_deinit(&lookback->test_keys);
	dict_deinit(&lookback->area_names);
	lookback_init(lookback);
}

/* ---- feeding ---- */

static uint32_t find_area(struct lookback *lookback, struct text name)
{
	size_t index;

	if (dict_find(&lookback->area_names, name, &index))
		return (uint32_t)index;
	lookback->areas = mem_grow(lookback->areas, &lookback->area_cap, lookback->area_count + 1,
	                           sizeof(lookback->areas[0]));
	index = lookback->area_count++;
	lookback->areas[index] = (struct lookback_area){.name = text_dup(name)};
	(void)dict_add(&lookback->area_names, text_from(lookback->areas[index].name), index);
	return (uint32_t)index;
}

char *lookback_key(struct text suite, struct text id)
{
	return mem_printf("%.*s\n%.*s", TEXT_ARG(suite), TEXT_ARG(id));
}

const struct lookback_test *lookback_find(const struct lookback *lookback, const char *key)
{
	size_t index;

	return dict_find(&lookback->test_keys, text_from(key), &index) ? &lookback->tests[index]
	                                                               : NULL;
}

/* NULL when there are too many. The area is the newest run's. */
static struct lookback_test *find_test(struct lookback *lookback,
                                       const struct lookback_attempt *attempt)
{
	char *key = lookback_key(attempt->suite, attempt->id);
	struct lookback_test *test;
	size_t index;

	if (dict_find(&lookback->test_keys, text_from(key), &index)) {
		free(key);
		return &lookback->tests[index];
	}
	if (lookback->test_count >= TESTS_MAX) {
		free(key);
		return NULL;
	}
	lookback->tests = mem_grow(lookback->tests, &lookback->test_cap, lookback->test_count + 1,
	                           sizeof(lookback->tests[0]));
	test = &lookback->tests[lookback->test_count];
	*test = (struct lookback_test){.suite = text_dup(attempt->suite),
	                               .id = text_dup(attempt->id),
	                               .key = key,
	                               .area = find_area(lookback, attempt->area)};
	(void)dict_add(&lookback->test_keys, text_from(key), lookback->test_count++);
	return test;
}

/* All attempts of the run that was being fed are known: what did it say of the test? */
static void close_run(struct lookback_test *test)
{
	bool passed = test->open_passed;

	if (test->open_run == 0)
		return;
	test->run_count++;
	test->flaky_count += test->open_passed && test->open_failed;
	test->failed_count += !test->open_passed;
	test->changed_count += test->has_last_word && test->last_word_passed != passed;
	test->has_last_word = true;
	test->last_word_passed = passed;
	test->open_passed = test->open_failed = false;
	test->open_run = 0;
}

enum word { WORD_PASS, WORD_FAIL, WORD_NONE };

static enum word word_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASSED:
		return WORD_PASS;
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
	case OUTCOME_OUTSIDE:
	case OUTCOME_UNRESOLVED:
		return WORD_FAIL;
	case OUTCOME_RUNNING:
	case OUTCOME_SKIPPED:
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
	case OUTCOME_CANCELLED:
		break;
	}
	return WORD_NONE;
}

static void begin_run(struct lookback *lookback, struct text run_id)
{
	if (lookback->fed_runs > 0 && text_equal_str(run_id, lookback->fed_run_id))
		return;
	lookback->fed_runs++;
	snprintf(lookback->fed_run_id, sizeof(lookback->fed_run_id), "%.*s", TEXT_ARG(run_id));
}

void lookback_add_attempt(struct lookback *lookback, const struct lookback_attempt *attempt)
{
	enum word word = word_of(attempt->outcome);
	struct lookback_test *test;

	begin_run(lookback, attempt->run_id);
	if (word == WORD_NONE)
		return;
	test = find_test(lookback, attempt);
	if (test == NULL)
		return;
	if (test->open_run != lookback->fed_runs)
		close_run(test);
	test->open_run = lookback->fed_runs;
	test->open_failed |= word == WORD_FAIL;
	test->open_passed |= word == WORD_PASS;
	if (word == WORD_PASS && test->time_count < LOOKBACK_TIMES_MAX)
		test->times_ns[test->time_count++] = attempt->time_ns;
}

void lookback_add_run(struct lookback *lookback, const struct lookback_run *run)
{
	lookback->runs = mem_grow(lookback->runs, &lookback->run_cap, lookback->run_count + 1,
	                          sizeof(lookback->runs[0]));
	lookback->runs[lookback->run_count++] = *run;
}

/* ---- sums ---- */

static int ascending(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static uint64_t median_ns(const uint64_t *times_ns, size_t count)
{
	uint64_t sorted[LOOKBACK_TIMES_MAX];

	if (count == 0)
		return 0;
	memcpy(sorted, times_ns, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), ascending);
	return sorted[(count - 1) / 2] + (sorted[count / 2] - sorted[(count - 1) / 2]) / 2;
}

uint64_t lookback_median_ns(const struct lookback_test *test)
{
	return median_ns(test->times_ns, test->time_count);
}

void lookback_finish(struct lookback *lookback)
{
	size_t i;

	for (i = 0; i < lookback->test_count; i++) {
		struct lookback_test *test = &lookback->tests[i];
		struct lookback_area *area = &lookback->areas[test->area];

		close_run(test);
		if (test->time_count == 0)
			continue;
		area->test_count++;
		area->now_ns += test->times_ns[0];
		if (test->time_count < 2)
			continue;
		area->compared_now_ns += test->times_ns[0];
		area->usual_ns += median_ns(test->times_ns + 1, test->time_count - 1);
	}
}

/* ---- rankings ---- */

struct ranked {
	uint64_t weight;
	uint64_t second; /* decides between equal weights */
	uint32_t index;
};

static int heaviest_first(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->second != b->second)
		return a->second > b->second ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* The indexes of the `most` heaviest; frees `ranking`. */
static uint32_t *take_heaviest(struct ranked *ranking, size_t count, size_t most, size_t *ret_count)
{
	uint32_t *indexes;
	size_t i;

	if (count > 0)
		qsort(ranking, count, sizeof(ranking[0]), heaviest_first);
	*ret_count = count < most ? count : most;
	indexes = mem_calloc(*ret_count, sizeof(indexes[0]));
	for (i = 0; i < *ret_count; i++)
		indexes[i] = ranking[i].index;
	free(ranking);
	return indexes;
}

uint32_t *lookback_slowest(const struct lookback *lookback, size_t most, size_t *ret_count)
{
	struct ranked *ranking = mem_calloc(lookback->test_count, sizeof(ranking[0]));
	size_t count = 0, i;

	for (i = 0; i < lookback->test_count; i++) {
		uint64_t time_ns = lookback_median_ns(&lookback->tests[i]);

		if (lookback->tests[i].time_count > 0)
			ranking[count++] = (struct ranked){time_ns, 0, (uint32_t)i};
	}
	return take_heaviest(ranking, count, most, ret_count);
}

uint32_t *lookback_flakiest(const struct lookback *lookback, size_t most, size_t *ret_count)
{
	struct ranked *ranking = mem_calloc(lookback->test_count, sizeof(ranking[0]));
	size_t count = 0, i;

	for (i = 0; i < lookback->test_count; i++) {
		const struct lookback_test *test = &lookback->tests[i];
		uint64_t odd = (uint64_t)test->flaky_count + test->changed_count;

		if (odd > 0)
			ranking[count++] = (struct ranked){odd, test->flaky_count, (uint32_t)i};
	}
	return take_heaviest(ranking, count, most, ret_count);
}

bool lookback_is_unsteady(const struct lookback_test *test)
{
	enum { RUNS_MIN = 5, FLAKY_WEIGHT = 2, WEIGHT_MIN = 3 };

	return test->run_count >= RUNS_MIN &&
	       (uint64_t)test->flaky_count * FLAKY_WEIGHT + test->changed_count >= WEIGHT_MIN;
}

uint32_t *lookback_areas_by_time(const struct lookback *lookback)
{
	struct ranked *ranking = mem_calloc(lookback->area_count, sizeof(ranking[0]));
	size_t count, i;

	for (i = 0; i < lookback->area_count; i++)
		ranking[i] = (struct ranked){lookback->areas[i].now_ns, 0, (uint32_t)i};
	return take_heaviest(ranking, lookback->area_count, lookback->area_count, &count);
}

static int ascending_ratio(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

struct lookback_accuracy lookback_accuracy(const struct lookback *lookback)
{
	double *ratios = mem_calloc(lookback->run_count, sizeof(ratios[0]));
	struct lookback_accuracy accuracy = {0};
	size_t count = 0, i;

	for (i = 0; i < lookback->run_count; i++) {
		const struct lookback_run *run = &lookback->runs[i];
		uint64_t off_ns = run->wall_ns > run->predicted_ns
		                          ? run->wall_ns - run->predicted_ns
		                          : run->predicted_ns - run->wall_ns;

		if (run->is_whole && run->predicted_ns > 0 && run->wall_ns > 0)
			ratios[count++] = (double)off_ns / (double)run->predicted_ns;
	}
	if (count > 0) {
		qsort(ratios, count, sizeof(ratios[0]), ascending_ratio);
		accuracy.median = (ratios[(count - 1) / 2] + ratios[count / 2]) / 2;
		accuracy.worst = ratios[count - 1];
	}
	accuracy.run_count = count;
	free(ratios);
	return accuracy;
}
