/* remembered.h - what a run was told by its command line and by TANDA_* variables, kept in its
 * journal for the tanda that goes on with it: "--retries=2", "--fail-on-flaky", "TANDA_GRACE=5s", a
 * line each. What chooses tests is not among it: the plan holds those. */
#ifndef COMMANDS_REMEMBERED_H
#define COMMANDS_REMEMBERED_H
#include "runner/commands/options.h"

struct tanda_error;

/* The caller frees it. */
char *remembered_write(const struct options *options);

/* The options of a tanda that goes on, with what the run was told at its beginning in place of the
 * variables that are set now. Fails when they say something else, in words. Cuts `told` into
 * pieces, and borrows them and `options`. */
int remembered_restore(const struct options *options, char *told, struct options *ret_again,
                       struct tanda_error *error) __attribute__((warn_unused_result));
void remembered_deinit(struct options *again); /* also after a failure */
#endif
