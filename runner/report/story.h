/* story.h - how a run went, in sentences: for report.html and summary.md alike.
 *
 * What is written is plain text but for names, which are strangers' and go through `add_name`, and
 * figures, which stand between `strong` and `strong_end`. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H
#include "runner/report/course.h"
#include "runner/report/outline.h"

struct story {
	const struct view *view;
	const struct outline *outline;
	const struct course *course;
	struct text_buf *out;
	void (*add_name)(struct text_buf *out, struct text name);
	const char *strong, *strong_end;
};

enum loss_kind { LOSS_LONG_POLE, LOSS_IDLE, LOSS_START_UP, LOSS_CONTENTION, LOSS_POOLS };
enum { LOSS_KIND_COUNT = LOSS_POOLS + 1 };

/* One part of what was lost against the bound. */
struct story_loss {
	enum loss_kind kind;
	uint64_t ns;
};

/* The parts that are worth a word (above 0), largest first; returns how many. */
size_t story_losses(const struct view *view, struct story_loss losses[LOSS_KIND_COUNT]);
/* "long pole", and what that is for who has not read the manual. */
const char *story_loss_name(enum loss_kind kind);
const char *story_loss_meaning(enum loss_kind kind);
/* Makespan less bound; 0 when the bound is not known. */
uint64_t story_lost_ns(const struct view *view);

/* "3m47s of wall time for 8m11s of tests on 4 workers: 2.2 times faster than ..." */
void story_add_speed(const struct story *story);
/* "No order of this work on 4 workers could end before 3m26s: ... alone takes that long." */
void story_add_bound(const struct story *story);
/* "You lost 21.0s: 12.1s long pole pay.feature, 5.9s idle, 3.0s start-up." */
void story_add_loss(const struct story *story);
/* "It was predicted to take 3m30s: 17.0s (8 %) more." */
void story_add_prediction(const struct story *story);

/* Did the run take long enough for anybody to want it faster? */
bool story_is_worth_advice(const struct view *view);
/* What would make it faster, a sentence each; false when there is no more advice. Call with *at = 0
 * first. */
bool story_next_advice(const struct story *story, int *at);

/* The test that kept the last worker busy; UINT32_MAX: none stands out. */
uint32_t story_long_pole(const struct story *story);
#endif
