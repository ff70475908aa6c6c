/* trace.h - trace.json: the run for ui.perfetto.dev and chrome://tracing. */
#ifndef REPORT_TRACE_H
#define REPORT_TRACE_H
#include "runner/report/view.h"

enum { TRACE_MAX_BYTES = 1 << 30 };

/* The whole file in the Trace Event Format (JSON object form), events in the order of time; the
 * caller frees it. A process is a node (pid 1, 2...), a thread a worker (tid = worker + 1). Slices
 * of a thread never overlap; retries are flows, samples of a node's load and the number of its
 * running batches counters, warnings and stops instants. */
char *trace_json(const struct view *view);
#endif
