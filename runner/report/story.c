/* story.c - see story.h. */
#include "runner/report/story.h"

#include <inttypes.h>
#include <stdlib.h>

#include "runner/report/node_words.h"
#include "runner/report/summary.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"

enum {
	PERCENT = 100,
	LOST_MIN_NS = 100 * 1000 * 1000,
	NOTABLE_PERCENT = 3,   /* of the makespan: a pole shorter than that is none */
	START_UP_PERCENT = 10, /* of the work: above it, fewer starts are worth a thought */
	GAIN_PERCENT = 10,     /* that more workers must bring to be spoken of */
	OFF_PERCENT = 25,      /* expected times further off than that spoil a plan */
	FEW_KNOWN_PERCENT = 80,
};

static void add(const struct story *story, const char *words)
{
	text_buf_add_str(story->out, words);
}

static void add_span(const struct story *story, uint64_t ns)
{
	add(story, story->strong);
	words_add_span(story->out, ns);
	add(story, story->strong_end);
}

static void add_percent(const struct story *story, uint64_t part, uint64_t whole)
{
	text_buf_printf(story->out, "%s%.0f %%%s", story->strong,
	                whole > 0 ? (double)part * PERCENT / (double)whole : 0.0,
	                story->strong_end);
}

static void add_test(const struct story *story, uint32_t test)
{
	story->add_name(story->out, text_from(story->view->ledger->tests[test].info.id));
}

/* ---- losses ---- */

uint64_t story_lost_ns(const struct view *view)
{
	uint64_t wall_ns = view->totals.wall_ns;

	return view->bound_ns > 0 && wall_ns > view->bound_ns ? wall_ns - view->bound_ns : 0;
}

static const struct {
	const char *name, *meaning;
} loss_words[] = {
	[LOSS_LONG_POLE] = {"long pole", "one test went on while others had ended"},
	[LOSS_IDLE] = {"idle", "workers that had nothing to do"},
	[LOSS_START_UP] = {"start-up", "starting frameworks more often than needed"},
	[LOSS_CONTENTION] = {"contention", "tests that were slower beside others"},
	[LOSS_POOLS] = {"pools", "waiting for something that is taken in turns"},
};

_Static_assert(countof(loss_words) == LOSS_KIND_COUNT, "words for each");

const char *story_loss_name(enum loss_kind kind)
{
	return loss_words[kind].name;
}

const char *story_loss_meaning(enum loss_kind kind)
{
	return loss_words[kind].meaning;
}

static int by_size(const void *left, const void *right)
{
	const struct story_loss *a = left, *b = right;

	return (a->ns < b->ns) - (a->ns > b->ns);
}

size_t story_losses(const struct view *view, struct story_loss losses[LOSS_KIND_COUNT])
{
	const struct losses *parts = &view->losses;
	const int64_t all[LOSS_KIND_COUNT] = {
		[LOSS_LONG_POLE] = parts->long_pole_ns, [LOSS_IDLE] = parts->idle_ns,
		[LOSS_START_UP] = parts->start_up_ns,   [LOSS_CONTENTION] = parts->contention_ns,
		[LOSS_POOLS] = parts->pools_ns,
	};
	size_t count = 0, i;

	for (i = 0; view->losses_known && i < countof(all); i++) {
		if (all[i] > 0)
			losses[count++] = (struct story_loss){(enum loss_kind)i, (uint64_t)all[i]};
	}
	qsort(losses, count, sizeof(losses[0]), by_size);
	return count;
}

/* ---- the long pole ---- */

static uint32_t longest_of(const struct story *story, uint32_t number)
{
	const struct ledger_batch *batch = &story->view->ledger->batches[number];
	uint32_t longest = UINT32_MAX, attempt_number, i;
	uint64_t longest_ns = 0;

	for (i = 0; i < batch->test_count; i++) {
		const struct attempt *attempt = course_attempt(story->view->ledger, batch->tests[i],
		                                               number, &attempt_number);

		if (attempt != NULL && attempt->time_ns > longest_ns) {
			longest_ns = attempt->time_ns;
			longest = batch->tests[i];
		}
	}
	return longest;
}

uint32_t story_long_pole(const struct story *story)
{
	const struct view *view = story->view;

	if (view->ledger->worker_count < 2 || story->course->last_batch == UINT32_MAX ||
	    summary_long_pole_ns(view->ledger) * PERCENT < view->totals.wall_ns * NOTABLE_PERCENT)
		return UINT32_MAX;
	return longest_of(story, story->course->last_batch);
}

/* ---- sentences ---- */

void story_add_speed(const struct story *story)
{
	const struct ledger_totals *totals = &story->view->totals;
	size_t workers = story->view->ledger->worker_count;

	add_span(story, totals->wall_ns);
	add(story, " of wall time for ");
	add_span(story, totals->test_ns);
	add(story, " of tests on ");
	words_add_count(story->out, workers, "worker", "workers");
	if (totals->wall_ns > 0 && totals->test_ns > totals->wall_ns)
		text_buf_printf(story->out, ": %s%.1f times%s faster than one test after the other",
		                story->strong, (double)totals->test_ns / (double)totals->wall_ns,
		                story->strong_end);
	else if (workers > 1)
		add(story, ": nothing was gained by running them side by side");
	add(story, ".");
}

void story_add_bound(const struct story *story)
{
	const struct view *view = story->view;

	if (view->bound_ns == 0)
		return;
	add(story, "No order of this work on ");
	words_add_count(story->out, view->ledger->worker_count, "worker", "workers");
	add(story, " could end before ");
	add_span(story, view->bound_ns);
	if (view->bound_test != UINT32_MAX) {
		add(story, ": ");
		add_test(story, view->bound_test);
		add(story, " alone takes that long");
	} else if (view->bound_what[0] != '\0') {
		add(story, view->bound_kind == PLAN_BOUND_POOL ? ": pool " : ": area ");
		story->add_name(story->out, text_from(view->bound_what));
		add(story, view->bound_kind == PLAN_BOUND_POOL ? " is taken in turns"
		                                               : " is kept together");
	} else {
		add(story, ", an even share");
	}
	add(story, ".");
}

void story_add_loss(const struct story *story)
{
	struct story_loss losses[LOSS_KIND_COUNT];
	size_t count = story_losses(story->view, losses), i;
	uint32_t pole = story_long_pole(story);
	uint64_t lost_ns = story_lost_ns(story->view);

	if (story->view->bound_ns == 0)
		return;
	if (lost_ns * PERCENT < story->view->totals.wall_ns || lost_ns < LOST_MIN_NS) {
		add(story, "Nothing worth a word was lost.");
		return;
	}
	add(story, "You lost ");
	add_span(story, lost_ns);
	for (i = 0; i < count; i++) {
		add(story, i == 0 ? ": " : ", ");
		add_span(story, losses[i].ns);
		text_buf_printf(story->out, " %s", story_loss_name(losses[i].kind));
		if (losses[i].kind == LOSS_LONG_POLE && pole != UINT32_MAX) {
			add(story, " ");
			add_test(story, pole);
		}
	}
	add(story, ".");
}

void story_add_prediction(const struct story *story)
{
	uint64_t predicted_ns = story->view->ledger->predicted_ns;
	uint64_t wall_ns = story->view->totals.wall_ns;
	uint64_t off_ns = wall_ns > predicted_ns ? wall_ns - predicted_ns : predicted_ns - wall_ns;

	if (predicted_ns == 0)
		return;
	add(story, "It was predicted to take ");
	add_span(story, predicted_ns);
	if (off_ns * PERCENT < predicted_ns) {
		add(story, ", and did.");
		return;
	}
	add(story, ": it took ");
	words_add_span(story->out, off_ns);
	text_buf_printf(story->out, " (%.0f %%) %s.",
	                (double)off_ns * PERCENT / (double)predicted_ns,
	                wall_ns > predicted_ns ? "more" : "less");
}

/* ---- advice ---- */

static bool advise_split(const struct story *story)
{
	const struct outline *outline = story->outline;
	uint32_t test = outline->slowest_count > 0 ? outline->slowest[0] : UINT32_MAX;
	uint64_t time_ns;

	if (test == UINT32_MAX || story->view->ledger->worker_count < 2)
		return false;
	time_ns = outline_work_ns(story->view, test);
	if (time_ns <= outline->share_ns)
		return false;
	add(story, "Split ");
	add_test(story, test);
	add(story, ": it alone takes ");
	add_span(story, time_ns);
	add(story, ", and an even share of all is ");
	add_span(story, outline->share_ns);
	add(story, ". No number of workers gets below its length.");
	return true;
}

static const struct view_what_if *knee_of(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->what_if_count; i++) {
		if (view->what_ifs[i].is_knee)
			return &view->what_ifs[i];
	}
	return NULL;
}

static bool has_full_node(const struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->node_count; i++) {
		if (node_life_is_full(&ledger->nodes[i]))
			return true;
	}
	return false;
}

static bool advise_workers(const struct story *story)
{
	const struct view_what_if *knee = knee_of(story->view);
	uint64_t wall_ns = story->view->totals.wall_ns;
	size_t workers = story->view->ledger->worker_count;

	if (knee == NULL || knee->workers <= workers ||
	    knee->makespan_ns * PERCENT > wall_ns * (PERCENT - GAIN_PERCENT))
		return false;
	text_buf_printf(story->out, "%s%u workers%s would take about ", story->strong,
	                knee->workers, story->strong_end);
	add_span(story, knee->makespan_ns);
	add(story, " instead of ");
	add_span(story, wall_ns);
	add(story,
	    has_full_node(story->view->ledger)
	            ? ", on nodes that have room for them; more than that would bring little."
	            : ", if they do not slow one another down; more than that would bring "
	              "little.");
	return true;
}

static bool advise_start_up(const struct story *story)
{
	const struct ledger_totals *totals = &story->view->totals;

	if (totals->start_up_ns * PERCENT < totals->work_ns * START_UP_PERCENT)
		return false;
	add(story, "Starting frameworks took ");
	add_span(story, totals->start_up_ns);
	add(story, " of all workers' time, ");
	add_percent(story, totals->start_up_ns, totals->work_ns);
	text_buf_printf(story->out,
	                " of the work, in %zu starts: what every start does is worth a look.",
	                story->view->ledger->batch_count);
	return true;
}

static bool advise_cpu(const struct story *story)
{
	return node_words_add_contention(story->out, story->view->ledger, story->add_name);
}

static bool advise_history(const struct story *story)
{
	const struct outline_errors *errors = &story->outline->errors;
	uint64_t passed = story->view->totals.verdicts[VERDICT_PASSED];

	if (passed == 0 || errors->known_count * PERCENT >= passed * FEW_KNOWN_PERCENT)
		return false;
	text_buf_printf(story->out,
	                "%" PRIu64 " of %" PRIu64
	                " passed tests had no known time before: the next "
	                "run will be planned better.",
	                passed - errors->known_count, passed);
	return true;
}

static bool advise_spread(const struct story *story)
{
	const struct outline_errors *errors = &story->outline->errors;

	if (errors->known_count == 0 || errors->percent < OFF_PERCENT)
		return false;
	text_buf_printf(story->out,
	                "Tests took %s%" PRIu64
	                " %%%s more or less than expected on average: times "
	                "that vary so much cannot be planned well.",
	                story->strong, errors->percent, story->strong_end);
	return true;
}

bool story_is_worth_advice(const struct view *view)
{
	const uint64_t enough_ns = UINT64_C(2000000000);

	return view->totals.wall_ns >= enough_ns;
}

bool story_next_advice(const struct story *story, int *at)
{
	static bool (*const advices[])(const struct story *) = {
		advise_split,    advise_cpu,     advise_workers,
		advise_start_up, advise_history, advise_spread,
	};

	if (!story_is_worth_advice(story->view))
		return false;
	while (*at < (int)countof(advices)) {
		if (advices[(*at)++](story))
			return true;
	}
	return false;
}
