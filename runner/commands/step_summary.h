/* step_summary.h - summary.md for the page that GitHub shows of a job. */
#ifndef COMMANDS_STEP_SUMMARY_H
#define COMMANDS_STEP_SUMMARY_H

/* Append OUT_DIR/summary.md to the file that $GITHUB_STEP_SUMMARY names, if it names one. A fault
 * is a warning on stderr: no run fails for it. */
void step_summary_append(const char *out_dir);
#endif
