/* plan_text.h - a plan for people: two lines to show to a colleague, then where they come from. */
#ifndef REPORT_PLAN_TEXT_H
#define REPORT_PLAN_TEXT_H
#include <stdbool.h>

#include "shards/base/text.h"
#include "shards/model/plan.h"
#include "shards/model/test.h"

struct plan_text_options {
	bool unicode; /* console_wants_unicode() */
	double noise; /* that the strategies were tried under; negative: none */
};

/* Append headline, shards, sweep, target and strategies, as far as the plan has them. `tests` are
 * those that were planned: they tell the areas' loads. Names are made harmless for a terminal. */
void plan_text(struct text_buf *out, const struct plan *plan, const struct test_list *tests,
               const struct plan_text_options *options);

/* The two lines alone. */
void plan_headline(struct text_buf *out, const struct plan *plan);
#endif
