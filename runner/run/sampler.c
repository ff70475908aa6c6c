/* sampler.c - see sampler.h. */
#include "runner/run/sampler.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/run/cpu_load.h"
#include "shards/base/mem.h"

enum { FIRST_DISTANCE_MS = 1000, ASKED_DISTANCE_MS = 2000, LAST_SAMPLE_MIN_NS = 200 * 1000 * 1000 };

struct sampler {
	struct loop *loop;
	struct loop_timer *timer;
	struct recorder *recorder;
	const char *node;
	void (*ask)(void *data); /* NULL: this machine */
	void *data;
	struct cpu_counters before;
	bool has_before;
	uint64_t distance_ms;
	uint32_t count;
};

/* Batches whose command runs on the node now. */
static uint32_t running_count(const struct sampler *sampler)
{
	const struct ledger *ledger = &sampler->recorder->ledger;
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < ledger->batch_count; i++) {
		const struct ledger_batch *batch = &ledger->batches[i];

		count += batch->is_open && batch->running_ns > 0 &&
		         strcmp(ledger->workers[batch->worker].node, sampler->node) == 0;
	}
	return count;
}

static void record(struct sampler *sampler, const struct cpu_counters *now, uint32_t cpus)
{
	recorder_add(
		sampler->recorder,
		(struct event){
			.kind = EVENT_NODE_SAMPLED,
			.node_sampled = {
				.node = text_from(sampler->node),
				.cpus = cpus,
				.running = running_count(sampler),
				.busy_permille = cpu_busy_permille(&sampler->before, now),
				.stalled_permille = cpu_stalled_permille(&sampler->before, now),
				.load_permille = now->load_permille,
			}});
	sampler->before = *now;
	if (++sampler->count % SAMPLER_STRIDE == 0)
		sampler->distance_ms *= 2;
}

static void sample(struct sampler *sampler)
{
	struct cpu_counters now;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpu_counters_read(&now, loop_now_ns(sampler->loop)))
		record(sampler, &now, cpus > 0 ? (uint32_t)cpus : 0);
}

/* An answer that comes after the end, or right behind one that was late, is left out. */
void sampler_take(struct sampler *sampler, struct text told, uint32_t cpus)
{
	struct cpu_counters now = {.at_ns = loop_now_ns(sampler->loop)};

	if (!loop_timer_is_armed(sampler->timer) || !cpu_counters_take_told(&now, told))
		return;
	if (!sampler->has_before)
		sampler->before = now;
	else if (now.at_ns - sampler->before.at_ns >= LAST_SAMPLE_MIN_NS)
		record(sampler, &now, cpus);
	sampler->has_before = true;
}

static void on_time(void *data)
{
	struct sampler *sampler = data;

	if (sampler->ask != NULL)
		sampler->ask(sampler->data);
	else
		sample(sampler);
	recorder_flush(sampler->recorder);
	loop_timer_start(sampler->timer, sampler->distance_ms);
}

struct sampler *sampler_new(struct loop *loop, struct recorder *recorder, const char *node,
                            void (*ask)(void *data), void *data)
{
	struct sampler *sampler = mem_calloc(1, sizeof(*sampler));

	*sampler = (struct sampler){
		.loop = loop,
		.recorder = recorder,
		.node = node,
		.ask = ask,
		.data = data,
		.distance_ms = ask != NULL ? ASKED_DISTANCE_MS : FIRST_DISTANCE_MS,
	};
	sampler->timer = loop_timer_new(loop, on_time, sampler);
	return sampler;
}

void sampler_start(struct sampler *sampler)
{
	if (sampler->ask != NULL || cpu_counters_read(&sampler->before, loop_now_ns(sampler->loop)))
		loop_timer_start(sampler->timer, sampler->distance_ms);
}

void sampler_stop(struct sampler *sampler)
{
	if (!loop_timer_is_armed(sampler->timer))
		return;
	loop_timer_stop(sampler->timer);
	/* A share of a few ticks would say nothing. */
	if (sampler->ask == NULL &&
	    loop_now_ns(sampler->loop) - sampler->before.at_ns >= LAST_SAMPLE_MIN_NS)
		sample(sampler);
}

void sampler_free(struct sampler *sampler)
{
	if (sampler == NULL)
		return;
	loop_timer_free(sampler->timer);
	free(sampler);
}
