/* shard.h - which part of the tests is this job's? As typed ("2/3"), or as its CI tells it. */
#ifndef RUN_SHARD_H
#define RUN_SHARD_H
#include <stdint.h>

struct tanda_error;

enum { SHARD_ORIGIN_MAX_BYTES = 160 };

struct shard {
	uint32_t number;                     /* 1..count */
	uint32_t count;                      /* 0: no shard, the whole */
	char origin[SHARD_ORIGIN_MAX_BYTES]; /* who says so: "--shard", "GitLab CI, CI_NODE_INDEX=2"
	                                      */
};

/* As getenv(). */
typedef const char *(*shard_getenv_fn)(const char *name);

/* Understand "K/N" with 1 <= K <= N <= PLAN_SHARDS_MAX, or "auto": then the variables by which a CI
 * numbers its parallel jobs tell it (each from its own base, and two of them under the same names).
 * A job that its CI runs once is 1/1. `origin` names the flag or variable that `value` is from.
 * Fails where no such CI is found or what its variables say makes no sense. */
int shard_parse(const char *value, const char *origin, shard_getenv_fn get_env,
                struct shard *ret_shard, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* The same from the variables alone. */
int shard_detect(shard_getenv_fn get_env, struct shard *ret_shard, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
