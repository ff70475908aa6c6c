/* loop.h - the event loop, as the rest of tanda sees it: uv.h stays inside runner/exec. */
#ifndef EXEC_LOOP_H
#define EXEC_LOOP_H
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct tanda_error;

typedef void (*loop_fn)(void *data);
typedef void (*loop_signal_fn)(void *data, int signal_number);

/* One per program. Raises the soft limit of open files to the hard one and unblocks all signals.
 * The caller frees it. */
int loop_new(struct loop **ret_loop, struct tanda_error *error) __attribute__((warn_unused_result));
/* Close what is left and free; asserts that nothing stays open. NULL is allowed. */
void loop_free(struct loop *loop);

/* Before it runs: measure how long it is at work between two waits, for a bench. */
void loop_measure(struct loop *loop);
/* The longest so far; 0 when nothing is measured. */
uint64_t loop_longest_ns(const struct loop *loop);

/* Turn until nothing is left to wait for (signals watched and idle timers do not count). */
void loop_run(struct loop *loop);

/* Monotonic nanoseconds; refreshed, never the loop's cached time. */
uint64_t loop_now_ns(const struct loop *loop);

/* Call back on each of these signals, as often as they come. One that is ignored stays ignored, as
 * nohup and a shell's `trap ""` expect. SIGPIPE is ignored from loop_new(). */
int loop_watch_signal(struct loop *loop, int signal_number, loop_signal_fn on_signal, void *data,
                      struct tanda_error *error) __attribute__((warn_unused_result));

/* Let the watched signals wait from now on, for good: what follows is short and must be whole. */
void loop_hold_signals(const struct loop *loop);
/* From here on until loop_take_signals(), or the mask that is returned is put back, a signal to
 * stop waits: what is made meanwhile can be removed. */
sigset_t loop_hold_stops(void);
/* All signals come from now on: those that somebody may want are watched. */
void loop_take_signals(void);

/* A timer that fires once per start. It looks twice: an expired timer waits for one more poll
 * before it calls back, so that a busy turn accuses nobody. An armed timer keeps the loop alive. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn on_expired, void *data);
void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms); /* restarts when armed */
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_armed(const struct loop_timer *timer);
void loop_timer_free(
	struct loop_timer *timer); /* NULL is allowed; may be called from its callback */

/* Run `work` on another thread, then `done` on the loop's. `work` must not touch the loop. */
void loop_work(struct loop *loop, loop_fn work, loop_fn done, void *data);

/* Call `fn` in the next turn; for what must never happen inside the present call. */
void loop_defer(struct loop *loop, loop_fn fn, void *data);
#endif
