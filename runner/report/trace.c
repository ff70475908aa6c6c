/* trace.c - see trace.h; the format: "Trace Event Format", by the authors of catapult. */
#include "runner/report/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/clean.h"
#include "runner/report/course.h"
#include "shards/base/mem.h"

enum { NS_PER_US = 1000, GROWTH_MAX = 12, MESSAGE_MAX_BYTES = 2000, LANES_MAX = 100 };

/* What stands at a point of time; in this order where several do. */
enum point_kind {
	POINT_BATCH_ENDED,
	POINT_BATCH_RUNNING,
	POINT_SAMPLE,
	POINT_MARK,
	POINT_ERRAND,
	POINT_SLICE,
};

struct point {
	uint64_t at_ns;
	enum point_kind kind;
	size_t index; /* of its kind */
};

struct trace {
	const struct view *view;
	struct course course;
	struct text_buf out;
	struct point *points;
	size_t point_count, point_cap;
	uint32_t *running;            /* batches, by node */
	uint64_t lanes_ns[LANES_MAX]; /* until when each is taken, of what ran around the tests */
	bool is_first;
};

/* ---- JSON ---- */

/* A stranger's name, as a string with its quotes. */
static void put_string(struct trace *trace, struct text bytes)
{
	struct text_buf clean;
	size_t i;

	text_buf_init(&clean, bytes.len * GROWTH_MAX + 1);
	clean_visible_name(&clean, bytes); /* no control character is left, and no broken UTF-8 */
	text_buf_add_char(&trace->out, '"');
	for (i = 0; i < clean.len; i++) {
		if (clean.ptr[i] == '"' || clean.ptr[i] == '\\')
			text_buf_add_char(&trace->out, '\\');
		text_buf_add_char(&trace->out, clean.ptr[i]);
	}
	text_buf_add_char(&trace->out, '"');
	text_buf_deinit(&clean);
}

static void put_us(struct trace *trace, const char *key, uint64_t ns)
{
	text_buf_printf(&trace->out, ",\"%s\":%" PRIu64 ".%03u", key, ns / NS_PER_US,
	                (unsigned)(ns % NS_PER_US));
}

static uint64_t since_start(const struct trace *trace, uint64_t at_ns)
{
	return at_ns > trace->course.start_ns ? at_ns - trace->course.start_ns : 0;
}

/* {"ph":"X","pid":1,"tid":2,"ts":12.000 */
static void begin(struct trace *trace, char phase, uint32_t node, uint32_t thread, uint64_t at_ns)
{
	text_buf_printf(&trace->out, "%s{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u",
	                trace->is_first ? "" : ",\n", phase, node + 1, thread);
	put_us(trace, "ts", since_start(trace, at_ns));
	trace->is_first = false;
}

/* ---- names of nodes and workers ---- */

static void put_meta(struct trace *trace, const char *what, uint32_t node, uint32_t thread,
                     struct text name)
{
	begin(trace, 'M', node, thread, trace->course.start_ns);
	text_buf_printf(&trace->out, ",\"name\":\"%s\",\"args\":{\"name\":", what);
	put_string(trace, name);
	text_buf_add_str(&trace->out, "}}");
}

static void put_sort_index(struct trace *trace, const char *what, uint32_t node, uint32_t thread,
                           uint32_t index)
{
	begin(trace, 'M', node, thread, trace->course.start_ns);
	text_buf_printf(&trace->out, ",\"name\":\"%s\",\"args\":{\"sort_index\":%u}}", what, index);
}

static void put_names(struct trace *trace)
{
	const struct view *view = trace->view;
	char name[32];
	uint32_t i;

	for (i = 0; i < view->node_count; i++) {
		put_meta(trace, "process_name", i, 0, text_from(view->nodes[i]));
		put_sort_index(trace, "process_sort_index", i, 0, i);
	}
	if (view->ledger->errand_count > 0) {
		put_meta(trace, "process_name", i, 0, TEXT_LIT("around the tests"));
		put_sort_index(trace, "process_sort_index", i, 0, i);
	}
	for (i = 0; i < view->ledger->worker_count; i++) {
		snprintf(name, sizeof(name), "w%u", i);
		put_meta(trace, "thread_name", view->worker_nodes[i], i + 1, text_from(name));
		put_sort_index(trace, "thread_sort_index", view->worker_nodes[i], i + 1, i);
	}
}

/* ---- slices ---- */

static const char *colour_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASSED:
		return "good";
	case OUTCOME_FAILED:
	case OUTCOME_TIMED_OUT:
		return "terrible";
	case OUTCOME_OUTSIDE:
	case OUTCOME_UNRESOLVED:
	case OUTCOME_LOST:
	case OUTCOME_REFUSED:
		return "bad";
	case OUTCOME_SKIPPED:
	case OUTCOME_RUNNING:
	case OUTCOME_CANCELLED:
		break;
	}
	return "grey";
}

static void put_test_args(struct trace *trace, const struct slice *slice)
{
	const struct ledger *ledger = trace->view->ledger;
	const struct test_info *info = &ledger->tests[slice->test].info;
	const struct batch_end *end = &ledger->batches[slice->batch].end;
	struct text_buf *out = &trace->out;

	text_buf_printf(out, ",\"cname\":\"%s\",\"args\":{\"outcome\":\"%s\",\"attempt\":%u,",
	                colour_of(slice->attempt->outcome), outcome_name(slice->attempt->outcome),
	                slice->attempt_number);
	text_buf_add_str(out, "\"area\":");
	put_string(trace, text_from(ledger->areas[info->area].name));
	text_buf_add_str(out, ",\"suite\":");
	put_string(trace, text_from(ledger->suites[info->suite].name));
	text_buf_printf(out, ",\"batch\":%u", slice->batch);
	if (info->expected_known)
		text_buf_printf(out, ",\"expected_ms\":%.3f", (double)info->expected_ns / 1e6);
	if (slice->attempt->reason != NULL) {
		text_buf_add_str(out, ",\"reason\":");
		put_string(trace, text_head(text_from(slice->attempt->reason), MESSAGE_MAX_BYTES));
	}
	if (end->log != NULL) {
		text_buf_add_str(out, ",\"log\":");
		put_string(trace, text_from(end->log));
	}
	text_buf_add_char(out, '}');
}

static void put_start_up_args(struct trace *trace, const struct slice *slice)
{
	const struct ledger_batch *batch = &trace->view->ledger->batches[slice->batch];

	text_buf_printf(&trace->out,
	                ",\"cname\":\"yellow\",\"args\":{\"batch\":%u,\"tests\":%u,\"cpu_ms\":%.3f,"
	                "\"peak_bytes\":%" PRIu64 "}",
	                slice->batch, batch->test_count, (double)batch->end.cpu_ns / 1e6,
	                batch->end.peak_bytes);
}

/* A flow leads from each attempt to the next; its id is made of test and attempt. */
static void put_flow(struct trace *trace, const struct slice *slice, char phase, uint32_t number)
{
	uint32_t worker = trace->view->ledger->batches[slice->batch].worker;

	begin(trace, phase, trace->view->worker_nodes[worker], worker + 1, slice->start_ns);
	text_buf_printf(&trace->out, ",\"cat\":\"retry\",\"name\":\"retry\",\"id\":\"t%u.%u\"%s}",
	                slice->test, number, phase == 'f' ? ",\"bp\":\"e\"" : "");
}

/* A nanosecond short: readers add in floating point, where the end of a slice must not come out
 * behind the start of the next. */
static uint64_t shown_ns(const struct slice *slice)
{
	uint64_t ns = slice->end_ns - slice->start_ns;

	return ns > 0 ? ns - 1 : 0;
}

static void put_slice(struct trace *trace, const struct slice *slice)
{
	const struct ledger *ledger = trace->view->ledger;
	uint32_t worker = ledger->batches[slice->batch].worker;

	begin(trace, 'X', trace->view->worker_nodes[worker], worker + 1, slice->start_ns);
	put_us(trace, "dur", shown_ns(slice));
	if (slice_is_start_up(slice)) {
		text_buf_add_str(&trace->out, ",\"cat\":\"start-up\",\"name\":\"start-up\"");
		put_start_up_args(trace, slice);
		text_buf_add_char(&trace->out, '}');
		return;
	}
	text_buf_add_str(&trace->out, ",\"cat\":\"test\",\"name\":");
	put_string(trace, text_from(ledger->tests[slice->test].info.id));
	put_test_args(trace, slice);
	text_buf_add_char(&trace->out, '}');
	if (slice->attempt_number > 1)
		put_flow(trace, slice, 'f', slice->attempt_number - 1);
	if (slice->attempt->next != NULL)
		put_flow(trace, slice, 's', slice->attempt_number);
}

/* ---- counters and instants ---- */

static void put_running(struct trace *trace, const struct ledger_batch *batch, bool has_ended)
{
	uint32_t node = trace->view->worker_nodes[batch->worker];

	if (has_ended)
		trace->running[node]--;
	else
		trace->running[node]++;
	begin(trace, 'C', node, 0, has_ended ? batch->ended_ns : batch->running_ns);
	text_buf_printf(&trace->out, ",\"name\":\"running\",\"args\":{\"batches\":%u}}",
	                trace->running[node]);
}

static void put_sample(struct trace *trace, const struct view_sample *sample)
{
	begin(trace, 'C', sample->node, 0, sample->at_ns);
	text_buf_printf(&trace->out,
	                ",\"name\":\"CPU %%\",\"args\":{\"busy\":%.1f,\"waiting\":%.1f}}",
	                sample->busy_permille / 10.0, sample->stalled_permille / 10.0);
	begin(trace, 'C', sample->node, 0, sample->at_ns);
	text_buf_printf(&trace->out, ",\"name\":\"load\",\"args\":{\"load\":%.2f}}",
	                (double)sample->load_permille / 1000);
}

static void put_mark(struct trace *trace, const struct view_mark *mark)
{
	begin(trace, 'i', 0, 0, mark->at_ns);
	text_buf_printf(&trace->out, ",\"s\":\"g\",\"cat\":\"%s\",\"name\":",
	                mark->is_stop ? "stop" : "warning");
	put_string(trace, text_head(text_from(mark->message), MESSAGE_MAX_BYTES));
	text_buf_add_char(&trace->out, '}');
}

/* ---- around the tests ---- */

/* Each in the first lane that is free by then; in the order of their beginnings. */
static void put_errand(struct trace *trace, const struct ledger_errand *errand)
{
	uint32_t node = (uint32_t)trace->view->node_count, lane = 0;
	uint64_t from_ns = since_start(trace, errand->started_ns);
	uint64_t to_ns = since_start(trace, errand->ended_ns);

	while (lane < LANES_MAX - 1 && trace->lanes_ns[lane] > from_ns)
		lane++;
	trace->lanes_ns[lane] = to_ns;
	begin(trace, 'X', node, lane + 1, errand->started_ns);
	put_us(trace, "dur", to_ns > from_ns ? to_ns - from_ns - 1 : 0);
	text_buf_add_str(&trace->out, ",\"cat\":\"around\",\"name\":");
	put_string(trace, text_from(errand->what));
	text_buf_add_str(&trace->out, ",\"args\":{\"of\":");
	put_string(trace, text_from(errand->subject));
	text_buf_printf(&trace->out, ",\"took_ms\":%.3f",
	                (double)(errand->ended_ns - errand->started_ns) / 1e6);
	if (errand->message != NULL) {
		text_buf_add_str(&trace->out, ",\"fault\":");
		put_string(trace, text_head(text_from(errand->message), MESSAGE_MAX_BYTES));
	}
	text_buf_add_str(&trace->out, "}}");
}

/* ---- all of it in the order of time ---- */

static int by_time(const void *left, const void *right)
{
	const struct point *a = left, *b = right;

	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static void add_point(struct trace *trace, uint64_t at_ns, enum point_kind kind, size_t index)
{
	trace->points = mem_grow(trace->points, &trace->point_cap, trace->point_count + 1,
	                         sizeof(trace->points[0]));
	trace->points[trace->point_count++] =
		(struct point){since_start(trace, at_ns), kind, index};
}

static void find_points(struct trace *trace)
{
	const struct view *view = trace->view;
	size_t i;

	for (i = 0; i < trace->course.slice_count; i++)
		add_point(trace, trace->course.slices[i].start_ns, POINT_SLICE, i);
	for (i = 0; i < view->ledger->batch_count; i++) {
		const struct ledger_batch *batch = &view->ledger->batches[i];

		if (batch->running_ns == 0)
			continue;
		add_point(trace, batch->running_ns, POINT_BATCH_RUNNING, i);
		if (batch->has_ended)
			add_point(trace, batch->ended_ns, POINT_BATCH_ENDED, i);
	}
	for (i = 0; i < view->sample_count; i++)
		add_point(trace, view->samples[i].at_ns, POINT_SAMPLE, i);
	for (i = 0; view->node_count > 0 && i < view->mark_count; i++)
		add_point(trace, view->marks[i].at_ns, POINT_MARK, i);
	for (i = 0; i < view->ledger->errand_count; i++)
		add_point(trace, view->ledger->errands[i].started_ns, POINT_ERRAND, i);
	if (trace->point_count == 0)
		return; /* nothing ran: there is no array */
	qsort(trace->points, trace->point_count, sizeof(trace->points[0]), by_time);
}

static void put_point(struct trace *trace, const struct point *point)
{
	const struct view *view = trace->view;

	switch (point->kind) {
	case POINT_BATCH_ENDED:
		put_running(trace, &view->ledger->batches[point->index], true);
		break;
	case POINT_BATCH_RUNNING:
		put_running(trace, &view->ledger->batches[point->index], false);
		break;
	case POINT_SAMPLE:
		put_sample(trace, &view->samples[point->index]);
		break;
	case POINT_MARK:
		put_mark(trace, &view->marks[point->index]);
		break;
	case POINT_ERRAND:
		put_errand(trace, &view->ledger->errands[point->index]);
		break;
	case POINT_SLICE:
		put_slice(trace, &trace->course.slices[point->index]);
		break;
	}
}

char *trace_json(const struct view *view)
{
	struct trace trace = {.view = view, .is_first = true};
	size_t i;

	course_init(&trace.course, view);
	trace.running = mem_calloc(view->node_count, sizeof(trace.running[0]));
	text_buf_init(&trace.out, TRACE_MAX_BYTES);
	text_buf_add_str(&trace.out, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"run\":");
	put_string(&trace, text_from(view->ledger->run_id));
	text_buf_add_str(&trace.out, ",\"name\":");
	put_string(&trace, text_from(view->ledger->name));
	text_buf_add_str(&trace.out, ",\"tanda\":");
	put_string(&trace, text_from(view->ledger->version));
	text_buf_add_str(&trace.out, "},\"traceEvents\":[\n");
	put_names(&trace);
	find_points(&trace);
	for (i = 0; i < trace.point_count; i++)
		put_point(&trace, &trace.points[i]);
	text_buf_add_str(&trace.out, "\n]}\n");
	free(trace.points);
	free(trace.running);
	course_deinit(&trace.course);
	return text_buf_steal(&trace.out);
}
