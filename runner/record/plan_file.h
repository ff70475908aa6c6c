/* plan_file.h - plan.json ("tanda.plan/1"): written by tanda, read as data from a stranger. */
#ifndef RECORD_PLAN_FILE_H
#define RECORD_PLAN_FILE_H
#include "shards/base/text.h"
#include "shards/model/plan.h"

struct tanda_error;

#define PLAN_SCHEMA "tanda.plan/1"

enum { PLAN_FILE_MAX_BYTES = 512 * 1024 * 1024 };

/* Read a plan; *ret_plan is initialized on success only and deinit'ed by the caller. A fault names
 * FILE:LINE:COLUMN, or FILE and the key ("shards[2].batches[0].tests[5]"). Unknown keys are passed
 * over. Refused besides: a test that is in it twice, and shards that are not those its digest was
 * made of (a file that was cut or changed by hand). */
int plan_file_read(const char *path, struct plan *ret_plan, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Append the plan as JSON; equal plans give equal bytes. Times have three decimals. Parts that were
 * not asked for (sweep, target, strategies) are left out. `out` has room for PLAN_FILE_MAX_BYTES
 * and says itself when that was too little. */
void plan_file_put(struct text_buf *out, const struct plan *plan);

/* The same, but fails, naming `where`, when `out` was too small. */
int plan_file_put_whole(struct text_buf *out, const struct plan *plan, const char *where,
                        struct tanda_error *error) __attribute__((warn_unused_result));

/* Written aside and renamed. */
int plan_file_write(const char *path, const struct plan *plan, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
