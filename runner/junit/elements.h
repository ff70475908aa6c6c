/* elements.h - the elements of our reports, put into markup: well-formed whatever comes in. */
#ifndef JUNIT_ELEMENTS_H
#define JUNIT_ELEMENTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/capture.h"
#include "runner/junit/item.h"
#include "runner/junit/markup.h"
#include "runner/junit/names.h"

/* How much of a text is written. 0: of outputs, their attachments alone. */
struct junit_limits {
	size_t passing_output, failing_output, trace;
};

/* GitLab reads no more than 30 MB; these are tried one after the other until a report fits. */
enum { JUNIT_LIMITS_COUNT = 4 };
extern const struct junit_limits junit_limits[JUNIT_LIMITS_COUNT];
/* Everything that the reader kept. */
extern const struct junit_limits junit_limits_none;

struct elements {
	struct markup *markup; /* borrowed */
	/* NULL: they get smaller as the markup grows. */
	const struct junit_limits *limits;
	bool trusts_input; /* texts are as the reader hands them out: clean, attachments in front */
	struct text_buf suite_name, suite_file;
	struct text_buf classname, name, message;
	struct text_buf cleaned;
	struct capture body, out, err;
	struct names names; /* of the open suite's cases */
};

void elements_init(struct elements *elements, struct markup *markup);
void elements_deinit(struct elements *elements);
/* <testsuites>, open. */
void elements_begin(struct elements *elements, struct text name, struct junit_counts counts,
                    uint64_t wall_ns, struct text timestamp);
/* <testsuite>, open; `id` counts them from 0. */
void elements_begin_suite(struct elements *elements, const struct junit_suite *suite, uint64_t id);
void elements_end_suite(struct elements *elements);
/* Equal (classname, name) within a suite get " [2]", " [3]"... here. */
void elements_put_case(struct elements *elements, const struct junit_case *item);
void elements_end(struct elements *elements);
#endif
