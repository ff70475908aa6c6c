/* run_facts.c - see run_facts.h. */
#include "runner/run/run_facts.h"

#include <stdlib.h>

#include "shards/base/mem.h"

static uint32_t node_index(struct run_facts *facts, struct text name)
{
	size_t i;

	for (i = 0; i < facts->node_count; i++) {
		if (text_equal_str(name, facts->nodes[i]))
			return (uint32_t)i;
	}
	facts->nodes = mem_grow(facts->nodes, &facts->node_cap, facts->node_count + 1,
	                        sizeof(facts->nodes[0]));
	facts->nodes[facts->node_count++] = text_dup(name);
	return (uint32_t)(facts->node_count - 1);
}

static void take_worker(struct run_facts *facts, const struct event_worker_planned *e)
{
	facts->worker_nodes = mem_grow(facts->worker_nodes, &facts->worker_cap,
	                               facts->worker_count + 1, sizeof(facts->worker_nodes[0]));
	facts->worker_nodes[facts->worker_count++] = node_index(facts, e->node);
}

static void take_suite(struct run_facts *facts, const struct event_suite_planned *e)
{
	facts->env_names = mem_grow(facts->env_names, &facts->suite_cap, facts->suite_count + 1,
	                            sizeof(facts->env_names[0]));
	facts->env_names[facts->suite_count++] = text_dup(e->env_names);
}

/* A node without a worker is of no interest, and a stranger's journal could name many. */
static void take_sample(struct run_facts *facts, const struct event_node_sampled *e, uint64_t at_ns)
{
	size_t i;

	for (i = 0; i < facts->node_count && !text_equal_str(e->node, facts->nodes[i]); i++)
		;
	if (i == facts->node_count || facts->sample_count == FACTS_SAMPLES_MAX)
		return;
	facts->samples = mem_grow(facts->samples, &facts->sample_cap, facts->sample_count + 1,
	                          sizeof(facts->samples[0]));
	facts->samples[facts->sample_count++] = (struct view_sample){
		.at_ns = at_ns,
		.node = (uint32_t)i,
		.cpus = e->cpus,
		.running = e->running,
		.busy_permille = e->busy_permille < 1000 ? (uint32_t)e->busy_permille : 1000,
		.stalled_permille =
			e->stalled_permille < 1000 ? (uint32_t)e->stalled_permille : 1000,
		.load_permille = e->load_permille,
	};
}

static void take_mark(struct run_facts *facts, struct text message, bool is_stop, uint64_t at_ns)
{
	if (facts->mark_count == FACTS_MARKS_MAX)
		return;
	facts->marks = mem_grow(facts->marks, &facts->mark_cap, facts->mark_count + 1,
	                        sizeof(facts->marks[0]));
	facts->marks[facts->mark_count++] = (struct view_mark){at_ns, is_stop, text_dup(message)};
}

void run_facts_take(struct run_facts *facts, const struct event *event)
{
	if (event->kind != EVENT_RUN_FINISHED && event->kind != EVENT_TEST_RECALLED &&
	    event->at_ns > facts->end_ns)
		facts->end_ns = event->at_ns;
	if (event->kind == EVENT_RUN_STARTED) {
		facts->system = text_dup(event->run_started.system);
		facts->cpus = event->run_started.cpus;
	} else if (event->kind == EVENT_WORKER_PLANNED) {
		take_worker(facts, &event->worker_planned);
	} else if (event->kind == EVENT_SUITE_PLANNED) {
		take_suite(facts, &event->suite_planned);
	} else if (event->kind == EVENT_NODE_SAMPLED) {
		take_sample(facts, &event->node_sampled, event->at_ns);
	} else if (event->kind == EVENT_WARNED) {
		take_mark(facts, event->warned.message, false, event->at_ns);
	} else if (event->kind == EVENT_RUN_RESUMED) {
		take_mark(facts, TEXT_LIT("tanda had died, and another went on"), false,
		          event->at_ns);
	} else if (event->kind == EVENT_STOP_REQUESTED) {
		take_mark(facts, event->stop_requested.message, true, event->at_ns);
	}
}

void run_facts_deinit(struct run_facts *facts)
{
	size_t i;

	for (i = 0; i < facts->node_count; i++)
		free(facts->nodes[i]);
	for (i = 0; i < facts->suite_count; i++)
		free(facts->env_names[i]);
	for (i = 0; i < facts->mark_count; i++)
		free((char *)facts->marks[i].message);
	free(facts->nodes);
	free(facts->worker_nodes);
	free(facts->env_names);
	free(facts->marks);
	free(facts->samples);
	free(facts->system);
	*facts = (struct run_facts){0};
}
