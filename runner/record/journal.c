/* journal.c - the writing half of the journal; see journal.h. */
#include "runner/record/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* Above this an append hands the lines over by itself. */
enum { PENDING_FLUSH_BYTES = 256 * 1024 };

struct journal {
	char *path;
	int fd; /* open for reading too: what journal_restore() copies */
	uint64_t sequence;
	struct text_buf pending;    /* whole lines that the kernel does not have yet */
	struct tanda_error failure; /* the first; set: nothing is written any more */
};

static int create_file(const char *path, struct tanda_error *error)
{
	int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC;
	int fd = open(path, flags, 0644);

	if (fd < 0)
		file_error(error, path, "cannot create the journal", errno);
	return fd;
}

int journal_create(const char *path, struct journal **ret_journal, struct tanda_error *error)
{
	struct journal *journal;
	int fd = create_file(path, error);

	if (fd < 0)
		return -1;
	journal = mem_calloc(1, sizeof(*journal));
	journal->path = mem_strdup(path);
	journal->fd = fd;
	text_buf_init(&journal->pending, JOURNAL_LINE_MAX_BYTES + PENDING_FLUSH_BYTES);
	*ret_journal = journal;
	return 0;
}

/* What comes next is to begin a line: the last good event may lack its line feed. Returns 0, or -1
 * with errno set. */
static int cut_tail(struct journal *journal, uint64_t good_bytes)
{
	struct stat found;
	char last;

	if (fstat(journal->fd, &found) < 0)
		return -1;
	errno = EIO;
	if (!S_ISREG(found.st_mode) || (uint64_t)found.st_size < good_bytes || good_bytes == 0)
		return -1;
	if (ftruncate(journal->fd, (off_t)good_bytes) < 0 ||
	    pread(journal->fd, &last, 1, (off_t)good_bytes - 1) != 1)
		return -1;
	if (last != '\n')
		text_buf_add_char(&journal->pending, '\n');
	return 0;
}

int journal_continue(const char *path, const struct journal_summary *summary,
                     struct journal **ret_journal, struct tanda_error *error)
{
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_APPEND | O_CLOEXEC);
	struct journal *journal;

	if (summary->damaged_count > summary->damaged_tail) {
		tanda_error_set(error, path,
		                "the journal is damaged, so that its run cannot go on");
		tanda_error_hint(error, "%s; start a new run", summary->first_damage);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (fd < 0) {
		file_error(error, path, "cannot open the journal", errno);
		return -1;
	}
	journal = mem_calloc(1, sizeof(*journal));
	journal->path = mem_strdup(path);
	journal->fd = fd;
	journal->sequence = summary->last_sequence;
	text_buf_init(&journal->pending, JOURNAL_LINE_MAX_BYTES + PENDING_FLUSH_BYTES);
	if (cut_tail(journal, summary->good_bytes) < 0) {
		file_error(error, path, "cannot go on with the journal", errno);
		journal_close(journal);
		return -1;
	}
	*ret_journal = journal;
	return 0;
}

/* Tells the first failure, the same each time. */
static int tell_failure(const struct journal *journal, struct tanda_error *error)
{
	if (!tanda_error_is_set(&journal->failure))
		return 0;
	if (!tanda_error_is_set(error))
		*error = journal->failure;
	return -1;
}

int journal_append(struct journal *journal, const struct event *event, struct tanda_error *error)
{
	size_t start = journal->pending.len;

	if (tell_failure(journal, error) < 0)
		return -1;
	event_encode(event, journal->sequence + 1, &journal->pending);
	if (journal->pending.overflowed || journal->pending.len - start > JOURNAL_LINE_MAX_BYTES) {
		journal->pending.len = start;
		journal->pending.overflowed = false;
		tanda_error_set(&journal->failure, journal->path,
		                "%s: more than %d bytes in a line", event_kind_name(event->kind),
		                JOURNAL_LINE_MAX_BYTES);
		return tell_failure(journal, error);
	}
	journal->sequence++;
	if (journal->pending.len >= PENDING_FLUSH_BYTES)
		return journal_flush(journal, error);
	return 0;
}

int journal_flush(struct journal *journal, struct tanda_error *error)
{
	if (tell_failure(journal, error) < 0)
		return -1;
	if (write_fully(journal->fd, text_buf_text(&journal->pending)) < 0)
		file_error(&journal->failure, journal->path, "cannot write the journal", errno);
	text_buf_clear(&journal->pending);
	return tell_failure(journal, error);
}

int journal_sync(struct journal *journal, struct tanda_error *error)
{
	if (journal_flush(journal, error) < 0)
		return -1;
	if (file_sync(journal->fd) < 0)
		file_error(&journal->failure, journal->path, "cannot write the journal", errno);
	return tell_failure(journal, error);
}

bool journal_is_gone(const struct journal *journal)
{
	struct stat found;

	return fstat(journal->fd, &found) == 0 && found.st_nlink == 0;
}

/* Returns 0, or -1 with errno set. */
static int copy_file(int from_fd, int to_fd)
{
	char chunk[65536];
	off_t offset = 0;
	ssize_t got;

	while ((got = pread(from_fd, chunk, sizeof(chunk), offset)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || write_fully(to_fd, (struct text){chunk, (size_t)got}) < 0)
			return -1;
		offset += got;
	}
	return 0;
}

int journal_restore(struct journal *journal, struct tanda_error *error)
{
	int fd;

	if (journal_flush(journal, error) < 0)
		return -1;
	fd = create_file(journal->path, error);
	if (fd < 0)
		return -1;
	if (copy_file(journal->fd, fd) < 0) {
		file_error(error, journal->path, "cannot restore the journal", errno);
		close(fd);
		unlink(journal->path);
		return -1;
	}
	close(journal->fd);
	journal->fd = fd;
	return 0;
}

void journal_close(struct journal *journal)
{
	struct tanda_error ignored =
		TANDA_ERROR_INIT; /* who wants to know has called journal_sync() */

	if (journal == NULL)
		return;
	(void)!journal_flush(journal, &ignored);
	close(journal->fd);
	text_buf_deinit(&journal->pending);
	free(journal->path);
	free(journal);
}
