/* feature.c - see feature.h. */
#include "shards/model/feature.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shards/base/mem.h"
#include "shards/base/sha256.h"

enum { PERCENT = 100, FORCED_MAX_BYTES = 64 * 1024 };

const char *feature_state_word(enum feature_state state)
{
	static const char *const words[] = {"off", "on", "unknown"};

	assert((size_t)state < countof(words));
	return words[state];
}

/* ---- who is meant ---- */

double feature_percentage_of(struct text text)
{
	uint8_t digest[SHA256_BYTES];
	uint32_t number;

	sha256(text, digest);
	number = (uint32_t)digest[0] | (uint32_t)digest[1] << 8 | (uint32_t)digest[2] << 16 |
	         (uint32_t)digest[3] << 24;
	return (double)number / UINT32_MAX * PERCENT;
}

static bool is_among(const char *wanted, char *const *names)
{
	size_t i;

	for (i = 0; wanted != NULL && names != NULL && names[i] != NULL; i++) {
		if (strcmp(names[i], wanted) == 0)
			return true;
	}
	return false;
}

/* The share of "USER\nFEATURE", or of "USER\nFEATURE\nGROUP". */
static bool is_rolled_out(const char *user, const char *feature, const char *group,
                          double percentage)
{
	char *text = mem_printf("%s\n%s%s%s", user, feature, group != NULL ? "\n" : "",
	                        group != NULL ? group : "");
	bool holds = percentage >= PERCENT || feature_percentage_of(text_from(text)) < percentage;

	free(text);
	return holds;
}

static const struct feature_group *find_group(const struct feature_audience *audience,
                                              const char *name)
{
	size_t i;

	for (i = 0; i < audience->group_count; i++) {
		if (strcmp(audience->groups[i].name, name) == 0)
			return &audience->groups[i];
	}
	return NULL;
}

static bool is_excluded(const struct feature_audience *audience,
                        const struct feature_context *context)
{
	size_t i;

	if (is_among(context->user, audience->excluded_users))
		return true;
	for (i = 0; context->groups != NULL && context->groups[i] != NULL; i++) {
		if (is_among(context->groups[i], audience->excluded_groups))
			return true;
	}
	return false;
}

/* Does it mean everybody, or nobody, so that it matters not who asks? */
static bool is_settled(const struct feature_audience *audience, enum feature_state *ret_state)
{
	bool has_exclusion = (audience->excluded_users != NULL && audience->excluded_users[0]) ||
	                     (audience->excluded_groups != NULL && audience->excluded_groups[0]);
	bool has_users = audience->users != NULL && audience->users[0] != NULL;

	*ret_state = audience->default_percentage >= PERCENT ? FEATURE_ON : FEATURE_OFF;
	if (*ret_state == FEATURE_ON)
		return !has_exclusion;
	return audience->default_percentage <= 0 && !has_users && audience->group_count == 0;
}

static enum feature_state targeting(const struct feature *feature,
                                    const struct feature_audience *audience,
                                    const struct feature_context *context)
{
	enum feature_state state;
	size_t i;

	if (is_settled(audience, &state))
		return state;
	if (context->user == NULL && context->groups == NULL)
		return FEATURE_UNKNOWN;
	if (is_excluded(audience, context))
		return FEATURE_OFF;
	if (is_among(context->user, audience->users))
		return FEATURE_ON;
	for (i = 0; context->groups != NULL && context->groups[i] != NULL; i++) {
		const struct feature_group *group = find_group(audience, context->groups[i]);

		if (group != NULL && is_rolled_out(context->user != NULL ? context->user : "",
		                                   feature->name, group->name, group->percentage))
			return FEATURE_ON;
	}
	return is_rolled_out(context->user != NULL ? context->user : "", feature->name, NULL,
	                     audience->default_percentage)
	               ? FEATURE_ON
	               : FEATURE_OFF;
}

/* ---- filters ---- */

static void add_reason(struct text_buf *reason, const struct feature_filter *filter,
                       const char *words)
{
	if (reason != NULL)
		text_buf_printf(reason, "%sfilter '%.80s' %s", reason->len > 0 ? ", " : "",
		                filter->name, words);
}

static enum feature_state filter_state(const struct feature *feature,
                                       const struct feature_filter *filter,
                                       const struct feature_context *context,
                                       struct text_buf *reason)
{
	enum feature_state state = FEATURE_UNKNOWN;

	switch (filter->kind) {
	case FILTER_ALWAYS_ON:
		return FEATURE_ON;
	case FILTER_TIME_WINDOW:
		return feature_window_holds(&filter->window, context->now_ms) ? FEATURE_ON
		                                                              : FEATURE_OFF;
	case FILTER_PERCENTAGE:
		if (filter->percentage <= 0 || filter->percentage >= PERCENT)
			return filter->percentage <= 0 ? FEATURE_OFF : FEATURE_ON;
		add_reason(reason, filter, "draws anew each time");
		break;
	case FILTER_TARGETING:
		state = targeting(feature, &filter->audience, context);
		if (state == FEATURE_UNKNOWN)
			add_reason(reason, filter,
			           "depends on who asks, which \"features\" does not say");
		break;
	case FILTER_CUSTOM:
		add_reason(reason, filter, "is the application's own");
		break;
	}
	return state;
}

enum feature_state feature_evaluate(const struct feature *feature,
                                    const struct feature_context *context, struct text_buf *reason)
{
	/* The state that settles it by itself, and the one that is left when none does. */
	enum feature_state settles = feature->needs_all ? FEATURE_OFF : FEATURE_ON;
	enum feature_state left = feature->needs_all ? FEATURE_ON : FEATURE_OFF;
	enum feature_state result;
	size_t i;

	if (!feature->enabled)
		return FEATURE_OFF;
	result = feature->filter_count > 0 ? left : FEATURE_ON;
	for (i = 0; i < feature->filter_count && result != settles; i++) {
		enum feature_state state =
			filter_state(feature, &feature->filters[i], context, reason);

		if (state == settles || state == FEATURE_UNKNOWN)
			result = state;
		if (state == settles && reason != NULL)
			text_buf_clear(reason);
		if (state == settles)
			break;
	}
	if (feature->varies && result == FEATURE_ON) {
		if (reason != NULL)
			text_buf_add_str(reason, "its variants may override its state");
		return FEATURE_UNKNOWN;
	}
	return result;
}

/* ---- forcing ---- */

struct forced {
	char **entries;
	size_t count, cap;
};

static void force(struct forced *forced, char *entry)
{
	forced->entries = mem_grow(forced->entries, &forced->cap, forced->count + 2,
	                           sizeof(forced->entries[0]));
	forced->entries[forced->count++] = entry;
	forced->entries[forced->count] = NULL;
}

/* A variable can replace a value of the file but not take one away: "false" leaves the filters of a
 * toggle in force. So each filter loses its name, and is passed over. */
static void force_feature(struct forced *forced, const struct feature *feature, const char *name,
                          bool is_on)
{
	size_t i;

	force(forced, mem_printf("FeatureManagement__%s=%s", name, is_on ? "true" : "false"));
	for (i = 0; feature != NULL && !feature->is_flag && !is_on && i < feature->written_filters;
	     i++)
		force(forced, mem_printf("FeatureManagement__%s__EnabledFor__%zu__Name=", name, i));
}

static void force_flag(struct forced *forced, const struct feature *feature, bool is_on)
{
	char *flag = mem_printf("feature_management__feature_flags__%zu", feature->position);

	force(forced, mem_printf("%s__enabled=%s", flag, is_on ? "true" : "false"));
	if (is_on && feature->written_filters > 0) {
		force(forced, mem_printf("%s__conditions__client_filters__0__name=AlwaysOn", flag));
		force(forced, mem_printf("%s__conditions__requirement_type=Any", flag));
	}
	free(flag);
}

char **feature_forced(const struct feature *feature, const char *name, bool is_on)
{
	struct forced forced = {0};

	force_feature(&forced, feature, feature != NULL ? feature->name : name, is_on);
	if (feature != NULL && feature->is_flag)
		force_flag(&forced, feature, is_on);
	return forced.entries;
}

/* ---- all of them ---- */

const struct feature *features_find(const struct features *features, const char *name)
{
	const struct feature *found = NULL;
	size_t i;

	for (i = 0; i < features->count; i++) {
		const struct feature *feature = &features->list[i];

		if (strcasecmp(feature->name, name) == 0 &&
		    (found == NULL || feature->is_flag || !found->is_flag))
			found = feature;
	}
	return found;
}

static void audience_deinit(struct feature_audience *audience)
{
	size_t i;

	for (i = 0; i < audience->group_count; i++)
		free(audience->groups[i].name);
	free(audience->groups);
	mem_free_strings(audience->users);
	mem_free_strings(audience->excluded_users);
	mem_free_strings(audience->excluded_groups);
}

void feature_filter_deinit(struct feature_filter *filter)
{
	audience_deinit(&filter->audience);
	free(filter->name);
}

void features_deinit(struct features *features)
{
	size_t i, j;

	for (i = 0; i < features->count; i++) {
		struct feature *feature = &features->list[i];

		for (j = 0; j < feature->filter_count; j++)
			feature_filter_deinit(&feature->filters[j]);
		free(feature->filters);
		free(feature->name);
		free(feature->place);
	}
	for (i = 0; i < features->warning_count; i++)
		free(features->warnings[i]);
	free(features->warnings);
	free(features->list);
	*features = (struct features){0};
}
