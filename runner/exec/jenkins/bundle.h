/* bundle.h - what a build has left, in one file: a head of lines, then two archives and the output.
 *
 *   tanda-bundle 1
 *   key RUN.BATCH.ATTEMPT.NONCE
 *   exit 0                       (elapsed_ms, dropped, workspace, times; timed_out, stopped,
 * refused,
 *   ...                          failed where they hold)
 *   report CHECKSUM BYTES        as cksum has them
 *   files CHECKSUM BYTES
 *   log CHECKSUM BYTES
 *
 *   <bytes of these three>
 *
 * Nothing of it is believed before its key, its whole length and all checksums are right. */
#ifndef JENKINS_BUNDLE_H
#define JENKINS_BUNDLE_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum {
	BUNDLE_HEAD_MAX_BYTES = 64 * 1024,
	BUNDLE_REASON_MAX = 300,
	BUNDLE_PATH_MAX = 4096,
};

/* A part of it. */
struct bundle_part {
	uint64_t bytes;
	uint32_t checksum;
};

struct bundle_head {
	size_t bytes; /* of the head itself */
	int exit_code;
	uint64_t elapsed_ns, cpu_ns;
	bool timed_out, stopped;
	uint64_t dropped_bytes;
	struct bundle_part report, files, log;
	char refused[BUNDLE_REASON_MAX + 1]; /* why it never started; "" */
	char failed[BUNDLE_REASON_MAX + 1];  /* why what it left is not all here; "" */
	char workspace[BUNDLE_PATH_MAX];
};

/* Where its parts go. */
struct bundle_target {
	const char *key;
	const char *report_dir;
	const char *files_dir; /* NULL: files are thrown away */
	const char *log_path;
	uint64_t log_max_bytes;
	const struct mask *mask; /* what is hidden in the log; NULL: nothing is */
};

/* Pure: understand the head that `bytes` begin with. */
int bundle_read_head(struct text bytes, const char *key, struct bundle_head *ret_head,
                     struct tanda_error *error) __attribute__((warn_unused_result));

/* Check the file, then unpack it. Fails when anything of it is not as it should be; then nothing
 * that it held is left in the target's folders. Blocks: for a thread. */
int bundle_unpack(const char *path, const struct bundle_target *target,
                  struct bundle_head *ret_head, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
