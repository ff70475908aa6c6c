/* spawn.c - see spawn.h. vfork() and not fork(): the supervisor starts thousands of commands, and
 * copying its page tables each time would cost as much as the command. */
#include "runner/exec/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"

/* Where a child that shares our memory until its exec says what went wrong. */
enum stage { STAGE_NONE, STAGE_DIR, STAGE_EXEC };

struct start_fault {
	enum stage stage;
	int number; /* errno */
};

/* The value of PATH in the command's own environment. */
static const char *path_of(char *const *env)
{
	size_t i;

	for (i = 0; env[i] != NULL; i++) {
		if (strncmp(env[i], "PATH=", 5) == 0)
			return env[i] + 5;
	}
	return "/usr/local/bin:/usr/bin:/bin";
}

static bool is_runnable(const char *path)
{
	struct stat status;

	return access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The program's path: as it is when it holds a '/', else the first match in PATH; NULL when there
 * is none. The caller frees it. */
static char *find_program(const char *name, char *const *env)
{
	const char *path = path_of(env);

	if (strchr(name, '/') != NULL)
		return mem_strdup(name);
	for (;;) {
		size_t len = strcspn(path, ":");
		char *candidate = mem_printf("%.*s/%s", (int)len, path, name);

		if (len > 0 && is_runnable(candidate))
			return candidate;
		free(candidate);
		if (path[len] == '\0')
			return NULL;
		path += len + 1;
	}
}

/* What the new process does before it becomes the command. Only calls that are safe while it shares
 * the parent's memory and stack. */
__attribute__((noreturn)) static void become(const struct start *start, const char *program,
                                             int null_fd, int output_fd,
                                             struct start_fault *fault)
{
	sigset_t none;
	int number;

	setsid();
	prctl(PR_SET_PDEATHSIG,
	      SIGKILL); /* a second belt, should the supervisor itself be killed */
	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	dup2(null_fd, STDIN_FILENO);
	dup2(output_fd, STDOUT_FILENO);
	dup2(start->drops_stderr ? null_fd : output_fd, STDERR_FILENO);
	if (chdir(start->dir) < 0) {
		*fault = (struct start_fault){STAGE_DIR, errno};
		_exit(127);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(program, start->argv, start->env);
	*fault = (struct start_fault){STAGE_EXEC, errno};
	_exit(127);
}

/* Why a file that is there did not start. */
static void explain_exec(const struct start *start, const char *program, int fault, char *message,
                         size_t size)
{
	char *path =
		program[0] == '/' ? mem_strdup(program) : mem_printf("%s/%s", start->dir, program);

	if (fault == ENOENT && access(path, F_OK) == 0)
		snprintf(message, size,
		         "cannot start '%s': the interpreter in its first line (#!) is not there; "
		         "install it or mend the line",
		         program);
	else if (fault == ENOEXEC)
		snprintf(message, size,
		         "cannot start '%s': it is no program for this machine and has no #! line",
		         program);
	else if (fault == EACCES)
		snprintf(message, size, "cannot start '%s': it is not executable; chmod +x it",
		         program);
	else
		snprintf(message, size, "cannot start '%s' in %s: %s", program, start->dir,
		         strerror(fault));
	free(path);
}

static void explain(const struct start *start, const char *program, const struct start_fault *fault,
                    char *message, size_t size)
{
	if (fault->stage == STAGE_DIR)
		snprintf(message, size, "cannot start '%s': its folder %s: %s", start->argv[0],
		         start->dir, strerror(fault->number));
	else
		explain_exec(start, program, fault->number, message, size);
}

/* In a function of its own, with no local that lives across the vfork(). */
static pid_t start_program(const struct start *start, const char *program, int null_fd,
                           int output_fd, struct start_fault *fault)
{
	static sigset_t all, before;
	static pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before); /* no handler may run in memory that is shared */
	pid = vfork();
	if (pid == 0)
		become(start, program, null_fd, output_fd, fault);
	if (pid < 0)
		fault->number = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

pid_t spawn(const struct start *start, int null_fd, int output_fd, char *message, size_t size,
            bool *ret_is_temporary)
{
	char *program = find_program(start->argv[0], start->env);
	struct start_fault fault = {STAGE_NONE, 0};
	pid_t pid;

	*ret_is_temporary = false;
	if (program == NULL) {
		snprintf(message, size,
		         "cannot start '%s': it is not in PATH (%s); install it or name its path",
		         start->argv[0], path_of(start->env));
		return -1;
	}
	pid = start_program(start, program, null_fd, output_fd, &fault);
	*ret_is_temporary = pid < 0 || fault.number == EAGAIN || fault.number == ENOMEM ||
	                    fault.number == ETXTBSY;
	if (pid < 0)
		snprintf(message, size, "cannot start '%s': %s; are there too many processes?",
		         start->argv[0], strerror(fault.number));
	else if (fault.stage != STAGE_NONE)
		explain(start, program, &fault, message, size);
	free(program);
	return fault.stage == STAGE_NONE ? pid : -1;
}
