/* estimate.c - see estimate.h. */
#include "shards/plan/estimate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { SAMPLES_MAX = 100, NS_PER_SECOND = 1000000000 };

static int ascending(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

uint64_t estimate_median(uint64_t *values, size_t count)
{
	assert(count > 0);
	qsort(values, count, sizeof(values[0]), ascending);
	if (count % 2 == 1)
		return values[count / 2];
	return values[count / 2 - 1] / 2 + values[count / 2] / 2 +
	       (values[count / 2 - 1] % 2 + values[count / 2] % 2) / 2;
}

void estimate_from_samples(struct test *test, const uint64_t *times_ns, size_t count)
{
	uint64_t values[SAMPLES_MAX];

	if (count == 0 || test->expectation == EXPECTATION_HISTORY)
		return;
	if (count > SAMPLES_MAX)
		count = SAMPLES_MAX;
	memcpy(values, times_ns, count * sizeof(values[0]));
	test->expected_ns = estimate_median(values, count);
	test->expectation = EXPECTATION_HISTORY;
}

/* The known times, grouped for percentiles: by suite, area, then time. */
struct known {
	uint32_t suite_index, area_index;
	uint64_t time_ns;
};

static int by_suite_area_time(const void *left, const void *right)
{
	const struct known *a = left, *b = right;

	if (a->suite_index != b->suite_index)
		return a->suite_index < b->suite_index ? -1 : 1;
	if (a->area_index != b->area_index)
		return a->area_index < b->area_index ? -1 : 1;
	return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

static int by_suite_time(const void *left, const void *right)
{
	const struct known *a = left, *b = right;

	if (a->suite_index != b->suite_index)
		return a->suite_index < b->suite_index ? -1 : 1;
	return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

static size_t collect_known(const struct test_list *list, struct known *known)
{
	size_t count = 0, i;

	for (i = 0; i < list->count; i++) {
		const struct test *test = &list->tests[i];

		if (test->expectation == EXPECTATION_HISTORY)
			known[count++] = (struct known){test->suite_index, test->area_index,
			                                test->expected_ns};
	}
	return count;
}

/* The 75th percentile of the entries that have this suite (and area); false when there are none.
 * They stand together, in order of time; the range is found by bisection. */
static bool percentile(const struct known *known, size_t count, uint32_t suite_index,
                       const uint32_t *area_index, uint64_t *ret_ns)
{
	size_t low = 0, high = count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		bool is_before = known[middle].suite_index < suite_index ||
		                 (area_index != NULL && known[middle].suite_index == suite_index &&
		                  known[middle].area_index < *area_index);

		if (is_before)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < count && known[end].suite_index == suite_index &&
	                (area_index == NULL || known[end].area_index == *area_index);)
		end++;
	if (end == low)
		return false;
	*ret_ns = known[low + ((end - low) * 3 - 1) / 4].time_ns; /* nearest rank */
	return true;
}

static void fill_from(struct test_list *list, const struct known *known, size_t count,
                      bool use_area)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct test *test = &list->tests[i];

		if (test->expectation == EXPECTATION_NONE &&
		    percentile(known, count, test->suite_index, use_area ? &test->area_index : NULL,
		               &test->expected_ns))
			test->expectation = use_area ? EXPECTATION_AREA : EXPECTATION_SUITE;
	}
}

static uint64_t mean_ns(const struct known *known, size_t count)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < count; i++)
		sum += known[i].time_ns;
	return count > 0 ? sum / count : NS_PER_SECOND;
}

/* Nothing is known of the whole suite: a test of average size counts as the mean. */
static void fill_by_size(struct test_list *list, uint64_t mean)
{
	uint64_t *bytes = mem_calloc(list->suite_count, sizeof(bytes[0]));
	uint64_t *counts = mem_calloc(list->suite_count, sizeof(counts[0]));
	size_t i;

	for (i = 0; i < list->count; i++) {
		bytes[list->tests[i].suite_index] += list->tests[i].size_bytes;
		counts[list->tests[i].suite_index]++;
	}
	for (i = 0; i < list->count; i++) {
		struct test *test = &list->tests[i];
		double average =
			(double)bytes[test->suite_index] / (double)counts[test->suite_index];

		if (test->expectation != EXPECTATION_NONE)
			continue;
		test->expected_ns = mean;
		if (average > 0)
			test->expected_ns =
				(uint64_t)((double)mean * (double)test->size_bytes / average);
		test->expectation = EXPECTATION_SIZE;
	}
	free(bytes);
	free(counts);
}

void estimate_unknown(struct test_list *list)
{
	struct known *known = mem_calloc(list->count, sizeof(known[0]));
	size_t count = collect_known(list, known);

	qsort(known, count, sizeof(known[0]), by_suite_area_time);
	fill_from(list, known, count, true);
	qsort(known, count, sizeof(known[0]), by_suite_time);
	fill_from(list, known, count, false);
	fill_by_size(list, mean_ns(known, count));
	free(known);
}

size_t estimate_known_count(const struct test_list *list)
{
	size_t count = 0, i;

	for (i = 0; i < list->count; i++)
		count += list->tests[i].expectation == EXPECTATION_HISTORY;
	return count;
}

bool estimate_is_founded(const struct test_list *list)
{
	return list->count > 0 && estimate_known_count(list) * 2 >= list->count;
}
