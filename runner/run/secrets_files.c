/* secrets_files.c - see secrets.h: files and whole folders, to hide what is in them or to find it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/run/secrets.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	BLOCK_BYTES = 64 * 1024,
	HEAD_BYTES = 8000, /* in which a binary file has a NUL, as git has it */
	DEPTH_MAX = 64,
	NAME_TRIES = 1000,
	FILE_MODES = 07777,
};

/* Short ones of digits alone may stand in any number or checksum that tanda writes. */
enum { SCAN_MIN_BYTES = 8, SCAN_MIN_DIGITS = 14 };

static const char part_suffix[] = ".tanda-masked";

/* One file after the other through one masker. */
struct passage {
	struct masker *masker;
	char *block;
	struct text_buf out;
};

static void passage_init(struct passage *passage, const struct mask *mask)
{
	passage->masker = masker_new(mask);
	passage->block = mem_alloc(BLOCK_BYTES);
	text_buf_init(&passage->out, SIZE_MAX / 4);
}

static void passage_deinit(struct passage *passage)
{
	masker_free(passage->masker);
	free(passage->block);
	text_buf_deinit(&passage->out);
}

/* Put the file through the mask, what comes out into `to`, or nowhere when that is -1. Returns 0,
 * or -1 when it could not be read, or written, to its end. */
static int pass_file(struct passage *passage, int from, int to)
{
	ssize_t len;
	int status = 0;

	while (status == 0 && (len = read(from, passage->block, BLOCK_BYTES)) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			status = -1;
			break;
		}
		text_buf_clear(&passage->out);
		masker_add(passage->masker, (struct text){passage->block, (size_t)len},
		           &passage->out);
		if (to >= 0)
			status = write_fully(to, text_buf_text(&passage->out));
	}
	text_buf_clear(&passage->out);
	masker_end(passage->masker, &passage->out);
	if (to >= 0 && status == 0)
		status = write_fully(to, text_buf_text(&passage->out));
	return status;
}

/* ---- hiding ---- */

/* Is it one that would be broken? */
static bool is_binary(int fd)
{
	char head[HEAD_BYTES];
	ssize_t len = pread(fd, head, sizeof(head), 0);

	return len > 0 && memchr(head, '\0', (size_t)len) != NULL;
}

static bool holds_secret(const struct mask *mask, int fd)
{
	struct passage passage;
	bool holds;

	passage_init(&passage, mask);
	holds = pass_file(&passage, fd, -1) == 0 && masker_found(passage.masker) >= 0;
	passage_deinit(&passage);
	return holds;
}

/* Aside and renamed: whoever reads it sees it masked or not at all. */
static void write_masked(const struct mask *mask, int dir_fd, const char *name, int fd, mode_t mode)
{
	char *part = mem_printf("%s%s", name, part_suffix);
	struct passage passage;
	int to = openat(dir_fd, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                mode & FILE_MODES);

	if (to >= 0) {
		passage_init(&passage, mask);
		if (lseek(fd, 0, SEEK_SET) < 0 || pass_file(&passage, fd, to) < 0 ||
		    renameat(dir_fd, part, dir_fd, name) < 0)
			unlinkat(dir_fd, part, 0); /* the scan at the end tells of it */
		passage_deinit(&passage);
		close(to);
	}
	free(part);
}

static void hide_file(const struct mask *mask, int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat about;

	if (fd < 0)
		return;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && !is_binary(fd) &&
	    holds_secret(mask, fd))
		write_masked(mask, dir_fd, name, fd, about.st_mode);
	close(fd);
}

/* Two names may come to the same. */
static void rename_masked(const struct secrets *secrets, int dir_fd, const char *name)
{
	char *hidden = secrets_hide(secrets, name), *target;
	int try, status = -1;

	for (try = 0; hidden != NULL && status < 0 && try < NAME_TRIES; try++) {
		target = try == 0 ? mem_strdup(hidden) : mem_printf("%s.%d", hidden, try + 1);
		status = renameat2(dir_fd, name, dir_fd, target, RENAME_NOREPLACE);
		free(target);
		if (status < 0 && errno != EEXIST)
			break;
	}
	free(hidden);
}

/* The names in the folder, all of them before anything is changed; NULL-terminated. */
static char **list_names(DIR *dir)
{
	size_t count = 0, cap = 0;
	char **names = mem_grow(NULL, &cap, 1, sizeof(names[0]));
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = mem_grow(names, &cap, count + 2, sizeof(names[0]));
		names[count++] = mem_strdup(entry->d_name);
	}
	names[count] = NULL;
	return names;
}

/* Closes `fd`. */
static void hide_in(const struct secrets *secrets, int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	char **names;
	size_t i;

	if (dir == NULL) {
		close(fd);
		return;
	}
	names = list_names(dir);
	for (i = 0; names[i] != NULL; i++) {
		int sub = depth < DEPTH_MAX
		                  ? openat(fd, names[i],
		                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		                  : -1;

		if (sub >= 0)
			hide_in(secrets, sub, depth + 1);
		else
			hide_file(secrets->mask, fd, names[i]);
		rename_masked(secrets, fd, names[i]);
	}
	mem_free_strings(names);
	closedir(dir);
}

void secrets_hide_folder(const struct secrets *secrets, const char *folder)
{
	int fd = secrets->mask != NULL
	                 ? open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
	                 : -1;

	if (fd >= 0)
		hide_in(secrets, fd, 0);
}

/* ---- finding ---- */

struct scan {
	struct passage passage;
	struct secrets found; /* those that are looked for */
	struct tanda_error *error;
};

static bool is_looked_for(struct text secret)
{
	size_t digits = 0;

	while (digits < secret.len && isxdigit((unsigned char)secret.ptr[digits]))
		digits++;
	return secret.len >= (digits == secret.len ? SCAN_MIN_DIGITS : SCAN_MIN_BYTES);
}

/* false: there is none that would not be found by chance */
static bool scan_init(struct scan *scan, const struct secrets *secrets, struct tanda_error *error)
{
	struct text *values = mem_calloc(secrets->count, sizeof(values[0]));
	const struct text *all;
	size_t count, i;

	*scan = (struct scan){.error = error};
	all = mask_secrets(secrets->mask, &count);
	scan->found.names = mem_calloc(count + 1, sizeof(scan->found.names[0]));
	for (i = 0; i < count; i++) {
		if (!is_looked_for(all[i]))
			continue;
		scan->found.names[scan->found.count] = mem_strdup(secrets->names[i]);
		values[scan->found.count++] = all[i];
	}
	if (scan->found.count > 0) {
		scan->found.mask = mask_new(values, scan->found.count);
		passage_init(&scan->passage, scan->found.mask);
	}
	free(values);
	return scan->found.mask != NULL;
}

static void scan_deinit(struct scan *scan)
{
	if (scan->found.mask != NULL)
		passage_deinit(&scan->passage);
	secrets_close(&scan->found);
}

static int tell(const struct scan *scan, const char *path, const char *what)
{
	char *shown = secrets_hide(&scan->found, path);

	tanda_error_set(scan->error, shown != NULL ? shown : path,
	                "%s holds the value of %s, which \"secrets\" says nobody may see", what,
	                scan->found.names[masker_found(scan->passage.masker)]);
	tanda_error_hint(scan->error, "remove the file, and let the test not write it");
	free(shown);
	return -1;
}

static int scan_at(struct scan *scan, int dir_fd, const char *name, const char *path, int depth);

/* Closes `fd`. */
static int scan_folder(struct scan *scan, int fd, const char *path, int depth)
{
	DIR *dir = fdopendir(fd);
	int status = 0;
	char **names;
	size_t i;

	if (dir == NULL) {
		close(fd);
		return 0;
	}
	names = list_names(dir);
	for (i = 0; status == 0 && names[i] != NULL; i++) {
		char *below = mem_printf("%s/%s", path, names[i]);

		text_buf_clear(&scan->passage.out);
		masker_add(scan->passage.masker, text_from(names[i]), &scan->passage.out);
		masker_end(scan->passage.masker, &scan->passage.out);
		if (masker_found(scan->passage.masker) >= 0)
			status = tell(scan, below, "its name");
		else if (depth < DEPTH_MAX)
			status = scan_at(scan, fd, names[i], below, depth + 1);
		free(below);
	}
	mem_free_strings(names);
	closedir(dir);
	return status;
}

static int scan_at(struct scan *scan, int dir_fd, const char *name, const char *path, int depth)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat about;
	int status = 0;

	if (fd < 0)
		return 0;
	if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
		return scan_folder(scan, fd, path, depth);
	if (S_ISREG(about.st_mode) && pass_file(&scan->passage, fd, -1) == 0 &&
	    masker_found(scan->passage.masker) >= 0)
		status = tell(scan, path, "it");
	close(fd);
	return status;
}

int secrets_scan(const struct secrets *secrets, const char *const *paths, struct tanda_error *error)
{
	struct scan scan;
	int status = 0;
	size_t i;

	if (secrets->mask == NULL)
		return 0;
	if (scan_init(&scan, secrets, error)) {
		for (i = 0; status == 0 && paths[i] != NULL; i++)
			status = scan_at(&scan, AT_FDCWD, paths[i], paths[i], 0);
	}
	scan_deinit(&scan);
	return status;
}
