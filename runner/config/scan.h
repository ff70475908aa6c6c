/* scan.h - the files of a project that could tell which frameworks it uses. */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H
#include <stdbool.h>
#include <stddef.h>

struct tanda_error;

enum { SCAN_DEPTH_MAX = 16, SCAN_ENTRIES_MAX = 200000 };

struct scan {
	char **paths; /* relative to the root, sorted by bytes */
	size_t count;
	size_t cap;
	size_t entry_count;
	bool is_cut; /* there was more than SCAN_ENTRIES_MAX */
};

/* Look through `root`, but not into hidden folders, dependencies, virtual environments and build
 * output, nor behind symbolic links to folders. Folders below it that cannot be read are passed
 * over. Fails when `root` itself cannot be. */
int scan_tree(const char *root, struct scan *ret_scan, struct tanda_error *error)
	__attribute__((warn_unused_result));
void scan_deinit(struct scan *scan);
#endif
