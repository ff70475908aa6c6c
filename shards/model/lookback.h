/* lookback.h - what past runs tell: the slowest tests, the flakiest, how areas grow, and how well
 * predictions held. Pure: fed with remembered attempts and runs, newest first. */
#ifndef MODEL_LOOKBACK_H
#define MODEL_LOOKBACK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/dict.h"
#include "shards/base/text.h"
#include "shards/model/result.h"

enum { LOOKBACK_TIMES_MAX = 10, LOOKBACK_RUN_ID_MAX_BYTES = 64, LOOKBACK_NAME_MAX_BYTES = 100 };

/* A test over all runs that are remembered. */
struct lookback_test {
	char *suite, *id;
	char *key; /* of lookback.test_keys */
	uint32_t area;
	uint32_t run_count;     /* runs in which it ran */
	uint32_t failed_count;  /* of them: it did not pass in the end */
	uint32_t flaky_count;   /* of them: it failed and then passed */
	uint32_t changed_count; /* its last word differs from that of the run before */
	uint64_t times_ns[LOOKBACK_TIMES_MAX]; /* of its passes, newest first */
	size_t time_count;
	/* The run that is being fed, from its last attempt to its first. */
	uint32_t open_run;
	bool open_passed, open_failed;
	bool has_last_word, last_word_passed;
};

struct lookback_area {
	char *name;
	uint32_t test_count; /* with a time */
	uint64_t now_ns;     /* the newest time of each of its tests, added up */
	/* The same tests before: of those that have at least two times the newest, and the median
	 * of the ones before it. */
	uint64_t compared_now_ns, usual_ns;
};

struct lookback_run {
	char id[LOOKBACK_RUN_ID_MAX_BYTES];
	uint64_t started_unix_ms;
	uint64_t planned, workers;
	uint64_t predicted_ns, lower_bound_ns, wall_ns;
	uint64_t failed, flaky;
	bool is_whole;
	char commit[LOOKBACK_NAME_MAX_BYTES]; /* "": not known */
	char branch[LOOKBACK_NAME_MAX_BYTES];
	char version[LOOKBACK_NAME_MAX_BYTES];
	bool is_modified;
};

/* The runs of one commit, of its unmodified tree, that ran to their end and held the most tests of
 * it: single tests that somebody ran say nothing of the whole. */
struct lookback_commit {
	const struct lookback_run *newest; /* of any of its runs */
	uint32_t run_count;                /* of all */
	uint64_t tests;                    /* of each of those that count */
	uint64_t wall_ns;                  /* their median; 0: none counts */
	uint64_t failed, flaky;            /* of the newest of them */
};

struct lookback {
	struct lookback_test *tests;
	size_t test_count, test_cap;
	struct dict test_keys; /* "SUITE\nID" */
	struct lookback_area *areas;
	size_t area_count, area_cap;
	struct dict area_names;
	struct lookback_run *runs; /* newest first */
	size_t run_count, run_cap;
	uint32_t fed_runs;
	char fed_run_id[LOOKBACK_RUN_ID_MAX_BYTES];
};

void lookback_init(struct lookback *lookback);
void lookback_deinit(struct lookback *lookback);

/* One attempt. Runs come newest first; the attempts of a run in their order. What costs a test
 * nothing (lost, refused, cancelled) is passed over. */
struct lookback_attempt {
	struct text run_id, suite, id, area;
	enum outcome outcome;
	uint64_t time_ns;
};
void lookback_add_attempt(struct lookback *lookback, const struct lookback_attempt *attempt);
void lookback_add_run(struct lookback *lookback, const struct lookback_run *run);
/* "SUITE\nID"; the caller frees it. */
char *lookback_key(struct text suite, struct text id);
/* The test of that key, or NULL. */
const struct lookback_test *lookback_find(const struct lookback *lookback, const char *key);
/* After the last attempt: closes the sums. */
void lookback_finish(struct lookback *lookback);

/* The median of its times; 0 when it never passed. */
uint64_t lookback_median_ns(const struct lookback_test *test);

/* Indexes of tests, at most `most`: by median time; and those that were ever flaky or changed their
 * word, by how often. Sets *ret_count; the caller frees the array. */
uint32_t *lookback_slowest(const struct lookback *lookback, size_t most, size_t *ret_count);
uint32_t *lookback_flakiest(const struct lookback *lookback, size_t most, size_t *ret_count);
/* Unsteady again and again, over enough runs to tell: a test to put into quarantine until it is
 * mended. Failing once and being mended is not enough. */
bool lookback_is_unsteady(const struct lookback_test *test);
/* All commits, that of the newest run first; the caller frees the array. */
struct lookback_commit *lookback_commits(const struct lookback *lookback, size_t *ret_count);
/* Indexes of all areas, the one that takes longest first; the caller frees the array. */
uint32_t *lookback_areas_by_time(const struct lookback *lookback);

/* How far off predictions were, over whole runs that had one: |wall - predicted| / predicted. */
struct lookback_accuracy {
	size_t run_count;
	double median, worst;
};
struct lookback_accuracy lookback_accuracy(const struct lookback *lookback);
#endif
