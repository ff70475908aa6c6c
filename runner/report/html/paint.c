/* paint.c - see paint.h. */
#include "runner/report/html/paint.h"

#include <assert.h>

#include "shards/base/mem.h"

static const struct {
	const char *name;
	const char *attributes;
} paints[] = {
	[PAINT_START_UP] = {"start-up", "class=\"f-start-up\" fill=\"#d8c48f\""},
	[PAINT_PASSED] = {"passed", "class=\"f-passed\" fill=\"#6fbf8b\""},
	[PAINT_SKIPPED] = {"skipped", "class=\"f-skipped\" fill=\"#c3cad1\""},
	[PAINT_NOT_RUN] = {"not run", "fill=\"url(#p-not-run)\""},
	[PAINT_FLAKY] = {"flaky", "fill=\"url(#p-flaky)\""},
	[PAINT_LOST] = {"lost", "fill=\"url(#p-lost)\""},
	[PAINT_ERROR] = {"error", "fill=\"url(#p-error)\""},
	[PAINT_FAILED] = {"failed", "fill=\"url(#p-failed)\""},
};

_Static_assert(countof(paints) == PAINT_COUNT, "a paint for each");

#define PATTERN(name, size, ground, figure)                                           \
	"<pattern id=\"p-" name "\" width=\"" size "\" height=\"" size                \
	"\" patternUnits=\"userSpaceOnUse\"><rect class=\"g-" name "\" width=\"" size \
	"\" height=\"" size "\" fill=\"" ground "\"/>" figure "</pattern>\n"

static const char patterns[] = "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n" PATTERN(
	"failed", "6", "#cf222e",
	"<path class=\"h-failed\" d=\"M-1 5l6-6M1 7l6-6\" stroke=\"#e5646c\" "
	"stroke-width=\"1.2\"/>") PATTERN("error", "6", "#8250df",
                                          "<path class=\"h-error\" d=\"M0 3h6M3 0v6\" stroke=\"#a683ea\" "
                                          "stroke-width=\"1\"/>")
	PATTERN("lost", "6", "#bc4c00",
                "<path class=\"h-lost\" d=\"M0 3h6\" stroke=\"#dd7f3f\" stroke-width=\"1.6\"/>")
		PATTERN("flaky", "5", "#d4a72c",
                        "<circle class=\"h-flaky\" cx=\"2.5\" cy=\"2.5\" r=\"1.1\" fill=\"#fff8dd\"/>")
			PATTERN("not-run", "6", "#f3f5f7",
                                "<path class=\"h-not-run\" d=\"M3 0v6\" stroke=\"#8c959f\" "
                                "stroke-width=\"1.4\"/>")
				PATTERN("idle", "7", "#ffffff",
                                        "<path class=\"h-idle\" d=\"M-1 1l2-2M-1 8l9-9M6 8l2-2\" stroke=\"#d0d7de\" "
                                        "stroke-width=\"1\"/>") "</defs></svg>\n";

const char *paint_patterns(void)
{
	return patterns;
}

const char *paint_attributes(enum paint paint)
{
	return paints[paint].attributes;
}

const char *paint_name(enum paint paint)
{
	return paints[paint].name;
}

enum paint paint_of_outcome(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASSED:
		return PAINT_PASSED;
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
		return PAINT_FAILED;
	case OUTCOME_SKIPPED:
		return PAINT_SKIPPED;
	case OUTCOME_OUTSIDE:
	case OUTCOME_UNRESOLVED:
		return PAINT_ERROR;
	case OUTCOME_RUNNING:
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
		return PAINT_LOST;
	case OUTCOME_CANCELLED:
		return PAINT_NOT_RUN;
	}
	assert(false && "an outcome without a paint");
	return PAINT_NOT_RUN;
}

enum paint paint_of_verdict(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASSED:
		return PAINT_PASSED;
	case VERDICT_FLAKY:
		return PAINT_FLAKY;
	case VERDICT_FAILED:
		return PAINT_FAILED;
	case VERDICT_ERROR:
		return PAINT_ERROR;
	case VERDICT_SKIPPED:
		return PAINT_SKIPPED;
	case VERDICT_LOST:
		return PAINT_LOST;
	case VERDICT_NOT_RUN:
		return PAINT_NOT_RUN;
	}
	assert(false && "a verdict without a paint");
	return PAINT_NOT_RUN;
}
