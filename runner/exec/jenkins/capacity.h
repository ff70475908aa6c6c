/* capacity.h - how many builds of a job a controller can run at a time, and why not more; pure. */
#ifndef JENKINS_CAPACITY_H
#define JENKINS_CAPACITY_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum { CAPACITY_WHY_MAX = 700, CAPACITY_NODES_MAX = 20000 };

struct capacity {
	uint32_t executors; /* of nodes that are online; that of tanda's own build left out */
	bool is_elastic;    /* nodes come as they are needed: the number is no bound */
	bool is_deadlocked; /* the only executor is the one that tanda's own build holds */
	char why[CAPACITY_WHY_MAX + 1]; /* what keeps it low: nodes that are offline; "" */
};

/* From the answers to API_COMPUTERS and, for a job that is tied to a label, to API_LABEL (else the
 * empty text). `own_build_url` NULL: tanda is no part of a build. */
int capacity_read(struct text computers, struct text label, const char *own_build_url,
                  struct capacity *ret_capacity, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
