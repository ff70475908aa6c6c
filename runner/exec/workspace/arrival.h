/* arrival.h - what comes of bringing the project to a node, whoever brings it. */
#ifndef EXEC_WORKSPACE_ARRIVAL_H
#define EXEC_WORKSPACE_ARRIVAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed for the length of the call. */
struct arrival {
	const char *dir;       /* the project's, there; absolute */
	const char *clear_dir; /* what goes at the end of the run; NULL: all of it stays */
	uint64_t sent_bytes;   /* of files */
	size_t sent_files;
	const char *sent_by; /* "tar", "rsync", "git"; "": nothing was sent */
	const char *note;    /* why it does not stay though it was to; NULL: it is as was asked */
};

struct arrival_listener {
	void (*on_arrived)(void *data, const struct arrival *arrival);
	/* `is_final`: trying again is of no use. */
	void (*on_failed)(void *data, const char *why, bool is_final);
	/* Nothing of it runs any more; last, and never inside the calls that start and stop it. */
	void (*on_over)(void *data);
};
#endif
