/* test_outfile.c - a file appears whole, or the old one stays; links lead nowhere. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/junit/outfile.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

struct folder {
	char path[64];
	char target[128];
	char part[160];
	struct outfile file;
};

static int make_folder(void **state)
{
	struct folder *folder = mem_calloc(1, sizeof(*folder));

	snprintf(folder->path, sizeof(folder->path), "/tmp/tanda-outfile-XXXXXX");
	if (mkdtemp(folder->path) == NULL)
		return -1;
	snprintf(folder->target, sizeof(folder->target), "%s/junit.xml", folder->path);
	snprintf(folder->part, sizeof(folder->part), "%s.part-%ld", folder->target, (long)getpid());
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;
	char other[128];

	snprintf(other, sizeof(other), "%s/other", folder->path);
	unlink(folder->target);
	unlink(folder->part);
	unlink(other);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static void put_file(const char *path, const char *content)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	fputs(content, stream);
	fclose(stream);
}

static void assert_content(const char *path, const char *wanted)
{
	char content[100] = "";
	FILE *stream = fopen(path, "r");
	size_t len;

	assert_non_null(stream);
	len = fread(content, 1, sizeof(content) - 1, stream);
	fclose(stream);
	assert_int_equal(len, strlen(wanted));
	assert_string_equal(content, wanted);
}

static void a_commit_replaces_the_old_file(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct folder *folder = *state;

	put_file(folder->target, "old");
	assert_int_equal(outfile_open(&folder->file, folder->target, &error), 0);
	outfile_write(&folder->file, TEXT_LIT("new"));
	assert_content(folder->target, "old");
	assert_int_equal(outfile_commit(&folder->file, &error), 0);
	assert_content(folder->target, "new");
	assert_int_equal(access(folder->part, F_OK), -1);
	outfile_discard(&folder->file);
	assert_content(folder->target, "new");
}

static void a_discarded_file_leaves_no_trace(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct folder *folder = *state;

	put_file(folder->target, "old");
	assert_int_equal(outfile_open(&folder->file, folder->target, &error), 0);
	outfile_write(&folder->file, TEXT_LIT("new"));
	outfile_discard(&folder->file);
	assert_content(folder->target, "old");
	assert_int_equal(access(folder->part, F_OK), -1);
}

static void links_are_replaced_and_not_followed(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct folder *folder = *state;
	struct stat status;
	char other[128];

	snprintf(other, sizeof(other), "%s/other", folder->path);
	put_file(other, "precious");
	assert_int_equal(symlink(other, folder->target), 0);
	assert_int_equal(symlink(other, folder->part), 0);
	assert_int_equal(outfile_open(&folder->file, folder->target, &error), 0);
	outfile_write(&folder->file, TEXT_LIT("new"));
	assert_int_equal(outfile_commit(&folder->file, &error), 0);
	assert_content(other, "precious");
	assert_content(folder->target, "new");
	assert_int_equal(lstat(folder->target, &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void a_missing_folder_is_an_error(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct folder *folder = *state;

	assert_int_equal(outfile_open(&folder->file, "/nonexistent/junit.xml", &error), -1);
	assert_string_equal(error.where, "/nonexistent/junit.xml");
	assert_non_null(strstr(error.message, strerror(ENOENT)));
	outfile_discard(&folder->file);
}

static void a_path_without_a_name_is_an_error(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct folder *folder = *state;

	assert_int_equal(outfile_open(&folder->file, "folder/", &error), -1);
	assert_true(tanda_error_is_set(&error));
}

/* As a full disk would: the first write beyond the limit fails, the later ones are not tried. */
static void the_first_failure_sticks(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct folder *folder = *state;
	struct rlimit old, small = {100 * 1000, 100 * 1000};
	char *bytes = mem_calloc(1, 200 * 1000);

	put_file(folder->target, "old");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(outfile_open(&folder->file, folder->target, &error), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	outfile_write(&folder->file, (struct text){bytes, 200 * 1000});
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(folder->file.fault, EFBIG);
	outfile_write(&folder->file, (struct text){bytes, 200 * 1000});
	assert_int_equal(outfile_commit(&folder->file, &error), -1);
	assert_non_null(strstr(error.message, strerror(EFBIG)));
	assert_content(folder->target, "old");
	assert_int_equal(access(folder->part, F_OK), -1);
	free(bytes);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FOLDER(a_commit_replaces_the_old_file),
	    WITH_FOLDER(a_discarded_file_leaves_no_trace),
	    WITH_FOLDER(links_are_replaced_and_not_followed),
	    WITH_FOLDER(a_missing_folder_is_an_error),
	    WITH_FOLDER(a_path_without_a_name_is_an_error),
	    WITH_FOLDER(the_first_failure_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
