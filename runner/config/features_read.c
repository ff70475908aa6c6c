/* features_read.c - the two schemas; see features_read.h. */
#include "runner/config/features_read.h"

#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#include "runner/config/features_build.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { WARNINGS_MAX = 100 };

/* ---- what is JSON to .NET ---- */

/* Where the comment at `at` ends; `at` itself when there is none, or it has no end. */
static size_t end_of_comment(struct text source, size_t at)
{
	size_t i;

	if (at + 1 >= source.len || source.ptr[at] != '/')
		return at;
	if (source.ptr[at + 1] == '/') {
		for (i = at; i < source.len && source.ptr[i] != '\n'; i++)
			;
		return i;
	}
	for (i = at + 2; source.ptr[at + 1] == '*' && i + 1 < source.len; i++) {
		if (source.ptr[i] == '*' && source.ptr[i + 1] == '/')
			return i + 2;
	}
	return at;
}

static size_t end_of_string(struct text source, size_t at)
{
	for (at++; at < source.len && source.ptr[at] != '"'; at++)
		at += source.ptr[at] == '\\' ? 1 : 0;
	return at < source.len ? at + 1 : source.len;
}

static void blank(char *bytes, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (bytes[from] != '\n')
			bytes[from] = ' ';
	}
}

/* A copy with spaces for comments and trailing commas, so that all places stay; the caller frees
 * it. */
static char *strict_json(struct text source)
{
	char *bytes = text_dup(source);
	size_t comma = SIZE_MAX, at = 0;

	while (at < source.len) {
		size_t end = end_of_comment(source, at);
		char c = source.ptr[at];

		if (end > at) {
			blank(bytes, at, end);
			at = end;
			continue;
		}
		if ((c == '}' || c == ']') && comma != SIZE_MAX)
			bytes[comma] = ' ';
		if (c == ',')
			comma = at;
		else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			comma = SIZE_MAX;
		at = c == '"' ? end_of_string(source, at) : at + 1;
	}
	return bytes;
}

/* ---- values ---- */

bool member_find(const struct value *object, const char *key, struct value *ret_member)
{
	struct value_iter iter = value_members(object);

	if (!json_is_object(object->json))
		return false;
	while (value_next(&iter, ret_member)) {
		if (strcasecmp(ret_member->key, key) == 0)
			return !json_is_null(ret_member->json);
	}
	return false;
}

int switch_read(const struct value *value, bool *ret_on, struct tanda_error *error)
{
	struct text word = text_trim(text_from(json_string_value(value->json)));

	if (json_is_boolean(value->json)) {
		*ret_on = json_is_true(value->json);
		return 0;
	}
	*ret_on = word.len == 4 && strncasecmp(word.ptr, "true", 4) == 0;
	if (*ret_on || (word.len == 5 && strncasecmp(word.ptr, "false", 5) == 0))
		return 0;
	return value_expected(value, error, "true or false");
}

void features_warn(struct features *features, const struct value *value, const char *format, ...)
{
	struct text_buf message;
	va_list args;
	char *place;

	if (features->warning_count >= WARNINGS_MAX)
		return;
	place = value_place(value);
	text_buf_init(&message, TANDA_MESSAGE_MAX);
	text_buf_printf(&message, "%s: ", place);
	va_start(args, format);
	text_buf_vprintf(&message, format, args);
	va_end(args);
	features->warnings = mem_grow(features->warnings, &features->warning_cap,
	                              features->warning_count + 1, sizeof(features->warnings[0]));
	features->warnings[features->warning_count++] = text_buf_steal(&message);
	free(place);
}

/* ---- a toggle ---- */

static struct feature *add_feature(struct features *features, const char *name,
                                   const struct value *value)
{
	features->list = mem_grow(features->list, &features->cap, features->count + 1,
	                          sizeof(features->list[0]));
	features->list[features->count] =
		(struct feature){.name = mem_strdup(name), .place = value_place(value)};
	return &features->list[features->count++];
}

/* "Any" or "All"; `holder` may have none. */
static int read_requirement(const struct value *holder, const char *key, struct feature *feature,
                            struct tanda_error *error)
{
	struct value value;
	const char *word;

	if (!member_find(holder, key, &value))
		return 0;
	word = json_string_value(value.json);
	feature->needs_all = word != NULL && strcasecmp(word, "All") == 0;
	if (feature->needs_all || (word != NULL && strcasecmp(word, "Any") == 0))
		return 0;
	return value_expected(&value, error, "\"Any\" or \"All\"");
}

/* An entry without a name is passed over, as the library does. */
static int read_filters(struct features *features, const struct value *array,
                        struct feature *feature, struct tanda_error *error)
{
	struct value_iter iter = value_children(array);
	struct value entry, name, parameters;

	if (!json_is_array(array->json))
		return value_expected(array, error, "an array of filters");
	feature->written_filters = json_array_size(array->json);
	if (feature->written_filters > FEATURE_FILTERS_MAX)
		return value_fault(array, error, "expected at most %d filters",
		                   FEATURE_FILTERS_MAX);
	feature->filters = mem_calloc(feature->written_filters, sizeof(feature->filters[0]));
	while (value_next(&iter, &entry)) {
		struct feature_filter *filter = &feature->filters[feature->filter_count];
		bool has_parameters;

		if (!member_find(&entry, "Name", &name))
			continue;
		has_parameters = member_find(&entry, "Parameters", &parameters);
		if (feature_filter_read(features, &name, has_parameters ? &parameters : NULL,
		                        filter, error) < 0)
			return -1;
		feature->filter_count++;
	}
	return 0;
}

/* ---- the .NET schema ---- */

/* {"EnabledFor": ..., "RequirementType": ...} */
static int read_conditions(struct features *features, const struct value *value,
                           struct feature *feature, struct tanda_error *error)
{
	struct value enabled_for;

	if (read_requirement(value, "RequirementType", feature, error) < 0)
		return -1;
	if (!member_find(value, "EnabledFor", &enabled_for))
		return 0;
	if (!json_is_array(enabled_for.json))
		return switch_read(&enabled_for, &feature->enabled, error);
	if (read_filters(features, &enabled_for, feature, error) < 0)
		return -1;
	feature->enabled = feature->filter_count > 0;
	return 0;
}

static int read_feature(struct features *features, const struct value *value,
                        struct tanda_error *error)
{
	const struct feature *other = features_find(features, value->key);
	struct feature *feature;

	if (other != NULL)
		return value_key_fault(value, error, "the toggle \"%.200s\" is there twice: %s",
		                       value->key, other->place);
	if (features->count >= FEATURES_MAX)
		return value_fault(value, error, "expected at most %d toggles", FEATURES_MAX);
	if (value->key[0] == '\0' || strchr(value->key, ':') != NULL ||
	    strchr(value->key, '=') != NULL)
		return value_key_fault(value, error,
		                       "a toggle's name may not be empty or hold ':' or '='");
	feature = add_feature(features, value->key, value);
	if (json_is_null(value->json))
		return 0;
	if (json_is_object(value->json))
		return read_conditions(features, value, feature, error);
	return switch_read(value, &feature->enabled, error);
}

static int read_dotnet(struct features *features, const struct value *section,
                       struct tanda_error *error)
{
	struct value_iter iter = value_members(section);
	struct value member;

	if (value_object(section, error) < 0)
		return -1;
	while (value_next(&iter, &member)) {
		if (read_feature(features, &member, error) < 0)
			return -1;
	}
	return 0;
}

/* ---- the Microsoft schema ---- */

/* Does a variant set the state by itself? */
static bool has_override(const struct value *flag)
{
	struct value variants, variant, override;
	struct value_iter iter;
	const char *word;

	if (!member_find(flag, "variants", &variants))
		return false;
	iter = value_children(&variants);
	while (value_next(&iter, &variant)) {
		if (!member_find(&variant, "status_override", &override))
			continue;
		word = json_string_value(override.json);
		if (word == NULL || strcasecmp(word, "None") != 0)
			return true;
	}
	return false;
}

static int read_flag(struct features *features, const struct value *flag, size_t position,
                     struct tanda_error *error)
{
	struct value id, value, conditions;
	struct feature *feature;
	const char *name;

	if (value_object(flag, error) < 0)
		return -1;
	if (!member_find(flag, "id", &id))
		return value_fault(flag, error, "expected an \"id\" in each flag");
	if (value_name(&id, "a toggle's name", &name, error) < 0)
		return -1;
	if (features->count >= FEATURES_MAX)
		return value_fault(flag, error, "expected at most %d toggles", FEATURES_MAX);
	feature = add_feature(features, name, flag);
	feature->is_flag = true;
	feature->position = position;
	feature->varies = has_override(flag);
	if (member_find(flag, "enabled", &value) &&
	    switch_read(&value, &feature->enabled, error) < 0)
		return -1;
	if (!member_find(flag, "conditions", &conditions))
		return 0;
	if (read_requirement(&conditions, "requirement_type", feature, error) < 0)
		return -1;
	return member_find(&conditions, "client_filters", &value)
	               ? read_filters(features, &value, feature, error)
	               : 0;
}

static int read_flags(struct features *features, const struct value *section,
                      struct tanda_error *error)
{
	struct value flags, flag;
	struct value_iter iter;
	size_t position = 0;

	if (!member_find(section, "feature_flags", &flags))
		return 0;
	if (!json_is_array(flags.json))
		return value_expected(&flags, error, "an array of flags");
	iter = value_children(&flags);
	while (value_next(&iter, &flag)) {
		if (read_flag(features, &flag, position++, error) < 0)
			return -1;
	}
	return 0;
}

/* ---- the whole ---- */

static int read_sections(struct features *features, const struct value *root,
                         struct tanda_error *error)
{
	struct value dotnet, flags;
	bool has_dotnet, has_flags;

	if (value_object(root, error) < 0)
		return -1;
	has_dotnet = member_find(root, "FeatureManagement", &dotnet);
	has_flags = member_find(root, "feature_management", &flags);
	if (!has_dotnet && !has_flags) {
		value_fault(root, error, "there are no feature toggles in it");
		tanda_error_hint(error, "expected \"FeatureManagement\" or "
		                        "\"feature_management\" at its root");
		return -1;
	}
	if (has_dotnet && read_dotnet(features, &dotnet, error) < 0)
		return -1;
	return has_flags ? read_flags(features, &flags, error) : 0;
}

int features_parse(struct text source, const char *name, struct features *ret_features,
                   struct tanda_error *error)
{
	struct document document = {.name = NULL};
	struct features features = {0};
	struct value root;
	int status = -1;
	char *strict;

	if (source.len > FEATURES_MAX_BYTES) {
		tanda_error_set(error, name, "expected at most %d MB, not %zu bytes",
		                FEATURES_MAX_BYTES / 1024 / 1024, source.len);
		return -1;
	}
	strict = strict_json(source);
	if (document_parse((struct text){strict, source.len}, name, &document, error) == 0) {
		root = document_root(&document);
		status = read_sections(&features, &root, error);
		document_deinit(&document);
	}
	free(strict);
	if (status == 0)
		*ret_features = features;
	else
		features_deinit(&features);
	return status;
}
