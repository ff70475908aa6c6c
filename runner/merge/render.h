/* render.h - a merged suite, from its spools into markup. */
#ifndef MERGE_RENDER_H
#define MERGE_RENDER_H
#include <stdbool.h>

#include "runner/junit/elements.h"
#include "runner/merge/attempts.h"
#include "runner/merge/suites.h"

/* A thread's tools. */
struct renderer {
	struct markup *markup; /* borrowed */
	struct elements elements;
	bool joins_attempts;
	bool time_is_sum; /* said by a property of the first suite */
	struct record_reader reader;
	struct attempts attempts;
	struct text_buf timestamp;
};

void renderer_init(struct renderer *renderer, struct markup *markup,
                   const struct junit_limits *limits, bool joins_attempts, bool time_is_sum);
void renderer_deinit(struct renderer *renderer);
/* Write a suite whole; `id` is its place among all. */
int renderer_put_suite(struct renderer *renderer, const struct merged_suite *suite, uint64_t id,
                       struct tanda_error *error) __attribute__((warn_unused_result));
#endif
