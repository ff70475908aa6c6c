/* script.h - what is said to a node: commands for the shell there, whole or not at all.
 *
 * Everything goes over standard input: no argument, no value of the environment and no secret is on
 * a command line before the command's own. A message is one compound command, so that one which is
 * cut off is a syntax error and never half a command. */
#ifndef EXEC_SHELL_SCRIPT_H
#define EXEC_SHELL_SCRIPT_H
#include <stdint.h>

#include "runner/exec/driver.h"
#include "shards/base/text.h"

enum {
	SCRIPT_MAX_BYTES = 64 * 1024 * 1024,
	SCRIPT_AHEAD_MAX_BYTES = 4096, /* fits into any pipe that nobody reads just now */
};

/* station.sh, without its comments. */
extern const char script_station[];

/* One word, whatever it holds (but NUL, which no argument can). */
void script_add_word(struct text_buf *out, struct text word);
/* The same, with NODE_WORKSPACE and NODE_BATCH as the node's own paths. */
void script_add_node_word(struct text_buf *out, struct text word);
/* Words joined by blanks, for a program that gives one line to a shell. */
void script_add_words(struct text_buf *out, const char *const *words);

/* Functions that an attempt brings: tanda_environment exports `env` (names that no shell can export
 * are left out), tanda_files writes its files to batch/files, tanda_wanted calls tanda_bring with
 * the folders that `globs` begin in. */
void script_add_environment(struct text_buf *code, const char *const *env);
void script_add_files(struct text_buf *code, const struct assignment *assignment);
void script_add_wanted(struct text_buf *code, const char *const *globs);
/* "INT"; "TERM" for 0 and what has no name here. */
const char *script_signal_word(int signal_number);

/* To the session's own shell; `root` NULL: the node's temporary folder. */
void script_add_boot(struct text_buf *out, const char *root, const char *run_id, const char *nonce);
/* To the line, once `boot` has come; what follows too. */
void script_add_join(struct text_buf *out, const char *station, const char *nonce,
                     uint64_t executor);
/* Seconds since `join` was sent. */
void script_add_beat(struct text_buf *out, uint64_t sent_s);
/* What counters does the node have? */
void script_add_sample(struct text_buf *out);
/* Is `dir` there, and is what was put into `name` there? */
void script_add_see(struct text_buf *out, const char *dir, const char *name, const char *token);
/* Remove `dir` at the end of the line. */
void script_add_clear(struct text_buf *out, const char *dir);
void script_add_workspace(struct text_buf *out, const char *path);
void script_add_run(struct text_buf *out, uint32_t serial, const struct assignment *assignment,
                    uint64_t max_bytes);
void script_add_fetch(struct text_buf *out, uint32_t serial, struct text station, const char *key,
                      uint64_t max_bytes);
void script_add_acknowledge(struct text_buf *out, const char *station, const char *key);
void script_add_skip(struct text_buf *out, uint32_t serial);
void script_add_signal(struct text_buf *out, int signal_number, uint32_t serial);
/* Kill what runs, remove the station, end. */
void script_add_close(struct text_buf *out);
#endif
