/* coordinator_state.h - a coordinator from the inside; its parts are in several files. */
#ifndef RUN_COORDINATOR_STATE_H
#define RUN_COORDINATOR_STATE_H
#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/run/attempt.h"
#include "runner/run/coordinator.h"
#include "runner/run/display.h"
#include "runner/run/hooks.h"
#include "runner/run/pools.h"
#include "runner/run/run_node.h"
#include "runner/run/sampler.h"
#include "shards/plan/queue.h"

enum { NS_PER_MS = 1000000 };

/* One of a node's executors: a worker. */
struct executor {
	struct run_node *node;
	uint32_t worker;
	uint32_t index; /* among its node's */
	struct slot *slots;
	uint32_t slot_count;
	bool is_ready; /* the driver would take an assignment */
	bool is_lost;
	bool is_given_up;        /* lost, for good, by a hook: the driver may still have it */
	uint64_t waits_since_ns; /* asked in vain, as others hold what it needs; 0: not */
};

/* What holds one batch of an executor. Where its driver queues ahead an executor has some: their
 * batches wait on the node for their turn while that of one comes to its end. They are recorded in
 * the order of their hand-out, each when the one before it is. */
struct slot {
	struct coordinator *coordinator;
	struct executor *executor;
	bool has_next;           /* handed out, and waiting for members of pools */
	struct queue_batch next; /* it */
	void (*on_members_checked)(struct slot *slot);
	const struct held_batch *held; /* that its node may have from before; NULL: none */
	struct batch_attempt *attempt; /* NULL: idle */
	bool has_started, is_near_end; /* its batch; the next may be on its way */
	struct loop_timer *hold;
	struct loop_timer *watch; /* looks where the framework is */
	struct loop_timer *near_end;
};

struct coordinator {
	const struct coordinator_options *options;
	const struct project *project;
	struct recorder *recorder;
	struct loop *loop;
	struct queue *queue;
	struct run_node *nodes;
	size_t node_count;
	struct pools *pools;
	struct hooks *hooks;
	bool pools_changed; /* a look at them is due */
	struct executor *executors;
	uint32_t executor_count;
	struct slot *slots; /* of all executors, those of one beside each other */
	uint32_t slot_count;
	uint32_t next_batch;
	uint64_t failed_count;
	enum stop_cause stop;
	int stop_signal;
	int signal_count;
	struct loop_timer *run_limit;
	struct loop_timer *stop_limit; /* orderly becomes at once */
	struct loop_timer *leases;     /* of what nodes have from a tanda that died */
	size_t awaited_count; /* batches of that which nobody asks for, and may still run */
	struct display *display;
	uint32_t finishing_count; /* batches that are being written down */
	bool is_over;             /* on_tests_over() has been called */
	bool is_closing;
	bool is_dispatching;
};

/* Give work to whoever is free; when there is no more and nobody works, end. May be called from
 * within another (a batch that ends at once): the outer one sees its effect. */
void coordinator_step(struct coordinator *c);
/* A result came from a node for a batch that had its end: it is counted as stale, never used. */
void coordinator_note_late(struct coordinator *c, const char *node, const char *key,
                           const char *what);
void coordinator_record_late(struct coordinator *c, uint32_t batch);

/* ---- slot.c ---- */

/* What it has in hand and cannot start comes back, before anybody asks for work. */
void slot_return(struct slot *slot);
/* Its next batch, if it may have one. */
void slot_step(struct slot *slot);
/* Put the batch into the journal, with its attempt; what flushes that and starts it follows. */
void slot_begin_batch(struct slot *slot, struct queue_batch *next);
/* What its driver says of the batch; driver.h tells when. */
void slot_on_handle(struct slot *slot, const char *handle);
void slot_on_started(struct slot *slot, const char *handle);
void slot_on_output(struct slot *slot, struct text output);
void slot_on_ended(struct slot *slot, const struct ending *ending);
/* Tell its driver to end the batch. */
void slot_cancel(struct slot *slot, enum driver_stop how, int signal_number);
/* Its batch is expected to end soon. */
void slot_on_near_end(void *data);
/* The time is over in which a stranger's signal may turn out to be meant for tanda as well, or in
 * which a lost node may still run the batch. */
void slot_on_hold_over(void *data);

/* ---- slot_ahead.c ---- */

/* Its batch has started; submitted_ns says when it was sent there. */
void slot_note_latency(const struct slot *slot);
/* slot_on_near_end() follows when the next batch should be on its way. */
void slot_await_end(struct slot *slot);
/* Does its executor have any other batch? */
bool slot_has_others(const struct slot *slot);
/* What its executor runs comes to its end, and what waits for that takes no longer than the way of
 * another batch there. */
bool slot_has_room_ahead(const struct slot *slot);

/* ---- slot_watch.c ---- */

/* Before the batch is submitted: let its framework tell where it is, if it can. */
void slot_follow(struct slot *slot);
/* Its start is recorded at last: what was heard since follows. */
void slot_tell_early_moves(struct slot *slot);
/* Its command runs, has ended. */
void slot_begin_watch(struct slot *slot);
void slot_end_watch(struct slot *slot);
/* Look where the framework is, and whether it has been there for too long. */
void slot_on_watch(void *data);
/* The node told where the framework is. */
void slot_on_told(struct slot *slot, struct text lines);

/* ---- slot_held.c ---- */

/* Before anybody asks for work: whoever may have a batch from before is busy with it. */
void coordinator_hold(struct coordinator *c);
/* The node is there: take over what it may have from before. */
void coordinator_take_over(struct coordinator *c, const struct run_node *node);
/* Its node will not come, or nothing more is to run: its tests are anybody's, when it is dead. */
void slot_let_go(struct slot *slot);
/* The node was asked for what the slot took over: what became of it. */
void slot_note_answer(const struct slot *slot, const struct ending *ending);
/* Nobody waits any longer for batches that may still run somewhere. */
void coordinator_end_awaited(struct coordinator *c);
void coordinator_on_leases_over(void *data);

/* ---- slot_members.c ---- */

/* Its next batch has been handed out: does it hold what it needs? If nothing is left that it could
 * wait for, its tests are dropped and the slot is free again. */
bool slot_has_members(struct slot *slot);
/* What was handed out will not be started here. */
void slot_give_back(struct slot *slot);
/* One of its tests will not be run at all; the caller sees to the rest. */
void slot_drop_test(struct slot *slot, uint32_t test, const char *why);
/* Nothing is left of what was handed out: the slot is free. */
void slot_forget_next(struct slot *slot);
/* Its batch is over. */
void slot_release_members(struct slot *slot);
/* A batch came to no good end: ask after the members that it holds. False when there is nothing to
 * ask; else on_members_checked is called later, when what has become of the batch is settled. */
bool slot_check_members(struct slot *slot, void (*on_members_checked)(struct slot *slot));
/* Of the coordinator's pools. */
void coordinator_on_pools_changed(void *data);

/* ---- stopping.c ---- */

bool coordinator_is_stopping(const struct coordinator *c);
/* Hand out nothing more. What runs may end by itself (max_fail) or is told to end. */
void coordinator_stop(struct coordinator *c, enum stop_cause cause, int signal_number,
                      const char *message);
/* Stop when as many have failed as may. */
void coordinator_check_max_fail(struct coordinator *c);
/* The run's limit, if it has one, counts from its beginning, pauses left out. */
void coordinator_start_run_limit(struct coordinator *c);
void coordinator_on_run_limit(void *data);
void coordinator_on_stop_limit(void *data);
int coordinator_watch_signals(struct coordinator *c, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
