/* node_life.c - see node_life.h. */
#include "shards/model/node_life.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/ledger.h"
#include "shards/model/node.h"

enum {
	FULL_PERMILLE = 900,
	FULL_SHARE_PERCENT = 30, /* of its samples */
	PERCENT = 100,
};

/* Less than that tells nothing of a speed. */
#define SPEED_MIN_NS UINT64_C(1000000000)

static struct node_life *find(const struct ledger *ledger, struct text name)
{
	size_t i;

	for (i = 0; i < ledger->node_count; i++) {
		if (text_equal_str(name, ledger->nodes[i].name))
			return &ledger->nodes[i];
	}
	return NULL;
}

uint32_t node_life_add_worker(struct ledger *ledger, struct text name)
{
	struct node_life *node = find(ledger, name);

	if (node == NULL && ledger->node_count == NODES_TOLD_MAX)
		node = &ledger->nodes[NODES_TOLD_MAX - 1]; /* of a stranger's journal */
	if (node == NULL) {
		ledger->nodes = mem_grow(ledger->nodes, &ledger->node_cap, ledger->node_count + 1,
		                         sizeof(ledger->nodes[0]));
		node = &ledger->nodes[ledger->node_count++];
		*node = (struct node_life){.name = text_dup(name)};
	}
	node->executors++;
	return (uint32_t)(node - ledger->nodes);
}

void node_life_apply_changed(struct ledger *ledger, const struct event_node_changed *e,
                             uint64_t at_ns)
{
	struct node_life *node = find(ledger, e->node);

	if (node == NULL)
		return;
	node->up_count += e->change == NODE_UP;
	node->lost_count += e->change == NODE_LOST;
	node->opened_ns += e->opened_ns;
	node->prepared_ns += e->prepared_ns;
	node->sent_bytes += e->sent_bytes;
	if (node->turn_count == NODE_TURNS_MAX)
		return;
	node->turns = mem_grow(node->turns, &node->turn_cap, node->turn_count + 1,
	                       sizeof(node->turns[0]));
	node->turns[node->turn_count++] =
		(struct node_turn){at_ns, e->change, text_dup(e->message)};
}

void node_life_apply_sampled(struct ledger *ledger, const struct event_node_sampled *e)
{
	struct node_life *node = find(ledger, e->node);

	if (node == NULL)
		return;
	if (e->cpus > 0)
		node->cpus = e->cpus;
	if (e->running == 0)
		return;
	node->sample_count++;
	node->busy_permille += e->busy_permille < 1000 ? e->busy_permille : 1000;
	node->stalled_permille += e->stalled_permille < 1000 ? e->stalled_permille : 1000;
	node->full_count += e->busy_permille >= FULL_PERMILLE;
}

void node_life_free(struct ledger *ledger)
{
	size_t i, j;

	for (i = 0; i < ledger->node_count; i++) {
		for (j = 0; j < ledger->nodes[i].turn_count; j++)
			free(ledger->nodes[i].turns[j].message);
		free(ledger->nodes[i].turns);
		free(ledger->nodes[i].name);
	}
	free(ledger->nodes);
}

bool node_life_is_full(const struct node_life *node)
{
	return node->executors > 1 && node->sample_count > 0 &&
	       node->full_count * PERCENT >= node->sample_count * FULL_SHARE_PERCENT;
}

/* ---- what it did ---- */

/* What passed on a node: as it was expected, as it was. */
struct pace {
	uint64_t expected_ns, actual_ns;
};

static uint32_t node_of(const struct ledger *ledger, const struct ledger_batch *batch)
{
	return ledger->workers[batch->worker].node_number;
}

static void add_pace(const struct ledger *ledger, const struct ledger_test *test,
                     struct pace *paces)
{
	const struct attempt *attempt;

	if (!test->info.expected_known || test->info.expected_ns == 0)
		return;
	for (attempt = test->first_attempt; attempt != NULL; attempt = attempt->next) {
		struct pace *pace = &paces[node_of(ledger, &ledger->batches[attempt->batch])];

		if (attempt->outcome != OUTCOME_PASSED || attempt->time_ns == 0)
			continue;
		pace->expected_ns += test->info.expected_ns;
		pace->actual_ns += attempt->time_ns;
	}
}

static double speed_of(const struct pace *pace)
{
	return pace->actual_ns >= SPEED_MIN_NS ? (double)pace->expected_ns / (double)pace->actual_ns
	                                       : 0;
}

static void set_speeds(const struct ledger *ledger, struct node_tally *tallies)
{
	struct pace *paces = mem_calloc(ledger->node_count, sizeof(paces[0]));
	double here = 0;
	size_t i;

	for (i = 0; i < ledger->test_count; i++)
		add_pace(ledger, &ledger->tests[i], paces);
	for (i = 0; i < ledger->node_count; i++) {
		tallies[i].speed = speed_of(&paces[i]);
		if (strcmp(ledger->nodes[i].name, node_kind_name(NODE_LOCAL)) == 0)
			here = tallies[i].speed;
	}
	for (i = 0; i < ledger->node_count && here > 0; i++)
		tallies[i].speed /= here;
	free(paces);
}

struct node_tally *node_tallies(const struct ledger *ledger)
{
	struct node_tally *tallies = mem_calloc(ledger->node_count, sizeof(tallies[0]));
	size_t i;

	for (i = 0; i < ledger->worker_count; i++) {
		const struct ledger_worker *worker = &ledger->workers[i];

		tallies[worker->node_number].tests += worker->tests;
		tallies[worker->node_number].busy_ns += worker->busy_ns;
	}
	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];
		struct node_tally *tally;

		if (!batch->has_ended || batch->running_ns == 0)
			continue;
		tally = &tallies[node_of(ledger, batch)];
		tally->starts++;
		if (batch->end.elapsed_ns > batch->tests_ns)
			tally->start_up_ns += batch->end.elapsed_ns - batch->tests_ns;
	}
	set_speeds(ledger, tallies);
	return tallies;
}
