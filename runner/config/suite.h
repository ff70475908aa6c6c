/* suite.h - a suite of the configuration: reading it, and what must hold for it as a whole. */
#ifndef CONFIG_SUITE_H
#define CONFIG_SUITE_H
#include "runner/config/config.h"
#include "runner/config/reader.h"

struct tanda_error;

/* The next suite of `config`, empty, for the caller to fill. */
struct suite *suite_add(struct config *config, const char *name);

/* Give the suite its framework's preset. Fails when it is unknown, as preset_load() does. */
int suite_set_framework(struct suite *suite, const char *framework, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Fill in what follows from the preset, once all keys are read. */
void suite_complete(struct suite *suite);

void suite_deinit(struct suite *suite);
#endif
