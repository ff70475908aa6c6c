/* project.h - all that is known before a run: configuration, tests, expected times. */
#ifndef RUN_PROJECT_H
#define RUN_PROJECT_H
#include <stddef.h>
#include <stdint.h>

#include "runner/config/config.h"
#include "runner/discover/discover.h"
#include "runner/discover/mapping.h"
#include "runner/run/planning.h"
#include "runner/run/secrets.h"
#include "runner/run/sharding.h"
#include "shards/model/test.h"

struct tanda_error;

struct project_request {
	const char *config_path; /* -c, or NULL */
	const struct config_override *overrides;
	size_t override_count;
	struct selection selection; /* cwd_relative is filled in here */
	const char *out_dir;        /* for last-failed.txt; relative to the working folder */
	bool only_failed;           /* --failed: the selection's ids come from there */
	const char *since;          /* --since: a commit; NULL: changes do not matter */
	bool asks_frameworks;       /* let them list what they would run, where args may filter */
	enum strategy strategy;     /* how the tests are shared out */
	uint32_t worker_count; /* by whose even share files are long; 0: the workers there are */
	uint64_t longest_ns;   /* a file that takes longer is long, too; 0: none */
	const struct plan_node *nodes; /* in place of those that are there; borrowed */
	size_t node_count;             /* 0: those that are there */
	struct sharding *sharding;     /* which part of the tests to keep; NULL: all */
	struct resume *resume;         /* the run whose tests these are to be; NULL: a new one */
};

/* A state of feature toggles that tests are run in. */
struct variant {
	char *label; /* "NewCheckout=on", which ends their ids, too */
	char **env;  /* "NAME=VALUE", NULL-terminated */
};

struct project {
	struct config *config;
	struct test_list tests; /* those selected; suite_index is the index in config->suites */
	size_t found_count;     /* before selection */
	struct secrets secrets;
	struct planning planning;
	const struct sharding *sharding; /* as requested; NULL: this is the whole */
	char **warnings;
	size_t warning_count, warning_cap;
	char **notes; /* what was selected, and why; for people */
	size_t note_count, note_cap;
	struct toggling *toggling; /* toggles.h; NULL: no test follows one */
	struct variant *variants;  /* test.variant is an index, plus 1 */
	size_t variant_count, variant_cap;
	char *ids_text; /* owned bytes that the selection's ids point into */
};

/* Find and read the configuration (or detect the frameworks), find the tests, select, estimate and
 * rehearse. Fails with bad input; what can be lived with (history, strays) is a warning. */
int project_open(const struct project_request *request, struct project **ret_project,
                 struct tanda_error *error) __attribute__((warn_unused_result));
void project_free(struct project *project);

void project_warn(struct project *project, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void project_note(struct project *project, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The suite's folder, absolute; the caller frees it. */
char *project_suite_dir(const struct project *project, const struct suite *suite);
/* The test's file relative to the project's folder; the caller frees it. */
char *project_test_file(const struct project *project, const struct test *test);
/* The same as it is shown: as its id tells it, without secrets. The caller frees it. */
char *project_shown_file(const struct project *project, const struct test *test);
/* How the cases of the suite's reports are matched with its tests. */
enum mapping project_mapping(const struct suite *suite);
/* PROJECT/.tanda/history.db; the caller frees it. */
char *project_history_path(const struct project *project);
#endif
