/* ci.h - what the logs of CI servers understand: groups that fold, annotations, test messages.
 *
 * Only tanda speaks to the server: strangers' texts come in cleaned and go out escaped. */
#ifndef REPORT_CI_H
#define REPORT_CI_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

enum ci { CI_NONE, CI_GITHUB, CI_GITLAB, CI_BUILDKITE, CI_TEAMCITY, CI_AZURE };

/* By the variables that each server sets. Others, Jenkins among them, have no such language. */
enum ci ci_detect(void);
/* Does its log show colours? */
bool ci_shows_color(enum ci ci);

struct ci_group {
	uint32_t number;   /* unique in the run */
	uint64_t unix_s;   /* now */
	bool is_folded;    /* else it stands open */
	struct text title; /* cleaned */
};

/* Begin and end a group, on lines of their own. Nothing where the server has none; a group that
 * stands open is none on servers that fold all groups. Groups do not nest. */
void ci_begin_group(struct text_buf *out, enum ci ci, const struct ci_group *group);
void ci_end_group(struct text_buf *out, enum ci ci, const struct ci_group *group);

/* A fault that the server shows beside the change. `file` is relative to the working folder. */
void ci_add_annotation(struct text_buf *out, enum ci ci, struct text file, struct text title,
                       struct text message);
/* A file in Markdown that the server shows with the build; an absolute path. */
void ci_add_summary(struct text_buf *out, enum ci ci, struct text path);

enum ci_outcome { CI_PASSED, CI_FAILED, CI_IGNORED };

/* A test's result, for servers that take them from the log (TeamCity). */
void ci_add_test(struct text_buf *out, enum ci ci, uint32_t worker, struct text name,
                 enum ci_outcome outcome, struct text message, uint64_t time_ms);
#endif
