/* logfile.c - see logfile.h. */
#include "runner/exec/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shards/base/mem.h"

enum {
	TAIL_MAX_BYTES = 4 * 1024 * 1024,
	MASKED_MAX_BYTES = 64 * 1024 * 1024, /* of one piece, with what was held back before it */
};

void logfile_init(struct logfile *log, const char *path, uint64_t max_bytes,
                  const struct mask *mask)
{
	uint64_t tail_bytes = max_bytes / 4;

	*log = (struct logfile){.path = path, .fd = -1};
	log->ring_size = tail_bytes < TAIL_MAX_BYTES ? (size_t)tail_bytes : TAIL_MAX_BYTES;
	log->head_max_bytes = max_bytes - log->ring_size;
	if (mask != NULL)
		log->masker = masker_new(mask);
	text_buf_init(&log->masked, MASKED_MAX_BYTES);
}

static void write_all(struct logfile *log, struct text bytes)
{
	while (bytes.len > 0 && !log->has_failed) {
		ssize_t len = write(log->fd, bytes.ptr, bytes.len);

		if (len > 0)
			bytes = text_from_offset(bytes, (size_t)len);
		else if (errno != EINTR)
			log->has_failed = true;
	}
}

static void open_file(struct logfile *log)
{
	if (log->fd >= 0 || log->has_failed)
		return;
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	log->has_failed = log->fd < 0;
}

static void add_to_ring(struct logfile *log, struct text output)
{
	if (log->ring == NULL)
		log->ring = mem_alloc(log->ring_size);
	log->ring_bytes += output.len;
	if (output.len > log->ring_size)
		output = text_from_offset(output, output.len - log->ring_size);
	while (output.len > 0) {
		size_t room = log->ring_size - log->ring_at;
		size_t len = output.len < room ? output.len : room;

		memcpy(log->ring + log->ring_at, output.ptr, len);
		log->ring_at = (log->ring_at + len) % log->ring_size;
		output = text_from_offset(output, len);
	}
}

static void keep(struct logfile *log, struct text output)
{
	uint64_t room = log->head_max_bytes - log->head_bytes;
	struct text head = {output.ptr, output.len < room ? output.len : (size_t)room};

	log->total_bytes += output.len;
	open_file(log);
	write_all(log, head);
	log->head_bytes += head.len;
	output = text_from_offset(output, head.len);
	if (output.len > 0 && log->ring_size > 0)
		add_to_ring(log, output);
}

struct text logfile_add(struct logfile *log, struct text output)
{
	if (log->masker != NULL) {
		text_buf_clear(&log->masked);
		masker_add(log->masker, output, &log->masked);
		output = text_buf_text(&log->masked);
	}
	if (output.len > 0)
		keep(log, output);
	return output;
}

struct text logfile_end(struct logfile *log)
{
	struct text output = TEXT_EMPTY;

	if (log->masker != NULL) {
		text_buf_clear(&log->masked);
		masker_end(log->masker, &log->masked);
		output = text_buf_text(&log->masked);
	}
	if (output.len > 0)
		keep(log, output);
	return output;
}

uint64_t logfile_finish(struct logfile *log)
{
	uint64_t kept, dropped;
	char marker[80];

	(void)logfile_end(log); /* its output may be in somebody else's hands still */
	kept = log->ring_bytes < log->ring_size ? log->ring_bytes : log->ring_size;
	dropped = log->ring_bytes - kept;
	if (log->ring_bytes > log->ring_size) {
		snprintf(marker, sizeof(marker), "\n...[tanda: dropped %llu bytes]...\n",
		         (unsigned long long)dropped);
		write_all(log, text_from(marker));
		write_all(log,
		          (struct text){log->ring + log->ring_at, log->ring_size - log->ring_at});
	}
	if (log->ring_bytes > 0)
		write_all(log, (struct text){log->ring, log->ring_at});
	if (log->fd >= 0)
		close(log->fd);
	free(log->ring);
	masker_free(log->masker);
	text_buf_deinit(&log->masked);
	if (log->has_failed)
		dropped = log->total_bytes;
	*log = (struct logfile){.fd = -1, .total_bytes = log->total_bytes};
	return dropped;
}
