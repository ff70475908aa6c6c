/* test_feature.c - windows that recur, shares of users, and the variables that force a toggle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shards/base/date.h"
#include "shards/base/mem.h"
#include "shards/base/sha256.h"
#include "shards/model/feature.h"

enum { HOUR_MS = 3600000, DAY_MS = 86400000, WEEK = 7 };

static void the_digest_is_the_standards(void **state)
{
	static const struct {
		size_t len;
		const char *digest;
	} lengths[] = {{55, "\x9f\x43\x90\xf8\xd3\x0c\x2d\xd9"},
	               {56, "\xb3\x54\x39\xa4\xac\x6f\x09\x48"},
	               {64, "\xff\xe0\x54\xfe\x7a\xe0\xcb\x6d"}};
	char letters[64];
	uint8_t digest[SHA256_BYTES];
	size_t i;

	(void)state;
	memset(letters, 'a', sizeof(letters));
	for (i = 0; i < countof(lengths); i++) { /* where the padding just fits, and does not */
		sha256((struct text){letters, lengths[i].len}, digest);
		assert_memory_equal(digest, lengths[i].digest, 8);
	}
	sha256(TEXT_EMPTY, digest);
	assert_memory_equal(digest, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8);
	sha256(TEXT_LIT("abc"), digest);
	assert_memory_equal(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
	sha256(TEXT_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), digest);
	assert_memory_equal(digest, "\x24\x8d\x6a\x61\xd2\x06\x38\xb8", 8);
	assert_true(feature_percentage_of(TEXT_LIT("abc")) > 74.6436 &&
	            feature_percentage_of(TEXT_LIT("abc")) < 74.6437);
	assert_true(feature_percentage_of(TEXT_LIT("juan\nBeta")) > 67.4216 &&
	            feature_percentage_of(TEXT_LIT("juan\nBeta")) < 67.4217);
}

/* Counted out day by day: the slow way, which cannot be wrong in the same manner. */
static bool holds_slowly(const struct feature_window *w, int64_t now_ms)
{
	int64_t local_ms = w->start.unix_ms + (int64_t)w->start.offset_minutes * 60000;
	int64_t first_day = local_ms / DAY_MS, number = 0, day;
	int32_t start_place = (date_weekday(first_day) - w->first_weekday + WEEK) % WEEK;
	int64_t lasts_ms = w->end.unix_ms - w->start.unix_ms;
	bool holds = now_ms >= w->start.unix_ms && now_ms < w->end.unix_ms;

	for (day = 0; w->start.unix_ms + day * DAY_MS <= now_ms; day++) {
		int64_t begins_ms = w->start.unix_ms + day * DAY_MS;
		int64_t week = (day + start_place) / WEEK;
		bool is_chosen =
			w->recurrence == RECURS_DAILY
				? day % w->interval == 0
				: week % w->interval == 0 &&
					  (w->weekdays >> date_weekday(first_day + day) & 1) != 0;

		if (!is_chosen)
			continue;
		number++;
		if ((w->until == RECURS_UNTIL && begins_ms > w->last_ms) ||
		    (w->until == RECURS_TIMES && number > w->times_max))
			break;
		holds |= now_ms < begins_ms + lasts_ms;
	}
	return holds;
}

static void check_window(struct feature_window *w)
{
	int64_t offset;

	for (offset = -DAY_MS; offset < 60 * (int64_t)DAY_MS; offset += 5 * HOUR_MS) {
		int64_t now_ms = w->start.unix_ms + offset;

		if (feature_window_holds(w, now_ms) != holds_slowly(w, now_ms))
			fail_msg(
				"recurs %d, every %d, days %x, week from %d, until %d: %lld ms after",
				w->recurrence, w->interval, w->weekdays, w->first_weekday, w->until,
				(long long)offset);
	}
}

static void recurrences_are_those_that_counting_gives(void **state)
{
	struct feature_window w = {.has_start = true, .has_end = true};
	unsigned days, until;

	(void)state;
	for (days = 1; days < 128; days++) {
		int32_t weekday = 0;

		while ((days >> weekday & 1) == 0)
			weekday++;
		for (until = RECURS_FOR_EVER; until <= RECURS_TIMES; until++) {
			w.recurrence = RECURS_WEEKLY;
			w.weekdays = (uint8_t)days;
			w.first_weekday = (int32_t)(days % WEEK);
			w.interval = 1 + (int32_t)(days % 3);
			w.until = (enum recurrence_end)until;
			w.times_max = 1 + (int64_t)(days % 9);
			w.start.offset_minutes = days % 2 == 0 ? 540 : -300;
			/* a Sunday at 06:00, then the first of the chosen days, by local time */
			w.start.unix_ms = INT64_C(1556431200000) + weekday * (int64_t)DAY_MS -
			                  (int64_t)w.start.offset_minutes * 60000;
			w.end.unix_ms = w.start.unix_ms + 7 * HOUR_MS;
			w.last_ms = w.start.unix_ms + (int64_t)days * DAY_MS / 4;
			check_window(&w);
			w.recurrence = RECURS_DAILY;
			check_window(&w);
		}
	}
}

static void a_window_is_open_from_its_start_and_closed_at_its_end(void **state)
{
	struct feature_window w = {
		.has_start = true, .has_end = true, .start.unix_ms = 1000, .end.unix_ms = 2000};

	(void)state;
	assert_false(feature_window_holds(&w, 999));
	assert_true(feature_window_holds(&w, 1000));
	assert_true(feature_window_holds(&w, 1999));
	assert_false(feature_window_holds(&w, 2000));
	w.has_end = false;
	assert_true(feature_window_holds(&w, INT64_MAX));
	w.has_start = false;
	assert_false(feature_window_holds(&w, 1500));
	w.has_end = true;
	assert_true(feature_window_holds(&w, INT64_MIN));
}

static void expect_forced(const struct feature *feature, const char *name, bool is_on,
                          const char *const *wanted)
{
	char **forced = feature_forced(feature, name, is_on);
	size_t i;

	for (i = 0; wanted[i] != NULL; i++) {
		assert_non_null(forced[i]);
		assert_string_equal(forced[i], wanted[i]);
	}
	assert_null(forced[i]);
	mem_free_strings(forced);
}

static void a_toggle_is_forced_whatever_its_file_says(void **state)
{
	struct feature plain = {.name = (char *)"Beta", .written_filters = 2};
	struct feature flag = {
		.name = (char *)"Beta", .is_flag = true, .position = 3, .written_filters = 1};

	(void)state;
	expect_forced(NULL, "New", true, (const char *[]){"FeatureManagement__New=true", NULL});
	expect_forced(&plain, "beta", true, (const char *[]){"FeatureManagement__Beta=true", NULL});
	expect_forced(&plain, "beta", false,
	              (const char *[]){"FeatureManagement__Beta=false",
	                               "FeatureManagement__Beta__EnabledFor__0__Name=",
	                               "FeatureManagement__Beta__EnabledFor__1__Name=", NULL});
	expect_forced(
		&flag, "beta", true,
		(const char *[]){
			"FeatureManagement__Beta=true",
			"feature_management__feature_flags__3__enabled=true",
			"feature_management__feature_flags__3__conditions__client_filters__0__name="
			"AlwaysOn",
			"feature_management__feature_flags__3__conditions__requirement_type=Any",
			NULL});
	expect_forced(&flag, "beta", false,
	              (const char *[]){"FeatureManagement__Beta=false",
	                               "feature_management__feature_flags__3__enabled=false",
	                               NULL});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_digest_is_the_standards),
		cmocka_unit_test(recurrences_are_those_that_counting_gives),
		cmocka_unit_test(a_window_is_open_from_its_start_and_closed_at_its_end),
		cmocka_unit_test(a_toggle_is_forced_whatever_its_file_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
