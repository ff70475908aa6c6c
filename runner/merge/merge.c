/* merge.c - see merge.h. */
#include "runner/merge/merge.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/junit/properties.h"
#include "runner/merge/account.h"
#include "runner/merge/attempts.h"
#include "runner/merge/inputs.h"
#include "runner/merge/output.h"
#include "runner/merge/shards.h"
#include "runner/merge/suites.h"
#include "runner/merge/threads.h"
#include "shards/base/mem.h"
#include "shards/model/plan.h"
#include "tanda/error.h"

enum { NS_PER_MS = 1000000, CACHE_LINES_BYTES = 128 };

#define SPAN_MAX_MS (INT64_C(365) * 24 * 3600 * 1000)

/* What a thread writes to for each case stands on lines of the cache that are its own: two that
 * write to the same ones wait for each other. */
struct worker {
	_Alignas(CACHE_LINES_BYTES) struct spool spool;
	struct gatherer gatherer;
};

struct merging {
	const struct merge_request *request;
	struct merge_result *result;
	struct inputs inputs;
	struct attachments attachments;
	struct gathered *gathered; /* one for each input */
	struct gathered made;      /* cases that no report has */
	struct worker workers[THREADS_MAX];
	size_t thread_count;
	atomic_size_t next_input;
	struct suites suites;
	struct shards shards;
};

/* First pass: read. */

static void gather(void *data, size_t index)
{
	struct merging *m = data;
	size_t i;

	while ((i = atomic_fetch_add(&m->next_input, 1)) < m->inputs.count) {
		const struct input *input = &m->inputs.list[i];
		int fd = strcmp(input->path, "-") == 0 ? STDIN_FILENO : -1;

		gatherer_read(&m->workers[index].gatherer, input->path, input->shown, fd,
		              &m->gathered[i]);
	}
}

static void gather_all(struct merging *m)
{
	size_t i;

	m->thread_count = threads_count(m->request->thread_count, m->inputs.count);
	m->gathered = mem_calloc(m->inputs.count, sizeof(m->gathered[0]));
	for (i = 0; i < m->thread_count; i++) {
		struct worker *worker = &m->workers[i];

		spool_init(&worker->spool, SPOOL_MEMORY_BYTES / m->thread_count);
		gatherer_init(&worker->gatherer, &worker->spool, m->request->output,
		              &m->attachments);
	}
	threads_run(m->thread_count, gather, m);
}

/* What is known of all. */

static void add_parts(struct merging *m, const struct gathered *gathered)
{
	bool is_whole = gathered->state != REPORT_BROKEN;
	struct part *part;

	if (gathered->is_dropped)
		return;
	/* A suite that is empty only because its report ends too early was none. */
	for (part = gathered->parts.first; part != NULL; part = part->behind) {
		if (is_whole || part->counts.tests > 0)
			suites_add(&m->suites, part);
	}
}

static void note_shards(struct merging *m)
{
	const struct part *part;
	size_t i;

	for (i = 0; i < m->inputs.count; i++) {
		const struct gathered *gathered = &m->gathered[i];

		for (part = gathered->parts.first; part != NULL && !gathered->is_dropped;
		     part = part->behind)
			shards_note(&m->shards, part);
	}
}

static int check_shards(struct merging *m, struct account *account, struct tanda_error *error)
{
	const struct plan *plan = m->request->plan;
	uint32_t count = m->request->shard_count;

	if (plan == NULL && count == 0)
		return 0;
	note_shards(m);
	if (shards_check_digests(&m->shards, plan, error) < 0)
		return -1;
	if (count == 0)
		count = (uint32_t)plan->shard_count;
	shards_check_numbers(&m->shards, count, plan, account_fault, account);
	if (plan != NULL)
		shards_check_tests(&m->shards, plan, account_fault, account);
	return 0;
}

/* With attempts joined, a suite has fewer cases than its parts. */
static int count_attempts(struct merging *m, struct tanda_error *error)
{
	struct attempts attempts;
	int status = 0;
	size_t i;

	attempts_init(&attempts);
	for (i = 0; i < m->suites.count && status == 0; i++) {
		struct merged_suite *suite = &m->suites.list[i];

		status = attempts_scan(&attempts, suite, error);
		if (status == 0)
			attempts_sum(&attempts, &suite->counts, &suite->time_ns);
	}
	attempts_deinit(&attempts);
	return status;
}

static void sum_up(struct merging *m)
{
	struct merge_result *result = m->result;
	size_t i;

	result->suite_count = m->suites.count;
	for (i = 0; i < m->suites.count; i++) {
		const struct merged_suite *suite = &m->suites.list[i];

		result->counts.tests += suite->counts.tests;
		result->counts.failures += suite->counts.failures;
		result->counts.errors += suite->counts.errors;
		result->counts.skipped += suite->counts.skipped;
		result->wall_ns += suite->time_ns; /* until something better is known */
	}
}

/* From the first start to the last end, as far as the clocks of the reports are known to be one. */
struct span_of_time {
	bool is_known;
	int64_t from_ms, to_ms;
};

static void extend(struct span_of_time *span, struct instant started, bool time_known,
                   uint64_t time_ns)
{
	int64_t end_ms = started.ms + (int64_t)(time_ns / NS_PER_MS);

	if (!started.is_known || !started.is_zoned || !time_known) {
		span->is_known = false;
		return;
	}
	if (started.ms < span->from_ms)
		span->from_ms = started.ms;
	if (end_ms > span->to_ms)
		span->to_ms = end_ms;
}

/* A root with a start tells of its whole report; else its suites do. */
static void extend_by_report(struct span_of_time *span, const struct gathered *gathered)
{
	const struct junit_root *root = &gathered->root;
	const struct part *part;

	/* A merged report that says so itself has no wall clock to tell. */
	for (part = gathered->parts.first; part != NULL; part = part->behind) {
		if (part_property(part, SUITES_TIME_BASIS).len > 0)
			span->is_known = false;
	}
	if (root->started.is_known && root->started.is_zoned && root->time_known) {
		extend(span, root->started, true, root->time_ns);
		return;
	}
	for (part = gathered->parts.first; part != NULL; part = part->behind) {
		if (part->counts.tests > 0)
			extend(span, part->started, part->time_known, part->declared_ns);
	}
}

static void find_wall(struct merging *m)
{
	struct span_of_time span = {.is_known = true, .from_ms = INT64_MAX, .to_ms = 0};
	struct merge_result *result = m->result;
	size_t i;

	for (i = 0; i < m->inputs.count; i++) {
		const struct gathered *gathered = &m->gathered[i];

		if (!gathered->is_dropped && gathered->case_count > 0)
			extend_by_report(&span, gathered);
	}
	for (i = 0; i < m->suites.count; i++) {
		struct instant started = m->suites.list[i].started;

		if (started.is_known &&
		    (!result->started.is_known || started.ms < result->started.ms))
			result->started = started;
	}
	result->wall_is_sum = !span.is_known || span.to_ms < span.from_ms ||
	                      span.to_ms - span.from_ms > SPAN_MAX_MS; /* a clock is wrong */
	if (result->wall_is_sum)
		return;
	result->wall_ns = (uint64_t)(span.to_ms - span.from_ms) * NS_PER_MS;
	result->started = (struct instant){true, true, span.from_ms};
}

/* The first limits with which the report is not too large for its readers. */
static const struct junit_limits *choose_limits(struct merging *m, uint64_t *ret_bytes)
{
	uint64_t bytes[JUNIT_LIMITS_COUNT] = {0};
	size_t i, j;

	for (j = 0; j < JUNIT_LIMITS_COUNT; j++) {
		for (i = 0; i < m->inputs.count; i++) {
			if (!m->gathered[i].is_dropped)
				bytes[j] += m->gathered[i].sizes.core_bytes +
				            m->gathered[i].sizes.text_bytes[j];
		}
	}
	for (j = 0; j + 1 < JUNIT_LIMITS_COUNT && bytes[j] > MERGE_BUDGET_BYTES; j++)
		;
	*ret_bytes = bytes[j];
	return m->request->output == MERGE_OUTPUT_ALL ? &junit_limits_none : &junit_limits[j];
}

__attribute__((format(printf, 2, 3))) static void warn(const struct merging *m, const char *format,
                                                       ...)
{
	char message[300];
	va_list args;

	if (m->request->on_warning == NULL)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	m->request->on_warning(m->request->data, "", message);
}

static void warn_of_size(const struct merging *m, uint64_t bytes)
{
	uint64_t elements = 0;
	size_t i;

	for (i = 0; i < m->inputs.count; i++)
		elements += m->gathered[i].is_dropped ? 0 : m->gathered[i].sizes.elements;
	if (m->request->split_dir != NULL || m->request->output == MERGE_OUTPUT_ALL)
		return;
	if (bytes > MERGE_BUDGET_BYTES)
		warn(m, "the report has about %" PRIu64 " MB; GitLab reads 30: see --split",
		     bytes / 1000000);
	if (m->result->counts.tests > MERGE_CASES_WARN)
		warn(m, "the report has %" PRIu64 " cases; GitLab refuses more than 500,000",
		     m->result->counts.tests);
	else if (elements > MERGE_ELEMENTS_WARN)
		warn(m,
		     "the report has about %" PRIu64
		     " elements; some versions of GitLab refuse more than 250,000",
		     elements);
}

/* Second pass: write. */

static int write_report(struct merging *m, struct tanda_error *error)
{
	const struct merge_request *request = m->request;
	struct merge_result *result = m->result;
	uint64_t bytes;
	struct output output = {
		.suites = &m->suites,
		.limits = choose_limits(m, &bytes),
		.joins_attempts = request->joins_attempts,
		.time_is_sum = result->wall_is_sum,
		.thread_count = request->thread_count,
		.name = text_from(request->name != NULL ? request->name : "tanda"),
		.counts = result->counts,
		.wall_ns = result->wall_ns,
		.started = result->started,
	};

	warn_of_size(m, bytes);
	if (request->split_dir != NULL)
		return output_write_split(&output, request->split_dir, &result->bytes, error);
	return output_write(&output, request->out_path, &result->bytes, error);
}

/* Of a file that ran as its cases the time is the file's. */
static struct text only_test(const struct part *part)
{
	struct text only = TEXT_EMPTY;
	size_t i;

	for (; part != NULL; part = part->next) {
		for (i = 0; i < part->property_count; i++) {
			struct text test = part->properties[i].value;

			if (!property_is_test(part->properties[i].name))
				continue;
			if (only.len > 0 && !text_equal(only, test))
				return TEXT_EMPTY;
			only = test;
		}
	}
	return only;
}

static void tell_suites(struct merging *m)
{
	size_t i;

	for (i = 0; i < m->suites.count && m->request->on_suite != NULL; i++) {
		const struct merged_suite *from = &m->suites.list[i];
		struct merge_suite suite = {
			.name = text_from(from->title),
			.suite = part_property(from->first, "tanda.suite"),
			.test = only_test(from->first),
			.time_ns = from->time_ns,
			.counts = from->counts,
		};

		if (suite.test.len == 0)
			suite.test = from->first->file.len > 0 ? from->first->file : suite.name;
		m->request->on_suite(m->request->data, &suite);
	}
}

static int merge(struct merging *m, struct tanda_error *error)
{
	struct account account = {.request = m->request,
	                          .result = m->result,
	                          .gatherer = &m->workers[0].gatherer,
	                          .made = &m->made};
	size_t i;

	gather_all(m);
	account_reports(&account, &m->inputs, m->gathered);
	if (check_shards(m, &account, error) < 0)
		return -1;
	for (i = 0; i < m->inputs.count; i++)
		add_parts(m, &m->gathered[i]);
	add_parts(m, &m->made);
	suites_name(&m->suites);
	if (m->request->joins_attempts && count_attempts(m, error) < 0)
		return -1;
	sum_up(m);
	find_wall(m);
	tell_suites(m);
	return write_report(m, error);
}

static int find_inputs(struct merging *m, struct tanda_error *error)
{
	const struct merge_request *request = m->request;

	if (inputs_find(&m->inputs, request->paths, request->path_count, request->out_path,
	                request->timings_path, error) < 0)
		return -1;
	if (m->inputs.names_output)
		warn(m, "%.200s is the output, too: it is left out, and replaced",
		     request->out_path);
	if (m->inputs.count > 0)
		return 0;
	tanda_error_set(error, request->path_count > 0 ? request->paths[0] : NULL,
	                "there is no report to merge");
	tanda_error_hint(error, "name files, or folders with *.xml in them");
	return -1;
}

int merge_run(const struct merge_request *request, struct merge_result *ret_result,
              struct tanda_error *error)
{
	struct merging m = {.request = request, .result = ret_result};
	int status = -1;
	size_t i;

	*ret_result = (struct merge_result){0};
	arena_init(&ret_result->strings);
	inputs_init(&m.inputs);
	suites_init(&m.suites);
	shards_init(&m.shards);
	attachments_init(&m.attachments, request->absolute_attachments);
	if (find_inputs(&m, error) == 0)
		status = merge(&m, error);
	for (i = 0; i < m.thread_count; i++) {
		gatherer_deinit(&m.workers[i].gatherer);
		spool_deinit(&m.workers[i].spool);
	}
	free(m.gathered);
	shards_deinit(&m.shards);
	suites_deinit(&m.suites);
	inputs_deinit(&m.inputs);
	attachments_deinit(&m.attachments);
	return status;
}

void merge_result_deinit(struct merge_result *result)
{
	arena_deinit(&result->strings);
	free(result->files);
	*result = (struct merge_result){0};
}
