/* mask.c - see mask.h: bytes that are held back until it is known what to hide of them. */
#include "shards/base/mask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mask_automaton.h"
#include "shards/base/mem.h"

enum {
	PIECE_MAX_BYTES = 64 * 1024, /* that is looked at in one go */
	CUT_MIN_BYTES = 3,           /* of a secret's start, where a stream was cut short */
};

struct mask {
	struct mask_graph *graph;
	struct text *secrets;
	size_t count;
};

/* Bytes to hide, by their place among those held back. */
struct hidden {
	size_t start, end;
};

struct masker {
	const struct mask *mask;
	struct mask_automaton automaton;
	uint32_t state;
	struct text_buf held;
	struct hidden *hidden; /* in order, apart from each other */
	size_t hidden_count, hidden_cap;
	bool is_hiding;  /* the last that was given out is the word for what ends before `held` */
	bool has_hidden; /* anything, in this text */
	int found;
};

struct mask *mask_new(const struct text *secrets, size_t count)
{
	struct mask *mask = mem_calloc(1, sizeof(*mask));
	size_t i;

	mask->graph = mask_graph_new(secrets, count);
	mask->secrets = mem_calloc(count, sizeof(mask->secrets[0]));
	mask->count = count;
	for (i = 0; i < count; i++)
		mask->secrets[i] = (struct text){text_dup(secrets[i]), secrets[i].len};
	return mask;
}

void mask_free(struct mask *mask)
{
	size_t i;

	if (mask == NULL)
		return;
	for (i = 0; i < mask->count; i++)
		free((char *)mask->secrets[i].ptr);
	free(mask->secrets);
	mask_graph_free(mask->graph);
	free(mask);
}

const struct text *mask_secrets(const struct mask *mask, size_t *ret_count)
{
	*ret_count = mask->count;
	return mask->secrets;
}

struct masker *masker_new(const struct mask *mask)
{
	struct masker *masker = mem_calloc(1, sizeof(*masker));

	masker->mask = mask;
	masker->found = -1;
	mask_automaton_init(&masker->automaton, mask->graph);
	text_buf_init(&masker->held, SIZE_MAX / 4);
	return masker;
}

void masker_free(struct masker *masker)
{
	if (masker == NULL)
		return;
	mask_automaton_deinit(&masker->automaton);
	text_buf_deinit(&masker->held);
	free(masker->hidden);
	free(masker);
}

int masker_found(const struct masker *masker)
{
	return masker->found;
}

/* ---- looking ---- */

/* Whatever it overlaps or touches is hidden together with it. */
static void hide(struct masker *masker, size_t start, size_t end)
{
	while (masker->hidden_count > 0 && masker->hidden[masker->hidden_count - 1].end >= start) {
		struct hidden *last = &masker->hidden[--masker->hidden_count];

		if (last->start < start)
			start = last->start;
	}
	masker->hidden = mem_grow(masker->hidden, &masker->hidden_cap, masker->hidden_count + 1,
	                          sizeof(masker->hidden[0]));
	masker->hidden[masker->hidden_count++] = (struct hidden){start, end};
}

/* Where a form may begin at the earliest, from `at` on. */
static size_t skip(const struct masker *masker, size_t at)
{
	const struct mask_graph *graph = masker->mask->graph;
	const char *bytes = masker->held.ptr;
	size_t last = masker->held.len;

	while (at + MASK_WINDOW <= last && !mask_graph_may_begin(graph, bytes + at))
		at++;
	return at;
}

/* Look at what was added. Where every form that has begun is younger than the window, going back to
 * where the oldest began and looking through the filter comes to the same. */
static void look(struct masker *masker, size_t at)
{
	const char *bytes = masker->held.ptr;
	size_t begun = at - masker->automaton.states[masker->state].age;
	uint32_t state = masker->state;

	if (state == MASK_ROOT)
		begun = at = skip(masker, at);
	while (at < masker->held.len) {
		const struct mask_state *now;

		state = mask_automaton_step(&masker->automaton, state, (unsigned char)bytes[at++]);
		now = &masker->automaton.states[state];
		if (now->found_bytes > 0) {
			hide(masker, at - now->found_bytes, at);
			if (masker->found < 0)
				masker->found = (int)now->secret;
		}
		if (now->age < MASK_WINDOW && now->age < at - begun) {
			begun = at = skip(masker, at - now->age);
			state = MASK_ROOT;
		}
	}
	masker->state = state;
}

/* ---- giving out ---- */

static void give(struct masker *masker, size_t start, size_t end, struct text_buf *out)
{
	if (end <= start)
		return;
	text_buf_add(out, (struct text){masker->held.ptr + start, end - start});
	masker->is_hiding = false;
}

/* Give out what is before `end`, of which nothing can change any more. */
static void release(struct masker *masker, size_t end, struct text_buf *out)
{
	size_t at = 0, kept = 0, i;

	for (i = 0; i < masker->hidden_count; i++) {
		struct hidden *hidden = &masker->hidden[i];

		if (hidden->start >= end) {
			masker->hidden[kept++] =
				(struct hidden){hidden->start - end, hidden->end - end};
			continue;
		}
		give(masker, at, hidden->start, out);
		if (!masker->is_hiding)
			text_buf_add(out, MASK_WORD);
		masker->is_hiding = masker->has_hidden = true;
		at = hidden->end;
		if (hidden->end > end)
			masker->hidden[kept++] = (struct hidden){0, hidden->end - end};
	}
	masker->hidden_count = kept;
	give(masker, at, end, out);
	if (end > 0)
		memmove(masker->held.ptr, masker->held.ptr + end, masker->held.len - end);
	masker->held.len -= end;
}

void masker_add(struct masker *masker, struct text bytes, struct text_buf *out)
{
	while (bytes.len > 0) {
		size_t at = masker->held.len;
		struct text piece = {bytes.ptr,
		                     bytes.len < PIECE_MAX_BYTES ? bytes.len : PIECE_MAX_BYTES};

		text_buf_add(&masker->held, piece);
		look(masker, at);
		release(masker, masker->held.len - masker->automaton.states[masker->state].age,
		        out);
		bytes = text_from_offset(bytes, piece.len);
	}
}

void masker_end(struct masker *masker, struct text_buf *out)
{
	release(masker, masker->held.len, out);
	masker->state = MASK_ROOT;
	masker->is_hiding = false;
}

void masker_end_cut(struct masker *masker, struct text_buf *out)
{
	size_t age = masker->automaton.states[masker->state].age;

	if (age >= CUT_MIN_BYTES)
		hide(masker, masker->held.len - age, masker->held.len);
	masker_end(masker, out);
}

bool masker_hide(struct masker *masker, struct text text, struct text_buf *out)
{
	size_t at = out->len;

	masker->has_hidden = false;
	masker_add(masker, text, out);
	masker_end(masker, out);
	if (!masker->has_hidden && out->ptr != NULL) {
		out->len = at;
		out->ptr[at] = '\0';
	}
	return masker->has_hidden;
}
