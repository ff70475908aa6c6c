/* learn.h - what past runs teach about all tests together: how well times are known, how fast nodes
 * are, how much tests slow each other down. Fed test by test, in any order. */
#ifndef PLAN_LEARN_H
#define PLAN_LEARN_H
#include <stddef.h>
#include <stdint.h>

/* One passing run of a test. */
struct learn_sample {
	uint64_t time_ns;
	uint64_t cpu_ns;      /* 0: not known */
	int32_t beside_milli; /* other batches that ran meanwhile, in thousandths; BESIDE_UNKNOWN */
	uint32_t node;
};

struct learn;

struct learn *learn_new(size_t suite_count, size_t node_count);
void learn_free(struct learn *learn); /* NULL is allowed */

/* All that is remembered of one test, newest first. */
void learn_add(struct learn *learn, uint32_t suite, const struct learn_sample *samples,
               size_t count);

/* The spread of ln(actual / expected), where what was expected is the median of the runs before;
 * weighted by time, as the error of a short test does no harm. What is little known leans on
 * SPREAD_UNKNOWN. */
double learn_spread(const struct learn *learn, uint32_t suite);

/* The speed of a node by the tests that also ran elsewhere; 1 where there are none. */
double learn_speed(const struct learn *learn, uint32_t node);

/* By least squares over the runs of each test: with m batches running it takes
 * 1 + a (m - 1) times as long. Sets *ret_error to the standard error of a. Returns 0 when it is not
 * told from chance (twice its error) or is no slow-down. */
double learn_slow_down(const struct learn *learn, double *ret_error);

/* How many batches ran beside it, as the mean over the runs where that is known; else 0. */
double learn_beside(const struct learn_sample *samples, size_t count);

/* One complete start of a framework: what of its time was no test's, and how many tests it ran. */
struct learn_start {
	uint64_t over_ns;
	uint64_t test_count;
};

/* What starting costs, and what each test costs besides its own time: the line through the starts
 * that is least misled by some of them (Theil 1950, Sen 1968; medians of slopes and of rests). Both
 * 0 when there are no starts. */
void learn_start_up(const struct learn_start *starts, size_t count, uint64_t *ret_start_up_ns,
                    uint64_t *ret_per_test_ns);

/* The share of its time that a test computes, as the median over its runs; 0: not known. */
double learn_cpu_share(const struct learn_sample *samples, size_t count);
#endif
