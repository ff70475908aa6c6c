/* test_find.c - which tanda.json is taken, and what its folder is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/config/config.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static const char content[] = "{\"suites\": {\"a\": {\"framework\": \"command\", "
			      "\"files\": \"*\", \"run\": [\"{id}\"]}}}";

static void write_file(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	free(path);
}

static char *make_folder(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);

	assert_int_equal(mkdir(path, 0700), 0);
	return path;
}

/* A folder of its own in which nothing above can be found: it holds .git. */
struct tree {
	char root[64];
	char *inner;
	char *git;
};

static void tree_init(struct tree *tree)
{
	snprintf(tree->root, sizeof(tree->root), "/tmp/tanda-config-XXXXXX");
	assert_non_null(mkdtemp(tree->root));
	tree->git = make_folder(tree->root, ".git");
	tree->inner = make_folder(tree->root, "inner");
}

static void tree_deinit(struct tree *tree)
{
	char *file = mem_printf("%s/tanda.json", tree->root);

	unlink(file);
	free(file);
	rmdir(tree->inner);
	rmdir(tree->git);
	rmdir(tree->root);
	free(tree->inner);
	free(tree->git);
}

static char *find(const char *wanted, const char *dir)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *path = NULL;

	assert_int_equal(config_find(wanted, dir, &path, &error), 0);
	return path;
}

static void the_file_is_found_upward(void **state)
{
	struct tree tree;
	char *path, *expected, *before;

	(void)state;
	unsetenv("TANDA_CONFIG");
	tree_init(&tree);
	assert_null(find(NULL, tree.inner));
	write_file(tree.root, "tanda.json");
	path = find(NULL, tree.inner);
	expected = mem_printf("%s/tanda.json", tree.root);
	assert_string_equal(path, expected);
	free(path);
	free(expected);

	before = getcwd(NULL, 0);
	assert_int_equal(chdir(tree.inner), 0);
	path = find(NULL, ".");
	assert_string_equal(path, "../tanda.json");
	free(path);
	assert_int_equal(chdir(before), 0);
	free(before);
	tree_deinit(&tree);
}

static void the_search_ends_at_the_repository_and_at_open_folders(void **state)
{
	struct tree tree;
	char *inner_git;

	(void)state;
	unsetenv("TANDA_CONFIG");
	tree_init(&tree);
	write_file(tree.root, "tanda.json");
	inner_git = make_folder(tree.inner, ".git");
	assert_null(find(NULL, tree.inner));
	rmdir(inner_git);
	free(inner_git);
	assert_int_equal(chmod(tree.root, 0777), 0);
	assert_null(find(NULL, tree.inner));
	tree_deinit(&tree);
}

static void a_named_file_must_be_there(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct tree tree;
	char *path = NULL, *named;

	(void)state;
	tree_init(&tree);
	assert_int_equal(config_find("/nowhere/t.json", tree.inner, &path, &error), -1);
	assert_string_equal(error.where, "/nowhere/t.json");
	assert_string_equal(error.message, "expected a file to read: No such file or directory");
	assert_string_equal(error.hint, "it was named by -c");
	write_file(tree.root, "tanda.json");
	named = mem_printf("%s/tanda.json", tree.root);
	setenv("TANDA_CONFIG", named, 1);
	path = find(NULL, "/");
	assert_string_equal(path, named);
	free(path);
	free(named);
	setenv("TANDA_CONFIG", "/nowhere/u.json", 1);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(config_find(NULL, tree.inner, &path, &error), -1);
	assert_string_equal(error.hint, "it was named by TANDA_CONFIG");
	unsetenv("TANDA_CONFIG");
	tree_deinit(&tree);
}

static void a_file_is_loaded_with_its_folder_as_root(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;
	struct tree tree;
	char *path;

	(void)state;
	tree_init(&tree);
	write_file(tree.root, "tanda.json");
	path = mem_printf("%s/inner/../tanda.json", tree.root);
	assert_int_equal(config_load(path, NULL, 0, &config, &error), 0);
	assert_string_equal(config->root, tree.root);
	config_free(config);
	assert_int_equal(config_load(tree.inner, NULL, 0, &config, &error), -1);
	assert_string_equal(error.message, "cannot be read: Is a directory");
	free(path);
	tree_deinit(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_found_upward),
		cmocka_unit_test(the_search_ends_at_the_repository_and_at_open_folders),
		cmocka_unit_test(a_named_file_must_be_there),
		cmocka_unit_test(a_file_is_loaded_with_its_folder_as_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
