/* journal.c - see journal.h. */
#include "runner/record/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/event_json.h"
#include "runner/record/file.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { BUFFER_BYTES = 64 * 1024, READ_BYTES = 256 * 1024 };

struct journal {
	int fd;
	char *path;
	uint64_t sequence;
	struct text_buf buffer;
	int fault; /* errno of the first failure; 0: none */
};

int journal_create(const char *path, struct journal **ret_journal, struct tanda_error *error)
{
	struct journal *journal;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0666);

	if (fd < 0) {
		tanda_error_set(error, path, "the journal cannot be made: %s", file_fault(errno));
		return -1;
	}
	journal = mem_calloc(1, sizeof(*journal));
	journal->fd = fd;
	journal->path = mem_strdup(path);
	text_buf_init(&journal->buffer, (size_t)2 * JOURNAL_LINE_MAX_BYTES + BUFFER_BYTES);
	*ret_journal = journal;
	return 0;
}

static int fail(const struct journal *journal, struct tanda_error *error)
{
	tanda_error_set(error, journal->path, "%s", file_fault(journal->fault));
	return -1;
}

int journal_flush(struct journal *journal, struct tanda_error *error)
{
	if (journal->fault == 0 && write_fully(journal->fd, text_buf_text(&journal->buffer)) < 0)
		journal->fault = errno;
	text_buf_clear(&journal->buffer);
	return journal->fault == 0 ? 0 : fail(journal, error);
}

int journal_append(struct journal *journal, const struct event *event, struct tanda_error *error)
{
	if (journal->fault != 0)
		return fail(journal, error);
	event_encode(event, journal->sequence++, &journal->buffer);
	if (journal->buffer.len >= BUFFER_BYTES)
		return journal_flush(journal, error);
	return 0;
}

int journal_sync(struct journal *journal, struct tanda_error *error)
{
	if (journal_flush(journal, error) < 0)
		return -1;
	if (fsync(journal->fd) < 0 && errno != EINVAL)
		journal->fault = errno;
	return journal->fault == 0 ? 0 : fail(journal, error);
}

void journal_close(struct journal *journal)
{
	struct tanda_error ignored = TANDA_ERROR_INIT;

	if (journal == NULL)
		return;
	(void)!journal_flush(journal, &ignored); /* whoever cares has synced */
	close(journal->fd);
	text_buf_deinit(&journal->buffer);
	free(journal->path);
	free(journal);
}

/* ---- reading ---- */

struct journal_reader {
	int fd;
	char *path;
	uint64_t size;
	char *window; /* a part of the file */
	size_t window_size;
	uint64_t window_at;
	size_t window_len;
	struct event_decoder *decoder;
};

int journal_reader_new(const char *path, struct journal_reader **ret_reader,
                       struct tanda_error *error)
{
	struct journal_reader *reader;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		tanda_error_set(error, path, "the journal cannot be read: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		tanda_error_set(error, path, "the journal is no regular file");
		close(fd);
		return -1;
	}
	reader = mem_calloc(1, sizeof(*reader));
	reader->fd = fd;
	reader->path = mem_strdup(path);
	reader->size = (uint64_t)status.st_size;
	reader->decoder = event_decoder_new();
	*ret_reader = reader;
	return 0;
}

void journal_reader_free(struct journal_reader *reader)
{
	if (reader == NULL)
		return;
	close(reader->fd);
	event_decoder_free(reader->decoder);
	free(reader->window);
	free(reader->path);
	free(reader);
}

/* Bring at least `wanted` bytes from `offset` on into the window, if the file has them. */
static bool load(struct journal_reader *reader, uint64_t offset, size_t wanted)
{
	ssize_t len;

	if (wanted > reader->window_size) {
		reader->window = mem_realloc(reader->window, wanted);
		reader->window_size = wanted;
	}
	reader->window_at = offset;
	reader->window_len = 0;
	while (reader->window_len < reader->window_size) {
		len = pread(reader->fd, reader->window + reader->window_len,
		            reader->window_size - reader->window_len,
		            (off_t)(offset + reader->window_len));
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		reader->window_len += (size_t)len;
	}
	return reader->window_len > 0;
}

static struct text window_from(const struct journal_reader *reader, uint64_t offset)
{
	if (offset < reader->window_at)
		return TEXT_EMPTY;
	return text_from_offset((struct text){reader->window, reader->window_len},
	                        (size_t)(offset - reader->window_at));
}

/* The line at `offset`. Returns 1, 0 when the file ends before the line does (a torn tail or its
 * end), or -1 when the line is longer than any that tanda writes. */
static int read_line(struct journal_reader *reader, uint64_t offset, struct text *ret_line)
{
	size_t wanted = READ_BYTES;

	for (;;) {
		struct text window = window_from(reader, offset);
		const char *end = window.len > 0 ? memchr(window.ptr, '\n', window.len) : NULL;

		if (end != NULL) {
			*ret_line = (struct text){window.ptr, (size_t)(end - window.ptr)};
			return 1;
		}
		if (window.len > JOURNAL_LINE_MAX_BYTES)
			return -1;
		if (window.len > 0 && offset + window.len >= reader->size)
			return 0;
		if (window.len >= wanted)
			wanted *= 4;
		if (!load(reader, offset, wanted))
			return 0;
		if (reader->window_len < wanted &&
		    memchr(reader->window, '\n', reader->window_len) == NULL)
			return 0;
	}
}

int journal_read_at(struct journal_reader *reader, uint64_t offset, struct event *ret_event,
                    struct tanda_error *error)
{
	struct text line;
	uint64_t sequence;

	if (read_line(reader, offset, &line) == 1 &&
	    event_decode(reader->decoder, line, &sequence, ret_event, error) == 0)
		return 0;
	tanda_error_set(error, reader->path, "the journal has changed while it was read");
	return -1;
}

static void note_damage(struct journal_summary *summary, uint64_t line_number, const char *what)
{
	if (summary->damaged_count++ == 0)
		snprintf(summary->first_damage, sizeof(summary->first_damage), "line %llu: %.200s",
		         (unsigned long long)line_number, what);
}

/* Where the next line begins after one that is too long to be ours. */
static uint64_t skip_line(struct journal_reader *reader, uint64_t offset)
{
	while (load(reader, offset, READ_BYTES)) {
		const char *end = memchr(reader->window, '\n', reader->window_len);

		if (end != NULL)
			return offset + (uint64_t)(end - reader->window) + 1;
		offset += reader->window_len;
	}
	return reader->size;
}

static void read_all(struct journal_reader *reader, journal_event_fn on_event, void *data,
                     struct journal_summary *summary)
{
	uint64_t offset = 0, line_number = 0, next_sequence = 0, sequence;
	struct event event;
	struct text line;
	int found;

	while ((found = read_line(reader, offset, &line)) != 0) {
		struct tanda_error fault = TANDA_ERROR_INIT;
		uint64_t at = offset;

		line_number++;
		offset = found < 0 ? skip_line(reader, offset) : offset + line.len + 1;
		if (found < 0) {
			note_damage(summary, line_number,
			            "it is longer than any that tanda writes");
		} else if (event_decode(reader->decoder, line, &sequence, &event, &fault) < 0) {
			note_damage(summary, line_number, fault.message);
		} else if (sequence < next_sequence) {
			note_damage(summary, line_number, "its sequence number was there before");
		} else {
			next_sequence = sequence + 1;
			summary->event_count++;
			if (!on_event(data, &event, at))
				return;
		}
	}
	summary->torn_tail = offset < reader->size;
}

int journal_read(const char *path, journal_event_fn on_event, void *data,
                 struct journal_summary *ret_summary, struct tanda_error *error)
{
	struct journal_reader *reader;

	*ret_summary = (struct journal_summary){0};
	if (journal_reader_new(path, &reader, error) < 0)
		return -1;
	read_all(reader, on_event, data, ret_summary);
	journal_reader_free(reader);
	if (ret_summary->event_count > 0)
		return 0;
	tanda_error_set(error, path, "it is no journal of tanda: it holds no event");
	return -1;
}
