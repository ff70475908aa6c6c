/* walk.h - all files below a folder, in order of their paths. */
#ifndef DISCOVER_WALK_H
#define DISCOVER_WALK_H
#include <stdbool.h>
#include <stdint.h>

struct tanda_error;

/* `path` is relative to the folder, '/' between segments. Return false to end the walk (a fault
 * that the callee has told). */
typedef bool (*walk_fn)(void *data, const char *path, uint64_t size_bytes);
/* Is this folder wanted although it would be left out? */
typedef bool (*walk_wants_fn)(void *data, const char *folder);

/* Call back for every regular file; links to files are followed, links to folders not. Folders that
 * hold no tests of the project's own (node_modules, .git, virtual environments, build output,
 * tanda's own) are left out, unless `wants` (NULL allowed) says otherwise. Fails when a folder
 * cannot be read, or when there are too many entries. */
int walk_files(const char *root, walk_fn on_file, walk_wants_fn wants, void *data,
               struct tanda_error *error) __attribute__((warn_unused_result));
#endif
