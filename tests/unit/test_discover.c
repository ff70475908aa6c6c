/* test_discover.c - from files to tests: what a test is made of, which folders are looked into. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "runner/discover/discover.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static char root[64];

static void make_file(const char *path)
{
	char *full = mem_printf("%s/%s", root, path), *slash;
	FILE *file;

	for (slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs("1234", file);
	fclose(file);
	free(full);
}

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/tanda-discover-XXXXXX");
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The tests as "ID SIZE AREA" lines. */
static void assert_finds(const char *glob, bool by_folder, const char *expected)
{
	const char *files[] = {glob, NULL};
	struct discover_suite suite = {.name = "s",
	                               .dir = root,
	                               .files = files,
	                               .area_rule = DISCOVER_AREA_FOLDER,
	                               .by_folder = by_folder};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct test_list list;
	struct text_buf found;
	size_t i;

	test_list_init(&list);
	if (discover_suite_tests(&suite, &list, &error) < 0)
		fail_msg("%s", error.message);
	text_buf_init(&found, 10000);
	for (i = 0; i < list.count; i++)
		text_buf_printf(&found, "%s %llu %s\n", list.tests[i].id,
		                (unsigned long long)list.tests[i].size_bytes,
		                test_area_name(&list, &list.tests[i]));
	assert_string_equal(found.ptr != NULL ? found.ptr : "", expected);
	text_buf_deinit(&found);
	test_list_deinit(&list);
}

static void a_test_is_a_file_and_its_area_the_files_folder(void **state)
{
	(void)state;
	make_file("t/cart/a.t");
	make_file("t/cart/b.t");
	make_file("t/cart/b.txt");
	make_file("t/c.t");
	assert_finds("**/*.t", false, "t/c.t 4 t\nt/cart/a.t 4 cart\nt/cart/b.t 4 cart\n");
}

static void a_folder_with_several_files_is_one_test(void **state)
{
	(void)state;
	make_file("x_test.go");
	make_file("cart/a_test.go");
	make_file("cart/deep/c_test.go");
	make_file("cart/z_test.go");
	assert_finds("**/*_test.go", true, "cart 8 cart\ncart/deep 4 deep\n. 4 (top)\n");
}

static void build_output_is_looked_into_where_a_glob_names_it(void **state)
{
	(void)state;
	make_file("build/tests/a_test");
	make_file("build/other/b_test");
	make_file("node_modules/x/c_test");
	make_file("d_test");
	assert_finds("**/*_test", false, "d_test 4 (top)\n");
	assert_finds("build/**/*_test", false,
	             "build/other/b_test 4 other\nbuild/tests/a_test 4 tests\n");
	assert_finds("build/tests/*_test", false, "build/tests/a_test 4 tests\n");
	assert_finds("{build,x}/*/*_test", false, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_test_is_a_file_and_its_area_the_files_folder,
	                                        setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_with_several_files_is_one_test, setup,
	                                        teardown),
		cmocka_unit_test_setup_teardown(build_output_is_looked_into_where_a_glob_names_it,
	                                        setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
