/* token.h - a credential, from where nobody else can read it. */
#ifndef JENKINS_TOKEN_H
#define JENKINS_TOKEN_H

struct tanda_error;

enum { TOKEN_MAX_BYTES = 1000 };

/* Read it from the environment ("$NAME") or from the first line of a file ("/path", "~/path") that
 * only its owner can read. What it is never shows in *error. The caller frees it. Fails, with the
 * remedy, on anything else: a token typed into a file that others read is none. */
int token_read(const char *source, char **ret_token, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Nothing of it stays in memory; NULL is allowed. */
void token_free(char *token);
#endif
