/* pools.c - see pools.h. */
#include "runner/run/pools.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/run/pools_state.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

#define NS_PER_S UINT64_C(1000000000)
enum {
	BACK_OFF_S = 10, /* so long a wait for another run may be a wait in a circle */
	REST_S = 2,      /* and that long it can have what lies idle here */
	REST_MORE_MS = 2000,
};

struct loop *pools_loop(const struct pools *pools)
{
	return pools->options.loop;
}

const struct command_context *pools_context(const struct pools *pools)
{
	return pools->options.context;
}

struct recorder *pools_recorder(const struct pools *pools)
{
	return pools->options.recorder;
}

bool pools_is_ending(const struct pools *pools)
{
	return pools->is_closing;
}

static uint64_t now_ns(const struct pools *pools)
{
	return clock_now_ns(&pools->options.recorder->clock);
}

/* ---- making and releasing ---- */

static uint32_t largest_need(const struct planning *planning, uint32_t pool)
{
	uint32_t largest = 0;
	size_t i, n;

	for (i = 0; i < planning->input.tests->area_count; i++) {
		const struct plan_area *area = &planning->areas[i];

		for (n = 0; n < area->need_count; n++) {
			if (area->needs[n].pool == pool && area->needs[n].count > largest)
				largest = area->needs[n].count;
		}
	}
	return largest;
}

struct pools *pools_new(const struct pools_options *options)
{
	const struct project *project = options->context->project;
	struct pools *pools = mem_calloc(1, sizeof(*pools));
	uint32_t i;
	size_t n;

	pools->options = *options;
	pools->pool_count = project->config->pool_count;
	pools->pools = mem_calloc(pools->pool_count, sizeof(pools->pools[0]));
	pools->requests = mem_calloc(options->worker_count, sizeof(pools->requests[0]));
	for (i = 0; i < pools->pool_count; i++) {
		struct pool *pool = &pools->pools[i];

		pool->settings = &project->config->pools[i];
		pool->largest_need = largest_need(&project->planning, i);
		pool->members = mem_calloc(pool->settings->member_count, sizeof(pool->members[0]));
		for (n = 0; n < pool->settings->member_count; n++)
			member_init(&pool->members[n], pools, pool->settings,
			            &pool->settings->members[n]);
	}
	return pools;
}

void pools_free(struct pools *pools)
{
	size_t i, n;

	if (pools == NULL)
		return;
	for (i = 0; i < pools->pool_count; i++) {
		for (n = 0; n < pools->pools[i].settings->member_count; n++)
			member_deinit(&pools->pools[i].members[n]);
		free(pools->pools[i].members);
	}
	for (i = 0; i < pools->options.worker_count; i++) {
		pool_words_deinit(&pools->requests[i].words);
		free(pools->requests[i].members);
		free(pools->requests[i].why);
	}
	free(pools->pools);
	free(pools->requests);
	free(pools);
}

/* Call `act` for every member. */
static void each_member(struct pools *pools, void (*act)(struct member *member))
{
	size_t i, n;

	for (i = 0; i < pools->pool_count; i++) {
		for (n = 0; n < pools->pools[i].settings->member_count; n++)
			act(&pools->pools[i].members[n]);
	}
}

void pools_clean_up(struct pools *pools)
{
	each_member(pools, member_clean_up);
}

/* ---- the line ---- */

/* The waiting request that comes after `number`; NULL: none. */
static struct request *next_in_line(const struct pools *pools, uint64_t number)
{
	struct request *next = NULL;
	uint32_t i;

	for (i = 0; i < pools->options.worker_count; i++) {
		struct request *request = &pools->requests[i];

		if (request->state == REQUEST_WAITING && request->number > number &&
		    (next == NULL || request->number < next->number))
			next = request;
	}
	return next;
}

static size_t count_in_state(const struct pool *pool, enum member_state state)
{
	size_t count = 0, i;

	for (i = 0; i < pool->settings->member_count; i++)
		count += pool->members[i].state == state;
	return count;
}

/* Can it ever have what it wants? */
static bool is_hopeless(const struct pools *pools, const struct request *request)
{
	size_t i;

	for (i = 0; i < request->need_count; i++) {
		const struct pool *pool = &pools->pools[request->needs[i].pool];

		if (pool->settings->member_count - count_in_state(pool, MEMBER_BROKEN) <
		    pool_need_members(&request->needs[i]))
			return true;
	}
	return false;
}

/* "pool shop has 0 of 2 members left: shop-1 is set aside, as its "up" exited 3". */
static char *why_hopeless(const struct pools *pools, const struct request *request)
{
	size_t i, n;

	for (i = 0; i < request->need_count; i++) {
		const struct pool *pool = &pools->pools[request->needs[i].pool];
		size_t count = pool->settings->member_count;
		size_t broken = count_in_state(pool, MEMBER_BROKEN);

		if (count - broken >= pool_need_members(&request->needs[i]))
			continue;
		for (n = 0; pool->members[n].state != MEMBER_BROKEN;)
			n++;
		return mem_printf("pool %s has %zu of its %zu members left, and %u are needed: %s "
		                  "is set aside, as %s",
		                  pool->settings->name, count - broken, count,
		                  pool_need_members(&request->needs[i]),
		                  pool->members[n].config->name, pool->members[n].why);
	}
	return mem_strdup("");
}

/* How many more seats of a pool are wanted than there are, or are on their way. */
static uint32_t missing_seats(const struct pools *pools, uint32_t index)
{
	const struct pool *pool = &pools->pools[index];
	const struct request *request = NULL;
	uint64_t number = 0;
	uint32_t wanted = 0, coming = 0;
	size_t i;

	while ((request = next_in_line(pools, number)) != NULL) {
		number = request->number;
		for (i = 0; i < request->need_count; i++)
			wanted += request->needs[i].pool == index ? request->needs[i].count : 0;
	}
	for (i = 0; i < pool->settings->member_count; i++) {
		const struct member *member = &pool->members[i];

		if (member->state == MEMBER_RISING || member->state == MEMBER_PROBED)
			coming += pool->settings->share;
		else if (member->state == MEMBER_UP && !member->is_dead)
			coming += pool->settings->share - member->user_count;
	}
	return wanted > coming ? wanted - coming : 0;
}

static void tell_wait(struct pools *pools, struct pool *pool)
{
	char message[TANDA_MESSAGE_MAX];
	size_t i = 0;

	if (pool->has_told_wait)
		return;
	while (i < pool->settings->member_count && pool->members[i].state != MEMBER_AWAY)
		i++;
	if (i == pool->settings->member_count)
		return;
	pool->has_told_wait = true;
	snprintf(message, sizeof(message),
	         "waiting for pool %.200s: another run has %.200s (run %s, pid %llu on %s)",
	         pool->settings->name, pool->members[i].config->name, pool->members[i].holder.run,
	         (unsigned long long)pool->members[i].holder.pid, pool->members[i].holder.host);
	recorder_warn(pools->options.recorder, message);
}

/* Bring up what is wanted and not there yet, side by side. */
static void raise_wanted(struct pools *pools)
{
	uint32_t index;
	size_t i;

	for (index = 0; index < pools->pool_count; index++) {
		struct pool *pool = &pools->pools[index];

		for (i = 0; i < pool->settings->member_count; i++) {
			struct member *member = &pool->members[i];

			if (member->state == MEMBER_DOWN && missing_seats(pools, index) > 0 &&
			    now_ns(pools) >= member->rest_until_ns)
				member_raise(member);
		}
		if (missing_seats(pools, index) > 0)
			tell_wait(pools, pool);
	}
}

static bool has_away(const struct pools *pools)
{
	size_t i;

	for (i = 0; i < pools->pool_count; i++) {
		if (count_in_state(&pools->pools[i], MEMBER_AWAY) > 0)
			return true;
	}
	return false;
}

/* Two runs may each hold what the other waits for: who has waited long lets go of what lies idle
 * here, for a time that differs from run to run. */
static void back_off(struct pools *pools)
{
	const struct request *first = next_in_line(pools, 0);
	uint64_t now = now_ns(pools);
	size_t i, n;

	if (first == NULL || now - first->since_ns < BACK_OFF_S * NS_PER_S || !has_away(pools))
		return;
	for (i = 0; i < pools->pool_count; i++) {
		for (n = 0; n < pools->pools[i].settings->member_count; n++) {
			struct member *member = &pools->pools[i].members[n];

			if (member->state != MEMBER_UP || member->user_count > 0 ||
			    member->lease.fd < 0)
				continue;
			member->rest_until_ns =
				now + REST_S * NS_PER_S +
				(uint64_t)getpid() % REST_MORE_MS * (NS_PER_S / 1000);
			member_sink(member);
		}
	}
}

static void serve_line(struct pools *pools)
{
	struct request *request;
	uint64_t number = 0;
	size_t i, n;

	for (i = 0; i < pools->pool_count; i++) {
		for (n = 0; n < pools->pools[i].settings->member_count; n++)
			pools->pools[i].members[n].is_claimed = false;
	}
	while ((request = next_in_line(pools, number)) != NULL) {
		number = request->number;
		if (is_hopeless(pools, request)) {
			request->why = why_hopeless(pools, request);
			request->state = REQUEST_NEVER;
		} else if (pool_grant(pools, request)) {
			pool_tell_words(pools, request);
			request->state = REQUEST_GRANTED;
		}
	}
}

void pools_step(struct pools *pools)
{
	pools->is_stale = true;
	if (pools->is_stepping)
		return;
	pools->is_stepping = true;
	while (pools->is_stale && !pools->is_closing) {
		pools->is_stale = false;
		serve_line(pools);
		raise_wanted(pools);
		back_off(pools);
	}
	pools->is_stepping = false;
	pools->options.on_changed(pools->options.data);
}

/* ---- calls ---- */

enum pools_answer pools_ask(struct pools *pools, uint32_t worker, const struct plan_need *needs,
                            size_t need_count, uint32_t area)
{
	struct request *request = &pools->requests[worker];

	if (request->state == REQUEST_NONE) {
		*request = (struct request){.state = REQUEST_WAITING,
		                            .number = ++pools->next_number,
		                            .since_ns = now_ns(pools),
		                            .needs = needs,
		                            .need_count = need_count,
		                            .area = area};
		pools_step(pools);
	}
	switch (request->state) {
	case REQUEST_GRANTED:
		return POOLS_GRANTED;
	case REQUEST_NEVER:
		return POOLS_NEVER;
	case REQUEST_NONE:
	case REQUEST_WAITING:
		break;
	}
	return POOLS_WAIT;
}

const char *pools_why(const struct pools *pools, uint32_t worker)
{
	return pools->requests[worker].why;
}

const struct pool_words *pools_words(const struct pools *pools, uint32_t worker)
{
	return &pools->requests[worker].words;
}

void pools_release(struct pools *pools, uint32_t worker)
{
	struct request *request = &pools->requests[worker];
	struct member **members = request->members;
	size_t count = request->member_count, i;
	bool is_change = request->state != REQUEST_NONE;

	if (count > 0)
		pool_seat(request, -1);
	pool_words_deinit(&request->words);
	free(request->why);
	*request = (struct request){.state = REQUEST_NONE};
	for (i = 0; i < count; i++) {
		if (members[i]->user_count == 0)
			member_rest(members[i]);
	}
	free(members);
	if (is_change)
		pools_step(pools);
}

/* ---- the whole ---- */

uint32_t pools_away_count(const struct pools *pools, uint32_t index)
{
	const struct pool *pool = &pools->pools[index];
	uint32_t share = pool->settings->share;
	uint32_t all = (uint32_t)pool->settings->member_count * share;
	uint32_t away = (uint32_t)(count_in_state(pool, MEMBER_AWAY) +
	                           count_in_state(pool, MEMBER_BROKEN)) *
	                share;

	return away > all - pool->largest_need ? all - pool->largest_need : away;
}

void pools_close(struct pools *pools)
{
	pools->is_closing = true;
	each_member(pools, member_end);
}

bool pools_is_closed(const struct pools *pools)
{
	size_t i, n;

	for (i = 0; i < pools->pool_count; i++) {
		for (n = 0; n < pools->pools[i].settings->member_count; n++) {
			if (!member_is_ended(&pools->pools[i].members[n]))
				return false;
		}
	}
	return true;
}

static void kill_member(struct member *member)
{
	if (member->keeper.errand != NULL)
		errand_stop(member->keeper.errand, DRIVER_STOP_NOW, 0);
	if (member->errand.errand != NULL)
		errand_stop(member->errand.errand, DRIVER_STOP_NOW, 0);
}

void pools_kill(struct pools *pools)
{
	each_member(pools, kill_member);
}

static void pause_member(struct member *member)
{
	if (member->keeper.errand != NULL)
		errand_pause(member->keeper.errand);
	if (member->errand.errand != NULL)
		errand_pause(member->errand.errand);
}

void pools_pause(struct pools *pools)
{
	each_member(pools, pause_member);
}

static void resume_member(struct member *member)
{
	if (member->keeper.errand != NULL)
		errand_resume(member->keeper.errand);
	if (member->errand.errand != NULL)
		errand_resume(member->errand.errand);
}

void pools_resume(struct pools *pools)
{
	each_member(pools, resume_member);
}
