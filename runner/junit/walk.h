/* walk.h - from the elements of a report to its cases, whatever the dialect; no XML library here.
 *
 * A case's outcome is decided by its direct children only: error before failure before skipped
 * before the attributes `status` and `result`. Attempts inside it (flaky and rerun elements) decide
 * nothing, but for a case that has only reruns: it failed. */
#ifndef JUNIT_WALK_H
#define JUNIT_WALK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/attributes.h"
#include "runner/junit/draft.h"
#include "runner/junit/nest.h"
#include "runner/junit/read.h"

enum element {
	ELEMENT_OTHER, /* ignored, or part of a text */
	ELEMENT_SUITES,
	ELEMENT_SUITE,
	ELEMENT_CASE,
	ELEMENT_RESULT,       /* of a case */
	ELEMENT_SUITE_RESULT, /* a failure or error that is the suite's, not a case's */
	ELEMENT_TEXT,         /* system-out, system-err */
	ELEMENT_AGAIN,        /* an attempt: flakyFailure, rerunError... */
	ELEMENT_AGAIN_TEXT,   /* stackTrace and outputs of one */
	ELEMENT_PROPERTIES,
	ELEMENT_PROPERTY,
};

/* An open element. */
struct walk_frame {
	enum element element;
	struct capture *text; /* where its text goes; NULL: nowhere */
};

struct walk {
	const struct junit_handlers *handlers;
	size_t text_max_bytes;
	struct text_buf source; /* where the whole texts are; clean */
	struct walk_frame frames[JUNIT_DEPTH_MAX];
	size_t depth;
	uint64_t element_count;
	uint64_t case_count;
	struct nest nest;
	struct draft draft;
	bool has_case; /* the draft is whole, and waits for what may follow it */
	bool has_declared_status;
	enum case_status declared_status;
	struct text_buf declared_message;
	struct text_buf property_name;
	bool property_is_told; /* by an attribute; its text does not count */
	struct capture property_value;
	struct text_buf scratch;
	struct junit_root root;
	char fault[256]; /* "" or why the reading has to stop */
	bool is_foreign; /* because it is no JUnit report */
};

void walk_init(struct walk *walk, const struct junit_handlers *handlers);
/* Ready for a new report; `source` is what it is called. */
void walk_begin(struct walk *walk, const char *source);
void walk_deinit(struct walk *walk);
void walk_start(struct walk *walk, const char *name, struct attributes attributes);
void walk_text(struct walk *walk, struct text text);
/* The same for text with hidden characters in it. */
void walk_hidden_text(struct walk *walk, struct text text);
void walk_end(struct walk *walk);
/* Deliver the case that waited for what might follow it; also after a fault. */
void walk_finish(struct walk *walk);
#endif
