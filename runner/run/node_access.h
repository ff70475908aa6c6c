/* node_access.h - what a driver needs to reach a node: its settings, with the login that they name
 * looked up. */
#ifndef RUN_NODE_ACCESS_H
#define RUN_NODE_ACCESS_H
#include <stdint.h>

#include "runner/exec/driver.h"

struct node_settings;
struct project;
struct tanda_error;

/* Fill in everything but `executors`; what it points at is borrowed from the arguments and the
 * environment. *ret_token is a secret in clear or NULL, and outlives the driver: token_free().
 * Fails, naming the remedy, when a variable or a file that holds the login is not there. */
int node_access_fill(const struct project *project, const struct node_settings *settings,
                     const char *run_id, const char *out_dir, struct node_setup *ret_setup,
                     char **ret_token, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
