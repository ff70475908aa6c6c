/* spool.c - see spool.h. */
#include "runner/merge/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

void spool_init(struct spool *spool, size_t memory_bytes)
{
	*spool = (struct spool){.fd = -1, .memory_bytes = memory_bytes};
}

void spool_deinit(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	if (spool->bytes != NULL)
		munmap(spool->bytes, spool->memory_bytes);
	spool_init(spool, spool->memory_bytes);
}

uint64_t spool_end(const struct spool *spool)
{
	return spool->flushed_bytes + spool->len;
}

/* A file that is gone with the process, whatever happens to that. */
static int open_unnamed(void)
{
	const char *folder = getenv("TMPDIR");
	char *path;
	int fd;

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	path = mem_printf("%s/tanda-merge-XXXXXX", folder); /* not every file system can do that */
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

static void write_to_file(struct spool *spool, const char *bytes, size_t len)
{
	size_t done = 0;

	if (spool->fd < 0 && (spool->fd = open_unnamed()) < 0)
		spool->fault = errno;
	while (spool->fault == 0 && done < len) {
		ssize_t wrote = write(spool->fd, bytes + done, len - done);

		if (wrote > 0)
			done += (size_t)wrote;
		else if (wrote == 0 || errno != EINTR)
			spool->fault = wrote == 0 ? EIO : errno;
	}
	spool->flushed_bytes += len;
}

static void flush(struct spool *spool)
{
	write_to_file(spool, spool->bytes, spool->len);
	spool->len = 0;
}

/* All that it may ever take, as addresses: a page costs something when its first byte comes. Large
 * pages were tried and saved nothing. Without any memory, all goes to the file. */
static void map_memory(struct spool *spool)
{
	void *mapping = mmap(NULL, spool->memory_bytes, PROT_READ | PROT_WRITE,
	                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mapping == MAP_FAILED)
		spool->memory_bytes = 0;
	else
		spool->bytes = mapping;
}

char *spool_room(struct spool *spool, size_t len)
{
	if (spool->bytes == NULL && spool->memory_bytes > 0)
		map_memory(spool);
	if (spool->len > 0 && spool->len + len > spool->memory_bytes)
		flush(spool);
	spool->wanted = len;
	if (len <= spool->memory_bytes)
		return spool->bytes + spool->len;
	spool->large = mem_alloc(len);
	return spool->large;
}

void spool_done(struct spool *spool)
{
	if (spool->large != NULL)
		write_to_file(spool, spool->large, spool->wanted);
	else
		spool->len += spool->wanted;
	free(spool->large);
	spool->large = NULL;
}

const char *spool_view(const struct spool *spool, uint64_t offset, uint64_t len)
{
	if (offset < spool->flushed_bytes || offset + len > spool_end(spool) ||
	    spool->bytes == NULL)
		return NULL;
	return spool->bytes + (offset - spool->flushed_bytes);
}

static int read_file(const struct spool *spool, uint64_t offset, char *bytes, size_t len,
                     struct tanda_error *error)
{
	while (len > 0) {
		ssize_t got = pread(spool->fd, bytes, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			tanda_error_set(error, NULL, "the spool file could not be read: %s",
			                got < 0 ? strerror(errno) : "it ends early");
			return -1;
		}
		bytes += got;
		len -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

int spool_read(const struct spool *spool, uint64_t offset, char *bytes, size_t len,
               struct tanda_error *error)
{
	size_t in_file = 0;

	if (spool->fault != 0) {
		tanda_error_set(error, NULL, "the spool file could not be written: %s",
		                strerror(spool->fault));
		tanda_error_hint(error, "TMPDIR names the folder that it is in");
		return -1;
	}
	if (offset < spool->flushed_bytes)
		in_file = spool->flushed_bytes - offset < len
		                  ? (size_t)(spool->flushed_bytes - offset)
		                  : len;
	if (in_file > 0 && read_file(spool, offset, bytes, in_file, error) < 0)
		return -1;
	if (in_file < len)
		memcpy(bytes + in_file, spool->bytes + (offset + in_file - spool->flushed_bytes),
		       len - in_file);
	return 0;
}
