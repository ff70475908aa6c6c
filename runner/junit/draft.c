/* draft.c - see draft.h. */
#include "runner/junit/draft.h"

#include <string.h>

#include "runner/junit/clean.h"
#include "runner/junit/read.h"

void draft_init(struct draft *draft, size_t text_max_bytes)
{
	draft->text_max_bytes = text_max_bytes;
	text_buf_init(&draft->classname, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&draft->name, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&draft->file, JUNIT_ATTRIBUTE_MAX_BYTES);
	text_buf_init(&draft->type, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&draft->message, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&draft->first_message, text_max_bytes);
	text_buf_init(&draft->whole_body, text_max_bytes);
	properties_init(&draft->properties);
	agains_init(&draft->agains);
	capture_init(&draft->body);
	capture_init(&draft->out);
	capture_init(&draft->err);
}

void draft_deinit(struct draft *draft)
{
	text_buf_deinit(&draft->classname);
	text_buf_deinit(&draft->name);
	text_buf_deinit(&draft->file);
	text_buf_deinit(&draft->type);
	text_buf_deinit(&draft->message);
	text_buf_deinit(&draft->first_message);
	text_buf_deinit(&draft->whole_body);
	capture_deinit(&draft->body);
	capture_deinit(&draft->out);
	capture_deinit(&draft->err);
	properties_deinit(&draft->properties);
	agains_deinit(&draft->agains);
}

void draft_begin(struct draft *draft)
{
	text_buf_clear(&draft->classname);
	text_buf_clear(&draft->name);
	text_buf_clear(&draft->file);
	text_buf_clear(&draft->type);
	text_buf_clear(&draft->message);
	text_buf_clear(&draft->first_message);
	capture_begin(&draft->body, draft->text_max_bytes, CAPTURE_MARKS_STAY);
	capture_begin(&draft->out, draft->text_max_bytes, CAPTURE_MARKS_IN_FRONT);
	capture_begin(&draft->err, draft->text_max_bytes, CAPTURE_MARKS_IN_FRONT);
	properties_cut(&draft->properties, 0);
	agains_clear(&draft->agains);
	draft->started = (struct instant){0};
	draft->line = 0;
	draft->time_known = false;
	draft->time_ns = 0;
	draft->is_outside = false;
	draft->is_unrun = false;
	draft->status = CASE_PASSED;
	draft->result_count = 0;
	draft->first_is_outranked = false;
}

static int severity(enum case_status status)
{
	switch (status) {
	case CASE_PASSED:
		return 0;
	case CASE_SKIPPED:
		return 1;
	case CASE_FAILED:
		return 2;
	case CASE_ERROR:
		return 3;
	}
	return 0;
}

static const char *element_name(enum case_status status)
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
	return "passed";
}

static void add_also(struct capture *body, enum case_status status, struct text message)
{
	capture_add(body, TEXT_LIT("--- also: "));
	capture_add(body, text_from(element_name(status)));
	if (message.len > 0)
		capture_add(body, TEXT_LIT(" "));
	capture_add(body, message);
	capture_end(body);
}

static void set_deciding(struct draft *draft, enum case_status status, struct text type,
                         struct text message)
{
	draft->status = status;
	text_buf_clear(&draft->type);
	text_buf_clear(&draft->message);
	clean_add_line(&draft->type, type, JUNIT_MESSAGE_MAX_BYTES);
	clean_add_line(&draft->message, message, JUNIT_MESSAGE_MAX_BYTES);
}

void draft_result_begin(struct draft *draft, enum case_status status, struct text type,
                        struct text message)
{
	bool is_first = draft->result_count++ == 0;

	if (is_first)
		text_buf_add(&draft->first_message, message);
	else
		add_also(&draft->body, status, message);
	if (is_first || severity(status) > severity(draft->status)) {
		draft->first_is_outranked = !is_first;
		set_deciding(draft, status, type, message);
	}
}

void draft_result_end(struct draft *draft)
{
	capture_end(&draft->body);
}

void draft_status(struct draft *draft, enum case_status status, struct text message)
{
	if (draft->result_count == 0)
		set_deciding(draft, status, TEXT_EMPTY, message);
}

/* A message of many lines, cut short or outranked, is told in full at the head of the body, unless
 * the text begins with it anyway. */
static struct text body_with_message(struct draft *draft, struct text source, struct text body)
{
	struct text message = text_trim(text_buf_text(&draft->first_message));
	bool is_told =
		!draft->first_is_outranked && text_equal(message, text_buf_text(&draft->message));
	struct capture joined;

	if (message.len == 0 || is_told || text_has_prefix(text_trim(body), message))
		return body;
	capture_init(&joined);
	capture_begin(&joined, draft->text_max_bytes, CAPTURE_MARKS_STAY);
	capture_add(&joined, message);
	capture_end(&joined);
	capture_add(&joined, body);
	text_buf_clear(&draft->whole_body);
	text_buf_add(&draft->whole_body, capture_rest(&joined, source));
	capture_deinit(&joined);
	return text_buf_text(&draft->whole_body);
}

void draft_promote_rerun(struct draft *draft)
{
	const struct again_lens *first = draft->agains.list;
	const struct junit_again *again;

	if (draft->result_count > 0 || draft->agains.count == 0 || first->case_passed)
		return;
	again = agains_tell(&draft->agains);
	draft_result_begin(draft, first->is_error ? CASE_ERROR : CASE_FAILED, again->type,
	                   again->message);
	capture_add(&draft->body, again->body);
	draft_result_end(draft);
	capture_add(&draft->out, again->out);
	capture_end(&draft->out);
	capture_add(&draft->err, again->err);
	capture_end(&draft->err);
	agains_drop_first(&draft->agains);
}

/* Is it "Class::name" of the case? Classes are told with '.' where PHP itself has '\\'. */
static bool is_own_name(const struct draft *draft, struct text line)
{
	struct text class = text_buf_text(&draft->classname), name = text_buf_text(&draft->name);
	size_t i;

	if (line.len != class.len + strlen("::") + name.len || !text_has_suffix(line, name) ||
	    memcmp(line.ptr + class.len, "::", strlen("::")) != 0)
		return false;
	for (i = 0; i < class.len; i++) {
		char c = line.ptr[i] == '\\' ? '.' : line.ptr[i];

		if (c != (class.ptr[i] == '\\' ? '.' : class.ptr[i]))
			return false;
	}
	return true;
}

/* PHPUnit has no message and begins its text with the case's name, which tells nobody what failed.
 */
static struct text without_own_name(const struct draft *draft, struct text body)
{
	struct text rest = body, line;

	if (draft->message.len > 0 || !text_next_line(&rest, &line) || !is_own_name(draft, line))
		return body;
	rest = capture_trim(rest);
	return text_is_empty(rest) ? body : rest;
}

void draft_finish(struct draft *draft, struct text source, struct junit_case_in *ret_case)
{
	struct text body = TEXT_EMPTY;

	if (draft->result_count > 0) {
		body = body_with_message(draft, source, capture_rest(&draft->body, source));
		body = capture_split(without_own_name(draft, body), &draft->message);
	}
	*ret_case = (struct junit_case_in){
		.started = draft->started,
		.properties = properties_tell(&draft->properties, 0),
		.property_count = draft->properties.count,
		.agains = agains_tell(&draft->agains),
		.again_count = draft->agains.count,
	};
	ret_case->result = (struct case_result){
		.classname = text_buf_text(&draft->classname),
		.name = text_buf_text(&draft->name),
		.file = text_buf_text(&draft->file),
		.line = draft->line,
		.status = draft->status,
		.is_outside = draft->is_outside,
		.is_unrun = draft->is_unrun,
		.time_known = draft->time_known,
		.time_ns = draft->time_ns,
		.type = text_buf_text(&draft->type),
		.message = text_buf_text(&draft->message),
		.body = body,
		.out = capture_text(&draft->out, source),
		.err = capture_text(&draft->err, source),
	};
}
