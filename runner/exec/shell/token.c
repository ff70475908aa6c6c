/* token.c - see token.h. */
#include "runner/exec/shell/token.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shards/base/mem.h"

static void make_text(char text[TOKEN_TEXT_BYTES])
{
	unsigned char bytes[TOKEN_TEXT_BYTES / 2];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		memset(bytes, 0x5a, sizeof(bytes)); /* its name is this run's alone all the same */
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* Another user may look for it. */
static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t len = strlen(text);
	bool is_written;

	if (fd < 0)
		return false;
	is_written = write(fd, text, len) == (ssize_t)len && write(fd, "\n", 1) == 1;
	if (close(fd) != 0 || !is_written) {
		unlink(path);
		return false;
	}
	return true;
}

bool token_make(struct token *token, const char *dir, const char *run_id, const char *node)
{
	char *folder = mem_printf("%s/.tanda", dir);

	*token = (struct token){.name = mem_printf(".tanda/here-%s-%s", run_id, node)};
	token->path = mem_printf("%s/%s", dir, token->name);
	make_text(token->text);
	(void)mkdir(folder, 0777);
	free(folder);
	unlink(token->path); /* of a try before */
	if (write_file(token->path, token->text))
		return true;
	token_remove(token);
	return false;
}

void token_remove(struct token *token)
{
	if (token->path != NULL)
		unlink(token->path);
	free(token->path);
	free(token->name);
	*token = (struct token){.path = NULL};
}
