/* pool_check.c - after a batch that came to no good end: are the members that it holds what they
 * should be? */
#include <stdlib.h>

#include "runner/run/pools_state.h"
#include "shards/base/mem.h"

enum { CHECK_LIMIT_MS = 30 * 1000 };

static void check_next(struct pools *pools, struct request *request);

static void end_check(struct request *request, struct member *dead, const char *fault)
{
	char *message = NULL;

	if (dead != NULL) {
		message = mem_printf("member %s of pool %s died while the batch ran: %s",
		                     dead->config->name, dead->settings->name, fault);
		member_bury(dead);
	}
	request->on_checked(request->check_data, message);
	free(message);
}

static void on_probed(void *data, const struct ending *ending)
{
	struct request *request = data;
	struct member *member = request->members[request->next_check - 1];
	char *fault = errand_fault(ending, request->probe.limit_ms), *told;

	request->probe.errand = NULL;
	member_errand_clear(&request->probe);
	if (fault == NULL || member->pools->is_hurried) {
		check_next(member->pools, request);
	} else {
		told = mem_printf("its \"ready\" %s", fault);
		end_check(request, member, told);
		free(told);
	}
	free(fault);
}

static void check_next(struct pools *pools, struct request *request)
{
	const struct errand_spec callbacks = {.on_done = on_probed, .data = request};
	char *verb;

	while (request->next_check < request->member_count && !pools->is_hurried) {
		struct member *member = request->members[request->next_check++];

		if (member->is_dead) {
			end_check(request, member, "what \"up\" had left running has ended");
			return;
		}
		if (member->settings->ready == NULL)
			continue;
		verb = mem_printf("check-%u", (unsigned)(request - pools->requests));
		member_start(member, &request->probe, verb, member->settings->ready, CHECK_LIMIT_MS,
		             &callbacks);
		free(verb);
		return;
	}
	end_check(request, NULL, NULL);
}

bool pools_check(struct pools *pools, uint32_t worker, pools_checked_fn on_checked, void *data)
{
	struct request *request = &pools->requests[worker];
	bool has_question = false;
	size_t i;

	for (i = 0; i < request->member_count; i++)
		has_question |= request->members[i]->is_dead ||
		                request->members[i]->settings->ready != NULL;
	if (!has_question)
		return false;
	request->on_checked = on_checked;
	request->check_data = data;
	request->next_check = 0;
	check_next(pools, request);
	return true;
}

void pools_hurry(struct pools *pools)
{
	uint32_t i;

	pools->is_hurried = true;
	for (i = 0; i < pools->options.worker_count; i++) {
		if (pools->requests[i].probe.errand != NULL)
			errand_stop(pools->requests[i].probe.errand, DRIVER_STOP_NOW, 0);
	}
}
