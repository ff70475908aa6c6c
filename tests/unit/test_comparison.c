/* test_comparison.c - what a node answers about a project's files, and what follows from it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* in this order */
#include <cmocka.h>

#include "runner/exec/shell/cksum.h"
#include "runner/exec/workspace/comparison.h"
#include "shards/base/mem.h"

#define WORD "0123456789abcdef"

/* "bin/tool" (0755, "hello\n"), "bin-2" (0644, empty), "to" -> "bin". */
struct project {
	char dir[64];
	struct manifest manifest;
};

static void write_file(const struct project *project, const char *name, const char *text, int mode)
{
	char *path = mem_printf("%s/%s", project->dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, (mode_t)mode), 0);
	free(path);
}

static int begin(void **state)
{
	static const char names[] = "to\0bin/tool\0gone\0bin-2\0bin/tool\0.tanda/history.db\0out/x";
	struct project *project = mem_calloc(1, sizeof(*project));
	char *path, *out;

	snprintf(project->dir, sizeof(project->dir), "/tmp/tanda-unit-XXXXXX");
	assert_non_null(mkdtemp(project->dir));
	path = mem_printf("%s/bin", project->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
	write_file(project, "bin/tool", "hello\n", 0755);
	write_file(project, "bin-2", "", 0644);
	path = mem_printf("%s/to", project->dir);
	assert_int_equal(symlink("bin", path), 0);
	free(path);
	out = mem_printf("%s/out", project->dir);
	manifest_init(&project->manifest, project->dir);
	manifest_take(&project->manifest, (struct text){names, sizeof(names)}, out, false);
	manifest_read_sums(&project->manifest);
	free(out);
	*state = project;
	return 0;
}

static int end(void **state)
{
	static const char *const names[] = {"bin/tool", "bin-2", "to", "bin"};
	struct project *project = *state;
	size_t i;

	for (i = 0; i < countof(names); i++) {
		char *path = mem_printf("%s/%s", project->dir, names[i]);

		assert_int_equal(remove(path), 0);
		free(path);
	}
	assert_int_equal(rmdir(project->dir), 0);
	manifest_deinit(&project->manifest);
	free(project);
	return 0;
}

/* '|' stands for a NUL. */
static enum comparison_answer answer(struct project *project, const char *text,
                                     struct comparison *ret_comparison)
{
	char *bytes = mem_strdup(text);
	size_t len = strlen(bytes), i;
	struct text why = TEXT_EMPTY;
	enum comparison_answer made;

	for (i = 0; i < len; i++)
		bytes[i] = (char)(bytes[i] == '|' ? '\0' : bytes[i]);
	made = comparison_make(&project->manifest, (struct text){bytes, len}, WORD, ret_comparison,
	                       &why);
	if (made == COMPARISON_APART)
		assert_string_equal(why.ptr, "it is taken\n");
	free(bytes);
	return made;
}

#define HEAD "motd\n\n" WORD " answer /there/tree\nuser|tar|"
#define SUMS "|4294967295 0 ./bin-2\n3015617425 6 ./bin/tool\n"
#define TAIL "\n" WORD " end\n"

static void see(struct project *project, const char *text, const char *marks)
{
	struct comparison comparison;
	size_t i;

	assert_int_equal(answer(project, text, &comparison), COMPARISON_MADE);
	assert_string_equal(comparison.dir, "/there/tree");
	for (i = 0; i < project->manifest.count; i++)
		assert_int_equal(comparison.marks[i], marks[i] - '0');
	comparison_deinit(&comparison);
}

static void the_checksum_is_that_of_cksum(void **state)
{
	const struct text hello = TEXT_LIT("hello\n"),
			  check = TEXT_LIT("The quick brown fox jumps");
	uint32_t sum = 0;
	size_t i;

	(void)state;
	assert_int_equal(cksum_end(cksum_add(0, hello), hello.len), UINT32_C(3015617425));
	for (i = 0; i < check.len; i++)
		sum = cksum_add(sum, (struct text){check.ptr + i, 1});
	assert_int_equal(cksum_add(0, check), sum);
	assert_int_equal(cksum_end(0, 0), UINT32_C(4294967295));
}

static void folders_come_before_what_is_in_them_and_nothing_twice(void **state)
{
	static const char *const wanted[] = {"./bin", "./bin-2", "./bin/tool", "./to"};
	struct project *project = *state;
	size_t i;

	assert_int_equal(project->manifest.count, countof(wanted));
	for (i = 0; i < countof(wanted); i++)
		assert_string_equal(project->manifest.entries[i].name, wanted[i]);
	assert_int_equal(manifest_bytes(&project->manifest), 6);
	assert_int_equal(manifest_file_count(&project->manifest), 3);
	assert_int_equal(manifest_find(&project->manifest, TEXT_LIT("./bin/tool")), 2);
	assert_int_equal(manifest_find(&project->manifest, TEXT_LIT("./bin/too")), -1);
}

static void what_cannot_be_looked_at_is_not_taken_for_removed(void **state)
{
	struct project *project = *state;
	struct manifest manifest;
	char names[300], behind[300];

	memset(names, 'x', sizeof(names)); /* longer than a name can be */
	names[sizeof(names) - 1] = '\0';
	memcpy(behind, names, sizeof(names));
	memcpy(behind, "to/", 3);
	manifest_init(&manifest, project->dir);
	manifest_take(&manifest, (struct text){names, sizeof(names)}, NULL, false);
	assert_non_null(manifest.fault);
	assert_non_null(strstr(manifest.fault, "xx' cannot be looked at here: "));
	manifest_take(&manifest, (struct text){behind, sizeof(behind)}, NULL, false);
	assert_null(manifest.fault);
	manifest_deinit(&manifest);
}

static void what_lies_behind_a_link_is_left_out(void **state)
{
	static const char names[] = "to\0to/tool\0bin/tool";
	struct project *project = *state;
	struct manifest manifest;

	manifest_init(&manifest, project->dir);
	manifest_take(&manifest, (struct text){names, sizeof(names)}, NULL, false);
	assert_int_equal(manifest.count, 3);
	assert_int_equal(manifest_find(&manifest, TEXT_LIT("./to")), 2);
	assert_int_equal(manifest_find(&manifest, TEXT_LIT("./to/tool")), -1);
	manifest_deinit(&manifest);
}

static void what_tanda_made_is_not_part_of_the_project(void **state)
{
	static const char names[] = "./bin-2\0./bin/.tanda-out\0./bin/tool";
	struct project *project = *state;
	struct manifest manifest;

	manifest_init(&manifest, project->dir);
	manifest_take(&manifest, (struct text){names, sizeof(names)}, NULL, true);
	assert_int_equal(manifest.count, 1);
	assert_string_equal(manifest.entries[0].name, "./bin-2");
	manifest_take(&manifest, (struct text){names, sizeof(names)}, NULL, false);
	assert_int_equal(manifest.count, 3);
	manifest_deinit(&manifest);
}

static void what_is_the_same_is_seen_to_be(void **state)
{
	see(*state, HEAD "same|drwx|frw|frwx|lbin|" SUMS TAIL, "0000");
	/* in its own words, where the name might be spelled otherwise */
	see(*state,
	    HEAD "same|drwx|frw 4294967295 0|frwx 3015617425 6|lbin|"
	         "|" TAIL,
	    "0000");
}

static void each_difference_is_seen(void **state)
{
	see(*state, HEAD "same|drwx|frw|frw|lbin|" SUMS TAIL, "0020");
	see(*state,
	    HEAD "same|drwx|frw|fwx|lbin|"
	         "|4294967295 0 ./bin-2\n" TAIL,
	    "0020");
	see(*state, HEAD "same|drwx|frw|frwx|lbin2|" SUMS TAIL, "0003");
	see(*state, HEAD "same|drwx|frw|frwx|frw|" SUMS TAIL, "0003");
	see(*state, HEAD "same|dr|frw|frwx|lbin|" SUMS TAIL, "4000");
	see(*state,
	    HEAD "same|drwx|-|frwx|lbin|"
	         "|3015617425 6 ./bin/tool\n" TAIL,
	    "0100");
	see(*state,
	    HEAD "same|drwx|frw|frwx|lbin|"
	         "|4294967295 0 ./bin-2\n3015617425 7 ./bin/tool\n" TAIL,
	    "0020");
	see(*state,
	    HEAD "same|drwx|frw|frwx|lbin|"
	         "|4294967295 0 ./bin-2\n3015617424 6 ./bin/tool\n" TAIL,
	    "0020");
	see(*state,
	    HEAD "same|drwx|frw|frwx|lbin|"
	         "|3015617425 6 ./bin/tool\n" TAIL,
	    "0200");
}

static void what_is_seen_through_a_link_is_not_there(void **state)
{
	see(*state, HEAD "same|l/elsewhere|frw|frwx|lbin|" SUMS TAIL, "3010");
}

static void root_may_do_anything_with_a_file(void **state)
{
	see(*state, "\n" WORD " answer /there/tree\nroot|rsync|same|drwx|frw|frwx|lbin|" SUMS TAIL,
	    "0000");
}

static void what_is_gone_here_is_ordered_away_from_within(void **state)
{
	static const char wanted[] = "s./old/file\0s./old\0x./to";
	struct comparison comparison;

	assert_int_equal(answer(*state,
	                        HEAD
	                        "other|./bin|./old|./old/file|./to|../victim|/victim|./a/../../b|"
	                        "./|a|./a//b||drwx|frw|frwx|frw|" SUMS TAIL,
	                        &comparison),
	                 COMPARISON_MADE);
	assert_true(comparison.must_clear);
	assert_int_equal(comparison.orders.len, sizeof(wanted));
	assert_memory_equal(comparison.orders.ptr, wanted, sizeof(wanted));
	assert_int_equal(comparison.differing_count, 1);
	comparison_deinit(&comparison);
}

static void an_answer_that_breaks_off_is_none(void **state)
{
	static const char whole[] = HEAD "other|./old||drwx|frw|frwx|lbin|" SUMS TAIL;
	char part[sizeof(whole)];
	struct comparison comparison;
	size_t len;

	for (len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(part, whole, len);
		part[len] = '\0';
		assert_int_equal(answer(*state, part, &comparison), COMPARISON_MISSING);
	}
}

static void a_new_folder_has_nothing(void **state)
{
	struct comparison comparison;

	assert_int_equal(answer(*state, HEAD "new|" TAIL, &comparison), COMPARISON_MADE);
	assert_int_equal(comparison.differing_count, 4);
	assert_int_equal(comparison.file_count, 3);
	assert_int_equal(comparison.bytes, 6);
	assert_false(comparison.must_clear || comparison.has_old);
	comparison_deinit(&comparison);
}

static void a_folder_that_cannot_be_had_says_why(void **state)
{
	struct comparison comparison;

	assert_int_equal(answer(*state, "noise\n" WORD " apart it is taken\n", &comparison),
	                 COMPARISON_APART);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checksum_is_that_of_cksum),
		cmocka_unit_test(folders_come_before_what_is_in_them_and_nothing_twice),
		cmocka_unit_test(what_cannot_be_looked_at_is_not_taken_for_removed),
		cmocka_unit_test(what_lies_behind_a_link_is_left_out),
		cmocka_unit_test(what_tanda_made_is_not_part_of_the_project),
		cmocka_unit_test(what_is_the_same_is_seen_to_be),
		cmocka_unit_test(each_difference_is_seen),
		cmocka_unit_test(what_is_seen_through_a_link_is_not_there),
		cmocka_unit_test(root_may_do_anything_with_a_file),
		cmocka_unit_test(what_is_gone_here_is_ordered_away_from_within),
		cmocka_unit_test(an_answer_that_breaks_off_is_none),
		cmocka_unit_test(a_new_folder_has_nothing),
		cmocka_unit_test(a_folder_that_cannot_be_had_says_why),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
