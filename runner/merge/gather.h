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

/* What one report came to. */
struct gathered {
	struct junit_summary summary;
	struct part_list parts;
	struct part_sizes sizes;
	uint64_t refused_attachments; /* that lead out of the project */
	bool is_dropped;              /* it counts for nothing; the merge says why */
};

/* A thread's tools; they serve one report after the other. */
struct gatherer {
	struct junit_reader *reader;
	struct spool *spool;
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
void gatherer_deinit(struct gatherer *gatherer);
/* Read the report at `path`, or from `fd` if that is not -1. `shown` is what it is called, clean
 * and borrowed for the life of *ret_gathered. Never fails: the summary tells. */
void gatherer_read(struct gatherer *gatherer, const char *path, const char *shown, int fd,
                   struct gathered *ret_gathered);
/* A case of the merge's own, into a suite of its own. */
void gatherer_add_made(struct gatherer *gatherer, struct gathered *gathered, struct text suite,
                       struct text file, const struct junit_case *item);
void gathered_deinit(struct gathered *gathered);
#endif
