/* test_unpack.c - what a stranger's archive may and may not do to the disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record_scratch.h"
#include "runner/exec/bundle/unpack.h"
#include "shards/base/mem.h"
#include "tanda/error.h"
#include "tar_kit.h"

/* A folder to unpack into, `inside`, with something beside it that must stay as it is. */
struct place {
	char *dir, *inside, *outside;
};

static int set_up(void **state)
{
	struct place *place = mem_calloc(1, sizeof(*place));

	place->dir = scratch_new();
	place->inside = mem_printf("%s/inside", place->dir);
	place->outside = mem_printf("%s/outside", place->dir);
	mkdir(place->outside, 0777);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	scratch_free(place->dir);
	free(place->inside);
	free(place->outside);
	free(place);
	return 0;
}

/* Unpack and let go. Returns the fault's message, "" when there is none; the caller frees it. */
static char *unpack_within(const char *dir, struct text tar, struct unpack_limits limits)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct unpack *unpack;
	size_t at;

	if (unpack_new(dir, &limits, &unpack, &error) < 0)
		return mem_strdup(error.message);
	for (at = 0; at < tar.len; at += 700)
		if (unpack_feed(unpack, kit_part(tar, at, 700), &error) < 0)
			break;
	if (unpack_finish(unpack, &error) == 0)
		assert_string_equal(error.message, "");
	else
		assert_string_equal(error.where, dir);
	unpack_free(unpack);
	return mem_strdup(error.message);
}

static void assert_unpacked(const struct place *place, struct text_buf *tar)
{
	char *message;

	kit_add_end(tar);
	message = unpack_within(place->inside, text_buf_text(tar), unpack_usual_limits);
	assert_string_equal(message, "");
	free(message);
	text_buf_deinit(tar);
}

/* It is refused in these words, nothing of it is left and nothing happened beside it. */
static void assert_refused_within(const struct place *place, struct text_buf *tar,
                                  struct unpack_limits limits, const char *wanted)
{
	char *message;

	kit_add_end(tar);
	message = unpack_within(place->inside, text_buf_text(tar), limits);
	assert_string_equal(message, wanted);
	assert_false(scratch_exists(place->inside));
	assert_int_equal(rmdir(place->outside), 0); /* is empty */
	assert_int_equal(mkdir(place->outside, 0777), 0);
	free(message);
	text_buf_deinit(tar);
}

static void assert_refused(const struct place *place, struct text_buf *tar, const char *wanted)
{
	assert_refused_within(place, tar, unpack_usual_limits, wanted);
}

static void assert_holds(const struct place *place, const char *name, const char *wanted)
{
	char *path = mem_printf("%s/%s", place->inside, name);
	struct text found = scratch_read(path);

	assert_true(text_equal_str(found, wanted));
	free((char *)found.ptr);
	free(path);
}

static struct text_buf new_tar(void)
{
	struct text_buf tar;

	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_file(&tar, "first.xml", TEXT_LIT("<testsuite/>"));
	return tar;
}

static void files_and_folders_are_unpacked(void **state)
{
	struct text_buf tar = new_tar();

	kit_add_header(&tar, kit_header("./", '5', 0));
	kit_add_header(&tar, kit_header("./empty/", '5', 0));
	kit_add_file(&tar, "./a//./b/c.txt", TEXT_LIT("deep"));
	kit_add_header(&tar, kit_header("a/b/", '5', 0)); /* of a folder that is there already */
	kit_add_file(&tar, "a/b/d.txt", TEXT_EMPTY);
	assert_unpacked(*state, &tar);
	assert_holds(*state, "first.xml", "<testsuite/>");
	assert_holds(*state, "a/b/c.txt", "deep");
	assert_holds(*state, "a/b/d.txt", "");
}

static void rights_and_times_are_not_taken_over(void **state)
{
	const struct place *place = *state;
	struct kit_header header = kit_header("tool", '0', 0);
	char *path = mem_printf("%s/tool", place->inside);
	struct text_buf tar = new_tar();
	struct stat found;

	memcpy(header.bytes + 100, "0007777", 7);
	kit_add_header(&tar, header);
	assert_unpacked(place, &tar);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07111, 0);
	assert_true(found.st_mtime > 1000000000);
	free(path);
}

static void paths_that_lead_out_are_refused(void **state)
{
	static const struct {
		const char *path, *words;
	} cases[] = {
		{"/etc/passwd", "has an absolute path"},
		{"//x", "has an absolute path"},
		{"../outside/x", "has '..' in its path"},
		{"a/../../outside/x", "has '..' in its path"},
		{"..", "has '..' in its path"},
		{"a/..", "has '..' in its path"},
		{".", "is a file without a name"},
		{"./", "is a file without a name"},
		{"", "is a file without a name"},
		{"a/", "is a file without a name"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *wanted = mem_printf("'%s' in the archive %s", cases[i].path, cases[i].words);
		struct text_buf tar = new_tar();

		kit_add_file(&tar, cases[i].path, TEXT_LIT("bad"));
		assert_refused(*state, &tar, wanted);
		free(wanted);
	}
}

static void a_way_through_a_link_of_the_archive_is_refused(void **state)
{
	const struct place *place = *state;
	struct kit_header link = kit_header("way", '2', 0);
	struct text_buf tar = new_tar();

	snprintf(link.bytes + 157, 100, "%s", place->outside);
	kit_add_header(&tar, link);
	kit_add_file(&tar, "way/x", TEXT_LIT("bad"));
	assert_refused(place, &tar, "'way' in the archive is a symbolic link");
}

static void a_link_that_lies_in_the_way_leads_nowhere(void **state)
{
	const struct place *place = *state;
	char *way = mem_printf("%s/way", place->inside), *message;
	struct text_buf tar = new_tar();

	mkdir(place->inside, 0777);
	assert_int_equal(symlink(place->outside, way), 0);
	kit_add_file(&tar, "way/x", TEXT_LIT("bad"));
	kit_add_end(&tar);
	message = unpack_within(place->inside, text_buf_text(&tar), unpack_usual_limits);
	assert_string_equal(message, "'way/x' cannot be made: Not a directory");
	assert_int_equal(rmdir(place->outside), 0);
	assert_int_equal(unlink(way), 0); /* it is still there, and alone */
	assert_int_equal(rmdir(place->inside), 0);
	text_buf_deinit(&tar);
	free(message);
	free(way);
}

static void a_link_that_comes_while_it_is_unpacked_leads_nowhere(void **state)
{
	const struct place *place = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	char *folder = mem_printf("%s/way", place->inside);
	struct text_buf tar = new_tar();
	struct unpack *unpack;

	kit_add_file(&tar, "way/a", TEXT_LIT("good"));
	assert_int_equal(unpack_new(place->inside, &unpack_usual_limits, &unpack, &error), 0);
	assert_int_equal(unpack_feed(unpack, text_buf_text(&tar), &error), 0);
	text_buf_clear(&tar);
	kit_add_file(&tar, "way/b", TEXT_LIT("bad"));
	scratch_free(folder);
	folder = mem_printf("%s/way", place->inside);
	assert_int_equal(symlink(place->outside, folder), 0);
	assert_int_equal(unpack_feed(unpack, text_buf_text(&tar), &error), -1);
	unpack_free(unpack);
	assert_int_equal(rmdir(place->outside), 0);
	text_buf_deinit(&tar);
	free(folder);
}

static void a_link_in_place_of_the_folder_is_refused(void **state)
{
	const struct place *place = *state;
	struct text_buf tar = new_tar();
	char *message;

	assert_int_equal(symlink(place->outside, place->inside), 0);
	message = unpack_within(place->inside, text_buf_text(&tar), unpack_usual_limits);
	assert_non_null(strstr(message, "cannot be made"));
	assert_int_equal(rmdir(place->outside), 0);
	text_buf_deinit(&tar);
	free(message);
}

static void what_lies_there_is_not_written_over(void **state)
{
	const struct place *place = *state;
	char *path = mem_printf("%s/first.xml", place->inside), *message;
	struct text_buf tar;

	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_file(&tar, "zero.xml", TEXT_LIT("new"));
	kit_add_file(&tar, "first.xml", TEXT_LIT("new"));
	mkdir(place->inside, 0777);
	scratch_write(path, TEXT_LIT("old"));
	message = unpack_within(place->inside, text_buf_text(&tar), unpack_usual_limits);
	assert_string_equal(message, "'first.xml' in the archive comes twice, or is there already");
	assert_holds(place, "first.xml", "old");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(place->inside), 0); /* zero.xml is gone */
	text_buf_deinit(&tar);
	free(message);
	free(path);
}

static void a_member_that_comes_twice_is_refused(void **state)
{
	struct text_buf tar = new_tar();

	kit_add_file(&tar, "./first.xml", TEXT_LIT("another"));
	assert_refused(*state, &tar,
	               "'./first.xml' in the archive comes twice, or is there already");
	tar = new_tar();
	kit_add_file(&tar, "first.xml/below", TEXT_LIT("another"));
	assert_refused(*state, &tar, "'first.xml/below' cannot be made: Not a directory");
}

static void limits_hold(void **state)
{
	struct unpack_limits few = unpack_usual_limits, small = few, flat = few, little = few;
	struct text_buf tar = new_tar();

	few.member_max = 2;
	kit_add_header(&tar, kit_header("folder", '5', 0));
	kit_add_file(&tar, "third", TEXT_EMPTY);
	assert_refused_within(*state, &tar, few,
	                      "more than 2 files and folders are in the archive");
	tar = new_tar();
	small.file_max_bytes = 20;
	kit_add_header(&tar, kit_header("large", '0', 8000000000));
	assert_refused_within(*state, &tar, small,
	                      "'large' in the archive has 8000000000 bytes, over the limit of 20");
	tar = new_tar();
	flat.depth_max = 3;
	kit_add_file(&tar, "a/b/c", TEXT_EMPTY);
	kit_add_file(&tar, "a/b/c/d", TEXT_EMPTY);
	assert_refused_within(*state, &tar, flat, "'a/b/c/d' in the archive lies too deep");
	tar = new_tar();
	little.total_max_bytes = 4000;
	kit_add_file(&tar, "a", TEXT_LIT("1"));
	kit_add_file(&tar, "b", TEXT_LIT("1"));
	kit_add_file(&tar, "c", TEXT_LIT("1"));
	assert_refused_within(*state, &tar, little, "the archive has more than 4000 bytes");
}

static void names_no_file_system_takes_are_refused(void **state)
{
	char name[300];
	char *wanted;
	struct text_buf tar = new_tar();

	memset(name, 'n', sizeof(name));
	kit_add_extension(&tar, 'L', (struct text){name, sizeof(name)});
	kit_add_file(&tar, "short", TEXT_EMPTY);
	wanted = mem_printf("'%.200s' in the archive has a name of more than 255 bytes", name);
	assert_refused(*state, &tar, wanted);
	free(wanted);
}

static void an_archive_that_is_cut_short_leaves_nothing(void **state)
{
	const struct place *place = *state;
	struct text_buf tar = new_tar();
	size_t len;

	kit_add_file(&tar, "a/b", TEXT_LIT("content"));
	kit_add_end(&tar);
	for (len = 0; len < tar.len; len += 100) {
		char *message = unpack_within(place->inside, (struct text){tar.ptr, len},
		                              unpack_usual_limits);

		assert_non_null(strstr(message, "the archive is cut short"));
		assert_false(scratch_exists(place->inside));
		free(message);
	}
	text_buf_deinit(&tar);
}

static void what_nobody_vouches_for_is_removed(void **state)
{
	const struct place *place = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf tar = new_tar();
	struct unpack *unpack;

	kit_add_file(&tar, "a/b", TEXT_LIT("content"));
	kit_add_end(&tar);
	assert_int_equal(unpack_new(place->inside, &unpack_usual_limits, &unpack, &error), 0);
	assert_int_equal(unpack_feed(unpack, text_buf_text(&tar), &error), 0);
	assert_true(scratch_exists(place->inside));
	unpack_free(unpack);
	assert_false(scratch_exists(place->inside));
	text_buf_deinit(&tar);
}

static void the_first_fault_stays(void **state)
{
	const struct place *place = *state;
	struct tanda_error first = TANDA_ERROR_INIT, second = first, third = first;
	struct text_buf tar = new_tar();
	struct unpack *unpack;

	kit_add_file(&tar, "/x", TEXT_LIT("bad"));
	assert_int_equal(unpack_new(place->inside, &unpack_usual_limits, &unpack, &first), 0);
	assert_int_equal(unpack_feed(unpack, text_buf_text(&tar), &first), -1);
	assert_int_equal(unpack_feed(unpack, text_buf_text(&tar), &second), -1);
	assert_int_equal(unpack_finish(unpack, &third), -1);
	assert_string_equal(first.message, "'/x' in the archive has an absolute path");
	assert_string_equal(second.message, first.message);
	assert_string_equal(third.message, first.message);
	assert_string_equal(third.hint, first.hint);
	unpack_free(unpack);
	text_buf_deinit(&tar);
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(files_and_folders_are_unpacked),
		PLACE_TEST(rights_and_times_are_not_taken_over),
		PLACE_TEST(paths_that_lead_out_are_refused),
		PLACE_TEST(a_way_through_a_link_of_the_archive_is_refused),
		PLACE_TEST(a_link_that_lies_in_the_way_leads_nowhere),
		PLACE_TEST(a_link_that_comes_while_it_is_unpacked_leads_nowhere),
		PLACE_TEST(a_link_in_place_of_the_folder_is_refused),
		PLACE_TEST(what_lies_there_is_not_written_over),
		PLACE_TEST(a_member_that_comes_twice_is_refused),
		PLACE_TEST(limits_hold),
		PLACE_TEST(names_no_file_system_takes_are_refused),
		PLACE_TEST(an_archive_that_is_cut_short_leaves_nothing),
		PLACE_TEST(what_nobody_vouches_for_is_removed),
		PLACE_TEST(the_first_fault_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
