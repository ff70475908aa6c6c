/* results.h - the cases that one batch's report files hold, copied and bounded. */
#ifndef RUN_RESULTS_H
#define RUN_RESULTS_H
#include <stddef.h>
#include <stdint.h>

#include "runner/config/config.h"
#include "shards/model/result.h"

/* A case and the file that it was found in. */
struct found_case {
	struct case_result result; /* texts point into the results' own memory */
	const char *report_name;   /* the file's last segment */
};

struct results {
	struct found_case *cases;
	size_t count, cap;
	enum report_state state; /* the worst of all files; MISSING when there is none */
	char message[512];       /* what is wrong, with the file's name; "" */
	struct results_block *blocks;
	size_t text_bytes;
};

void results_init(struct results *results);
void results_deinit(struct results *results);

/* Read every file below `report_dir` that one of `globs` matches, in order of their names. A file
 * of TAP gives its cases its path as their suite. Attachments in outputs are told from the
 * working folder. Never fails: what is wrong is in state and message. May run on any thread. */
void results_read(struct results *results, const char *report_dir, const char *const *globs,
                  enum report_format format);
#endif
