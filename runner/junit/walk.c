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

void walk_init(struct walk *walk, const struct junit_handlers *handlers)
{
	walk->handlers = handlers;
	walk->text_max_bytes =
		handlers->text_max_bytes > 0 ? handlers->text_max_bytes : JUNIT_TEXT_MAX_BYTES;
	text_buf_init(&walk->source, EXCERPT_SOURCE_MAX_BYTES);
	text_buf_init(&walk->declared_message, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&walk->property_name, PROPERTY_MAX_BYTES);
	text_buf_init(&walk->scratch, SIZE_MAX / 4); /* what the parser holds in memory anyway */
	capture_init(&walk->property_value);
	draft_init(&walk->draft, walk->text_max_bytes);
	nest_init(&walk->nest);
}

void walk_begin(struct walk *walk, const char *source)
{
	walk->depth = 0;
	walk->element_count = 0;
	walk->case_count = 0;
	walk->has_case = false;
	walk->root = (struct junit_root){0};
	walk->fault[0] = '\0';
	walk->is_foreign = false;
	text_buf_clear(&walk->source);
	clean_add_line(&walk->source, text_from(source), EXCERPT_SOURCE_MAX_BYTES);
	nest_begin(&walk->nest);
}

void walk_deinit(struct walk *walk)
{
	text_buf_deinit(&walk->source);
	text_buf_deinit(&walk->declared_message);
	text_buf_deinit(&walk->property_name);
	text_buf_deinit(&walk->scratch);
	capture_deinit(&walk->property_value);
	draft_deinit(&walk->draft);
	nest_deinit(&walk->nest);
}

/* Cases that are whole. */

static void deliver(struct walk *walk)
{
	struct junit_case_in item;

	if (!walk->has_case)
		return;
	walk->has_case = false;
	draft_finish(&walk->draft, text_buf_text(&walk->source), &item);
	item.suite = nest_tell(&walk->nest);
	item.result.suite_name = item.suite->path;
	walk->case_count++;
	walk->handlers->on_case(walk->handlers->data, &item);
}

static void count_case(struct walk *walk)
{
	struct nest_suite *suite = nest_current(&walk->nest);

	suite->case_count++;
	suite->own_case_count++;
}

/* TestNG writes a case's output behind the case, as a child of the suite. */
static void attach_trailing_out(struct walk *walk)
{
	struct capture *out = &walk->nest.out;

	if (!walk->has_case || capture_is_empty(out))
		return;
	capture_add(&walk->draft.out, capture_text(out, text_buf_text(&walk->source)));
	capture_end(&walk->draft.out);
}

static void clear_suite_out(struct walk *walk)
{
	capture_begin(&walk->nest.out, walk->text_max_bytes, CAPTURE_MARKS_IN_FRONT);
}

/* A case of tanda's own making, for what a suite says outside its cases. */
static void begin_outside_case(struct walk *walk, const char *name)
{
	struct nest_suite *suite = nest_current(&walk->nest);
	struct draft *draft = &walk->draft;

	deliver(walk);
	draft_begin(draft);
	text_buf_add(&draft->classname, nest_name(&walk->nest, suite));
	text_buf_add_str(&draft->name, name);
	text_buf_add(&draft->file, nest_file(&walk->nest, suite));
	draft->is_outside = true;
	count_case(walk);
}

/* Newman and others count an error that no case tells of; silence would make it green. */
static void add_missing_case(struct walk *walk)
{
	const struct nest_suite *suite = nest_current(&walk->nest);
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
	begin_outside_case(walk, no_cases_name);
	draft_result_begin(&walk->draft, CASE_ERROR, TEXT_LIT("tanda.CountMismatch"),
	                   text_from(message));
	capture_add(&walk->draft.body, capture_text(&walk->nest.err, source));
	draft_result_end(&walk->draft);
	capture_add(&walk->draft.out, capture_text(&walk->nest.out, source));
	capture_end(&walk->draft.out);
	walk->has_case = true;
	deliver(walk);
}

/* Beginnings. */

static void begin_suite(struct walk *walk, bool is_group, struct attributes attributes)
{
	struct nest_suite *suite;

	deliver(walk);
	nest_open(&walk->nest, is_group, attributes, walk->text_max_bytes);
	suite = nest_current(&walk->nest);
	if (walk->nest.depth > 1 || !is_group)
		return;
	walk->root.started = suite->started;
	walk->root.time_known = suite->time_known;
	walk->root.time_ns = suite->time_ns;
	/* Only Playwright's root has an id, and its suites a browser for a host. */
	walk->nest.hosts_are_projects = attributes_have(attributes, "id");
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
	struct text status = attributes_find(attributes, "status");
	struct text result = attributes_find(attributes, "result");
	size_t i;

	/* What behave did not come to, as it was told to stop. */
	walk->draft.is_unrun = equals_ignoring_case(status, "untested");
	walk->has_declared_status = walk->draft.is_unrun;
	walk->declared_status = CASE_SKIPPED;
	text_buf_clear(&walk->declared_message);
	if (walk->draft.is_unrun)
		text_buf_add_str(&walk->declared_message, "untested: not come to");
	if (status.len + result.len == 0)
		return;
	for (i = 0; i < countof(status_words) && !walk->has_declared_status; i++) {
		struct text value = status_words[i].attribute[0] == 's' ? status : result;

		if (value.len == 0 || !equals_ignoring_case(value, status_words[i].value))
			continue;
		walk->has_declared_status = true;
		walk->declared_status = status_words[i].status;
		text_buf_printf(&walk->declared_message, "%s: %s", status_words[i].attribute,
		                status_words[i].value);
	}
}

static void begin_case(struct walk *walk, struct attributes attributes)
{
	struct nest_suite *suite = nest_current(&walk->nest);
	struct draft *draft = &walk->draft;
	uint64_t line;

	if (walk->has_case && !capture_is_empty(&walk->nest.out)) {
		suite->has_trailing_out = true;
		attach_trailing_out(walk);
	}
	deliver(walk);
	clear_suite_out(walk);
	count_case(walk);
	draft_begin(draft);
	attributes_add_clean(attributes, "name", &draft->name);
	attributes_add_clean(attributes, "classname", &draft->classname);
	if (draft->classname.len == 0)
		attributes_add_clean(attributes, "class", &draft->classname);
	attributes_add_clean(attributes, "file", &draft->file);
	if (draft->file.len == 0)
		text_buf_add(&draft->file, nest_file(&walk->nest, suite));
	if (text_to_u64(text_trim(attributes_find(attributes, "line")), &line) &&
	    line <= UINT32_MAX)
		draft->line = (uint32_t)line;
	draft->time_known = seconds_parse(attributes_find(attributes, "time"), &draft->time_ns);
	draft->started = instant_parse(attributes_find(attributes, "timestamp"));
	find_declared_status(walk, attributes);
}

static enum case_status result_status(const char *name)
{
	if (strcmp(name, "failure") == 0)
		return CASE_FAILED;
	return strcmp(name, "error") == 0 ? CASE_ERROR : CASE_SKIPPED;
}

static void begin_result(struct walk *walk, struct walk_frame *frame, const char *name,
                         struct attributes attributes)
{
	struct text_buf type, message;

	text_buf_init(&type, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&message, JUNIT_ATTRIBUTE_MAX_BYTES);
	attributes_add_clean(attributes, "type", &type);
	attributes_add_clean(attributes, "message", &message);
	if (frame->element == ELEMENT_SUITE_RESULT)
		begin_outside_case(walk, suite_error_name);
	draft_result_begin(&walk->draft, result_status(name), text_buf_text(&type),
	                   text_buf_text(&message));
	frame->text = &walk->draft.body;
	text_buf_deinit(&type);
	text_buf_deinit(&message);
}

/* Its value is an attribute or, as in some producers, its text. */
static void begin_property(struct walk *walk, struct walk_frame *frame,
                           struct attributes attributes)
{
	text_buf_clear(&walk->property_name);
	attributes_add_clean(attributes, "name", &walk->property_name);
	walk->property_name.overflowed = false;
	capture_begin(&walk->property_value, PROPERTY_MAX_BYTES, CAPTURE_MARKS_STAY);
	walk->property_is_told = attributes_have(attributes, "value");
	if (walk->property_is_told) {
		text_buf_clear(&walk->scratch);
		attributes_add_clean(attributes, "value", &walk->scratch);
		capture_add(&walk->property_value, text_buf_text(&walk->scratch));
	} else {
		frame->text = &walk->property_value;
	}
}

static void end_property(struct walk *walk)
{
	struct text name = text_buf_text(&walk->property_name), value;
	/* The frames: its owner, <properties>, itself. */
	bool is_of_case = walk->frames[walk->depth - 3].element == ELEMENT_CASE;

	capture_end(&walk->property_value);
	value = capture_rest(&walk->property_value, TEXT_EMPTY);
	if (name.len == 0)
		return;
	if (is_of_case)
		properties_add(&walk->draft.properties, 0, name, value);
	else
		nest_add_property(&walk->nest, name, value);
}

/* Which elements are what, by the element that they stand in. */
static const struct {
	const char *name;
	enum element at_top, in_suite, in_case, in_again, in_properties;
} elements[] = {
	{"testcase", ELEMENT_OTHER, ELEMENT_CASE, ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_OTHER},
	{"testsuite", ELEMENT_SUITE, ELEMENT_SUITE, ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_OTHER},
	{"testsuites", ELEMENT_SUITES, ELEMENT_SUITES, ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_OTHER},
	{"failure", ELEMENT_OTHER, ELEMENT_SUITE_RESULT, ELEMENT_RESULT, ELEMENT_OTHER,
         ELEMENT_OTHER},
	{"error", ELEMENT_OTHER, ELEMENT_SUITE_RESULT, ELEMENT_RESULT, ELEMENT_OTHER,
         ELEMENT_OTHER},
	{"skipped", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_RESULT, ELEMENT_OTHER, ELEMENT_OTHER},
	{"system-out", ELEMENT_OTHER, ELEMENT_TEXT, ELEMENT_TEXT, ELEMENT_AGAIN_TEXT,
         ELEMENT_OTHER},
	{"system-err", ELEMENT_OTHER, ELEMENT_TEXT, ELEMENT_TEXT, ELEMENT_AGAIN_TEXT,
         ELEMENT_OTHER},
	{"properties", ELEMENT_OTHER, ELEMENT_PROPERTIES, ELEMENT_PROPERTIES, ELEMENT_OTHER,
         ELEMENT_OTHER},
	{"property", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_PROPERTY},
	{"flakyFailure", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_AGAIN, ELEMENT_OTHER, ELEMENT_OTHER},
	{"flakyError", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_AGAIN, ELEMENT_OTHER, ELEMENT_OTHER},
	{"rerunFailure", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_AGAIN, ELEMENT_OTHER, ELEMENT_OTHER},
	{"rerunError", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_AGAIN, ELEMENT_OTHER, ELEMENT_OTHER},
	{"stackTrace", ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_OTHER, ELEMENT_AGAIN_TEXT,
         ELEMENT_OTHER},
};

static enum element classify(const struct walk_frame *parent, const char *name)
{
	size_t i;

	for (i = 0; i < countof(elements); i++) {
		if (name[0] != elements[i].name[0] || strcmp(name, elements[i].name) != 0)
			continue;
		if (parent == NULL)
			return elements[i].at_top;
		switch (parent->element) {
		case ELEMENT_SUITES:
		case ELEMENT_SUITE:
			return elements[i].in_suite;
		case ELEMENT_CASE:
			return elements[i].in_case;
		case ELEMENT_AGAIN:
			return elements[i].in_again;
		case ELEMENT_PROPERTIES:
			return elements[i].in_properties;
		case ELEMENT_OTHER:
		case ELEMENT_RESULT:
		case ELEMENT_SUITE_RESULT:
		case ELEMENT_TEXT:
		case ELEMENT_AGAIN_TEXT:
		case ELEMENT_PROPERTY:
			return ELEMENT_OTHER;
		}
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
	walk->is_foreign = true;
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
	else if (element == ELEMENT_SUITE && walk->nest.suite_count >= JUNIT_SUITES_MAX)
		snprintf(walk->fault, sizeof(walk->fault), "more than %d suites", JUNIT_SUITES_MAX);
	else if (element == ELEMENT_CASE && walk->case_count + walk->has_case >= JUNIT_CASES_MAX)
		snprintf(walk->fault, sizeof(walk->fault), "more than %d cases", JUNIT_CASES_MAX);
	return walk->fault[0] == '\0';
}

/* The text of a case, of a suite or of an attempt. */
static struct capture *text_of(struct walk *walk, enum element parent, const char *name)
{
	bool is_out = strcmp(name, "system-out") == 0;
	struct agains *agains = &walk->draft.agains;

	if (strcmp(name, "stackTrace") == 0)
		return &agains->body;
	if (parent == ELEMENT_AGAIN)
		return is_out ? &agains->out : &agains->err;
	if (parent == ELEMENT_CASE)
		return is_out ? &walk->draft.out : &walk->draft.err;
	return is_out ? &walk->nest.out : &walk->nest.err;
}

static void begin_element(struct walk *walk, struct walk_frame *frame,
                          const struct walk_frame *parent, const char *name,
                          struct attributes attributes)
{
	switch (frame->element) {
	case ELEMENT_OTHER: /* markup inside a text is part of it; all else leads nowhere */
		frame->text = parent->text;
		break;
	case ELEMENT_SUITES:
	case ELEMENT_SUITE:
		begin_suite(walk, frame->element == ELEMENT_SUITES, attributes);
		break;
	case ELEMENT_CASE:
		begin_case(walk, attributes);
		break;
	case ELEMENT_RESULT:
	case ELEMENT_SUITE_RESULT:
		begin_result(walk, frame, name, attributes);
		break;
	case ELEMENT_AGAIN:
		agains_begin(&walk->draft.agains, name, attributes);
		frame->text = &walk->draft.agains.body;
		break;
	case ELEMENT_TEXT:
	case ELEMENT_AGAIN_TEXT:
		frame->text = text_of(walk, parent->element, name);
		break;
	case ELEMENT_PROPERTIES:
		break;
	case ELEMENT_PROPERTY:
		if (walk->handlers->on_suite_ended != NULL)
			begin_property(walk, frame, attributes);
		break;
	}
}

void walk_start(struct walk *walk, const char *name, struct attributes attributes)
{
	struct walk_frame *parent = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
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
	begin_element(walk, frame, parent, name, attributes);
}

static struct capture *open_text(struct walk *walk)
{
	if (walk->fault[0] != '\0' || walk->depth == 0)
		return NULL;
	return walk->frames[walk->depth - 1].text;
}

void walk_text(struct walk *walk, struct text text)
{
	struct capture *capture = open_text(walk);

	if (capture != NULL)
		capture_add(capture, text);
}

void walk_hidden_text(struct walk *walk, struct text text)
{
	if (open_text(walk) == NULL)
		return;
	text_buf_clear(&walk->scratch);
	hidden_restore(&walk->scratch, text);
	walk_text(walk, text_buf_text(&walk->scratch));
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

	draft_promote_rerun(draft);
	if (walk->has_declared_status)
		draft_status(draft, walk->declared_status, text_buf_text(&walk->declared_message));
	if (draft->status == CASE_FAILED || draft->status == CASE_ERROR)
		draft->is_outside = is_outside_tests(draft);
	walk->has_case = true;
}

static void end_suite(struct walk *walk)
{
	const struct nest_suite *suite = nest_current(&walk->nest);

	/* The output of a suite of one case is the case's; of more, it is nobody's, unless it was
	 * seen to follow each. */
	if (suite->has_trailing_out || suite->case_count == 1)
		attach_trailing_out(walk);
	deliver(walk);
	add_missing_case(walk);
	clear_suite_out(walk);
	if (walk->handlers->on_suite_ended != NULL && (!suite->is_group || suite->own_case_count))
		walk->handlers->on_suite_ended(walk->handlers->data, nest_tell(&walk->nest));
	nest_close(&walk->nest);
}

static void end_element(struct walk *walk, struct walk_frame *frame)
{
	switch (frame->element) {
	case ELEMENT_SUITES:
	case ELEMENT_SUITE:
		end_suite(walk);
		break;
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
	case ELEMENT_AGAIN:
		agains_end(&walk->draft.agains, text_buf_text(&walk->source));
		break;
	case ELEMENT_TEXT:
	case ELEMENT_AGAIN_TEXT:
		capture_end(frame->text);
		break;
	case ELEMENT_PROPERTY:
		if (walk->handlers->on_suite_ended != NULL)
			end_property(walk);
		break;
	case ELEMENT_OTHER:
	case ELEMENT_PROPERTIES:
		break;
	}
}

void walk_end(struct walk *walk)
{
	if (walk->fault[0] != '\0' || walk->depth == 0)
		return;
	end_element(walk, &walk->frames[walk->depth - 1]);
	walk->depth--;
}

/* A fault in the middle leaves suites open: they end here, with what they have. */
void walk_finish(struct walk *walk)
{
	deliver(walk);
	while (walk->nest.depth > 0) {
		if (walk->handlers->on_suite_ended != NULL && !nest_current(&walk->nest)->is_group)
			walk->handlers->on_suite_ended(walk->handlers->data,
			                               nest_tell(&walk->nest));
		nest_close(&walk->nest);
	}
}
