/* bundle.c - see bundle.h. */
#include "runner/exec/jenkins/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/bundle/unpack.h"
#include "runner/exec/logfile.h"
#include "runner/exec/shell/cksum.h"
#include "runner/exec/shell/stream.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { PIECE_BYTES = 64 * 1024, EXIT_CODE_MAX = 255, NS_PER_MS = 1000 * 1000 };

/* ---- the head ---- */

static struct text next_word(struct text *line)
{
	const char *blank = line->len > 0 ? memchr(line->ptr, ' ', line->len) : NULL;
	struct text word = {line->ptr, blank != NULL ? (size_t)(blank - line->ptr) : line->len};

	*line = text_from_offset(*line, word.len + 1);
	return word;
}

static bool read_number(struct text text, uint64_t max, uint64_t *ret_number)
{
	return text_to_u64(text, ret_number) && *ret_number <= max;
}

static bool read_part(struct text line, struct bundle_part *part)
{
	uint64_t checksum, bytes;

	if (!read_number(next_word(&line), UINT32_MAX, &checksum) ||
	    !read_number(line, INT64_MAX / 8, &bytes))
		return false;
	*part = (struct bundle_part){.bytes = bytes, .checksum = (uint32_t)checksum};
	return true;
}

static bool read_reason(struct text line, char *reason)
{
	struct text head = text_head(line, BUNDLE_REASON_MAX);

	if (head.len > 0)
		memcpy(reason, head.ptr, head.len);
	reason[head.len] = '\0';
	return true;
}

static bool read_workspace(struct text line, struct bundle_head *head)
{
	if (line.len == 0 || line.len >= sizeof(head->workspace))
		return false;
	memcpy(head->workspace, line.ptr, line.len);
	head->workspace[line.len] = '\0';
	return true;
}

static uint64_t read_times(struct text line)
{
	char *times =
		mem_printf("\n%.*s\n", TEXT_ARG(line)); /* the second line of what it prints */
	uint64_t ns = stream_read_times(text_from(times));

	free(times);
	return ns;
}

static bool read_milliseconds(struct text line, uint64_t *ret_ns)
{
	uint64_t ms;

	if (!read_number(line, UINT64_MAX / NS_PER_MS / 2, &ms))
		return false;
	*ret_ns = ms * NS_PER_MS;
	return true;
}

static bool read_exit(struct text line, struct bundle_head *head)
{
	uint64_t code;

	if (!read_number(line, EXIT_CODE_MAX, &code))
		return false;
	head->exit_code = (int)code;
	return true;
}

/* Lines of later versions are passed over. */
static bool read_line(struct text line, struct bundle_head *head)
{
	struct text word = next_word(&line);

	if (text_equal_str(word, "exit"))
		return read_exit(line, head);
	if (text_equal_str(word, "elapsed_ms"))
		return read_milliseconds(line, &head->elapsed_ns);
	if (text_equal_str(word, "dropped"))
		return read_number(line, INT64_MAX, &head->dropped_bytes);
	if (text_equal_str(word, "workspace"))
		return read_workspace(line, head);
	if (text_equal_str(word, "report"))
		return read_part(line, &head->report);
	if (text_equal_str(word, "files"))
		return read_part(line, &head->files);
	if (text_equal_str(word, "log"))
		return read_part(line, &head->log);
	if (text_equal_str(word, "refused"))
		return read_reason(line, head->refused);
	if (text_equal_str(word, "failed"))
		return read_reason(line, head->failed);
	if (text_equal_str(word, "times"))
		head->cpu_ns = read_times(line);
	head->timed_out |= text_equal_str(word, "timed_out");
	head->stopped |= text_equal_str(word, "stopped");
	return true;
}

static int fail(struct tanda_error *error, const char *why)
{
	tanda_error_set(error, NULL, "its bundle is not whole: %s", why);
	return -1;
}

int bundle_read_head(struct text bytes, const char *key, struct bundle_head *ret_head,
                     struct tanda_error *error)
{
	struct text rest = bytes, line = TEXT_EMPTY;
	struct bundle_head head = {.exit_code = -1};

	if (rest.len > BUNDLE_HEAD_MAX_BYTES)
		rest.len = BUNDLE_HEAD_MAX_BYTES;
	if (!text_next_line(&rest, &line) || !text_equal_str(line, "tanda-bundle 1"))
		return fail(error, "it does not begin like one");
	if (!text_next_line(&rest, &line) || !text_equal_str(next_word(&line), "key") ||
	    !text_equal_str(line, key))
		return fail(error, "it is that of another attempt");
	while (text_next_line(&rest, &line) && line.len > 0) {
		if (!read_line(line, &head))
			return fail(error, "a line of its head makes no sense");
	}
	if (line.len > 0 || head.exit_code < 0)
		return fail(error, "its head breaks off");
	head.bytes = rest.len > 0 ? (size_t)(rest.ptr - bytes.ptr) : bytes.len;
	*ret_head = head;
	return 0;
}

/* ---- its parts ---- */

typedef int (*take_fn)(void *data, struct text bytes, struct tanda_error *error);

/* Read a part piece by piece, from where the file stands. */
static int read_pieces(int fd, const struct bundle_part *part, take_fn take, void *data,
                       struct tanda_error *error)
{
	char *piece = mem_alloc(PIECE_BYTES);
	uint64_t left = part->bytes;
	uint32_t sum = 0;
	int status = -1;

	while (left > 0) {
		ssize_t len = read(fd, piece, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES);
		struct text bytes = {piece, len > 0 ? (size_t)len : 0};

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		left -= (uint64_t)len;
		sum = cksum_add(sum, bytes);
		if (take != NULL && take(data, bytes, error) < 0)
			goto done;
	}
	if (left > 0)
		(void)!fail(error, "it is shorter than it says");
	else if (cksum_end(sum, part->bytes) != part->checksum)
		(void)!fail(error, "a checksum is wrong");
	else
		status = 0;
done:
	free(piece);
	return status;
}

static int read_head(int fd, const char *key, struct bundle_head *head, struct tanda_error *error)
{
	char *bytes = mem_alloc(BUNDLE_HEAD_MAX_BYTES);
	ssize_t len = pread(fd, bytes, BUNDLE_HEAD_MAX_BYTES, 0);
	int status = -1;

	if (len < 0)
		tanda_error_set(error, NULL, "its bundle cannot be read: %s", strerror(errno));
	else
		status = bundle_read_head((struct text){bytes, (size_t)len}, key, head, error);
	free(bytes);
	return status;
}

static int check_length(int fd, const struct bundle_head *head, struct tanda_error *error)
{
	struct stat info;

	if (fstat(fd, &info) < 0 || (uint64_t)info.st_size != head->bytes + head->report.bytes +
	                                                              head->files.bytes +
	                                                              head->log.bytes)
		return fail(error, "its length is not what it says");
	return 0;
}

static int check_parts(int fd, const struct bundle_head *head, struct tanda_error *error)
{
	if (lseek(fd, (off_t)head->bytes, SEEK_SET) < 0 ||
	    read_pieces(fd, &head->report, NULL, NULL, error) < 0 ||
	    read_pieces(fd, &head->files, NULL, NULL, error) < 0 ||
	    read_pieces(fd, &head->log, NULL, NULL, error) < 0)
		return -1;
	return 0;
}

static int take_archive(void *data, struct text bytes, struct tanda_error *error)
{
	return unpack_feed(data, bytes, error);
}

static int take_output(void *data, struct text bytes, struct tanda_error *error)
{
	(void)error;
	logfile_add(data, bytes);
	return 0;
}

/* No archive means that there was nothing to put into one. */
static int unpack_part(int fd, const struct bundle_part *part, const char *dir,
                       struct unpack **ret_unpack, struct tanda_error *error)
{
	if (dir == NULL || part->bytes == 0)
		return read_pieces(fd, part, NULL, NULL, error);
	if (unpack_new(dir, &unpack_usual_limits, ret_unpack, error) < 0)
		return -1;
	return read_pieces(fd, part, take_archive, *ret_unpack, error);
}

static int finish_part(struct unpack *unpack, struct tanda_error *error)
{
	return unpack != NULL ? unpack_finish(unpack, error) : 0;
}

static int unpack_parts(int fd, const struct bundle_head *head, const struct bundle_target *target,
                        struct tanda_error *error)
{
	struct unpack *report = NULL, *files = NULL;
	int status = -1;

	if (lseek(fd, (off_t)head->bytes, SEEK_SET) == (off_t)head->bytes &&
	    unpack_part(fd, &head->report, target->report_dir, &report, error) == 0 &&
	    unpack_part(fd, &head->files, target->files_dir, &files, error) == 0 &&
	    finish_part(report, error) == 0 && finish_part(files, error) == 0)
		status = 0;
	unpack_free(report);
	unpack_free(files);
	return status;
}

/* The output as the command wrote it; what could not be written is counted. */
static int keep_log(int fd, struct bundle_head *head, const struct bundle_target *target,
                    struct tanda_error *error)
{
	struct logfile log;
	int status;

	logfile_init(&log, target->log_path, target->log_max_bytes, target->mask);
	status = read_pieces(fd, &head->log, take_output, &log, error);
	head->dropped_bytes += logfile_finish(&log);
	return status;
}

int bundle_unpack(const char *path, const struct bundle_target *target,
                  struct bundle_head *ret_head, struct tanda_error *error)
{
	struct bundle_head *head = mem_calloc(1, sizeof(*head));
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int status = -1;

	if (fd < 0 && errno == ENOENT)
		(void)!fail(error, "it is empty");
	else if (fd < 0)
		tanda_error_set(error, NULL, "its bundle cannot be read: %s", strerror(errno));
	else if (read_head(fd, target->key, head, error) == 0 &&
	         check_length(fd, head, error) == 0 && check_parts(fd, head, error) == 0 &&
	         unpack_parts(fd, head, target, error) == 0)
		status = keep_log(fd, head, target, error);
	if (fd >= 0)
		close(fd);
	if (status == 0)
		*ret_head = *head;
	free(head);
	return status;
}
