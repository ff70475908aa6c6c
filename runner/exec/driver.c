/* driver.c - the one place that knows every kind of driver. */
#include "runner/exec/driver.h"

#include <assert.h>

int driver_new(struct loop *loop, const struct driver_listener *listener,
               const struct node_setup *setup, struct driver **ret_driver,
               struct tanda_error *error)
{
	switch (setup->kind) {
	case NODE_LOCAL:
		*ret_driver = local_driver_new(loop, listener, setup->run_id, setup->executors);
		(*ret_driver)->mask = setup->mask;
		return 0;
	case NODE_SSH:
	case NODE_EXEC:
		*ret_driver = shell_driver_new(loop, listener, setup);
		(*ret_driver)->mask = setup->mask;
		return 0;
	case NODE_JENKINS:
		if (jenkins_driver_new(loop, listener, setup, ret_driver, error) < 0)
			return -1;
		(*ret_driver)->mask = setup->mask;
		return 0;
	}
	assert(false); /* no such kind */
	return -1;
}
