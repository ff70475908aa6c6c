/* preset.h - the frameworks that tanda knows, as data built into it. */
#ifndef CONFIG_PRESET_H
#define CONFIG_PRESET_H
#include "runner/config/config.h"

struct tanda_error;

/* Their names, sorted, NULL-terminated. */
const char *const *preset_names(void);

/* Fill *ret_preset with a framework's data; free it with preset_deinit(). Fails when it is unknown,
 * without a place and without a hint. */
int preset_load(const char *name, struct preset *ret_preset, struct tanda_error *error)
	__attribute__((warn_unused_result));
void preset_deinit(struct preset *preset);
#endif
