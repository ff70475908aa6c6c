/* script.c - see script.h. */
#include "runner/exec/shell/script.h"

#include <assert.h>
#include <signal.h>
#include <stdbool.h>

#include "shards/base/mem.h"

/* ---- words ---- */

/* Within single quotes: a quote ends them, stands escaped, and begins them anew. */
static void add_quoted(struct text_buf *out, struct text part)
{
	size_t i, start = 0;

	for (i = 0; i < part.len; i++) {
		if (part.ptr[i] != '\'')
			continue;
		text_buf_add(out, (struct text){part.ptr + start, i - start});
		text_buf_add(out, TEXT_LIT("'\\''"));
		start = i + 1;
	}
	text_buf_add(out, text_from_offset(part, start));
}

void script_add_word(struct text_buf *out, struct text word)
{
	text_buf_add_char(out, '\'');
	add_quoted(out, word);
	text_buf_add_char(out, '\'');
}

/* A stand-in and the shell's expression for it. */
static const struct stand_in {
	const char *word, *expression;
} stand_ins[] = {
	{NODE_WORKSPACE, "'\"$tanda_workspace\"'"},
	{NODE_BATCH, "'\"$tanda_station/batch\"'"},
};

static const struct stand_in *stand_in_at(struct text text)
{
	size_t i;

	for (i = 0; i < countof(stand_ins); i++) {
		if (text_has_prefix(text, text_from(stand_ins[i].word)))
			return &stand_ins[i];
	}
	return NULL;
}

void script_add_node_word(struct text_buf *out, struct text word)
{
	size_t i = 0, start = 0;

	text_buf_add_char(out, '\'');
	while (i < word.len) {
		const struct stand_in *found =
			word.ptr[i] == '/' ? stand_in_at(text_from_offset(word, i)) : NULL;

		if (found == NULL) {
			i++;
			continue;
		}
		add_quoted(out, (struct text){word.ptr + start, i - start});
		text_buf_add_str(out, found->expression);
		i += strlen(found->word);
		start = i;
	}
	add_quoted(out, text_from_offset(word, start));
	text_buf_add_char(out, '\'');
}

void script_add_words(struct text_buf *out, const char *const *words)
{
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		if (i > 0)
			text_buf_add_char(out, ' ');
		script_add_word(out, text_from(words[i]));
	}
}

/* ---- messages ---- */

static void begin(struct text_buf *out)
{
	text_buf_add(out, TEXT_LIT("{ "));
}

static void end(struct text_buf *out)
{
	text_buf_add(out, TEXT_LIT("\n}\n"));
}

static void add_argument(struct text_buf *out, const char *word)
{
	text_buf_add_char(out, ' ');
	script_add_word(out, text_from(word));
}

/* Hand `code` to the executor, and empty it. */
static void pass(struct text_buf *out, struct text_buf *code)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("tanda_pass "));
	script_add_word(out, text_buf_text(code));
	end(out);
	text_buf_deinit(code);
}

void script_add_boot(struct text_buf *out, const char *root, const char *run_id, const char *nonce)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("tanda_text="));
	script_add_word(out, text_from(script_station));
	text_buf_add(out, TEXT_LIT("\neval \"$tanda_text\"\ntanda_boot"));
	add_argument(out, root != NULL ? root : "");
	add_argument(out, run_id);
	add_argument(out, nonce);
	end(out);
}

void script_add_join(struct text_buf *out, const char *station, const char *nonce,
                     uint64_t executor)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("cd "));
	script_add_word(out, text_from(station));
	text_buf_add(out, TEXT_LIT(" && . ./station.sh && tanda_join"));
	add_argument(out, station);
	add_argument(out, nonce);
	text_buf_printf(out, " %llu %d %d", (unsigned long long)executor, NODE_LEASE_MS / 1000,
	                NODE_KILL_MS / 1000);
	end(out);
}

void script_add_beat(struct text_buf *out, uint64_t sent_s)
{
	begin(out);
	text_buf_printf(out, "tanda_beat %llu", (unsigned long long)sent_s);
	end(out);
}

void script_add_sample(struct text_buf *out)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("tanda_sample"));
	end(out);
}

void script_add_see(struct text_buf *out, const char *dir, const char *name, const char *token)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("tanda_see"));
	add_argument(out, dir);
	add_argument(out, name);
	add_argument(out, token);
	end(out);
}

void script_add_clear(struct text_buf *out, const char *dir)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("tanda_clear"));
	add_argument(out, dir);
	end(out);
}

void script_add_workspace(struct text_buf *out, const char *path)
{
	struct text_buf code;

	text_buf_init(&code, SCRIPT_MAX_BYTES);
	text_buf_add_str(&code, "tanda_workspace=");
	script_add_word(&code, text_from(path));
	pass(out, &code);
}

/* ---- what a job is given ---- */

/* Names that a shell can export, and that bash lets anybody set. */
static bool is_exportable(struct text name)
{
	static const char *const fixed[] = {"UID", "EUID", "PPID", "SHELLOPTS", "BASHOPTS"};
	size_t i;

	for (i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
		      (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	for (i = 0; i < countof(fixed); i++) {
		if (text_equal_str(name, fixed[i]))
			return false;
	}
	return name.len > 0;
}

/* A value whose end may be what the node has of its own. */
static void add_value(struct text_buf *code, struct text name, struct text value)
{
	const size_t own_len = strlen(NODE_OWN);
	struct text end = text_tail(value, own_len + 1);

	if (end.len <= own_len || !text_has_prefix(end, TEXT_LIT(NODE_OWN)) ||
	    (end.ptr[own_len] != ':' && end.ptr[own_len] != ',')) {
		script_add_node_word(code, value);
		return;
	}
	script_add_node_word(code, (struct text){value.ptr, value.len - own_len - 1});
	text_buf_printf(code, "\"${%.*s:+%c$%.*s}\"", TEXT_ARG(name), end.ptr[own_len],
	                TEXT_ARG(name));
}

void script_add_environment(struct text_buf *code, const char *const *env)
{
	size_t i;

	text_buf_add(code, TEXT_LIT("tanda_environment() {\n:\n"));
	for (i = 0; env != NULL && env[i] != NULL; i++) {
		size_t name_len = strcspn(env[i], "=");
		struct text name = {env[i], name_len};

		if (env[i][name_len] != '=' || !is_exportable(name))
			continue;
		text_buf_add(code, TEXT_LIT("export "));
		text_buf_add(code, name);
		text_buf_add_char(code, '=');
		add_value(code, name, text_from(env[i] + name_len + 1));
		text_buf_add_char(code, '\n');
	}
	text_buf_add(code, TEXT_LIT("}\n"));
}

void script_add_files(struct text_buf *code, const struct assignment *assignment)
{
	size_t i;

	text_buf_add(code, TEXT_LIT("tanda_files() {\n:"));
	for (i = 0; i < assignment->file_count; i++) {
		text_buf_add(code, TEXT_LIT(" && printf %s "));
		script_add_node_word(code, assignment->files[i].content);
		text_buf_add(code, TEXT_LIT(" >batch/files/"));
		script_add_word(code, text_from(assignment->files[i].name));
	}
	text_buf_add(code, TEXT_LIT("\n}\n"));
}

/* The segments of a glob before the first that is a pattern: where its files lie. */
static struct text fixed_part(const char *glob)
{
	size_t len = strcspn(glob, "*?[{\\");

	if (glob[len] == '\0')
		return text_from(glob);
	while (len > 0 && glob[len - 1] != '/')
		len--;
	return len == 0 ? TEXT_LIT(".") : (struct text){glob, len - 1};
}

void script_add_wanted(struct text_buf *code, const char *const *globs)
{
	size_t i;

	text_buf_add(code, TEXT_LIT("tanda_wanted() {\ntanda_bring"));
	for (i = 0; globs != NULL && globs[i] != NULL; i++) {
		text_buf_add_char(code, ' ');
		script_add_word(code, fixed_part(globs[i]));
	}
	text_buf_add(code, TEXT_LIT("\n}\n"));
}

static const char *const follow_words[] = {
	[FOLLOWS_NOTHING] = "",
	[FOLLOWS_LINES] = "lines",
	[FOLLOWS_REPORTS] = "reports",
};

void script_add_run(struct text_buf *out, uint32_t serial, const struct assignment *assignment,
                    uint64_t max_bytes)
{
	struct text_buf code;
	size_t i;

	text_buf_init(&code, SCRIPT_MAX_BYTES);
	script_add_environment(&code, assignment->own_env);
	script_add_files(&code, assignment);
	script_add_wanted(&code, assignment->wanted_files);
	text_buf_printf(&code, "tanda_follows=%s\ntanda_run %u ", follow_words[assignment->follows],
	                serial);
	script_add_word(&code, text_from(assignment->key));
	text_buf_add_char(&code, ' ');
	script_add_node_word(&code, text_from(assignment->work_dir));
	text_buf_printf(&code, " %d %llu", assignment->drops_stderr ? 1 : 0,
	                (unsigned long long)max_bytes);
	for (i = 0; assignment->argv[i] != NULL; i++) {
		text_buf_add_char(&code, ' ');
		script_add_node_word(&code, text_from(assignment->argv[i]));
	}
	pass(out, &code);
}

void script_add_fetch(struct text_buf *out, uint32_t serial, struct text station, const char *key,
                      uint64_t max_bytes)
{
	struct text_buf code;

	text_buf_init(&code, SCRIPT_MAX_BYTES);
	text_buf_printf(&code, "tanda_fetch %u ", serial);
	script_add_word(&code, station);
	add_argument(&code, key);
	text_buf_printf(&code, " %llu", (unsigned long long)max_bytes);
	pass(out, &code);
}

void script_add_acknowledge(struct text_buf *out, const char *station, const char *key)
{
	struct text_buf code;

	text_buf_init(&code, SCRIPT_MAX_BYTES);
	text_buf_add_str(&code, "tanda_acknowledge");
	add_argument(&code, station);
	add_argument(&code, key);
	pass(out, &code);
}

void script_add_skip(struct text_buf *out, uint32_t serial)
{
	static_assert(1 + DRIVER_AHEAD_MAX <= 4, "station.sh has so many files for them");
	begin(out);
	text_buf_printf(out, "tanda_skip %u", serial);
	end(out);
}

/* By name: numbers differ from system to system. */
static const struct signal_word {
	int number;
	const char *word;
} signal_words[] = {
	{SIGHUP, "HUP"},   {SIGINT, "INT"},   {SIGQUIT, "QUIT"}, {SIGKILL, "KILL"},
	{SIGTERM, "TERM"}, {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}, {SIGSTOP, "STOP"},
	{SIGCONT, "CONT"}, {SIGABRT, "ABRT"},
};

const char *script_signal_word(int signal_number)
{
	size_t i;

	for (i = 0; i < countof(signal_words); i++) {
		if (signal_words[i].number == signal_number)
			return signal_words[i].word;
	}
	return "TERM";
}

void script_add_signal(struct text_buf *out, int signal_number, uint32_t serial)
{
	begin(out);
	text_buf_printf(out, "tanda_signal %s %u", script_signal_word(signal_number), serial);
	end(out);
}

void script_add_close(struct text_buf *out)
{
	begin(out);
	text_buf_add(out, TEXT_LIT("tanda_close"));
	end(out);
}
