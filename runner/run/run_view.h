/* run_view.h - what the reports see of a run, put together from its record. */
#ifndef RUN_RUN_VIEW_H
#define RUN_RUN_VIEW_H
#include <stdbool.h>

#include "runner/report/view.h"
#include "runner/run/merged.h"

struct tanda_error;
struct run_view;

/* Borrows `record` and opens the journal again, for the texts of the cases. `is_over` says that
 * nothing more can come although the journal does not end with RUN_FINISHED yet: so it is when the
 * run itself writes its reports. */
int run_view_new(const struct run_record *record, const char *journal_path, bool is_over,
                 struct run_view **ret_view, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* `out_prefix` as in struct view. */
const struct view *run_view_get(struct run_view *view, const char *out_prefix);
void run_view_free(struct run_view *view); /* NULL is allowed */
#endif
