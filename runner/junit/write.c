/* write.c - elements and attributes in the order that DESIGN's readers agree on.
 *
 * No CDATA: escaped text has no "]]>" to be afraid of and streams when it is read. */
#include "runner/junit/write.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/capture.h"
#include "runner/junit/names.h"
#include "runner/junit/outfile.h"
#include "runner/junit/read.h"
#include "runner/junit/seconds.h"
#include "shards/base/mem.h"

enum writer_state { WRITER_NEW, WRITER_IN_ROOT, WRITER_IN_SUITE, WRITER_FINISHED };

enum { MIB = 1024 * 1024 };

/* GitLab refuses more than 30 MiB, so texts shrink as the file grows: first what passed, then the
 * output of failures, then their traces. 0: none. */
static const struct limits {
	uint64_t until_bytes; /* of the file */
	size_t passing_output, failing_output, trace;
} limits_by_size[] = {
	{8 * MIB, JUNIT_PASSING_OUTPUT_MAX_BYTES, JUNIT_TEXT_MAX_BYTES, JUNIT_TEXT_MAX_BYTES},
	{16 * MIB, 0, JUNIT_TEXT_MAX_BYTES, JUNIT_TEXT_MAX_BYTES},
	{20 * MIB, 0, 4096, JUNIT_TEXT_MAX_BYTES},
	{UINT64_MAX, 0, 1024, 4096},
};

struct junit_writer {
	struct outfile file;
	enum writer_state state;
	uint64_t suite_count;
	struct text_buf suite_name, suite_file;
	struct text_buf classname, name, message;
	struct text_buf cleaned;
	struct capture body, out, err;
	struct names names; /* of the open suite's cases */
};

int junit_writer_new(const char *path, struct junit_writer **ret_writer, struct tanda_error *error)
{
	struct junit_writer *writer = mem_calloc(1, sizeof(*writer));

	if (outfile_open(&writer->file, path, error) != 0) {
		free(writer);
		return -1;
	}
	text_buf_init(&writer->suite_name, JUNIT_NAME_MAX_BYTES);
	text_buf_init(&writer->suite_file, JUNIT_NAME_MAX_BYTES);
	text_buf_init(&writer->classname, JUNIT_NAME_MAX_BYTES);
	text_buf_init(&writer->name, JUNIT_NAME_MAX_BYTES + 32); /* and " [2]" */
	text_buf_init(&writer->message, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&writer->cleaned, JUNIT_NAME_MAX_BYTES);
	capture_init(&writer->body);
	capture_init(&writer->out);
	capture_init(&writer->err);
	names_init(&writer->names);
	*ret_writer = writer;
	return 0;
}

void junit_writer_free(struct junit_writer *writer)
{
	if (writer == NULL)
		return;
	outfile_discard(&writer->file);
	names_deinit(&writer->names);
	text_buf_deinit(&writer->suite_name);
	text_buf_deinit(&writer->suite_file);
	text_buf_deinit(&writer->classname);
	text_buf_deinit(&writer->name);
	text_buf_deinit(&writer->message);
	text_buf_deinit(&writer->cleaned);
	capture_deinit(&writer->body);
	capture_deinit(&writer->out);
	capture_deinit(&writer->err);
	free(writer);
}

/* Markup. */

static void put(struct junit_writer *writer, const char *string)
{
	outfile_write(&writer->file, text_from(string));
}

static const char *escape_of(char c, bool in_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	}
	return NULL;
}

static void put_escaped(struct junit_writer *writer, struct text text, bool in_attribute)
{
	size_t start = 0, i;

	for (i = 0; i < text.len; i++) {
		const char *escape = escape_of(text.ptr[i], in_attribute);

		if (escape == NULL)
			continue;
		outfile_write(&writer->file, (struct text){text.ptr + start, i - start});
		put(writer, escape);
		start = i + 1;
	}
	outfile_write(&writer->file, text_from_offset(text, start));
}

/* `value` is clean. */
static void put_attribute(struct junit_writer *writer, const char *name, struct text value)
{
	put(writer, " ");
	put(writer, name);
	put(writer, "=\"");
	put_escaped(writer, value, true);
	put(writer, "\"");
}

/* Put `text` into `buf`, clean; `otherwise` where nothing that can be seen is left of it. */
static void keep_clean(struct text_buf *buf, struct text text, const char *otherwise)
{
	text_buf_clear(buf);
	clean_add(buf, text);
	if (text_trim(text_buf_text(buf)).len > 0)
		return;
	text_buf_clear(buf);
	text_buf_add_str(buf, otherwise);
}

/* Left out when nothing can be seen of it and `otherwise` is "". */
static void put_dirty_attribute(struct junit_writer *writer, const char *name, struct text value,
                                const char *otherwise)
{
	keep_clean(&writer->cleaned, value, otherwise);
	if (writer->cleaned.len > 0)
		put_attribute(writer, name, text_buf_text(&writer->cleaned));
}

static void put_number(struct junit_writer *writer, const char *name, uint64_t value)
{
	text_buf_clear(&writer->cleaned);
	text_buf_printf(&writer->cleaned, "%" PRIu64, value);
	put_attribute(writer, name, text_buf_text(&writer->cleaned));
}

static void put_seconds(struct junit_writer *writer, const char *name, uint64_t ns)
{
	text_buf_clear(&writer->cleaned);
	seconds_add(&writer->cleaned, ns);
	put_attribute(writer, name, text_buf_text(&writer->cleaned));
}

static void put_counts(struct junit_writer *writer, struct junit_counts counts)
{
	put_number(writer, "tests", counts.tests);
	put_number(writer, "failures", counts.failures);
	put_number(writer, "errors", counts.errors);
	put_number(writer, "skipped", counts.skipped);
}

static void put_properties(struct junit_writer *writer, const char *indent,
                           const struct junit_property *properties, size_t count, bool is_duplicate)
{
	static const struct junit_property duplicate = {"tanda.duplicate", {"true", 4}};
	size_t total = count + is_duplicate, i;

	if (total == 0)
		return;
	put(writer, indent);
	put(writer, "<properties>\n");
	for (i = 0; i < total; i++) {
		const struct junit_property *property = i < count ? &properties[i] : &duplicate;

		put(writer, indent);
		put(writer, "  <property");
		put_dirty_attribute(writer, "name", text_from(property->name), "(unnamed)");
		keep_clean(&writer->cleaned, property->value, "");
		put_attribute(writer, "value", text_buf_text(&writer->cleaned));
		put(writer, "/>\n");
	}
	put(writer, indent);
	put(writer, "</properties>\n");
}

/* Root and suites. */

void junit_write_begin(struct junit_writer *writer, struct text name, struct junit_counts counts,
                       uint64_t wall_ns, struct text timestamp)
{
	assert(writer->state == WRITER_NEW);
	writer->state = WRITER_IN_ROOT;
	put(writer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_dirty_attribute(writer, "name", name, "tanda");
	put_counts(writer, counts);
	put_seconds(writer, "time", wall_ns);
	put_dirty_attribute(writer, "timestamp", timestamp, "");
	put(writer, ">\n");
}

static void close_suite(struct junit_writer *writer)
{
	if (writer->state != WRITER_IN_SUITE)
		return;
	put(writer, "  </testsuite>\n");
	names_clear(&writer->names);
	writer->state = WRITER_IN_ROOT;
}

void junit_write_suite(struct junit_writer *writer, const struct junit_suite *suite)
{
	assert(writer->state == WRITER_IN_ROOT || writer->state == WRITER_IN_SUITE);
	close_suite(writer);
	writer->state = WRITER_IN_SUITE;
	keep_clean(&writer->suite_name, suite->name, "(unnamed)");
	keep_clean(&writer->suite_file, suite->file, "");
	put(writer, "  <testsuite");
	put_attribute(writer, "name", text_buf_text(&writer->suite_name));
	put_number(writer, "id", writer->suite_count++);
	put_attribute(writer, "package", TEXT_EMPTY);
	put_counts(writer, suite->counts);
	put_number(writer, "disabled", 0);
	put_seconds(writer, "time", suite->time_ns);
	put_dirty_attribute(writer, "timestamp", suite->timestamp, "");
	put_dirty_attribute(writer, "hostname", suite->hostname, "localhost");
	put_dirty_attribute(writer, "file", text_buf_text(&writer->suite_file), "");
	put(writer, ">\n");
	put_properties(writer, "    ", suite->properties, suite->property_count, false);
}

/* The name of a case. */

static void replace_byte(struct text_buf *buf, char from, char to)
{
	size_t i;

	for (i = 0; i < buf->len; i++) {
		if (buf->ptr[i] == from)
			buf->ptr[i] = to;
	}
}

/* "./features/login.feature" becomes "features.login". */
static void name_class_after_file(struct text_buf *classname, struct text file)
{
	const char *slash, *dot;

	if (text_has_prefix(file, TEXT_LIT("./")))
		file = text_from_offset(file, 2);
	while (file.len > 0 && file.ptr[0] == '/')
		file = text_from_offset(file, 1);
	if (file.len == 0)
		return;
	slash = file.ptr != NULL ? memrchr(file.ptr, '/', file.len) : NULL;
	dot = file.ptr != NULL ? memrchr(file.ptr, '.', file.len) : NULL;
	if (dot != NULL && dot > file.ptr && (slash == NULL || dot > slash + 1))
		file.len = (size_t)(dot - file.ptr);
	text_buf_clear(classname);
	text_buf_add(classname, file);
	replace_byte(classname, '/', '.');
}

/* Readers build a tree from the dots of a class, so a title must not bring any of its own. */
static void choose_classname(struct junit_writer *writer, const struct junit_case *item)
{
	struct text_buf *classname = &writer->classname;

	keep_clean(classname, item->classname, "");
	if (classname->len > 0)
		return;
	keep_clean(&writer->cleaned, item->file, "");
	name_class_after_file(classname, text_buf_text(&writer->cleaned));
	if (classname->len == 0)
		name_class_after_file(classname, text_buf_text(&writer->suite_file));
	if (classname->len > 0)
		return;
	text_buf_add(classname, text_buf_text(&writer->suite_name));
	replace_byte(classname, '.', '_');
}

/* GitLab shows one of several cases with equal keys. Returns whether a number had to be added. */
static bool choose_name(struct junit_writer *writer, struct text name)
{
	keep_clean(&writer->cleaned, name, "(unnamed)");
	text_buf_clear(&writer->name);
	text_buf_add(&writer->name, text_buf_text(&writer->cleaned));
	return !names_add(&writer->names, text_buf_text(&writer->classname), &writer->name);
}

/* What is inside a case. */

/* Rails, in GitLab, would take these for instructions to convert the element's text. */
static bool is_reserved_type(struct text type)
{
	static const char *const types[] = {
		"symbol", "date",    "datetime", "dateTime", "integer", "float",
		"double", "decimal", "boolean",  "string",   "yaml",    "base64Binary",
		"base64", "file",    "array",    "hash",
	};
	size_t i;

	for (i = 0; i < countof(types); i++) {
		if (text_equal_str(type, types[i]))
			return true;
	}
	return false;
}

static void put_type(struct junit_writer *writer, struct text type)
{
	struct text_buf line;

	text_buf_init(&line, JUNIT_MESSAGE_MAX_BYTES + 16);
	if (is_reserved_type(text_trim(type)))
		text_buf_add_str(&line, "reported.");
	clean_add_line(&line, type, JUNIT_MESSAGE_MAX_BYTES);
	if (line.len > 0)
		put_attribute(writer, "type", text_buf_text(&line));
	text_buf_deinit(&line);
}

static void fill(struct capture *capture, struct text text, size_t max_bytes,
                 enum capture_marks marks)
{
	capture_begin(capture, max_bytes > 0 ? max_bytes : EXCERPT_MIN_BYTES, marks);
	capture_add(capture, text);
	capture_end(capture);
}

static const struct limits *current_limits(const struct junit_writer *writer)
{
	const struct limits *limits = limits_by_size;

	while (writer->file.written_bytes > limits->until_bytes)
		limits++;
	return limits;
}

/* A result's message, and the text that begins with it. Returns the rest of the text. */
static struct text prepare_result(struct junit_writer *writer, struct text message,
                                  struct text body)
{
	struct text rest;

	fill(&writer->body, body, current_limits(writer)->trace, CAPTURE_MARKS_STAY);
	rest = capture_rest(&writer->body, TEXT_EMPTY);
	text_buf_clear(&writer->message);
	clean_add_line(&writer->message, message, JUNIT_MESSAGE_MAX_BYTES);
	/* Where there is text, GitLab shows no message: so the text begins with it. */
	return writer->message.len == 0 ? capture_split(rest, &writer->message) : rest;
}

static void put_result_text(struct junit_writer *writer, struct text rest)
{
	put_escaped(writer, text_buf_text(&writer->message), false);
	if (rest.len > 0)
		put(writer, "\n");
	put_escaped(writer, rest, false);
}

static void put_message(struct junit_writer *writer)
{
	if (writer->message.len > 0)
		put_attribute(writer, "message", text_buf_text(&writer->message));
}

static const char *result_element(enum case_status status)
{
	switch (status) {
	case CASE_FAILED:
		return "failure";
	case CASE_ERROR:
		return "error";
	case CASE_SKIPPED:
		return "skipped";
	case CASE_PASSED:
		break;
	}
	return NULL;
}

static void put_result(struct junit_writer *writer, const struct junit_case *item)
{
	const char *element = result_element(item->status);
	struct text rest;

	if (element == NULL)
		return;
	rest = prepare_result(writer, item->message, item->body);
	put(writer, "      <");
	put(writer, element);
	put_message(writer);
	put_type(writer, item->type);
	if (writer->message.len == 0) {
		put(writer, "/>\n");
		return;
	}
	put(writer, ">");
	put_result_text(writer, rest);
	put(writer, "</");
	put(writer, element);
	put(writer, ">\n");
}

/* Take both outputs in; `max_bytes` of each are kept, 0 for their attachments alone. */
static void fill_outputs(struct junit_writer *writer, struct text out, struct text err,
                         size_t max_bytes)
{
	fill(&writer->out, out, max_bytes, CAPTURE_MARKS_IN_FRONT);
	fill(&writer->err, err, max_bytes, CAPTURE_MARKS_IN_FRONT);
}

static void put_text_element(struct junit_writer *writer, const char *indent, const char *element,
                             struct text marks, struct text more_marks, struct text rest)
{
	if (marks.len + more_marks.len + rest.len == 0)
		return;
	put(writer, indent);
	put(writer, "<");
	put(writer, element);
	put(writer, ">");
	put_escaped(writer, marks, false);
	put_escaped(writer, more_marks, false);
	put_escaped(writer, rest, false);
	put(writer, "</");
	put(writer, element);
	put(writer, ">\n");
}

/* All attachments go to system-out, where GitLab looks for them. */
static void put_outputs(struct junit_writer *writer, const char *indent, size_t max_bytes)
{
	struct text out = TEXT_EMPTY, err = TEXT_EMPTY;

	if (max_bytes > 0) {
		out = capture_rest(&writer->out, TEXT_EMPTY);
		err = capture_rest(&writer->err, TEXT_EMPTY);
	}
	put_text_element(writer, indent, "system-out", capture_marks(&writer->out),
	                 capture_marks(&writer->err), out);
	put_text_element(writer, indent, "system-err", TEXT_EMPTY, TEXT_EMPTY, err);
}

static bool has_outputs(struct junit_writer *writer, size_t max_bytes)
{
	if (capture_marks(&writer->out).len + capture_marks(&writer->err).len > 0)
		return true;
	return max_bytes > 0 && capture_rest(&writer->out, TEXT_EMPTY).len +
	                                        capture_rest(&writer->err, TEXT_EMPTY).len >
	                                0;
}

static void put_again(struct junit_writer *writer, const struct junit_again *again)
{
	const char *element = again->case_passed ? "flakyFailure" : "rerunFailure";
	size_t max_bytes = current_limits(writer)->failing_output;
	struct text rest = prepare_result(writer, again->message, again->body);

	put(writer, "      <");
	put(writer, element);
	put_message(writer);
	put_type(writer, again->type);
	put_seconds(writer, "time", again->time_ns);
	put(writer, ">\n        <stackTrace>");
	put_result_text(writer, rest);
	put(writer, "</stackTrace>\n");
	fill_outputs(writer, again->out, again->err, max_bytes);
	put_outputs(writer, "        ", max_bytes);
	put(writer, "      </");
	put(writer, element);
	put(writer, ">\n");
}

static size_t output_limit(const struct junit_writer *writer, enum case_status status)
{
	const struct limits *limits = current_limits(writer);
	bool is_bad = status == CASE_FAILED || status == CASE_ERROR;

	return is_bad ? limits->failing_output : limits->passing_output;
}

void junit_write_case(struct junit_writer *writer, const struct junit_case *item)
{
	size_t max_bytes = output_limit(writer, item->status);
	bool is_duplicate;
	size_t i;

	assert(writer->state == WRITER_IN_SUITE);
	choose_classname(writer, item);
	is_duplicate = choose_name(writer, item->name);
	put(writer, "    <testcase");
	put_attribute(writer, "classname", text_buf_text(&writer->classname));
	put_attribute(writer, "name", text_buf_text(&writer->name));
	put_dirty_attribute(writer, "file", item->file, "");
	if (item->line > 0)
		put_number(writer, "line", item->line);
	put_seconds(writer, "time", item->time_ns);
	fill_outputs(writer, item->out, item->err, max_bytes);
	if (item->status == CASE_PASSED && !is_duplicate && item->property_count == 0 &&
	    item->again_count == 0 && !has_outputs(writer, max_bytes)) {
		put(writer, "/>\n");
		return;
	}
	put(writer, ">\n");
	put_properties(writer, "      ", item->properties, item->property_count, is_duplicate);
	put_result(writer, item);
	for (i = 0; i < item->again_count; i++)
		put_again(writer, &item->agains[i]);
	if (item->again_count > 0) /* they used the same room */
		fill_outputs(writer, item->out, item->err, max_bytes);
	put_outputs(writer, "      ", max_bytes);
	put(writer, "    </testcase>\n");
}

int junit_writer_finish(struct junit_writer *writer, struct tanda_error *error)
{
	assert(writer->state == WRITER_IN_ROOT || writer->state == WRITER_IN_SUITE);
	close_suite(writer);
	put(writer, "</testsuites>\n");
	writer->state = WRITER_FINISHED;
	return outfile_commit(&writer->file, error);
}
