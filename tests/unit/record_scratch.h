/* record_scratch.h - a folder of a test's own, and small files in it. */
#ifndef RECORD_SCRATCH_H
#define RECORD_SCRATCH_H
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"

/* The caller frees it. */
static inline char *scratch_new(void)
{
	char *dir = mem_printf("%s/tanda-record-XXXXXX",
			       getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");

	if (dir == NULL || mkdtemp(dir) == NULL)
		abort();
	return dir;
}

static inline int scratch_remove_one(const char *path, const struct stat *found, int type,
				     struct FTW *ftw)
{
	(void)found;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void scratch_free(char *dir)
{
	nftw(dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

static inline void scratch_write(const char *path, struct text bytes)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.len > 0 ? bytes.ptr : "", 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

/* The whole of a file; the caller frees ret->ptr. */
static inline struct text scratch_read(const char *path)
{
	struct text_buf buf;
	char chunk[4096];
	FILE *file = fopen(path, "rb");
	size_t got;

	text_buf_init(&buf, (size_t)1 << 28);
	assert_non_null(file);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_buf_add(&buf, (struct text){chunk, got});
	fclose(file);
	got = buf.len;
	return (struct text){text_buf_steal(&buf), got};
}

static inline bool scratch_exists(const char *path)
{
	struct stat found;

	return lstat(path, &found) == 0;
}
#endif
