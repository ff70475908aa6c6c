/* draft.h - a case while it is being read: its results are weighed, its texts kept within bounds.
 */
#ifndef JUNIT_DRAFT_H
#define JUNIT_DRAFT_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/junit/agains.h"
#include "runner/junit/capture.h"
#include "runner/junit/properties.h"
#include "shards/base/text.h"
#include "shards/model/result.h"

struct draft {
	struct text_buf classname, name, file;
	uint32_t line;
	bool time_known;
	uint64_t time_ns;
	struct instant started;
	bool is_outside;
	bool is_unrun;
	enum case_status status; /* of the most severe result so far */
	uint32_t result_count;
	struct text_buf type, message; /* of that result; on one line */
	struct text_buf first_message; /* of the first result, all of it */
	bool first_is_outranked;
	struct capture body, out, err;
	struct text_buf whole_body; /* what a message of many lines makes of the body */
	size_t text_max_bytes;
	struct properties properties;
	struct agains agains;
};

/* For cases with up to `text_max_bytes` in each of their texts. */
void draft_init(struct draft *draft, size_t text_max_bytes);
void draft_deinit(struct draft *draft);
/* Empty it for a new case, which has passed until a result says otherwise. */
void draft_begin(struct draft *draft);

/* A result begins: failure, error or skip. The most severe decides the status, the first of equals
 * lends type and message; all are told in the body, in their order, after "--- also:". The text
 * between goes to draft->body. `type` and `message` are clean. */
void draft_result_begin(struct draft *draft, enum case_status status, struct text type,
                        struct text message);
void draft_result_end(struct draft *draft);
/* A status told by an attribute, where no element tells one. */
void draft_status(struct draft *draft, enum case_status status, struct text message);

/* A case that has no result but was run again failed; the first of those attempts lends its
 * texts. */
void draft_promote_rerun(struct draft *draft);

/* The case, but for its suite; texts are borrowed until the next change. A result without a
 * message takes the first line of its text; the body does not begin with the message once more.
 * `source` is as for excerpt_text(). */
void draft_finish(struct draft *draft, struct text source, struct junit_case_in *ret_case);
#endif
