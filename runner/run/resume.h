/* resume.h - a run whose tanda died, taken up by another.
 *
 * The journal tells what was planned and what came of it. Tests with a verdict keep it; the others
 * run, with what is left of their chances. What a batch that was open leaves behind on this machine
 * is never looked at: its number, the fence, is not used again. A node that goes on by itself is
 * asked for it, or has the time to end it (held.h). */
#ifndef RUN_RESUME_H
#define RUN_RESUME_H
#include <stdint.h>

#include "runner/record/journal.h"
#include "runner/record/outdir.h"
#include "runner/run/held.h"
#include "runner/run/project.h"
#include "runner/run/recorder.h"
#include "shards/model/ledger.h"
#include "shards/plan/fate.h"

struct resume {
	struct outdir *outdir; /* locked; NULL once it was taken over */
	char *journal_path;
	struct journal_summary summary;
	struct ledger ledger;  /* moved into the recorder by resume_begin() */
	uint64_t last_ns;      /* when the dead tanda last said something */
	char **ids;            /* of the planned tests, "SUITE<TAB>ID", NULL-terminated */
	struct held_list held; /* what nodes may still have */
	char *told;            /* by the command line at its beginning */
	char **tmps;           /* folders for temporary files, NULL-terminated; NULL: none told */
	size_t tmp_count, tmp_cap;
	struct plan_past *pasts;
	bool *is_settled;      /* by test */
	uint64_t failed_count; /* of those: failed, or in error */
	/* Files with tests that the project has and the plan does not: not selected, or new. */
	struct text_buf stranger_names;
	size_t stranger_count;
};

/* Lock the folder and read its journal. Fails when there is no run to go on with, another tanda
 * works on it, nothing ran yet, or the journal is damaged. */
int resume_open(const char *out_dir, struct resume *resume, struct tanda_error *error)
	__attribute__((warn_unused_result));
void resume_deinit(struct resume *resume);

/* The plan's nodes have the executors that the run had. Fails when one of them is gone. */
int resume_set_nodes(const struct resume *resume, struct planning *planning,
                     struct tanda_error *error) __attribute__((warn_unused_result));
/* Take note of the project's tests, before any is selected. */
void resume_note_found(struct resume *resume, const struct project *project);
/* Bring the project's tests into the order of the plan, with what it says of them. Fails, naming
 * what is gone and what is new, when they are not the tests that were planned, and when tanda.json
 * is not what it was. */
int resume_match(const struct resume *resume, struct project *project, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* What the attempts so far leave each test; their retries are set. */
void resume_replay(struct resume *resume, struct project *project);

/* Go on with journal, ledger and clock; end what the dead tanda left running here. */
int resume_begin(struct resume *resume, struct recorder *recorder, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Tell that it goes on, and end what can run no more; the recorder has its console. */
void resume_record(const struct resume *resume, struct recorder *recorder,
                   const struct event_run_resumed *event);
/* Remove what the dead tandas had for temporary files: folders beside this one's, and named like
 * it. */
void resume_remove_tmp(const struct resume *resume, const char *tmp_root);
/* The batch that was open when its tanda died is over: whatever is found of it has another number.
 */
void resume_end_orphan(struct recorder *recorder, uint32_t batch);
/* Of tanda.json's bytes; 0 when there is none. */
uint64_t resume_config_digest(const struct project *project);
#endif
