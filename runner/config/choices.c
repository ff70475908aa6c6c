/* choices.c - the words for each enum that a configuration may set. */
#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/mem.h"

#define CHOICES(name, list) \
	const struct choices choices_##name = {.words = (list), .count = countof(list)}

static const char *const case_key_words[] = {
	[CASE_KEY_ONLY] = "only",
	[CASE_KEY_FILE] = "file",
	[CASE_KEY_PATH] = "path",
	[CASE_KEY_BASENAME] = "basename",
	[CASE_KEY_CLASSNAME] = "classname",
	[CASE_KEY_CLASS_PATH] = "class_path",
	[CASE_KEY_SUITE_PATH] = "suite_path",
	[CASE_KEY_REPORT] = "report",
	[CASE_KEY_CLASS] = "class",
	[CASE_KEY_PACKAGE] = "package",
};
CHOICES(case_key, case_key_words);

static const char *const listing_words[] = {
	[LISTING_NONE] = "none",
	[LISTING_PYTEST] = "pytest",
	[LISTING_BEHAVE] = "behave",
	[LISTING_CUCUMBER] = "cucumber",
	[LISTING_COUNT] = "count",
	[LISTING_FILES] = "files",
	[LISTING_MOCHA] = "mocha",
	[LISTING_VITEST] = "vitest",
	[LISTING_PLAYWRIGHT] = "playwright",
	[LISTING_NEWMAN] = "newman",
	[LISTING_RSPEC] = "rspec",
	[LISTING_CTEST] = "ctest",
	[LISTING_GTEST] = "gtest",
};
CHOICES(listing, listing_words);

static const char *const id_form_words[] = {
	[IDS_ARE_PATHS] = "paths",
	[IDS_ARE_GLOBS] = "globs",
	[IDS_ARE_REGEXES] = "regexes",
	[IDS_ARE_CLASSES] = "classes",
};
CHOICES(id_form, id_form_words);

static const char *const unit_words[] = {
	[UNIT_FILE] = "file",
	[UNIT_FOLDER] = "folder",
	[UNIT_CASE] = "case",
};
CHOICES(unit, unit_words);

static const char *const report_format_words[] = {
	[REPORTS_ARE_JUNIT] = "junit",
	[REPORTS_ARE_TAP] = "tap",
};
CHOICES(report_format, report_format_words);

static const char *const case_form_words[] = {
	[CASE_IS_NONE] = "none",
	[CASE_IS_ID] = "id",
	[CASE_IS_ARGS] = "args",
};
CHOICES(case_form, case_form_words);

static const char *const stop_signal_words[] = {
	[STOP_BY_TERM] = "TERM",
	[STOP_BY_INT] = "INT",
	[STOP_BY_HUP] = "HUP",
	[STOP_BY_QUIT] = "QUIT",
};
CHOICES(stop_signal, stop_signal_words);

static const char *const split_words[] = {
	[SPLIT_NONE] = "none",
	[SPLIT_AUTO] = "auto",
};
CHOICES(split, split_words);

static const char *const usage_words[] = {
	[USAGE_NORMAL] = "normal",
	[USAGE_EXCLUSIVE] = "exclusive",
};
CHOICES(usage, usage_words);

static const char *const workspace_words[] = {
	[WORKSPACE_SYNC] = "sync",
	[WORKSPACE_GIT] = "git",
	[WORKSPACE_SHARED] = "shared",
};
CHOICES(workspace, workspace_words);

static const char *const progress_words[] = {
	[TELLS_NOTHING] = "none",
	[TELLS_BY_REPORTS] = "reports",
	[TELLS_BY_LINES] = "lines",
};
CHOICES(progress, progress_words);

static const char *const unclaimed_words[] = {
	[UNCLAIMED_SELECTS_ALL] = "all",
	[UNCLAIMED_SELECTS_NOTHING] = "nothing",
};
CHOICES(unclaimed, unclaimed_words);

static const char *const states_words[] = {
	[STATES_CURRENT] = "current",
	[STATES_BOTH] = "both",
};
CHOICES(states, states_words);
