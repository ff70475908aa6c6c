/* features_build.h - shared by the files that read feature toggles; not for others. */
#ifndef CONFIG_FEATURES_BUILD_H
#define CONFIG_FEATURES_BUILD_H
#include "runner/config/features_read.h"
#include "runner/config/reader.h"

/* A member by its key in any case; false when it is not there or null. */
bool member_find(const struct value *object, const char *key, struct value *ret_member);
/* true, false, or these words as a string. */
int switch_read(const struct value *value, bool *ret_on, struct tanda_error *error)
	__attribute__((warn_unused_result));
/* Remember an oddity at its place. */
void features_warn(struct features *features, const struct value *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One filter, of either schema: its name, and the object that holds its parameters (NULL: none). */
int feature_filter_read(struct features *features, const struct value *name,
                        const struct value *parameters, struct feature_filter *ret_filter,
                        struct tanda_error *error) __attribute__((warn_unused_result));
/* The parameters of a time window. */
int window_read(struct features *features, const struct value *parameters,
                struct feature_window *ret_window, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
