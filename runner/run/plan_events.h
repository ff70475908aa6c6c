/* plan_events.h - what is planned, as the first events of a run: all that reports need to tell the
 * run's bound without its configuration. */
#ifndef RUN_PLAN_EVENTS_H
#define RUN_PLAN_EVENTS_H

struct build_info;
struct project;
struct recorder;
struct run_options;

struct plan_events {
	const struct project *project;
	struct recorder *recorder;
	const char *run_id;
	const char *host;
	const struct run_options *options;
	const struct build_info *build;
	const char *tmp_root;
};

/* From RUN_STARTED to PLAN_SEALED. */
void plan_events_record(const struct plan_events *events);
#endif
