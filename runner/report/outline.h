/* outline.h - a view sorted out once, for all who tell of it: verdicts, lists, shares. */
#ifndef REPORT_OUTLINE_H
#define REPORT_OUTLINE_H
#include "runner/report/view.h"

enum { OUTLINE_SLOWEST_MAX = 20 };

struct outline_list {
	uint32_t *tests; /* in the order of the plan */
	size_t count;
};

struct outline_area {
	uint64_t verdicts[VERDICT_COUNT];
	uint64_t work_ns; /* of all attempts */
	uint64_t longest_ns;
};

/* How far the expected times that history gave were off. */
struct outline_errors {
	uint64_t known_count; /* tests that had one, and passed */
	uint64_t percent;     /* mean of |actual - expected| / actual, each at most 100 % */
};

struct outline {
	const struct view *view;
	enum verdict *verdicts; /* by test */
	const char **reasons;   /* by test; NULL: a plain pass */
	struct outline_list lists[VERDICT_COUNT];
	uint32_t slowest[OUTLINE_SLOWEST_MAX]; /* by their final attempt */
	size_t slowest_count;
	struct outline_area *areas;
	struct outline_errors errors;
	uint64_t share_ns; /* an even share of all busy time */
};

/* O(tests log tests). */
void outline_init(struct outline *outline, const struct view *view);
void outline_deinit(struct outline *outline);

/* What the test took in the attempt that decided; 0 when none did. */
uint64_t outline_time_ns(const struct view *view, uint32_t test);
/* The same as it counts beside other work: ledger_attempt_ns(). */
uint64_t outline_work_ns(const struct view *view, uint32_t test);
#endif
