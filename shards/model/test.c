/* test.c - see test.h. */
#include "shards/model/test.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

void test_list_init(struct test_list *list)
{
	*list = (struct test_list){0};
	dict_init(&list->area_names);
	dict_init(&list->ids);
}

static void test_deinit(struct test *test)
{
	if (test->file != test->id)
		free(test->file);
	free(test->id);
	free(test->case_name);
	mem_free_strings(test->locators);
	free(test->skip_reason);
}

void test_list_deinit(struct test_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		test_deinit(&list->tests[i]);
		free(list->keys[i]);
	}
	for (i = 0; i < list->suite_count; i++)
		free(list->suites[i]);
	for (i = 0; i < list->area_count; i++)
		free(list->areas[i]);
	free(list->tests);
	free(list->keys);
	free(list->suites);
	free(list->areas);
	dict_deinit(&list->area_names);
	dict_deinit(&list->ids);
	*list = (struct test_list){0};
}

int test_list_add_suite(struct test_list *list, const char *name, uint32_t *ret_index,
                        struct tanda_error *error)
{
	size_t i;

	for (i = 0; i < list->suite_count; i++) {
		if (strcmp(list->suites[i], name) == 0) {
			*ret_index = (uint32_t)i;
			return 0;
		}
	}
	if (list->suite_count >= SUITES_MAX) {
		tanda_error_set(error, NULL, "more than %d suites", SUITES_MAX);
		return -1;
	}
	list->suites = mem_grow(list->suites, &list->suite_cap, list->suite_count + 1,
	                        sizeof(list->suites[0]));
	list->suites[list->suite_count] = mem_strdup(name);
	*ret_index = (uint32_t)list->suite_count++;
	return 0;
}

int test_list_add_area(struct test_list *list, const char *name, uint32_t *ret_index,
                       struct tanda_error *error)
{
	size_t index;

	if (dict_find(&list->area_names, text_from(name), &index)) {
		*ret_index = (uint32_t)index;
		return 0;
	}
	if (list->area_count >= AREAS_MAX) {
		tanda_error_set(error, NULL, "more than %d areas; the last one is '%s'", AREAS_MAX,
		                name);
		return -1;
	}
	list->areas = mem_grow(list->areas, &list->area_cap, list->area_count + 1,
	                       sizeof(list->areas[0]));
	index = list->area_count++;
	list->areas[index] = mem_strdup(name);
	(void)dict_add(&list->area_names, text_from(list->areas[index]), index);
	*ret_index = (uint32_t)index;
	return 0;
}

/* The key of a test among all suites: the suite's number and its id, which may hold any byte. */
static char *key_of(uint32_t suite_index, const char *id)
{
	return mem_printf("%u:%s", suite_index, id);
}

int test_list_add(struct test_list *list, const struct test *test, struct tanda_error *error)
{
	struct test owned = *test;
	char *key = NULL;

	assert(test->suite_index < list->suite_count && test->area_index < list->area_count);
	if (strlen(owned.id) > TEST_ID_MAX_BYTES) {
		tanda_error_set(error, NULL,
		                "test id of %zu bytes, at most %d are allowed: '%.80s...'",
		                strlen(owned.id), TEST_ID_MAX_BYTES, owned.id);
		goto refused;
	}
	if (list->count >= TESTS_MAX) {
		tanda_error_set(error, NULL, "more than %d tests", TESTS_MAX);
		goto refused;
	}
	key = key_of(owned.suite_index, owned.id);
	if (!dict_add(&list->ids, text_from(key), list->count)) {
		tanda_error_set(error, NULL, "suite '%s' has the test '%s' twice",
		                list->suites[owned.suite_index], owned.id);
		goto refused;
	}
	list->keys = mem_grow(list->keys, &list->key_cap, list->count + 1, sizeof(list->keys[0]));
	list->tests = mem_grow(list->tests, &list->cap, list->count + 1, sizeof(list->tests[0]));
	list->keys[list->count] = key;
	list->tests[list->count++] = owned;
	return 0;
refused:
	free(key);
	test_deinit(&owned);
	return -1;
}

bool test_list_find(const struct test_list *list, uint32_t suite_index, const char *id,
                    size_t *ret_index)
{
	char *key = key_of(suite_index, id);
	bool found = dict_find(&list->ids, text_from(key), ret_index);

	free(key);
	return found;
}

void test_list_rename(struct test_list *list, size_t index, char *id)
{
	struct test *test = &list->tests[index];
	unsigned number = 1;
	size_t found, i;
	char *numbered = mem_strdup(id);

	while (test_list_find(list, test->suite_index, numbered, &found)) {
		free(numbered);
		numbered = mem_printf("%s (%u)", id, ++number);
	}
	free(id);
	if (test->file != test->id)
		free(test->id);
	test->id = numbered;
	free(list->keys[index]);
	list->keys[index] = key_of(test->suite_index, numbered);
	dict_clear(&list->ids);
	for (i = 0; i < list->count; i++)
		(void)dict_add(&list->ids, text_from(list->keys[i]), i);
}

void test_list_select(struct test_list *list, const size_t *indexes, size_t count)
{
	struct test *tests = mem_calloc(count, sizeof(tests[0]));
	char **keys = mem_calloc(count, sizeof(keys[0]));
	size_t i;

	dict_deinit(&list->ids);
	for (i = 0; i < count; i++) {
		tests[i] = list->tests[indexes[i]];
		keys[i] = list->keys[indexes[i]];
		assert(keys[i] != NULL); /* each index once */
		list->keys[indexes[i]] = NULL;
		(void)dict_add(&list->ids, text_from(keys[i]), i);
	}
	for (i = 0; i < list->count; i++) {
		if (list->keys[i] == NULL)
			continue;
		free(list->keys[i]);
		test_deinit(&list->tests[i]);
	}
	free(list->tests);
	free(list->keys);
	list->tests = tests;
	list->keys = keys;
	list->count = count;
	list->cap = list->key_cap = count;
}

/* A test's strings change hands; what is left behind owns nothing. */
static struct test steal_test(struct test *test)
{
	struct test stolen = *test;

	*test = (struct test){0};
	return stolen;
}

/* The same suites and areas, no tests. The names stay the old list's until it is given up. */
static void begin_like(struct test_list *fresh, const struct test_list *list)
{
	*fresh = *list;
	fresh->tests = NULL;
	fresh->keys = NULL;
	fresh->count = fresh->cap = fresh->key_cap = 0;
	dict_init(&fresh->ids);
}

static void free_tests(struct test_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		test_deinit(&list->tests[i]);
		free(list->keys[i]);
	}
	free(list->tests);
	free(list->keys);
	dict_deinit(&list->ids);
}

/* Can all be in one list? Checked before anything changes hands. */
static int check_expansions(const struct test_list *list, const struct test_expansion *expansions,
                            size_t count, struct tanda_error *error)
{
	size_t total = list->count, key_count = 0, key_cap = 0, i, j;
	char **keys = NULL;
	struct dict ids;
	int status = 0;

	dict_init(&ids);
	for (i = 0; i < count && status == 0; i++) {
		total += expansions[i].count;
		for (j = 0; j < expansions[i].count && status == 0; j++) {
			const struct test *test = &expansions[i].tests[j];
			size_t found;

			keys = mem_grow(keys, &key_cap, key_count + 1, sizeof(keys[0]));
			keys[key_count++] = key_of(test->suite_index, test->id);
			if (test_list_find(list, test->suite_index, test->id, &found) ||
			    !dict_add(&ids, text_from(keys[key_count - 1]), j)) {
				tanda_error_set(error, NULL, "suite '%s' has the test '%s' twice",
				                list->suites[test->suite_index], test->id);
				status = -1;
			}
		}
	}
	if (status == 0 && total > TESTS_MAX) {
		tanda_error_set(error, NULL, "more than %d tests", TESTS_MAX);
		status = -1;
	}
	dict_deinit(&ids);
	for (i = 0; i < key_count; i++)
		free(keys[i]);
	free(keys);
	return status;
}

int test_list_expand(struct test_list *list, const struct test_expansion *expansions, size_t count,
                     struct tanda_error *error)
{
	int status = check_expansions(list, expansions, count, error);
	struct test_list fresh;
	size_t next = 0, i, j;

	if (status < 0) {
		for (i = 0; i < count; i++) {
			for (j = 0; j < expansions[i].count; j++)
				test_deinit(&expansions[i].tests[j]);
		}
		return -1;
	}
	begin_like(&fresh, list);
	for (i = 0; i < list->count && status == 0; i++) {
		bool is_expanded = next < count && expansions[next].index == i;
		struct test kept;

		if (!is_expanded) {
			kept = steal_test(&list->tests[i]);
			status = test_list_add(&fresh, &kept, error);
			continue;
		}
		for (j = 0; j < expansions[next].count && status == 0; j++)
			status = test_list_add(&fresh, &expansions[next].tests[j], error);
		next++;
	}
	assert(status == 0); /* it was checked */
	free_tests(list);
	*list = fresh;
	return 0;
}

const char *test_suite_name(const struct test_list *list, const struct test *test)
{
	return list->suites[test->suite_index];
}

const char *test_area_name(const struct test_list *list, const struct test *test)
{
	return list->areas[test->area_index];
}
