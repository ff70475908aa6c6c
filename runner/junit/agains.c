/* agains.c - see agains.h. */
#include "runner/junit/agains.h"

#include <string.h>

#include "runner/junit/read.h"
#include "runner/junit/seconds.h"
#include "shards/base/mem.h"

enum {
	STRINGS_MAX_BYTES = AGAINS_MAX * (3 * AGAIN_TEXT_MAX_BYTES + 2 * CAPTURE_MARKS_MAX_BYTES +
	                                  2 * JUNIT_MESSAGE_MAX_BYTES)
};

void agains_init(struct agains *agains)
{
	text_buf_init(&agains->strings, STRINGS_MAX_BYTES);
	text_buf_init(&agains->type, JUNIT_MESSAGE_MAX_BYTES);
	text_buf_init(&agains->message, JUNIT_MESSAGE_MAX_BYTES);
	capture_init(&agains->body);
	capture_init(&agains->out);
	capture_init(&agains->err);
	agains->count = 0;
}

void agains_deinit(struct agains *agains)
{
	text_buf_deinit(&agains->strings);
	text_buf_deinit(&agains->type);
	text_buf_deinit(&agains->message);
	capture_deinit(&agains->body);
	capture_deinit(&agains->out);
	capture_deinit(&agains->err);
}

void agains_clear(struct agains *agains)
{
	text_buf_clear(&agains->strings);
	agains->count = 0;
}

bool agains_know(const char *name, bool *ret_case_passed, bool *ret_is_error)
{
	static const struct {
		const char *name;
		bool case_passed, is_error;
	} elements[] = {
		{"flakyFailure", true, false},
		{"flakyError", true, true},
		{"rerunFailure", false, false},
		{"rerunError", false, true},
	};
	size_t i;

	for (i = 0; i < countof(elements); i++) {
		if (strcmp(name, elements[i].name) != 0)
			continue;
		*ret_case_passed = elements[i].case_passed;
		*ret_is_error = elements[i].is_error;
		return true;
	}
	return false;
}

static void take_line(struct attributes attributes, const char *name, struct text_buf *out)
{
	struct text_buf value;

	text_buf_init(&value, JUNIT_ATTRIBUTE_MAX_BYTES);
	attributes_add_clean(attributes, name, &value);
	text_buf_clear(out);
	clean_add_line(out, text_buf_text(&value), out->max);
	text_buf_deinit(&value);
}

void agains_begin(struct agains *agains, const char *name, struct attributes attributes)
{
	struct again_lens *open = &agains->open;

	*open = (struct again_lens){0};
	(void)agains_know(name, &open->case_passed, &open->is_error);
	(void)seconds_parse(attributes_find(attributes, "time"), &open->time_ns);
	open->started = instant_parse(attributes_find(attributes, "timestamp"));
	take_line(attributes, "type", &agains->type);
	take_line(attributes, "message", &agains->message);
	capture_begin(&agains->body, AGAIN_TEXT_MAX_BYTES, CAPTURE_MARKS_STAY);
	capture_begin(&agains->out, AGAIN_TEXT_MAX_BYTES, CAPTURE_MARKS_IN_FRONT);
	capture_begin(&agains->err, AGAIN_TEXT_MAX_BYTES, CAPTURE_MARKS_IN_FRONT);
}

void agains_end(struct agains *agains, struct text source)
{
	struct text texts[5];
	size_t i;

	capture_end(&agains->body);
	capture_end(&agains->out);
	capture_end(&agains->err);
	if (agains->count == AGAINS_MAX)
		return;
	texts[2] = capture_split(capture_rest(&agains->body, source), &agains->message);
	texts[0] = text_buf_text(&agains->type);
	texts[1] = text_buf_text(&agains->message);
	texts[3] = capture_text(&agains->out, source);
	texts[4] = capture_text(&agains->err, source);
	agains->open.start = agains->strings.len;
	for (i = 0; i < countof(texts); i++) {
		agains->open.lens[i] = texts[i].len;
		text_buf_add(&agains->strings, texts[i]);
	}
	agains->list[agains->count++] = agains->open;
}

const struct junit_again *agains_tell(struct agains *agains)
{
	size_t i, j;

	for (i = 0; i < agains->count; i++) {
		const struct again_lens *from = &agains->list[i];
		struct junit_again *told = &agains->told[i];
		struct text *texts[] = {&told->type, &told->message, &told->body, &told->out,
		                        &told->err};
		size_t start = from->start;

		told->case_passed = from->case_passed;
		told->time_ns = from->time_ns;
		told->started = from->started;
		for (j = 0; j < countof(texts); start += from->lens[j++])
			*texts[j] = (struct text){agains->strings.ptr + start, from->lens[j]};
	}
	return agains->told;
}

void agains_drop_first(struct agains *agains)
{
	agains->count--;
	memmove(agains->list, agains->list + 1, agains->count * sizeof(agains->list[0]));
}
