/* api.h - what a Jenkins controller's remote API is asked, and what it answers; pure.
 *
 * Readers take strangers' JSON: they call back for each thing that is whole and pass over what is
 * not, and fail only when the answer is no answer of that kind. Texts are borrowed for the call. */
#ifndef JENKINS_API_H
#define JENKINS_API_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/exec/jenkins/page.h"
#include "shards/base/text.h"

struct tanda_error;

/* The parameters of the job. */
#define API_KEY_PARAMETER    "TANDA_KEY"
#define API_SCRIPT_PARAMETER "TANDA_SCRIPT"
#define API_ENV_PARAMETER    "TANDA_ENV"

/* Jenkins exports a parameter as an environment variable, which Linux caps at 128 KiB. */
enum { API_SCRIPT_MAX_BYTES = 100 * 1000 };

/* What to ask for: "?tree=...", already encoded. The short forms leave parameters out, as these
 * carry the scripts; what they name is matched by queue id and then asked for its key. */
#define API_QUEUE_SHORT "/queue/api/json?tree=items%5Bid,why,stuck%5D"
#define API_QUEUE_LONG \
	"/queue/api/json?tree=items%5Bid,why,stuck,actions%5Bparameters%5Bname,value%5D%5D%5D"
#define API_ITEM \
	"api/json?tree=id,why,stuck,cancelled,executable%5Bnumber%5D,actions%5Bparameters%5Bname,value%5D%5D"
#define API_BUILD \
	"api/json?tree=number,queueId,building,result,builtOn,actions%5Bparameters%5Bname,value%5D%5D"
#define API_JOB                                                            \
	"/api/json?tree=_class,buildable,concurrentBuild,labelExpression," \
	"property%5BparameterDefinitions%5Bname%5D%5D"
#define API_COMPUTERS                                                          \
	"/computer/api/json?tree=computer%5BdisplayName,numExecutors,offline," \
	"temporarilyOffline,offlineCauseReason,executors%5BcurrentExecutable%5Burl%5D%5D%5D"
#define API_LABEL "/api/json?tree=nodes%5BnodeName%5D"

/* "JOB/api/json?tree=allBuilds[...]{0,COUNT}": the newest; the long form has parameters. */
void api_builds_path(struct text_buf *path, uint32_t count, bool is_long);

/* An entry of the queue. */
struct api_item {
	uint64_t id;
	const char *why; /* what it waits for; "" */
	bool is_stuck;
	bool is_cancelled;
	uint64_t build;  /* its number, once it has left the queue; 0: none */
	const char *key; /* "" when not asked for, or the job has no such parameter */
};

struct api_build {
	uint64_t number;   /* 1.. */
	uint64_t queue_id; /* 0: not told */
	bool is_building;
	const char *result; /* "" while it builds: SUCCESS, UNSTABLE, FAILURE, ABORTED, NOT_BUILT */
	const char *built_on; /* "" for the controller's own node, and where it is not told */
	const char *key;
};

typedef void (*api_item_fn)(void *data, const struct api_item *item);
typedef void (*api_build_fn)(void *data, const struct api_build *build);

int api_read_queue(struct text body, api_item_fn on_item, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));
int api_read_item(struct text body, api_item_fn on_item, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));
int api_read_builds(struct text body, api_build_fn on_build, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));
int api_read_build(struct text body, api_build_fn on_build, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));

struct api_job {
	bool is_buildable;
	const char *label;  /* it is tied to; "" none, NULL not told (Pipeline) */
	bool is_concurrent; /* true too where the answer does not say (Pipeline) */
	bool tells_parameters;
	bool has_key, has_script, has_env;
};

typedef void (*api_job_fn)(void *data, const struct api_job *job);

/* Fails too when it is no job but a folder. */
int api_read_job(struct text body, api_job_fn on_job, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* A node of the controller. */
struct api_computer {
	const char *name;
	bool is_builtin; /* the controller itself, which other answers call "" */
	bool is_elastic; /* made by a plugin as it is needed: its number is no bound */
	uint32_t executors;
	uint32_t busy;
	bool is_offline;
	char why_offline[PAGE_WORDS_MAX + 1]; /* its first line, cut; "" */
	bool runs_own;                        /* the build that was asked about */
};

typedef void (*api_computer_fn)(void *data, const struct api_computer *computer);

/* `own_url`: of a build; NULL: none. */
int api_read_computers(struct text body, const char *own_url, api_computer_fn on_computer,
                       void *data, struct tanda_error *error) __attribute__((warn_unused_result));

typedef void (*api_name_fn)(void *data, const char *name);

/* The nodes that a label expression means; "" is the controller itself. */
int api_read_label(struct text body, api_name_fn on_node, void *data, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
