/* plugins.h - what tanda puts into frameworks so that they tell where they are. */
#ifndef RUN_PLUGINS_H
#define RUN_PLUGINS_H
#include "runner/run/command.h"

struct tanda_error;

/* Write the plugins of the project's suites where command_plugins_dir() says. Without them the
 * frameworks run as ever, so a failure is a warning. */
int plugins_write(const struct command_context *context, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
