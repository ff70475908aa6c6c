/* run.h - a whole run: folders, journal, workers, reports, history. */
#ifndef RUN_RUN_H
#define RUN_RUN_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/exec/driver.h"
#include "runner/report/console.h"
#include "runner/run/project.h"

struct tanda_error;

struct resume;

struct run_options {
	struct resume *resume; /* go on with this run; NULL: begin one */
	const char *out_dir;   /* as typed */
	const char *told;      /* by the command line, for who goes on with it; NULL: nothing */
	const char *version;   /* of tanda */
	const char *timings;   /* write the timings file there afterwards; NULL: no */
	uint64_t max_fail;     /* 0: never */
	bool allow_empty;
	bool fail_on_flaky;
	enum console_output output;
	enum console_progress progress;
	bool is_trial;              /* say nothing, and leave nothing to later runs */
	driver_new_fn *make_driver; /* NULL: driver_new() */
	uint64_t first_pause_ms;    /* before a node is tried again; 0: as ever */
};

/* Run the project's tests, write every report, say how it went. Returns 0 with the exit code (128 +
 * n, and the signal to die of, when one ended it), or -1 when nothing was run. */
int run_tests(struct project *project, const struct run_options *options, int *ret_exit_code,
              int *ret_signal, struct tanda_error *error) __attribute__((warn_unused_result));

/* Print what would be started: argv, folder and environment of every batch, by worker. */
void run_print_dry(const struct project *project, const char *out_dir);
#endif
