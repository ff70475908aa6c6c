/* learn.c - see learn.h. */
#include "shards/plan/learn.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/model/beside.h"
#include "shards/plan/estimate.h"
#include "shards/plan/input.h"

enum {
	SAMPLES_MAX = 100,
	/* Below this a test's time is mostly the clock's and the scheduler's. */
	SHORTEST_NS = 1000 * 1000,
	PRIOR_PAIRS = 5,    /* so much SPREAD_UNKNOWN weighs, in pairs of mean weight */
	LEAST_FREEDOM = 10, /* degrees of freedom, below which no slope is told */
};

/* An error above this factor is an accident, not a spread. */
#define WORST_FACTOR 4.0

struct spread_sums {
	double weighted_squares;
	double weights;
	double pairs;
};

/* Of ln(time on the node / the test's own mean over nodes). */
struct speed_sums {
	double logs;
	double count;
};

struct learn {
	struct spread_sums *spreads; /* by suite */
	struct speed_sums *speeds;   /* by node */
	size_t node_count;
	/* Of x = batches beside and y = time / the test's mean, each less its mean over the test.
	 */
	double xx, xy, yy, x_sum;
	double sample_count, freedom;
};

struct learn *learn_new(size_t suite_count, size_t node_count)
{
	struct learn *learn = mem_calloc(1, sizeof(*learn));

	learn->spreads = mem_calloc(suite_count, sizeof(learn->spreads[0]));
	learn->speeds = mem_calloc(node_count, sizeof(learn->speeds[0]));
	learn->node_count = node_count;
	return learn;
}

void learn_free(struct learn *learn)
{
	if (learn == NULL)
		return;
	free(learn->spreads);
	free(learn->speeds);
	free(learn);
}

/* ---- spread ---- */

static uint64_t median_before(const struct learn_sample *samples, size_t from, size_t count)
{
	uint64_t times_ns[SAMPLES_MAX];
	size_t i;

	for (i = from; i < count; i++)
		times_ns[i - from] = samples[i].time_ns;
	return estimate_median(times_ns, count - from);
}

static void add_spread(struct spread_sums *sums, const struct learn_sample *samples, size_t count)
{
	size_t i;

	for (i = 0; i + 1 < count; i++) {
		uint64_t expected_ns = median_before(samples, i + 1, count);
		double weight = (double)expected_ns, error;

		if (expected_ns < SHORTEST_NS || samples[i].time_ns < SHORTEST_NS)
			continue;
		error = log((double)samples[i].time_ns / (double)expected_ns);
		if (fabs(error) > log(WORST_FACTOR))
			error = log(WORST_FACTOR);
		/* what was expected is itself off, as the mean of so many runs is */
		sums->weighted_squares +=
			weight * error * error / (1 + 1.0 / (double)(count - i - 1));
		sums->weights += weight;
		sums->pairs++;
	}
}

double learn_spread(const struct learn *learn, uint32_t suite)
{
	const struct spread_sums *sums = &learn->spreads[suite];
	double prior;

	if (sums->pairs < 1)
		return SPREAD_UNKNOWN;
	prior = sums->weights / sums->pairs * PRIOR_PAIRS;
	return sqrt((sums->weighted_squares + prior * SPREAD_UNKNOWN * SPREAD_UNKNOWN) /
	            (sums->weights + prior));
}

/* ---- speed ---- */

static void add_speed(struct learn *learn, const struct learn_sample *samples, size_t count)
{
	double mean = 0;
	bool is_mixed = false;
	size_t i;

	for (i = 0; i < count; i++) {
		if (samples[i].time_ns < SHORTEST_NS || samples[i].node >= learn->node_count)
			return;
		is_mixed = is_mixed || samples[i].node != samples[0].node;
		mean += log((double)samples[i].time_ns) / (double)count;
	}
	for (i = 0; is_mixed && i < count; i++) {
		learn->speeds[samples[i].node].logs += log((double)samples[i].time_ns) - mean;
		learn->speeds[samples[i].node].count++;
	}
}

double learn_speed(const struct learn *learn, uint32_t node)
{
	const struct speed_sums *sums = &learn->speeds[node];

	return sums->count > 0 ? exp(-sums->logs / sums->count) : 1;
}

/* ---- slow-down ---- */

static bool tells_slow_down(const struct learn_sample *sample)
{
	return sample->beside_milli != BESIDE_UNKNOWN && sample->time_ns >= SHORTEST_NS;
}

static void add_slow_down(struct learn *learn, const struct learn_sample *samples, size_t count)
{
	double x_mean = 0, t_mean = 0, n = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!tells_slow_down(&samples[i]))
			continue;
		x_mean += samples[i].beside_milli / 1000.0;
		t_mean += (double)samples[i].time_ns;
		n++;
	}
	if (n < 2)
		return;
	x_mean /= n;
	t_mean /= n;
	for (i = 0; i < count; i++) {
		double x = samples[i].beside_milli / 1000.0 - x_mean;
		double y = (double)samples[i].time_ns / t_mean - 1;

		if (!tells_slow_down(&samples[i]))
			continue;
		learn->xx += x * x;
		learn->xy += x * y;
		learn->yy += y * y;
	}
	learn->x_sum += x_mean * n;
	learn->sample_count += n;
	learn->freedom += n - 1;
}

double learn_slow_down(const struct learn *learn, double *ret_error)
{
	double slope, residual, scale;

	*ret_error = 0;
	if (learn->freedom < LEAST_FREEDOM || learn->xx <= 0)
		return 0;
	slope = learn->xy / learn->xx;
	residual = (learn->yy - slope * learn->xy) / (learn->freedom - 1);
	/* The slope is relative to a test's mean time; a to its time alone. */
	scale = 1 - slope * learn->x_sum / learn->sample_count;
	if (scale <= 0)
		return 0;
	*ret_error = sqrt(fmax(residual, 0) / learn->xx) / scale;
	return slope > 0 && slope / scale > 2 * *ret_error ? slope / scale : 0;
}

double learn_beside(const struct learn_sample *samples, size_t count)
{
	double sum = 0, known = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (samples[i].beside_milli == BESIDE_UNKNOWN)
			continue;
		sum += samples[i].beside_milli / 1000.0;
		known++;
	}
	return known > 0 ? sum / known : 0;
}

/* ---- cpu ---- */

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double learn_cpu_share(const struct learn_sample *samples, size_t count)
{
	double shares[SAMPLES_MAX];
	size_t known = 0, i;

	for (i = 0; i < count && known < SAMPLES_MAX; i++) {
		if (samples[i].cpu_ns > 0 && samples[i].time_ns > 0)
			shares[known++] = (double)samples[i].cpu_ns / (double)samples[i].time_ns;
	}
	if (known == 0)
		return 0;
	qsort(shares, known, sizeof(shares[0]), ascending);
	return shares[known / 2];
}

/* ---- start-up ---- */

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(values[0]), ascending);
	return count > 0 ? (values[(count - 1) / 2] + values[count / 2]) / 2 : 0;
}

void learn_start_up(const struct learn_start *starts, size_t count, uint64_t *ret_start_up_ns,
                    uint64_t *ret_per_test_ns)
{
	double slopes[SAMPLES_MAX * (SAMPLES_MAX - 1) / 2], rests[SAMPLES_MAX], slope, rest;
	size_t slope_count = 0, i, j;

	if (count > SAMPLES_MAX)
		count = SAMPLES_MAX;
	for (i = 0; i < count; i++) {
		for (j = 0; j < i; j++) {
			double tests = (double)starts[i].test_count - (double)starts[j].test_count;

			if (starts[i].test_count != starts[j].test_count)
				slopes[slope_count++] =
					((double)starts[i].over_ns - (double)starts[j].over_ns) /
					tests;
		}
	}
	slope = fmax(median(slopes, slope_count), 0);
	for (i = 0; i < count; i++)
		rests[i] = (double)starts[i].over_ns - slope * (double)starts[i].test_count;
	rest = fmax(median(rests, count), 0);
	*ret_per_test_ns = (uint64_t)slope;
	*ret_start_up_ns = (uint64_t)rest;
}

void learn_add(struct learn *learn, uint32_t suite, const struct learn_sample *samples,
               size_t count)
{
	if (count > SAMPLES_MAX)
		count = SAMPLES_MAX;
	add_spread(&learn->spreads[suite], samples, count);
	add_speed(learn, samples, count);
	add_slow_down(learn, samples, count);
}
