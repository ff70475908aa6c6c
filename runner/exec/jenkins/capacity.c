/* capacity.c - see capacity.h. */
#include "runner/exec/jenkins/capacity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/api.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* The sum under construction. */
struct summing {
	bool is_labelled;
	struct dict names; /* of the label's nodes */
	char **owned;
	size_t count, cap;
	struct capacity capacity;
	struct text_buf why;
	uint32_t own_count; /* executors that tanda's own build holds */
	char own_node[100];
};

static void on_node(void *data, const char *name)
{
	struct summing *s = data;

	if (s->count == CAPACITY_NODES_MAX)
		return;
	s->owned = mem_grow(s->owned, &s->cap, s->count + 1, sizeof(s->owned[0]));
	s->owned[s->count] = mem_strdup(name);
	(void)!dict_add(&s->names, text_from(s->owned[s->count]), s->count);
	s->count++;
}

static bool is_meant(const struct summing *s, const struct api_computer *computer)
{
	size_t index;

	return !s->is_labelled ||
	       dict_find(&s->names, text_from(computer->is_builtin ? "" : computer->name), &index);
}

static void tell_offline(struct summing *s, const struct api_computer *computer)
{
	if (s->why.len < CAPACITY_WHY_MAX / 2)
		text_buf_printf(&s->why, "%s'%.80s' is offline%s%s", s->why.len > 0 ? "; " : "",
		                computer->name, computer->why_offline[0] != '\0' ? ": " : "",
		                computer->why_offline);
}

static void on_computer(void *data, const struct api_computer *computer)
{
	struct summing *s = data;

	if (!is_meant(s, computer))
		return;
	s->capacity.is_elastic |= computer->is_elastic;
	if (computer->is_offline) {
		tell_offline(s, computer);
		return;
	}
	s->capacity.executors += computer->executors;
	if (computer->runs_own && s->own_count == 0 && computer->executors > 0) {
		s->own_count = 1;
		snprintf(s->own_node, sizeof(s->own_node), "%.90s", computer->name);
	}
}

static void finish(struct summing *s)
{
	struct capacity *c = &s->capacity;

	c->executors -= s->own_count;
	c->is_deadlocked = c->executors == 0 && s->own_count > 0 && !c->is_elastic;
	if (c->is_deadlocked) {
		text_buf_clear(&s->why);
		text_buf_printf(&s->why,
		                "the only executor that may run the job is the one on '%s' that "
		                "tanda's own build holds: each would wait for the other for ever; "
		                "give that node another executor, or run tanda on another one",
		                s->own_node);
	} else if (c->executors == 0 && s->why.len == 0) {
		text_buf_add_str(&s->why, s->is_labelled ? "no node has the job's label"
		                                         : "the controller has no executor");
	}
	snprintf(c->why, sizeof(c->why), "%.*s",
	         TEXT_ARG(text_head(text_buf_text(&s->why), CAPACITY_WHY_MAX)));
}

int capacity_read(struct text computers, struct text label, const char *own_build_url,
                  struct capacity *ret_capacity, struct tanda_error *error)
{
	struct summing s = {.is_labelled = !text_is_empty(label)};
	int status = -1;
	size_t i;

	dict_init(&s.names);
	text_buf_init(&s.why, (size_t)CAPACITY_WHY_MAX * 2);
	if ((!s.is_labelled || api_read_label(label, on_node, &s, error) == 0) &&
	    api_read_computers(computers, own_build_url, on_computer, &s, error) == 0) {
		finish(&s);
		*ret_capacity = s.capacity;
		status = 0;
	}
	for (i = 0; i < s.count; i++)
		free(s.owned[i]);
	free(s.owned);
	dict_deinit(&s.names);
	text_buf_deinit(&s.why);
	return status;
}
