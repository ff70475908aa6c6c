/* held.c - see held.h. */
#include "runner/run/held.h"

#include <stdlib.h>
#include <string.h>

#include "runner/run/project.h"
#include "shards/base/mem.h"

static void free_batch(struct held_batch *batch)
{
	free(batch->key);
	free(batch->handle);
	free(batch->tests);
}

void held_deinit(struct held_list *held)
{
	size_t i;

	for (i = 0; i < held->count; i++)
		free_batch(&held->list[i]);
	free(held->list);
	*held = (struct held_list){0};
}

void held_note(struct held_list *held, const struct event_batch_submitted *event)
{
	held->list = mem_grow(held->list, &held->cap, held->count + 1, sizeof(held->list[0]));
	held->list[held->count++] = (struct held_batch){.batch = event->batch,
	                                                .key = text_dup(event->key),
	                                                .handle = text_dup(event->handle)};
}

/* A build goes on without its tanda, a shell keeps a result until it is acknowledged; what runs
 * here ends with its tanda. */
static enum node_kind kind_of(const struct project *project, const char *node)
{
	const struct planning *planning = &project->planning;
	size_t i;

	for (i = 0; i < planning->node_count; i++) {
		if (strcmp(planning->node_settings[i]->name, node) == 0)
			return planning->node_settings[i]->kind;
	}
	return NODE_LOCAL;
}

static bool is_alone(const struct project *project, const struct ledger_batch *batch)
{
	const struct plan_area *areas = project->planning.input.areas;
	uint32_t i;

	for (i = 0; areas != NULL && i < batch->test_count; i++) {
		const struct test *test = &project->tests.tests[batch->tests[i]];
		const struct plan_area *area = &areas[test->area_index];

		if (area->keep_together || area->need_count > 0)
			return false;
	}
	return true;
}

static bool has_another(const struct held_list *held, size_t count, uint32_t worker)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (held->list[i].is_asked_for && held->list[i].worker == worker)
			return true;
	}
	return false;
}

static void fill(struct held_batch *batch, const struct ledger_batch *from)
{
	batch->worker = from->worker;
	batch->reason = from->reason;
	batch->expected_ns = from->expected_ns;
	batch->limit_ms = from->limit_ms;
	batch->test_count = from->test_count;
	batch->tests = mem_calloc(from->test_count, sizeof(batch->tests[0]));
	memcpy(batch->tests, from->tests, from->test_count * sizeof(batch->tests[0]));
}

void held_choose(struct held_list *held, const struct ledger *ledger, const struct project *project,
                 struct plan_past *pasts)
{
	size_t kept = 0, i, j;

	for (i = 0; i < held->count; i++) {
		struct held_batch batch = held->list[i];
		const struct ledger_batch *from =
			batch.batch < ledger->batch_count ? &ledger->batches[batch.batch] : NULL;
		enum node_kind kind = NODE_LOCAL;

		if (from != NULL && from->is_open && from->test_count > 0)
			kind = kind_of(project, ledger->workers[from->worker].node);
		batch.has_lease = kind != NODE_LOCAL && kind != NODE_JENKINS;
		batch.is_asked_for = kind != NODE_LOCAL && is_alone(project, from) &&
		                     !has_another(held, kept, from->worker);
		if (!batch.is_asked_for && !batch.has_lease) {
			free_batch(&batch);
			continue;
		}
		fill(&batch, from);
		for (j = 0; batch.is_asked_for && j < batch.test_count; j++)
			pasts[batch.tests[j]].is_held = true;
		held->list[kept++] = batch;
	}
	held->count = kept;
}

bool held_has(const struct held_list *held, uint32_t batch)
{
	size_t i;

	for (i = 0; i < held->count; i++) {
		if (held->list[i].batch == batch)
			return true;
	}
	return false;
}
