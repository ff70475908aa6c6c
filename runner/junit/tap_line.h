/* tap_line.h - one line of the Test Anything Protocol and what it says. */
#ifndef JUNIT_TAP_LINE_H
#define JUNIT_TAP_LINE_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

enum tap_line_kind {
	TAP_LINE_OTHER, /* what a program prints beside the protocol, and nested tests */
	TAP_LINE_PLAN,
	TAP_LINE_POINT,
	TAP_LINE_COMMENT,
	TAP_LINE_BAIL_OUT,
	TAP_LINE_VERSION, /* and pragmas: nothing to tell of */
	TAP_LINE_BLOCK_START,
	TAP_LINE_BLOCK_END,
};

enum tap_directive { TAP_NO_DIRECTIVE, TAP_SKIP, TAP_TODO };

struct tap_line {
	enum tap_line_kind kind;
	bool is_ok;         /* a point's */
	uint64_t planned;   /* a plan's */
	struct text name;   /* a point's, its escapes still in it */
	struct text reason; /* behind a directive, or of bailing out */
	enum tap_directive directive;
	bool time_known;
	uint64_t time_ns; /* "# time=12.5ms", as node-tap has it */
};

/* Read a line, without its end; the texts are borrowed from it. */
struct tap_line tap_line_read(struct text line);

/* "  duration_ms: 12.5" in the block below a point, as node and bats write it. */
bool tap_line_duration(struct text line, uint64_t *ret_ns);
#endif
