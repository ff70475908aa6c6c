/* report_file.h - opening a report, which anybody may have put there. */
#ifndef JUNIT_REPORT_FILE_H
#define JUNIT_REPORT_FILE_H
struct junit_summary;

/* Open a regular file for reading, without waiting for a FIFO's writer and without following a last
 * symbolic link. Returns the descriptor, or -1 with the summary's state and message told. */
int report_file_open(const char *path, struct junit_summary *summary);
#endif
