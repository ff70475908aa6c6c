/* paint.h - how what came of a test is drawn: by colour and by pattern, so that neither is needed.
 */
#ifndef REPORT_HTML_PAINT_H
#define REPORT_HTML_PAINT_H
#include "shards/model/result.h"

/* What a bar of the chart can be. */
enum paint {
	PAINT_START_UP,
	PAINT_PASSED,
	PAINT_SKIPPED,
	PAINT_NOT_RUN,
	PAINT_FLAKY,
	PAINT_LOST,
	PAINT_ERROR,
	PAINT_FAILED,
};
enum { PAINT_COUNT = PAINT_FAILED + 1 }; /* in the order of how much they matter */

/* Attributes for a shape or a group: class="f-failed" fill="url(#p-failed)". The style sheet says
 * the same by class, for light and dark. */
const char *paint_attributes(enum paint paint);
const char *paint_name(enum paint paint);
enum paint paint_of_outcome(enum outcome outcome);
enum paint paint_of_verdict(enum verdict verdict);
/* <defs> with the patterns; once in a page. */
const char *paint_patterns(void);
#endif
