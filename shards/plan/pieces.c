/* pieces.c - see pieces.h. */
#include "shards/plan/pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/plan/shares.h"

enum {
	NEEDS_TEXT_MAX_BYTES = 1 << 16,
	/* No cut for tests whose framework starts for next to nothing: one at a time evens out
	 * best. */
	FREE_START_UP_NS = 5 * 1000 * 1000,
};

static const struct plan_area no_needs;

uint64_t pieces_start_up_ns(const struct pieces *pieces, uint32_t suite, uint32_t node)
{
	const uint64_t *of_node = pieces->input->nodes[node].start_ups_ns;

	if (of_node != NULL && of_node[suite] > 0)
		return of_node[suite];
	return pieces->input->suites[suite].start_up_ns;
}

uint64_t pieces_test_ns(const struct pieces *pieces, uint32_t test)
{
	const struct test *planned = &pieces->input->tests->tests[test];

	return planned->expected_ns + pieces->input->suites[planned->suite_index].per_test_ns;
}

uint64_t pieces_on_node_ns(const struct pieces *pieces, uint64_t time_ns, uint32_t node)
{
	double speed = pieces->input->nodes[node].speed;

	/* rounded up, so that no sum of tests ends before the bound of their sum */
	return speed == 1.0 ? time_ns : (uint64_t)ceil((double)time_ns / speed);
}

const struct plan_area *pieces_area(const struct pieces *pieces, uint32_t area)
{
	return pieces->input->areas != NULL ? &pieces->input->areas[area] : &no_needs;
}

/* ---- kinds of needs ---- */

/* The needs of an area as text, so that equal ones are found. */
static char *needs_text(const struct plan_area *area)
{
	struct text_buf text;
	size_t i;

	text_buf_init(&text, NEEDS_TEXT_MAX_BYTES);
	text_buf_printf(&text, "%u", area->cpus);
	for (i = 0; i < area->need_count; i++)
		text_buf_printf(&text, ",%u:%u/%u", area->needs[i].pool, area->needs[i].count,
		                area->needs[i].seats_each);
	text_buf_printf(&text, " %s", area->labels != NULL ? label_text(area->labels) : "");
	return text_buf_steal(&text);
}

/* By area, the first area with the same needs. */
static uint32_t *equal_needs(const struct plan_input *input)
{
	size_t count = input->tests->area_count, i, found;
	uint32_t *equal = mem_calloc(count, sizeof(equal[0]));
	char **texts = mem_calloc(count + 1, sizeof(texts[0]));
	struct dict known;

	dict_init(&known);
	for (i = 0; input->areas != NULL && i < count; i++) {
		texts[i] = needs_text(&input->areas[i]);
		if (!dict_add(&known, text_from(texts[i]), i) &&
		    dict_find(&known, text_from(texts[i]), &found))
			equal[i] = (uint32_t)found;
		else
			equal[i] = (uint32_t)i;
	}
	dict_deinit(&known);
	mem_free_strings(texts);
	return equal;
}

/* ---- tests in order ---- */

/* A test on its way to its place: all that the order depends on, side by side. */
struct ranked {
	uint64_t expected_ns; /* of its piece */
	uint64_t own_ns;
	uint32_t suite, needs, variant; /* of its piece; of a kept area variant 0 */
	uint32_t area;
	uint32_t test;
	uint32_t own_suite, own_variant;
	bool is_kept;
};

static int in_kept_order(const struct ranked *a, const struct ranked *b)
{
	if (a->own_suite != b->own_suite)
		return a->own_suite < b->own_suite ? -1 : 1;
	if (a->own_variant != b->own_variant)
		return a->own_variant < b->own_variant ? -1 : 1;
	if (a->own_ns != b->own_ns)
		return a->own_ns > b->own_ns ? -1 : 1;
	return (a->test > b->test) - (a->test < b->test);
}

static int in_order(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->suite != b->suite)
		return a->suite < b->suite ? -1 : 1;
	if (a->needs != b->needs)
		return a->needs < b->needs ? -1 : 1;
	if (a->variant != b->variant)
		return a->variant < b->variant ? -1 : 1;
	if (a->expected_ns != b->expected_ns)
		return a->expected_ns > b->expected_ns ? -1 : 1;
	if (a->area != b->area)
		return a->area < b->area ? -1 : 1;
	if (a->is_kept)
		return in_kept_order(a, b);
	return (a->test > b->test) - (a->test < b->test);
}

/* What is known of an area that is kept together, over all its tests. */
struct kept {
	uint64_t total_ns;
	uint32_t suite; /* of its first test */
	bool is_begun;
};

static struct kept *sum_up_kept(const struct pieces *pieces)
{
	const struct test_list *tests = pieces->input->tests;
	struct kept *kept = mem_calloc(tests->area_count, sizeof(kept[0]));
	size_t i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];
		struct kept *area = &kept[test->area_index];

		if (!plan_input_runs(pieces->input, i))
			continue;
		if (!area->is_begun || test->suite_index < area->suite)
			area->suite = test->suite_index;
		area->is_begun = true;
		area->total_ns += pieces_test_ns(pieces, (uint32_t)i);
	}
	return kept;
}

static struct ranked *rank_tests(const struct pieces *pieces, size_t *ret_count)
{
	const struct test_list *tests = pieces->input->tests;
	struct ranked *ranking = mem_calloc(tests->count, sizeof(ranking[0]));
	uint32_t *needs = equal_needs(pieces->input);
	struct kept *kept = sum_up_kept(pieces);
	size_t count = 0, i;

	for (i = 0; i < tests->count; i++) {
		const struct test *test = &tests->tests[i];
		uint64_t own_ns = pieces_test_ns(pieces, (uint32_t)i);
		bool is_kept = pieces_area(pieces, test->area_index)->keep_together;

		if (!plan_input_runs(pieces->input, i))
			continue;
		ranking[count++] = (struct ranked){
			.expected_ns = is_kept ? kept[test->area_index].total_ns : own_ns,
			.own_ns = own_ns,
			.suite = is_kept ? kept[test->area_index].suite : test->suite_index,
			.needs = needs[test->area_index],
			.area = test->area_index,
			.test = (uint32_t)i,
			.variant = is_kept ? 0 : test->variant,
			.own_suite = test->suite_index,
			.own_variant = test->variant,
			.is_kept = is_kept,
		};
	}
	qsort(ranking, count, sizeof(ranking[0]), in_order);
	free(needs);
	free(kept);
	*ret_count = count;
	return ranking;
}

/* ---- pieces and kinds ---- */

static struct piece_kind *add_kind(struct pieces *pieces, size_t *cap, const struct ranked *first)
{
	const struct plan_area *area = pieces_area(pieces, first->area);
	struct piece_kind *kind;

	pieces->kinds =
		mem_grow(pieces->kinds, cap, pieces->kind_count + 1, sizeof(pieces->kinds[0]));
	kind = &pieces->kinds[pieces->kind_count++];
	*kind = (struct piece_kind){
		.suite = first->suite,
		.first = pieces->count,
		.needs = area->needs,
		.need_count = area->need_count,
		.cpus = area->cpus,
		.labels = area->labels,
	};
	return kind;
}

static void add_piece(struct pieces *pieces, const struct ranked *first)
{
	struct piece_kind *kind = &pieces->kinds[pieces->kind_count - 1];

	pieces->pieces[pieces->count++] = (struct piece){
		.expected_ns = first->expected_ns,
		.first = pieces->test_count,
		.area = first->area,
		.kind = pieces->kind_count - 1,
	};
	kind->count++;
	kind->total_ns += first->expected_ns;
	pieces->total_ns += first->expected_ns;
}

static void note_test(struct pieces *pieces, uint32_t test)
{
	uint32_t clash = pieces->input->tests->tests[test].clash;

	if (clash != CLASH_ALONE && clash >= pieces->clash_count)
		pieces->clash_count = clash + 1;
	pieces->place_of[test] = pieces->test_count;
	pieces->tests[pieces->test_count++] = test;
	pieces->piece_of[test] = pieces->count - 1;
	if (++pieces->pieces[pieces->count - 1].count > 1)
		pieces->has_kept = true;
}

static void make_pieces(struct pieces *pieces)
{
	size_t count, kind_cap = 0, i;
	struct ranked *ranking = rank_tests(pieces, &count);

	pieces->pieces = mem_calloc(count, sizeof(pieces->pieces[0]));
	pieces->tests = mem_calloc(count, sizeof(pieces->tests[0]));
	for (i = 0; i < count; i++) {
		const struct ranked *now = &ranking[i], *before = i > 0 ? &ranking[i - 1] : NULL;

		if (before == NULL || before->suite != now->suite || before->needs != now->needs ||
		    before->variant != now->variant)
			(void)add_kind(pieces, &kind_cap, now);
		if (!now->is_kept || before == NULL || !before->is_kept ||
		    before->area != now->area)
			add_piece(pieces, now);
		note_test(pieces, now->test);
	}
	free(ranking);
}

/* ---- areas within a kind ---- */

static void find_groups(struct pieces *pieces)
{
	size_t area_count = pieces->input->tests->area_count, cap = 0;
	uint32_t *group_of = mem_calloc(area_count, sizeof(group_of[0]));
	uint32_t *kind_of = mem_calloc(area_count, sizeof(kind_of[0])); /* plus 1 */
	uint32_t i;

	for (i = 0; i < pieces->count; i++) {
		struct piece *piece = &pieces->pieces[i];
		struct piece_group *group;

		if (kind_of[piece->area] != piece->kind + 1) {
			kind_of[piece->area] = piece->kind + 1;
			group_of[piece->area] = pieces->group_count;
			pieces->groups = mem_grow(pieces->groups, &cap, pieces->group_count + 1,
			                          sizeof(pieces->groups[0]));
			pieces->groups[pieces->group_count++] =
				(struct piece_group){.kind = piece->kind};
		}
		piece->group = group_of[piece->area];
		group = &pieces->groups[piece->group];
		group->count++;
		group->total_ns += piece->expected_ns;
	}
	free(group_of);
	free(kind_of);
}

static void make_groups(struct pieces *pieces)
{
	uint32_t *filled, place = 0, i;

	find_groups(pieces);
	filled = mem_calloc(pieces->group_count, sizeof(filled[0]));
	pieces->grouped = mem_calloc(pieces->count, sizeof(pieces->grouped[0]));
	for (i = 0; i < pieces->group_count; i++) {
		pieces->groups[i].first = place;
		place += pieces->groups[i].count;
	}
	for (i = 0; i < pieces->count; i++) {
		struct piece *piece = &pieces->pieces[i];

		piece->group_place = pieces->groups[piece->group].first + filled[piece->group]++;
		pieces->grouped[piece->group_place] = i;
	}
	free(filled);
}

/* ---- who may run what ---- */

static int fastest_first(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a < b) - (a > b);
}

/* The speeds of the workers that may run batches of the kind at the same time, fastest first. */
static uint32_t usable_speeds(const struct pieces *pieces, const struct piece_kind *kind,
                              double *speeds)
{
	const struct plan_input *input = pieces->input;
	uint32_t count = 0, n;
	size_t node;

	for (node = 0; node < input->node_count; node++) {
		uint32_t most = input->nodes[node].executors;

		if (!kind->may_use[node])
			continue;
		if (kind->cpus > 0 && input->nodes[node].cpus > 0 &&
		    most > input->nodes[node].cpus / kind->cpus)
			most = input->nodes[node].cpus / kind->cpus;
		for (n = 0; n < most; n++)
			speeds[count++] = input->nodes[node].speed;
	}
	qsort(speeds, count, sizeof(speeds[0]), fastest_first);
	return count;
}

static void find_capacity(const struct pieces *pieces, struct piece_kind *kind, double *speeds)
{
	const struct plan_suite *suite = &pieces->input->suites[kind->suite];
	uint32_t most = usable_speeds(pieces, kind, speeds), i;
	size_t n;

	for (n = 0; n < kind->need_count; n++) {
		const struct plan_need *need = &kind->needs[n];
		uint32_t members = pieces->input->pools[need->pool].member_count;

		if (need->count > 0 && most > members / need->count)
			most = members / need->count;
	}
	kind->worker_count = most;
	for (i = 0; i < most; i++)
		kind->speed += speeds[i];
	kind->is_restricted = most < pieces->worker_count;
	kind->is_free = suite->start_up_ns < FREE_START_UP_NS || suite->batch_max == 1;
}

static void find_workers(struct pieces *pieces)
{
	const struct plan_input *input = pieces->input;
	double *speeds = mem_calloc(pieces->worker_count, sizeof(speeds[0]));
	uint32_t k;
	size_t node;

	pieces->may_use = mem_calloc(pieces->kind_count * input->node_count, sizeof(bool));
	for (k = 0; k < pieces->kind_count; k++) {
		struct piece_kind *kind = &pieces->kinds[k];
		const struct plan_area needs = {.labels = kind->labels, .cpus = kind->cpus};
		bool *may_use = &pieces->may_use[k * input->node_count];

		for (node = 0; node < input->node_count; node++)
			may_use[node] = plan_node_serves(&input->nodes[node], &needs);
		kind->may_use = may_use;
		find_capacity(pieces, kind, speeds);
	}
	free(speeds);
}

static bool have_one_speed(const struct plan_input *input)
{
	size_t i;

	for (i = 0; i < input->node_count; i++) {
		if (input->nodes[i].speed != input->nodes[0].speed ||
		    (input->node_count > 1 && input->nodes[i].start_ups_ns != NULL))
			return false;
	}
	return true;
}

static void number_workers(struct pieces *pieces)
{
	uint32_t i;

	pieces->worker_count = plan_worker_count(pieces->input);
	pieces->worker_nodes = mem_calloc(pieces->worker_count, sizeof(pieces->worker_nodes[0]));
	for (i = 0; i < pieces->worker_count; i++) {
		pieces->worker_nodes[i] = plan_worker_node(pieces->input, i);
		pieces->total_speed += pieces->input->nodes[pieces->worker_nodes[i]].speed;
	}
	pieces->has_one_speed = have_one_speed(pieces->input);
}

struct pieces *pieces_new(const struct plan_input *input)
{
	struct pieces *pieces = mem_calloc(1, sizeof(*pieces));
	size_t i;

	pieces->input = input;
	pieces->clash_count = 1;
	pieces->piece_of = mem_calloc(input->tests->count, sizeof(pieces->piece_of[0]));
	pieces->place_of = mem_calloc(input->tests->count, sizeof(pieces->place_of[0]));
	for (i = 0; i < input->tests->count; i++)
		pieces->piece_of[i] = PIECE_NONE;
	number_workers(pieces);
	make_pieces(pieces);
	make_groups(pieces);
	find_workers(pieces);
	pieces->shares = share_cache_new();
	return pieces;
}

void pieces_free(struct pieces *pieces)
{
	if (pieces == NULL)
		return;
	share_cache_free(pieces->shares);
	free(pieces->worker_nodes);
	free(pieces->pieces);
	free(pieces->tests);
	free(pieces->piece_of);
	free(pieces->place_of);
	free(pieces->kinds);
	free(pieces->may_use);
	free(pieces->grouped);
	free(pieces->groups);
	free(pieces);
}
