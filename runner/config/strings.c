/* strings.c - the kinds that hold several strings: globs, commands, environments. */
#include <stdlib.h>
#include <string.h>

#include "runner/config/field.h"
#include "runner/config/placeholder.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { STRINGS_MAX = 10000 };

char **strings_dup(char *const *strings)
{
	size_t count = 0, i;
	char **copy;

	while (strings != NULL && strings[count] != NULL)
		count++;
	copy = mem_calloc(count + 1, sizeof(copy[0]));
	for (i = 0; i < count; i++)
		copy[i] = mem_strdup(strings[i]);
	return copy;
}

json_t *strings_to_json(char *const *strings)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; strings[i] != NULL; i++)
		json_array_append_new(array, json_string(strings[i]));
	return array;
}

/* Fails when one element is not fit for its purpose. */
typedef int element_check_fn(const struct value *element, const char *string,
                             struct tanda_error *error);

static int take_strings(const struct value *value, const char *what, size_t min,
                        element_check_fn *check, char **strings, struct tanda_error *error)
{
	struct value_iter iter = value_children(value);
	struct value element;
	const char *string;
	size_t count = 0;

	if (json_array_size(value->json) < min)
		return value_expected(value, error, "%s, at least %zu", what, min);
	while (value_next(&iter, &element)) {
		if (value_string(&element, "a string", &string, error) < 0 ||
		    check(&element, string, error) < 0)
			return -1;
		strings[count++] = mem_strdup(string);
	}
	return 0;
}

/* Read an array of strings into the slot. */
static int read_array(const struct value *value, const char *what, size_t min,
                      element_check_fn *check, void *base, const struct key *key,
                      struct tanda_error *error)
{
	char ***slot = (void *)((char *)base + key->offset), **strings;

	if (!json_is_array(value->json) || json_array_size(value->json) > STRINGS_MAX)
		return value_expected(value, error, "%s", what);
	strings = mem_calloc(json_array_size(value->json) + 1, sizeof(strings[0]));
	if (take_strings(value, what, min, check, strings, error) < 0) {
		mem_free_strings(strings);
		return -1;
	}
	mem_free_strings(*slot);
	*slot = strings;
	return 0;
}

/* As read_array(), where one string may stand for an array of it. */
static int read_one_or_more(const struct value *value, const char *what, size_t min,
                            element_check_fn *check, void *base, const struct key *key,
                            struct tanda_error *error)
{
	char ***slot = (void *)((char *)base + key->offset);
	const char *string = json_string_value(value->json);

	if (string == NULL)
		return read_array(value, what, min, check, base, key, error);
	if (check(value, string, error) < 0)
		return -1;
	mem_free_strings(*slot);
	*slot = mem_calloc(2, sizeof((*slot)[0]));
	(*slot)[0] = mem_strdup(string);
	return 0;
}

static json_t *write_array(const void *base, const struct key *key)
{
	char **const *slot = (const void *)((const char *)base + key->offset);

	return *slot != NULL ? strings_to_json(*slot) : NULL;
}

static json_t *write_one_or_more(const void *base, const struct key *key)
{
	char **const *slot = (const void *)((const char *)base + key->offset);

	if (*slot != NULL && (*slot)[0] != NULL && (*slot)[1] == NULL)
		return json_string((*slot)[0]);
	return write_array(base, key);
}

static int check_name(const struct value *element, const char *string, struct tanda_error *error)
{
	(void)string;
	return value_name(element, "a name", &string, error);
}

static int read_names(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	return read_one_or_more(value, "an array of names", 0, check_name, base, key, error);
}

const struct field field_names = {.read = read_names, .write = write_one_or_more};

/* Is one of the segments ".."? In a glob, alternatives in braces begin and end segments too. */
static bool leaves_its_folder(const char *path)
{
	const char *found = path;

	while ((found = strstr(found, "..")) != NULL) {
		bool begins = found == path || strchr("/{,", found[-1]) != NULL;

		if (begins && strchr("/},", found[2]) != NULL) /* or at the end: its NUL is found */
			return true;
		found++;
	}
	return false;
}

/* Returns what a glob lacks, or NULL. */
static const char *glob_fault(const char *glob)
{
	bool is_open = false, has_area = false;

	for (; *glob != '\0'; glob++) {
		if (*glob == '\\' && glob[1] != '\0') {
			glob++;
		} else if (*glob == '[') {
			/* A ']' that comes first, or behind '!', is a member. */
			size_t skip = glob[1] == '!' || glob[1] == '^' ? 2 : 1;
			const char *end = glob[skip] != '\0' ? strchr(glob + skip + 1, ']') : NULL;

			if (end == NULL)
				return "a \"]\" for its \"[\"";
			glob = end;
		} else if (*glob == '{' && is_open) {
			return "no braces within braces";
		} else if (*glob == '{') {
			if (strncmp(glob, "{area}", 6) == 0 && has_area)
				return "{area} once only";
			has_area = has_area || strncmp(glob, "{area}", 6) == 0;
			is_open = true;
		} else if (*glob == '}') {
			is_open = false;
		}
	}
	return is_open ? "a \"}\" for its \"{\"" : NULL;
}

static int check_glob(const struct value *element, const char *string, struct tanda_error *error)
{
	const char *fault;

	if (value_name(element, "a file pattern", &string, error) < 0)
		return -1;
	if (string[0] == '/')
		return value_expected(element, error, "a relative file pattern");
	if (leaves_its_folder(string))
		return value_expected(element, error, "a file pattern without \"..\"");
	fault = glob_fault(string);
	return fault != NULL ? value_expected(element, error, "a file pattern with %s", fault) : 0;
}

/* Sources may lie beside or above the project, in the same repository. */
static int check_path_glob(const struct value *element, const char *string,
                           struct tanda_error *error)
{
	const char *fault;

	if (value_name(element, "a file pattern", &string, error) < 0)
		return -1;
	if (string[0] == '/')
		return value_expected(element, error, "a pattern relative to the project's folder");
	while (strncmp(string, "../", 3) == 0)
		string += 3;
	if (leaves_its_folder(string))
		return value_expected(element, error,
		                      "a file pattern with \"..\" at its beginning alone");
	fault = glob_fault(string);
	return fault != NULL ? value_expected(element, error, "a file pattern with %s", fault) : 0;
}

static const char patterns[] = "a file pattern, or an array of them";

static int read_globs(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	return read_one_or_more(value, patterns, 0, check_glob, base, key, error);
}

const struct field field_globs = {.read = read_globs, .write = write_one_or_more};

static int read_paths(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	return read_one_or_more(value, patterns, 0, check_path_glob, base, key, error);
}

const struct field field_paths = {.read = read_paths, .write = write_one_or_more};

static int read_files(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	return read_one_or_more(value, patterns, 1, check_glob, base, key, error);
}

const struct field field_files = {.read = read_files, .write = write_one_or_more};

static int read_dir(const struct value *value, void *base, const struct key *key,
                    struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *dir;
	size_t len;

	if (value_name(value, "a folder", &dir, error) < 0)
		return -1;
	if (dir[0] == '/' || leaves_its_folder(dir))
		return value_expected(value, error, "a folder inside the project");
	while (strncmp(dir, "./", 2) == 0)
		dir += 2 + strspn(dir + 2, "/");
	len = strlen(dir);
	while (len > 0 && dir[len - 1] == '/')
		len--;
	free(*slot);
	*slot = len > 0 ? mem_strndup(dir, len) : mem_strdup(".");
	return 0;
}

static json_t *write_dir(const void *base, const struct key *key)
{
	char *const *slot = (const void *)((const char *)base + key->offset);

	return *slot != NULL ? json_string(*slot) : NULL;
}

const struct field field_dir = {.read = read_dir, .write = write_dir};

static int check_template(const struct value *element, const char *string,
                          enum placeholder_place where, struct tanda_error *error)
{
	char *place = value_place(element);
	int status = placeholder_check(string, where, place, error);

	free(place);
	return status;
}

static int check_run_argument(const struct value *element, const char *string,
                              struct tanda_error *error)
{
	return check_template(element, string, PLACEHOLDER_IN_RUN, error);
}

static int check_argument(const struct value *element, const char *string,
                          struct tanda_error *error)
{
	return check_template(element, string, PLACEHOLDER_IN_ARG, error);
}

static const char why_array[] =
	"a command is an array because no shell takes it apart: [\"sh\", \"{id}\"]";

static int read_run(const struct value *value, void *base, const struct key *key,
                    struct tanda_error *error)
{
	const char *program = json_string_value(json_array_get(value->json, 0));

	if (program != NULL && program[0] == '\0')
		return value_expected(value, error, "a program to run");
	if (read_array(value, "an array of arguments", 1, check_run_argument, base, key, error) ==
	    0)
		return 0;
	if (json_is_string(value->json))
		tanda_error_hint(error, "%s", why_array);
	return -1;
}

const struct field field_run = {.read = read_run, .write = write_array};

static int check_word(const struct value *element, const char *string, struct tanda_error *error)
{
	(void)element;
	(void)string;
	(void)error;
	return 0; /* what its placeholders mean is known when all of the object is read */
}

static int read_command(const struct value *value, void *base, const struct key *key,
                        struct tanda_error *error)
{
	const char *program = json_string_value(json_array_get(value->json, 0));

	if (program != NULL && program[0] == '\0')
		return value_expected(value, error, "a program to run");
	if (read_array(value, "an array of arguments", 1, check_word, base, key, error) == 0)
		return 0;
	if (json_is_string(value->json))
		tanda_error_hint(error, "%s", why_array);
	return -1;
}

const struct field field_command = {.read = read_command, .write = write_array};

static int read_args(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	if (read_array(value, "an array of arguments", 0, check_argument, base, key, error) == 0)
		return 0;
	if (json_is_string(value->json))
		tanda_error_hint(error, "%s", why_array);
	return -1;
}

const struct field field_args = {.read = read_args, .write = write_array};

static int check_plain(const struct value *element, const char *string, struct tanda_error *error)
{
	(void)element;
	(void)string;
	(void)error;
	return 0;
}

static int read_plain_argv(const struct value *value, void *base, const struct key *key,
                           struct tanda_error *error)
{
	const char *program = json_string_value(json_array_get(value->json, 0));

	if (program != NULL && program[0] == '\0')
		return value_expected(value, error, "a program to run");
	return read_array(value, "an array of arguments", 1, check_plain, base, key, error);
}

const struct field field_plain_argv = {.read = read_plain_argv, .write = write_array};

static int check_case_argument(const struct value *element, const char *string,
                               struct tanda_error *error)
{
	return check_template(element, string, PLACEHOLDER_IN_CASE, error);
}

static int read_case_args(const struct value *value, void *base, const struct key *key,
                          struct tanda_error *error)
{
	return read_array(value, "an array of arguments", 1, check_case_argument, base, key, error);
}

const struct field field_case_args = {.read = read_case_args, .write = write_array};

static int read_list_line(const struct value *value, void *base, const struct key *key,
                          struct tanda_error *error)
{
	char **slot = (void *)((char *)base + key->offset);
	const char *line, *argv[2] = {NULL};

	if (value_name(value, "a line with {id}", &line, error) < 0 ||
	    check_template(value, line, PLACEHOLDER_IN_ARG, error) < 0)
		return -1;
	argv[0] = line;
	if (!placeholder_is_used(argv, "{id}"))
		return value_expected(value, error, "a line with {id}");
	free(*slot);
	*slot = mem_strdup(line);
	return 0;
}

static json_t *write_string(const void *base, const struct key *key)
{
	char *const *slot = (const void *)((const char *)base + key->offset);

	return *slot != NULL ? json_string(*slot) : NULL;
}

const struct field field_list_line = {.read = read_list_line, .write = write_string};

static int check_variable(const struct value *member, struct tanda_error *error)
{
	const char *name = member->key, *content;
	char quoted[QUOTED_MAX];

	if (value_key_name(member, "the name of a variable", error) < 0)
		return -1;
	if (strchr(name, '=') != NULL)
		return value_key_fault(member, error,
		                       "expected the name of a variable without \"=\", not %s",
		                       quote(name, quoted));
	if (strcmp(name, "TANDA") == 0 || strncmp(name, "TANDA_", 6) == 0)
		return value_key_fault(member, error, "%s is set by tanda itself",
		                       quote(name, quoted));
	if (value_string(member, "a string", &content, error) < 0)
		return -1;
	return check_template(member, content, PLACEHOLDER_IN_ARG, error);
}

static int read_env(const struct value *value, void *base, const struct key *key,
                    struct tanda_error *error)
{
	char ***slot = (void *)((char *)base + key->offset), **pairs;
	struct value_iter iter = value_children(value);
	struct value member;
	size_t count = 0;

	if (!json_is_object(value->json) || json_object_size(value->json) > STRINGS_MAX)
		return value_expected(value, error, "an object of variables");
	pairs = mem_calloc(json_object_size(value->json) + 1, sizeof(pairs[0]));
	while (value_next(&iter, &member)) {
		if (check_variable(&member, error) < 0) {
			mem_free_strings(pairs);
			return -1;
		}
		pairs[count++] = mem_printf("%s=%s", member.key, json_string_value(member.json));
	}
	mem_free_strings(*slot);
	*slot = pairs;
	return 0;
}

static json_t *write_env(const void *base, const struct key *key)
{
	char **const *slot = (const void *)((const char *)base + key->offset);
	json_t *object = json_object();
	size_t i;

	for (i = 0; *slot != NULL && (*slot)[i] != NULL; i++) {
		char *name = mem_strndup((*slot)[i], strcspn((*slot)[i], "="));

		json_object_set_new(object, name, json_string((*slot)[i] + strlen(name) + 1));
		free(name);
	}
	return object;
}

const struct field field_env = {.read = read_env, .write = write_env};
