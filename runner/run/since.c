/* since.c - see since.h. */
#include "runner/run/since.h"

#include <stdlib.h>
#include <string.h>

#include "runner/run/git.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"

enum { AREAS_SHOWN = 8, NOTE_MAX_BYTES = 1000 };

struct sifting {
	struct project *project;
	char **paths;      /* of the tests, relative to the project's folder */
	struct dict files; /* each path -> its first test */
	bool *is_area_hit; /* by the configuration's areas */
	bool *is_test_hit; /* by test */
	size_t seen, hit_tests;
	const char *unclaimed; /* the first file that nothing claims; NULL: all are claimed */
	size_t unclaimed_count;
};

static bool matches_any(char *const *globs, const char *path)
{
	struct text area;
	size_t i;

	for (i = 0; globs != NULL && globs[i] != NULL; i++) {
		if (glob_match(globs[i], path, &area))
			return true;
	}
	return false;
}

static bool is_ignored(const struct sifting *s, const char *path)
{
	const struct config *config = s->project->config;

	/* tanda's own notes, which each run may write */
	if (config->timings != NULL && strcmp(config->timings, path) == 0)
		return true;
	return matches_any(config->since_ignore, path);
}

static bool claim_by_areas(struct sifting *s, const char *path)
{
	const struct config *config = s->project->config;
	bool is_claimed = false;
	size_t i;

	for (i = 0; i < config->area_count; i++) {
		if (matches_any(config->areas[i].paths, path))
			s->is_area_hit[i] = is_claimed = true;
	}
	return is_claimed;
}

/* All tests of that file, or of that folder. */
static bool hit_tests(struct sifting *s, const char *file)
{
	size_t i;

	if (!dict_find(&s->files, text_from(file), &i))
		return false;
	for (; s->paths[i] != NULL; i++) {
		if (strcmp(s->paths[i], file) == 0)
			s->is_test_hit[i] = true;
	}
	return true;
}

/* Is it, by a suite's globs, a test, or was it one until it was removed? */
static bool is_of_suite(const struct suite *suite, const char *path)
{
	bool is_whole = strcmp(suite->dir, ".") == 0;
	size_t len = strlen(suite->dir);

	if (!is_whole && (strncmp(path, suite->dir, len) != 0 || path[len] != '/'))
		return false;
	path += is_whole ? 0 : len + 1;
	return matches_any(suite->files, path) && !matches_any(suite->exclude, path);
}

static bool claim_by_tests(struct sifting *s, const char *path)
{
	const struct config *config = s->project->config;
	const char *slash = strrchr(path, '/');
	bool is_test = false;
	char *folder;
	size_t i;

	for (i = 0; i < config->suite_count && !is_test; i++)
		is_test = is_of_suite(&config->suites[i], path);
	if (!is_test)
		return false;
	folder = slash != NULL ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(".");
	if (!hit_tests(s, path))
		(void)hit_tests(s, folder); /* where a test is a folder */
	free(folder);
	return true;
}

static void sift(struct sifting *s, const char *path)
{
	bool by_areas, by_tests;

	if (is_ignored(s, path))
		return;
	s->seen++;
	by_areas = claim_by_areas(s, path);
	by_tests = claim_by_tests(s, path);
	if (by_areas || by_tests)
		return;
	if (s->unclaimed == NULL)
		s->unclaimed = path;
	s->unclaimed_count++;
}

static bool is_in_hit_area(const struct sifting *s, const struct test *test)
{
	const struct config *config = s->project->config;
	const char *area = test_area_name(&s->project->tests, test);
	size_t i;

	for (i = 0; i < config->area_count; i++) {
		if (s->is_area_hit[i] && strcmp(config->areas[i].name, area) == 0)
			return true;
	}
	return false;
}

static void keep_concerned(struct sifting *s)
{
	struct test_list *tests = &s->project->tests;
	size_t *kept = mem_calloc(tests->count, sizeof(kept[0]));
	size_t count = 0, i;

	for (i = 0; i < tests->count; i++) {
		bool is_by_area = is_in_hit_area(s, &tests->tests[i]);

		if (s->is_test_hit[i] && !is_by_area)
			s->hit_tests++;
		if (s->is_test_hit[i] || is_by_area)
			kept[count++] = i;
	}
	test_list_select(tests, kept, count);
	free(kept);
}

/* ---- what is said of it ---- */

static bool has_paths(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->area_count; i++) {
		if (config->areas[i].paths != NULL)
			return true;
	}
	return false;
}

static void add_areas(const struct sifting *s, struct text_buf *note)
{
	const struct config *config = s->project->config;
	size_t count = 0, i;

	for (i = 0; i < config->area_count; i++) {
		if (!s->is_area_hit[i])
			continue;
		if (count < AREAS_SHOWN)
			text_buf_printf(note, "%s%s", count == 0 ? "area " : ", ",
			                config->areas[i].name);
		count++;
	}
	if (count > AREAS_SHOWN)
		text_buf_printf(note, " and %zu more", count - AREAS_SHOWN);
	if (s->hit_tests > 0)
		text_buf_printf(note, "%s%zu changed %s", count > 0 ? ", " : "", s->hit_tests,
		                s->hit_tests == 1 ? "test" : "tests");
}

static void add_unclaimed(const struct sifting *s, struct text_buf *note)
{
	text_buf_printf(note, "%s", s->unclaimed);
	if (s->unclaimed_count > 1)
		text_buf_printf(note, " and %zu more", s->unclaimed_count - 1);
	text_buf_printf(note, " %s in no area's \"paths\"", s->unclaimed_count > 1 ? "are" : "is");
}

static void tell(const struct sifting *s, const char *ref, const char *base, size_t before)
{
	size_t after = s->project->tests.count;
	bool selects_all =
		s->unclaimed != NULL && s->project->config->unclaimed == UNCLAIMED_SELECTS_ALL;
	struct text_buf note;

	text_buf_init(&note, NOTE_MAX_BYTES);
	if (s->seen == 0) {
		text_buf_add_str(&note, "nothing that a test is about");
	} else if (selects_all) {
		add_unclaimed(s, &note);
		if (!has_paths(s->project->config))
			text_buf_add_str(&note, ", as none has any");
	} else {
		add_areas(s, &note);
		if (s->unclaimed != NULL) {
			text_buf_add_str(&note, note.len > 0 ? "; " : "");
			add_unclaimed(s, &note);
		}
	}
	project_note(s->project, "--since %s: %zu %s changed since %s: %.*s: %zu of %zu %s", ref,
	             s->seen, s->seen == 1 ? "file" : "files", base, TEXT_ARG(text_buf_text(&note)),
	             after, before, before == 1 ? "test" : "tests");
	text_buf_deinit(&note);
}

static void index_tests(struct sifting *s)
{
	size_t count = s->project->tests.count, i;

	s->paths = mem_calloc(count + 1, sizeof(s->paths[0]));
	dict_init(&s->files);
	for (i = 0; i < count; i++) {
		char *path = project_test_file(s->project, &s->project->tests.tests[i]);
		size_t len = strlen(path);

		if (len > 2 && strcmp(path + len - 2, "/.") == 0)
			path[len - 2] = '\0'; /* a folder that is a suite's own */
		s->paths[i] = path;
		(void)dict_add(&s->files, text_from(path), i);
	}
}

int since_apply(const char *ref, struct project *project, struct tanda_error *error)
{
	struct sifting s = {.project = project};
	size_t before = project->tests.count, i;
	struct git_changes changes;

	if (git_changes_since(project->config->root, ref, "--since", &changes, error) < 0)
		return -1;
	index_tests(&s);
	s.is_area_hit = mem_calloc(project->config->area_count, sizeof(s.is_area_hit[0]));
	s.is_test_hit = mem_calloc(before, sizeof(s.is_test_hit[0]));
	for (i = 0; i < changes.count; i++)
		sift(&s, changes.paths[i]);
	if (s.unclaimed == NULL || project->config->unclaimed == UNCLAIMED_SELECTS_NOTHING)
		keep_concerned(&s);
	tell(&s, ref, changes.base, before);
	dict_deinit(&s.files);
	mem_free_strings(s.paths);
	free(s.is_area_hit);
	free(s.is_test_hit);
	git_changes_deinit(&changes);
	return 0;
}
