/* features_filter.c - the built-in filters of Microsoft.FeatureManagement and their parameters. */
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "runner/config/features_build.h"
#include "shards/base/mem.h"

enum { PERCENT = 100, NAMES_MAX = 100000 };

/* ---- numbers and names ---- */

static int read_number(const struct value *value, double *ret_number, struct tanda_error *error)
{
	const char *string = json_string_value(value->json);
	char *end = NULL;

	if (json_is_number(value->json)) {
		*ret_number = json_number_value(value->json);
		return 0;
	}
	if (string != NULL && string[0] != '\0') {
		*ret_number = strtod(string, &end);
		if (*end == '\0' && isfinite(*ret_number))
			return 0;
	}
	return value_expected(value, error, "a number");
}

/* The library refuses any other when the toggle is asked for. */
static int read_percentage(const struct value *holder, const char *key, double *ret_percentage,
                           struct tanda_error *error)
{
	struct value value;

	if (!member_find(holder, key, &value))
		return 0;
	if (read_number(&value, ret_percentage, error) < 0)
		return -1;
	if (*ret_percentage >= 0 && *ret_percentage <= PERCENT)
		return 0;
	return value_expected(&value, error, "a percentage from 0 to 100");
}

static int read_names(const struct value *holder, const char *key, char ***ret_names,
                      struct tanda_error *error)
{
	struct value array, element;
	struct value_iter iter;
	const char *string;
	size_t count = 0;

	if (!member_find(holder, key, &array))
		return 0;
	if (!json_is_array(array.json) || json_array_size(array.json) > NAMES_MAX)
		return value_expected(&array, error, "an array of names");
	*ret_names = mem_calloc(json_array_size(array.json) + 1, sizeof((*ret_names)[0]));
	iter = value_children(&array);
	while (value_next(&iter, &element)) {
		if (value_string(&element, "a name", &string, error) < 0)
			return -1;
		(*ret_names)[count++] = mem_strdup(string);
	}
	return 0;
}

/* ---- Targeting ---- */

static int read_group(const struct value *value, struct feature_audience *audience,
                      struct tanda_error *error)
{
	struct feature_group *group = &audience->groups[audience->group_count];
	const char *string;
	struct value name;

	if (value_object(value, error) < 0)
		return -1;
	if (!member_find(value, "Name", &name))
		return value_fault(value, error, "expected a \"Name\" in each group");
	if (value_string(&name, "a group's name", &string, error) < 0)
		return -1;
	group->name = mem_strdup(string);
	audience->group_count++;
	return read_percentage(value, "RolloutPercentage", &group->percentage, error);
}

static int read_groups(const struct value *holder, struct feature_audience *audience,
                       struct tanda_error *error)
{
	struct value array, element;
	struct value_iter iter;

	if (!member_find(holder, "Groups", &array))
		return 0;
	if (!json_is_array(array.json) || json_array_size(array.json) > NAMES_MAX)
		return value_expected(&array, error, "an array of groups");
	audience->groups = mem_calloc(json_array_size(array.json), sizeof(audience->groups[0]));
	iter = value_children(&array);
	while (value_next(&iter, &element)) {
		if (read_group(&element, audience, error) < 0)
			return -1;
	}
	return 0;
}

static int read_audience(const struct value *name, const struct value *parameters,
                         struct feature_audience *audience, struct tanda_error *error)
{
	struct value value, exclusion;

	if (parameters == NULL || !member_find(parameters, "Audience", &value))
		return value_fault(parameters != NULL ? parameters : name, error,
		                   "expected an \"Audience\" for the filter Targeting");
	if (value_object(&value, error) < 0 ||
	    read_names(&value, "Users", &audience->users, error) < 0 ||
	    read_groups(&value, audience, error) < 0 ||
	    read_percentage(&value, "DefaultRolloutPercentage", &audience->default_percentage,
	                    error) < 0)
		return -1;
	if (!member_find(&value, "Exclusion", &exclusion))
		return 0;
	if (value_object(&exclusion, error) < 0 ||
	    read_names(&exclusion, "Users", &audience->excluded_users, error) < 0)
		return -1;
	return read_names(&exclusion, "Groups", &audience->excluded_groups, error);
}

/* ---- Percentage ---- */

static int read_chance(struct features *features, const struct value *parameters,
                       struct feature_filter *filter, struct tanda_error *error)
{
	struct value value;

	filter->percentage = -1; /* the library's own default: never */
	if (parameters == NULL || !member_find(parameters, "Value", &value))
		return 0;
	if (read_number(&value, &filter->percentage, error) < 0)
		return -1;
	if (filter->percentage < 0 || filter->percentage > PERCENT)
		features_warn(features, &value, "a percentage of %g is not from 0 to 100: it is %s",
		              filter->percentage,
		              filter->percentage < 0 ? "never on" : "always on");
	return 0;
}

/* ---- any filter ---- */

static enum filter_kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum filter_kind kind;
	} known[] = {
		{"AlwaysOn", FILTER_ALWAYS_ON},
		{"On", FILTER_ALWAYS_ON},
		{"Percentage", FILTER_PERCENTAGE},
		{"Microsoft.Percentage", FILTER_PERCENTAGE},
		{"TimeWindow", FILTER_TIME_WINDOW},
		{"Microsoft.TimeWindow", FILTER_TIME_WINDOW},
		{"Targeting", FILTER_TARGETING},
		{"Microsoft.Targeting", FILTER_TARGETING},
		{"Microsoft.AlwaysOn", FILTER_ALWAYS_ON},
	};
	size_t i;

	for (i = 0; i < countof(known); i++) {
		if (strcasecmp(known[i].name, name) == 0)
			return known[i].kind;
	}
	return FILTER_CUSTOM;
}

static int read_parameters(struct features *features, const struct value *name,
                           const struct value *parameters, struct feature_filter *filter,
                           struct tanda_error *error)
{
	switch (filter->kind) {
	case FILTER_PERCENTAGE:
		return read_chance(features, parameters, filter, error);
	case FILTER_TARGETING:
		return read_audience(name, parameters, &filter->audience, error);
	case FILTER_TIME_WINDOW:
		if (parameters != NULL)
			return window_read(features, parameters, &filter->window, error);
		features_warn(features, name,
		              "a time window without a start and an end is never on");
		return 0;
	case FILTER_ALWAYS_ON:
	case FILTER_CUSTOM:
		break;
	}
	return 0;
}

int feature_filter_read(struct features *features, const struct value *name,
                        const struct value *parameters, struct feature_filter *ret_filter,
                        struct tanda_error *error)
{
	const char *string;

	if (value_name(name, "a filter's name", &string, error) < 0)
		return -1;
	*ret_filter = (struct feature_filter){.kind = kind_of(string), .name = mem_strdup(string)};
	if (read_parameters(features, name, parameters, ret_filter, error) == 0)
		return 0;
	feature_filter_deinit(ret_filter);
	return -1;
}
