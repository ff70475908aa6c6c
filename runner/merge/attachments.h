/* attachments.h - "[[ATTACHMENT|path]]" marks, made to hold from where the merged report is read.
 */
#ifndef MERGE_ATTACHMENTS_H
#define MERGE_ATTACHMENTS_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct attachments {
	char *root;       /* absolute path of the folder that the merged paths start from */
	bool is_absolute; /* write absolute paths, as Jenkins wants them */
};

void attachments_init(struct attachments *attachments, bool is_absolute);
void attachments_deinit(struct attachments *attachments);
/* Append an output that begins with marks (capture_text() puts them there) to `out`, each path
 * made relative to the root. A relative one is taken from the report's folder if there is such a
 * file, else it stays. A path that leads out of the root is shown, but is no mark any more: nobody
 * shall publish /etc/passwd. Returns how many of those there were. */
uint64_t attachments_root(const struct attachments *attachments, const char *report_path,
                          struct text output, struct text_buf *out);
#endif
