/* lease.c - see lease.h. */
#include "runner/record/lease.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { NOTE_MAX_BYTES = 1024 };

/* A name may hold any character: what is not plain becomes %XX. */
static char *file_name(const char *dir, const char *name)
{
	struct text_buf path;

	text_buf_init(&path, PATH_MAX * 3);
	text_buf_printf(&path, "%s/", dir);
	for (; *name != '\0'; name++) {
		if (isalnum((unsigned char)*name) || *name == '-' || *name == '_' ||
		    (*name == '.' && path.ptr[path.len - 1] != '/'))
			text_buf_add_char(&path, *name);
		else
			text_buf_printf(&path, "%%%02X", (unsigned)(unsigned char)*name);
	}
	text_buf_add_str(&path, ".lease");
	return text_buf_steal(&path);
}

/* Whoever wrote it may be anybody: only printable characters get through. */
static void take_word(struct text value, char word[LEASE_TEXT_MAX])
{
	size_t i;

	value = text_head(value, LEASE_TEXT_MAX - 1);
	for (i = 0; i < value.len; i++)
		word[i] = isgraph((unsigned char)value.ptr[i]) ? value.ptr[i] : '?';
	word[value.len] = '\0';
}

static void read_note(int fd, struct lease_note *note)
{
	char bytes[NOTE_MAX_BYTES];
	ssize_t len = pread(fd, bytes, sizeof(bytes), 0);
	struct text rest = {bytes, len > 0 ? (size_t)len : 0}, line;

	*note = (struct lease_note){.pid = 0};
	while (text_next_line(&rest, &line)) {
		if (text_has_prefix(line, TEXT_LIT("run ")))
			take_word(text_from_offset(line, 4), note->run);
		else if (text_has_prefix(line, TEXT_LIT("host ")))
			take_word(text_from_offset(line, 5), note->host);
		else if (text_has_prefix(line, TEXT_LIT("pid ")))
			(void)text_to_u64(text_from_offset(line, 4), &note->pid);
		else if (text_equal(line, TEXT_LIT("up")))
			note->is_up = true;
	}
}

enum lease_answer lease_take(const char *dir, const char *name, struct lease *ret_lease,
                             struct lease_note *ret_note, struct tanda_error *error)
{
	enum lease_answer answer = LEASE_FAULT;
	char *path;
	int fd;

	if (file_make_folder(dir, error) < 0)
		return LEASE_FAULT;
	path = file_name(dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	if (fd < 0) {
		file_error(error, path, "cannot make this lock file", errno);
	} else if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		read_note(fd, ret_note);
		ret_lease->fd = fd;
		fd = -1;
		answer = LEASE_TAKEN;
	} else if (errno == EWOULDBLOCK) {
		read_note(fd, ret_note);
		answer = LEASE_HELD;
	} else {
		file_error(error, path, "cannot be locked", errno);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return answer;
}

int lease_write(const struct lease *lease, const struct lease_note *note, struct tanda_error *error)
{
	char bytes[NOTE_MAX_BYTES];
	int len = snprintf(bytes, sizeof(bytes), "run %s\nhost %s\npid %llu\n%s", note->run,
	                   note->host, (unsigned long long)note->pid, note->is_up ? "up\n" : "");

	if (ftruncate(lease->fd, 0) == 0 && lseek(lease->fd, 0, SEEK_SET) == 0 &&
	    write_fully(lease->fd, (struct text){bytes, (size_t)len}) == 0)
		return 0;
	tanda_error_set(error, NULL, "a lease cannot be written: %s", strerror(errno));
	return -1;
}

void lease_release(struct lease *lease)
{
	if (lease->fd >= 0)
		close(lease->fd);
	lease->fd = -1;
}
