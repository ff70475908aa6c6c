/* elements.c - elements and attributes in the order that DESIGN's readers agree on.
 *
 * No CDATA: escaped text has no "]]>" to be afraid of and streams when it is read. */
#include "runner/junit/elements.h"

#include <string.h>

#include "runner/junit/clean.h"
#include "runner/junit/read.h"
#include "runner/junit/write.h"
#include "shards/base/mem.h"

enum { MIB = 1024 * 1024, NAME_AND_NUMBER_MAX_BYTES = JUNIT_NAME_MAX_BYTES + 32 };

/* First what passed shrinks, then the output of failures, then their traces. */
const struct junit_limits junit_limits[JUNIT_LIMITS_COUNT] = {
	{JUNIT_PASSING_OUTPUT_MAX_BYTES, JUNIT_TEXT_MAX_BYTES, JUNIT_TEXT_MAX_BYTES},
	{0, JUNIT_TEXT_MAX_BYTES, JUNIT_TEXT_MAX_BYTES},
	{0, 4096, JUNIT_TEXT_MAX_BYTES},
	{0, 1024, 4096},
};

const struct junit_limits junit_limits_none = {
	JUNIT_TEXT_WHOLE_MAX_BYTES, JUNIT_TEXT_WHOLE_MAX_BYTES, JUNIT_TEXT_WHOLE_MAX_BYTES};

/* When nobody knows the size beforehand, texts shrink as the file grows: up to these sizes. */
static const uint64_t growth[JUNIT_LIMITS_COUNT - 1] = {8 * MIB, 16 * MIB, 20 * MIB};

void elements_init(struct elements *elements, struct markup *markup)
{
	*elements = (struct elements){.markup = markup};
	text_buf_init(&elements->suite_name, JUNIT_NAME_MAX_BYTES);
	text_buf_init(&elements->suite_file, JUNIT_NAME_MAX_BYTES);
	text_buf_init(&elements->classname, JUNIT_NAME_MAX_BYTES);
	text_buf_init(&elements->name, NAME_AND_NUMBER_MAX_BYTES);
	text_buf_init(&elements->message, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&elements->cleaned, JUNIT_NAME_MAX_BYTES);
	capture_init(&elements->body);
	capture_init(&elements->out);
	capture_init(&elements->err);
	names_init(&elements->names);
}

void elements_deinit(struct elements *elements)
{
	names_deinit(&elements->names);
	text_buf_deinit(&elements->suite_name);
	text_buf_deinit(&elements->suite_file);
	text_buf_deinit(&elements->classname);
	text_buf_deinit(&elements->name);
	text_buf_deinit(&elements->message);
	text_buf_deinit(&elements->cleaned);
	capture_deinit(&elements->body);
	capture_deinit(&elements->out);
	capture_deinit(&elements->err);
}

static inline void put(struct elements *elements, const char *string)
{
	markup_put_str(elements->markup, string);
}

/* Put `text` into `buf`, clean; `otherwise` where nothing that can be seen is left of it. */
static void keep_clean(struct text_buf *buf, bool trusts_input, struct text text,
                       const char *otherwise)
{
	text_buf_clear(buf);
	if (trusts_input)
		text_buf_add(buf, text_head(text, buf->max));
	else
		clean_add(buf, text);
	if (text_trim(text_buf_text(buf)).len > 0)
		return;
	text_buf_clear(buf);
	text_buf_add_str(buf, otherwise);
}

/* Would keep_clean() change nothing? Then there is no need to copy it, which nearly always is so.
 */
static bool is_kept(const struct elements *elements, struct text text)
{
	return elements->trusts_input && text.len <= JUNIT_NAME_MAX_BYTES &&
	       text_trim(text).len > 0;
}

/* Left out when nothing can be seen of it and `otherwise` is "". */
static void put_dirty_attribute(struct elements *elements, const char *name, struct text value,
                                const char *otherwise)
{
	if (value.len == 0 && otherwise[0] == '\0')
		return;
	if (is_kept(elements, value)) {
		markup_attribute(elements->markup, name, value);
		return;
	}
	keep_clean(&elements->cleaned, elements->trusts_input, value, otherwise);
	if (elements->cleaned.len > 0)
		markup_attribute(elements->markup, name, text_buf_text(&elements->cleaned));
}

static void put_counts(struct elements *elements, struct junit_counts counts)
{
	markup_number(elements->markup, "tests", counts.tests);
	markup_number(elements->markup, "failures", counts.failures);
	markup_number(elements->markup, "errors", counts.errors);
	markup_number(elements->markup, "skipped", counts.skipped);
}

static void put_properties(struct elements *elements, const char *indent,
                           const struct junit_property *properties, size_t count, bool is_duplicate)
{
	static const struct junit_property duplicate = {{"tanda.duplicate", 15}, {"true", 4}};
	size_t total = count + is_duplicate, i;

	if (total == 0)
		return;
	put(elements, indent);
	put(elements, "<properties>\n");
	for (i = 0; i < total; i++) {
		const struct junit_property *property = i < count ? &properties[i] : &duplicate;

		put(elements, indent);
		put(elements, "  <property");
		put_dirty_attribute(elements, "name", property->name, "(unnamed)");
		keep_clean(&elements->cleaned, elements->trusts_input, property->value, "");
		markup_attribute(elements->markup, "value", text_buf_text(&elements->cleaned));
		put(elements, "/>\n");
	}
	put(elements, indent);
	put(elements, "</properties>\n");
}

/* Root and suites. */

void elements_begin(struct elements *elements, struct text name, struct junit_counts counts,
                    uint64_t wall_ns, struct text timestamp)
{
	put(elements, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_dirty_attribute(elements, "name", name, "tanda");
	put_counts(elements, counts);
	markup_seconds(elements->markup, "time", wall_ns);
	put_dirty_attribute(elements, "timestamp", timestamp, "");
	put(elements, ">\n");
}

void elements_end(struct elements *elements)
{
	put(elements, "</testsuites>\n");
}

void elements_begin_suite(struct elements *elements, const struct junit_suite *suite, uint64_t id)
{
	struct markup *markup = elements->markup;

	names_clear(&elements->names);
	keep_clean(&elements->suite_name, elements->trusts_input, suite->name, "(unnamed)");
	keep_clean(&elements->suite_file, elements->trusts_input, suite->file, "");
	put(elements, "  <testsuite");
	markup_attribute(markup, "name", text_buf_text(&elements->suite_name));
	markup_number(markup, "id", id);
	markup_attribute(markup, "package", TEXT_EMPTY);
	put_counts(elements, suite->counts);
	markup_number(markup, "disabled", 0);
	markup_seconds(markup, "time", suite->time_ns);
	put_dirty_attribute(elements, "timestamp", suite->timestamp, "");
	put_dirty_attribute(elements, "hostname", suite->hostname, "localhost");
	put_dirty_attribute(elements, "file", text_buf_text(&elements->suite_file), "");
	put(elements, ">\n");
	put_properties(elements, "    ", suite->properties, suite->property_count, false);
}

void elements_end_suite(struct elements *elements)
{
	put(elements, "  </testsuite>\n");
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
static struct text choose_classname(struct elements *elements, const struct junit_case *item)
{
	struct text_buf *classname = &elements->classname;

	if (is_kept(elements, item->classname))
		return item->classname;
	keep_clean(classname, elements->trusts_input, item->classname, "");
	if (classname->len > 0)
		return text_buf_text(classname);
	keep_clean(&elements->cleaned, elements->trusts_input, item->file, "");
	name_class_after_file(classname, text_buf_text(&elements->cleaned));
	if (classname->len == 0)
		name_class_after_file(classname, text_buf_text(&elements->suite_file));
	if (classname->len == 0) {
		text_buf_add(classname, text_buf_text(&elements->suite_name));
		replace_byte(classname, '.', '_');
	}
	return text_buf_text(classname);
}

/* GitLab shows one of several cases with equal keys. Returns whether a number had to be added. */
static bool choose_name(struct elements *elements, struct text classname, struct text wanted,
                        struct text *ret_name)
{
	bool is_new;

	*ret_name = wanted;
	if (is_kept(elements, wanted) && names_add_new(&elements->names, classname, wanted))
		return false;
	elements->name.max = JUNIT_NAME_MAX_BYTES;
	keep_clean(&elements->name, elements->trusts_input, wanted, "(unnamed)");
	elements->name.max = NAME_AND_NUMBER_MAX_BYTES;
	elements->name.overflowed = false;
	is_new = names_add(&elements->names, classname, &elements->name);
	*ret_name = text_buf_text(&elements->name);
	return !is_new;
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

static void put_type(struct elements *elements, struct text type)
{
	struct text_buf line;

	text_buf_init(&line, JUNIT_MESSAGE_MAX_BYTES + 16);
	if (is_reserved_type(text_trim(type)))
		text_buf_add_str(&line, "reported.");
	clean_add_line(&line, type, JUNIT_MESSAGE_MAX_BYTES);
	if (line.len > 0)
		markup_attribute(elements->markup, "type", text_buf_text(&line));
	text_buf_deinit(&line);
}

static void fill(struct capture *capture, struct text text, size_t max_bytes,
                 enum capture_marks marks)
{
	capture_begin(capture, max_bytes > 0 ? max_bytes : EXCERPT_MIN_BYTES, marks);
	capture_add(capture, text);
	capture_end(capture);
}

static const struct junit_limits *current_limits(const struct elements *elements)
{
	size_t i = 0;

	if (elements->limits != NULL)
		return elements->limits;
	while (i < countof(growth) && elements->markup->total_bytes > growth[i])
		i++;
	return &junit_limits[i];
}

/* A result's message, and the text that begins with it. Returns the rest of the text. */
static struct text prepare_result(struct elements *elements, struct text message, struct text body)
{
	size_t max_bytes = current_limits(elements)->trace;
	struct text rest = capture_trim(body);

	if (!elements->trusts_input || body.len > max_bytes) {
		fill(&elements->body, body, max_bytes, CAPTURE_MARKS_STAY);
		rest = capture_rest(&elements->body, TEXT_EMPTY);
	}
	text_buf_clear(&elements->message);
	clean_add_line(&elements->message, message, JUNIT_MESSAGE_MAX_BYTES);
	/* Where there is text, GitLab shows no message: so the text begins with it. */
	return elements->message.len == 0 ? capture_split(rest, &elements->message) : rest;
}

static void put_result_text(struct elements *elements, struct text rest)
{
	markup_put_text(elements->markup, text_buf_text(&elements->message));
	if (rest.len > 0)
		put(elements, "\n");
	markup_put_text(elements->markup, rest);
}

static void put_message(struct elements *elements)
{
	if (elements->message.len > 0)
		markup_attribute(elements->markup, "message", text_buf_text(&elements->message));
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

static void put_result(struct elements *elements, const struct junit_case *item)
{
	const char *element = result_element(item->status);
	struct text rest;

	if (element == NULL)
		return;
	rest = prepare_result(elements, item->message, item->body);
	put(elements, "      <");
	put(elements, element);
	put_message(elements);
	put_type(elements, item->type);
	if (elements->message.len == 0) {
		put(elements, "/>\n");
		return;
	}
	put(elements, ">");
	put_result_text(elements, rest);
	put(elements, "</");
	put(elements, element);
	put(elements, ">\n");
}

/* An output as it will be written: its attachments, and what is kept of the rest. */
struct output {
	struct text marks, rest;
};

static struct output prepare_output(struct elements *elements, struct capture *capture,
                                    struct text text, size_t max_bytes)
{
	struct output output;

	if (text.len == 0)
		return (struct output){TEXT_EMPTY, TEXT_EMPTY};
	output.marks = capture_leading_marks(text);
	output.rest = text_from_offset(text, output.marks.len);
	if (!elements->trusts_input || output.rest.len > max_bytes) {
		fill(capture, text, max_bytes, CAPTURE_MARKS_IN_FRONT);
		output.marks = capture_marks(capture);
		output.rest = max_bytes > 0 ? capture_rest(capture, TEXT_EMPTY) : TEXT_EMPTY;
	}
	return output;
}

static void open_element(struct elements *elements, const char *indent, const char *element)
{
	put(elements, indent);
	put(elements, "<");
	put(elements, element);
	put(elements, ">");
}

static void close_element(struct elements *elements, const char *element)
{
	put(elements, "</");
	put(elements, element);
	put(elements, ">\n");
}

/* A line each; those that `known` has already are left out. */
static void put_marks(struct elements *elements, struct text marks, struct text known)
{
	struct text line;

	while (text_next_line(&marks, &line)) {
		if (text_contains(known, line))
			continue;
		markup_put_text(elements->markup, line);
		put(elements, "\n");
	}
}

/* All attachments go to system-out, where GitLab looks for them. */
static void put_outputs(struct elements *elements, const char *indent, struct output out,
                        struct output err)
{
	if (out.marks.len + err.marks.len + out.rest.len > 0) {
		open_element(elements, indent, "system-out");
		put_marks(elements, out.marks, TEXT_EMPTY);
		put_marks(elements, err.marks, out.marks);
		markup_put_text(elements->markup, out.rest);
		close_element(elements, "system-out");
	}
	if (err.rest.len > 0) {
		open_element(elements, indent, "system-err");
		markup_put_text(elements->markup, err.rest);
		close_element(elements, "system-err");
	}
}

static void put_again(struct elements *elements, const struct junit_again *again)
{
	const char *element = again->case_passed ? "flakyFailure" : "rerunFailure";
	size_t max_bytes = current_limits(elements)->failing_output;
	struct text rest = prepare_result(elements, again->message, again->body);

	put(elements, "      <");
	put(elements, element);
	put_message(elements);
	put_type(elements, again->type);
	markup_seconds(elements->markup, "time", again->time_ns);
	markup_instant(elements->markup, "timestamp", again->started);
	put(elements, ">\n        <stackTrace>");
	put_result_text(elements, rest);
	put(elements, "</stackTrace>\n");
	put_outputs(elements, "        ",
	            prepare_output(elements, &elements->out, again->out, max_bytes),
	            prepare_output(elements, &elements->err, again->err, max_bytes));
	put(elements, "      </");
	put(elements, element);
	put(elements, ">\n");
}

static size_t output_limit(const struct elements *elements, enum case_status status)
{
	const struct junit_limits *limits = current_limits(elements);
	bool is_bad = status == CASE_FAILED || status == CASE_ERROR;

	return is_bad ? limits->failing_output : limits->passing_output;
}

static bool is_blank(struct output output)
{
	return output.marks.len + output.rest.len == 0;
}

void elements_put_case(struct elements *elements, const struct junit_case *item)
{
	size_t max_bytes = output_limit(elements, item->status);
	struct text classname = choose_classname(elements, item), name;
	bool is_duplicate = choose_name(elements, classname, item->name, &name);
	struct markup *markup = elements->markup;
	struct output out, err;
	size_t i;

	put(elements, "    <testcase");
	markup_attribute(markup, "classname", classname);
	markup_attribute(markup, "name", name);
	put_dirty_attribute(elements, "file", item->file, "");
	if (item->line > 0)
		markup_number(markup, "line", item->line);
	markup_seconds(markup, "time", item->time_ns);
	markup_instant(markup, "timestamp", item->started);
	out = prepare_output(elements, &elements->out, item->out, max_bytes);
	err = prepare_output(elements, &elements->err, item->err, max_bytes);
	if (item->status == CASE_PASSED && !is_duplicate && item->property_count == 0 &&
	    item->again_count == 0 && is_blank(out) && is_blank(err)) {
		put(elements, "/>\n");
		return;
	}
	put(elements, ">\n");
	put_properties(elements, "      ", item->properties, item->property_count, is_duplicate);
	put_result(elements, item);
	for (i = 0; i < item->again_count; i++)
		put_again(elements, &item->agains[i]);
	if (item->again_count > 0) { /* they used the same room */
		out = prepare_output(elements, &elements->out, item->out, max_bytes);
		err = prepare_output(elements, &elements->err, item->err, max_bytes);
	}
	put_outputs(elements, "      ", out, err);
	put(elements, "    </testcase>\n");
}
