/* sync.c - see sync.h.
 *
 * tar is run by a shell here, whose output goes straight to the client program of the connection:
 * no byte of the project passes through tanda. The archive counts only when tar here and tar there
 * have both come to their ends, which the node says with a word that nobody else knows. */
#include "runner/exec/shell/sync.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/shell/script.h"
#include "runner/exec/shell/transport.h"
#include "shards/base/mem.h"

enum {
	LIST_MAX_BYTES = 256 * 1024 * 1024,
	ANSWER_MAX_BYTES = 64 * 1024,
	NOISE_MAX_BYTES = 4096,
	WORD_BYTES = 33,
	WHY_MAX_BYTES = 500,
	NO_PROGRAM = 127, /* what a shell ends with that has not found it */
};

enum stage { STAGE_LISTING, STAGE_FINDING, STAGE_SENDING };

struct sync {
	const struct node_setup *setup;
	const char *socket;
	const struct sync_listener *listener;
	void *data;
	struct link link;
	enum stage stage;
	struct text_buf output, noise;
	char word[WORD_BYTES]; /* the node's last one */
	char *list_path;       /* of the names, here; NULL: not made */
	uint64_t bytes;        /* of the files */
	bool is_stopped;
};

static void make_word(char word[WORD_BYTES])
{
	unsigned char bytes[WORD_BYTES / 2];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		memset(bytes, 0x5a, sizeof(bytes)); /* it is only to be told from noise */
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(word + 2 * i, 3, "%02x", bytes[i]);
}

static void start(struct sync *sync, enum stage stage, const char *const *argv)
{
	sync->stage = stage;
	text_buf_clear(&sync->output);
	text_buf_clear(&sync->noise);
	link_start(&sync->link, argv);
}

static void fail(struct sync *sync, const char *why)
{
	sync->listener->on_failed(sync->data, why);
	sync->listener->on_over(sync->data);
}

/* The last line that was complained. */
static struct text last_noise(const struct sync *sync)
{
	struct text noise = text_trim(text_buf_text(&sync->noise));
	const char *newline = noise.len > 0 ? memrchr(noise.ptr, '\n', noise.len) : NULL;

	return newline != NULL ? text_from_offset(noise, (size_t)(newline + 1 - noise.ptr)) : noise;
}

static void fail_with_noise(struct sync *sync, const char *what)
{
	char why[WHY_MAX_BYTES], end[80];
	struct text noise = last_noise(sync);

	link_describe_end(&sync->link, end, sizeof(end));
	snprintf(why, sizeof(why), "%s: %.*s", what, (int)(noise.len > 0 ? noise.len : strlen(end)),
	         noise.len > 0 ? noise.ptr : end);
	fail(sync, why);
}

/* ---- what goes ---- */

static void remove_list(struct sync *sync)
{
	char *code;

	if (sync->list_path == NULL)
		return;
	code = mem_printf("%s.code", sync->list_path);
	unlink(code);
	unlink(sync->list_path);
	free(code);
	free(sync->list_path);
	sync->list_path = NULL;
}

static void list_by_git(struct sync *sync)
{
	/* Two questions: what is in submodules can only be asked for without the untracked. */
	const char *const argv[] = {"sh",
	                            "-c",
	                            "cd \"$1\" && git ls-files -z -c --recurse-submodules && "
	                            "git ls-files -z -o --exclude-standard",
	                            "sh",
	                            sync->setup->project_dir,
	                            NULL};

	start(sync, STAGE_LISTING, argv);
}

/* Is there a repository around the project? If git fails in one, nobody knows what it ignores. */
static bool has_repository(const struct sync *sync)
{
	char *dir = mem_strdup(sync->setup->project_dir), *slash = dir + strlen(dir);
	bool has = false;

	while (!has && slash != NULL) {
		struct stat info;
		char *path;

		*slash = '\0';
		path = mem_printf("%s/.git", dir);
		has = lstat(path, &info) == 0;
		free(path);
		slash = strrchr(dir, '/');
	}
	free(dir);
	return has;
}

static void find_all(struct sync *sync)
{
	const char *const argv[] = {
		"sh",
		"-c",
		"cd \"$1\" && find . '(' -name .git -o -name .tanda ')' -prune -o "
		"'(' -type f -o -type l -o -type d -empty ')' -print0",
		"sh",
		sync->setup->project_dir,
		NULL};

	start(sync, STAGE_FINDING, argv);
}

/* Is it tanda's own, which has no business there? Relative to the project. */
static bool is_own(const struct sync *sync, const char *name)
{
	const char *out = sync->setup->out_dir;
	size_t dir_len = strlen(sync->setup->project_dir), len;

	if (strncmp(name, "./", 2) == 0)
		name += 2;
	if (strncmp(name, ".tanda/", 7) == 0)
		return true;
	if (out == NULL || strncmp(out, sync->setup->project_dir, dir_len) != 0 ||
	    out[dir_len] != '/')
		return false;
	out += dir_len + 1;
	len = strlen(out);
	return strncmp(name, out, len) == 0 && (name[len] == '/' || name[len] == '\0');
}

/* What git still tracks may be gone. A folder that git names is a repository of its own; of those
 * that were found an empty one goes. */
static bool is_there(struct sync *sync, const char *name)
{
	char *path = mem_printf("%s/%s", sync->setup->project_dir, name);
	struct stat info;
	bool is_known = lstat(path, &info) == 0;
	bool is_file = is_known && (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode));
	bool is_folder = is_known && S_ISDIR(info.st_mode) && sync->stage == STAGE_FINDING;

	if (is_file)
		sync->bytes += (uint64_t)info.st_size;
	free(path);
	return is_file || is_folder;
}

static bool write_names(struct sync *sync, FILE *file)
{
	const char *name = sync->output.ptr, *end = name + sync->output.len;

	sync->bytes = 0;
	for (; name < end; name += strlen(name) + 1) {
		if (is_own(sync, name) || !is_there(sync, name))
			continue;
		/* An archiver must not take a name for an option. */
		if (strncmp(name, "./", 2) != 0)
			fputs("./", file);
		fwrite(name, 1, strlen(name) + 1, file);
	}
	return fflush(file) == 0 && ferror(file) == 0;
}

static bool make_list(struct sync *sync)
{
	const char *folder = getenv("TMPDIR");
	bool is_made = false;
	FILE *file;
	int fd;

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	sync->list_path = mem_printf("%s/tanda-sync-XXXXXX", folder);
	fd = mkstemp(sync->list_path);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file != NULL) {
		is_made = write_names(sync, file);
		fclose(file);
	}
	return is_made;
}

/* ---- sending ---- */

/* Folders of runs that could not clear away, or kept them, go after two days. */
static char *remote_script(const struct sync *sync)
{
	struct text_buf out;

	text_buf_init(&out, ANSWER_MAX_BYTES);
	if (sync->setup->remote_root != NULL) {
		text_buf_add_str(&out, "r=");
		script_add_word(&out, text_from(sync->setup->remote_root));
	} else {
		text_buf_add_str(&out, "r=${TMPDIR:-/tmp}");
	}
	text_buf_add_str(&out, "; mkdir -p \"$r\" || exit 1; d=$r/tanda-work-");
	script_add_word(&out, text_from(sync->setup->run_id));
	text_buf_add_char(&out, '-');
	script_add_word(&out, text_from(sync->setup->name));
	text_buf_printf(
		&out,
		"; find \"$r\" -maxdepth 1 -name 'tanda-work-*' -mtime +1 -exec rm -rf {} + "
		"2>/dev/null; rm -rf \"$d\" && mkdir \"$d\" && chmod 700 \"$d\" && cd \"$d\" && "
		"tar -xof - && printf '\\n%%s %%s\\n' %s \"$(pwd)\"",
		sync->word);
	return text_buf_steal(&out);
}

static void send_all(struct sync *sync)
{
	static const char pipeline[] =
		"cd \"$1\" || exit 1; l=$2; shift 2; "
		"{ tar --no-recursion --null -T \"$l\" -cf -; echo $? >\"$l.code\"; } | \"$@\"";
	const char *const head[] = {"sh",           "-c", pipeline, "sh", sync->setup->project_dir,
	                            sync->list_path};
	char *script = remote_script(sync);
	const char *const command[] = {"sh", "-c", script, NULL};
	char **words = transport_words(sync->setup, sync->socket, command);
	size_t count = 0, i;
	const char **argv;

	while (words[count] != NULL)
		count++;
	argv = mem_calloc(countof(head) + count + 1, sizeof(argv[0]));
	for (i = 0; i < countof(head); i++)
		argv[i] = head[i];
	for (i = 0; i < count; i++)
		argv[countof(head) + i] = words[i];
	start(sync, STAGE_SENDING, argv);
	free(argv);
	mem_free_strings(words);
	free(script);
}

/* tar's own end here: 1 says that a file changed while it was read. */
static bool was_packed(const struct sync *sync)
{
	char *path = mem_printf("%s.code", sync->list_path);
	FILE *file = fopen(path, "r");
	int code = -1;

	if (file != NULL && fscanf(file, "%d", &code) != 1)
		code = -1;
	if (file != NULL)
		fclose(file);
	free(path);
	return code == 0 || code == 1;
}

/* The folder behind the word; NULL: it has not been said. The caller frees it. */
static char *told_dir(const struct sync *sync)
{
	struct text rest = text_buf_text(&sync->output), line, word = text_from(sync->word);

	while (text_next_line(&rest, &line)) {
		if (text_has_prefix(line, word) && line.len > word.len + 1 &&
		    line.ptr[word.len] == ' ' && line.ptr[word.len + 1] == '/')
			return text_dup(text_from_offset(line, word.len + 1));
	}
	return NULL;
}

static void take_sent(struct sync *sync)
{
	bool is_packed = was_packed(sync);
	char *dir = told_dir(sync);

	if (dir == NULL) {
		fail_with_noise(sync, "the project could not be brought there");
	} else if (!is_packed) {
		fail_with_noise(sync, "the project could not be packed here");
	} else {
		sync->listener->on_synced(sync->data, dir, sync->bytes);
		sync->listener->on_over(sync->data);
	}
	free(dir);
}

/* ---- its link ---- */

static void add_capped(struct text_buf *buf, struct text bytes)
{
	if (bytes.len > buf->max - buf->len)
		text_buf_clear(buf); /* the end is what counts */
	text_buf_add(buf, text_tail(bytes, buf->max));
}

static void on_output(struct link *link, struct text bytes)
{
	struct sync *sync = link->data;

	if (sync->stage == STAGE_SENDING)
		add_capped(&sync->output, bytes);
	else
		text_buf_add(&sync->output, bytes);
}

static void on_noise(struct link *link, struct text bytes)
{
	add_capped(&((struct sync *)link->data)->noise, bytes);
}

static bool ended_well(const struct sync *sync)
{
	return sync->link.spawn_fault == 0 && sync->link.exit_signal == 0 &&
	       sync->link.exit_code == 0;
}

static void take_names(struct sync *sync)
{
	if (!ended_well(sync) || sync->output.overflowed)
		fail_with_noise(sync, "the project's files could not be listed");
	else if (!make_list(sync))
		fail(sync, "the list of the project's files could not be written to TMPDIR");
	else
		send_all(sync);
}

/* No repository or no git: all goes. What git ignores may be secret, and must not because of a
 * fault. */
static void take_no_names(struct sync *sync)
{
	if (sync->link.exit_code != NO_PROGRAM && has_repository(sync))
		fail_with_noise(sync, "git cannot list the project's files");
	else
		find_all(sync);
}

static void on_down(struct link *link)
{
	struct sync *sync = link->data;

	if (sync->is_stopped)
		sync->listener->on_over(sync->data);
	else if (sync->stage == STAGE_LISTING && !ended_well(sync))
		take_no_names(sync);
	else if (sync->stage != STAGE_SENDING)
		take_names(sync);
	else
		take_sent(sync);
}

static const struct link_listener link_listener = {
	.on_output = on_output,
	.on_noise = on_noise,
	.on_down = on_down,
};

/* ---- the whole ---- */

struct sync *sync_new(uv_loop_t *loop, const struct node_setup *setup, const char *socket,
                      const struct sync_listener *listener, void *data)
{
	struct sync *sync = mem_calloc(1, sizeof(*sync));

	*sync = (struct sync){.setup = setup, .socket = socket, .listener = listener, .data = data};
	link_init(&sync->link, loop, &link_listener, sync);
	text_buf_init(&sync->output, LIST_MAX_BYTES);
	text_buf_init(&sync->noise, NOISE_MAX_BYTES);
	make_word(sync->word);
	list_by_git(sync);
	return sync;
}

void sync_stop(struct sync *sync)
{
	sync->is_stopped = true;
	/* All of the pipeline: it has a session of its own. */
	if (sync->link.state == LINK_RUNNING && sync->link.process.pid > 0 &&
	    !sync->link.has_exited)
		kill(-sync->link.process.pid, SIGKILL);
	link_kill(&sync->link);
}

void sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	remove_list(sync);
	text_buf_deinit(&sync->output);
	text_buf_deinit(&sync->noise);
	free(sync);
}
