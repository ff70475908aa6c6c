/* node_spec.h - nodes that are not there yet, as typed for a plan. */
#ifndef RUN_NODE_SPEC_H
#define RUN_NODE_SPEC_H
#include <stddef.h>

#include "shards/plan/input.h"

struct tanda_error;

struct node_specs {
	struct plan_node *nodes; /* they borrow `strings` and `labels` */
	size_t count;
	char **strings;
	size_t string_count, string_cap;
	const char ***labels;
};

/* Understand "NAME:EXECUTORS[xSPEED][/CPUS][+LABEL...]", several with commas
 * between: "local:2,box:4x1.5/8+linux+browser". A speed of 2 takes half the
 * time. Fails naming the part that makes no sense. */
int node_specs_parse(const char *text, struct node_specs *ret_specs, struct tanda_error *error)
	__attribute__((warn_unused_result));
void node_specs_deinit(struct node_specs *specs);
#endif
