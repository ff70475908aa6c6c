/* plan_text.c - see plan_text.h. */
#include "runner/report/plan_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/console.h"
#include "runner/report/plan_areas.h"
#include "runner/report/words.h"
#include "shards/base/mem.h"
#include "shards/base/span.h"

enum {
	BAR_WIDTH = 24,
	SPAN_WIDTH = 10,
	NODE_WIDTH_MAX = 20,
	SHARDS_SHOWN = 24,
	POINTS_SHOWN = 16,
	PERCENT = 100,
};

struct printing {
	struct text_buf *out;
	const struct plan *plan;
	const struct test_list *tests;
	const struct plan_text_options *options;
};

/* ---- columns ---- */

static void add_span_column(struct text_buf *out, uint64_t ns)
{
	struct text_buf span;

	text_buf_init(&span, 64);
	span_add(&span, ns);
	text_buf_printf(out, "%*s", SPAN_WIDTH, span.ptr);
	text_buf_deinit(&span);
}

static unsigned percent_of(uint64_t lower_bound_ns, uint64_t makespan_ns)
{
	return (unsigned)(plan_efficiency(lower_bound_ns, makespan_ns) * PERCENT + 0.5);
}

/* A bar as long as `part` of `whole`; anything at all is at least one character. */
static void add_bar(const struct printing *p, uint64_t part, uint64_t whole)
{
	size_t filled = 0, i;

	if (whole > 0)
		filled = (size_t)((double)part / (double)whole * BAR_WIDTH + 0.5);
	if (filled == 0 && part > 0)
		filled = 1;
	for (i = 0; i < BAR_WIDTH; i++) {
		if (i >= filled)
			text_buf_add_char(p->out, p->options->unicode ? ' ' : '.');
		else
			text_buf_add_str(p->out, p->options->unicode ? "\xE2\x96\x88" : "#");
	}
}

static void add_workers(struct text_buf *out, uint32_t count)
{
	words_add_count(out, count, "worker", "workers");
}

/* ---- the two lines ---- */

static void add_longest(struct text_buf *out, const struct plan *plan)
{
	const struct plan_longest *longest = &plan->longest;

	text_buf_add_str(out, longest->is_area ? "area " : "");
	console_clean_name(out, text_from(longest->what));
	text_buf_add_str(out, longest->is_area ? ", which is kept together (" : " (");
	span_add(out, longest->ns);
	if (longest->workers <= plan->workers)
		text_buf_printf(out, ") bounds you already: more than %u %s nothing",
		                longest->workers,
		                longest->workers == 1 ? "worker brings" : "workers bring");
	else
		text_buf_printf(out, ") bounds you from %u workers on", longest->workers);
	if (longest->is_area)
		text_buf_add_str(out, ": let its tests run apart\n");
	else
		text_buf_add_str(out, longest->is_one_case ? ": a single case, make it faster\n"
		                                           : ": split it\n");
}

static void add_other_bound(struct text_buf *out, const struct plan *plan)
{
	switch (plan->bound_kind) {
	case PLAN_BOUND_POOL:
		text_buf_add_str(out, "pool ");
		console_clean_name(out, text_from(plan->bound_what));
		text_buf_add_str(out, " bounds you: give it more members, or share it less\n");
		return;
	case PLAN_BOUND_LABEL:
		text_buf_add_str(out, "the few nodes with '");
		console_clean_name(out, text_from(plan->bound_what));
		text_buf_add_str(out, "' bound you: give that label to more of them\n");
		return;
	case PLAN_BOUND_LONGEST:
	case PLAN_BOUND_TOTAL:
		break;
	}
	text_buf_add_str(out, "no single test bounds you: every further worker helps\n");
}

void plan_headline(struct text_buf *out, const struct plan *plan)
{
	enum span_unit unit = span_unit_of(plan->makespan_ns);

	span_add(out, plan->work_ns);
	text_buf_add_str(out, " of tests: ");
	span_add(out, plan->makespan_ns);
	text_buf_add_str(out, " on ");
	add_workers(out, plan->workers);
	text_buf_add_str(out, " (bound ");
	span_add_number(out, plan->lower_bound_ns, unit);
	text_buf_add_str(out, ")\n");
	if (plan->bound_kind == PLAN_BOUND_POOL || plan->bound_kind == PLAN_BOUND_LABEL ||
	    plan->longest.workers == 0)
		add_other_bound(out, plan);
	else
		add_longest(out, plan);
}

/* ---- shards ---- */

static int node_width(const struct plan *plan)
{
	size_t width = 4, i;

	for (i = 0; i < plan->shard_count; i++) {
		size_t len = strlen(plan->shards[i].node);

		if (len > width && len <= NODE_WIDTH_MAX)
			width = len;
	}
	return (int)width;
}

static void add_node(struct text_buf *out, const char *node, int width)
{
	size_t start = out->len;

	console_clean_name(out, text_from(node));
	while (out->len < start + (size_t)width)
		text_buf_add_char(out, ' ');
}

static void add_shard(const struct printing *p, size_t index, int width)
{
	const struct plan_shard *shard = &p->plan->shards[index];

	text_buf_printf(p->out, "%5zu  ", index + 1);
	add_node(p->out, shard->node, width);
	add_span_column(p->out, shard->expected_ns);
	text_buf_add_str(p->out, "  ");
	add_bar(p, shard->expected_ns, p->plan->makespan_ns);
	text_buf_printf(p->out, " %5zu  ", plan_shard_test_count(shard));
	plan_areas_add(p->out, shard, p->tests);
	text_buf_add_char(p->out, '\n');
}

static void add_shards(const struct printing *p)
{
	const struct plan *plan = p->plan;
	int width = node_width(plan);
	size_t i;

	text_buf_printf(p->out, "\nshard  %-*s%*s  %-*s tests  areas\n", width, "node", SPAN_WIDTH,
	                "load", BAR_WIDTH, "");
	for (i = 0; i < plan->shard_count && i < SHARDS_SHOWN; i++)
		add_shard(p, i, width);
	if (plan->shard_count > SHARDS_SHOWN)
		text_buf_printf(p->out, "  ... and %zu more (--json has all)\n",
		                plan->shard_count - SHARDS_SHOWN);
}

/* Shards of a node stand beside each other. */
static void add_beginnings(const struct printing *p)
{
	const char *node = "", *separator = "";
	size_t i;

	for (i = 0; i < p->plan->shard_count; i++) {
		const struct plan_shard *shard = &p->plan->shards[i];

		if (shard->begins_ns == 0 || strcmp(shard->node, node) == 0)
			continue;
		node = shard->node;
		text_buf_add_str(p->out, separator);
		console_clean_name(p->out, text_from(node));
		text_buf_add_str(p->out, *separator == '\0' ? " is there after " : " after ");
		span_add(p->out, shard->begins_ns);
		separator = ", ";
	}
	if (*separator != '\0')
		text_buf_add_str(p->out, ": reached, its workspace ready, as in the last runs\n");
}

static void add_efficiency(const struct printing *p)
{
	static const char *const bounds[] = {
		[PLAN_BOUND_TOTAL] = "all the work, shared out evenly",
		[PLAN_BOUND_LONGEST] = "the longest piece",
		[PLAN_BOUND_POOL] = "a pool",
		[PLAN_BOUND_LABEL] = "labels that few nodes have",
	};
	const struct plan *plan = p->plan;

	text_buf_printf(p->out, "efficiency %u%%: nothing ends sooner than ",
	                percent_of(plan->lower_bound_ns, plan->makespan_ns));
	span_add(p->out, plan->lower_bound_ns);
	text_buf_printf(p->out, ", set by %s", bounds[plan->bound_kind]);
	if (plan->start_up_ns > 0) {
		text_buf_add_str(p->out, "; ");
		words_add_count(p->out, plan->batch_count, "start", "starts");
		text_buf_add_str(p->out, " of a framework cost ");
		span_add(p->out, plan->start_up_ns);
	}
	text_buf_add_char(p->out, '\n');
	if (plan->policy != NULL && plan->workers > 1)
		text_buf_printf(p->out, "handed out: %s\n", plan->policy);
}

/* ---- sweep ---- */

/* Of many points every one at the start, then fewer and fewer; once nothing changes only the last.
 */
static bool is_shown(const struct plan *plan, size_t index)
{
	const struct plan_point *last = &plan->points[plan->point_count - 1];
	uint32_t workers = plan->points[index].workers;
	uint32_t step = 1;

	if (index == 0 || index + 1 == plan->point_count || workers == plan->knee ||
	    workers == plan->workers)
		return true;
	if (plan->points[index - 1].makespan_ns == last->makespan_ns)
		return false;
	if (plan->point_count <= POINTS_SHOWN)
		return true;
	while (step * 4 < workers)
		step *= 2;
	return workers % step == 0 && (workers <= 8 || workers % (step * 2) == 0);
}

static void add_sweep(const struct printing *p)
{
	const struct plan *plan = p->plan;
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < plan->point_count; i++)
		most = plan->points[i].makespan_ns > most ? plan->points[i].makespan_ns : most;
	text_buf_printf(p->out, "\nworkers%*s%*s  efficiency\n", SPAN_WIDTH + 1, "time",
	                SPAN_WIDTH + 1, "bound");
	for (i = 0; i < plan->point_count; i++) {
		const struct plan_point *point = &plan->points[i];

		if (!is_shown(plan, i))
			continue;
		text_buf_printf(p->out, "%7u ", point->workers);
		add_span_column(p->out, point->makespan_ns);
		text_buf_add_char(p->out, ' ');
		add_span_column(p->out, point->lower_bound_ns);
		text_buf_printf(p->out, "  %4u%%  ",
		                percent_of(point->lower_bound_ns, point->makespan_ns));
		add_bar(p, point->makespan_ns, most);
		text_buf_add_str(p->out, point->workers == plan->knee
		                                 ? "  <- knee: more workers bring little\n"
		                                 : "\n");
	}
}

/* ---- target, strategies ---- */

static void add_target(const struct printing *p)
{
	const struct plan_target *target = &p->plan->target;

	text_buf_add_str(p->out, "\ntarget ");
	span_add(p->out, target->wanted_ns);
	if (target->is_reachable) {
		text_buf_add_str(p->out, ": ");
		add_workers(p->out, target->workers);
		text_buf_add_str(p->out, ", as ");
	} else {
		text_buf_add_str(p->out, " cannot be reached: ");
	}
	console_clean_name(p->out, text_from(target->because));
	text_buf_add_char(p->out, '\n');
}

static void add_strategies(const struct printing *p)
{
	static const struct {
		const char *name, *means;
	} words[] = {
		{"areas", "whole areas, longest first"},
		{"files", "round robin"},
		{"count", "equal numbers of neighbours"},
		{"lpt", "static, longest first, then improved"},
		{"dynamic", "from one queue, as tanda run does"},
	};
	const struct plan *plan = p->plan;
	size_t i, j;

	text_buf_printf(p->out, "\nstrategy %*s  efficiency", SPAN_WIDTH, "time");
	if (p->options->noise >= 0)
		text_buf_printf(p->out, "  times wrong by %.0f%%: median, 95th",
		                p->options->noise * PERCENT);
	text_buf_add_char(p->out, '\n');
	for (i = 0; i < plan->strategy_count; i++) {
		const struct plan_strategy *strategy = &plan->strategies[i];

		text_buf_printf(p->out, "%-9s", strategy->name);
		add_span_column(p->out, strategy->makespan_ns);
		text_buf_printf(p->out, "  %9u%%",
		                percent_of(strategy->lower_bound_ns, strategy->makespan_ns));
		if (strategy->has_noise) {
			text_buf_printf(p->out, "  %*s", 12, "");
			add_span_column(p->out, strategy->median_ns);
			text_buf_add_str(p->out, ", ");
			add_span_column(p->out, strategy->p95_ns);
			text_buf_add_str(p->out, "   ");
		}
		for (j = 0; j < countof(words); j++) {
			if (strcmp(words[j].name, strategy->name) == 0)
				text_buf_printf(p->out, "  %s", words[j].means);
		}
		text_buf_add_char(p->out, '\n');
	}
}

void plan_text(struct text_buf *out, const struct plan *plan, const struct test_list *tests,
               const struct plan_text_options *options)
{
	const struct printing p = {out, plan, tests, options};

	plan_headline(out, plan);
	add_shards(&p);
	add_beginnings(&p);
	add_efficiency(&p);
	if (plan->point_count > 0)
		add_sweep(&p);
	if (plan->target.is_set)
		add_target(&p);
	if (plan->strategy_count > 0)
		add_strategies(&p);
}
