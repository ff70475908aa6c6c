/* gather.c - see gather.h. */
#include "runner/merge/gather.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/junit/capture.h"
#include "runner/junit/write.h"
#include "runner/merge/record.h"
#include "shards/base/mem.h"

enum { OUTPUT_MAX_BYTES = 16 * 1024 * 1024, NAME_MAX_BYTES = 256 * 1024, NS_PER_MS = 1000000 };
enum { NAMES_FREE_BYTES = 16 * 1024 * 1024, NAME_RATION_BYTES = 256 }; /* of one report */

static struct text cut(struct excerpt *excerpt, struct text rest, size_t max_bytes,
                       const char *source)
{
	if (max_bytes == 0)
		return TEXT_EMPTY;
	if (rest.len <= max_bytes)
		return rest;
	excerpt_begin(excerpt, max_bytes);
	excerpt_add(excerpt, rest);
	return excerpt_text(excerpt, text_from(source));
}

static struct text without_newlines(struct text text)
{
	while (text.len > 0 && text.ptr[text.len - 1] == '\n')
		text.len--;
	return text;
}

/* Times are written with three decimals; rounding them at once makes every sum of them agree. */
static uint64_t rounded(uint64_t ns)
{
	return (ns + NS_PER_MS / 2) / NS_PER_MS * NS_PER_MS;
}

/* What is kept of an output: its attachments, and as much of the rest as the policy leaves. Less
 * now means less to be spooled. */
static struct text keep_output(struct gatherer *gatherer, struct text output, bool is_bad,
                               struct text_buf *buf, struct excerpt *excerpt)
{
	size_t max_bytes = is_bad ? JUNIT_TEXT_MAX_BYTES : JUNIT_PASSING_OUTPUT_MAX_BYTES;
	struct text marks, rest;

	if (output.len == 0)
		return TEXT_EMPTY;
	marks = capture_leading_marks(output);
	rest = text_from_offset(output, marks.len);
	if (gatherer->output == MERGE_OUTPUT_ALL)
		max_bytes = JUNIT_TEXT_WHOLE_MAX_BYTES;
	if (gatherer->output == MERGE_OUTPUT_NONE)
		max_bytes = 0;
	rest = cut(excerpt, rest, max_bytes, gatherer->source);
	if (marks.len == 0)
		return rest;
	text_buf_clear(buf);
	gatherer->gathered->refused_attachments +=
		attachments_root(gatherer->attachments, gatherer->path, marks, buf);
	text_buf_add(buf, rest);
	return without_newlines(text_buf_text(buf));
}

/* Playwright runs a test in several browsers and reports each as a host with the same test: the
 * name tells which. */
static struct text full_name(struct gatherer *gatherer, const struct junit_case_in *item)
{
	struct text host = item->suite->hostname, name = item->result.name, start;

	if (!item->suite->host_is_project || !text_equal(item->result.classname, item->suite->name))
		return name;
	text_buf_clear(&gatherer->name);
	text_buf_printf(&gatherer->name, "[%.*s] ", TEXT_ARG(host));
	start = text_buf_text(&gatherer->name);
	if (text_has_prefix(name, start))
		return name;
	text_buf_add(&gatherer->name, name);
	return text_buf_text(&gatherer->name);
}

/* An inner suite has its outer one's path and file, too: a few bytes of a report would become
 * thousands of ours. */
static struct text ration(struct gatherer *gatherer, struct text name)
{
	bool is_short = gatherer->gathered->name_bytes < NAMES_FREE_BYTES;

	name = text_head(name, is_short ? (size_t)JUNIT_NAME_MAX_BYTES : NAME_RATION_BYTES);
	gatherer->gathered->name_bytes += name.len;
	return name;
}

static struct part *open_part(struct gatherer *gatherer, const struct junit_suite_in *suite)
{
	struct part *part = gatherer->part;

	if (part != NULL && part->serial == suite->serial)
		return part;
	part = part_new(&gatherer->arena, &gatherer->gathered->parts, gatherer->source,
	                ration(gatherer, suite->path), ration(gatherer, suite->name),
	                ration(gatherer, suite->file),
	                ration(gatherer, suite->host_is_project ? TEXT_EMPTY : suite->hostname));
	part->serial = suite->serial;
	part->spool = gatherer->spool;
	part->offset = spool_end(gatherer->spool);
	part->started = suite->started;
	part->time_known = suite->time_known;
	part->declared_ns = suite->time_ns;
	gatherer->part = part;
	return part;
}

static void spool_case(struct gatherer *gatherer, struct part *part, const struct junit_case *item,
                       bool time_known)
{
	size_t bytes = record_bytes(item);

	record_encode(item, time_known, spool_room(gatherer->spool, bytes));
	spool_done(gatherer->spool);
	part->len += bytes;
	part_count(part, item, time_known,
	           gatherer->output == MERGE_OUTPUT_ALL ? NULL : &gatherer->gathered->sizes);
}

static void on_case(void *data, const struct junit_case_in *in)
{
	struct gatherer *gatherer = data;
	const struct case_result *result = &in->result;
	bool is_bad = result->status == CASE_FAILED || result->status == CASE_ERROR;
	struct junit_case item = {
		.classname = text_head(result->classname, JUNIT_NAME_MAX_BYTES),
		.name = text_head(full_name(gatherer, in), JUNIT_NAME_MAX_BYTES),
		.file = text_head(result->file, JUNIT_NAME_MAX_BYTES),
		.line = result->line,
		.time_ns = result->time_known ? rounded(result->time_ns) : 0,
		.started = in->started,
		.status = result->status,
		.type = result->type,
		.message = result->message,
		.body = result->body,
		.out = keep_output(gatherer, result->out, is_bad, &gatherer->out,
	                           &gatherer->out_excerpt),
		.err = keep_output(gatherer, result->err, is_bad, &gatherer->err,
	                           &gatherer->err_excerpt),
		.properties = in->properties,
		.property_count = in->property_count,
		.agains = in->agains,
		.again_count = in->again_count,
	};

	spool_case(gatherer, open_part(gatherer, in->suite), &item, result->time_known);
}

/* A suite tells more tests than it has cases: retries counted, cases left out, a class skipped as
 * a whole... Nobody can tell, so it is only noted. */
static void note_declared(struct gatherer *gatherer, const struct junit_suite_in *suite,
                          struct part *part)
{
	struct junit_property *properties =
		mem_calloc(suite->property_count + 1, sizeof(properties[0]));
	char number[24];
	size_t i;

	for (i = 0; i < suite->property_count; i++)
		properties[i] = suite->properties[i];
	if (!suite->has_suites && suite->declared_tests > suite->case_count) {
		snprintf(number, sizeof(number), "%" PRIu64, suite->declared_tests);
		properties[i].name = TEXT_LIT("tanda.declared");
		properties[i++].value = text_from(number);
	}
	part_set_properties(part, &gatherer->arena, properties, i);
	free(properties);
}

/* Tell each part of a suite, of which `last` is the last, what they are together. */
static void sum_parts(struct part *last, const struct junit_suite_in *suite)
{
	uint64_t tests = 0, untimed = 0;
	struct part *part;

	for (part = last; part != NULL && tests < suite->case_count; part = part->before) {
		if (part->serial != suite->serial)
			continue;
		tests += part->counts.tests;
		untimed += part->untimed_count;
	}
	for (; last != part; last = last->before) {
		if (last->serial != suite->serial)
			continue;
		last->suite_tests = tests;
		last->suite_untimed = untimed;
	}
}

/* A suite around others, with no case of its own, is not kept: there are two levels. */
static void on_suite_ended(void *data, const struct junit_suite_in *suite)
{
	struct gatherer *gatherer = data;
	struct part *part = gatherer->gathered->parts.last;

	if (suite->case_count == 0) {
		if (!suite->has_suites)
			note_declared(gatherer, suite, open_part(gatherer, suite));
		return;
	}
	while (part != NULL && part->serial != suite->serial)
		part = part->before;
	if (part == NULL)
		return;
	sum_parts(part, suite);
	note_declared(gatherer, suite, part);
}

void gatherer_init(struct gatherer *gatherer, struct spool *spool, enum merge_output output,
                   const struct attachments *attachments)
{
	const struct junit_handlers handlers = {
		.on_case = on_case,
		.on_suite_ended = on_suite_ended,
		.data = gatherer,
		.text_max_bytes = output == MERGE_OUTPUT_ALL ? JUNIT_TEXT_WHOLE_MAX_BYTES
	                                                     : JUNIT_TEXT_MAX_BYTES,
	};

	*gatherer = (struct gatherer){.spool = spool, .output = output, .attachments = attachments};
	gatherer->reader = junit_reader_new(&handlers);
	arena_init(&gatherer->arena);
	text_buf_init(&gatherer->name, NAME_MAX_BYTES);
	text_buf_init(&gatherer->out, OUTPUT_MAX_BYTES);
	text_buf_init(&gatherer->err, OUTPUT_MAX_BYTES);
	excerpt_init(&gatherer->out_excerpt);
	excerpt_init(&gatherer->err_excerpt);
}

void gatherer_deinit(struct gatherer *gatherer)
{
	junit_reader_free(gatherer->reader);
	arena_deinit(&gatherer->arena);
	text_buf_deinit(&gatherer->name);
	text_buf_deinit(&gatherer->out);
	text_buf_deinit(&gatherer->err);
	excerpt_deinit(&gatherer->out_excerpt);
	excerpt_deinit(&gatherer->err_excerpt);
}

void gatherer_read(struct gatherer *gatherer, const char *path, const char *shown, int fd,
                   struct gathered *ret_gathered)
{
	struct junit_summary summary;

	*ret_gathered = (struct gathered){0};
	gatherer->source = shown;
	gatherer->path = path;
	gatherer->gathered = ret_gathered;
	gatherer->part = NULL;
	if (fd >= 0)
		junit_reader_read_fd(gatherer->reader, fd, path, &summary);
	else
		junit_reader_read_file(gatherer->reader, path, &summary);
	ret_gathered->state = summary.state;
	ret_gathered->is_foreign = summary.is_foreign;
	ret_gathered->case_count = summary.case_count;
	ret_gathered->bytes = summary.bytes;
	ret_gathered->digest = summary.digest;
	ret_gathered->root = summary.root;
	ret_gathered->message =
		summary.message[0] == '\0'
			? ""
			: arena_string(&gatherer->arena, text_from(summary.message));
}

void gatherer_add_made(struct gatherer *gatherer, struct gathered *gathered, struct text suite,
                       struct text file, const struct junit_case *item)
{
	struct part *part;

	gatherer->gathered = gathered;
	gatherer->part = NULL;
	part = part_new(&gatherer->arena, &gathered->parts, "", suite, suite, file, TEXT_EMPTY);
	part->spool = gatherer->spool;
	part->offset = spool_end(gatherer->spool);
	spool_case(gatherer, part, item, true);
}
