/* feature.h - the application's feature toggles, and whether one is on: pure, of what a
 * Microsoft.FeatureManagement configuration says, of the time, and of who asks.
 *
 * An answer may be "nobody can know": a filter of the application's own, or one that draws a number
 * each time. That is never taken for on or off. */
#ifndef MODEL_FEATURE_H
#define MODEL_FEATURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/moment.h"
#include "shards/base/text.h"

enum feature_state { FEATURE_OFF, FEATURE_ON, FEATURE_UNKNOWN };

enum filter_kind {
	FILTER_ALWAYS_ON,
	FILTER_PERCENTAGE,  /* drawn anew each time */
	FILTER_TIME_WINDOW, /* once, or again and again */
	FILTER_TARGETING,   /* by user and group */
	FILTER_CUSTOM,      /* of the application's own */
};

enum recurrence_kind { RECURS_NEVER, RECURS_DAILY, RECURS_WEEKLY };
enum recurrence_end { RECURS_FOR_EVER, RECURS_UNTIL, RECURS_TIMES };

/* Start <= now < end; either may be missing. A window that recurs has both. */
struct feature_window {
	bool has_start, has_end;
	struct moment start, end;
	enum recurrence_kind recurrence;
	int32_t interval;      /* days or weeks; at least 1 */
	uint8_t weekdays;      /* a bit each, 1 << 0 for Sunday; not 0, holds start's */
	int32_t first_weekday; /* 0: Sunday */
	enum recurrence_end until;
	int64_t last_ms;   /* RECURS_UNTIL: none begins later */
	int64_t times_max; /* RECURS_TIMES; at least 1 */
};

struct feature_group {
	char *name;
	double percentage; /* 0..100 */
};

struct feature_audience {
	char **users, **excluded_users, **excluded_groups; /* NULL-terminated, or NULL */
	struct feature_group *groups;
	size_t group_count;
	double default_percentage; /* 0..100 */
};

struct feature_filter {
	enum filter_kind kind;
	char *name;        /* as it is written */
	double percentage; /* FILTER_PERCENTAGE */
	struct feature_window window;
	struct feature_audience audience;
};

/* One toggle. Without filters it is on or off; `enabled` false is off whatever they say. */
struct feature {
	char *name;
	char *place; /* "appsettings.json:12:5" */
	bool enabled;
	bool needs_all; /* every filter has to hold, else one is enough */
	bool varies;    /* a variant may override its state, which only the application tells */
	struct feature_filter *filters;
	size_t filter_count;
	/* How it is written, so that it can be forced: */
	bool is_flag;    /* of the Microsoft schema */
	size_t position; /* in its array of flags */
	size_t written_filters;
};

/* Who asks, and when. */
struct feature_context {
	int64_t now_ms;
	const char *user;          /* NULL: not known */
	const char *const *groups; /* NULL-terminated; NULL: none */
};

/* Is it on? Appends why, where that is more than the configuration says by itself ("filter 'Beta'
 * is the application's own"); `reason` may be NULL. */
enum feature_state feature_evaluate(const struct feature *feature,
                                    const struct feature_context *context, struct text_buf *reason);
const char *feature_state_word(enum feature_state state); /* "off", "on", "unknown" */

/* Is `now_ms` within the window, or one of its recurrences? */
bool feature_window_holds(const struct feature_window *window, int64_t now_ms);
/* The share of a text, 0..100, by which rollouts are decided. */
double feature_percentage_of(struct text text);

/* The variables, "NAME=VALUE" each, that make an application read the toggle `name` as on or off
 * whatever its file says; `feature` is NULL when the file does not have it. NULL-terminated, the
 * caller's to free with mem_free_strings(). */
char **feature_forced(const struct feature *feature, const char *name, bool is_on);

/* All toggles of a configuration; a name is found without regard to case. */
struct features {
	struct feature *list;
	size_t count, cap;
	char **warnings; /* odd, but understood: "appsettings.json:4:9: ..." */
	size_t warning_count, warning_cap;
};

void features_deinit(struct features *features);
/* The last of that name counts; of the two schemas' the Microsoft one's. NULL: there is none. */
const struct feature *features_find(const struct features *features, const char *name);
void feature_filter_deinit(struct feature_filter *filter);
#endif
