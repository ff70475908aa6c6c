/* token.c - see token.h. */
#include "runner/exec/jenkins/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

/* Printable, and in one piece: what comes of a wrong file or of a paste with a break is refused. */
static int take(struct text typed, const char *where, char **ret_token, struct tanda_error *error)
{
	struct text token = text_trim(typed);
	size_t i;

	for (i = 0; i < token.len; i++) {
		if ((unsigned char)token.ptr[i] <= ' ' || (unsigned char)token.ptr[i] == 0x7f)
			break;
	}
	if (token.len == 0 || token.len > TOKEN_MAX_BYTES || i < token.len) {
		tanda_error_set(error, where, "%s",
		                token.len == 0 ? "it is empty: expected a Jenkins API token"
		                               : "expected a Jenkins API token, one word");
		tanda_error_hint(error, "make one at <Jenkins>/me/configure, \"API Token\"");
		return -1;
	}
	*ret_token = text_dup(token);
	return 0;
}

static int read_variable(const char *source, char **ret_token, struct tanda_error *error)
{
	const char *value = getenv(source + 1);

	if (value == NULL) {
		tanda_error_set(error, source, "the variable is not set");
		tanda_error_hint(error,
		                 "on Jenkins: withCredentials([string(credentialsId: '...', "
		                 "variable: '%.80s')]) { ... }",
		                 source + 1);
		return -1;
	}
	return take(text_from(value), source, ret_token, error);
}

static int check_private(int fd, const char *path, struct tanda_error *error)
{
	struct stat info;

	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
		tanda_error_set(error, path, "it is no file");
		return -1;
	}
	if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		tanda_error_set(error, path, "others may read this token (mode %04o)",
		                (unsigned)(info.st_mode & 07777));
		tanda_error_hint(error, "chmod 600 %.300s", path);
		return -1;
	}
	return 0;
}

static int read_line(int fd, const char *path, char **ret_token, struct tanda_error *error)
{
	char bytes[TOKEN_MAX_BYTES + 2];
	ssize_t len = read(fd, bytes, sizeof(bytes));
	struct text rest, line = TEXT_EMPTY;
	int status;

	if (len < 0) {
		tanda_error_set(error, path, "it cannot be read: %s", strerror(errno));
		return -1;
	}
	rest = (struct text){bytes, (size_t)len};
	(void)!text_next_line(&rest, &line);
	status = take(line, path, ret_token, error);
	explicit_bzero(bytes, sizeof(bytes));
	return status;
}

static int read_file(const char *source, char **ret_token, struct tanda_error *error)
{
	const char *home = getenv("HOME");
	char *path = source[0] == '~' && home != NULL ? mem_printf("%s%s", home, source + 1)
	                                              : mem_strdup(source);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int status = -1;

	if (fd < 0)
		tanda_error_set(error, path, "it cannot be read: %s", strerror(errno));
	else if (check_private(fd, path, error) == 0)
		status = read_line(fd, path, ret_token, error);
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

int token_read(const char *source, char **ret_token, struct tanda_error *error)
{
	if (source[0] == '$' && source[1] != '\0')
		return read_variable(source, ret_token, error);
	if (source[0] == '/' || strncmp(source, "~/", 2) == 0)
		return read_file(source, ret_token, error);
	tanda_error_set(error, NULL, "a token stands in no configuration");
	tanda_error_hint(error,
	                 "name the variable that holds it (\"$JENKINS_TOKEN\") or a file that "
	                 "only you can read (\"~/.jenkins-token\")");
	return -1;
}

void token_free(char *token)
{
	if (token != NULL)
		explicit_bzero(token, strlen(token));
	free(token);
}
