/* gather.h - one report, read into parts and a spool. */
#ifndef MERGE_GATHER_H
#define MERGE_GATHER_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/junit/excerpt.h"
#include "runner/junit/read.h"
#include "runner/merge/attachments.h"
#include "runner/merge/part.h"

enum merge_output {
	MERGE_OUTPUT_FAILED, /* the size policy: little of what passed, more of what failed */
	MERGE_OUTPUT_ALL,
	MERGE_OUTPUT_NONE, /* attachments only */
};

/* What one report came to. There may be many: it is kept small. */
struct gathered {
	enum report_state state;
	bool is_foreign;
	bool is_dropped; /* it counts for nothing; the merge says why */
	uint64_t case_count;
	uint64_t bytes, digest;
	uint64_t name_bytes; /* of its parts */
	struct junit_root root;
	const char *message; /* as in junit_summary */
	struct part_list parts;
	struct part_sizes sizes;
	uint64_t refused_attachments; /* that lead out of the project */
};

/* A thread's tools; they serve one report after the other. */
struct gatherer {
	struct junit_reader *reader;
	struct spool *spool;
	struct arena arena; /* of all that it gathered: parts and messages */
	enum merge_output output;
	const struct attachments *attachments;
	struct text_buf name, out, err;
	struct excerpt out_excerpt, err_excerpt;
	/* Of the report being read: */
	const char *source, *path; /* what it is called, and where it is */
	struct gathered *gathered;
	struct part *part; /* that the last case went to */
};

void gatherer_init(struct gatherer *gatherer, struct spool *spool, enum merge_output output,
                   const struct attachments *attachments);
/* What it gathered goes with it. */
void gatherer_deinit(struct gatherer *gatherer);
/* Read the report at `path`, or from `fd` if that is not -1. `shown` is what it is called, clean
 * and borrowed for the life of the gatherer. Never fails: *ret_gathered tells. */
void gatherer_read(struct gatherer *gatherer, const char *path, const char *shown, int fd,
                   struct gathered *ret_gathered);
/* A case of the merge's own, into a suite of its own. */
void gatherer_add_made(struct gatherer *gatherer, struct gathered *gathered, struct text suite,
                       struct text file, const struct junit_case *item);
#endif
