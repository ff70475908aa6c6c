/* checkout.h - the commit that stands here, fetched and checked out by the node itself.
 *
 *   LOOKING (what stands here, and is all of it committed?) --> STANDING (on the node) --> its end
 */
#ifndef EXEC_WORKSPACE_CHECKOUT_H
#define EXEC_WORKSPACE_CHECKOUT_H
#include "runner/exec/workspace/arrival.h"

struct loop;
struct node_setup;
struct checkout;

/* Begin; `socket` as for transport_words(), borrowed with `setup`. */
struct checkout *checkout_new(struct loop *loop, const struct node_setup *setup, const char *socket,
                              const struct arrival_listener *listener, void *data);
/* Neither on_arrived nor on_failed is called any more; on_over follows. */
void checkout_stop(struct checkout *checkout);
/* After on_over. NULL is allowed. */
void checkout_free(struct checkout *checkout);
#endif
