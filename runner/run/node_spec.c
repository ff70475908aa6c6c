/* node_spec.c - see node_spec.h. */
#include "runner/run/node_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/base/text.h"
#include "tanda/error.h"

static const double speed_max = 1000;

static const char *own(struct node_specs *specs, struct text text)
{
	specs->strings = mem_grow(specs->strings, &specs->string_cap, specs->string_count + 1,
	                          sizeof(specs->strings[0]));
	specs->strings[specs->string_count] = text_dup(text);
	return specs->strings[specs->string_count++];
}

static int fail(struct text part, struct tanda_error *error)
{
	tanda_error_set(error, "--nodes",
	                "'%.*s': expected NAME:EXECUTORS, such as box:4; then xSPEED, /CPUS and "
	                "+LABEL may follow",
	                TEXT_ARG(text_head(part, 200)));
	tanda_error_hint(error, "for example: --nodes local:2,box:4x1.5/8+linux+browser");
	return -1;
}

/* Split off what comes before the first of `ends`; the rest begins with it. */
static struct text take_until(struct text *rest, const char *ends)
{
	struct text taken = *rest;
	size_t i;

	for (i = 0; i < rest->len && strchr(ends, rest->ptr[i]) == NULL; i++)
		;
	taken.len = i;
	*rest = text_from_offset(*rest, i);
	return taken;
}

static bool take_mark(struct text *rest, char mark)
{
	if (rest->len == 0 || rest->ptr[0] != mark)
		return false;
	*rest = text_from_offset(*rest, 1);
	return true;
}

static bool to_count(struct text text, uint32_t most, uint32_t *ret_count)
{
	uint64_t value;

	if (!text_to_u64(text, &value) || value < 1 || value > most)
		return false;
	*ret_count = (uint32_t)value;
	return true;
}

static bool to_speed(struct text text, double *ret_speed)
{
	char *string = text_dup(text);
	char *end;
	double value;
	bool is_good;

	errno = 0;
	value = strtod(string, &end);
	is_good = errno == 0 && end != string && *end == '\0' && value > 0 && value <= speed_max;
	free(string);
	if (is_good)
		*ret_speed = value;
	return is_good;
}

static const char **take_labels(struct node_specs *specs, struct text *rest)
{
	size_t count = 0, cap = 0;
	const char **labels = mem_grow(NULL, &cap, 1, sizeof(labels[0]));

	while (take_mark(rest, '+')) {
		labels = mem_grow(labels, &cap, count + 2, sizeof(labels[0]));
		labels[count++] = own(specs, take_until(rest, "+"));
	}
	labels[count] = NULL;
	return labels;
}

static int parse_node(struct node_specs *specs, struct text part, struct tanda_error *error)
{
	struct plan_node *node = &specs->nodes[specs->count];
	struct text rest = part, name = take_until(&rest, ":");

	*node = (struct plan_node){.speed = 1};
	if (name.len == 0 || !take_mark(&rest, ':') ||
	    !to_count(take_until(&rest, "x/+"), WORKERS_MAX, &node->executors))
		return fail(part, error);
	if (take_mark(&rest, 'x') && !to_speed(take_until(&rest, "/+"), &node->speed))
		return fail(part, error);
	if (take_mark(&rest, '/') && !to_count(take_until(&rest, "+"), WORKERS_MAX, &node->cpus))
		return fail(part, error);
	node->name = own(specs, name);
	specs->labels[specs->count] = take_labels(specs, &rest);
	node->labels = specs->labels[specs->count++];
	return rest.len == 0 ? 0 : fail(part, error);
}

int node_specs_parse(const char *text, struct node_specs *ret_specs, struct tanda_error *error)
{
	struct node_specs specs = {
		.nodes = mem_calloc(NODES_MAX, sizeof(specs.nodes[0])),
		.labels = mem_calloc(NODES_MAX, sizeof(specs.labels[0])),
	};
	struct text rest = text_from(text);
	int status = 0;

	do {
		if (specs.count == NODES_MAX) {
			tanda_error_set(error, "--nodes", "more than %d nodes", NODES_MAX);
			status = -1;
			break;
		}
		status = parse_node(&specs, take_until(&rest, ","), error);
	} while (status == 0 && take_mark(&rest, ','));
	if (status == 0)
		*ret_specs = specs;
	else
		node_specs_deinit(&specs);
	return status;
}

void node_specs_deinit(struct node_specs *specs)
{
	size_t i;

	for (i = 0; i < specs->string_count; i++)
		free(specs->strings[i]);
	for (i = 0; i < specs->count; i++)
		free(specs->labels[i]);
	free(specs->strings);
	free(specs->labels);
	free(specs->nodes);
	*specs = (struct node_specs){0};
}
