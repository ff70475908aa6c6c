/* event.h - every fact of a run. Journal, ledger, console and reports consume nothing else.
 *
 * The order in a journal: RUN_STARTED, WORKER_PLANNED..., SUITE_PLANNED..., POOL_PLANNED...,
 * QUARANTINE_PLANNED..., TEST_PLANNED..., AREA_PLANNED..., POOL_WANTED..., PLAN_SEALED; then for
 * each batch BATCH_STARTED, BATCH_SUBMITTED, BATCH_RUNNING, TEST_PROGRESSED..., CASE_REPORTED...,
 * TEST_EMPTY..., BATCH_ENDED; WORKER_WAITED, TEST_DROPPED, ERRAND_ENDED, NODE_CHANGED,
 * NODE_SAMPLED, WARNED and STOP_REQUESTED at any time; RUN_RESUMED where a tanda died, followed
 * by a BATCH_ENDED (lost) for each batch that was open; then TEST_RECALLED...; last RUN_FINISHED.
 * Times are nanoseconds of the coordinator's monotonic clock since RUN_STARTED, pauses and deaths
 * left out. */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/node.h"
#include "shards/model/result.h"

enum event_kind {
	EVENT_RUN_STARTED,
	EVENT_WORKER_PLANNED,
	EVENT_SUITE_PLANNED,
	EVENT_POOL_PLANNED,
	EVENT_QUARANTINE_PLANNED, /* why and until when some tests may fail */
	EVENT_TEST_PLANNED,
	EVENT_AREA_PLANNED, /* an area that asks for something */
	EVENT_POOL_WANTED,  /* by an area */
	EVENT_PLAN_SEALED,
	EVENT_BATCH_STARTED,   /* handed to a worker: a lease with a fencing number begins */
	EVENT_BATCH_SUBMITTED, /* its node has it, and can be asked for it after a crash of tanda */
	EVENT_BATCH_RUNNING,   /* its command runs */
	EVENT_TEST_PROGRESSED, /* the framework tells, while it runs, where it is */
	EVENT_CASE_REPORTED,
	EVENT_TEST_EMPTY, /* the framework's own listing finds nothing to run in this test */
	EVENT_BATCH_ENDED,
	EVENT_WORKER_WAITED, /* for what others held, and there is nothing left for it */
	EVENT_TEST_DROPPED,  /* it will not be run */
	EVENT_ERRAND_ENDED,  /* a hook, or a command of a pool */
	EVENT_NODE_CHANGED,  /* another node than this machine came, was lost, was left out */
	EVENT_NODE_SAMPLED,  /* how busy a node is: every second or two, less often in long runs */
	EVENT_WARNED,
	EVENT_STOP_REQUESTED,
	EVENT_TEST_RECALLED, /* how earlier runs ended for a test that gave trouble in this one */
	EVENT_RUN_RESUMED,   /* tanda died, and another goes on with its run */
	EVENT_RUN_FINISHED,
};
enum { EVENT_KIND_COUNT = EVENT_RUN_FINISHED + 1 };

/* Why a batch is started. */
enum batch_reason { BATCH_PLANNED, BATCH_RETRY, BATCH_SECOND_CHANCE, BATCH_MOVED };

/* `test` of a case that belongs to no planned test. */
#define TEST_UNPLANNED UINT32_MAX

struct event_run_started {
	struct text run_id;  /* unique; letters, digits, '-' */
	struct text name;    /* of the project */
	struct text version; /* of tanda */
	struct text started; /* wall clock, "2026-11-23T13:20:00.123+00:00" */
	struct text host;
	struct text system; /* "Linux 6.1.0 x86_64" */
	uint32_t cpus;      /* that tanda may use there */
	/* What is tested, and by which build of a CI server; "": not known. */
	struct text build_version, commit, branch, ci, build, build_url;
	struct text build_tag, build_node, change; /* the server's words for them */
	bool modified;                             /* the working tree differs from the commit */
	bool fail_on_flaky;
	bool allow_empty;
	struct text options; /* that it was given, a line each: "--retries=2" */
	struct text tmp;     /* its folder for what is temporary, absolute */
};

struct event_worker_planned {
	uint32_t worker;
	struct text node;
	uint32_t cpus; /* of the node, shared out to areas that ask for some; 0: no limit */
};

struct event_suite_planned {
	uint32_t suite;
	struct text name;
	struct text framework;
	struct text dir;       /* relative to the project's folder; "." */
	struct text env_names; /* of variables that tanda.json sets, "A, B"; never a value */
	uint32_t batch_max;    /* tests that one start of it takes; 0: any number */
};

struct event_pool_planned {
	uint32_t pool; /* 0, 1, 2... without gaps */
	struct text name;
	uint32_t members;
};

struct event_quarantine_planned {
	uint32_t quarantine; /* 0, 1, 2... without gaps */
	struct text area;
	struct text reason;
	struct text until; /* "2027-01-31", its last day */
	int32_t days_left; /* from the day of the start (UTC) to that one; below 0: it has expired
	                    */
};

struct event_test_planned {
	uint32_t test; /* 0, 1, 2... without gaps */
	uint32_t suite;
	struct text id;
	struct text file; /* relative to the project's folder */
	struct text area;
	uint64_t expected_ns;
	bool expected_known;     /* from its own history */
	struct text skip_reason; /* not empty: it will not be run */
	uint32_t quarantine;     /* its number plus 1; 0: none */
	struct text feature;     /* "NewCheckout=on": the state that it is run in; "": as it is */
};

/* What an area of planned tests asks for, besides labels: those are met by every node there is. */
struct event_area_planned {
	struct text area;
	bool keep_together;
	uint32_t cpus;
};

struct event_pool_wanted {
	struct text area;
	uint32_t pool;
	uint32_t count; /* members at once, while a batch of the area runs */
};

struct event_plan_sealed {
	uint64_t test_count;
	uint64_t predicted_ns;
	uint64_t lower_bound_ns;
	uint64_t digest; /* of suites, ids and expected times, in order */
	/* With m batches running tests take 1 + x (m - 1) times as long, in thousandths; 0: not
	 * told from chance. */
	uint64_t slow_down_milli;
	/* A static shard: which, of how many, of which plan; shard_count 0: this is the whole. */
	uint32_t shard; /* 1..shard_count */
	uint32_t shard_count;
	uint64_t plan_digest; /* plan_digest() of all shards together */
	uint64_t plan_tests;  /* of all shards together */
	/* What a resumed run must find again: how many tests there were before any was selected,
	 * and tanda.json's bytes (0: there was none). */
	uint64_t found_count;
	uint64_t config_digest;
};

struct event_batch_started {
	uint32_t batch; /* 0, 1, 2...; the fencing number: never used twice in a journal */
	uint32_t worker;
	enum batch_reason reason;
	const uint32_t *tests;
	size_t test_count;
	uint64_t expected_ns;
	uint64_t limit_ms;   /* 0: none */
	uint64_t waited_ns;  /* its worker stood still before it, as pools or cpus were held */
	struct text members; /* of pools, that it holds: "shop: shop-2; db: db-1" */
};

struct event_batch_submitted {
	uint32_t batch;
	struct text key;    /* RUN.BATCH.ATTEMPT.NONCE, under which its bundle is kept */
	struct text handle; /* what its driver needs to find it again */
};

struct event_batch_running {
	uint32_t batch;
	struct text handle; /* what its driver needs to find it again: a pid, a queue id */
};

struct event_test_progressed {
	uint32_t batch;
	uint32_t test;
	bool is_done;         /* else it begins */
	uint64_t happened_ns; /* as `at_ns`; the event itself comes a little later */
};

struct event_case_reported {
	uint32_t batch;
	uint32_t test; /* or TEST_UNPLANNED */
	struct case_result result;
};

struct event_test_empty {
	uint32_t batch;
	uint32_t test;
	struct text reason;
};

struct event_batch_ended {
	uint32_t batch;
	enum ending_kind ending;
	int32_t exit_code; /* -1: none */
	int32_t signal;    /* 0: none */
	bool core_dumped;
	bool timed_out;
	bool stopped;       /* tanda ended it: by its time limit or because it was told to stop */
	bool exit_expected; /* the exit code is one by which the framework ends a complete run */
	bool exit_failed;   /* the exit code says that something failed */
	/* Its tanda died, and nothing of it was found afterwards: it counts for nothing. */
	bool is_orphan;
	bool exit_skipped; /* the exit code says skipped (command: 77) */
	enum report_state report;
	struct text message; /* the fault in words: of the start, of the report */
	uint64_t elapsed_ns; /* of the command, by the node's clock */
	uint64_t cpu_ns;
	uint64_t peak_bytes;
	uint64_t output_bytes;
	uint64_t dropped_bytes; /* of the output, over the cap */
	uint32_t leaked_count;  /* processes that outlived the command and were killed */
	struct text leaked;     /* "8123 smtpd, 8124 sleep 300" */
	struct text log;        /* relative to the out folder; "" when there is no output */
	struct text tail;       /* last lines of output, when it did not pass */
};

struct event_worker_waited {
	uint32_t worker;
	uint64_t waited_ns; /* a wait that ends with a batch is told by that (batch_started) */
};

/* A test that nothing is left to run on: not_run, unless an attempt of it says otherwise. */
struct event_test_dropped {
	uint32_t test;
	struct text reason;
};

/* A command that the run itself needed. */
struct event_errand_ended {
	struct text what;    /* where tanda.json says so: "pools.shop.up", "hooks.area.before" */
	struct text subject; /* the member, area or node; "worker 2"; "" for the run */
	uint64_t started_ns; /* as `at_ns` */
	int32_t exit_code;   /* -1: none */
	bool is_fault;       /* without it the run's result is not whole */
	struct text message; /* what went wrong; "" */
	struct text log;     /* relative to the out folder; "" when there is no output */
};

struct event_node_changed {
	struct text node;
	enum node_change change;
	struct text message;  /* why, where it is not UP */
	uint64_t opened_ns;   /* UP: what it took to reach it */
	uint64_t prepared_ns; /* UP: what it took to bring the workspace there */
	uint64_t sent_bytes;  /* UP: of the workspace */
};

struct event_node_sampled {
	struct text node;
	uint32_t cpus;             /* processors that it has */
	uint32_t running;          /* batches that run on it */
	uint64_t busy_permille;    /* of all its processors' time since the sample before */
	uint64_t stalled_permille; /* of that time: something was ready to run and had to wait */
	uint64_t load_permille;    /* load average of a minute; 1000 is one process */
};

struct event_warned {
	struct text message;
};

struct event_stop_requested {
	enum stop_cause cause;
	int32_t signal;
	struct text message;
};

struct event_test_recalled {
	uint32_t test;
	uint32_t run_count;    /* newest earlier runs in which it ran, as far as looked at */
	uint32_t failed_count; /* of them: it did not pass in the end */
	uint32_t flaky_count;  /* of them: it failed and then passed */
};

struct event_run_resumed {
	struct text resumed; /* wall clock, as event_run_started.started */
	struct text version; /* of the tanda that goes on */
	struct text host;
	struct text tmp; /* its own, as event_run_started.tmp */
};

struct event_run_finished {
	int32_t exit_code; /* 128 + signal when a signal ended it */
	struct text reason;
};

struct event {
	enum event_kind kind;
	uint64_t at_ns;
	union {
		struct event_run_started run_started;
		struct event_worker_planned worker_planned;
		struct event_suite_planned suite_planned;
		struct event_pool_planned pool_planned;
		struct event_quarantine_planned quarantine_planned;
		struct event_test_planned test_planned;
		struct event_area_planned area_planned;
		struct event_pool_wanted pool_wanted;
		struct event_plan_sealed plan_sealed;
		struct event_batch_started batch_started;
		struct event_batch_submitted batch_submitted;
		struct event_batch_running batch_running;
		struct event_test_progressed test_progressed;
		struct event_case_reported case_reported;
		struct event_test_empty test_empty;
		struct event_batch_ended batch_ended;
		struct event_worker_waited worker_waited;
		struct event_test_dropped test_dropped;
		struct event_errand_ended errand_ended;
		struct event_node_changed node_changed;
		struct event_node_sampled node_sampled;
		struct event_warned warned;
		struct event_stop_requested stop_requested;
		struct event_test_recalled test_recalled;
		struct event_run_resumed run_resumed;
		struct event_run_finished run_finished;
	};
};

/* "run_started", "case_reported", ...: the words of the journal. */
const char *event_kind_name(enum event_kind kind);
bool event_kind_from_name(struct text name, enum event_kind *ret_kind);
const char *batch_reason_name(enum batch_reason reason);
bool batch_reason_from_name(struct text name, enum batch_reason *ret_reason);
#endif
