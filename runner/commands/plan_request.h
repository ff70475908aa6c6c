/* plan_request.h - what the options of `tanda plan` ask for, understood. */
#ifndef COMMANDS_PLAN_REQUEST_H
#define COMMANDS_PLAN_REQUEST_H
#include <stdint.h>

#include "runner/commands/options.h"
#include "shards/plan/outlook.h"

struct tanda_error;

enum { SWEEP_LAST = 16, SWEEP_POINTS_MAX = 512 };

struct plan_request {
	uint32_t workers;      /* equal ones in place of the nodes; 0: the nodes as they are */
	uint32_t shard_count;  /* of a static plan; 0: a rehearsal of the queue */
	uint32_t most_workers; /* that the answer is about: a file longer than the even share of so
	                          many is split; 0: those of the nodes */
	uint64_t start_up_ns;  /* of reports: what starting their framework costs */
	struct outlook_request outlook;
};

/* Fails on a value that makes no sense, and on options that contradict each
 * other. */
int plan_request_parse(const struct options *options, struct plan_request *ret_request,
                       struct tanda_error *error) __attribute__((warn_unused_result));
#endif
