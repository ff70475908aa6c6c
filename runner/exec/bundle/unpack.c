/* unpack.c - see unpack.h. */
#include "runner/exec/bundle/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/bundle/tar.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { MIB = 1024 * 1024, NAME_SHOWN_BYTES = 200 };

const struct unpack_limits unpack_usual_limits = {
	.total_max_bytes = UINT64_C(1024) * MIB,
	.file_max_bytes = UINT64_C(512) * MIB,
	.member_max = 20000,
	.depth_max = 32,
};

/* What was made, in this order; removed the other way round. */
struct made {
	char *path;
	bool is_folder;
};

struct unpack {
	struct unpack_limits limits;
	char *dir;
	int dir_fd;
	bool has_made_dir;
	bool is_whole; /* unpack_finish() said so */
	struct tar_listener listener;
	struct tar_reader reader;
	uint64_t byte_count; /* of the archive */
	uint32_t member_count;
	struct text_buf path; /* of the member that is being read, checked */
	int file_fd;          /* of it, when it is a file; else -1 */
	struct made *made;
	size_t made_count, made_cap;
	struct tanda_error fault; /* the first */
};

/* ---- paths ---- */

static int refuse_path(struct tanda_error *error, struct text path, const char *what)
{
	tanda_error_set(error, NULL, "'%.*s' in the archive %s",
	                TEXT_ARG(text_head(path, NAME_SHOWN_BYTES)), what);
	tanda_error_hint(error, "only files below a node's own folder may come back from it");
	return -1;
}

/* The path up to its first '/', split off from the rest. */
static struct text next_segment(struct text *rest)
{
	const char *slash = rest->len > 0 ? memchr(rest->ptr, '/', rest->len) : NULL;
	struct text segment = *rest;

	if (slash != NULL)
		segment.len = (size_t)(slash - rest->ptr);
	*rest = text_from_offset(*rest, segment.len + 1);
	return segment;
}

int unpack_add_path(struct text_buf *out, struct text path, uint32_t depth_max,
                    struct tanda_error *error)
{
	size_t start = out->len;
	struct text rest = path;
	uint32_t depth = 0;

	if (path.len > 0 && path.ptr[0] == '/')
		return refuse_path(error, path, "has an absolute path");
	while (rest.len > 0) {
		struct text segment = next_segment(&rest);

		if (segment.len == 0 || text_equal(segment, TEXT_LIT(".")))
			continue;
		if (text_equal(segment, TEXT_LIT("..")))
			return refuse_path(error, path, "has '..' in its path");
		if (segment.len > NAME_MAX)
			return refuse_path(error, path, "has a name of more than 255 bytes");
		if (depth++ == depth_max)
			return refuse_path(error, path, "lies too deep");
		if (out->len > start)
			text_buf_add_char(out, '/');
		text_buf_add(out, segment);
	}
	if (out->overflowed)
		return refuse_path(error, path, "has a path that is too long");
	return 0;
}

/* ---- the file system ---- */

static int tell_fault(const struct unpack *unpack, struct tanda_error *error, const char *verb)
{
	struct text path = text_buf_text(&unpack->path);

	tanda_error_set(error, NULL, "'%.*s' cannot be %s: %s",
	                TEXT_ARG(text_head(path, NAME_SHOWN_BYTES)), verb, strerror(errno));
	if (errno == ENOSPC || errno == EDQUOT)
		tanda_error_hint(error, "free some space, or choose an out folder elsewhere");
	return -1;
}

static void note_made(struct unpack *unpack, struct text path, bool is_folder)
{
	unpack->made = mem_grow(unpack->made, &unpack->made_cap, unpack->made_count + 1,
	                        sizeof(unpack->made[0]));
	unpack->made[unpack->made_count++] = (struct made){text_dup(path), is_folder};
}

static void copy_name(struct text segment, char name[NAME_MAX + 1])
{
	memcpy(name, segment.ptr, segment.len);
	name[segment.len] = '\0';
}

static int open_folder_at(int dir_fd, const char *name)
{
	return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The folder itself, or a new descriptor of it. Returns it open, or -1 with errno set. */
static int enter_folder(struct unpack *unpack, int dir_fd, const char *name, struct text path,
                        bool may_make)
{
	int fd = open_folder_at(dir_fd, name);

	if (fd >= 0 || errno != ENOENT || !may_make)
		return fd;
	if (mkdirat(dir_fd, name, 0777) < 0)
		return -1;
	note_made(unpack, path, true);
	return open_folder_at(dir_fd, name);
}

/* The folder that the last segment of `path` lies in, those on the way made if wished for; the
 * caller closes it. Returns -1 with errno set. */
static int open_parent(struct unpack *unpack, struct text path, bool may_make,
                       char name[NAME_MAX + 1])
{
	int dir_fd = open_folder_at(unpack->dir_fd, ".");
	struct text rest = path;
	int next_fd, code;

	copy_name(next_segment(&rest), name);
	while (dir_fd >= 0 && rest.len > 0) {
		size_t len = (size_t)(rest.ptr - path.ptr) - 1;

		next_fd =
			enter_folder(unpack, dir_fd, name, (struct text){path.ptr, len}, may_make);
		code = errno;
		close(dir_fd);
		errno = code;
		dir_fd = next_fd;
		copy_name(next_segment(&rest), name);
	}
	return dir_fd;
}

static int make_folder(struct unpack *unpack, struct text path)
{
	char name[NAME_MAX + 1];
	int parent_fd = open_parent(unpack, path, true, name);
	int fd = parent_fd >= 0 ? enter_folder(unpack, parent_fd, name, path, true) : -1;
	int code = errno;

	if (parent_fd >= 0)
		close(parent_fd);
	if (fd >= 0)
		close(fd);
	errno = code;
	return fd >= 0 ? 0 : -1;
}

static int make_file(struct unpack *unpack, struct text path)
{
	char name[NAME_MAX + 1];
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int parent_fd = open_parent(unpack, path, true, name);
	int code;

	if (parent_fd < 0)
		return -1;
	unpack->file_fd = openat(parent_fd, name, flags, 0666);
	code = errno;
	if (unpack->file_fd >= 0)
		note_made(unpack, path, false);
	close(parent_fd);
	errno = code;
	return unpack->file_fd >= 0 ? 0 : -1;
}

/* Returns 0, or -1 with errno set. */
static int write_all(int fd, struct text bytes)
{
	while (bytes.len > 0) {
		ssize_t written = write(fd, bytes.ptr, bytes.len);

		if (written >= 0)
			bytes = text_from_offset(bytes, (size_t)written);
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}

/* ---- members ---- */

static int check_size(const struct unpack *unpack, const struct tar_member *member,
                      struct tanda_error *error)
{
	const struct unpack_limits *limits = &unpack->limits;

	if (unpack->member_count > limits->member_max) {
		tanda_error_set(error, NULL, "more than %u files and folders are in the archive",
		                limits->member_max);
		return -1;
	}
	if (member->size <= limits->file_max_bytes && member->size <= limits->total_max_bytes)
		return 0;
	tanda_error_set(error, NULL, "'%.*s' in the archive has %llu bytes, over the limit of %llu",
	                TEXT_ARG(text_head(member->path, NAME_SHOWN_BYTES)),
	                (unsigned long long)member->size,
	                (unsigned long long)limits->file_max_bytes);
	return -1;
}

static int on_member(void *data, const struct tar_member *member, struct tanda_error *error)
{
	struct unpack *unpack = data;
	struct text path;

	unpack->member_count++;
	text_buf_clear(&unpack->path);
	if (check_size(unpack, member, error) < 0 ||
	    unpack_add_path(&unpack->path, member->path, unpack->limits.depth_max, error) < 0)
		return -1;
	path = text_buf_text(&unpack->path);
	if (member->is_folder && path.len == 0)
		return 0; /* the folder itself */
	if (path.len == 0 || (!member->is_folder && text_has_suffix(member->path, TEXT_LIT("/"))))
		return refuse_path(error, member->path, "is a file without a name");
	if ((member->is_folder ? make_folder(unpack, path) : make_file(unpack, path)) == 0)
		return 0;
	if (errno == EEXIST && !member->is_folder)
		return refuse_path(error, member->path, "comes twice, or is there already");
	return tell_fault(unpack, error, "made");
}

static int on_content(void *data, struct text bytes, struct tanda_error *error)
{
	const struct unpack *unpack = data;

	if (write_all(unpack->file_fd, bytes) < 0)
		return tell_fault(unpack, error, "written");
	return 0;
}

static int on_member_end(void *data, struct tanda_error *error)
{
	struct unpack *unpack = data;
	int fd = unpack->file_fd;

	unpack->file_fd = -1;
	if (fd >= 0 && close(fd) < 0 && errno != EINTR)
		return tell_fault(unpack, error, "written");
	return 0;
}

/* ---- the whole ---- */

static int open_dir(struct unpack *unpack, struct tanda_error *error)
{
	if (mkdir(unpack->dir, 0777) == 0)
		unpack->has_made_dir = true;
	else if (errno != EEXIST)
		goto failed;
	unpack->dir_fd = open_folder_at(AT_FDCWD, unpack->dir);
	if (unpack->dir_fd >= 0)
		return 0;
failed:
	tanda_error_set(error, unpack->dir, "the folder for what a node sends cannot be made: %s",
	                strerror(errno));
	return -1;
}

int unpack_new(const char *dir, const struct unpack_limits *limits, struct unpack **ret_unpack,
               struct tanda_error *error)
{
	struct unpack *unpack = mem_calloc(1, sizeof(*unpack));

	unpack->limits = *limits;
	unpack->dir = mem_strdup(dir);
	unpack->dir_fd = -1;
	unpack->file_fd = -1;
	unpack->listener = (struct tar_listener){on_member, on_content, on_member_end, unpack};
	tar_reader_init(&unpack->reader, &unpack->listener);
	text_buf_init(&unpack->path, TAR_PATH_MAX_BYTES);
	if (open_dir(unpack, error) < 0) {
		unpack_free(unpack);
		return -1;
	}
	*ret_unpack = unpack;
	return 0;
}

/* The first fault, with the folder as its place, the same each time. */
static int fail(struct unpack *unpack, const struct tanda_error *fault, struct tanda_error *error)
{
	if (!tanda_error_is_set(&unpack->fault)) {
		tanda_error_set(&unpack->fault, unpack->dir, "%s", fault->message);
		if (fault->hint[0] != '\0')
			tanda_error_hint(&unpack->fault, "%s", fault->hint);
	}
	if (!tanda_error_is_set(error))
		*error = unpack->fault;
	return -1;
}

int unpack_feed(struct unpack *unpack, struct text bytes, struct tanda_error *error)
{
	struct tanda_error fault = TANDA_ERROR_INIT;

	if (tanda_error_is_set(&unpack->fault))
		return fail(unpack, &unpack->fault, error);
	unpack->byte_count += bytes.len;
	if (unpack->byte_count > unpack->limits.total_max_bytes) {
		tanda_error_set(&fault, NULL, "the archive has more than %llu bytes",
		                (unsigned long long)unpack->limits.total_max_bytes);
		return fail(unpack, &fault, error);
	}
	if (tar_reader_feed(&unpack->reader, bytes, &fault) < 0)
		return fail(unpack, &fault, error);
	return 0;
}

int unpack_finish(struct unpack *unpack, struct tanda_error *error)
{
	struct tanda_error fault = TANDA_ERROR_INIT;

	if (tanda_error_is_set(&unpack->fault))
		return fail(unpack, &unpack->fault, error);
	if (tar_reader_finish(&unpack->reader, &fault) < 0)
		return fail(unpack, &fault, error);
	unpack->is_whole = true;
	return 0;
}

/* What cannot be removed stays: somebody else has put something into it. */
static void remove_made(struct unpack *unpack)
{
	char name[NAME_MAX + 1];
	size_t i;

	for (i = unpack->made_count; i-- > 0;) {
		const struct made *made = &unpack->made[i];
		int parent_fd = open_parent(unpack, text_from(made->path), false, name);

		if (parent_fd < 0)
			continue;
		(void)!unlinkat(parent_fd, name, made->is_folder ? AT_REMOVEDIR : 0);
		close(parent_fd);
	}
	if (unpack->has_made_dir)
		rmdir(unpack->dir);
}

void unpack_free(struct unpack *unpack)
{
	size_t i;

	if (unpack == NULL)
		return;
	if (unpack->file_fd >= 0)
		close(unpack->file_fd);
	if (!unpack->is_whole)
		remove_made(unpack);
	if (unpack->dir_fd >= 0)
		close(unpack->dir_fd);
	for (i = 0; i < unpack->made_count; i++)
		free(unpack->made[i].path);
	free(unpack->made);
	tar_reader_deinit(&unpack->reader);
	text_buf_deinit(&unpack->path);
	free(unpack->dir);
	free(unpack);
}
