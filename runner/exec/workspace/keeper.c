/* keeper.c - see keeper.h. */
#include "runner/exec/workspace/keeper.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/exec/driver.h"
#include "runner/exec/shell/transport.h"
#include "runner/exec/workspace/standing.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"

enum { HOST_MAX_BYTES = 256, NAME_SHOWN_BYTES = 40, BOX_MAX_BYTES = 400 };

/* FNV-1a, the NUL included: it tells folders apart, and nothing more. */
static uint64_t add_string(uint64_t hash, const char *string)
{
	do
		hash = (hash ^ (unsigned char)*string) * UINT64_C(1099511628211);
	while (*string++ != '\0');
	return hash;
}

/* For people who look for it. */
static void add_plain(struct text_buf *out, struct text name)
{
	size_t i;

	for (i = 0; i < name.len && i < NAME_SHOWN_BYTES; i++) {
		char c = name.ptr[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		                (c >= '0' && c <= '9') || c == '.' || c == '_';

		text_buf_add_char(out, is_plain ? c : '-');
	}
}

char *keeper_box(const struct node_setup *setup)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	char host[HOST_MAX_BYTES] = "";
	struct text_buf out;

	(void)gethostname(host, sizeof(host) - 1);
	hash = add_string(hash, host);
	hash = add_string(hash, setup->project_dir);
	hash = add_string(hash, setup->project_name != NULL ? setup->project_name : "");
	hash = add_string(hash, setup->name);
	text_buf_init(&out, BOX_MAX_BYTES);
	text_buf_add_str(&out, "tanda-keep-");
	add_plain(&out, text_from(setup->project_name));
	text_buf_add_char(&out, '-');
	add_plain(&out, text_from(setup->name));
	text_buf_printf(&out, "-%016" PRIx64, hash);
	return text_buf_steal(&out);
}

enum { COMMON_WORDS = 10, ARGUMENTS_MAX = 4 };

/* `arguments` are NULL-terminated. */
static char **start_words(const struct node_setup *setup, const char *socket, const char *verb,
                          const char *word, const char *const *arguments)
{
	const char *root = setup->remote_root != NULL ? setup->remote_root : "";
	char *box = keeper_box(setup), **words;
	const char *command[COMMON_WORDS + ARGUMENTS_MAX + 1] = {
		"sh", "-c", keeper_script, "sh", verb, word, root, setup->run_id, setup->name, box};
	size_t i;

	for (i = 0; arguments[i] != NULL; i++) {
		assert(i < ARGUMENTS_MAX);
		command[COMMON_WORDS + i] = arguments[i];
	}
	words = transport_words(setup, socket, command);
	free(box);
	return words;
}

char **keeper_words(const struct node_setup *setup, const char *socket, const char *verb,
                    const char *word, const char *argument)
{
	const char *const arguments[] = {argument, NULL};

	return start_words(setup, socket, verb, word, arguments);
}

char **keeper_checkout_words(const struct node_setup *setup, const char *socket, const char *word,
                             const struct standing *standing, bool stays)
{
	const char *const arguments[] = {standing->commit, standing->url, standing->prefix,
	                                 stays ? "1" : "0", NULL};

	return start_words(setup, socket, "checkout", word, arguments);
}
