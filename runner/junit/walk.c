/* walk.c - see walk.h. */
#include "runner/junit/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runner/junit/hidden.h"
#include "runner/junit/seconds.h"
#include "shards/base/mem.h"

/* Names of cases that no report holds; in brackets, as no framework writes them. */
static const char suite_error_name[] = "(suite error)";
static const char no_cases_name[] = "(no cases)";

void walk_init(struct walk *walk, const char *source, junit_case_fn on_case, void *data)
{
	*walk = (struct walk){.on_case = on_case, .data = data};
	text_buf_init(&walk->source, EXCERPT_SOURCE_MAX_BYTES);
	clean_add_line(&walk->source, text_from(source), EXCERPT_SOURCE_MAX_BYTES);
	text_buf_init(&walk->suite_name, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&walk->files, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&walk->root_suite_file, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&walk->declared_message, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&walk->scratch, SIZE_MAX / 4); /* what the parser holds in memory anyway */
	draft_init(&walk->draft);
	capture_init(&walk->suite_out);
	capture_init(&walk->suite_err);
}

void walk_deinit(struct walk *walk)
{
	text_buf_deinit(&walk->source);
	text_buf_deinit(&walk->suite_name);
	text_buf_deinit(&walk->files);
	text_buf_deinit(&walk->root_suite_file);
	text_buf_deinit(&walk->declared_message);
	text_buf_deinit(&walk->scratch);
	draft_deinit(&walk->draft);
	capture_deinit(&walk->suite_out);
	capture_deinit(&walk->suite_err);
}

/* Attributes. */

struct attributes {
	const struct walk_attribute *list;
	size_t count;
};

/* The first one of that name: a second makes the report ill-formed, and the parser goes on. */
static struct text find_attribute(struct attributes attributes, const char *name)
{
	size_t i;

	for (i = 0; i < attributes.count; i++) {
		if (strcmp(attributes.list[i].name, name) == 0)
			return attributes.list[i].value;
	}
	return TEXT_EMPTY;
}

static void add_clean_attribute(struct walk *walk, struct attributes attributes, const char *name,
				struct text_buf *out)
{
	text_buf_clear(&walk->scratch);
	hidden_restore(&walk->scratch, find_attribute(attributes, name));
	clean_add(out, text_buf_text(&walk->scratch));
}

static uint64_t find_count(struct attributes attributes, const char *name)
{
	uint64_t value = 0;

	if (!text_to_u64(text_trim(find_attribute(attributes, name)), &value))
		return 0;
	return value < UINT32_MAX ? value : UINT32_MAX; /* sums stay in range */
}

static void cut_buf(struct text_buf *buf, size_t len)
{
	buf->len = len;
	buf->overflowed = false;
	if (buf->ptr != NULL)
		buf->ptr[len] = '\0';
}

/* Cases that are whole. */

/* The frame of the innermost open suite; there is one whenever this is asked. */
static struct walk_frame *open_suite(struct walk *walk)
{
	size_t i = walk->depth - 1;

	while (walk->frames[i].element != ELEMENT_SUITE &&
	       walk->frames[i].element != ELEMENT_SUITES)
		i--;
	return &walk->frames[i];
}

static void deliver(struct walk *walk)
{
	struct case_result result;

	if (!walk->has_case)
		return;
	walk->has_case = false;
	draft_finish(&walk->draft, text_buf_text(&walk->source), &result);
	result.suite_name = text_buf_text(&walk->suite_name);
	walk->case_count++;
	walk->on_case(walk->data, &result);
}

/* TestNG writes a case's output behind the case, as a child of the suite. */
static void attach_trailing_out(struct walk *walk)
{
	if (!walk->has_case || capture_is_empty(&walk->suite_out))
		return;
	capture_add(&walk->draft.out, capture_text(&walk->suite_out, text_buf_text(&walk->source)));
	capture_end(&walk->draft.out);
}

static void clear_suite_out(struct walk *walk)
{
	capture_begin(&walk->suite_out, JUNIT_TEXT_MAX_BYTES, CAPTURE_MARKS_IN_FRONT);
}

/* A case of tanda's own making, for what a suite says outside its cases. */
static void begin_outside_case(struct walk *walk, struct walk_frame *suite, const char *name)
{
	deliver(walk);
	draft_begin(&walk->draft);
	text_buf_add(&walk->draft.classname,
		     text_from_offset(text_buf_text(&walk->suite_name), suite->own_name_start));
	text_buf_add_str(&walk->draft.name, name);
	if (suite->file_len > 0)
		text_buf_add(&walk->draft.file,
			     (struct text){walk->files.ptr + suite->file_start, suite->file_len});
	walk->draft.is_outside = true;
	suite->case_count++;
}

/* Newman and others count an error that no case tells of; silence would make it green. */
static void add_missing_case(struct walk *walk, struct walk_frame *suite)
{
	struct text source = text_buf_text(&walk->source);
	char message[120];

	if (suite->case_count > 0)
		return;
	if (suite->failed_count > 0)
		snprintf(message, sizeof(message),
			 "failures and errors counted: %" PRIu64 ", cases told: none",
			 suite->failed_count);
	else if (suite->test_count > suite->idle_count)
		snprintf(message, sizeof(message), "tests counted: %" PRIu64 ", cases told: none",
			 suite->test_count);
	else
		return;
	begin_outside_case(walk, suite, no_cases_name);
	draft_result_begin(&walk->draft, CASE_ERROR, TEXT_LIT("tanda.CountMismatch"),
			   text_from(message));
	capture_add(&walk->draft.body, capture_text(&walk->suite_err, source));
	draft_result_end(&walk->draft);
	capture_add(&walk->draft.out, capture_text(&walk->suite_out, source));
	capture_end(&walk->draft.out);
	walk->has_case = true;
	deliver(walk);
}

/* Beginnings. */

/* Mocha's "Root Suite" holds no cases but the file of the suites behind it. */
static void find_suite_file(struct walk *walk, struct walk_frame *frame,
			    struct attributes attributes)
{
	struct text name =
	    text_from_offset(text_buf_text(&walk->suite_name), frame->own_name_start);

	add_clean_attribute(walk, attributes, "file", &walk->files);
	if (text_equal_str(name, "Root Suite")) {
		text_buf_clear(&walk->root_suite_file);
		text_buf_add(&walk->root_suite_file,
			     text_from_offset(text_buf_text(&walk->files), frame->outer_files_len));
	}
	if (walk->files.len == frame->outer_files_len && frame->file_len == 0)
		text_buf_add(&walk->files, text_buf_text(&walk->root_suite_file));
	if (walk->files.len > frame->outer_files_len) {
		frame->file_start = frame->outer_files_len;
		frame->file_len = walk->files.len - frame->outer_files_len;
	}
}

static void find_suite_name(struct walk *walk, struct walk_frame *frame,
			    struct attributes attributes)
{
	if (walk->suite_name.len > 0)
		text_buf_add_str(&walk->suite_name, " / ");
	frame->own_name_start = walk->suite_name.len;
	add_clean_attribute(walk, attributes, "name", &walk->suite_name);
	if (walk->suite_name.len == frame->own_name_start) {
		cut_buf(&walk->suite_name, frame->outer_name_len);
		frame->own_name_start = frame->outer_name_len;
	}
}

static void begin_suite(struct walk *walk, struct walk_frame *frame,
			const struct walk_frame *parent, struct attributes attributes)
{
	deliver(walk);
	frame->outer_name_len = walk->suite_name.len;
	frame->own_name_start = walk->suite_name.len;
	frame->outer_files_len = walk->files.len;
	frame->failed_count = find_count(attributes, "failures") + find_count(attributes, "errors");
	frame->test_count = find_count(attributes, "tests");
	frame->idle_count = find_count(attributes, "skipped") + find_count(attributes, "skips") +
			    find_count(attributes, "disabled") + find_count(attributes, "ignored");
	if (parent != NULL) {
		frame->file_start = parent->file_start;
		frame->file_len = parent->file_len;
	}
	clear_suite_out(walk);
	capture_begin(&walk->suite_err, JUNIT_TEXT_MAX_BYTES, CAPTURE_MARKS_IN_FRONT);
	if (frame->element == ELEMENT_SUITES)
		return;
	find_suite_name(walk, frame, attributes);
	find_suite_file(walk, frame, attributes);
}

/* What some producers tell by an attribute instead of a child. */
static const struct {
	const char *attribute, *value;
	enum case_status status;
} status_words[] = {
    {"status", "notrun", CASE_SKIPPED},     {"status", "disabled", CASE_SKIPPED},
    {"status", "ignored", CASE_SKIPPED},    {"status", "skipped", CASE_SKIPPED},
    {"result", "suppressed", CASE_SKIPPED}, {"result", "skipped", CASE_SKIPPED},
    {"status", "fail", CASE_FAILED},        {"status", "failed", CASE_FAILED},
    {"status", "error", CASE_ERROR},        {"status", "errored", CASE_ERROR},
};

static bool equals_ignoring_case(struct text text, const char *string)
{
	return text.len == strlen(string) && strncasecmp(text.ptr, string, text.len) == 0;
}

static void find_declared_status(struct walk *walk, struct attributes attributes)
{
	size_t i;

	walk->has_declared_status = false;
	text_buf_clear(&walk->declared_message);
	for (i = 0; i < countof(status_words) && !walk->has_declared_status; i++) {
		struct text value = find_attribute(attributes, status_words[i].attribute);

		if (value.len == 0 || !equals_ignoring_case(value, status_words[i].value))
			continue;
		walk->has_declared_status = true;
		walk->declared_status = status_words[i].status;
		text_buf_printf(&walk->declared_message, "%s: %s", status_words[i].attribute,
				status_words[i].value);
	}
}

static void begin_case(struct walk *walk, struct walk_frame *suite, struct attributes attributes)
{
	struct draft *draft = &walk->draft;
	uint64_t line;

	if (walk->has_case && !capture_is_empty(&walk->suite_out)) {
		suite->has_trailing_out = true;
		attach_trailing_out(walk);
	}
	deliver(walk);
	clear_suite_out(walk);
	suite->case_count++;
	draft_begin(draft);
	add_clean_attribute(walk, attributes, "name", &draft->name);
	add_clean_attribute(walk, attributes, "classname", &draft->classname);
	if (draft->classname.len == 0)
		add_clean_attribute(walk, attributes, "class", &draft->classname);
	add_clean_attribute(walk, attributes, "file", &draft->file);
	if (draft->file.len == 0 && suite->file_len > 0)
		text_buf_add(&draft->file,
			     (struct text){walk->files.ptr + suite->file_start, suite->file_len});
	if (text_to_u64(text_trim(find_attribute(attributes, "line")), &line) && line <= UINT32_MAX)
		draft->line = (uint32_t)line;
	draft->time_known = seconds_parse(find_attribute(attributes, "time"), &draft->time_ns);
	find_declared_status(walk, attributes);
}

static enum case_status result_status(const char *name)
{
	if (strcmp(name, "failure") == 0)
		return CASE_FAILED;
	return strcmp(name, "error") == 0 ? CASE_ERROR : CASE_SKIPPED;
}

static void begin_result(struct walk *walk, struct walk_frame *frame, struct walk_frame *parent,
			 const char *name, struct attributes attributes)
{
	struct text_buf type, message;

	text_buf_init(&type, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&message, JUNIT_ATTRIBUTE_MAX_BYTES);
	add_clean_attribute(walk, attributes, "type", &type);
	add_clean_attribute(walk, attributes, "message", &message);
	if (frame->element == ELEMENT_SUITE_RESULT)
		begin_outside_case(walk, parent, suite_error_name);
	draft_result_begin(&walk->draft, result_status(name), text_buf_text(&type),
			   text_buf_text(&message));
	frame->text = &walk->draft.body;
	text_buf_deinit(&type);
	text_buf_deinit(&message);
}

/* What an element is depends on where it is. */
static enum element classify(const struct walk_frame *parent, const char *name)
{
	static const struct {
		const char *name;
		enum element at_top, in_suite, in_case;
	} elements[] = {
	    {"testsuites", ELEMENT_SUITES, ELEMENT_SUITES, ELEMENT_OTHER},
	    {"testsuite", ELEMENT_SUITE, ELEMENT_SUITE, ELEMENT_OTHER},
	    {"testcase", ELEMENT_OTHER, ELEMENT_CASE, ELEMENT_OTHER},
	    {"failure", ELEMENT_OTHER, ELEMENT_SUITE_RESULT, ELEMENT_RESULT},
	    {"error", ELEMENT_OTHER, ELEMENT_SUITE_RESULT, ELEMENT_RESULT},
	    {"skipped", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_RESULT},
	    {"system-out", ELEMENT_OTHER, ELEMENT_TEXT, ELEMENT_TEXT},
	    {"system-err", ELEMENT_OTHER, ELEMENT_TEXT, ELEMENT_TEXT},
	};
	size_t i;

	for (i = 0; i < countof(elements); i++) {
		if (strcmp(name, elements[i].name) != 0)
			continue;
		if (parent == NULL)
			return elements[i].at_top;
		if (parent->element == ELEMENT_SUITES || parent->element == ELEMENT_SUITE)
			return elements[i].in_suite;
		return parent->element == ELEMENT_CASE ? elements[i].in_case : ELEMENT_OTHER;
	}
	return ELEMENT_OTHER;
}

static void refuse_root(struct walk *walk, const char *name)
{
	struct text_buf shown;

	text_buf_init(&shown, 100);
	clean_add_line(&shown, text_from(name), shown.max);
	snprintf(walk->fault, sizeof(walk->fault), "not a JUnit report: its root is <%s>",
		 shown.ptr);
	text_buf_deinit(&shown);
}

static bool is_within_limits(struct walk *walk, enum element element)
{
	if (walk->depth == JUNIT_DEPTH_MAX)
		snprintf(walk->fault, sizeof(walk->fault), "elements nested deeper than %d",
			 JUNIT_DEPTH_MAX);
	else if (++walk->element_count > JUNIT_ELEMENTS_MAX)
		snprintf(walk->fault, sizeof(walk->fault), "more than %d elements",
			 JUNIT_ELEMENTS_MAX);
	else if (element == ELEMENT_CASE && walk->case_count + walk->has_case >= JUNIT_CASES_MAX)
		snprintf(walk->fault, sizeof(walk->fault), "more than %d cases", JUNIT_CASES_MAX);
	return walk->fault[0] == '\0';
}

/* The text of a case, or of a suite. */
static struct capture *text_of(struct walk *walk, const struct walk_frame *parent, const char *name)
{
	bool is_out = strcmp(name, "system-out") == 0;

	if (parent->element == ELEMENT_CASE)
		return is_out ? &walk->draft.out : &walk->draft.err;
	return is_out ? &walk->suite_out : &walk->suite_err;
}

void walk_start(struct walk *walk, const char *name, const struct walk_attribute *list,
		size_t count)
{
	struct walk_frame *parent = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
	struct attributes attributes = {list, count};
	enum element element = classify(parent, name);
	struct walk_frame *frame;

	if (walk->fault[0] != '\0' || !is_within_limits(walk, element))
		return;
	if (parent == NULL && element == ELEMENT_OTHER) {
		refuse_root(walk, name);
		return;
	}
	frame = &walk->frames[walk->depth++];
	*frame = (struct walk_frame){.element = element};
	switch (element) {
	case ELEMENT_OTHER: /* markup inside a text is part of it; all else leads nowhere */
		frame->text = parent->text;
		break;
	case ELEMENT_SUITES:
	case ELEMENT_SUITE:
		begin_suite(walk, frame, parent, attributes);
		break;
	case ELEMENT_CASE:
		begin_case(walk, parent, attributes);
		break;
	case ELEMENT_RESULT:
	case ELEMENT_SUITE_RESULT:
		begin_result(walk, frame, parent, name, attributes);
		break;
	case ELEMENT_TEXT:
		frame->text = text_of(walk, parent, name);
		break;
	}
}

void walk_text(struct walk *walk, struct text text)
{
	struct capture *capture;

	if (walk->fault[0] != '\0' || walk->depth == 0)
		return;
	capture = walk->frames[walk->depth - 1].text;
	if (capture == NULL)
		return;
	text_buf_clear(&walk->scratch);
	hidden_restore(&walk->scratch, text);
	capture_add(capture, text_buf_text(&walk->scratch));
}

/* Endings. */

/* How frameworks name what went wrong before there was a test. */
static bool is_outside_tests(const struct draft *draft)
{
	struct text message = text_buf_text(&draft->message);
	struct text classname = text_buf_text(&draft->classname);
	struct text name = text_buf_text(&draft->name);

	return text_equal_str(message, "collection failure") ||         /* pytest */
	       text_equal_str(classname, "Test suite failed to run") || /* jest-junit */
	       text_equal_str(name, "[build failed]") ||                /* go */
	       text_equal_str(name, "[setup failed]");
}

static void end_case(struct walk *walk)
{
	struct draft *draft = &walk->draft;

	if (walk->has_declared_status)
		draft_status(draft, walk->declared_status, text_buf_text(&walk->declared_message));
	if (draft->status == CASE_FAILED || draft->status == CASE_ERROR)
		draft->is_outside = is_outside_tests(draft);
	walk->has_case = true;
}

static void end_suite(struct walk *walk, struct walk_frame *frame)
{
	uint64_t case_count;

	/* The output of a suite of one case is the case's; of more, it is nobody's, unless it was
	 * seen to follow each. */
	if (frame->has_trailing_out || frame->case_count == 1)
		attach_trailing_out(walk);
	deliver(walk);
	add_missing_case(walk, frame);
	case_count = frame->case_count;
	clear_suite_out(walk);
	cut_buf(&walk->suite_name, frame->outer_name_len);
	cut_buf(&walk->files, frame->outer_files_len);
	walk->depth--;
	if (walk->depth > 0)
		open_suite(walk)->case_count += case_count;
}

void walk_end(struct walk *walk)
{
	struct walk_frame *frame;

	if (walk->fault[0] != '\0' || walk->depth == 0)
		return;
	frame = &walk->frames[walk->depth - 1];
	switch (frame->element) {
	case ELEMENT_SUITES:
	case ELEMENT_SUITE:
		end_suite(walk, frame);
		return;
	case ELEMENT_CASE:
		end_case(walk);
		break;
	case ELEMENT_SUITE_RESULT:
		draft_result_end(&walk->draft);
		walk->has_case = true;
		deliver(walk);
		break;
	case ELEMENT_RESULT:
		draft_result_end(&walk->draft);
		break;
	case ELEMENT_TEXT:
		capture_end(frame->text);
		break;
	case ELEMENT_OTHER:
		break;
	}
	walk->depth--;
}

void walk_finish(struct walk *walk)
{
	deliver(walk);
}
