/* span.c - see span.h. */
#include "shards/base/span.h"

static const double unit_ns[] = {
	[SPAN_SECONDS] = 1e9, [SPAN_MINUTES] = 60e9, [SPAN_HOURS] = 3600e9};
static const char *const unit_names[] = {
	[SPAN_SECONDS] = " s", [SPAN_MINUTES] = " min", [SPAN_HOURS] = " h"};

enum span_unit span_unit_of(uint64_t ns)
{
	if ((double)ns < 2 * unit_ns[SPAN_MINUTES])
		return SPAN_SECONDS;
	return (double)ns < 2 * unit_ns[SPAN_HOURS] ? SPAN_MINUTES : SPAN_HOURS;
}

/* Three digits tell: "0.42", "4.20" is too many, "48". */
void span_add_number(struct text_buf *out, uint64_t ns, enum span_unit unit)
{
	double value = (double)ns / unit_ns[unit];
	int decimals = 1;

	if (unit == SPAN_SECONDS)
		decimals = value < 0.995 && ns > 0 ? 2 : value < 19.95 ? 1 : 0;
	text_buf_printf(out, "%.*f", decimals, value);
}

void span_add(struct text_buf *out, uint64_t ns)
{
	enum span_unit unit = span_unit_of(ns);

	span_add_number(out, ns, unit);
	text_buf_add_str(out, unit_names[unit]);
}
