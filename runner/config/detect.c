/* detect.c - which frameworks does a project use, and where are its tests? */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/build.h"
#include "runner/config/claims.h"
#include "runner/config/match.h"
#include "runner/config/narrow.h"
#include "runner/config/origin.h"
#include "runner/config/preset.h"
#include "runner/config/scan.h"
#include "runner/config/suite.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { SENTENCE_MAX_BYTES = 1000 };

/* A framework that the project may use. */
struct candidate {
	struct preset preset;
	const char *evidence;  /* the first path that speaks for it, borrowed from the scan */
	size_t evidence_count; /* how many do */
	char *dir;             /* the suite's folder: that of the package.json, else "." */
	char **files;          /* its tests, relative to `dir` */
	size_t file_count;
	char **tails;                  /* the last segments of the preset's globs: "*.feature" */
	const struct candidate *rival; /* that more speaks for, or NULL */
};

static void candidate_deinit(struct candidate *candidate)
{
	preset_deinit(&candidate->preset);
	free(candidate->dir);
	mem_free_strings(candidate->files);
	mem_free_strings(candidate->tails);
}

static void add_evidence(struct candidate *candidate, const char *path)
{
	if (candidate->evidence_count++ == 0)
		candidate->evidence = path;
}

static bool matches_any(char *const *patterns, const char *path)
{
	size_t i;

	for (i = 0; patterns != NULL && patterns[i] != NULL; i++)
		if (path_match(patterns[i], path))
			return true;
	return false;
}

static bool package_names(const json_t *package, char *const *dependencies)
{
	static const char *const sections[] = {"dependencies", "devDependencies",
	                                       "peerDependencies", "optionalDependencies"};
	size_t i, j;

	for (i = 0; i < countof(sections); i++)
		for (j = 0; dependencies[j] != NULL; j++)
			if (json_object_get(json_object_get(package, sections[i]),
			                    dependencies[j]) != NULL)
				return true;
	return false;
}

static bool is_package(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash != NULL ? slash + 1 : path, "package.json") == 0;
}

/* The first package.json to name a dependency decides which folder the framework runs in. */
static void look_into_package(struct candidate *candidate, const char *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *full = mem_printf("%s/%s", root, path);
	json_t *package = json_load_file(full, 0, NULL); /* a broken one says nothing */

	if (package_names(package, candidate->preset.detect_dependency)) {
		add_evidence(candidate, path);
		if (candidate->dir == NULL && slash != NULL)
			candidate->dir = mem_strndup(path, (size_t)(slash - path));
		else if (candidate->dir == NULL)
			candidate->dir = mem_strdup(".");
	}
	json_decref(package);
	free(full);
}

static void gather_evidence(struct candidate *candidate, const char *root, const struct scan *scan)
{
	size_t i;

	for (i = 0; i < scan->count; i++) {
		if (candidate->preset.detect_dependency != NULL && is_package(scan->paths[i]))
			look_into_package(candidate, root, scan->paths[i]);
		if (matches_any(candidate->preset.detect, scan->paths[i]))
			add_evidence(candidate, scan->paths[i]);
	}
	if (candidate->dir == NULL)
		candidate->dir = mem_strdup(".");
}

/* "features/{area}/x/" and "x/" both end in the same kind of name. */
static char **tails_of(char *const *globs)
{
	size_t count = 0, i;
	char **tails;

	while (globs != NULL && globs[count] != NULL)
		count++;
	tails = mem_calloc(count + 1, sizeof(tails[0]));
	for (i = 0; i < count; i++) {
		const char *slash = strrchr(globs[i], '/');

		tails[i] = mem_strdup(slash != NULL ? slash + 1 : globs[i]);
	}
	return tails;
}

static bool is_test(const struct candidate *candidate, const char *path)
{
	const char *slash = strrchr(path, '/');

	return matches_any(candidate->tails, slash != NULL ? slash + 1 : path);
}

static void gather_files(struct candidate *candidate, const struct scan *scan)
{
	bool is_top = strcmp(candidate->dir, ".") == 0;
	size_t len = strlen(candidate->dir), i;

	candidate->tails = tails_of(candidate->preset.files);
	candidate->files = mem_calloc(scan->count + 1, sizeof(candidate->files[0]));
	for (i = 0; i < scan->count; i++) {
		const char *path = scan->paths[i];

		if (!is_top && (strncmp(path, candidate->dir, len) != 0 || path[len] != '/'))
			continue;
		if (!is_top)
			path += len + 1;
		if (is_test(candidate, path))
			candidate->files[candidate->file_count++] = mem_strdup(path);
	}
}

/* False when nothing speaks for it, or it has no tests. */
static bool is_plausible(const struct candidate *candidate)
{
	return candidate->evidence_count > 0 && candidate->file_count > 0;
}

/* Two frameworks that read the same files: only one of them can have written these. */
static bool are_rivals(const struct candidate *a, const struct candidate *b)
{
	return a != b && a->preset.is_gherkin && b->preset.is_gherkin && is_plausible(a) &&
	       is_plausible(b);
}

static void add_assumption(struct config *config, size_t *count, struct text_buf *sentence)
{
	config->assumptions =
		mem_realloc(config->assumptions, (*count + 2) * sizeof(config->assumptions[0]));
	config->assumptions[(*count)++] = text_buf_steal(sentence);
	config->assumptions[*count] = NULL;
}

static void add_found(struct config *config, size_t *count, const struct candidate *candidate,
                      const struct narrowed *narrowed)
{
	bool is_top = strcmp(candidate->dir, ".") == 0;
	struct text_buf sentence;
	size_t i;

	text_buf_init(&sentence, SENTENCE_MAX_BYTES);
	text_buf_printf(&sentence, "found %s: %zu %s file%s in ", candidate->preset.name,
	                candidate->file_count, candidate->preset.is_gherkin ? "feature" : "test",
	                candidate->file_count == 1 ? "" : "s");
	for (i = 0; narrowed->roots[i] != NULL; i++) {
		const char *root = narrowed->roots[i];

		text_buf_printf(&sentence, "%s%s%s%s%s", i > 0 ? ", " : "",
		                is_top ? "" : candidate->dir, is_top ? "" : "/", root,
		                root[0] != '\0' ? "/" : "");
		if (is_top && root[0] == '\0')
			text_buf_add_str(&sentence, "the project's folder");
	}
	text_buf_add_str(&sentence, "; area = folder");
	add_assumption(config, count, &sentence);
}

static void add_rivalry(struct config *config, size_t *count, const struct candidate *loser)
{
	const struct candidate *winner = loser->rival;
	struct text_buf sentence;

	text_buf_init(&sentence, SENTENCE_MAX_BYTES);
	text_buf_printf(&sentence, "left out %s, which %s speaks for: more speaks for %s (%s)",
	                loser->preset.name, loser->evidence, winner->preset.name, winner->evidence);
	add_assumption(config, count, &sentence);
}

static void set_origin(struct config *config, const char *suite_path, const char *key)
{
	char *path = origin_path(suite_path, key);

	origins_set(config->origins, path, "detected");
	free(path);
}

/* Make the candidate a suite named after its framework; its preset moves there. */
static void add_suite(struct config *config, size_t *assumption_count, struct candidate *candidate)
{
	struct suite *suite = suite_add(config, candidate->preset.name);
	struct narrowed narrowed = narrow(candidate->files, candidate->tails);
	char *path = origin_path("suites", suite->name);

	add_found(config, assumption_count, candidate, &narrowed);
	set_origin(config, path, "framework");
	set_origin(config, path, "files");
	if (strcmp(candidate->dir, ".") != 0) {
		free(suite->dir);
		suite->dir = mem_strdup(candidate->dir);
		set_origin(config, path, "dir");
	}
	/* A new package must not be missed because it lies beside the others. */
	if (candidate->preset.unit != UNIT_FOLDER) {
		suite->files = narrowed.patterns;
		narrowed.patterns = NULL;
	}
	suite->preset = candidate->preset;
	candidate->preset = (struct preset){.name = NULL};
	suite_complete(suite);
	narrowed_deinit(&narrowed);
	free(path);
}

/* The rival for which more speaks, or NULL. */
static const struct candidate *better_rival(const struct candidate *candidates, size_t count,
                                            const struct candidate *candidate)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct candidate *other = &candidates[i];

		if (are_rivals(candidate, other) &&
		    (other->evidence_count > candidate->evidence_count ||
		     (other->evidence_count == candidate->evidence_count && other < candidate)))
			return other;
	}
	return NULL;
}

static void add_suites(struct config *config, const struct scan *scan, struct candidate *candidates,
                       size_t count)
{
	size_t assumption_count = 0, i;

	/* All are compared before the first is turned into a suite. */
	for (i = 0; i < count; i++)
		candidates[i].rival = better_rival(candidates, count, &candidates[i]);
	for (i = 0; i < count; i++)
		if (candidates[i].rival != NULL)
			add_rivalry(config, &assumption_count, &candidates[i]);
	for (i = 0; i < count; i++)
		if (candidates[i].rival == NULL && is_plausible(&candidates[i]))
			add_suite(config, &assumption_count, &candidates[i]);
	if (scan->is_cut) {
		struct text_buf sentence;

		text_buf_init(&sentence, SENTENCE_MAX_BYTES);
		text_buf_printf(&sentence, "looked at the first %d files and folders only",
		                SCAN_ENTRIES_MAX);
		add_assumption(config, &assumption_count, &sentence);
	}
}

/* Says what was looked for. */
static int none_found(const char *dir, const struct candidate *candidates, size_t count,
                      struct tanda_error *error)
{
	struct text_buf sought;
	size_t i;

	text_buf_init(&sought, TANDA_MESSAGE_MAX);
	for (i = 0; i < count; i++) {
		const struct preset *preset = &candidates[i].preset;

		if (preset->detect == NULL && preset->detect_dependency == NULL)
			continue;
		text_buf_printf(&sought, "%s%s", sought.len > 0 ? ", " : "", preset->name);
	}
	tanda_error_code(error, TANDA_CODE_NOTHING_FOUND);
	tanda_error_set(error, dir, "no test framework found; looked for %s",
	                sought.ptr != NULL ? sought.ptr : "nothing");
	tanda_error_hint(error, "write a %s with a suite of the framework \"command\"",
	                 "tanda.json");
	text_buf_deinit(&sought);
	return -1;
}

static size_t count_presets(void)
{
	size_t count = 0;

	while (preset_names()[count] != NULL)
		count++;
	return count;
}

/* Frameworks that nothing speaks for claim nothing. */
static void settle_claims(const char *root, struct candidate *candidates, size_t count)
{
	struct claim *claims = mem_calloc(count, sizeof(claims[0]));
	size_t i;

	for (i = 0; i < count; i++) {
		struct candidate *candidate = &candidates[i];

		claims[i] = (struct claim){
			.dir = candidate->dir,
			.imports = is_plausible(candidate) ? candidate->preset.imports : NULL,
			.needs_import = candidate->preset.needs_import,
			.evidence_count = candidate->evidence_count,
			.files = candidate->files,
			.file_count = candidate->file_count,
		};
	}
	claims_settle(root, claims, count);
	for (i = 0; i < count; i++)
		candidates[i].file_count = claims[i].file_count;
	free(claims);
}

static int detect(struct config *config, const char *dir, struct candidate *candidates,
                  size_t count, struct tanda_error *error)
{
	struct scan scan = {.paths = NULL};
	int status = -1;
	size_t i;

	for (i = 0; i < count; i++)
		if (preset_load(preset_names()[i], &candidates[i].preset, error) < 0)
			return -1;
	if (scan_tree(config->root, &scan, error) < 0)
		return -1;
	for (i = 0; i < count; i++) {
		gather_evidence(&candidates[i], config->root, &scan);
		gather_files(&candidates[i], &scan);
	}
	settle_claims(config->root, candidates, count);
	add_suites(config, &scan, candidates, count);
	if (config->suite_count > 0)
		status = 0;
	else
		none_found(dir, candidates, count, error);
	scan_deinit(&scan);
	return status;
}

int config_detect(const char *dir, const struct config_override *overrides, size_t override_count,
                  struct config **ret_config, struct tanda_error *error)
{
	size_t count = count_presets(), i;
	struct candidate *candidates = mem_calloc(count, sizeof(candidates[0]));
	char *root = realpath(dir, NULL);
	struct config *config = NULL;
	int status = -1;

	if (root == NULL) {
		tanda_error_set(error, dir, "expected a folder: %s", strerror(errno));
		goto done;
	}
	config = config_new(root);
	if (detect(config, dir, candidates, count, error) < 0 ||
	    config_apply(config, overrides, override_count, error) < 0)
		goto done;
	*ret_config = config;
	config = NULL;
	status = 0;
done:
	config_free(config);
	for (i = 0; i < count; i++)
		candidate_deinit(&candidates[i]);
	free(candidates);
	free(root);
	return status;
}
