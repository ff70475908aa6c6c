/* standing.c - see standing.h. */
#include "runner/exec/workspace/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { NAME_SHOWN_BYTES = 120, STATE_BYTES = 3 };

/* Each answer with a NUL behind it; the last are git's own, of what is not committed. */
static const char script[] =
	"cd \"$1\" || exit 1; unset $(git rev-parse --local-env-vars | grep -v '^GIT_CONFIG_'); "
	"GIT_OPTIONAL_LOCKS=0 LC_ALL=C; export GIT_OPTIONAL_LOCKS LC_ALL; "
	"commit=$(git rev-parse --verify HEAD) && prefix=$(git rev-parse --show-prefix) || exit 1; "
	"url=$2; [ -n \"$url\" ] || url=$(git config --get remote.origin.url); "
	"printf '%s\\0%s\\0%s\\0' \"$commit\" \"$prefix\" \"$url\"; "
	/* Files that git was told not to look at; those of a sparse checkout are not here. */
	"git ls-files -v -z :/ | tr '\\000' '\\n' | sed -n 's/^[Sa-z] //p' | "
	"while IFS= read -r name; do "
	"if [ -e \"$name\" ] || [ -h \"$name\" ]; then printf 'H  %s\\0' \"$name\"; fi; done; "
	"git -c core.fileMode=true -c core.ignoreStat=false -c core.trustctime=true "
	"-c core.checkStat=default -c core.fsmonitor=false -c core.untrackedCache=false "
	"status --porcelain -z --untracked-files=normal --ignore-submodules=none";

char **standing_words(const char *dir, const char *url)
{
	const char *const words[] = {"sh", "-c", script, "sh", dir, url != NULL ? url : ""};
	char **copies = mem_calloc(countof(words) + 1, sizeof(copies[0]));
	size_t i;

	for (i = 0; i < countof(words); i++)
		copies[i] = mem_strdup(words[i]);
	return copies;
}

static struct text next_answer(struct text *rest)
{
	struct text answer = {rest->ptr, rest->len > 0 ? strnlen(rest->ptr, rest->len) : 0};

	*rest = text_from_offset(*rest, answer.len + 1);
	return answer;
}

/* "https://user:password@host/...": it would be on a command line there, and in a file. */
static bool holds_password(const char *url)
{
	const char *name = strstr(url, "://"), *at, *colon;

	if (name == NULL)
		return false;
	name += 3;
	at = memchr(name, '@', strcspn(name, "/"));
	colon = memchr(name, ':', strcspn(name, "/"));
	return at != NULL && colon != NULL && colon < at;
}

/* Who fetches is for the node's git to know; and the name may be a token. */
static void drop_user(char *url)
{
	char *host = strstr(url, "://"), *at;

	if (strncmp(url, "http", 4) != 0 || host == NULL)
		return;
	host += 3;
	at = memchr(host, '@', strcspn(host, "/"));
	if (at != NULL)
		memmove(host, at + 1, strlen(at));
}

static bool is_relative(const char *url)
{
	return url[0] == '.' || (url[0] != '/' && strchr(url, ':') == NULL);
}

static bool is_good_url(const char *url, bool is_named, char *why, size_t size)
{
	const char *whose = is_named ? "\"git_url\"" : "origin's address";

	if (url[0] == '\0')
		snprintf(why, size,
		         "the repository here has no remote \"origin\": name the address that the "
		         "node fetches from in \"git_url\"");
	else if (holds_password(url))
		snprintf(why, size,
		         "%s holds a password: the node's git must know its own (a credential "
		         "helper, a key); name the address without it in \"git_url\"",
		         whose);
	else if (url[0] == '-' || is_relative(url))
		snprintf(why, size,
		         "%s, '%.*s', leads nowhere from another machine: name one that does in "
		         "\"git_url\"",
		         whose, NAME_SHOWN_BYTES, url);
	else
		return true;
	return false;
}

bool standing_read(struct text output, bool url_is_named, struct standing *ret_standing, char *why,
                   size_t size)
{
	struct text commit = next_answer(&output), prefix = next_answer(&output),
		    url = next_answer(&output), change = next_answer(&output);
	struct standing standing = {
		.commit = text_dup(commit), .prefix = text_dup(prefix), .url = text_dup(url)};
	bool is_good = false;

	if (change.len > STATE_BYTES) {
		change = text_head(text_from_offset(change, STATE_BYTES), NAME_SHOWN_BYTES);
		snprintf(
			why, size,
			"\"workspace\": \"git\" is what is committed, and here '%.*s' is not: "
			"commit and push it, or let \"workspace\": \"sync\" bring what stands here",
			TEXT_ARG(change));
	} else {
		is_good = is_good_url(standing.url, url_is_named, why, size);
	}
	drop_user(standing.url);
	if (is_good)
		*ret_standing = standing;
	else
		standing_deinit(&standing);
	return is_good;
}

void standing_deinit(struct standing *standing)
{
	free(standing->commit);
	free(standing->prefix);
	free(standing->url);
	*standing = (struct standing){.commit = NULL};
}
