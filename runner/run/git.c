/* git.c - see git.h. */
#include "runner/run/git.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/driver.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

extern char **environ;

enum {
	GIT_LIMIT_MS = 120 * 1000, /* a partial clone may have to fetch */
	HEAD_LIMIT_MS = 5 * 1000,  /* no run waits longer to know its commit */
	OUTPUT_MAX_BYTES = 64 * 1024 * 1024,
	WORDS_MAX_BYTES = 300, /* of git's own on a fault */
	BASE_SHOWN = 12,
	ARGS_MAX = 16,
};

struct git {
	const char *root, *where;
	uint64_t limit_ms;
	const char **env;
	bool is_shallow;
	char *prefix; /* of `root` in its repository: "", or "services/shop/" */
};

/* Set by hooks and by `git -c`; git would look elsewhere than in `root`, or speak another language.
 */
static const char *const not_inherited[] = {
	"GIT_DIR=",       "GIT_WORK_TREE=",        "GIT_INDEX_FILE=",
	"GIT_PREFIX=",    "GIT_OBJECT_DIRECTORY=", "GIT_ALTERNATE_OBJECT_DIRECTORIES=",
	"GIT_NAMESPACE=", "GIT_COMMON_DIR=",       "LC_ALL=",
	"LANGUAGE=",      "GIT_OPTIONAL_LOCKS=",   "GIT_TERMINAL_PROMPT=",
};

static bool is_inherited(const char *entry)
{
	size_t i;

	for (i = 0; i < countof(not_inherited); i++) {
		if (strncmp(entry, not_inherited[i], strlen(not_inherited[i])) == 0)
			return false;
	}
	return true;
}

static const char **make_env(void)
{
	static const char *const own[] = {"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0",
	                                  "GIT_TERMINAL_PROMPT=0"};
	size_t count = 0, i;
	const char **env;

	while (environ[count] != NULL)
		count++;
	env = mem_calloc(count + countof(own) + 1, sizeof(env[0]));
	count = 0;
	for (i = 0; environ[i] != NULL; i++) {
		if (is_inherited(environ[i]))
			env[count++] = environ[i];
	}
	for (i = 0; i < countof(own); i++)
		env[count++] = own[i];
	return env;
}

/* ---- one question ---- */

static void build(const char *const *words, const char *argv[ARGS_MAX])
{
	size_t count = 0;

	argv[count++] = "git";
	for (; *words != NULL && count + 1 < ARGS_MAX; words++)
		argv[count++] = *words;
	argv[count] = NULL;
}

/* `words` are NULL-terminated. Fails when git cannot be run, not when it says no. */
static int ask(const struct git *git, const char *const *words, struct text_buf *ret_output,
               int *ret_exit_code, struct tanda_error *error)
{
	struct tanda_error cause = TANDA_ERROR_INIT;
	const char *argv[ARGS_MAX];

	build(words, argv);
	text_buf_clear(ret_output);
	if (exec_capture(argv, git->env, git->root, git->limit_ms, ret_output, ret_exit_code,
	                 &cause) == 0)
		return 0;
	tanda_error_set(error, git->where, "git cannot be asked what changed: %s", cause.message);
	tanda_error_hint(error, "install git, or choose tests by --area, --tag or their paths");
	return -1;
}

/* The same question once more, for what git says about it. */
static int refuse(const struct git *git, const char *const *words, struct tanda_error *error)
{
	struct tanda_error ignored = TANDA_ERROR_INIT;
	struct text rest, line = TEXT_EMPTY;
	const char *argv[ARGS_MAX];
	struct text_buf output;
	int exit_code = 0;

	build(words, argv);
	text_buf_init(&output, OUTPUT_MAX_BYTES);
	if (exec_capture_all(argv, git->env, git->root, git->limit_ms, &output, &exit_code,
	                     &ignored) == 0) {
		rest = text_buf_text(&output);
		(void)text_next_line(&rest, &line);
	}
	line = text_trim(text_head(line, WORDS_MAX_BYTES));
	tanda_error_set(error, git->where, "git cannot tell what changed: %.*s", TEXT_ARG(line));
	if (text_contains(text_buf_text(&output), TEXT_LIT("safe.directory")))
		tanda_error_hint(error, "git config --global --add safe.directory %s", git->root);
	else if (text_contains(line, TEXT_LIT("not a git repository")))
		tanda_error_hint(error, "run in a clone, or choose tests by --area, --tag or their "
		                        "paths");
	text_buf_deinit(&output);
	return -1;
}

static int ask_surely(const struct git *git, const char *const *words, struct text_buf *ret_output,
                      struct tanda_error *error)
{
	int exit_code;

	if (ask(git, words, ret_output, &exit_code, error) < 0)
		return -1;
	return exit_code == 0 ? 0 : refuse(git, words, error);
}

static bool is_commit(const struct git *git, const char *name)
{
	char *commit = mem_printf("%s^{commit}", name);
	const char *const words[] = {"rev-parse", "--verify", "--quiet", commit, NULL};
	struct tanda_error ignored = TANDA_ERROR_INIT;
	struct text_buf output;
	int exit_code = -1;

	text_buf_init(&output, OUTPUT_MAX_BYTES);
	if (ask(git, words, &output, &exit_code, &ignored) < 0)
		exit_code = -1;
	text_buf_deinit(&output);
	free(commit);
	return exit_code == 0;
}

/* ---- where we are ---- */

/* Three answers in the order of the question; the last one may hold anything but a NUL. */
static int look_around(struct git *git, struct tanda_error *error)
{
	static const char *const words[] = {"rev-parse", "--is-inside-work-tree",
	                                    "--is-shallow-repository", "--show-prefix", NULL};
	struct text rest, line;
	struct text_buf output;
	int status;

	text_buf_init(&output, OUTPUT_MAX_BYTES);
	status = ask_surely(git, words, &output, error);
	if (status == 0) {
		rest = text_buf_text(&output);
		if (!text_next_line(&rest, &line) || !text_equal_str(line, "true")) {
			tanda_error_set(error, git->where,
			                "expected the project in a working tree of git, not in the "
			                "repository's own folder");
			status = -1;
		}
		git->is_shallow = text_next_line(&rest, &line) && text_equal_str(line, "true");
		if (rest.len > 0)
			rest.len--; /* its newline */
		git->prefix = text_dup(rest);
	}
	text_buf_deinit(&output);
	return status;
}

static void hint_at_missing(const struct git *git, const char *ref, struct tanda_error *error)
{
	char *remote = mem_printf("origin/%s", ref);

	if (is_commit(git, remote))
		tanda_error_hint(error, "did you mean %s?", remote);
	else if (git->is_shallow)
		tanda_error_hint(error,
		                 "this is a shallow clone: git fetch --unshallow, or let the "
		                 "CI server fetch the whole history");
	else
		tanda_error_hint(error,
		                 "name a commit, a branch or a tag; git fetch gets what is new");
	free(remote);
}

static int check_ref(const struct git *git, const char *ref, struct tanda_error *error)
{
	if (ref[0] == '\0') {
		tanda_error_set(error, git->where, "expected a commit, got nothing");
		tanda_error_hint(error, "a variable of the CI that is not set?");
		return -1;
	}
	/* Git would take it for an option. */
	if (ref[0] != '-' && is_commit(git, ref))
		return 0;
	tanda_error_set(error, git->where, "git knows no commit '%s'", ref);
	hint_at_missing(git, ref, error);
	return -1;
}

/* The commit at which they parted; the caller frees it. */
static int find_base(const struct git *git, const char *ref, char **ret_base,
                     struct tanda_error *error)
{
	const char *const words[] = {"merge-base", ref, "HEAD", NULL};
	struct text_buf output;
	int exit_code = 0, status;

	text_buf_init(&output, OUTPUT_MAX_BYTES);
	status = ask(git, words, &output, &exit_code, error);
	if (status == 0 && exit_code == 1) {
		tanda_error_set(error, git->where, "'%s' and HEAD have no commit in common%s", ref,
		                git->is_shallow ? " in this shallow clone" : "");
		if (git->is_shallow)
			tanda_error_hint(error, "git fetch --unshallow, or let the CI server fetch "
			                        "the whole history");
		status = -1;
	} else if (status == 0 && exit_code != 0) {
		status = refuse(git, words, error);
	}
	if (status == 0)
		*ret_base = text_dup(text_trim(text_buf_text(&output)));
	text_buf_deinit(&output);
	return status;
}

/* ---- what changed ---- */

/* From a path in the repository to one from `prefix`, a folder in it that ends in '/' or is "". */
static char *path_from(const char *prefix, struct text path)
{
	size_t shared = 0, i;
	struct text_buf out;

	for (i = 0; prefix[i] != '\0' && i < path.len && prefix[i] == path.ptr[i]; i++) {
		if (prefix[i] == '/')
			shared = i + 1;
	}
	text_buf_init(&out, OUTPUT_MAX_BYTES);
	for (i = shared; prefix[i] != '\0'; i++) {
		if (prefix[i] == '/')
			text_buf_add_str(&out, "../");
	}
	text_buf_add(&out, text_from_offset(path, shared));
	return text_buf_steal(&out);
}

/* Names end in a NUL each. */
static void take_paths(const struct git *git, struct text output, struct git_changes *changes)
{
	while (output.len > 0) {
		struct text path = {output.ptr, strnlen(output.ptr, output.len)};

		output = text_from_offset(output, path.len + 1);
		if (path.len > 0 && path.ptr[path.len - 1] == '/')
			path.len--; /* a repository within, which git does not look into */
		changes->paths = mem_grow(changes->paths, &changes->cap, changes->count + 1,
		                          sizeof(changes->paths[0]));
		changes->paths[changes->count++] = path_from(git->prefix, path);
	}
}

/* Tracked files against `base`, as they lie there now; then those that git does not know yet.
 * Without a search for renames both names of a file count. */
static int list_changes(const struct git *git, const char *base, struct git_changes *changes,
                        struct tanda_error *error)
{
	const char *const tracked[] = {
		"-c",           "diff.relative=false", "diff", "-z", "--name-only",
		"--no-renames", "--no-ext-diff",       base,   "--", NULL};
	static const char *const untracked[] = {
		"ls-files",    "-z", "--others", "--exclude-standard",
		"--full-name", "--", ":/",       NULL};
	struct text_buf output;
	int status;

	text_buf_init(&output, OUTPUT_MAX_BYTES);
	status = ask_surely(git, tracked, &output, error);
	if (status == 0)
		take_paths(git, text_buf_text(&output), changes);
	if (status == 0)
		status = ask_surely(git, untracked, &output, error);
	if (status == 0)
		take_paths(git, text_buf_text(&output), changes);
	text_buf_deinit(&output);
	return status;
}

int git_changes_since(const char *root, const char *ref, const char *where,
                      struct git_changes *ret_changes, struct tanda_error *error)
{
	struct git git = {
		.root = root, .where = where, .limit_ms = GIT_LIMIT_MS, .env = make_env()};
	struct git_changes changes = {0};
	int status = -1;

	if (look_around(&git, error) < 0 || check_ref(&git, ref, error) < 0 ||
	    find_base(&git, ref, &changes.base, error) < 0 ||
	    list_changes(&git, changes.base, &changes, error) < 0)
		goto done;
	if (strlen(changes.base) > BASE_SHOWN)
		changes.base[BASE_SHOWN] = '\0';
	*ret_changes = changes;
	changes = (struct git_changes){0};
	status = 0;
done:
	git_changes_deinit(&changes);
	free(git.prefix);
	free(git.env);
	return status;
}

void git_changes_deinit(struct git_changes *changes)
{
	size_t i;

	for (i = 0; i < changes->count; i++)
		free(changes->paths[i]);
	free(changes->paths);
	free(changes->base);
	*changes = (struct git_changes){0};
}

bool git_head_find(const char *root, struct git_head *ret_head)
{
	static const char *const names[] = {"rev-parse", "HEAD", "--abbrev-ref", "HEAD", NULL};
	static const char *const changed[] = {"diff", "--quiet", "HEAD", "--", NULL};
	struct git git = {.root = root, .limit_ms = HEAD_LIMIT_MS, .env = make_env()};
	struct tanda_error ignored = TANDA_ERROR_INIT;
	struct text rest, commit = TEXT_EMPTY, branch = TEXT_EMPTY;
	struct text_buf output;
	int exit_code = -1;
	bool is_known;

	text_buf_init(&output, OUTPUT_MAX_BYTES);
	is_known = ask(&git, names, &output, &exit_code, &ignored) == 0 && exit_code == 0;
	rest = text_buf_text(&output);
	is_known = is_known && text_next_line(&rest, &commit) && text_next_line(&rest, &branch);
	if (is_known) {
		*ret_head = (struct git_head){.commit = text_dup(commit)};
		if (!text_equal_str(branch, "HEAD"))
			ret_head->branch = text_dup(branch);
		ret_head->is_modified =
			ask(&git, changed, &output, &exit_code, &ignored) == 0 && exit_code == 1;
	}
	text_buf_deinit(&output);
	free(git.env);
	return is_known;
}
