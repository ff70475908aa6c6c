/* manifest.c - see manifest.h. */
#include "runner/exec/workspace/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/shell/cksum.h"
#include "shards/base/mem.h"

enum { TARGET_MAX_BYTES = 4096, READ_BYTES = 64 * 1024 };

void manifest_init(struct manifest *manifest, const char *dir)
{
	*manifest = (struct manifest){.dir = mem_strdup(dir)};
}

static void clear(struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->count; i++) {
		free(manifest->entries[i].name);
		free(manifest->entries[i].target);
	}
	manifest->count = 0;
	free(manifest->fault);
	manifest->fault = NULL;
}

void manifest_deinit(struct manifest *manifest)
{
	clear(manifest);
	free(manifest->entries);
	free(manifest->fault);
	free(manifest->dir);
	*manifest = (struct manifest){.dir = NULL};
}

/* ---- which ---- */

static char *path_of(const struct manifest *manifest, const char *name)
{
	return mem_printf("%s/%s", manifest->dir, name);
}

/* Folders of tanda's own, which have no business there; relative to the project's, without "./". */
struct own_folders {
	struct text *names;
	size_t count, cap;
};

static void add_own(struct own_folders *own, struct text name)
{
	own->names = mem_grow(own->names, &own->cap, own->count + 1, sizeof(own->names[0]));
	own->names[own->count++] = name;
}

static struct text next_name(struct text *names)
{
	struct text name = {names->ptr, strnlen(names->ptr, names->len)};

	*names = text_from_offset(*names, name.len + 1);
	return text_has_prefix(name, TEXT_LIT("./")) ? text_from_offset(name, 2) : name;
}

/* Out folders of other runs have their mark in them; git knows by itself to ignore them. */
static void find_own(const struct manifest *manifest, struct text names, const char *out_dir,
                     bool knows_marks, struct own_folders *ret_own)
{
	const struct text mark = TEXT_LIT("/.tanda-out");
	size_t dir_len = strlen(manifest->dir);

	*ret_own = (struct own_folders){.names = NULL};
	add_own(ret_own, TEXT_LIT(".tanda"));
	if (out_dir != NULL && strncmp(out_dir, manifest->dir, dir_len) == 0 &&
	    out_dir[dir_len] == '/')
		add_own(ret_own, text_from(out_dir + dir_len + 1));
	while (knows_marks && names.len > 0) {
		struct text name = next_name(&names);

		if (text_has_suffix(name, mark))
			add_own(ret_own, (struct text){name.ptr, name.len - mark.len});
	}
}

static bool is_own(const struct own_folders *own, struct text name)
{
	size_t i;

	for (i = 0; i < own->count; i++) {
		size_t len = own->names[i].len;

		if (text_has_prefix(name, own->names[i]) &&
		    (name.len == len || name.ptr[len] == '/'))
			return true;
	}
	return false;
}

static char *target_of(const char *path)
{
	char target[TARGET_MAX_BYTES];
	ssize_t len = readlink(path, target, sizeof(target));

	return len < 0 ? NULL : mem_strndup(target, (size_t)len);
}

static bool is_behind_link(const struct manifest *manifest, const char *name)
{
	char *path = path_of(manifest, name), *slash = path + strlen(manifest->dir);
	struct stat info;
	bool is_behind = false;

	while (!is_behind && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		is_behind = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
		*slash = '/';
	}
	free(path);
	return is_behind;
}

/* What may be there, and cannot be looked at, must not be taken for removed. */
static void note_unseen(struct manifest *manifest, const char *name, int code)
{
	if (code == ENOENT || code == ENOTDIR || manifest->fault != NULL ||
	    is_behind_link(manifest, name))
		return;
	manifest->fault = mem_printf("'%.200s' cannot be looked at here: %s", name, strerror(code));
}

/* `name` without "./". What is not there, or is a device, is left out. */
static void take(struct manifest *manifest, const char *name, bool takes_folder)
{
	char *path = path_of(manifest, name);
	struct entry entry = {.name = NULL};
	struct stat info;
	bool is_known = lstat(path, &info) == 0, is_taken = true;

	if (!is_known)
		note_unseen(manifest, name, errno);
	if (is_known && S_ISREG(info.st_mode)) {
		entry.kind = ENTRY_FILE;
		entry.bytes = (uint64_t)info.st_size;
	} else if (is_known && S_ISLNK(info.st_mode)) {
		entry.kind = ENTRY_LINK;
		entry.target = target_of(path);
		is_taken = entry.target != NULL;
	} else {
		entry.kind = ENTRY_FOLDER;
		is_taken = is_known && S_ISDIR(info.st_mode) && takes_folder;
	}
	if (is_taken) {
		entry.name = mem_printf("./%s", name);
		entry.mode = info.st_mode & 07777;
		entry.changed = info.st_ctim;
		manifest->entries = mem_grow(manifest->entries, &manifest->cap, manifest->count + 1,
		                             sizeof(manifest->entries[0]));
		manifest->entries[manifest->count++] = entry;
	}
	free(path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void sort(struct manifest *manifest)
{
	size_t kept = 0, i;

	if (manifest->count == 0)
		return;
	qsort(manifest->entries, manifest->count, sizeof(manifest->entries[0]), by_name);
	/* An unmerged file is named once for each side. */
	for (i = 1; i < manifest->count; i++) {
		if (strcmp(manifest->entries[kept].name, manifest->entries[i].name) == 0) {
			free(manifest->entries[i].name);
			free(manifest->entries[i].target);
		} else {
			manifest->entries[++kept] = manifest->entries[i];
		}
	}
	manifest->count = kept + 1;
}

/* Names come sorted, so that a folder is new when the name before does not share it. */
static void take_parents(struct manifest *manifest)
{
	size_t count = manifest->count, i;
	char *last = mem_strdup("./");

	for (i = 0; i < count; i++) {
		char *name = mem_strdup(manifest->entries[i].name), *slash = name + 1;

		while ((slash = strchr(slash + 1, '/')) != NULL) {
			size_t len = (size_t)(slash - name);

			if (strncmp(last, name, len + 1) == 0)
				continue;
			*slash = '\0';
			take(manifest, name + 2, true);
			*slash = '/';
		}
		free(last);
		last = name;
	}
	free(last);
	sort(manifest);
}

/* Git lists what was in a folder that is a link here: by that way nothing is brought. */
static void drop_behind_links(struct manifest *manifest)
{
	bool *is_behind = mem_calloc(manifest->count + 1, sizeof(is_behind[0]));
	size_t kept = 0, i;

	for (i = 0; i < manifest->count; i++) {
		const char *name = manifest->entries[i].name;
		struct text parent = {name, (size_t)(strrchr(name, '/') - name)};
		ssize_t index = parent.len > 1 ? manifest_find(manifest, parent) : -1;

		is_behind[i] = index >= 0 &&
		               (is_behind[index] || manifest->entries[index].kind != ENTRY_FOLDER);
	}
	for (i = 0; i < manifest->count; i++) {
		if (is_behind[i]) {
			free(manifest->entries[i].name);
			free(manifest->entries[i].target);
		} else {
			manifest->entries[kept++] = manifest->entries[i];
		}
	}
	manifest->count = kept;
	free(is_behind);
}

void manifest_take(struct manifest *manifest, struct text names, const char *out_dir,
                   bool takes_folders)
{
	struct own_folders own;

	clear(manifest);
	find_own(manifest, names, out_dir, takes_folders, &own);
	while (names.len > 0) {
		struct text name = next_name(&names);

		if (name.len > 0 && !is_own(&own, name))
			take(manifest, name.ptr, takes_folders);
	}
	free(own.names);
	sort(manifest);
	take_parents(manifest);
	drop_behind_links(manifest);
}

/* ---- what it is like ---- */

static void read_sum(const struct manifest *manifest, struct entry *entry)
{
	char *path = path_of(manifest, entry->name), bytes[READ_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint64_t byte_count = 0;
	uint32_t sum = 0;
	ssize_t len = -1;

	while (fd >= 0 && (len = read(fd, bytes, sizeof(bytes))) > 0) {
		sum = cksum_add(sum, (struct text){bytes, (size_t)len});
		byte_count += (uint64_t)len;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	entry->has_sum = len == 0;
	entry->sum_bytes = byte_count;
	entry->sum = cksum_end(sum, byte_count);
}

void manifest_read_sums(struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->count; i++) {
		if (manifest->entries[i].kind == ENTRY_FILE)
			read_sum(manifest, &manifest->entries[i]);
	}
}

uint64_t manifest_bytes(const struct manifest *manifest)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < manifest->count; i++)
		bytes += manifest->entries[i].bytes;
	return bytes;
}

size_t manifest_file_count(const struct manifest *manifest)
{
	size_t count = 0, i;

	for (i = 0; i < manifest->count; i++)
		count += manifest->entries[i].kind != ENTRY_FOLDER;
	return count;
}

bool manifest_has_changed(const struct manifest *manifest, size_t index)
{
	const struct entry *entry = &manifest->entries[index];
	char *path = path_of(manifest, entry->name);
	struct stat info;
	bool has_changed = lstat(path, &info) != 0 ||
	                   info.st_ctim.tv_sec != entry->changed.tv_sec ||
	                   info.st_ctim.tv_nsec != entry->changed.tv_nsec;

	free(path);
	return has_changed;
}

ssize_t manifest_find(const struct manifest *manifest, struct text name)
{
	size_t low = 0, high = manifest->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_compare(text_from(manifest->entries[middle].name), name);

		if (order == 0)
			return (ssize_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}
