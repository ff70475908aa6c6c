/* placeholder.c - templates are split into literal text and names; both ways in use that. */
#include "runner/config/placeholder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/nearest.h"
#include "shards/base/text.h"
#include "tanda/error.h"

/* An expanded argument; {ids,} over a whole suite can be long, the kernel's own cap is 128 KiB. */
enum { ARGUMENT_MAX_BYTES = 16 * 1024 * 1024 };

enum placeholder {
	PLACEHOLDER_IDS,
	PLACEHOLDER_ARGS,
	PLACEHOLDER_IDS_JOINED,
	PLACEHOLDER_IDS_BARRED,
	PLACEHOLDER_ID,
	PLACEHOLDER_CASE,
	PLACEHOLDER_CASES_BARRED,
	PLACEHOLDER_LIST,
	PLACEHOLDER_REPORT,
	PLACEHOLDER_REPORT_DIR,
	PLACEHOLDER_WORKER,
	PLACEHOLDER_NODE,
	PLACEHOLDER_TMP,
	PLACEHOLDER_SCRIPT,
	PLACEHOLDER_PLUGIN,
};

static const char *const names[] = {
	[PLACEHOLDER_IDS] = "ids",
	[PLACEHOLDER_ARGS] = "args",
	[PLACEHOLDER_IDS_JOINED] = "ids,",
	[PLACEHOLDER_IDS_BARRED] = "ids|",
	[PLACEHOLDER_ID] = "id",
	[PLACEHOLDER_CASE] = "case",
	[PLACEHOLDER_CASES_BARRED] = "cases|",
	[PLACEHOLDER_LIST] = "list",
	[PLACEHOLDER_REPORT] = "report",
	[PLACEHOLDER_REPORT_DIR] = "report_dir",
	[PLACEHOLDER_WORKER] = "worker",
	[PLACEHOLDER_NODE] = "node",
	[PLACEHOLDER_TMP] = "tmp",
	[PLACEHOLDER_SCRIPT] = "script",
	[PLACEHOLDER_PLUGIN] = "plugin",
	[PLACEHOLDER_PLUGIN + 1] = NULL,
};

enum part_kind { PART_LITERAL, PART_NAME, PART_OPEN };

/* A piece of a template: literal text, the name in braces, or a brace without its end. */
struct part {
	enum part_kind kind;
	struct text text;
};

static bool next_part(const char **rest, struct part *ret_part)
{
	const char *start = *rest;
	size_t len = strcspn(start, "{");

	if (start[0] == '\0')
		return false;
	if (len > 0 || start[1] == '{') {
		*ret_part = (struct part){PART_LITERAL, {start, len > 0 ? len : 1}};
		*rest = start + (len > 0 ? len : 2);
		return true;
	}
	len = strcspn(start, "}");
	*ret_part = (struct part){PART_NAME, {start + 1, len - 1}};
	if (start[len] == '\0')
		ret_part->kind = PART_OPEN;
	*rest = start + len + (start[len] != '\0' ? 1 : 0);
	return true;
}

static bool find_name(struct text name, enum placeholder *ret_placeholder)
{
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		if (text_equal_str(name, names[i])) {
			*ret_placeholder = (enum placeholder)i;
			return true;
		}
	}
	return false;
}

static bool is_case(enum placeholder placeholder)
{
	return placeholder == PLACEHOLDER_CASE || placeholder == PLACEHOLDER_CASES_BARRED;
}

static int unknown_fault(struct text name, enum placeholder_place place, const char *where,
                         struct tanda_error *error)
{
	struct text shown = text_head(name, 60);
	char *word = text_dup(name);
	const char *nearest = nearest_word(word, names);
	size_t i;

	free(word);
	tanda_error_code(error, TANDA_CODE_PLACEHOLDER);
	tanda_error_set(error, where, "unknown placeholder \"{%.*s}\"; known are", TEXT_ARG(shown));
	for (i = 0; names[i] != NULL; i++) {
		size_t used = strlen(error->message);

		if (place == PLACEHOLDER_IN_CASE || !is_case((enum placeholder)i))
			snprintf(error->message + used, sizeof(error->message) - used, " {%s}",
			         names[i]);
	}
	snprintf(error->message + strlen(error->message),
	         sizeof(error->message) - strlen(error->message), " {pool.NAME.KEY}");
	if (nearest != NULL)
		tanda_error_hint(error, "did you mean \"{%s}\"?", nearest);
	else
		tanda_error_hint(error, "write {{ for a brace");
	return -1;
}

/* May it stand there? */
static int place_check(enum placeholder placeholder, bool is_whole, enum placeholder_place place,
                       const char *where, struct tanda_error *error)
{
	if (is_case(placeholder) && place != PLACEHOLDER_IN_CASE) {
		tanda_error_code(error, TANDA_CODE_PLACEHOLDER);
		tanda_error_set(error, where, "{%s} may stand in \"case\" only",
		                names[placeholder]);
		return -1;
	}
	if (placeholder != PLACEHOLDER_IDS && placeholder != PLACEHOLDER_ARGS)
		return 0;
	if (place != PLACEHOLDER_IN_RUN) {
		tanda_error_code(error, TANDA_CODE_PLACEHOLDER);
		tanda_error_set(error, where, "{%s} may stand in \"run\" only", names[placeholder]);
		return -1;
	}
	if (placeholder == PLACEHOLDER_ARGS && !is_whole) {
		tanda_error_set(
			error, where,
			"{args} expands to many arguments and must be an argument by itself");
		return -1;
	}
	return 0;
}

static int open_fault(const struct part *part, const char *where, struct tanda_error *error)
{
	struct text shown = text_head(part->text, 60);

	tanda_error_set(error, where, "expected \"}\" after \"{%.*s\"", TEXT_ARG(shown));
	tanda_error_hint(error, "write {{ for a brace");
	return -1;
}

bool placeholder_pool(struct text name, struct text *ret_pool, struct text *ret_key)
{
	struct text rest;
	const char *dot;

	if (!text_has_prefix(name, TEXT_LIT("pool.")))
		return false;
	rest = text_from_offset(name, strlen("pool."));
	dot = memchr(rest.ptr, '.', rest.len);
	if (dot == NULL)
		return false;
	*ret_pool = text_head(rest, (size_t)(dot - rest.ptr));
	*ret_key = text_from_offset(rest, ret_pool->len + 1);
	return ret_pool->len > 0 && ret_key->len > 0;
}

static int part_check(const struct part *part, bool is_whole, enum placeholder_place place,
                      const char *where, struct tanda_error *error)
{
	enum placeholder placeholder;
	struct text pool, key;

	if (part->kind == PART_LITERAL)
		return 0;
	if (part->kind == PART_OPEN)
		return open_fault(part, where, error);
	if (placeholder_pool(part->text, &pool, &key))
		return 0; /* whether there is such a pool is known when all is read */
	if (!find_name(part->text, &placeholder))
		return unknown_fault(part->text, place, where, error);
	return place_check(placeholder, is_whole, place, where, error);
}

int placeholder_check(const char *string, enum placeholder_place place, const char *where,
                      struct tanda_error *error)
{
	const char *rest = string;
	struct part part;

	while (next_part(&rest, &part)) {
		bool is_whole = part.text.ptr == string + 1 && rest[0] == '\0';

		if (part_check(&part, is_whole, place, where, error) < 0)
			return -1;
	}
	return 0;
}

bool placeholder_is_used(const char *const *argv, const char *placeholder)
{
	struct text wanted = {placeholder + 1, strlen(placeholder) - 2};
	const char *rest;
	struct part part;
	size_t i;

	for (i = 0; argv[i] != NULL; i++)
		for (rest = argv[i]; next_part(&rest, &part);)
			if (part.kind == PART_NAME && text_equal(part.text, wanted))
				return true;
	return false;
}

/* An id at the start of an argument must not look like an option. */
static void add_id(struct text_buf *buf, const char *id, bool is_guarded)
{
	if (id[0] == '-' && buf->len == 0 && !is_guarded)
		text_buf_add_str(buf, "./");
	text_buf_add_str(buf, id);
}

static void add_joined(struct text_buf *buf, const char *const *ids, size_t count,
                       const char *joiner, bool is_guarded)
{
	size_t i;

	for (i = 0; i < count; i++) {
		text_buf_add_str(buf, i > 0 ? joiner : "");
		add_id(buf, ids[i], is_guarded);
	}
}

static void add_value(struct text_buf *buf, enum placeholder placeholder,
                      const struct placeholder_values *values, bool is_guarded)
{
	switch (placeholder) {
	case PLACEHOLDER_ARGS: /* a whole argument; see expand_argument() */
		break;
	case PLACEHOLDER_IDS_JOINED:
		add_joined(buf, values->ids, values->id_count, ",", is_guarded);
		break;
	case PLACEHOLDER_IDS_BARRED:
		add_joined(buf, values->ids, values->id_count, "|", is_guarded);
		break;
	case PLACEHOLDER_IDS: /* one at a time; see expand_argument() */
	case PLACEHOLDER_ID:
		if (values->id_count > 0)
			add_id(buf, values->ids[0], is_guarded);
		break;
	case PLACEHOLDER_CASE: /* an option's value, never an argument that could be an option */
		if (values->case_count > 0)
			text_buf_add_str(buf, values->cases[0]);
		break;
	case PLACEHOLDER_CASES_BARRED:
		add_joined(buf, values->cases, values->case_count, "|", true);
		break;
	case PLACEHOLDER_LIST:
		text_buf_add_str(buf, values->list);
		break;
	case PLACEHOLDER_REPORT:
		text_buf_add_str(buf, values->report);
		break;
	case PLACEHOLDER_REPORT_DIR:
		text_buf_add_str(buf, values->report_dir);
		break;
	case PLACEHOLDER_WORKER:
		text_buf_printf(buf, "%u", values->worker);
		break;
	case PLACEHOLDER_NODE:
		text_buf_add_str(buf, values->node);
		break;
	case PLACEHOLDER_TMP:
		text_buf_add_str(buf, values->tmp);
		break;
	case PLACEHOLDER_SCRIPT:
		text_buf_add(buf, values->script);
		break;
	case PLACEHOLDER_PLUGIN:
		text_buf_add_str(buf, values->plugin);
		break;
	}
}

static void add_pool_value(struct text_buf *buf, struct text name,
                           const struct placeholder_values *values)
{
	const char *value =
		values->pool_lookup != NULL ? values->pool_lookup(values->pool_data, name) : NULL;

	text_buf_add_str(buf, value != NULL ? value : "");
}

static char *expand_one(const char *string, const struct placeholder_values *values,
                        bool is_guarded)
{
	enum placeholder placeholder;
	struct text pool, key;
	struct text_buf buf;
	struct part part;

	text_buf_init(&buf, ARGUMENT_MAX_BYTES);
	while (next_part(&string, &part)) {
		if (part.kind == PART_LITERAL)
			text_buf_add(&buf, part.text);
		else if (placeholder_pool(part.text, &pool, &key))
			add_pool_value(&buf, part.text, values);
		else if (find_name(part.text, &placeholder))
			add_value(&buf, placeholder, values, is_guarded);
	}
	return text_buf_steal(&buf);
}

char *placeholder_expand_string(const char *string, const struct placeholder_values *values)
{
	return expand_one(string, values, true);
}

struct argv {
	char **list;
	size_t count;
	size_t cap;
	bool has_dashes; /* "--" has been given; a second one would be an argument */
};

static void argv_take(struct argv *argv, char *argument)
{
	argv->list = mem_grow(argv->list, &argv->cap, argv->count + 2, sizeof(argv->list[0]));
	argv->list[argv->count++] = argument;
	argv->list[argv->count] = NULL;
	argv->has_dashes = argv->has_dashes || strcmp(argument, "--") == 0;
}

static bool any_id_begins_with_dash(const struct placeholder_values *values)
{
	size_t i;

	for (i = 0; i < values->id_count; i++)
		if (values->ids[i][0] == '-')
			return true;
	return false;
}

static void expand_all(struct argv *argv, const char *const *templates,
                       const struct placeholder_values *values)
{
	size_t i;

	for (i = 0; templates != NULL && templates[i] != NULL; i++)
		argv_take(argv, expand_one(templates[i], values, values->ids_follow_dashes));
}

static void expand_argument(struct argv *argv, const char *argument,
                            const struct placeholder_values *values)
{
	bool is_id = strncmp(argument, "{id", 3) == 0, is_guarded = values->ids_follow_dashes;
	const char *const whole[] = {argument, NULL};
	size_t i;

	if (strcmp(argument, "{args}") == 0) {
		expand_all(argv, values->args, values);
		expand_all(argv, values->case_args, values);
		return;
	}
	if (values->plugin == NULL && placeholder_is_used(whole, "{plugin}"))
		return;
	if (is_id && is_guarded && !argv->has_dashes && any_id_begins_with_dash(values))
		argv_take(argv, mem_strdup("--"));
	if (!placeholder_is_used(whole, "{ids}")) {
		argv_take(argv, expand_one(argument, values, is_guarded));
		return;
	}
	for (i = 0; i < values->id_count; i++) {
		struct placeholder_values one = *values;

		one.ids = &values->ids[i];
		one.id_count = 1;
		argv_take(argv, expand_one(argument, &one, is_guarded));
	}
}

char **placeholder_expand(const char *const *argv, const struct placeholder_values *values)
{
	struct argv expanded = {.list = mem_calloc(1, sizeof(char *)), .cap = 1};
	size_t i;

	for (i = 0; argv[i] != NULL; i++)
		expand_argument(&expanded, argv[i], values);
	return expanded.list;
}

/* ---- words of others ---- */

int placeholder_check_words(const char *string, placeholder_lookup_fn *lookup, const void *data,
                            const char *where, struct tanda_error *error)
{
	struct part part;

	while (next_part(&string, &part)) {
		struct text shown = text_head(part.text, 60);

		if (part.kind == PART_OPEN)
			return open_fault(&part, where, error);
		if (part.kind == PART_NAME && lookup(data, part.text) == NULL) {
			tanda_error_code(error, TANDA_CODE_PLACEHOLDER);
			tanda_error_set(error, where, "unknown placeholder \"{%.*s}\"",
			                TEXT_ARG(shown));
			return -1;
		}
	}
	return 0;
}

char **placeholder_expand_words(const char *const *templates, placeholder_lookup_fn *lookup,
                                const void *data)
{
	struct argv expanded = {.list = mem_calloc(1, sizeof(char *)), .cap = 1};
	size_t i;

	for (i = 0; templates[i] != NULL; i++) {
		const char *rest = templates[i], *value;
		struct text_buf buf;
		struct part part;

		text_buf_init(&buf, ARGUMENT_MAX_BYTES);
		while (next_part(&rest, &part)) {
			value = part.kind == PART_NAME ? lookup(data, part.text) : NULL;
			if (part.kind == PART_LITERAL)
				text_buf_add(&buf, part.text);
			else
				text_buf_add_str(&buf, value != NULL ? value : "");
		}
		argv_take(&expanded, text_buf_steal(&buf));
	}
	return expanded.list;
}

void placeholder_each(const char *string, placeholder_each_fn *on_name, void *data)
{
	struct part part;

	while (next_part(&string, &part)) {
		if (part.kind == PART_NAME)
			on_name(data, part.text);
	}
}
