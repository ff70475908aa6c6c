/* pools.h - who holds which member of a pool: asked for before a batch starts, all at once, given
 * back when it is over. The queue counts; here the members have names, and lives (pool_member.h).
 *
 * Whoever asks waits in a line: of two that want the same members the earlier is served first.
 * Members that are up are used before others are brought up, and of those the one that the same
 * area used last. */
#ifndef RUN_POOLS_H
#define RUN_POOLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/run/command.h"
#include "runner/run/pool_words.h"
#include "runner/run/recorder.h"
#include "shards/plan/input.h"

struct pools;

struct pools_options {
	struct loop *loop;
	const struct command_context *context;
	struct recorder *recorder;
	uint32_t worker_count;
	loop_fn on_changed; /* ask again, whoever waits; may be called from within any call here */
	void *data;
};

struct pools *pools_new(const struct pools_options *options);
void pools_free(struct pools *pools); /* NULL is allowed; all members are down */

/* Take down what a run before this one left up, as it was killed. */
void pools_clean_up(struct pools *pools);

enum pools_answer {
	POOLS_GRANTED, /* they are the worker's until pools_release() */
	POOLS_WAIT,    /* on_changed tells when to ask again */
	POOLS_NEVER,   /* too few members are left: pools_why() */
};

/* A worker asks for members, or asks again. */
enum pools_answer pools_ask(struct pools *pools, uint32_t worker, const struct plan_need *needs,
                            size_t need_count, uint32_t area);
/* One sentence, after NEVER; borrowed until the next call for this worker. */
const char *pools_why(const struct pools *pools, uint32_t worker);
/* What it holds, after GRANTED; borrowed until pools_release(). */
const struct pool_words *pools_words(const struct pools *pools, uint32_t worker);
/* The words for the first members that would do, so that a command can be shown. */
void pools_first_words(const struct config *config, const struct plan_need *needs,
                       size_t need_count, struct pool_words *ret_words);
/* It holds nothing, and asks for nothing. */
void pools_release(struct pools *pools, uint32_t worker);

/* A batch came to no good end: are the members that it holds still what they should be? False:
 * there is nothing to be asked. Else `on_checked` is called later, with what is wrong or NULL. */
typedef void (*pools_checked_fn)(void *data, const char *fault);
bool pools_check(struct pools *pools, uint32_t worker, pools_checked_fn on_checked, void *data);

/* The run is told to stop: whoever waits for pools_checked_fn gets it, with nothing. */
void pools_hurry(struct pools *pools);

/* How many of a pool's seats are out of reach for now; what the neediest area wants is never
 * counted, so that somebody always asks. */
uint32_t pools_away_count(const struct pools *pools, uint32_t pool);

/* Nobody holds anything: take all down. The loop has work until that is done. */
void pools_close(struct pools *pools);
bool pools_is_closed(const struct pools *pools);
/* End every command of theirs at once; what is still up is left to the next run. */
void pools_kill(struct pools *pools);
void pools_pause(struct pools *pools);
void pools_resume(struct pools *pools);
#endif
