/* sync.c - see sync.h.
 *
 * Everything is run by a shell here, whose output goes straight to the client program of the
 * connection: no byte of the project passes through tanda. An archive counts only when tar here and
 * tar there have both come to their ends, which the node says with a word that nobody else knows;
 * in a folder that stays even that is not believed: it is looked at again. */
#include "runner/exec/workspace/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/exec/loop_uv.h"
#include "runner/exec/shell/link.h"
#include "runner/exec/workspace/comparison.h"
#include "runner/exec/workspace/courier.h"
#include "runner/exec/workspace/manifest.h"
#include "runner/exec/workspace/names.h"
#include "runner/exec/workspace/scratch.h"
#include "runner/exec/workspace/word.h"
#include "shards/base/mem.h"

enum {
	LIST_MAX_BYTES = 256 * 1024 * 1024,
	NOISE_MAX_BYTES = 4096,
	WHY_MAX_BYTES = 500,
	NAME_SHOWN_MAX_BYTES = 200,
	NO_PROGRAM = 127, /* what a shell ends with that has not found it */
	SENDS_MAX = 3,    /* of what changes again and again */
	ASKS_MAX = 3 * SENDS_MAX,
};

enum stage {
	STAGE_LISTING,
	STAGE_FINDING,
	STAGE_TAKING,
	STAGE_SENDING_ALL,
	STAGE_ASKING,
	STAGE_CLEARING,
	STAGE_SENDING,
	STAGE_RSYNCING,
};

struct sync {
	struct loop *loop;
	const struct node_setup *setup;
	const char *socket;
	const struct arrival_listener *listener;
	void *data;
	struct link link;
	enum stage stage;
	bool link_runs, works; /* the latter on another thread */
	struct text_buf output, noise;
	char word[WORD_BYTES]; /* that begins what the node means */
	struct scratch scratch;
	struct manifest manifest;
	struct comparison comparison;
	bool has_comparison, has_sums;
	bool has_no_repository;
	bool is_alone;     /* in a folder of the run's own */
	bool avoids_rsync; /* it is not here, or failed */
	uint32_t asks, sends;
	bool is_verifying; /* the next answer is about what was sent */
	struct arrival arrival;
	char *note;
	bool is_stopped;
};

static void sync_step(struct sync *sync);

static void start(struct sync *sync, enum stage stage, const char *const *argv)
{
	sync->stage = stage;
	sync->link_runs = true;
	text_buf_clear(&sync->output);
	text_buf_clear(&sync->noise);
	link_start(&sync->link, argv);
}

/* ---- its ends ---- */

/* What works may have to end first. */
static void end(struct sync *sync)
{
	sync->is_stopped = true;
	sync_step(sync);
}

static void fail(struct sync *sync, const char *why)
{
	sync->listener->on_failed(sync->data, why, false);
	end(sync);
}

/* The last line that was complained. */
static struct text last_noise(const struct sync *sync)
{
	struct text noise = text_trim(text_buf_text(&sync->noise));
	const char *newline = noise.len > 0 ? memrchr(noise.ptr, '\n', noise.len) : NULL;

	return newline != NULL ? text_from_offset(noise, (size_t)(newline + 1 - noise.ptr)) : noise;
}

/* Trying again is of no use. */
static void fail_for_good(struct sync *sync, const char *why)
{
	sync->listener->on_failed(sync->data, why, true);
	end(sync);
}

static void fail_with_noise(struct sync *sync, const char *what)
{
	char why[WHY_MAX_BYTES], end[80];
	struct text noise = last_noise(sync);

	link_describe_end(&sync->link, end, sizeof(end));
	snprintf(why, sizeof(why), "%s: %.*s", what, (int)(noise.len > 0 ? noise.len : strlen(end)),
	         noise.len > 0 ? noise.ptr : end);
	fail(sync, why);
}

static void succeed(struct sync *sync, const char *dir, bool stays)
{
	sync->arrival.dir = dir;
	sync->arrival.clear_dir = stays ? NULL : dir;
	sync->listener->on_arrived(sync->data, &sync->arrival);
	end(sync);
}

/* ---- what goes ---- */

static void start_words(struct sync *sync, enum stage stage, char **words)
{
	start(sync, stage, (const char *const *)words);
	mem_free_strings(words);
}

static void list_by_git(struct sync *sync)
{
	start_words(sync, STAGE_LISTING, names_by_git(sync->setup->project_dir));
}

static void find_all(struct sync *sync)
{
	sync->has_no_repository = true;
	start_words(sync, STAGE_FINDING, names_by_find(sync->setup->project_dir));
}

/* On another thread. */
static void take_names(void *data)
{
	struct sync *sync = data;

	manifest_take(&sync->manifest, text_buf_text(&sync->output), sync->setup->out_dir,
	              sync->has_no_repository);
}

/* On another thread. */
static void read_sums(void *data)
{
	manifest_read_sums(&((struct sync *)data)->manifest);
}

static void on_worked(void *data)
{
	struct sync *sync = data;

	sync->works = false;
	sync_step(sync);
}

static void work(struct sync *sync, loop_fn fn)
{
	sync->works = true;
	loop_work(sync->loop, fn, on_worked, sync);
}

static bool write_list(const struct sync *sync, enum scratch_file file, bool is_whole)
{
	struct text_buf names;
	bool is_written;
	size_t i;

	text_buf_init(&names, LIST_MAX_BYTES);
	for (i = 0; i < sync->manifest.count; i++) {
		if (!is_whole && !comparison_is_sent(&sync->comparison, i))
			continue;
		text_buf_add_str(&names, sync->manifest.entries[i].name);
		text_buf_add_char(&names, '\0');
	}
	is_written =
		!names.overflowed && scratch_write(&sync->scratch, file, text_buf_text(&names));
	text_buf_deinit(&names);
	return is_written;
}

/* ---- sending ---- */

static void send_all(struct sync *sync)
{
	sync->is_alone = true;
	sync->arrival.sent_by = "tar";
	sync->arrival.sent_bytes += manifest_bytes(&sync->manifest);
	sync->arrival.sent_files += manifest_file_count(&sync->manifest);
	start_words(sync, STAGE_SENDING_ALL,
	            courier_pack(sync->setup, sync->socket, "alone", sync->word, &sync->scratch,
	                         SCRATCH_WANT,
	                         sync->manifest.entries[sync->manifest.count - 1].name));
}

/* What it is like there, while this machine finds out what it is like here. */
static void ask(struct sync *sync)
{
	if (sync->asks++ == ASKS_MAX) {
		fail(sync, "its folder there does not stay as it is left");
		return;
	}
	start_words(sync, STAGE_ASKING,
	            courier_feed(sync->setup, sync->socket, "ask", sync->word, &sync->scratch,
	                         SCRATCH_WANT));
	if (!sync->has_sums)
		work(sync, read_sums);
	sync->has_sums = true;
}

static void clear_there(struct sync *sync)
{
	if (scratch_write(&sync->scratch, SCRATCH_ORDERS, text_buf_text(&sync->comparison.orders)))
		start_words(sync, STAGE_CLEARING,
		            courier_feed(sync->setup, sync->socket, "clear", sync->word,
		                         &sync->scratch, SCRATCH_ORDERS));
	else
		fail(sync, "what is to be removed there could not be written to TMPDIR");
}

/* rsync where something is there already in another form, of which it need not send all. */
static void send_differing(struct sync *sync)
{
	const struct comparison *comparison = &sync->comparison;
	char **words = NULL;

	if (!write_list(sync, SCRATCH_SEND, false)) {
		fail(sync, "the list of what is sent could not be written to TMPDIR");
		return;
	}
	sync->sends++;
	sync->is_verifying = true;
	sync->arrival.sent_bytes += comparison->bytes;
	sync->arrival.sent_files += comparison->file_count;
	if (comparison->has_old && comparison->has_rsync && !sync->avoids_rsync)
		words = courier_rsync(sync->setup, sync->socket, sync->word, &sync->scratch,
		                      comparison->dir);
	sync->arrival.sent_by = words != NULL ? "rsync" : "tar";
	if (words != NULL)
		start_words(sync, STAGE_RSYNCING, words);
	else
		start_words(sync, STAGE_SENDING,
		            courier_pack(sync->setup, sync->socket,
		                         comparison->is_new ? "send" : "renew", sync->word,
		                         &sync->scratch, SCRATCH_SEND, NULL));
}

/* ---- what comes back ---- */

static bool ended_well(const struct sync *sync)
{
	return sync->link.spawn_fault == 0 && sync->link.exit_signal == 0 &&
	       sync->link.exit_code == 0;
}

static void take_listing(struct sync *sync)
{
	if (sync->stage == STAGE_LISTING && !ended_well(sync)) {
		/* No repository or no git: all goes. What git ignores may be secret, and must not
		 * because of a fault. */
		if (sync->link.exit_code != NO_PROGRAM &&
		    names_are_of_repository(sync->setup->project_dir))
			fail_with_noise(sync, "git cannot list the project's files");
		else
			find_all(sync);
	} else if (!ended_well(sync) || sync->output.overflowed) {
		fail_with_noise(sync, "the project's files could not be listed");
	} else {
		sync->stage = STAGE_TAKING;
		sync->has_sums = false;
		work(sync, take_names);
	}
}

static void take_manifest(struct sync *sync)
{
	if (sync->manifest.fault != NULL)
		fail(sync, sync->manifest.fault);
	else if (sync->manifest.count == 0)
		fail_for_good(sync,
		              "git ignores all that is in the project, and what it ignores is not "
		              "brought: where that is a repository around it, make the project one "
		              "of its own");
	else if (!scratch_make(&sync->scratch) || !write_list(sync, SCRATCH_WANT, true))
		fail(sync, "the list of the project's files could not be written to TMPDIR");
	else if (sync->setup->keep && !sync->is_alone)
		ask(sync);
	else
		send_all(sync);
}

/* tar's own end here: 1 says that a file changed while it was read. */
static bool was_packed(const struct sync *sync)
{
	int code = scratch_read_number(&sync->scratch, SCRATCH_CODE);

	return code == 0 || code == 1;
}

/* The folder behind that word; NULL: it has not been said. The caller frees it. */
static char *told_dir(const struct sync *sync, const char *verb)
{
	struct text dir = word_said(text_buf_text(&sync->output), sync->word, verb);

	return text_has_prefix(dir, TEXT_LIT("/")) ? text_dup(dir) : NULL;
}

static void take_sent_all(struct sync *sync)
{
	char *dir = told_dir(sync, "alone");

	if (dir == NULL)
		fail_with_noise(sync, "the project could not be brought there");
	else if (!was_packed(sync))
		fail_with_noise(sync, "the project could not be packed here");
	else
		succeed(sync, dir, false);
	free(dir);
}

static void forget_comparison(struct sync *sync)
{
	if (sync->has_comparison)
		comparison_deinit(&sync->comparison);
	sync->has_comparison = false;
}

/* The first entry that differs there, and has not been written to here; -1: none. */
static ssize_t find_refused(const struct sync *sync)
{
	size_t i;

	for (i = 0; i < sync->manifest.count; i++) {
		if (comparison_is_sent(&sync->comparison, i) &&
		    !manifest_has_changed(&sync->manifest, i))
			return (ssize_t)i;
	}
	return -1;
}

/* It was sent, and differs. What is written to all the time has no right content. */
static void look_into_difference(struct sync *sync)
{
	ssize_t refused = find_refused(sync);
	char why[WHY_MAX_BYTES];

	if (sync->sends < SENDS_MAX) {
		sync->is_verifying = false;
		list_by_git(sync);
	} else if (refused < 0) {
		succeed(sync, sync->comparison.dir, true);
	} else {
		snprintf(why, sizeof(why),
		         "'%.*s' is not there as it is here, though it was sent %u times: does "
		         "something else write to %.200s?",
		         NAME_SHOWN_MAX_BYTES, sync->manifest.entries[refused].name + 2,
		         (unsigned)sync->sends, sync->comparison.dir);
		fail(sync, why);
	}
}

static void act_on_comparison(struct sync *sync)
{
	if (sync->comparison.must_clear)
		clear_there(sync);
	else if (sync->comparison.differing_count == 0)
		succeed(sync, sync->comparison.dir, true);
	else if (sync->is_verifying)
		look_into_difference(sync);
	else
		send_differing(sync);
}

static void take_answer(struct sync *sync, const char *what)
{
	struct text why = TEXT_EMPTY;

	forget_comparison(sync);
	switch (comparison_make(&sync->manifest, text_buf_text(&sync->output), sync->word,
	                        &sync->comparison, &why)) {
	case COMPARISON_MADE:
		sync->has_comparison = true;
		act_on_comparison(sync);
		break;
	case COMPARISON_APART:
		sync->note = text_dup(text_head(why, WHY_MAX_BYTES));
		sync->arrival.note = sync->note;
		send_all(sync);
		break;
	case COMPARISON_MISSING:
		fail_with_noise(sync, what);
		break;
	}
}

static void take_cleared(struct sync *sync)
{
	char *words = mem_printf("\n%s cleared", sync->word);
	bool is_done = text_contains(text_buf_text(&sync->output), text_from(words));

	free(words);
	if (!is_done)
		fail_with_noise(sync,
		                "what is no longer part of the project could not be removed there");
	else if (sync->comparison.has_closed || sync->comparison.differing_count == 0)
		ask(sync); /* nothing is used that was not seen as it was left */
	else
		send_differing(sync);
}

static void take_sent(struct sync *sync)
{
	bool was_answered = word_said(text_buf_text(&sync->output), sync->word, "answer").len > 0;

	/* Without an answer the archiver here may have ended of that. */
	if (was_answered && scratch_read_number(&sync->scratch, SCRATCH_CODE) > 1)
		fail_with_noise(sync, "the project could not be packed here");
	else
		take_answer(sync, "the project could not be brought there");
}

static void take_rsynced(struct sync *sync)
{
	if (ended_well(sync)) {
		ask(sync);
		return;
	}
	sync->avoids_rsync = true; /* tar says what is wrong, if anything is */
	sync->arrival.sent_bytes -= sync->comparison.bytes;
	sync->arrival.sent_files -= sync->comparison.file_count;
	send_differing(sync);
}

/* ---- its life ---- */

/* What is new there can be sent before it is known what it is like here. */
static bool waits_for_work(const struct sync *sync)
{
	return sync->works && (sync->is_stopped || sync->stage != STAGE_ASKING ||
	                       !comparison_is_of_new(text_buf_text(&sync->output), sync->word));
}

static void sync_step(struct sync *sync)
{
	if (sync->link_runs || waits_for_work(sync))
		return;
	if (sync->is_stopped) {
		sync->listener->on_over(sync->data);
		return;
	}
	switch (sync->stage) {
	case STAGE_LISTING:
	case STAGE_FINDING:
		take_listing(sync);
		break;
	case STAGE_TAKING:
		take_manifest(sync);
		break;
	case STAGE_SENDING_ALL:
		take_sent_all(sync);
		break;
	case STAGE_ASKING:
		take_answer(sync, "its folder there could not be looked at");
		break;
	case STAGE_CLEARING:
		take_cleared(sync);
		break;
	case STAGE_SENDING:
		take_sent(sync);
		break;
	case STAGE_RSYNCING:
		take_rsynced(sync);
		break;
	}
}

static void add_capped(struct text_buf *buf, struct text bytes)
{
	if (bytes.len > buf->max - buf->len)
		text_buf_clear(buf); /* the end is what counts */
	text_buf_add(buf, text_tail(bytes, buf->max));
}

static void on_output(struct link *link, struct text bytes)
{
	text_buf_add(&((struct sync *)link->data)->output, bytes);
}

static void on_noise(struct link *link, struct text bytes)
{
	add_capped(&((struct sync *)link->data)->noise, bytes);
}

static void on_down(struct link *link)
{
	struct sync *sync = link->data;

	sync->link_runs = false;
	sync_step(sync);
}

static const struct link_listener link_listener = {
	.on_output = on_output,
	.on_noise = on_noise,
	.on_down = on_down,
};

struct sync *sync_new(struct loop *loop, const struct node_setup *setup, const char *socket,
                      const struct arrival_listener *listener, void *data)
{
	struct sync *sync = mem_calloc(1, sizeof(*sync));

	*sync = (struct sync){.loop = loop,
	                      .setup = setup,
	                      .socket = socket,
	                      .listener = listener,
	                      .data = data,
	                      .avoids_rsync = !courier_has_rsync(),
	                      .arrival = {.sent_by = ""}};
	link_init(&sync->link, loop_uv(loop), &link_listener, sync);
	manifest_init(&sync->manifest, setup->project_dir);
	text_buf_init(&sync->output, LIST_MAX_BYTES);
	text_buf_init(&sync->noise, NOISE_MAX_BYTES);
	word_make(sync->word);
	list_by_git(sync);
	return sync;
}

void sync_stop(struct sync *sync)
{
	sync->is_stopped = true;
	link_kill_group(&sync->link);
}

char *sync_begun_dir(const struct sync *sync)
{
	return sync->stage == STAGE_SENDING_ALL ? told_dir(sync, "begun") : NULL;
}

void sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	forget_comparison(sync);
	free(sync->note);
	scratch_remove(&sync->scratch);
	manifest_deinit(&sync->manifest);
	text_buf_deinit(&sync->output);
	text_buf_deinit(&sync->noise);
	free(sync);
}
