/* test_file.c - rules of files written whole or not at all, and of writes that come in pieces. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/record_scratch.h"
#include "runner/record/file.h"
#include "tanda/error.h"

/* write() as the kernel may behave: every second call is interrupted or told to come again, and no
 * call takes more than three bytes. */
static bool is_difficult;
static unsigned difficult_calls;

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (is_difficult) {
		difficult_calls++;
		if (difficult_calls % 2 == 0) {
			errno = difficult_calls % 4 == 0 ? EINTR : EAGAIN;
			return -1;
		}
		if (len > 3)
			len = 3;
	}
	return syscall(SYS_write, fd, bytes, len);
}

static void assert_content(const char *path, const char *expected)
{
	struct text bytes = scratch_read(path);

	assert_true(text_equal_str(bytes, expected));
	free((char *)bytes.ptr);
}

static void write_or_fail(const char *path, const char *content)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (write_file_aside(path, text_from(content), &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
}

static void short_and_interrupted_writes_lose_nothing(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/f", dir);

	(void)state;
	is_difficult = true;
	write_or_fail(path, "all of these bytes arrive, in this order");
	is_difficult = false;
	assert_content(path, "all of these bytes arrive, in this order");
	assert_in_range(difficult_calls, 20, 100);
	free(path);
	scratch_free(dir);
}

static void folders_above_are_made_and_the_old_file_is_replaced(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/a/b//c/f", dir);

	(void)state;
	write_or_fail(path, "old");
	write_or_fail(path, "new");
	assert_content(path, "new");
	free(path);
	scratch_free(dir);
}

static void a_link_in_its_place_is_replaced_not_followed(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/f", dir);
	char *victim = mem_printf("%s/victim", dir);
	struct stat found;

	(void)state;
	scratch_write(victim, TEXT_LIT("precious"));
	assert_int_equal(symlink(victim, path), 0);
	write_or_fail(path, "new");
	assert_content(victim, "precious");
	assert_int_equal(lstat(path, &found), 0);
	assert_true(S_ISREG(found.st_mode));
	free(victim);
	free(path);
	scratch_free(dir);
}

static void a_link_planted_for_the_part_is_not_followed(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/f", dir);
	char *victim = mem_printf("%s/victim", dir);
	char *part = mem_printf("%s/f.part-%ld", dir, (long)getpid());

	(void)state;
	scratch_write(victim, TEXT_LIT("precious"));
	assert_int_equal(symlink(victim, part), 0);
	write_or_fail(path, "new");
	assert_content(victim, "precious");
	assert_content(path, "new");
	assert_false(scratch_exists(part));
	free(part);
	free(victim);
	free(path);
	scratch_free(dir);
}

static void assert_refused(const char *path, const char *part_of_message)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	assert_int_equal(write_file_aside(path, TEXT_LIT("x"), &error), -1);
	if (strstr(error.message, part_of_message) == NULL)
		fail_msg("'%s' is not in '%s'", part_of_message, error.message);
}

static void what_is_no_file_is_refused_and_stays(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/f", dir);
	struct stat found;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(path, "not a regular file");
	assert_int_equal(lstat(path, &found), 0);
	assert_true(S_ISFIFO(found.st_mode));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/proc/self/fd/1", path), 0);
	assert_refused(path, "not a regular file");
	assert_refused(dir, "not a regular file");
	free(path);
	scratch_free(dir);
}

/* As root every folder can be written, so the child becomes nobody first. */
static void faults_are_told_in_words_with_a_remedy(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/locked/f", dir);
	char *locked = mem_printf("%s/locked", dir);
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir(locked, 0555), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct tanda_error error = TANDA_ERROR_INIT;
		bool good = geteuid() != 0 || setuid(65534) == 0;

		good = good && write_file_aside(path, TEXT_LIT("x"), &error) == -1 &&
		       strstr(error.message, "permission denied") != NULL &&
		       error.hint[0] != '\0' && strcmp(error.where, path) == 0;
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	free(locked);
	free(path);
	scratch_free(dir);
}

static void reading_has_a_limit_and_never_waits(void **state)
{
	char *dir = scratch_new(), *path = mem_printf("%s/f", dir);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf buf;

	(void)state;
	text_buf_init(&buf, 9);
	scratch_write(path, TEXT_LIT("12345"));
	assert_int_equal(file_read(path, &buf, &error), 0);
	assert_int_equal(file_read(path, &buf, &error), -1);
	assert_non_null(strstr(error.message, "larger than 4 bytes"));
	assert_true(text_equal_str(text_buf_text(&buf), "12345"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(file_read(path, &buf, &error), -1);
	text_buf_deinit(&buf);
	free(path);
	scratch_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(short_and_interrupted_writes_lose_nothing),
	    cmocka_unit_test(folders_above_are_made_and_the_old_file_is_replaced),
	    cmocka_unit_test(a_link_in_its_place_is_replaced_not_followed),
	    cmocka_unit_test(a_link_planted_for_the_part_is_not_followed),
	    cmocka_unit_test(what_is_no_file_is_refused_and_stays),
	    cmocka_unit_test(faults_are_told_in_words_with_a_remedy),
	    cmocka_unit_test(reading_has_a_limit_and_never_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
