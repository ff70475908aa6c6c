/* command.h - what a worker really starts for a batch: argv, environment, folders. */
#ifndef RUN_COMMAND_H
#define RUN_COMMAND_H
#include <stddef.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/run/pool_words.h"
#include "runner/run/project.h"

struct tanda_error;

/* The same for every batch of a run. */
struct command_context {
	const struct project *project;
	const char *run_id;
	const char *out_dir;  /* absolute */
	const char *tmp_root; /* absolute; a folder of this run alone */
	uint32_t worker_base; /* the number that tests see of the first worker */
};

/* One batch's command; all owned. */
struct command {
	char **argv;
	char **env; /* whole; for another node only what is added there; NULL-terminated */
	char *dir;  /* absolute, here */
	char *report_dir;
	char *kept_dir; /* where what is in report_dir ends up; the same for suites with reports */
	char *tmp_dir;
	char *log_path;
	char *log_name;      /* of log_path, relative to the out folder */
	char *progress_path; /* of the lines that tell where it is; NULL: it tells none */
	char *plugin_path;   /* of what makes it tell that; NULL: it needs no path, or tells none */
	char *list_path;     /* of the id list, here; or NULL when the command takes none */
	char *work_dir;      /* on another node, in the words of driver.h; NULL: it runs here */
	char **wanted_files; /* globs below it of what is brought back; NULL: none */
	char *files_dir;     /* where that comes to */
	char *list_text;     /* the id list, when another node gets it; or NULL */
	struct sent_file files[2]; /* that another node gets: it, and what is at plugin_path */
	size_t file_count;
	char *key; /* RUN.BATCH.ATTEMPT.NONCE */
};

/* Which tests, where. */
struct command_batch {
	uint32_t number;
	uint32_t attempt; /* of its first test, 1.. */
	uint32_t worker;
	const char *node;
	char *const *node_env; /* NULL: it has none of its own */
	bool is_remote;        /* the node is another machine */
	bool is_followed;      /* somebody looks where its framework is */
	const uint32_t *tests;
	size_t test_count;
	const struct pool_words *members; /* of pools, that it holds; NULL: none */
};

/* Of a batch's log, relative to the out folder; the caller frees it. */
char *command_log_name(uint32_t batch);
/* Build it. Touches no file. */
void command_build(struct command *command, const struct command_context *context,
                   const struct command_batch *batch);
/* The framework's own listing of the same tests, in its own folders; false when it has none. */
bool command_build_listing(struct command *command, const struct command_context *context,
                           const struct command_batch *batch);
/* Write the id list, if the command takes one. */
int command_write_list(const struct command *command, const struct command_context *context,
                       const struct command_batch *batch, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* What "worker_offset" comes to. A variable that is not set is 0. Fails when it holds no number. */
int command_worker_base(const struct project *project, uint32_t *ret_base,
                        struct tanda_error *error) __attribute__((warn_unused_result));

/* The environment of a hook: with secrets, the node's own entries and `extra`, a later one for an
 * earlier one. On another node only what is added there. Freed with mem_free_strings(). */
char **command_hook_env(const struct command_context *context, char *const *extra,
                        char *const *node_env, bool is_remote);

/* Where the plugins are that a run's frameworks load; the caller frees it. */
char *command_plugins_dir(const struct command_context *context);
/* The whole environment of a command that the run itself needs: tanda's own, with `extra` entries
 * (NULL: none) on top. Freed with mem_free_strings(). */
char **command_errand_env(const struct command_context *context, char *const *extra);
void command_deinit(struct command *command);
#endif
