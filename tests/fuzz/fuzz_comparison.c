/* fuzz_comparison.c - whatever a node answers about its workspace, what is ordered away lies in it.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runner/exec/workspace/comparison.h"
#include "runner/exec/workspace/standing.h"
#include "shards/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char names[][16] = {"./a", "./a/file", "./a/link", "./b", "file"};

static struct entry entries[] = {
	{.name = names[0], .kind = ENTRY_FOLDER, .mode = 0755},
	{.name = names[1], .kind = ENTRY_FILE, .mode = 0644, .has_sum = true, .sum = UINT32_MAX},
	{.name = names[2], .kind = ENTRY_LINK, .mode = 0777, .target = names[4]},
	{.name = names[3],
         .kind = ENTRY_FILE,
         .mode = 0755,
         .has_sum = true,
         .sum = 7,
         .sum_bytes = 9},
};

static void assert_orders_stay_within(const struct comparison *comparison)
{
	const char *order = comparison->orders.ptr, *end = order + comparison->orders.len;

	for (; order < end; order += strlen(order) + 1) {
		const char *name = order + 1, *up = name;

		assert(strchr("xso", order[0]) != NULL && strncmp(name, "./", 2) == 0 &&
		       name[2] != '\0');
		while ((up = strstr(up, "/..")) != NULL) {
			assert(up[3] != '/' && up[3] != '\0');
			up++;
		}
	}
}

static void read_answer(struct text output)
{
	const struct manifest manifest = {.entries = entries, .count = countof(entries)};
	struct comparison comparison;
	struct text why = TEXT_EMPTY;

	if (comparison_make(&manifest, output, "w", &comparison, &why) != COMPARISON_MADE)
		return;
	assert(comparison.dir[0] == '/');
	assert(comparison.differing_count <= countof(entries));
	assert(comparison.file_count <= comparison.differing_count);
	if (comparison.orders.len > 0)
		assert_orders_stay_within(&comparison);
	comparison_deinit(&comparison);
}

static void read_standing(struct text output)
{
	struct standing standing;
	char why[500] = "";

	if (standing_read(output, false, &standing, why, sizeof(why)))
		standing_deinit(&standing);
	else
		assert(why[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct text bytes = {(const char *)data, size};
	struct text_buf output;

	text_buf_init(&output, SIZE_MAX / 4);
	text_buf_add(&output, TEXT_LIT("noise\nw answer /there\nuser\0tar\0"));
	text_buf_add(&output, bytes);
	read_answer(text_buf_text(&output));
	text_buf_add(&output, TEXT_LIT("\nw end\n"));
	read_answer(text_buf_text(&output));
	read_answer(bytes);
	read_standing(bytes);
	text_buf_deinit(&output);
	return 0;
}
