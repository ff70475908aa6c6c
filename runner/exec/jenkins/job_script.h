/* job_script.h - what a build is told to do, as the values of its parameters. */
#ifndef JENKINS_JOB_SCRIPT_H
#define JENKINS_JOB_SCRIPT_H
#include "shards/base/text.h"

struct assignment;
struct tanda_error;

/* batch.sh, without its comments. */
extern const char job_script_batch[];

/* Set up both buffers: the script (TANDA_SCRIPT) and what it exports (TANDA_ENV, apart because its
 * values may be secrets: Jenkins keeps a password parameter encrypted and shows it to nobody).
 * Fails, with the remedy, when either is larger than a parameter of Jenkins may be. */
int job_script_build(const struct assignment *assignment, struct text_buf *ret_script,
                     struct text_buf *ret_env, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
