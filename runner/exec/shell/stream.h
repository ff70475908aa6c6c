/* stream.h - what a node says: words of station.sh between what jobs print and what they bring.
 *
 * A word stands behind a mark that carries a nonce, which nothing that a job prints can hold by
 * chance. Until the first one, everything is noise: a banner, a shell's start files. Pure, and fed
 * in pieces of any size. */
#ifndef EXEC_SHELL_STREAM_H
#define EXEC_SHELL_STREAM_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

enum { STREAM_NONCE_LEN = 32, STREAM_WORD_MAX_BYTES = 4096, STREAM_RECORD = '\036' };

enum station_kind {
	STATION_TEXT,    /* `text`: no word of ours */
	STATION_BYTES,   /* `text`: a piece of the archive that BUNDLE or FILES announced */
	STATION_GARBLED, /* `text`: a word that makes no sense; the stream is of no use any more */
	STATION_BOOT,    /* `number` its process, `text` the station's folder */
	STATION_UNFIT,   /* `text` why */
	STATION_READY,   /* `number` of CPUs */
	STATION_SKIPPED, /* from here on `serial` says of which attempt */
	STATION_REFUSED, /* `text` why */
	STATION_STARTED, /* `number` its process */
	STATION_LEFT,    /* `number` of processes, `text` their names */
	STATION_EXITED,  /* `number` the exit code; `times` follows as text */
	STATION_BUNDLE,  /* `number` of bytes that follow, their `checksum` */
	STATION_FILES,   /* the same */
	STATION_FAILED,  /* `text` why nothing more comes; `number` 1: the job is to blame */
	STATION_DONE,    /* `times` follows as text */
	STATION_BEAT,    /* `number` as it was sent */
	STATION_GONE,    /* the executor or the watch was killed */
	STATION_BYE,     /* nothing of it is left */
	STATION_TOLD,    /* `text` where the job is; "": up to here everything is told */
	STATION_SAMPLED, /* `text` of the node's counters */
	STATION_SEEN,    /* `number` is an enum station_sight */
};
enum { STATION_KIND_COUNT = STATION_SEEN + 1 };

/* What became of script_add_see(). */
enum station_sight { SIGHT_SAME, SIGHT_NO_FOLDER, SIGHT_NO_TOKEN };

struct station_event {
	enum station_kind kind;
	uint32_t serial;
	uint64_t number;
	uint32_t checksum;
	struct text text; /* borrowed for the length of the call */
};

typedef void (*stream_fn)(void *data, const struct station_event *event);

struct stream {
	char mark[STREAM_NONCE_LEN + 16];
	size_t mark_len;
	struct text_buf held; /* the beginning of a mark or word whose rest has not come */
	uint64_t bytes_left;  /* of an archive */
	bool is_in_word;
	bool is_garbled;
	stream_fn on_event;
	void *data;
};

/* `nonce` has STREAM_NONCE_LEN characters. */
void stream_init(struct stream *stream, const char *nonce, stream_fn on_event, void *data);
void stream_deinit(struct stream *stream);
/* Tell of everything that is whole. After GARBLED nothing more is told. */
void stream_feed(struct stream *stream, struct text bytes);

/* What `times` printed: the time of all children so far; 0 when it is not understood. */
uint64_t stream_read_times(struct text text);
#endif
