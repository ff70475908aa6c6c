/* rehearse.c - see rehearse.h. */
#include "shards/plan/rehearse.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/plan/simulate.h"

enum {
	DRAWS_MAX = 32,
	FIRST_DRAWS_MAX = 8, /* that every trial is tried on; the best go on */
	FINALISTS = 10,
	/* Tests to be handed out in all, so that a rehearsal takes a tenth of a second or less. */
	BUDGET = 600 * 1000,
	LARGE_COUNT = 20 * 1000, /* so many tests even out anyhow: fewer trials will do */
	PERMILLE = 1000,
	/* Within so much of the best a simpler trial is as good; one that keeps areas together
	 * may cost a little more. */
	AS_GOOD_PERMILLE = 1,
	AREAS_PERMILLE = 3,
};

/* ---- trials, the simplest first ---- */

static void add(struct rehearsal *r, struct policy policy)
{
	r->trials[r->trial_count++] = (struct trial){.policy = policy};
}

/* Some of each share first; the rest cut fine or coarse. */
static void add_shares(struct rehearsal *r, uint32_t first_permille, enum share_rule shares)
{
	struct policy policy = {.kind = POLICY_SHARES,
	                        .shares = shares,
	                        .first_permille = first_permille,
	                        .divisor_percent = 150,
	                        .least_start_ups = 3,
	                        .keeps_areas = shares == SHARE_PACKED};

	add(r, policy);
	if (first_permille >= PERMILLE)
		return;
	policy.divisor_percent = 100;
	policy.least_start_ups = 1;
	add(r, policy);
}

static void find_trials(struct rehearsal *r, bool is_large)
{
	static const uint32_t firsts[] = {1000, 985, 970, 950, 930, 900, 850, 750, 600};
	size_t i;

	if (is_large) {
		add_shares(r, 1000, SHARE_PACKED);
		add_shares(r, 970, SHARE_PACKED);
	} else {
		add(r, (struct policy){.kind = POLICY_SINGLES});
		for (i = 0; i < countof(firsts); i++) {
			add_shares(r, firsts[i], SHARE_PACKED);
			add_shares(r, firsts[i], SHARE_CAREFUL);
		}
	}
	add(r, (struct policy){.kind = POLICY_GUIDED,
	                       .divisor_percent = 150,
	                       .least_start_ups = 3,
	                       .keeps_areas = true});
	add(r,
	    (struct policy){.kind = POLICY_GUIDED, .divisor_percent = 150, .least_start_ups = 3});
	add(r,
	    (struct policy){.kind = POLICY_GUIDED, .divisor_percent = 100, .least_start_ups = 1});
}

/* ---- trying them ---- */

static bool knows_no_spread(const struct pieces *pieces)
{
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		if (pieces->input->suites[pieces->kinds[i].suite].spread > 0)
			return false;
	}
	return true;
}

static uint32_t draws_for(const struct pieces *pieces, size_t trials, uint32_t most)
{
	size_t cost = ((size_t)pieces->count + pieces->worker_count) * trials;
	size_t draws = cost > 0 ? BUDGET / 2 / cost : most;

	return draws < most ? (uint32_t)draws : most;
}

/* Sums over the draws from..to stand in mean_ns until rank() divides. */
static void try_on(const struct pieces *pieces, struct rehearsal *r, size_t count, uint32_t from,
                   uint32_t to)
{
	bool is_exact = knows_no_spread(pieces);
	uint64_t *actual_ns = mem_calloc(pieces->input->tests->count, sizeof(actual_ns[0]));
	uint32_t draw;
	size_t i;

	for (draw = from; draw < to; draw++) {
		if (!is_exact)
			simulate_draw(pieces, draw, -1, actual_ns);
		for (i = 0; i < count; i++) {
			struct trial *trial = &r->trials[i];
			uint64_t ns = simulate_unslowed_ns(pieces, &trial->policy,
			                                   is_exact ? NULL : actual_ns);

			trial->mean_ns += ns;
			if (ns > trial->worst_ns)
				trial->worst_ns = ns;
		}
	}
	free(actual_ns);
}

static int by_mean(const void *left, const void *right)
{
	const struct trial *a = left, *b = right;

	if (a->mean_ns != b->mean_ns)
		return a->mean_ns < b->mean_ns ? -1 : 1;
	return (a->rank > b->rank) - (a->rank < b->rank);
}

/* All on a few draws, then the best on more. Returns how many those are; they stand first. */
static size_t try_all(const struct pieces *pieces, struct rehearsal *r)
{
	uint32_t first = 1, all;
	size_t finalists = r->trial_count, i;

	for (i = 0; i < r->trial_count; i++)
		r->trials[i].rank = (uint32_t)i;
	if (!knows_no_spread(pieces) && draws_for(pieces, finalists, FIRST_DRAWS_MAX) > 1)
		first = draws_for(pieces, finalists, FIRST_DRAWS_MAX);
	all = first;
	try_on(pieces, r, r->trial_count, 0, first);
	qsort(r->trials, r->trial_count, sizeof(r->trials[0]), by_mean);
	if (!knows_no_spread(pieces)) {
		if (finalists > FINALISTS)
			finalists = FINALISTS;
		all += draws_for(pieces, finalists, DRAWS_MAX - FIRST_DRAWS_MAX);
		try_on(pieces, r, finalists, first, all);
	}
	for (i = 0; i < r->trial_count; i++)
		r->trials[i].mean_ns /= i < finalists ? all : first;
	qsort(r->trials, finalists, sizeof(r->trials[0]), by_mean);
	r->draw_count = all;
	return finalists;
}

/* The simplest that is as good as the best goes to the front. */
static void prefer_simple(struct rehearsal *r, size_t finalists)
{
	uint64_t best_ns = r->trials[0].mean_ns;
	struct trial chosen = r->trials[0];
	size_t place = 0, i;

	for (i = 1; i < finalists; i++) {
		const struct trial *other = &r->trials[i];
		uint64_t may_cost = other->policy.keeps_areas && !r->trials[0].policy.keeps_areas
		                            ? AREAS_PERMILLE
		                            : AS_GOOD_PERMILLE;

		if (other->rank < chosen.rank &&
		    other->mean_ns <= best_ns + best_ns / PERMILLE * may_cost) {
			chosen = *other;
			place = i;
		}
	}
	for (; place > 0; place--)
		r->trials[place] = r->trials[place - 1];
	r->trials[0] = chosen;
}

/* ---- words ---- */

static double widest_spread(const struct pieces *pieces)
{
	double widest = 0;
	uint32_t i;

	for (i = 0; i < pieces->kind_count; i++) {
		double spread = pieces->input->suites[pieces->kinds[i].suite].spread;

		widest = spread > widest ? spread : widest;
	}
	return widest;
}

/* The best of those that work quite differently. */
static const struct trial *find_other(const struct rehearsal *r, bool is_singles)
{
	size_t i;

	for (i = 1; i < r->trial_count; i++) {
		const struct policy *policy = &r->trials[i].policy;

		if (is_singles
		            ? policy->kind == POLICY_SINGLES
		            : policy->kind == POLICY_SHARES && policy->first_permille >= PERMILLE)
			return &r->trials[i];
	}
	return NULL;
}

static void write_words(const struct pieces *pieces, struct rehearsal *r)
{
	const struct trial *singles = find_other(r, true), *whole = find_other(r, false);
	char words[POLICY_WORDS_MAX];
	int len;

	policy_words(&r->policy, words, sizeof(words));
	len = snprintf(r->words, sizeof(r->words),
	               "%s: %.2f s on average of %u draws (times off by "
	               "%.0f %%)",
	               words, (double)r->mean_ns / 1e9, r->draw_count, widest_spread(pieces) * 100);
	if (singles != NULL && len > 0 && (size_t)len < sizeof(r->words))
		len += snprintf(r->words + len, sizeof(r->words) - (size_t)len,
		                "; one test at a time %.2f s", (double)singles->mean_ns / 1e9);
	if (whole != NULL && len > 0 && (size_t)len < sizeof(r->words))
		snprintf(r->words + len, sizeof(r->words) - (size_t)len,
		         "; the whole share at once %.2f s", (double)whole->mean_ns / 1e9);
}

/* ---- all ---- */

/* Where there is nothing to choose: starting costs nothing, or each start runs one test. */
static const char *no_choice(const struct pieces *pieces)
{
	bool is_free = true;
	uint32_t i;

	if (pieces->count == 0)
		return "there is nothing to run";
	for (i = 0; i < pieces->kind_count; i++)
		is_free = is_free && pieces->kinds[i].is_free;
	return is_free ? "one test at a time, longest first: another start costs next to nothing"
	               : NULL;
}

static void choose(const struct pieces *pieces, struct rehearsal *r)
{
	const char *reason = no_choice(pieces);

	if (reason != NULL) {
		add(r, (struct policy){.kind = POLICY_SINGLES});
		snprintf(r->words, sizeof(r->words), "%s", reason);
	} else if (pieces->total_ns == 0) {
		add(r, (struct policy){.kind = POLICY_GUIDED,
		                       .divisor_percent = 150,
		                       .least_start_ups = 3,
		                       .keeps_areas = true});
		snprintf(r->words, sizeof(r->words),
		         "batches that shrink with the number of tests left: no times are known");
	} else {
		find_trials(r, pieces->count > LARGE_COUNT);
		prefer_simple(r, try_all(pieces, r));
	}
	r->policy = r->trials[0].policy;
	r->mean_ns = r->trials[0].mean_ns;
	if (r->words[0] == '\0')
		write_words(pieces, r);
}

void rehearse(const struct pieces *pieces, struct rehearsal *ret_rehearsal)
{
	struct rehearsal *r = ret_rehearsal;
	struct schedule line;

	*r = (struct rehearsal){0};
	choose(pieces, r);
	simulate(pieces, &r->policy, NULL, false, &line);
	r->makespan_ns = line.makespan_ns;
	r->batch_count = line.batch_count;
	if (r->mean_ns == 0)
		r->mean_ns = r->trials[0].mean_ns = line.makespan_ns;
	schedule_deinit(&line);
	r->bound = bounds_lower(pieces);
}
