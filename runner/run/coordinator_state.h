/* coordinator_state.h - a coordinator from the inside; its parts are in several files. */
#ifndef RUN_COORDINATOR_STATE_H
#define RUN_COORDINATOR_STATE_H
#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/run/attempt.h"
#include "runner/run/coordinator.h"
#include "runner/run/display.h"
#include "runner/run/sampler.h"
#include "shards/plan/queue.h"

enum { NS_PER_MS = 1000000 };

/* One executor, and what it does. */
struct slot {
	struct coordinator *coordinator;
	uint32_t worker;
	bool is_ready; /* the driver would take an assignment */
	bool is_lost;
	uint64_t waits_since_ns;       /* asked in vain, as others hold what it needs; 0: not */
	struct batch_attempt *attempt; /* NULL: idle */
	struct loop_timer *hold;
	struct loop_timer *watch; /* looks where the framework is */
};

struct coordinator {
	const struct coordinator_options *options;
	const struct project *project;
	struct recorder *recorder;
	struct loop *loop;
	struct driver *driver;
	struct queue *queue;
	struct slot *slots;
	uint32_t slot_count;
	uint32_t next_batch;
	uint64_t failed_count;
	enum stop_cause stop;
	int stop_signal;
	int signal_count;
	struct sampler *sampler;
	struct loop_timer *run_limit;
	struct loop_timer *stop_limit; /* orderly becomes at once */
	struct display *display;
	uint32_t finishing_count; /* batches that are being written down */
	bool is_closing;
	bool is_dispatching;
};

/* Give work to whoever is free; when there is no more and nobody works, end. May be called from
 * within another (a batch that ends at once): the outer one sees its effect. */
void coordinator_step(struct coordinator *c);

/* ---- slot.c ---- */

/* Its next batch, if it may have one. */
void slot_step(struct slot *slot);
/* Its command has ended: read what it left. */
void slot_read_reports(struct slot *slot);
/* Record what came of the batch; the slot is free. */
void slot_finish_batch(struct slot *slot);
/* Its command runs. */
void slot_on_running(struct slot *slot);
/* Look where the framework is, and whether it has been there for too long. */
void slot_on_watch(void *data);
/* The command has ended: what it told last, and no more of that. */
void slot_end_watch(struct slot *slot);
/* The time in which a stranger's signal may turn out to be meant for tanda as well is over. */
void slot_on_hold_over(void *data);

/* ---- stopping.c ---- */

bool coordinator_is_stopping(const struct coordinator *c);
/* Hand out nothing more. What runs may end by itself (max_fail) or is told to end. */
void coordinator_stop(struct coordinator *c, enum stop_cause cause, int signal_number,
                      const char *message);
void coordinator_on_run_limit(void *data);
void coordinator_on_stop_limit(void *data);
int coordinator_watch_signals(struct coordinator *c, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
