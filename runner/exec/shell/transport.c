/* transport.c - see transport.h. */
#include "runner/exec/shell/transport.h"

#include <stdio.h>
#include <stdlib.h>

#include "runner/exec/shell/script.h"
#include "shards/base/mem.h"

enum { NOISE_SHOWN_MAX_BYTES = 200 };

struct words {
	char **items;
	size_t count, cap;
};

static void add(struct words *words, char *word)
{
	words->items = mem_grow(words->items, &words->cap, words->count + 2, sizeof(char *));
	words->items[words->count++] = word;
	words->items[words->count] = NULL;
}

static void add_copy(struct words *words, const char *word)
{
	add(words, mem_strdup(word));
}

static void add_option(struct words *words, const char *option)
{
	add_copy(words, "-o");
	add_copy(words, option);
}

/* ---- ssh ---- */

/* What tanda cannot do without; all else is as the user's own configuration says, host keys and the
 * agent included. */
static void add_ssh(struct words *words, const struct node_setup *setup, const char *socket,
                    const char *control)
{
	static const char *const options[] = {
		"BatchMode=yes",       "ServerAliveInterval=5", "ServerAliveCountMax=2",
		"RequestTTY=no",       "ForwardAgent=no",       "ClearAllForwardings=yes",
		"ForwardX11=no",       "PermitLocalCommand=no", "RemoteCommand=none",
		"SessionType=default", "ControlPersist=no",     "ForkAfterAuthentication=no",
		"StdinNull=no",        "EscapeChar=none",
	};
	size_t i;

	add_copy(words, "ssh");
	for (i = 0; i < countof(options); i++)
		add_option(words, options[i]);
	add_copy(words, "-o");
	add(words, mem_printf("ConnectTimeout=%llu",
	                      (unsigned long long)setup->launch_timeout_ms / 1000 + 1));
	add_option(words, control);
	add_copy(words, "-o");
	add(words, mem_printf("ControlPath=%s", socket != NULL ? socket : "none"));
	if (setup->port != 0) {
		add_copy(words, "-p");
		add(words, mem_printf("%u", setup->port));
	}
	if (setup->user != NULL) {
		add_copy(words, "-l");
		add_copy(words, setup->user);
	}
	add_copy(words, "--");
	add_copy(words, setup->host);
}

static void add_for_shell(struct words *words, const char *const *command)
{
	struct text_buf line;

	text_buf_init(&line, SCRIPT_MAX_BYTES);
	text_buf_add_str(&line, "exec ");
	script_add_words(&line, command);
	add(words, text_buf_steal(&line));
}

char **transport_words(const struct node_setup *setup, const char *socket,
                       const char *const *command)
{
	struct words words = {0};
	size_t i;

	if (setup->kind == NODE_SSH) {
		add_ssh(&words, setup, socket, "ControlMaster=no");
		add_for_shell(&words, command);
		return words.items;
	}
	for (i = 0; setup->exec[i] != NULL; i++)
		add_copy(&words, setup->exec[i]);
	for (i = 0; command[i] != NULL; i++)
		add_copy(&words, command[i]);
	return words.items;
}

char **transport_shell_words(const struct node_setup *setup, const char *socket)
{
	struct words words = {0};
	size_t i;

	if (setup->kind == NODE_SSH) {
		add_ssh(&words, setup, socket, "ControlMaster=no");
		return words.items;
	}
	for (i = 0; setup->exec[i] != NULL; i++)
		add_copy(&words, setup->exec[i]);
	add_copy(&words, "sh");
	add_copy(&words, "-c");
	return words.items;
}

char **transport_master_words(const struct node_setup *setup, const char *socket)
{
	/* It ends when its input does: when tanda is killed, nothing of it stays. */
	static const char *const command[] = {"cat", NULL};
	struct words words = {0};

	add_ssh(&words, setup, socket, "ControlMaster=yes");
	add_for_shell(&words, command);
	return words.items;
}

/* ---- complaints ---- */

/* What ssh and the others say, what it means and what helps; %s is the host. */
static const struct complaint {
	const char *said;
	bool is_final;
	const char *why;
} complaints[] = {
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", true,
         "its host key is not the one in known_hosts: if the machine was set up anew, forget the old "
         "key (ssh-keygen -R %s) and connect once by hand (ssh %s)"},
	{"Host key verification failed", true,
         "its host key is not known here: connect once by hand (ssh %s) and compare the "
         "fingerprint, or add what ssh-keyscan %s prints to ~/.ssh/known_hosts"},
	{"Permission denied", true,
         "the login was refused: ssh-copy-id %s, or start an agent that holds the key; "
         "ssh -o BatchMode=yes %s true must work"},
	{"Too many authentication failures", true,
         "the login was refused after too many keys: name the right one with IdentityFile for %s "
         "in ~/.ssh/config; ssh -o BatchMode=yes %s true must work"},
	{"Could not resolve hostname", true,
         "its name cannot be resolved: correct the host, or name its HostName for %s in "
         "~/.ssh/config (ssh %s)"},
	{"Bad owner or permissions", true,
         "ssh does not trust its configuration: chmod 600 ~/.ssh/config"},
	{"Connection refused", false, "nothing listens there: is sshd running on %s (ssh %s)?"},
	{"No route to host", false, "there is no way to %s: is it switched on (ssh %s)?"},
	{"timed out", false, "it did not answer in time: is %s switched on (ssh %s)?"},
	{"Connection closed by", false,
         "it closed the connection before the login: is it starting, or at its limit of "
         "connections (MaxStartups)? Try ssh %s"},
	{"No such container", true, "there is no such container: start it first"},
	{"no container with name", true, "there is no such container: start it first"},
	{"is not running", false, "the container is not running: start it first"},
	{"(NotFound)", true, "there is no such pod: correct its name"},
};

static const struct complaint *find_complaint(struct text noise)
{
	size_t i;

	for (i = 0; i < countof(complaints); i++) {
		if (text_contains(noise, text_from(complaints[i].said)))
			return &complaints[i];
	}
	return NULL;
}

/* `why` with its host, twice at most, where it says %s. */
static void fill_in(const char *why, const char *host, struct text_buf *out)
{
	const char *gap;

	while ((gap = strstr(why, "%s")) != NULL) {
		text_buf_add(out, (struct text){why, (size_t)(gap - why)});
		text_buf_add_str(out, host);
		why = gap + 2;
	}
	text_buf_add_str(out, why);
}

static struct text last_line(struct text noise)
{
	struct text line, last = TEXT_EMPTY;

	while (text_next_line(&noise, &line)) {
		if (!text_is_empty(text_trim(line)))
			last = text_trim(line);
	}
	return text_head(last, NOISE_SHOWN_MAX_BYTES);
}

void transport_explain(const struct node_setup *setup, struct text noise, const char *end,
                       char *why, size_t size, bool *ret_is_final)
{
	const struct complaint *complaint = find_complaint(noise);
	const char *program = setup->kind == NODE_SSH ? "ssh" : setup->exec[0];
	struct text said = last_line(noise);
	struct text_buf text;

	text_buf_init(&text, size - 1);
	*ret_is_final = complaint != NULL && complaint->is_final;
	if (complaint != NULL)
		fill_in(complaint->why, setup->host != NULL ? setup->host : setup->name, &text);
	else
		text_buf_printf(&text, "%s gave no shell there (%s)%s%.*s", program, end,
		                said.len > 0 ? ": " : "", TEXT_ARG(said));
	if (complaint != NULL && said.len > 0)
		text_buf_printf(&text, " (%.*s)", TEXT_ARG(said));
	snprintf(why, size, "%s", text.ptr != NULL ? text.ptr : "");
	text_buf_deinit(&text);
}
