/* journal_read.c - the reading half of the journal: whatever is damaged is told and passed over. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/record/journal.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	CHUNK_BYTES = 256 * 1024,
	FIRST_CHUNK_BYTES = 4 * 1024,
	TAIL_BYTES = 64 * 1024,
	DAMAGE_WORDS_BYTES = 200
};

/* Lines of a file, through a window that grows to the longest. Read, not mapped: a file that is
 * cut short meanwhile would end the process by SIGBUS. */
struct lines {
	int fd;
	char *window;
	size_t cap;
	size_t start; /* of what has not been given out */
	size_t end;
	uint64_t offset; /* of `start` in the file */
	size_t chunk;    /* what is read next; 0: CHUNK_BYTES */
	bool at_end;
};

struct line {
	struct text text; /* with its '\n', if it has one */
	uint64_t offset;
	bool is_whole; /* has its '\n' */
	bool is_too_long;
};

/* Read more behind `end`, moving what is left to the front. Returns 0, or -1 with errno set. */
static int fill(struct lines *lines)
{
	size_t kept = lines->end - lines->start;
	size_t chunk = lines->chunk > 0 ? lines->chunk : CHUNK_BYTES;
	ssize_t got;

	if (kept > 0)
		memmove(lines->window, lines->window + lines->start, kept);
	lines->start = 0;
	lines->end = kept;
	lines->window = mem_grow(lines->window, &lines->cap, kept + chunk, 1);
	do
		got = pread(lines->fd, lines->window + kept, chunk, (off_t)(lines->offset + kept));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	lines->chunk = chunk < CHUNK_BYTES ? chunk * 2 : CHUNK_BYTES;
	lines->at_end = got == 0;
	lines->end += (size_t)got;
	return 0;
}

static void give_out(struct lines *lines, size_t len, struct line *line)
{
	if (len > 0)
		line->text = (struct text){lines->window + lines->start, len};
	lines->start += len;
	lines->offset += len;
}

/* The length of the first line in the window, or 0 when its end is not there. */
static size_t whole_line(const struct lines *lines, size_t searched)
{
	size_t left = lines->end - lines->start;
	const char *from, *end;

	if (left == searched)
		return 0;
	from = lines->window + lines->start + searched;
	end = memchr(from, '\n', left - searched);
	return end != NULL ? searched + (size_t)(end - from) + 1 : 0;
}

/* Returns 1 with a line, 0 at the end, or -1 with errno set. Of a line that is too long only the
 * last part is in the text. */
static int next_line(struct lines *lines, struct line *line)
{
	size_t searched = 0;

	*line = (struct line){.offset = lines->offset};
	for (;;) {
		size_t left = lines->end - lines->start;
		size_t len = whole_line(lines, searched);

		if (len > 0) {
			line->is_whole = true;
			give_out(lines, len, line);
			return 1;
		}
		if (lines->at_end) {
			give_out(lines, left, line);
			return line->text.len > 0 || line->is_too_long ? 1 : 0;
		}
		searched = left;
		if (left > JOURNAL_LINE_MAX_BYTES) {
			line->is_too_long = true;
			give_out(lines, left, line);
			searched = 0;
		}
		if (fill(lines) < 0)
			return -1;
	}
}

/* A pipe or a device would never end. */
static int open_regular(int dir_fd, const char *path, int flags)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags);
	struct stat found = {.st_mode = 0};

	if (fd < 0 || (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)))
		return fd;
	close(fd);
	errno = S_ISDIR(found.st_mode) ? EISDIR : EINVAL;
	return -1;
}

/* One pass over a journal. */
struct pass {
	struct event_decoder *decoder;
	struct journal_summary summary;
	uint64_t line_number;
	uint64_t sequence;      /* of the last good line */
	uint64_t damaged_since; /* lines passed over since then */
};

static void note_damage(struct pass *pass, const char *what)
{
	struct journal_summary *summary = &pass->summary;

	if (summary->damaged_count++ == 0)
		snprintf(summary->first_damage, sizeof(summary->first_damage), "line %llu: %.*s",
		         (unsigned long long)pass->line_number,
		         TEXT_ARG(text_head(text_from(what), DAMAGE_WORDS_BYTES)));
}

/* Does the line's sequence number follow? A gap as long as the damage before it is explained. */
static bool check_sequence(struct pass *pass, uint64_t sequence)
{
	char what[128];

	if (sequence <= pass->sequence) {
		snprintf(what, sizeof(what), "event %llu comes again",
		         (unsigned long long)sequence);
		note_damage(pass, what);
		return false;
	}
	if (sequence - pass->sequence - 1 > pass->damaged_since) {
		snprintf(what, sizeof(what), "events are missing before event %llu",
		         (unsigned long long)sequence);
		note_damage(pass, what);
	}
	pass->sequence = sequence;
	pass->damaged_since = 0;
	return true;
}

/* Does this line hold a good event? If not, the damage is noted. */
static bool take_line(struct pass *pass, const struct line *line, struct event *ret_event)
{
	struct tanda_error fault = TANDA_ERROR_INIT;
	uint64_t sequence;

	pass->line_number++;
	if (line->is_too_long) {
		tanda_error_set(&fault, NULL, "longer than %d bytes", JOURNAL_LINE_MAX_BYTES);
	} else if (event_decode(pass->decoder, line->text, &sequence, ret_event, &fault) == 0) {
		if (check_sequence(pass, sequence))
			return true;
		return false;
	}
	if (line->is_whole) {
		note_damage(pass, fault.message);
		pass->damaged_since++;
	} else {
		pass->summary.torn_tail = true;
	}
	return false;
}

static int read_lines(struct pass *pass, struct lines *lines, journal_event_fn on_event, void *data)
{
	struct event event;
	struct line line;
	int status;

	while ((status = next_line(lines, &line)) > 0) {
		if (!take_line(pass, &line, &event))
			continue;
		pass->summary.event_count++;
		pass->summary.last_sequence = pass->sequence;
		pass->summary.good_bytes = line.offset + line.text.len;
		if (!on_event(data, &event, line.offset))
			return 0;
	}
	pass->summary.damaged_tail = pass->damaged_since;
	return status;
}

int journal_read(const char *path, journal_event_fn on_event, void *data,
                 struct journal_summary *ret_summary, struct tanda_error *error)
{
	struct lines lines = {.fd = open_regular(AT_FDCWD, path, 0)};
	struct pass pass = {.decoder = event_decoder_new()};
	int status = -1;

	if (lines.fd < 0 || read_lines(&pass, &lines, on_event, data) < 0) {
		file_error(error, path, "cannot read the journal", errno);
	} else if (pass.summary.event_count == 0) {
		tanda_error_set(error, path, "holds no event of a journal");
		if (pass.summary.damaged_count > 0)
			tanda_error_hint(error, "%s", pass.summary.first_damage);
	} else {
		*ret_summary = pass.summary;
		status = 0;
	}
	if (lines.fd >= 0)
		close(lines.fd);
	free(lines.window);
	event_decoder_free(pass.decoder);
	return status;
}

struct journal_reader {
	char *path;
	struct lines lines;
	struct event_decoder *decoder;
};

int journal_reader_new(const char *path, struct journal_reader **ret_reader,
                       struct tanda_error *error)
{
	int fd = open_regular(AT_FDCWD, path, 0);
	struct journal_reader *reader;

	if (fd < 0) {
		file_error(error, path, "cannot read the journal", errno);
		return -1;
	}
	reader = mem_calloc(1, sizeof(*reader));
	reader->path = mem_strdup(path);
	reader->lines.fd = fd;
	reader->decoder = event_decoder_new();
	*ret_reader = reader;
	return 0;
}

/* Neighbours are often read next, so the window is kept when the line begins in it. */
static void seek(struct lines *lines, uint64_t offset)
{
	uint64_t window_offset = lines->offset - lines->start;

	if (offset >= window_offset && offset - window_offset < lines->end) {
		lines->start = (size_t)(offset - window_offset);
	} else {
		lines->start = 0;
		lines->end = 0;
		lines->chunk = FIRST_CHUNK_BYTES; /* one line is wanted, not its neighbours */
	}
	lines->offset = offset;
	lines->at_end = false;
}

int journal_read_at(struct journal_reader *reader, uint64_t offset, struct event *ret_event,
                    struct tanda_error *error)
{
	uint64_t sequence;
	struct line line;
	int status = -1;

	if (offset > INT64_MAX - JOURNAL_LINE_MAX_BYTES * 2) {
		errno = EINVAL;
	} else {
		seek(&reader->lines, offset);
		status = next_line(&reader->lines, &line);
	}
	if (status < 0) {
		file_error(error, reader->path, "cannot read the journal", errno);
		return -1;
	}
	if (status == 0 || line.is_too_long) {
		tanda_error_set(error, reader->path, "no event at byte %llu",
		                (unsigned long long)offset);
		return -1;
	}
	if (event_decode(reader->decoder, line.text, &sequence, ret_event, error) < 0) {
		tanda_error_prefix(error, "%s: byte %llu", reader->path,
		                   (unsigned long long)offset);
		return -1;
	}
	return 0;
}

void journal_reader_free(struct journal_reader *reader)
{
	if (reader == NULL)
		return;
	close(reader->lines.fd);
	free(reader->lines.window);
	free(reader->path);
	event_decoder_free(reader->decoder);
	free(reader);
}

/* The last line that has its end, out of the last bytes of the file; empty when there is none. */
static struct text last_line(struct text bytes)
{
	const char *end = bytes.len > 0 ? memrchr(bytes.ptr, '\n', bytes.len) : NULL;
	const char *before;

	if (end == NULL)
		return TEXT_EMPTY;
	before = memrchr(bytes.ptr, '\n', (size_t)(end - bytes.ptr));
	if (before == NULL)
		return (struct text){bytes.ptr, (size_t)(end - bytes.ptr)};
	return (struct text){before + 1, (size_t)(end - before - 1)};
}

bool journal_is_finished(int dir_fd, const char *name)
{
	/* What ends a run is a short line; one that does not fit was not written by tanda. */
	char tail[TAIL_BYTES];
	struct event_decoder *decoder = event_decoder_new();
	struct tanda_error ignored = TANDA_ERROR_INIT;
	struct event event = {.kind = EVENT_RUN_STARTED};
	int fd = open_regular(dir_fd, name, O_NOFOLLOW);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	ssize_t got = -1;
	uint64_t sequence;
	bool is_finished = false;

	if (size > 0)
		got = pread(fd, tail, sizeof(tail), size > TAIL_BYTES ? size - TAIL_BYTES : 0);
	if (got > 0) {
		struct text line = last_line((struct text){tail, (size_t)got});

		is_finished = event_decode(decoder, line, &sequence, &event, &ignored) == 0 &&
		              event.kind == EVENT_RUN_FINISHED;
	}
	if (fd >= 0)
		close(fd);
	event_decoder_free(decoder);
	return is_finished;
}
