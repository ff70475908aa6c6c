/* walk.h - from the elements of a report to its cases, whatever the dialect; no XML library here.
 *
 * A case's outcome is decided by its direct children only: error before failure before skipped
 * before the attributes `status` and `result`. What else is inside a case (properties, reruns,
 * flaky failures) is passed over with all that it holds. */
#ifndef JUNIT_WALK_H
#define JUNIT_WALK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/draft.h"
#include "runner/junit/read.h"

/* Values hold what the filter made of them. */
struct walk_attribute {
	const char *name; /* without a prefix */
	struct text value;
};

enum element {
	ELEMENT_OTHER, /* ignored, or part of a text */
	ELEMENT_SUITES,
	ELEMENT_SUITE,
	ELEMENT_CASE,
	ELEMENT_RESULT,       /* of a case */
	ELEMENT_SUITE_RESULT, /* a failure or error that is the suite's, not a case's */
	ELEMENT_TEXT,         /* system-out, system-err */
};

/* An open element. */
struct walk_frame {
	enum element element;
	struct capture *text; /* where its text goes; NULL: nowhere */
	/* Of suites: */
	size_t outer_name_len; /* of the joined suite name, without this suite's part */
	size_t own_name_start;
	size_t outer_files_len;
	size_t file_start, file_len;     /* in walk->files; an outer suite's where it has none */
	uint64_t failed_count;           /* declared failures and errors */
	uint64_t test_count, idle_count; /* declared tests; those declared skipped or disabled */
	uint64_t case_count;             /* found, in suites inside, too */
	bool has_trailing_out;           /* its <system-out> belongs to the case before it */
};

struct walk {
	junit_case_fn on_case;
	void *data;
	struct text_buf source; /* where the whole texts are; clean */
	struct walk_frame frames[JUNIT_DEPTH_MAX];
	size_t depth;
	uint64_t element_count;
	uint64_t case_count;
	struct text_buf suite_name;      /* of the open suites, joined with " / " */
	struct text_buf files;           /* of the open suites, one behind the other */
	struct text_buf root_suite_file; /* Mocha's: see begin_suite() */
	struct draft draft;
	bool has_case; /* the draft is whole, and waits for what may follow it */
	bool has_declared_status;
	enum case_status declared_status;
	struct text_buf declared_message;
	struct capture suite_out, suite_err;
	struct text_buf scratch;
	char fault[256]; /* "" or why the reading has to stop */
};

void walk_init(struct walk *walk, const char *source, junit_case_fn on_case, void *data);
void walk_deinit(struct walk *walk);
void walk_start(struct walk *walk, const char *name, const struct walk_attribute *attributes,
                size_t attribute_count);
void walk_text(struct walk *walk, struct text text);
void walk_end(struct walk *walk);
/* Deliver the case that waited for what might follow it; also after a fault. */
void walk_finish(struct walk *walk);
#endif
