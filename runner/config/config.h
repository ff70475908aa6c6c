/* config.h - tanda.json, the framework presets, and what they come to for a run. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/node.h"

struct tanda_error;
struct origins;            /* runner/config/origin.h */
struct placeholder_values; /* runner/config/placeholder.h */

/* How a case in a framework's report names the test (file) that it belongs to. */
enum case_key {
	CASE_KEY_ONLY,       /* it cannot: one test per batch, every case is that test's */
	CASE_KEY_FILE,       /* testcase@file; names must differ within a batch, as in pytest */
	CASE_KEY_PATH,       /* testcase@file is the file's path */
	CASE_KEY_BASENAME,   /* testsuite@name (or classname) is the file's last segment: such names
	                        must differ within a batch */
	CASE_KEY_CLASSNAME,  /* classname is the file's path with '.' for '/', and perhaps more */
	CASE_KEY_CLASS_PATH, /* classname is the file's path */
	CASE_KEY_SUITE_PATH, /* testsuite@name is the file's path */
	CASE_KEY_REPORT,     /* one report file per test, its name made of the path (behave) */
	CASE_KEY_CLASS,   /* classname, a Java class or one nested in it, is the end of the path */
	CASE_KEY_PACKAGE, /* classname, a Go package, ends in the folder */
};

/* What a test is made of. */
enum test_unit {
	UNIT_FILE,
	UNIT_FOLDER, /* each folder that holds one of the files (a Go package) */
	UNIT_CASE,   /* each case that the listing finds in a file (ctest, which has no others) */
};

/* What the files of the report folder are. */
enum report_format { REPORTS_ARE_JUNIT, REPORTS_ARE_TAP };

/* How to read a framework's own listing of what it would run. */
enum listing_format {
	LISTING_NONE,
	LISTING_PYTEST,     /* `--collect-only -q`: FILE::NODE a line, up to a blank line */
	LISTING_BEHAVE,     /* `--dry-run --format json` */
	LISTING_CUCUMBER,   /* NDJSON messages: pickles with their uri */
	LISTING_COUNT,      /* a number of tests, for one file a call */
	LISTING_FILES,      /* a path a line, of each file with something to run */
	LISTING_MOCHA,      /* `--dry-run --reporter json` */
	LISTING_VITEST,     /* `list --json` */
	LISTING_PLAYWRIGHT, /* `test --list --reporter=json` */
	LISTING_NEWMAN,     /* the collection itself, for one file a call */
	LISTING_RSPEC,      /* `--dry-run --format json` */
	LISTING_CTEST,      /* `--show-only=json-v1`, of one file */
	LISTING_GTEST,      /* `--gtest_list_tests`, for one file a call */
};

/* What a framework takes its ids (or case names) for, so that each means itself and no more. */
enum id_form {
	IDS_ARE_PATHS,   /* plain words */
	IDS_ARE_GLOBS,   /* [, * and ? are escaped */
	IDS_ARE_REGEXES, /* all that is special in a regular expression is escaped */
	IDS_ARE_CLASSES, /* src/test/java/a/BTest.java is told as a.BTest */
};

/* What asks a framework to end early: the one at which it still writes what it has. */
enum stop_signal { STOP_BY_TERM, STOP_BY_INT, STOP_BY_HUP, STOP_BY_QUIT };

/* How a framework is told to run a single case of a file. */
enum case_form {
	CASE_IS_NONE, /* it cannot be */
	CASE_IS_ID,   /* by the case's locator in place of the file ("a.feature:12") */
	CASE_IS_ARGS, /* by further args beside the file ("-g", "^{case}$"): one file a start */
};

/* How a framework tells, while it runs, which test it is at (run/progress.h). */
enum progress_kind {
	TELLS_NOTHING,
	TELLS_BY_REPORTS, /* a report file per test appears when it is done */
	TELLS_BY_LINES,   /* something in it writes lines to $TANDA_PROGRESS */
};

/* A framework as data; strings are owned, arrays NULL-terminated. */
struct preset {
	char *name;
	char **detect;            /* globs, any of which says that a project uses it */
	char **detect_dependency; /* names in package.json's dependencies */
	char **imports;           /* modules that tell its tests from those of others like it */
	bool needs_import;        /* its tests always import one, at least through a file */
	char **files;             /* globs of its tests, for `init` and for `run` without a file */
	enum test_unit unit;
	char **run;  /* argv with placeholders; "{args}" is where the suite's args go */
	char **env;  /* "NAME=VALUE", placeholders allowed */
	char **list; /* argv of its own listing, "{args}" and "{ids}" allowed; or NULL */
	enum listing_format list_format;
	char **reports; /* globs below the report folder, "*.xml"; empty: it writes none */
	enum report_format report_format;
	enum case_key case_key;
	int32_t *exit_complete; /* codes by which a complete run ends, passed or failed; for
	                           "any" all of 0..255 */
	size_t exit_complete_count;
	int32_t *exit_passed; /* of these, the ones that say that nothing failed */
	size_t exit_passed_count;
	int32_t *exit_empty; /* codes that say that there was nothing to run */
	size_t exit_empty_count;
	int32_t *exit_skipped; /* without a report: the code that says skipped */
	size_t exit_skipped_count;
	char *empty_output; /* what it prints when it passed with nothing to run; or NULL */
	enum case_form case_form;
	char **case_run;  /* CASE_IS_ID: the command for cases, where it differs from `run` */
	char **case_args; /* CASE_IS_ARGS: what joins the suite's args, with {case} or
	                     {cases|} for the locators */
	enum id_form case_escape; /* CASE_IS_ARGS: of the locators in them */
	char *script;             /* an embedded program that {script} stands for; or NULL */
	char *report_folder; /* relative to the suite's folder: where it writes its reports whatever
	                        it is told, so that they are fetched from there; or NULL */
	enum stop_signal stop_signal;
	char *list_line; /* of the file {list}, with {id}; NULL: the id alone */
	enum progress_kind progress;
	char *plugin;           /* TELLS_BY_LINES: an embedded file that makes it tell; or NULL */
	char *plugin_path;      /* the variable of the folders that plugins are looked for in */
	char *plugin_names;     /* the variable of the plugins to load; both NULL: {plugin} tells */
	uint32_t batch_max;     /* tests per start; 0: no limit; 1 for CASE_KEY_ONLY, without
	                           reports, and where `run` has {id} */
	uint64_t start_up_ms;   /* a first guess, until history knows better */
	bool ids_follow_dashes; /* "--" may stand before the ids; else './' is put before a '-' */
	enum id_form ids_are;
	bool ids_are_absolute; /* it takes relative ids for a part of a path: give the whole */
	bool is_gherkin;       /* its files carry tags that can name areas */
};

/* Are files that are longer than their fair share run as their cases? */
enum split_mode { SPLIT_NONE, SPLIT_AUTO };

enum area_rule { AREA_BY_GLOB, AREA_BY_NAME, AREA_BY_TAG, AREA_BY_FOLDER };

struct suite {
	char *name;
	struct preset preset; /* the framework's, with the suite's own keys over it */
	char **files;
	char **exclude;
	char *dir; /* relative to the project's folder; "." */
	char **args;
	char **env; /* "NAME=VALUE" */
	char **prefix;
	char **collect;
	enum split_mode split;
	enum area_rule area_rule;
	char *area; /* AREA_BY_NAME: the name; AREA_BY_TAG: the tag's glob, without '@' */
};

/* "10m", or a share of the expected time. */
struct limit {
	uint64_t ms;      /* 0 with percent 0: no limit */
	uint32_t percent; /* of the expected time, never under 30 s */
};

/* What tells the version of the application under test: its first line. */
struct version_settings {
	char *file;     /* relative to the project's folder; or NULL */
	char **command; /* argv whose output is read instead; or NULL */
};

/* In which states of their toggles tests run: as the deployed system has them, skipped where one is
 * off; or once for each state, whatever it has. */
enum feature_states { STATES_CURRENT, STATES_BOTH };

/* Where the application's own toggles stand, and who asks for them. */
struct feature_settings {
	char *file;     /* relative to the project's folder; or NULL */
	char **command; /* argv whose output is read instead; or NULL */
	char *user;     /* NULL: not said */
	char **groups;
	enum feature_states states;
};

/* Tests of an area that may fail for a while. */
struct quarantine_settings {
	char *reason;
	char *until;       /* "2027-01-31", the last day */
	int64_t until_day; /* the same, as in shards/base/date.h */
	char **tests;      /* which: paths, ids, globs of paths; NULL: all of the area */
};

enum { QUARANTINES_MAX = 1000, WORKER_OFFSET_MAX = 1000000 };

enum { POOL_MEMBERS_MAX = 10000, POOL_SHARE_MAX = 1000, POOLS_CONFIG_MAX = 100, CPUS_MAX = 4096 };

/* Commands around what they are named after. */
enum hook_scope { HOOK_RUN, HOOK_NODE, HOOK_WORKER, HOOK_AREA, HOOK_SCOPES };
struct hook_settings {
	char **before, **after; /* argv; NULL: none */
	uint64_t limit_ms;      /* of each; 0: none */
};
/* "run", "node", "worker", "area". */
const char *hook_scope_name(enum hook_scope scope);

/* So many members of a pool at once. */
struct pool_want {
	char *pool;
	uint32_t count;
	bool is_exclusive; /* whoever may share them: this batch has them alone */
};

/* The name under which the settings of all other areas stand. */
#define AREA_ANY "*"

struct area_settings {
	char *name;
	bool has_limit, has_retries;
	struct limit limit;
	uint32_t retries;
	char *labels; /* a label expression as typed (shards/plan/label.h reads it), or NULL */
	struct pool_want *wants;
	size_t want_count;
	uint32_t cpus; /* 0: its tests do not count */
	bool keep_together;
	char **features; /* toggles of the application that it follows; or NULL */
	bool has_states;
	enum feature_states states; /* of those */
	struct quarantine_settings *quarantines;
	size_t quarantine_count;
	char **paths; /* globs of the sources it is about, "../" in front allowed; or NULL */
};

/* What `--since` selects for a change that no area's paths claim. */
enum unclaimed { UNCLAIMED_SELECTS_ALL, UNCLAIMED_SELECTS_NOTHING };

/* One of the things that tests take in turns. */
struct pool_member {
	char *name;
	char **properties; /* "KEY=VALUE", "name" the first; NULL-terminated */
};

struct pool_settings {
	char *name; /* letters, digits, '_' and '-' */
	struct pool_member *members;
	size_t member_count;
	uint32_t share; /* batches that may use a member at a time; 1 */
	char **up;      /* argv, with the members' keys as placeholders; NULL: none */
	char **ready;
	char **down;
	uint64_t up_ms;   /* for `up` and `ready` together; 0: no limit */
	uint64_t down_ms; /* 0: no limit */
	char *lease_dir;  /* shared by the runs that share the members; NULL: none */
};

/* Does a node take whatever it may run, or only tests that ask for one of its labels? */
enum node_usage { USAGE_NORMAL, USAGE_EXCLUSIVE };

/* Where tests run. What a node's kind does not need is NULL or 0; NODE_LOCAL knows only the first
 * part. */
struct node_settings {
	char *name;
	enum node_kind kind;
	bool is_given;      /* the local one: tanda.json or a flag names it */
	uint32_t executors; /* 0, the local one only: as many as CPUs */
	uint32_t cpus;      /* 0: the local one: as many as may be used; else not known */
	char **labels;      /* NULL: none */
	char **env;         /* "NAME=VALUE", or NULL */
	enum node_usage usage;
	char *offline; /* why it is not used; NULL: it is */

	char *host, *user; /* of ssh; user NULL: as ssh's own configuration says */
	uint32_t port;     /* 0: the same */
	char **exec;       /* the words before a command */
	char *jenkins_url, *jenkins_job;
	char *jenkins_user;  /* "$NAME" of the variable that holds it */
	char *jenkins_token; /* the same, or "/file", "~/file" */
	char *jenkins_ca;    /* certificates to trust; NULL: the system's */
	char *remote_root;   /* NULL: the driver's choice */
	enum node_workspace workspace;
	char *git_url; /* where the node fetches from; NULL: as origin here */
	bool keep;     /* the workspace stays on the node */
	uint64_t launch_timeout_ms;
	uint32_t launch_retries;
};

/* What no sink may show: variables by a pattern, or a file's content under a name. */
struct secret_rule {
	char *name; /* of variables, where * and ? stand for others; of a file's content, plain */
	char *file; /* relative to the project's folder or absolute; NULL: the environment has it */
};

struct config {
	char *path; /* of tanda.json; NULL: none, frameworks were detected */
	char *root; /* absolute folder that everything is relative to */
	char *name;
	struct suite *suites;
	size_t suite_count;
	struct area_settings *areas;
	size_t area_count;
	struct pool_settings *pools;
	size_t pool_count;
	struct secret_rule *secrets;
	size_t secret_count;
	struct limit test_limit;
	uint64_t run_limit_ms; /* 0: none */
	uint64_t grace_ms;
	uint64_t batch_max_ms; /* that a batch is expected to last; 0: what suits the framework */
	uint32_t retries;
	bool second_chance;
	char *timings; /* path, or NULL */
	struct hook_settings hooks[HOOK_SCOPES];
	char *worker_offset; /* a number, or "$NAME" of a variable that counts runs; NULL: none */
	struct node_settings local;
	struct node_settings *nodes; /* the others, in the order of the file */
	size_t node_count, node_cap;
	char *report_junit; /* extra path for junit.xml, or NULL */
	char *report_html;  /* extra path for report.html, or NULL */
	struct version_settings build_version;
	struct feature_settings features;
	enum unclaimed unclaimed;
	char **since_ignore; /* globs of what `--since` passes over; or NULL */
	char **assumptions;  /* what detection found, a sentence each; NULL when read from a file */
	struct origins *origins; /* where each value came from, for config_show() */
};

/* What is set for an area: under its own name, else under AREA_ANY; NULL: nothing. */
const struct area_settings *config_area(const struct config *config, const char *name);
/* A property of a member by its key, "name" included; NULL when it has none. Borrowed. */
const char *pool_member_property(const struct pool_member *member, struct text key);
/* One of the pool's commands for a member; freed with mem_free_strings(). */
char **pool_member_command(const struct pool_member *member, char *const *templates);
/* Does the suite name {pool.POOL.KEY} anywhere in what it runs? */
bool suite_uses_pool(const struct suite *suite, const char *pool);
/* Is every {pool.POOL.KEY} of the suites there, in each member of the pool? */
int config_check_pools(const struct config *config, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Values that beat the file, applied in order: first what TANDA_* variables say, then the flags,
 * for the last one wins. An entry whose value is NULL is passed over. */
struct config_override {
	const char *key;    /* any single setting: "name", "retries", "test_timeout", "run_timeout",
	                       "grace", "second_chance", "timings", "nodes.local", "reports.junit" */
	const char *value;  /* as typed; "true", "false", "1" or "0" for a switch */
	const char *origin; /* "--retries", "TANDA_RETRIES" */
};

/* Find the file: `wanted` (-c; may be NULL), $TANDA_CONFIG, or tanda.json upward from `dir` as far
 * as the folder that holds .git. The path is absolute if `dir` is, else relative to the working
 * folder, which is what `dir` should be then ("."). A folder above `dir` that everybody may write
 * to ends the search: a stranger's file would be run. *ret_path is owned by the caller, NULL when
 * there is none. Fails when a file was named and is not there. */
int config_find(const char *wanted, const char *dir, char **ret_path, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Read strictly: every fault names FILE:LINE:COLUMN, an unknown key the nearest known one. */
int config_load(const char *path, const struct config_override *overrides, size_t override_count,
                struct config **ret_config, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* As config_load(), from memory; `path` is for messages and for the root. For tests and fuzzing. */
int config_parse(struct text source, const char *path, const struct config_override *overrides,
                 size_t override_count, struct config **ret_config, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* What `init` would write for the project in `dir`: a configuration from the frameworks found
 * there. Fails when none is found, naming what was looked for. */
int config_detect(const char *dir, const struct config_override *overrides, size_t override_count,
                  struct config **ret_config, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Is this variable's value one that no sink may show? */
bool config_is_secret(const struct config *config, const char *variable);

/* NULL is allowed. */
void config_free(struct config *config);

/* Does this machine run tests? Unless there are other nodes and it is not named beside them. */
bool config_uses_local(const struct config *config);

/* What to start for a batch of the suite: prefix and command, expanded; NULL-terminated, freed with
 * mem_free_strings(). The suite's own args are used and values->args need not be set, nor
 * values->ids_follow_dashes. */
char **suite_command(const struct suite *suite, const struct placeholder_values *values);
/* The same for the framework's own listing; NULL when it has none. */
char **suite_listing(const struct suite *suite, const struct placeholder_values *values);
/* Add the lines of the file that {list} stands for. */
void suite_write_list(const struct suite *suite, const struct placeholder_values *values,
                      struct text_buf *ret_lines);
/* Why the suite's framework cannot be told this one file and no other; NULL when it can. */
const char *suite_refusal(const struct suite *suite, const char *id);
/* Does its framework say by this exit code that nothing went wrong? */
bool suite_exits_well(const struct suite *suite, int exit_code);
/* The signal that asks its framework to end early; 0: SIGTERM, or the one that tanda got. */
int suite_stop_signal(const struct suite *suite);
/* The preset's environment and the suite's, expanded: "NAME=VALUE", each name once, the suite's
 * value winning; NULL-terminated, freed with mem_free_strings(). */
char **suite_environment(const struct suite *suite, const struct placeholder_values *values);

/* The short tanda.json that says what `config` says; the caller frees the string. */
char *config_to_json(const struct config *config);

/* `config show`: every effective value, a line each, with where it came from ("tanda.json:4:5",
 * "--retries", "TANDA_RETRIES", "preset behave", "default"). The caller frees the string. */
char *config_show(const struct config *config);

/* An embedded plugin's text; empty when there is none of that name. */
struct text config_plugin(const char *name);

/* The JSON Schema of tanda.json, as shipped. */
struct text config_schema(void);

/* The limit in milliseconds for a test expected to take `expected_ns`; 0: none. A share is never
 * under 30 s, and no limit when nothing is known of the test (0): it would accuse at random. */
uint64_t limit_for(struct limit limit, uint64_t expected_ns);

/* "90s", "2m30s", "1h", "250ms", "0": whole numbers with units h, m, s, ms, the largest first;
 * false when it is not one or overflows 2^53 ms. */
bool duration_parse(struct text text, uint64_t *ret_ms);
#endif
