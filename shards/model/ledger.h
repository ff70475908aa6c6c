/* ledger.h - all planned tests with their verdicts: a pure function of the events.
 *
 * The ledger is used alike by the run, the reports, `report --check` and resume. It reads no clock
 * and no file; equal events give an equal ledger.
 *
 * Invariants, checked by ledger_check():
 *  - every planned test has exactly one verdict, and their sum is the number planned;
 *  - a test is passed or flaky only if the framework ended by itself, with a readable report that
 *    holds the test and calls none of its cases failed;
 *  - results of a batch count once, and only while its lease is open (the fence);
 *  - the batches of a worker do not overlap. */
#ifndef MODEL_LEDGER_H
#define MODEL_LEDGER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/event.h"
#include "shards/model/node_life.h"
#include "shards/model/result.h"
#include "shards/model/test.h"

struct tanda_error;

/* One execution of one test. */
struct attempt {
	uint32_t batch;
	enum outcome outcome;
	uint32_t passed_cases;
	uint32_t failed_cases;
	uint32_t error_cases;
	uint32_t skipped_cases;
	bool is_outside; /* an error outside the tests (load, hooks) was reported for it */
	bool has_unrun;  /* the framework ended before it came to one of its cases */
	bool is_empty;   /* the framework's own listing finds nothing to run in it */
	/* When the framework said that it began with it and was done with it; 0: it did not say. */
	uint64_t started_ns, done_ns;
	bool time_known;
	/* Sum of its cases' times, as reported; its share of the batch where they tell none. */
	uint64_t time_ns;
	char *reason;         /* one sentence; NULL when it passed */
	struct attempt *next; /* the following attempt */
};

struct ledger_test {
	struct test_info {
		char *id;
		char *file; /* the very string of `id` where they are equal */
		uint32_t suite;
		uint32_t area;
		uint64_t expected_ns;
		bool expected_known;
		uint32_t quarantine; /* index in the ledger's, plus 1; 0: none */
		char *feature; /* "NewCheckout=on", the state that it is run in; NULL: as it is */
	} info;
	char *skip_reason; /* planned as skipped, or found empty */
	char *drop_reason; /* why nothing is left to run it on; NULL */
	struct attempt *first_attempt;
	struct attempt *last_attempt;
	uint32_t attempt_count; /* those that a dead tanda left open are not counted */
	uint32_t last_seen_in; /* scratch of ledger_apply(): the last batch that named it, plus 1 */
};

struct case_counts {
	uint64_t passed, failed, error, skipped;
};

struct ledger_batch {
	uint32_t worker;
	enum batch_reason reason;
	bool is_open;
	bool has_ended;
	bool is_orphan;     /* open when its tanda died: nothing of it counts */
	uint32_t late_test; /* that ran into a limit, where the framework tells; TEST_UNPLANNED */
	bool culprit_found; /* of a crash or time-out among several tests: another was it */
	uint64_t failed_cases;        /* failed or erred, unplanned ones included */
	struct case_counts unplanned; /* cases that belong to no planned test */
	uint64_t started_ns;
	uint64_t running_ns; /* 0: its command never ran */
	uint64_t ended_ns;
	uint32_t *tests;
	uint32_t test_count;
	uint64_t expected_ns;
	uint64_t limit_ms;
	uint64_t waited_ns; /* its worker, before it, for pools or cpus */
	char *members;      /* of pools, that it held: "shop: shop-2"; NULL: none */
	uint64_t tests_ns;  /* at its end: what its tests say that they took, added up */
	struct batch_end {
		enum ending_kind ending;
		enum report_state report;
		int32_t exit_code;
		int32_t signal;
		bool timed_out;
		bool exit_expected;
		bool exit_failed;
		uint64_t elapsed_ns;
		uint64_t cpu_ns;
		uint64_t peak_bytes;
		uint32_t leaked_count;
		char *leaked; /* NULL: nothing */
		char *log;    /* NULL: no output */
		char *tail;   /* NULL: it passed */
	} end;
};

struct ledger_worker {
	char *node;
	uint32_t node_number; /* in ledger.nodes */
	uint32_t node_cpus;   /* shared out to areas that ask for some; 0: no limit */
	uint64_t busy_ns;
	uint64_t tests; /* attempts it ran */
	uint64_t last_ended_ns;
	uint64_t waited_ns; /* for pools or cpus, where no batch came of it */
};

struct ledger_pool {
	char *name;
	uint32_t members;
};

/* Tests that may fail for a while. */
struct ledger_quarantine {
	char *area, *reason, *until;
	int32_t days_left; /* below 0: it has expired, and then nothing of it is excused */
	uint64_t tests;
};

struct ledger_area {
	char *name;
	bool keep_together;
	uint32_t cpus; /* that one of its batches takes of its node's */
	struct ledger_want {
		uint32_t pool;
		uint32_t count; /* of members at once; none wants more than there are */
	} * wants;
	size_t want_count, want_cap;
	uint64_t tests;
	uint64_t work_ns; /* of all attempts, as ledger_attempt_ns() */
};

struct ledger_suite {
	char *name;
	char *framework;
	char *dir;
	uint32_t batch_max; /* tests per start; 0: any number */
};

/* A command that the run itself needed; see event_errand_ended. */
struct ledger_errand {
	char *what, *subject;
	uint64_t started_ns, ended_ns;
	int32_t exit_code;
	bool is_fault;
	char *message; /* NULL: it went well */
	char *log;     /* NULL: no output */
};

struct ledger_totals {
	uint64_t planned;
	uint64_t verdicts[VERDICT_COUNT];
	uint64_t excused[VERDICT_COUNT]; /* of them: by a quarantine, so that they fail no run */
	/* Of decisive attempts, with the unplanned ones and those made for tests that no framework
	 * reported: equal to junit.xml's totals. */
	struct case_counts cases;
	uint64_t unplanned;        /* cases reported that belong to no planned test */
	uint64_t unplanned_failed; /* those of them that failed */
	uint64_t wall_ns;          /* makespan: from the first start to the last end */
	uint64_t work_ns;          /* sum of the batches' run times */
	uint64_t test_ns;     /* sum of the final attempts' times: what a serial run would take */
	uint64_t start_up_ns; /* batches' run times less their tests' times */
	uint64_t busy_ns;     /* of all workers */
	uint64_t idle_ns;     /* of all workers, within the makespan */
	uint64_t longest_batch_ns;
	uint64_t bound_ns; /* of the actual times: max(busy / workers, longest batch) */
	uint64_t cpu_ns;
	uint32_t leaked; /* processes */
};

/* What is tested, and by which build; NULL: not known. */
struct ledger_build {
	char *version, *commit, *branch, *ci, *number, *url, *tag, *node, *change;
	bool is_modified;
};

/* How earlier runs ended for a test that gave trouble in this one. */
struct recalled {
	uint32_t test, run_count, failed_count, flaky_count;
};
enum { RECALLED_MAX = 1000 };

struct ledger {
	char *run_id, *name, *version, *started, *host;
	struct ledger_build build;
	bool fail_on_flaky, allow_empty;
	struct ledger_test *tests;
	size_t test_count, test_cap;
	struct ledger_batch *batches;
	size_t batch_count, batch_cap;
	struct ledger_worker *workers;
	size_t worker_count, worker_cap;
	struct node_life *nodes; /* in the order of their first worker */
	size_t node_count, node_cap;
	struct ledger_pool *pools;
	size_t pool_count, pool_cap;
	struct ledger_quarantine *quarantines;
	size_t quarantine_count, quarantine_cap;
	struct ledger_area *areas;
	size_t area_count, area_cap;
	struct dict area_names;
	struct ledger_suite *suites;
	size_t suite_count, suite_cap;
	struct ledger_errand *errands; /* in the order of their ends */
	size_t errand_count, errand_cap;
	struct recalled *recalled; /* at most RECALLED_MAX */
	size_t recalled_count, recalled_cap;
	char **warnings;
	size_t warning_count, warning_cap;
	uint64_t unplanned, unplanned_failed;
	struct case_counts unplanned_cases;
	uint64_t stale; /* events of a lease that was given away or closed: recorded, never counted
	                 */
	bool is_sealed;
	uint64_t predicted_ns, lower_bound_ns, digest;
	uint64_t slow_down_milli; /* event_plan_sealed tells what it is, and the next two */
	uint64_t found_count, config_digest;
	uint32_t resumed_count; /* times that a tanda died and another went on */
	struct ledger_shard {
		uint32_t number; /* 1..count */
		uint32_t count;  /* 0: no shard, the whole */
		uint64_t plan_digest;
		uint64_t plan_tests; /* of all shards */
	} shard;
	enum stop_cause stop;
	int32_t stop_signal;
	char *stop_message;
	bool is_finished;
	int32_t exit_code; /* as RUN_FINISHED tells it */
	char *exit_reason;
	bool has_started, has_ended; /* first start, last end below are set */
	uint64_t first_start_ns, last_end_ns;
};

void ledger_init(struct ledger *ledger);
void ledger_deinit(struct ledger *ledger);

/* Take one event in. Fails, changing nothing, when it contradicts what came before: a test planned
 * twice, an index out of range, work before the plan is sealed. A late result of a closed lease is
 * no failure: it is counted as stale. O(1), for BATCH_ENDED O(its tests). */
int ledger_apply(struct ledger *ledger, const struct event *event, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* The final word on a test as of now. Before the run is over it is what would stand if nothing
 * more came. *ret_reason borrows one sentence, or is NULL for a plain pass. */
enum verdict ledger_verdict(const struct ledger *ledger, uint32_t test, const char **ret_reason);

/* What is known of earlier runs; NULL: nothing. O(RECALLED_MAX). */
const struct recalled *ledger_recalled(const struct ledger *ledger, uint32_t test);

/* Its quarantine; NULL: it is in none. */
const struct ledger_quarantine *ledger_quarantine(const struct ledger *ledger, uint32_t test);
/* Does its quarantine, which has not expired, keep this verdict from failing the run? What nobody
 * can tell (lost, not run) is never excused. In the report its failed cases count as skipped. */
bool ledger_is_excused(const struct ledger *ledger, uint32_t test, enum verdict verdict);
/* Quarantines that have expired while tests are still in them; each fails the run. */
uint64_t ledger_expired_count(const struct ledger *ledger);

/* The attempt that the verdict and the report's case rest on: the last that decides, or NULL. */
const struct attempt *ledger_decisive_attempt(const struct ledger *ledger, uint32_t test);

/* What counts of an attempt's time where work is added up. A framework that runs tests side by
 * side, or tells nonsense, reports more than its batch took: then each test has its part of that.
 */
uint64_t ledger_attempt_ns(const struct ledger *ledger, const struct attempt *attempt);

/* Is this attempt's test its batch's only one? */
bool ledger_attempt_is_alone(const struct ledger *ledger, const struct attempt *attempt);

uint32_t attempt_case_count(const struct attempt *attempt);

/* Must the merged report hold a case that no framework reported, so that this test is in it and
 * its verdict shows? Sets its status. True for tests that did not run or whose framework reports no
 * cases, and for verdicts that the reported cases do not carry (a crash, a time-out). */
bool ledger_needs_case(const struct ledger *ledger, uint32_t test, enum case_status *ret_status);

/* The digest that PLAN_SEALED carries: of suites, ids and expected times, in order. */
uint64_t ledger_digest(const struct ledger *ledger);

struct ledger_totals ledger_totals(const struct ledger *ledger);

/* The exit code of DESIGN section 6 that the events justify, with its reason in words
 * ("2 tests failed"); `reason` is the caller's, of `reason_size` bytes. A signal gives 128 + n. */
int ledger_exit(const struct ledger *ledger, char *reason, size_t reason_size);

/* Verify the invariants named above. Returns 0, or -1 with the first that does not hold. */
int ledger_check(const struct ledger *ledger, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
