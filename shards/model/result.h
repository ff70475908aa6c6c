/* result.h - what became of a case, an attempt, a batch and a test; the words of DESIGN section 2.
 */
#ifndef MODEL_RESULT_H
#define MODEL_RESULT_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

/* One <testcase>. */
enum case_status { CASE_PASSED, CASE_FAILED, CASE_ERROR, CASE_SKIPPED };

/* A case as a report tells it; every text is borrowed. */
struct case_result {
	struct text suite_name; /* <testsuite name>, outer suites joined with " / " */
	struct text classname;
	struct text name;
	struct text file; /* as reported, "" when the dialect has none */
	uint32_t line;    /* 0: unknown */
	enum case_status status;
	bool is_outside; /* an error outside the tests: load, collection, hooks */
	bool is_unrun;   /* the framework ended before it came to it */
	bool time_known;
	uint64_t time_ns;
	struct text type;    /* of the failure, error */
	struct text message; /* of the failure, error, skip */
	struct text body;    /* trace */
	struct text out;     /* system-out */
	struct text err;     /* system-err */
};

/* How one attempt of a batch ended, as its driver tells it (DESIGN section 10). */
enum ending_kind {
	ENDING_RESULT,    /* the command ended by itself and its report folder is there */
	ENDING_CRASHED,   /* the command itself died: counts against the tests */
	ENDING_LOST,      /* nobody can tell: counts against the node */
	ENDING_CANCELLED, /* stopped because tanda was told to */
	ENDING_REFUSED,   /* never started */
};

/* What a batch's report was worth. */
enum report_state {
	REPORT_NONE_EXPECTED, /* the framework writes none; its exit code speaks */
	REPORT_WHOLE,
	REPORT_REPAIRED, /* read to its end after repairs (characters, encoding) */
	REPORT_MISSING,
	REPORT_EMPTY,
	REPORT_BROKEN, /* its readable part was kept */
};

/* What one attempt says about one test. */
enum outcome {
	OUTCOME_RUNNING,
	OUTCOME_PASSED,
	OUTCOME_FAILED,
	OUTCOME_SKIPPED,
	OUTCOME_TIMED_OUT,  /* over its own limit: a failure */
	OUTCOME_OUTSIDE,    /* framework error outside the tests: final, never retried */
	OUTCOME_UNRESOLVED, /* crash, missing or broken report, not in the report */
	OUTCOME_LOST,       /* the node went away; costs the test nothing */
	OUTCOME_REFUSED,    /* never started; costs the test nothing */
	OUTCOME_CANCELLED,  /* tanda was told to stop */
};

/* The final word on a planned test. */
enum verdict {
	VERDICT_PASSED,
	VERDICT_FLAKY,
	VERDICT_FAILED,
	VERDICT_ERROR,
	VERDICT_SKIPPED,
	VERDICT_LOST,
	VERDICT_NOT_RUN,
};
enum { VERDICT_COUNT = VERDICT_NOT_RUN + 1 };

/* Why a run stopped handing out work. */
enum stop_cause {
	STOP_NONE,
	STOP_SIGNAL,   /* SIGINT, SIGTERM, SIGHUP */
	STOP_DEADLINE, /* run_timeout */
	STOP_MAX_FAIL,
	STOP_FAULT, /* tanda itself could not go on */
};

/* Their words, as in the journal and in summary.json: "passed", "timed_out", "max_fail", ... */
const char *case_status_name(enum case_status status);
const char *ending_kind_name(enum ending_kind kind);
const char *report_state_name(enum report_state state);
const char *outcome_name(enum outcome outcome);
const char *verdict_name(enum verdict verdict);
const char *stop_cause_name(enum stop_cause cause);

/* The way back; false when the word is unknown. */
bool case_status_from_name(struct text name, enum case_status *ret_status);
bool ending_kind_from_name(struct text name, enum ending_kind *ret_kind);
bool report_state_from_name(struct text name, enum report_state *ret_state);
bool stop_cause_from_name(struct text name, enum stop_cause *ret_cause);
#endif
