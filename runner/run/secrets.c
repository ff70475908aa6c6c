/* secrets.c - see secrets.h: which values there are, and texts without them. */
#include "runner/run/secrets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/record/event_field.h"
#include "runner/record/file.h"
#include "runner/report/html/embedded.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

extern char **environ;

/* Values that would hide what has nothing to do with them. Those that tanda's own files are made of
 * (element and key names) would break them, besides. */
static const char everyday_words[] =
	"undefined default enabled disabled localhost 127.0.0.1 0.0.0.0 production development "
	"staging testing "
	"testcase testsuite testsuites failure message classname skipped properties property "
	"system-out system-err flakyFailure flakyError rerunFailure rerunError stackTrace "
	"assertions timestamp hostname errors failures passed failed skipped planned verdicts "
	"unplanned predicted_s lower_bound_s efficiency workers wall_s work_s start_up_s "
	"long_pole_s contention_s expected_s makespan_s finished started warned reason "
	"traceEvents displayTimeUnit thread_name process_name";

/* ---- which there are ---- */

/* While they are gathered. */
struct gathering {
	struct secrets *secrets;
	struct text *values; /* owned */
	struct dict known;
	size_t cap, name_cap, warning_count, warning_cap, env_count, env_cap;
};

static bool is_everyday_word(struct text value)
{
	size_t kind, i;

	if (text_contains(text_from(everyday_words), value) ||
	    text_contains(embedded_html.content, value) ||
	    text_contains(embedded_css.content, value) || text_contains(embedded_js.content, value))
		return true;
	for (kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event_fields fields = event_fields((enum event_kind)kind);

		if (text_equal_str(value, event_kind_name((enum event_kind)kind)))
			return true;
		for (i = 0; i < fields.count; i++) {
			if (text_equal_str(value, fields.fields[i].name))
				return true;
		}
	}
	return false;
}

static bool is_one_character(struct text value)
{
	size_t i;

	for (i = 1; i < value.len; i++) {
		if (value.ptr[i] != value.ptr[0])
			return false;
	}
	return true;
}

/* Why the value cannot be hidden; NULL: it can. */
static const char *refusal(struct text value)
{
	if (value.len == 0)
		return "holds nothing but spaces";
	if (value.len < MASK_MIN_BYTES)
		return "is shorter than 6 bytes";
	if (value.len > MASK_MAX_BYTES)
		return "is longer than 64 KiB";
	if (is_one_character(value))
		return "is one character, again and again";
	if (is_everyday_word(value))
		return "is an everyday word";
	return NULL;
}

/* Takes the message over. */
static void warn(struct gathering *gathering, char *message)
{
	struct secrets *secrets = gathering->secrets;

	secrets->warnings = mem_grow(secrets->warnings, &gathering->warning_cap,
	                             gathering->warning_count + 2, sizeof(secrets->warnings[0]));
	secrets->warnings[gathering->warning_count++] = message;
	secrets->warnings[gathering->warning_count] = NULL;
}

static void gather(struct gathering *gathering, const char *name, struct text value)
{
	struct secrets *secrets = gathering->secrets;
	struct text trimmed = text_trim(value), kept;
	const char *why = refusal(trimmed);
	size_t index;

	if (value.len == 0)
		return; /* it is not set, in the way of CI servers */
	if (why != NULL) {
		warn(gathering, mem_printf("%s: its value is not masked, as it %s", name, why));
		return;
	}
	if (dict_find(&gathering->known, trimmed, &index))
		return; /* another variable has the same */
	kept = (struct text){text_dup(trimmed), trimmed.len};
	(void)dict_add(&gathering->known, kept, secrets->count);
	gathering->values = mem_grow(gathering->values, &gathering->cap, secrets->count + 1,
	                             sizeof(gathering->values[0]));
	secrets->names = mem_grow(secrets->names, &gathering->name_cap, secrets->count + 2,
	                          sizeof(secrets->names[0]));
	gathering->values[secrets->count] = kept;
	secrets->names[secrets->count++] = mem_strdup(name);
	secrets->names[secrets->count] = NULL;
}

/* Is it a secret? */
static bool gather_entry(struct gathering *gathering, const struct config *config,
                         const char *entry)
{
	const char *equals = strchr(entry, '=');
	bool is_secret;
	char *name;

	if (equals == NULL)
		return false;
	name = mem_strndup(entry, (size_t)(equals - entry));
	is_secret = config_is_secret(config, name);
	if (is_secret)
		gather(gathering, name, text_from(equals + 1));
	free(name);
	return is_secret;
}

/* Tests get it, on whatever node they run. Takes the entry over. */
static void pass_on(struct gathering *gathering, char *entry)
{
	struct secrets *secrets = gathering->secrets;

	secrets->env = mem_grow(secrets->env, &gathering->env_cap, gathering->env_count + 2,
	                        sizeof(secrets->env[0]));
	secrets->env[gathering->env_count++] = entry;
	secrets->env[gathering->env_count] = NULL;
}

static void gather_environment(struct gathering *gathering, const struct config *config)
{
	size_t i;

	for (i = 0; environ[i] != NULL; i++) {
		if (gather_entry(gathering, config, environ[i]))
			pass_on(gathering, mem_strdup(environ[i]));
	}
}

/* What tanda.json itself sets; a value with a placeholder is made of what is known elsewhere. */
static void gather_suites(struct gathering *gathering, const struct config *config)
{
	size_t i, j;

	for (i = 0; i < config->suite_count; i++) {
		char **env = config->suites[i].env;

		for (j = 0; env != NULL && env[j] != NULL; j++) {
			if (strchr(env[j], '{') == NULL)
				(void)gather_entry(gathering, config, env[j]);
		}
	}
}

/* As a shell takes the output of a command: without the ends of lines behind it. */
static struct text without_end(struct text content)
{
	while (content.len > 0 &&
	       (content.ptr[content.len - 1] == '\n' || content.ptr[content.len - 1] == '\r'))
		content.len--;
	return content;
}

static int gather_file(struct gathering *gathering, const struct config *config,
                       const struct secret_rule *rule, struct tanda_error *error)
{
	char *path = rule->file[0] == '/' ? mem_strdup(rule->file)
	                                  : mem_printf("%s/%s", config->root, rule->file);
	struct text_buf content;
	struct text value;
	int status = -1;

	text_buf_init(&content, MASK_MAX_BYTES);
	if (file_read(path, &content, error) < 0) {
		tanda_error_hint(error, "\"secrets\" in %s names it", config->path);
		goto done;
	}
	value = without_end(text_buf_text(&content));
	if (value.len > 0 && memchr(value.ptr, '\0', value.len) != NULL) {
		tanda_error_set(error, path, "a secret may not hold NUL bytes");
		goto done;
	}
	gather(gathering, rule->name, value);
	pass_on(gathering, mem_printf("%s=%.*s", rule->name, TEXT_ARG(value)));
	status = 0;
done:
	text_buf_deinit(&content);
	free(path);
	return status;
}

static int gather_files(struct gathering *gathering, const struct config *config,
                        struct tanda_error *error)
{
	size_t i;

	for (i = 0; i < config->secret_count; i++) {
		if (config->secrets[i].file != NULL &&
		    gather_file(gathering, config, &config->secrets[i], error) < 0)
			return -1;
	}
	return 0;
}

int secrets_open(struct secrets *secrets, const struct config *config, struct tanda_error *error)
{
	struct gathering gathering = {.secrets = secrets};
	int status;
	size_t i;

	*secrets = (struct secrets){0};
	if (config->secret_count == 0)
		return 0;
	dict_init(&gathering.known);
	status = gather_files(&gathering, config, error);
	if (status == 0) {
		gather_environment(&gathering, config);
		gather_suites(&gathering, config);
	}
	if (status == 0 && secrets->count > MASK_SECRETS_MAX) {
		tanda_error_set(error, config->path,
		                "\"secrets\" matches %zu variables, at most %d", secrets->count,
		                MASK_SECRETS_MAX);
		status = -1;
	}
	if (status == 0 && secrets->count > 0)
		secrets->mask = mask_new(gathering.values, secrets->count);
	for (i = 0; i < secrets->count; i++)
		free((char *)gathering.values[i].ptr);
	free(gathering.values);
	dict_deinit(&gathering.known);
	return status;
}

void secrets_close(struct secrets *secrets)
{
	mask_free(secrets->mask);
	mem_free_strings(secrets->names);
	mem_free_strings(secrets->env);
	mem_free_strings(secrets->warnings);
	*secrets = (struct secrets){0};
}

/* ---- texts ---- */

char *secrets_hide(const struct secrets *secrets, const char *text)
{
	struct masker *masker;
	struct text_buf out;
	char *hidden = NULL;

	if (secrets->mask == NULL)
		return NULL;
	masker = masker_new(secrets->mask);
	text_buf_init(&out, strlen(text));
	if (masker_hide(masker, text_from(text), &out))
		hidden = text_buf_steal(&out);
	text_buf_deinit(&out);
	masker_free(masker);
	return hidden;
}

/* What is hidden never makes a text longer. */
static void hide_string(const struct secrets *secrets, char *string, size_t size)
{
	char *hidden = secrets_hide(secrets, string);

	if (hidden != NULL)
		snprintf(string, size, "%s", hidden);
	free(hidden);
}

void secrets_hide_error(const struct secrets *secrets, struct tanda_error *error)
{
	hide_string(secrets, error->where, sizeof(error->where));
	hide_string(secrets, error->message, sizeof(error->message));
	hide_string(secrets, error->hint, sizeof(error->hint));
}

void secrets_hide_event(struct masker *masker, struct event *event, char **owned,
                        size_t *owned_count)
{
	struct event_fields fields = event_fields(event->kind);
	struct text_buf out;
	size_t i;

	*owned_count = 0;
	for (i = 0; i < fields.count; i++) {
		char *at = (char *)event + fields.fields[i].offset;
		struct text text;

		if (fields.fields[i].type != FIELD_TEXT)
			continue;
		memcpy(&text, at, sizeof(text));
		if (text.len == 0)
			continue;
		text_buf_init(&out, text.len);
		if (masker_hide(masker, text, &out)) {
			text.len = out.len;
			text.ptr = owned[(*owned_count)++] = text_buf_steal(&out);
			memcpy(at, &text, sizeof(text));
		}
		text_buf_deinit(&out);
	}
}

void secrets_hide_ids(const struct secrets *secrets, struct test_list *tests)
{
	struct masker *masker;
	struct text_buf out;
	size_t i;

	if (secrets->mask == NULL)
		return;
	masker = masker_new(secrets->mask);
	for (i = 0; i < tests->count; i++) {
		text_buf_init(&out, TEST_ID_MAX_BYTES);
		if (masker_hide(masker, text_from(tests->tests[i].id), &out))
			test_list_rename(tests, i, text_buf_steal(&out));
		text_buf_deinit(&out);
	}
	masker_free(masker);
}
