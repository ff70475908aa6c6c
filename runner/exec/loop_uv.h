/* loop_uv.h - the libuv loop inside a struct loop; for runner/exec alone. */
#ifndef EXEC_LOOP_UV_H
#define EXEC_LOOP_UV_H
#include <uv.h>

struct loop;

uv_loop_t *loop_uv(struct loop *loop);
#endif
