/* commands.h - one function per verb; each returns the program's exit code. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H
#include "runner/commands/options.h"
#include "runner/run/project.h"
#include "tanda/error.h"

enum { EXIT_USAGE = 2, EXIT_INCOMPLETE = 3, EXIT_NOTHING = 4, EXIT_BUG = 70 };

/* Find the verb in argv and carry it out: all of the program but its way in. */
int commands_main(int argc, char **argv);

int command_init(const struct options *options);
int command_plan(const struct options *options);
int command_list(const struct options *options);
int command_run(const struct options *options);
int command_merge(const struct options *options);
int command_report(const struct options *options);
int command_history(const struct options *options);
int command_check(const struct options *options);
int command_config(const struct options *options);
int command_completion(const struct options *options);
int command_help(const struct options *options);

/* Print an error as fault_add() words it; returns EXIT_USAGE. */
int commands_fail(const struct tanda_error *error);
/* The same for an error whose kind nobody has told yet. */
int commands_fail_as(struct tanda_error *error, enum tanda_code code);

/* What a command needs of the project besides what the options say. */
struct opening {
	bool asks_frameworks;  /* let them list what they would run, where args may filter */
	uint32_t worker_count; /* by whose even share files are long; 0: the workers there are */
	uint64_t longest_ns;   /* a file that takes longer is long, too; 0: none */
	const struct plan_node *nodes; /* in place of those that are there; borrowed */
	size_t node_count;             /* 0: those that are there */
	const char *const *ids;    /* only these, a "SUITE<TAB>ID" each; NULL: as the options say */
	struct sharding *sharding; /* which part of the tests to keep; NULL: all */
	struct resume *resume;     /* the run to go on with; NULL: a new one */
};

/* "warning: WHERE: MESSAGE" on standard error; what a stranger named is shown harmless. */
void commands_warn(const char *where, const char *message);

/* Where there is no tanda.json: what was assumed instead, on standard error. */
void commands_say_assumptions(const struct project *project);

/* Open the project as these options ask for it. */
int commands_open_project(const struct options *options, const struct opening *opening,
                          struct project **ret_project, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
