/* discover.h - from suites to tests: files, areas, selection, and what the frameworks say.
 *
 * A leaf: it gets a suite's rules as plain values (struct discover_suite), not the configuration.
 */
#ifndef DISCOVER_DISCOVER_H
#define DISCOVER_DISCOVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/test.h"

struct tanda_error;

/* How an area is found; in step with the configuration's rule. */
enum discover_area {
	DISCOVER_AREA_GLOB,
	DISCOVER_AREA_NAME,
	DISCOVER_AREA_TAG,
	DISCOVER_AREA_FOLDER
};

struct discover_suite {
	const char *name;
	const char *dir;            /* absolute */
	const char *const *files;   /* globs, NULL-terminated: * ? [] {a,b} ** {area} */
	const char *const *exclude; /* beside the folders excluded by default; may be NULL */
	enum discover_area area_rule;
	const char *area; /* the name, or the glob of the tag */
	bool is_gherkin;
	bool by_folder; /* a test is a folder that holds some of the files, "." the suite's own */
};

/* Add the suite's tests to `list`, sorted by path (bytes), each with file, size and area. A folder
 * that is left out by default is looked into where a glob of `files` names it. Symbolic
 * links to files are followed, to folders not. Fails on an unreadable folder, an id that cannot be
 * told apart or told to a framework (newline or control character in a path), or a file that
 * carries tags of two areas (both named, with their lines). Finding nothing is no failure. */
int discover_suite_tests(const struct discover_suite *suite, struct test_list *list,
                         struct tanda_error *error) __attribute__((warn_unused_result));

/* Files below `root` that look like tests (names such as *.feature, test_*.py, *.spec.js) but are
 * not among the known paths (relative to `root`): at most `max`, NULL-terminated, freed with
 * mem_free_strings(); *ret_total counts all. */
char **discover_strays(const char *root, char *const *known_paths, size_t known_count, size_t max,
                       size_t *ret_total);

/* What to run of all that was found. */
struct selection {
	const char *const *paths; /* test paths, ids or folders, as typed; relative to `cwd` */
	const char *const *areas; /* --area, split at commas */
	const char *match;        /* --match: part of the id, case matters not */
	const char *tag;          /* --tag: an expression over a file's Gherkin tags:
	                             "@a and not (@b or @c)" */
	/* For ids of a run that is past: called for each that names nothing any more, which is then
	 * no failure; NULL: it is. */
	void (*on_gone)(void *data, const char *id);
	void *data;
	const char *const *ids; /* --failed, --from-file: "SUITE<TAB>ID" or an id or path a line */
	const char *cwd_relative; /* the working folder, relative to the project's; "" when equal */
};

/* Keep what is selected; `paths` are the tests' files relative to `root`, the project's folder.
 * Fails when a path, id or area names nothing, with the nearest name. */
int selection_apply(const struct selection *selection, const char *root, char *const *paths,
                    struct test_list *list, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Does what was typed mean the test at `path` (relative to `root`) or a folder above it? */
bool selection_means_path(const struct selection *selection, const char *root, const char *typed,
                          const char *path);

/* Does the path match the glob (the syntax of `files`)? *ret_area borrows from `path`, empty when
 * the pattern has no {area}. */
bool glob_match(const char *pattern, const char *path, struct text *ret_area);

#endif
