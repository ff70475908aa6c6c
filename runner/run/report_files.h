/* report_files.h - which report files lie below a folder? */
#ifndef RUN_REPORT_FILES_H
#define RUN_REPORT_FILES_H
#include <stdbool.h>
#include <stddef.h>

struct tanda_error;

enum { REPORT_FILES_MAX = 10000 };

struct report_files {
	char **paths; /* relative to the folder, '/' between segments, sorted */
	size_t count, cap;
	bool has_more; /* than REPORT_FILES_MAX: the rest is left out */
};

/* Find the files below `root` that one of `globs` (relative to it) matches; `globs` NULL: whose
 * name ends in ".xml". Folders are not left out by name, as builds leave reports anywhere; links to
 * folders are not followed. A folder that cannot be read counts as empty. */
void report_files_find(const char *root, const char *const *globs, struct report_files *ret_files);
void report_files_deinit(struct report_files *files);

/* Call back for the file at `path`, or for every *.xml below it when it is a folder; *ret_has_more
 * as above. Counts them on a terminal while it lasts. Fails when there is nothing at `path`. */
typedef void (*report_file_fn)(void *data, const char *path);
int report_files_each(const char *path, report_file_fn on_report, void *data, bool *ret_has_more,
                      struct tanda_error *error) __attribute__((warn_unused_result));
#endif
