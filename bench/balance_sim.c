/* balance_sim.c - how near the bound the scheduler gets in simulation, and what that costs; for the
 * script `balance`. Prints a line of words and figures for each question. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shards/base/mem.h"
#include "shards/plan/bounds.h"
#include "shards/plan/rehearse.h"
#include "shards/plan/simulate.h"
#include "shards/plan/split.h"
#include "shards/plan/strategy.h"
#include "tanda/error.h"

enum { SUITES = 120, TESTS = 300, AREAS = 12, FRESH_DRAWS = 1000 };

static uint64_t random_state = 2026;

static double uniform(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return ((double)(random_state >> 11) + 1) / 9007199254740992.0;
}

static double lognormal(double sigma)
{
	return exp(sigma * sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform()));
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Tests in uneven areas with lognormal times; their sum is `total_s`, none over a twentieth of it.
 */
static void make_suite(struct test_list *tests, size_t count, double total_s)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	double *times = mem_calloc(count, sizeof(times[0]));
	double sum = 0;
	size_t i;

	test_list_init(tests);
	for (i = 0; i < count; i++)
		sum += times[i] = lognormal(1.2);
	for (i = 0; i < count; i++) {
		char area[16];
		double share = times[i] / sum;
		struct test test = {.id = mem_printf("t%zu", i), .file = mem_printf("t%zu", i)};
		uint32_t suite;

		test.expected_ns = (uint64_t)((share < 0.05 ? share : 0.05) * total_s * 1e9);
		snprintf(area, sizeof(area), "a%d", (int)(AREAS * uniform() * uniform()));
		if (test_list_add_suite(tests, "web", &suite, &error) < 0 ||
		    test_list_add_area(tests, area, &test.area_index, &error) < 0 ||
		    test_list_add(tests, &test, &error) < 0)
			exit(1);
	}
	free(times);
}

static struct plan_input make_input(const struct test_list *tests, struct plan_suite *suite,
                                    struct plan_node *node, uint32_t workers)
{
	*node = (struct plan_node){.name = "local", .executors = workers, .speed = 1};
	return (struct plan_input){
		.tests = tests, .suites = suite, .nodes = node, .node_count = 1, .seed = 1};
}

/* The bound of what really happens: all actual work, one start each. */
static double actual_bound_s(const struct test_list *tests, const uint64_t *actual_ns,
                             uint32_t workers, double start_up_s)
{
	double total_s = 0, longest_s = 0, even_s;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		total_s += (double)actual_ns[i] / 1e9;
		longest_s = fmax(longest_s, (double)actual_ns[i] / 1e9);
	}
	even_s = total_s / workers + start_up_s;
	return fmax(even_s, longest_s + start_up_s);
}

/* Median and 95th percentile of makespan / bound on draws that the rehearsal has not seen. */
static void noise_row(uint32_t workers, double start_up_s, double sigma)
{
	struct plan_suite suite = {.start_up_ns = (uint64_t)(start_up_s * 1e9), .spread = sigma};
	double ratios[SUITES][STRATEGIES] = {{0}}, column[SUITES];
	char words[POLICY_WORDS_MAX] = "";
	int round, s;

	random_state = 2026;
	for (round = 0; round < SUITES; round++) {
		struct test_list tests;
		struct plan_node node;
		struct plan_input input;
		struct pieces *pieces;
		struct rehearsal rehearsal;
		uint64_t *actual_ns = mem_calloc(TESTS, sizeof(actual_ns[0]));
		uint32_t *assigned = mem_calloc(TESTS, sizeof(assigned[0]));
		double bound_s;

		make_suite(&tests, TESTS, 60);
		input = make_input(&tests, &suite, &node, workers);
		pieces = pieces_new(&input);
		rehearse(pieces, &rehearsal);
		policy_words(&rehearsal.policy, words, sizeof(words));
		simulate_draw(pieces, FRESH_DRAWS + (uint32_t)round, sigma, actual_ns);
		bound_s = actual_bound_s(&tests, actual_ns, workers, start_up_s);
		for (s = 0; s < STRATEGIES; s++) {
			struct policy policy = rehearsal.policy;

			if (s != STRATEGY_DYNAMIC)
				policy = strategy_assign(pieces, (enum strategy)s, assigned);
			ratios[round][s] =
				(double)simulate_unslowed_ns(pieces, &policy, actual_ns) / 1e9 /
				bound_s;
		}
		pieces_free(pieces);
		test_list_deinit(&tests);
		free(actual_ns);
		free(assigned);
	}
	printf("noise %u %.1f %.2f", workers, start_up_s, sigma);
	for (s = 0; s < STRATEGIES; s++) {
		for (round = 0; round < SUITES; round++)
			column[round] = ratios[round][s];
		qsort(column, SUITES, sizeof(column[0]), ascending);
		printf(" %s %.4f %.4f", strategy_name((enum strategy)s),
		       (column[SUITES / 2 - 1] + column[SUITES / 2]) / 2, column[SUITES * 19 / 20]);
	}
	printf(" # %s\n", words);
}

static void speed_row(size_t count, uint32_t workers, double start_up_s)
{
	struct plan_suite suite = {.start_up_ns = (uint64_t)(start_up_s * 1e9), .spread = 0.2};
	struct policy policy = {.kind = POLICY_SINGLES};
	struct test_list tests;
	struct plan_node node;
	struct plan_input input;
	struct pieces *pieces;
	struct rehearsal rehearsal;
	double started_s, made_s, simulated_s, rehearsed_s;

	make_suite(&tests, count, (double)count);
	input = make_input(&tests, &suite, &node, workers);
	started_s = now_s();
	pieces = pieces_new(&input);
	made_s = now_s();
	(void)simulate_unslowed_ns(pieces, &policy, NULL);
	simulated_s = now_s();
	rehearse(pieces, &rehearsal);
	rehearsed_s = now_s();
	printf("speed %zu %u %.1f pieces %.4f simulate %.4f rehearse %.4f\n", count, workers,
	       start_up_s, made_s - started_s, simulated_s - made_s, rehearsed_s - simulated_s);
	pieces_free(pieces);
	test_list_deinit(&tests);
}

/* ---- the static split ---- */

struct bare {
	double load;
	uint32_t shard;
};

static int falling(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a < b) - (a > b);
}

/* What a plain program does: qsort, then a binary heap of loads. */
static double bare_lpt(uint64_t *times, size_t count, uint32_t shards)
{
	struct bare *heap = mem_calloc(shards, sizeof(heap[0]));
	double largest = 0;
	size_t i;

	qsort(times, count, sizeof(times[0]), falling);
	for (i = 0; i < count; i++) {
		struct bare moved = {heap[0].load + (double)times[i], heap[0].shard};
		size_t at = 0, child;

		while ((child = 2 * at + 1) < shards) {
			if (child + 1 < shards && heap[child + 1].load < heap[child].load)
				child++;
			if (heap[child].load >= moved.load)
				break;
			heap[at] = heap[child];
			at = child;
		}
		heap[at] = moved;
		largest = fmax(largest, moved.load);
	}
	free(heap);
	return largest;
}

static void split_row(size_t count, uint32_t shards)
{
	uint64_t *times = mem_calloc(count, sizeof(times[0]));
	uint32_t *shard_of = mem_calloc(count, sizeof(shard_of[0]));
	double total = 0, started_s, split_s, bare_s, largest, bare_largest, bound;
	size_t i;

	for (i = 0; i < count; i++)
		total += (double)(times[i] = (uint64_t)(lognormal(1.2) * 1e9));
	bound = total / shards;
	started_s = now_s();
	largest = (double)split_even(times, count, shards, shard_of);
	split_s = now_s() - started_s;
	started_s = now_s();
	bare_largest = bare_lpt(times, count, shards);
	bare_s = now_s() - started_s;
	printf("split %zu %u took %.4f bare %.4f ratio %.3f of_bound %.7f bare %.7f\n", count,
	       shards, split_s, bare_s, split_s / bare_s, largest / bound, bare_largest / bound);
	free(times);
	free(shard_of);
}

static void quality_row(void)
{
	double worst = 1, *ratios = mem_calloc(1000, sizeof(ratios[0]));
	int round, missed = 0;

	for (round = 0; round < 1000; round++) {
		uint32_t shards = 2 + (uint32_t)(uniform() * 47);
		size_t count = (size_t)(shards * (14 + uniform() * 100)), i;
		double sigma = 0.8 + uniform() * 0.8, total = 0, longest = 0;
		uint64_t *times = mem_calloc(count, sizeof(times[0]));
		uint32_t *shard_of = mem_calloc(count, sizeof(shard_of[0]));

		for (i = 0; i < count; i++) {
			times[i] = (uint64_t)(lognormal(sigma) * 1e9);
			total += (double)times[i];
			longest = fmax(longest, (double)times[i]);
		}
		ratios[round] = (double)split_even(times, count, shards, shard_of) /
		                fmax(total / shards, longest);
		missed += ratios[round] > 1.0005;
		worst = fmax(worst, ratios[round]);
		free(times);
		free(shard_of);
	}
	printf("quality instances 1000 above_1.0005 %d worst %.6f\n", missed, worst);
	free(ratios);
}

int main(int argc, char **argv)
{
	static const double start_ups_s[] = {0, 0.2, 0.5, 1};
	static const uint32_t workers[] = {2, 4, 8};
	double sigma = argc > 1 ? strtod(argv[1], &argv[1]) : 0.2;
	size_t i, j;

	for (i = 0; i < countof(start_ups_s); i++) {
		for (j = 0; j < countof(workers); j++)
			noise_row(workers[j], start_ups_s[i], sigma);
	}
	speed_row(10000, 64, 0);
	speed_row(10000, 64, 0.5);
	speed_row(100000, 64, 0);
	speed_row(100000, 64, 0.5);
	split_row(1000000, 1000);
	quality_row();
	return 0;
}
