/* coordinator.h - the run itself: queue, drivers and ledger joined on the event loop.
 *
 * It alone orders the journal. All deciding is done elsewhere (queue, ledger); here facts come in,
 * are recorded, and the next batch is handed to whoever is free. */
#ifndef RUN_COORDINATOR_H
#define RUN_COORDINATOR_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/run/command.h"
#include "runner/run/held.h"
#include "runner/run/recorder.h"

struct tanda_error;

/* From the first signal to SIGKILL at most; the reports need the rest of a CI server's patience. */
enum { STOP_BUDGET_MS = 5500 };

struct coordinator_options {
	const struct command_context *context;
	struct recorder *recorder;
	struct outlet *outlet; /* the recorder's console writes to it */
	uint64_t run_limit_ms; /* 0: none */
	uint64_t max_fail;     /* stop handing out after so many failures; 0: never */
	uint64_t failed_count; /* that there are already */
	struct held_list held; /* batches that nodes may have already; borrowed */
	bool wants_output;     /* console_live() as it comes */
	/* No test runs any more, and none will; what is around them is cleared away from now on,
	 * which may take its time. */
	void (*on_tests_over)(void *data);
	void *data;
	driver_new_fn *make_driver; /* NULL: driver_new() */
	uint64_t first_pause_ms;    /* before a node is tried again; 0: as ever */
};

/* How the run was told to stop, if it was. */
struct coordinator_result {
	int signal; /* to die of after the reports are written; 0: none */
};

/* Run every batch to its end. Signals are handled from here on: the first stops orderly, the second
 * at once, the third ends tanda on the spot; when it returns they are held. Fails only when a
 * node's driver cannot be made. */
int coordinator_run(const struct coordinator_options *options,
                    struct coordinator_result *ret_result, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
