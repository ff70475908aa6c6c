/* checkout.c - see checkout.h. */
#include "runner/exec/workspace/checkout.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop_uv.h"
#include "runner/exec/shell/link.h"
#include "runner/exec/workspace/keeper.h"
#include "runner/exec/workspace/standing.h"
#include "runner/exec/workspace/word.h"
#include "shards/base/mem.h"

enum {
	OUTPUT_MAX_BYTES = 64 * 1024 * 1024,
	NOISE_MAX_BYTES = 4096,
	WHY_MAX_BYTES = 500,
};

struct checkout {
	const struct node_setup *setup;
	const char *socket;
	const struct arrival_listener *listener;
	void *data;
	struct link link;
	bool is_there; /* the node was asked */
	bool stays;    /* into a folder that does */
	bool is_stopped;
	char *note;
	struct text_buf output, noise;
	char word[WORD_BYTES];
	struct standing standing;
};

static void start(struct checkout *checkout, char **words)
{
	text_buf_clear(&checkout->output);
	text_buf_clear(&checkout->noise);
	link_start(&checkout->link, (const char *const *)words);
	mem_free_strings(words);
}

static void fail(struct checkout *checkout, const char *why, bool is_final)
{
	checkout->listener->on_failed(checkout->data, why, is_final);
}

static void fail_with_noise(struct checkout *checkout, const char *what, bool is_final)
{
	char why[WHY_MAX_BYTES], end[80];
	struct text noise = text_trim(text_buf_text(&checkout->noise)), line = TEXT_EMPTY;

	(void)text_next_line(&noise, &line);
	link_describe_end(&checkout->link, end, sizeof(end));
	snprintf(why, sizeof(why), "%s: %.*s", what, (int)(line.len > 0 ? line.len : strlen(end)),
	         line.len > 0 ? line.ptr : end);
	fail(checkout, why, is_final);
}

/* ---- what stands here ---- */

static bool ended_well(const struct checkout *checkout)
{
	return checkout->link.spawn_fault == 0 && checkout->link.exit_signal == 0 &&
	       checkout->link.exit_code == 0;
}

static void ask(struct checkout *checkout)
{
	start(checkout, keeper_checkout_words(checkout->setup, checkout->socket, checkout->word,
	                                      &checkout->standing, checkout->stays));
}

/* False: that was all. */
static bool take_standing(struct checkout *checkout)
{
	const struct node_setup *setup = checkout->setup;
	char why[WHY_MAX_BYTES];

	if (!ended_well(checkout) || checkout->output.overflowed) {
		fail_with_noise(checkout, "git cannot tell what stands here", true);
		return false;
	}
	if (!standing_read(text_buf_text(&checkout->output), setup->git_url != NULL,
	                   &checkout->standing, why, sizeof(why))) {
		fail(checkout, why, true);
		return false;
	}
	checkout->is_there = true;
	checkout->stays = setup->keep;
	ask(checkout);
	return true;
}

/* ---- what stands there ---- */

/* "1 /folder": whether it was fetched, and where it is. */
static void take_place(struct checkout *checkout, struct text said)
{
	struct text place = text_from_offset(said, 2);
	const char *prefix = checkout->standing.prefix;
	char *box = text_dup(place), *dir = mem_printf("%s/clone/%s", box, prefix);
	size_t len = strlen(dir);

	if (dir[len - 1] == '/')
		dir[len - 1] = '\0';
	checkout->listener->on_arrived(
		checkout->data, &(struct arrival){.dir = dir,
	                                          .clear_dir = checkout->stays ? NULL : box,
	                                          .note = checkout->note,
	                                          .sent_by = said.ptr[0] == '1' ? "git" : ""});
	free(dir);
	free(box);
}

/* False: that was all. */
static bool take_answer(struct checkout *checkout)
{
	struct text output = text_buf_text(&checkout->output);
	struct text place = word_said(output, checkout->word, "standing"),
		    refusal = word_said(output, checkout->word, "refused"),
		    apart = word_said(output, checkout->word, "apart");
	char *why;

	if (apart.len > 0 && checkout->stays) {
		checkout->stays = false;
		checkout->note = text_dup(text_head(apart, WHY_MAX_BYTES));
		ask(checkout);
		return true;
	}
	if (place.len > 2 && place.ptr[2] == '/') {
		take_place(checkout, place);
	} else if (refusal.len > 0) {
		why = text_dup(text_head(refusal, WHY_MAX_BYTES));
		fail(checkout, why, false);
		free(why);
	} else {
		fail_with_noise(checkout, "the commit could not be brought there", false);
	}
	return false;
}

/* ---- its life ---- */

static void add_capped(struct text_buf *buf, struct text bytes)
{
	text_buf_add(buf, text_head(bytes, buf->max - buf->len));
}

static void on_output(struct link *link, struct text bytes)
{
	text_buf_add(&((struct checkout *)link->data)->output, bytes);
}

static void on_noise(struct link *link, struct text bytes)
{
	add_capped(&((struct checkout *)link->data)->noise, bytes);
}

static void on_down(struct link *link)
{
	struct checkout *checkout = link->data;

	if (!checkout->is_stopped &&
	    (checkout->is_there ? take_answer(checkout) : take_standing(checkout)))
		return;
	checkout->listener->on_over(checkout->data);
}

static const struct link_listener link_listener = {
	.on_output = on_output,
	.on_noise = on_noise,
	.on_down = on_down,
};

struct checkout *checkout_new(struct loop *loop, const struct node_setup *setup, const char *socket,
                              const struct arrival_listener *listener, void *data)
{
	struct checkout *checkout = mem_calloc(1, sizeof(*checkout));

	*checkout = (struct checkout){
		.setup = setup, .socket = socket, .listener = listener, .data = data};
	link_init(&checkout->link, loop_uv(loop), &link_listener, checkout);
	text_buf_init(&checkout->output, OUTPUT_MAX_BYTES);
	text_buf_init(&checkout->noise, NOISE_MAX_BYTES);
	word_make(checkout->word);
	start(checkout, standing_words(setup->project_dir, setup->git_url));
	return checkout;
}

void checkout_stop(struct checkout *checkout)
{
	checkout->is_stopped = true;
	link_kill_group(&checkout->link);
}

void checkout_free(struct checkout *checkout)
{
	if (checkout == NULL)
		return;
	standing_deinit(&checkout->standing);
	free(checkout->note);
	text_buf_deinit(&checkout->output);
	text_buf_deinit(&checkout->noise);
	free(checkout);
}
