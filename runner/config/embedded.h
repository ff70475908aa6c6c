/* embedded.h - the files built into the program; embed.py writes their bytes at build time. */
#ifndef CONFIG_EMBEDDED_H
#define CONFIG_EMBEDDED_H
#include <stdbool.h>

#include "shards/base/text.h"

struct embedded_file {
	const char *name; /* "behave.json", "tanda.schema.json" */
	struct text content;
};

extern const struct embedded_file embedded_files[]; /* ended by a NULL name */
extern const char *const embedded_preset_names[];   /* sorted, ended by NULL */

/* False when there is none of that name. */
bool embedded_find(const char *name, struct text *ret_content);
#endif
