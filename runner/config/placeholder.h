/* placeholder.h - "{ids}" and its like: what may stand where, and what it comes to.
 *
 *   {ids}         every test, an argument each: "--spec={ids}" is repeated for each of them
 *   {args}        the suite's args, an argument each; only as a whole argument
 *   {ids,}        every test, joined by commas     {ids|}        joined by bars
 *   {case}        the one case to run of a file    {cases|}      all cases, joined by bars
 *   {id}          the one test of a batch of one
 *   {list}        path of a file with an id a line
 *   {report}      path of the report to write       {report_dir}  folder for reports
 *   {worker}      number of the worker, from 0      {node}        name of its node
 *   {tmp}         an empty folder, gone afterwards  {{            a brace
 *   {script}      the preset's own program, handed to an interpreter
 *   {plugin}      path of the preset's plugin; an argument that holds it is left out where there is
 *                 none
 *   {pool.NAME.KEY}  a property of the pool's member that the batch holds; of several, joined by
 *                 commas
 *
 * The single ones may stand inside a longer argument. A '}' needs no escape. */
#ifndef CONFIG_PLACEHOLDER_H
#define CONFIG_PLACEHOLDER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

/* Where a template stands, which decides what it may hold. */
enum placeholder_place {
	PLACEHOLDER_IN_RUN,  /* a whole command: everything */
	PLACEHOLDER_IN_ARG,  /* args, prefix, values of env: no {ids}, no {args}, no cases */
	PLACEHOLDER_IN_CASE, /* the args that name cases: as in args, and cases */
};

/* Check one argument. `where` is for the message. Fails on an unknown placeholder (naming the known
 * ones), one without its end, and one that may not stand there; {pool.NAME.KEY} may stand anywhere,
 * and whether there is such a pool is not looked at. */
int placeholder_check(const char *string, enum placeholder_place place, const char *where,
                      struct tanda_error *error) __attribute__((warn_unused_result));

/* Does the template (a NULL-terminated argv) use the placeholder, as in "{id}"? */
bool placeholder_is_used(const char *const *argv, const char *placeholder);

/* What a name in braces stands for; NULL: it is not known. Borrowed until the next call. */
typedef const char *placeholder_lookup_fn(const void *data, struct text name);

/* What stands for what; all borrowed. NULL strings expand to nothing. */
struct placeholder_values {
	const char *const *ids; /* as the framework is told; `{id}` is the first */
	size_t id_count;
	const char *const *cases; /* locators, escaped as need be; `{case}` is the first */
	size_t case_count;
	const char *root;      /* the project's folder, absolute, at or above `dir` */
	const char *root_here; /* where that is on this machine; NULL: the same */
	const char *dir;       /* the suite's folder, absolute: what absolute ids begin with */
	const char *list;
	const char *report;
	const char *report_dir;
	uint32_t worker;
	const char *node;
	const char *tmp;
	struct text script;           /* the preset's program */
	const char *plugin;           /* path; NULL: there is none */
	const char *const *args;      /* NULL-terminated or NULL; themselves templates */
	const char *const *case_args; /* as `args`, which they follow */
	/* How an id that begins with '-' is kept from being an option: by one "--" before the first
	 * id if this is set and no "--" stands there already, by "./" in front of it otherwise. */
	bool ids_follow_dashes;
	placeholder_lookup_fn *pool_lookup; /* of "pool.NAME.KEY"; NULL: no pool is held */
	const void *pool_data;
};

/* Expand a checked template. Returns a NULL-terminated argv, freed with mem_free_strings(). */
char **placeholder_expand(const char *const *argv, const struct placeholder_values *values);

/* The same for templates with words of others, such as the keys of a pool's member. */
int placeholder_check_words(const char *string, placeholder_lookup_fn *lookup, const void *data,
                            const char *where, struct tanda_error *error)
	__attribute__((warn_unused_result));
char **placeholder_expand_words(const char *const *templates, placeholder_lookup_fn *lookup,
                                const void *data);

/* Is it "pool.NAME.KEY"? */
bool placeholder_pool(struct text name, struct text *ret_pool, struct text *ret_key);
/* Call back for each name in braces. */
typedef void placeholder_each_fn(void *data, struct text name);
void placeholder_each(const char *string, placeholder_each_fn *on_name, void *data);

/* Expand one checked string, such as a value of the environment. The caller frees it. */
char *placeholder_expand_string(const char *string, const struct placeholder_values *values);
#endif
