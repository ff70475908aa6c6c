/* token.h - is a folder on a node the same one as here? A file is made here, and looked for there.
 */
#ifndef EXEC_SHELL_TOKEN_H
#define EXEC_SHELL_TOKEN_H
#include <stdbool.h>

enum { TOKEN_TEXT_BYTES = 33 };

struct token {
	char *path; /* absolute, here; NULL: none is made */
	char *name; /* relative to the folder */
	char text[TOKEN_TEXT_BYTES];
};

/* Make it below `dir`, in its folder .tanda. False where nothing can be written there. */
bool token_make(struct token *token, const char *dir, const char *run_id, const char *node);
/* Remove the file. */
void token_remove(struct token *token);
#endif
