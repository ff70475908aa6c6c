/* build.h - making a configuration, whether it is read or detected. */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H
#include <stddef.h>

#include "runner/config/config.h"

struct tanda_error;

/* All defaults, no suite. `root` is absolute. */
struct config *config_new(const char *root);

int config_apply(struct config *config, const struct config_override *overrides,
                 size_t override_count, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
