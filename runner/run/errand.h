/* errand.h - one command that the run itself needs (a pool's, a hook's), supervised like a test:
 * nothing of it outlives it, its output is kept, it has a limit. It has a driver of its own, so
 * that it waits for no worker and no worker for it. */
#ifndef RUN_ERRAND_H
#define RUN_ERRAND_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"

struct errand;
struct tanda_error;

/* All borrowed until on_done. */
struct errand_spec {
	const char *name; /* unique within the run; letters, digits, '.', '-' */
	const char *run_id;
	const char *const *argv;
	const char *const *env;
	const char *dir;
	const char *log_path;
	const char *tmp_dir; /* the caller's to remove */
	const char *run_dir; /* as in struct assignment */
	uint64_t limit_ms;   /* 0: none */
	uint64_t grace_ms;
	const struct mask *mask; /* what is hidden of its output; NULL: nothing is */
	bool keeps_rest;         /* as in struct assignment; on_left is called then */
	void (*on_left)(void *data);
	/* Once, last, and never inside errand_new(); the errand is gone when it returns. */
	void (*on_done)(void *data, const struct ending *ending);
	void *data;
};

/* Start it; `spec` is copied, what it points at is not. */
struct errand *errand_new(struct loop *loop, const struct errand_spec *spec);
/* Ask it to end; on_done follows. */
void errand_stop(struct errand *errand, enum driver_stop how, int signal_number);
void errand_pause(struct errand *errand);
void errand_resume(struct errand *errand);

/* "exited 3", "killed by signal 9", "was not done after 60 s", ...: why it is no success; NULL when
 * it is one. The caller frees it. */
char *errand_fault(const struct ending *ending, uint64_t limit_ms);
#endif
