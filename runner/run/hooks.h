/* hooks.h - the project's own commands around the run, its nodes, its workers and its areas.
 *
 *   NONE --> BEFORE --> OPEN ----> AFTER --> DONE
 *            ^ | +----> FAILED ------^
 *            | +------> LOST --------^
 *            +-- (its node is back) -+
 *
 * What is around a batch is opened when the batch has been handed out, and first. What was begun is
 * cleared away, however the run ends: an area when its last test is over, the others when there is
 * no more work, from the inside out. Hooks of the run and of areas run on this machine, those of
 * nodes and workers on the node. Their time counts in no test's. */
#ifndef RUN_HOOKS_H
#define RUN_HOOKS_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"

struct coordinator;
struct hooks;
struct slot;

enum hooks_answer {
	HOOKS_GO,
	HOOKS_WAIT,  /* coordinator_step() is called when that may have changed */
	HOOKS_NEVER, /* none of what was handed out is left to be run here */
};

struct hooks *hooks_new(struct coordinator *c);
void hooks_free(struct hooks *hooks); /* NULL is allowed */

/* There is something to run: begin with the run's own. */
void hooks_begin(struct hooks *hooks);
/* May batches be handed out at all? */
bool hooks_let_in(const struct hooks *hooks);
/* May another batch wait on the node behind the one that runs? Not where areas are opened first. */
bool hooks_let_ahead(const struct hooks *hooks);
/* May the batch that was handed out to the slot start? Opens what is around it. Tests of an area
 * that could not be opened are dropped from it; a worker or node that could not is lost. */
enum hooks_answer hooks_ask(struct hooks *hooks, struct slot *slot);
/* The test will not run again. */
void hooks_note_settled(struct hooks *hooks, uint32_t test);
/* There is no more work: clear away what is open. True when nothing is. */
bool hooks_finish(struct hooks *hooks);

/* The run is told to stop: what makes ready is stopped; what clears away goes on. */
void hooks_hurry(struct hooks *hooks, int signal_number);
/* At once: that, too. */
void hooks_kill(struct hooks *hooks);
void hooks_pause(struct hooks *hooks);
void hooks_resume(struct hooks *hooks);

/* Is it a hook's? Those on other nodes go through the node's driver, like batches. */
static inline bool hooks_own(const struct assignment *assignment)
{
	return assignment->data == NULL;
}
void hooks_on_ended(const struct assignment *assignment, const struct ending *ending);
#endif
