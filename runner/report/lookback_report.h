/* lookback_report.h - what past runs tell, for people and for programs. */
#ifndef REPORT_LOOKBACK_REPORT_H
#define REPORT_LOOKBACK_REPORT_H
#include <stdbool.h>

#include "shards/base/text.h"
#include "shards/model/lookback.h"

/* Which parts of it. */
struct lookback_parts {
	bool runs; /* with the accuracy of their predictions */
	bool areas;
	bool commits;
	bool slow;
	bool flaky;
};

/* Append tables of plain text; names are made harmless for a terminal. */
void lookback_text(struct text_buf *out, const struct lookback *lookback,
                   const struct lookback_parts *parts);

/* {"schema":"tanda.history/1", ...}, with a line end; the caller frees it. */
char *lookback_json(const struct lookback *lookback, const struct lookback_parts *parts);
#endif
