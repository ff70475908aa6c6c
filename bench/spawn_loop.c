/* spawn_loop.c - start COUNT commands with posix_spawn, WIDTH at a time: nothing that starts
 * processes one by one can be much faster. Usage: spawn_loop WIDTH COUNT COMMAND [ARGUMENT...] */
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

enum { WIDTH_MAX = 1024, COUNT_MAX = 10000000 };

static bool parse_count(const char *word, long max, long *ret_count)
{
	char *end;
	long count;

	errno = 0;
	count = strtol(word, &end, 10);
	if (errno != 0 || end == word || *end != '\0' || count < 1 || count > max)
		return false;
	*ret_count = count;
	return true;
}

static bool start(char *const *argv)
{
	pid_t pid;
	int fault = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);

	if (fault != 0)
		fprintf(stderr, "spawn_loop: %s: %s\n", argv[0], strerror(fault));
	return fault == 0;
}

static bool wait_for_one(void)
{
	int status;

	if (wait(&status) >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "spawn_loop: a command did not exit with 0\n");
	return false;
}

int main(int argc, char **argv)
{
	long width, count, started = 0, running = 0;

	if (argc < 4 || !parse_count(argv[1], WIDTH_MAX, &width) ||
	    !parse_count(argv[2], COUNT_MAX, &count)) {
		fprintf(stderr, "usage: spawn_loop WIDTH COUNT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	while (started < count || running > 0) {
		if (started < count && running < width) {
			if (!start(argv + 3))
				return 1;
			started++;
			running++;
		} else {
			if (!wait_for_one())
				return 1;
			running--;
		}
	}
	return 0;
}
