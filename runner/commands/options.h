/* options.h - what a command line says, after parsing; its words are in table.h. */
#ifndef COMMANDS_OPTIONS_H
#define COMMANDS_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/config/config.h"
#include "runner/report/console.h"
#include "shards/base/text.h"
#include "shards/plan/strategy.h"

struct tanda_error;

enum verb {
	VERB_INIT = 1 << 0,
	VERB_LIST = 1 << 1,
	VERB_RUN = 1 << 2,
	VERB_REPORT = 1 << 3,
	VERB_HISTORY = 1 << 4,
	VERB_CONFIG = 1 << 5,
	VERB_COMPLETION = 1 << 6,
	VERB_HELP = 1 << 7,
	VERB_MERGE = 1 << 8,
	VERB_PLAN = 1 << 9,
	VERB_CHECK = 1 << 10,
};

struct option;

/* As it was typed. */
struct given_option {
	const struct option *option;
	const char *value; /* NULL: it takes none */
};

struct word_list {
	char **words; /* NULL-terminated, or NULL: none */
	size_t count, cap;
};

struct options {
	const char *config_path;
	const char *out_dir;
	struct config_override *overrides; /* TANDA_* first, then flags, which beat them */
	size_t override_count, override_cap;
	struct given_option *given;
	size_t given_count, given_cap;
	const char **arguments; /* what is no option, NULL-terminated */
	size_t argument_count, argument_cap;
	struct word_list areas;
	const char *tag;
	const char *match;
	const char *from_file;
	const char *since;
	const char *timings;
	uint64_t max_fail;
	enum console_output output;
	enum console_progress progress;
	enum strategy strategy;
	const char *merge_out;
	const char *merge_plan;
	const char *shard;
	const char *plan_path;
	const char *plan_jobs, *target, *noise, *nodes, *shards, *explain, *start_up, *plan_out;
	bool from_reports;
	bool compare;
	const char *split_dir;
	const char *merge_name;
	uint64_t expected_shards;
	unsigned merge_output; /* enum merge_output */
	unsigned attachments;  /* relative, absolute */
	bool joins_attempts;
	bool only_failed;
	bool resume;
	bool dry_run;
	bool allow_empty;
	bool fail_on_flaky;
	bool json;
	bool check;
	bool jenkins_job;
	bool write;
	bool help;
};

/* Take TANDA_* variables in, then parse argv (without the program and the verb). Fails on what this
 * verb does not know, naming the nearest option. Borrows argv and the environment. */
int options_parse(enum verb verb, int argc, char **argv, struct options *options,
                  struct tanda_error *error) __attribute__((warn_unused_result));
/* Take one option of `verb` as if it had been typed; borrows `value`. Fails as options_parse(). */
int options_take(enum verb verb, struct text name, const char *value, struct options *options,
                 struct tanda_error *error) __attribute__((warn_unused_result));
void options_deinit(struct options *options);
#endif
