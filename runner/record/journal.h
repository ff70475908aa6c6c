/* journal.h - the run as a file: one event a line (NDJSON), each with time, kind, sequence number
 * and checksum. Documented in docs/journal.md. */
#ifndef RECORD_JOURNAL_H
#define RECORD_JOURNAL_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"
#include "shards/model/event.h"

struct journal;
struct tanda_error;

enum {
	/* A batch of TESTS_MAX tests, and a case whose every text is escaped at its worst, fit. */
	JOURNAL_LINE_MAX_BYTES = 16 * 1024 * 1024,
	JOURNAL_TEXT_MAX_BYTES = 64 * 1024, /* of each text in an event; head and tail are kept */
};

/* Create (never over an existing file or through a link) and hold it open. Its folder is there. */
int journal_create(const char *path, struct journal **ret_journal, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Open one whose run did not end, as journal_read() found it, to go on with it: what is torn or
 * damaged behind its last good event is cut off. Fails when it has damage before that, or was
 * changed meanwhile. */
struct journal_summary;
int journal_continue(const char *path, const struct journal_summary *summary,
                     struct journal **ret_journal, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Append one event. Lines are buffered for at most one turn: journal_flush() hands them to the
 * kernel, after which even SIGKILL of tanda loses nothing. The first failure sticks. */
int journal_append(struct journal *journal, const struct event *event, struct tanda_error *error)
	__attribute__((warn_unused_result));
int journal_flush(struct journal *journal, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* fsync too: before work starts, and at the end. */
int journal_sync(struct journal *journal, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Was its file removed (with its folder) while it was held open? */
bool journal_is_gone(const struct journal *journal);
/* Write all that was appended so far to its path again, from the file that is still held. The
 * folder must be there; nothing is written over. */
int journal_restore(struct journal *journal, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Flush, close and free; NULL is allowed. */
void journal_close(struct journal *journal);

/* Is RUN_FINISHED the last event of the journal `name` in the folder `dir_fd`? Looks at its last
 * line only, never through a link. False when there is none, or it cannot be read. */
bool journal_is_finished(int dir_fd, const char *name);

/* What reading a journal found. */
struct journal_summary {
	uint64_t event_count;
	/* Lines with a wrong checksum, sequence or shape: passed over. A gap in the sequence that
	 * they do not explain counts once more; the event after it is good. */
	uint64_t damaged_count;
	bool torn_tail; /* the last line was incomplete: tolerated, not counted as damaged */
	char first_damage[256]; /* "line 17: ..." */
	uint64_t damaged_tail;  /* of damaged_count, those behind the last good event */
	uint64_t last_sequence; /* of the last good event */
	uint64_t good_bytes;    /* up to its end */
};

/* Texts of `event` are borrowed for the call. `offset` is the line's place in the file, for
 * journal_read_at(). Return false to stop reading. */
typedef bool (*journal_event_fn)(void *data, const struct event *event, uint64_t offset);

/* Read all events in order. Fails only when the file cannot be read or holds no event at all. */
int journal_read(const char *path, journal_event_fn on_event, void *data,
                 struct journal_summary *ret_summary, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Random access for the reports: open once, read single events by their offset. */
struct journal_reader;
int journal_reader_new(const char *path, struct journal_reader **ret_reader,
                       struct tanda_error *error) __attribute__((warn_unused_result));
/* The event at `offset`; its texts are borrowed until the next call. */
int journal_read_at(struct journal_reader *reader, uint64_t offset, struct event *ret_event,
                    struct tanda_error *error) __attribute__((warn_unused_result));
void journal_reader_free(struct journal_reader *reader);

/* The codec by itself. Appends a line with its '\n'; the first of a journal has sequence 1, so
 * that it is the number of the line. Always valid JSON: bytes that are not UTF-8 become U+FFFD. */
void event_encode(const struct event *event, uint64_t sequence, struct text_buf *line);
struct event_decoder;
struct event_decoder *event_decoder_new(void);
/* And back: one line, with or without its '\n'. Texts and tests of *ret_event are borrowed until
 * the decoder's next call. Fails on a wrong checksum, a wrong type, an unknown kind or word, or a
 * missing field; unknown fields are passed over. */
int event_decode(struct event_decoder *decoder, struct text line, uint64_t *ret_sequence,
                 struct event *ret_event, struct tanda_error *error)
	__attribute__((warn_unused_result));
void event_decoder_free(struct event_decoder *decoder);
#endif
