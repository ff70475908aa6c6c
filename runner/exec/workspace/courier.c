/* courier.c - see courier.h. */
#include "runner/exec/workspace/courier.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/shell/script.h"
#include "runner/exec/shell/transport.h"
#include "runner/exec/workspace/keeper.h"
#include "shards/base/mem.h"

enum { HELPER_MAX_BYTES = 64 * 1024 };

/* Copies of `head`, then the words of `rest`, which it takes. */
static char **join(const char *const *head, char **rest)
{
	size_t head_count = 0, rest_count = 0, i;
	char **words;

	while (head[head_count] != NULL)
		head_count++;
	while (rest[rest_count] != NULL)
		rest_count++;
	words = mem_calloc(head_count + rest_count + 1, sizeof(words[0]));
	for (i = 0; i < head_count; i++)
		words[i] = mem_strdup(head[i]);
	memcpy(words + head_count, rest, rest_count * sizeof(words[0]));
	free(rest);
	return words;
}

char **courier_feed(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word, const struct scratch *scratch, enum scratch_file input)
{
	char *path = scratch_path(scratch, input);
	const char *const head[] = {"sh", "-c", "i=$1; shift; exec \"$@\" <\"$i\"",
	                            "sh", path, NULL};
	char **words = join(head, keeper_words(setup, socket, verb, word, NULL));

	free(path);
	return words;
}

char **courier_pack(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word, const struct scratch *scratch, enum scratch_file list,
                    const char *last)
{
	static const char pipeline[] =
		"unset TAR_OPTIONS; cd \"$1\" || exit 1; l=$2 c=$3; shift 3; "
		"{ tar --no-recursion --null -T \"$l\" -cf -; echo $? >\"$c\"; } | \"$@\"";
	char *list_path = scratch_path(scratch, list);
	char *code_path = scratch_path(scratch, SCRATCH_CODE);
	const char *const head[] = {"sh",      "-c",      pipeline, "sh", setup->project_dir,
	                            list_path, code_path, NULL};
	char **words;

	unlink(code_path); /* of an archive before */
	words = join(head, keeper_words(setup, socket, verb, word, last));
	free(list_path);
	free(code_path);
	return words;
}

/* The line for a shell there, but for rsync's own command at its end: as keeper.sh's own verbs do,
 * it begins only in its turn, and tells who writes. */
static char *line_there(const char *word, const char *dir)
{
	struct text_buf script, line;

	text_buf_init(&script, HELPER_MAX_BYTES);
	text_buf_add_str(&script, "cd ");
	script_add_word(&script, text_from(dir));
	text_buf_printf(
		&script,
		" && read -r x <../turn && [ \"$x\" = %s ] && echo \"$$\" rsync >../writer && "
		"exec \"$@\"",
		word);
	text_buf_init(&line, HELPER_MAX_BYTES);
	text_buf_add_str(&line, "exec sh -c ");
	script_add_word(&line, text_buf_text(&script));
	text_buf_add_str(&line, " sh ");
	text_buf_deinit(&script);
	return text_buf_steal(&line);
}

/* What rsync takes for a remote shell: it names a host first, then gives a command line. */
static bool write_helper(const struct node_setup *setup, const char *socket, const char *word,
                         const struct scratch *scratch, const char *dir)
{
	char **words = transport_shell_words(setup, socket), *line = line_there(word, dir);
	struct text_buf helper;
	bool is_written;

	text_buf_init(&helper, HELPER_MAX_BYTES);
	text_buf_add_str(&helper, "shift\nexec ");
	script_add_words(&helper, (const char *const *)words);
	text_buf_add_char(&helper, ' ');
	script_add_word(&helper, text_from(line));
	text_buf_add_str(&helper, "\"$*\"\n");
	is_written =
		!helper.overflowed && scratch_write(scratch, SCRATCH_SHELL, text_buf_text(&helper));
	text_buf_deinit(&helper);
	mem_free_strings(words);
	free(line);
	return is_written;
}

char **courier_rsync(const struct node_setup *setup, const char *socket, const char *word,
                     const struct scratch *scratch, const char *dir)
{
	char *helper = scratch_path(scratch, SCRATCH_SHELL);
	char *list = scratch_path(scratch, SCRATCH_SEND);
	char *shell = mem_printf("sh '%s'", helper);
	char *from = mem_printf("--files-from=%s", list);
	const char *slash = strrchr(dir, '/'); /* before "tree" */
	char *parts = mem_printf("--temp-dir=%.*s/parts", (int)(slash - dir), dir);
	char *here = mem_printf("%s/", setup->project_dir), *there = mem_printf("node:%s/", dir);
	/* What differs is known: rsync is to look at the content of all that it is given. */
	const char *const head[] = {"rsync", "-lpI", "--force", "--from0", from, "--protect-args",
	                            parts,   "-e",   shell,     "--",      here, there,
	                            NULL};
	char **words = NULL;

	/* rsync splits the shell's words by itself, and has no way to write a quote. */
	if (strchr(helper, '\'') == NULL && write_helper(setup, socket, word, scratch, dir))
		words = join(head, mem_calloc(1, sizeof(words[0])));
	free(helper);
	free(list);
	free(shell);
	free(from);
	free(parts);
	free(here);
	free(there);
	return words;
}

bool courier_has_rsync(void)
{
	const char *path = getenv("PATH");
	bool has = false;

	while (path != NULL && !has) {
		size_t len = strcspn(path, ":");
		char *file = mem_printf("%.*s/rsync", (int)len, path);

		has = len > 0 && access(file, X_OK) == 0;
		free(file);
		path = path[len] == ':' ? path + len + 1 : NULL;
	}
	return has;
}
