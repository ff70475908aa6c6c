/* explain.c - see explain.h. */
#include "shards/plan/explain.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/plan/label.h"
#include "shards/plan/simulate.h"

/* How many pieces take longer, plus one. */
static uint32_t rank_of(const struct pieces *pieces, uint32_t index)
{
	uint32_t rank = 1, i;

	for (i = 0; i < pieces->count; i++)
		rank += pieces->pieces[i].expected_ns > pieces->pieces[index].expected_ns;
	return rank;
}

static void set_needs(const struct pieces *pieces, uint32_t index, struct explanation *e)
{
	const struct piece_kind *kind = &pieces->kinds[pieces->pieces[index].kind];
	const struct plan_input *input = pieces->input;
	uint32_t worker;

	e->worker_count = pieces->worker_count;
	for (worker = 0; worker < pieces->worker_count; worker++)
		e->may_run_on += kind->may_use[plan_worker_node(input, worker)];
	e->labels = kind->labels != NULL ? label_text(kind->labels) : "";
	e->need_count = kind->need_count;
	e->first_pool = kind->need_count > 0 ? input->pools[kind->needs[0].pool].name : "";
}

/* Which batch of its worker is this? */
static uint32_t batch_number(const struct schedule *line, size_t batch)
{
	uint32_t number = 1;
	size_t i;

	for (i = 0; i < batch; i++)
		number += line->batches[i].worker == line->batches[batch].worker;
	return number;
}

static void set_place(const struct pieces *pieces, const struct schedule *line, size_t batch_index,
                      uint32_t place, struct explanation *e)
{
	const struct schedule_batch *batch = &line->batches[batch_index];
	uint32_t position = batch->first_test + place;

	e->worker = batch->worker;
	e->node = pieces->input->nodes[plan_worker_node(pieces->input, batch->worker)].name;
	e->batch_number = batch_number(line, batch_index);
	e->place = place + 1;
	e->batch_tests = batch->test_count;
	e->batch_started_ns = batch->started_ns;
	e->start_up_ns = batch->running_ns - batch->started_ns;
	e->waited_ns = batch->waited_ns;
	e->started_ns = place > 0 ? line->test_ended_ns[position - 1] : batch->running_ns;
	e->ended_ns = line->test_ended_ns[position];
}

static void find_place(const struct pieces *pieces, const struct schedule *line, uint32_t test,
                       struct explanation *e)
{
	size_t i;
	uint32_t j;

	for (i = 0; i < line->batch_count; i++) {
		for (j = 0; j < line->batches[i].test_count; j++) {
			if (line->tests[line->batches[i].first_test + j] == test)
				set_place(pieces, line, i, j, e);
		}
	}
}

/* The makespan if the test took `time_ns`. */
static uint64_t what_if_ns(const struct pieces *pieces, const struct policy *policy, uint32_t test,
                           uint64_t time_ns)
{
	const struct test_list *tests = pieces->input->tests;
	uint64_t *actual_ns = mem_calloc(tests->count, sizeof(actual_ns[0]));
	struct schedule line;
	uint64_t makespan_ns;
	size_t i;

	for (i = 0; i < tests->count; i++)
		actual_ns[i] = pieces_test_ns(pieces, (uint32_t)i);
	actual_ns[test] = time_ns;
	simulate(pieces, policy, actual_ns, false, &line);
	makespan_ns = line.makespan_ns;
	schedule_deinit(&line);
	free(actual_ns);
	return makespan_ns;
}

void explain(const struct pieces *pieces, const struct policy *policy, uint32_t test,
             struct explanation *ret_explanation)
{
	const struct test_list *tests = pieces->input->tests;
	uint32_t piece = pieces->piece_of[test];
	struct explanation e = {.test = &tests->tests[test], .is_skipped = piece == PIECE_NONE};
	struct schedule line;

	e.suite = test_suite_name(tests, e.test);
	e.area = test_area_name(tests, e.test);
	if (!e.is_skipped) {
		e.rank = rank_of(pieces, piece);
		e.piece_count = pieces->count;
		e.piece_tests = pieces->pieces[piece].count;
		set_needs(pieces, piece, &e);
		simulate(pieces, policy, NULL, true, &line);
		e.makespan_ns = line.makespan_ns;
		find_place(pieces, &line, test, &e);
		schedule_deinit(&line);
		e.without_ns = what_if_ns(pieces, policy, test, 0);
		e.doubled_ns = what_if_ns(pieces, policy, test,
		                          pieces_test_ns(pieces, test) + e.test->expected_ns);
	}
	*ret_explanation = e;
}
