/* attachments.c - see attachments.h. */
#include "runner/merge/attachments.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/junit/capture.h"
#include "shards/base/mem.h"

enum { PATH_BYTES_MAX = 8192 };

static const struct text mark_start = {"[[ATTACHMENT|", 13}, mark_end = {"]]", 2};

void attachments_init(struct attachments *attachments, bool is_absolute)
{
	attachments->root = realpath(".", NULL);
	attachments->is_absolute = is_absolute;
}

void attachments_deinit(struct attachments *attachments)
{
	free(attachments->root);
	attachments->root = NULL;
}

/* Append the segments of `path` to `out`, "." left out and ".." resolved by the letter. Returns
 * false when there are more ".." than segments. */
static bool add_resolved(struct text_buf *out, struct text path)
{
	while (path.len > 0) {
		const char *slash = memchr(path.ptr, '/', path.len);
		struct text segment = {path.ptr,
		                       slash != NULL ? (size_t)(slash - path.ptr) : path.len};

		path = text_from_offset(path, segment.len + 1);
		if (segment.len == 0 || text_equal_str(segment, "."))
			continue;
		if (text_equal_str(segment, "..")) {
			if (out->len == 0)
				return false;
			while (out->len > 0 && out->ptr[--out->len] != '/')
				;
			continue;
		}
		if (out->len > 0)
			text_buf_add_char(out, '/');
		text_buf_add(out, segment);
	}
	return !out->overflowed;
}

static bool exists(const struct attachments *attachments, const struct text_buf *relative)
{
	struct stat status;
	char *path = mem_printf("%s/%.*s", attachments->root, TEXT_ARG(text_buf_text(relative)));
	bool is_there = stat(path, &status) == 0 && S_ISREG(status.st_mode);

	free(path);
	return is_there;
}

/* The part of an absolute path below the root. */
static bool below_root(const struct attachments *attachments, struct text path, struct text *ret)
{
	struct text root = text_from(attachments->root);

	if (!text_has_prefix(path, root))
		return false;
	*ret = text_from_offset(path, root.len);
	return root.len == 1 || (ret->len > 0 && ret->ptr[0] == '/');
}

/* A relative path, as seen from the folder of its report. */
static bool from_report(const struct attachments *attachments, const char *report_path,
                        struct text path, struct text_buf *out)
{
	const char *slash = strrchr(report_path, '/');
	struct text folder = {report_path, slash != NULL ? (size_t)(slash - report_path) : 0};

	text_buf_clear(out);
	if (report_path[0] == '/' && !below_root(attachments, folder, &folder))
		return false;
	return add_resolved(out, folder) && add_resolved(out, path);
}

/* Resolve a mark's path to one below the root. */
static bool resolve(const struct attachments *attachments, const char *report_path,
                    struct text path, struct text_buf *out)
{
	if (attachments->root == NULL)
		return false;
	text_buf_clear(out);
	if (path.len > 0 && path.ptr[0] == '/')
		return below_root(attachments, path, &path) && add_resolved(out, path);
	if (from_report(attachments, report_path, path, out) && exists(attachments, out))
		return true;
	text_buf_clear(out);
	if (add_resolved(out, path))
		return true;
	/* "../x" that is not there: seen from its report it may still be inside. */
	return from_report(attachments, report_path, path, out);
}

static void add_mark(const struct attachments *attachments, struct text path, struct text_buf *out)
{
	text_buf_add(out, mark_start);
	if (attachments->is_absolute) {
		text_buf_add_str(out, attachments->root);
		text_buf_add_char(out, '/');
	}
	text_buf_add(out, path);
	text_buf_add(out, mark_end);
	text_buf_add_char(out, '\n');
}

uint64_t attachments_root(const struct attachments *attachments, const char *report_path,
                          struct text output, struct text_buf *out)
{
	struct text marks = capture_leading_marks(output), line;
	struct text rest = text_from_offset(output, marks.len);
	struct text_buf path, refused;
	uint64_t refused_count = 0;

	text_buf_init(&path, PATH_BYTES_MAX);
	text_buf_init(&refused, output.len);
	while (text_next_line(&marks, &line)) {
		struct text told = text_from_offset(line, mark_start.len);

		told.len -= mark_end.len;
		if (resolve(attachments, report_path, told, &path)) {
			add_mark(attachments, text_buf_text(&path), out);
			continue;
		}
		refused_count++;
		text_buf_add_str(&refused, "[ATTACHMENT|");
		text_buf_add(&refused, told);
		text_buf_add_str(&refused, "]\n");
	}
	text_buf_add(out, text_buf_text(&refused));
	text_buf_add(out, rest);
	text_buf_deinit(&path);
	text_buf_deinit(&refused);
	return refused_count;
}
