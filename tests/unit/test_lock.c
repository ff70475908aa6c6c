/* test_lock.c - rules of the lock: one run at a time, let go however its process ends. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/record_scratch.h"
#include "runner/record/lock.h"
#include "tanda/error.h"

/* A file system without locks. */
static bool locks_are_missing;

int flock(int fd, int operation)
{
	if (locks_are_missing) {
		errno = ENOLCK;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int take(const char *dir, int *ret_fd, bool *ret_is_held, struct tanda_error *error)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = lock_take(dir_fd, dir, ret_fd, ret_is_held, error);

	close(dir_fd);
	return status;
}

/* A child that holds the lock until it is killed; returns once it holds it. */
static pid_t start_holder(const char *dir)
{
	int ready[2], fd;
	bool is_held;
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct tanda_error error = TANDA_ERROR_INIT;

		close(ready[0]);
		if (take(dir, &fd, &is_held, &error) < 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void a_second_process_is_refused_and_told_the_pid(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *dir = scratch_new(), *pid;
	pid_t holder = start_holder(dir);
	bool is_held;
	int fd, status;

	(void)state;
	assert_int_equal(take(dir, &fd, &is_held, &error), -1);
	pid = mem_printf("(pid %ld)", (long)holder);
	assert_non_null(strstr(error.message, pid));
	assert_string_equal(error.where, dir);
	assert_non_null(strstr(error.hint, "--out"));
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_int_equal(waitpid(holder, &status, 0), holder);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(take(dir, &fd, &is_held, &error), 0);
	assert_true(is_held);
	close(fd);
	free(pid);
	scratch_free(dir);
}

static void a_file_system_without_locks_is_no_failure(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *dir = scratch_new();
	bool is_held = true;
	int fd;

	(void)state;
	locks_are_missing = true;
	assert_int_equal(take(dir, &fd, &is_held, &error), 0);
	locks_are_missing = false;
	assert_false(is_held);
	close(fd);
	scratch_free(dir);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *dir = scratch_new(), *lock = mem_printf("%s/.lock", dir);
	char *victim = mem_printf("%s/victim", dir);
	struct text bytes;
	bool is_held;
	int fd;

	(void)state;
	scratch_write(victim, TEXT_LIT("precious"));
	assert_int_equal(symlink(victim, lock), 0);
	assert_int_equal(take(dir, &fd, &is_held, &error), -1);
	bytes = scratch_read(victim);
	assert_true(text_equal_str(bytes, "precious"));
	free((char *)bytes.ptr);
	free(victim);
	free(lock);
	scratch_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_second_process_is_refused_and_told_the_pid),
	    cmocka_unit_test(a_file_system_without_locks_is_no_failure),
	    cmocka_unit_test(a_link_in_its_place_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
