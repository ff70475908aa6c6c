/* test_tar.c - tar streams as they come, of real programs and of none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record_scratch.h"
#include "runner/exec/bundle/tar.h"
#include "shards/base/mem.h"
#include "tanda/error.h"
#include "tar_kit.h"

/* What was told, in words: "folder/ file=content|". */
struct heard {
	struct text_buf words;
	bool is_open;
};

static int on_member(void *data, const struct tar_member *member, struct tanda_error *error)
{
	struct heard *heard = data;

	(void)error;
	assert_false(heard->is_open);
	heard->is_open = true;
	text_buf_printf(&heard->words, "%.*s%s", TEXT_ARG(member->path),
	                member->is_folder ? " folder" : "=");
	return 0;
}

static int on_content(void *data, struct text bytes, struct tanda_error *error)
{
	struct heard *heard = data;

	(void)error;
	assert_true(heard->is_open);
	assert_true(bytes.len > 0);
	text_buf_add(&heard->words, bytes);
	return 0;
}

static int on_member_end(void *data, struct tanda_error *error)
{
	struct heard *heard = data;

	(void)error;
	assert_true(heard->is_open);
	heard->is_open = false;
	text_buf_add_char(&heard->words, '|');
	return 0;
}

/* What is told of an archive that comes in pieces of `step` bytes; "! MESSAGE" at a fault. The
 * caller frees it. */
static char *read_in_steps(struct text tar, size_t step)
{
	struct heard heard = {.is_open = false};
	const struct tar_listener listener = {on_member, on_content, on_member_end, &heard};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct tar_reader reader;
	int status = 0;
	size_t at;

	text_buf_init(&heard.words, TAR_KIT_MAX);
	tar_reader_init(&reader, &listener);
	for (at = 0; status == 0 && at < tar.len; at += step)
		status = tar_reader_feed(&reader, kit_part(tar, at, step), &error);
	if (status == 0)
		status = tar_reader_finish(&reader, &error);
	if (status < 0) {
		assert_true(error.message[0] != '\0');
		text_buf_printf(&heard.words, "! %s", error.message);
	}
	tar_reader_deinit(&reader);
	return text_buf_steal(&heard.words);
}

/* The same however it is cut into pieces. */
static void assert_told(const struct text_buf *tar, const char *wanted)
{
	static const size_t steps[] = {1, 7, 511, 512, 513, 4096, TAR_KIT_MAX};
	size_t i;

	for (i = 0; i < countof(steps); i++) {
		char *told = read_in_steps(text_buf_text(tar), steps[i]);

		assert_string_equal(told, wanted);
		free(told);
	}
}

/* ---- real archives ---- */

static void read_command(const char *command, struct text_buf *output)
{
	char chunk[4096];
	FILE *pipe = popen(command, "r");
	size_t got;

	assert_non_null(pipe);
	while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
		text_buf_add(output, (struct text){chunk, got});
	assert_int_equal(pclose(pipe), 0);
}

static void every_format_of_a_real_tar_is_read(void **state)
{
	static const char *const formats[] = {"gnu", "pax", "ustar", "oldgnu"};
	struct text_buf tar;
	size_t i;

	(void)state;
	for (i = 0; i < countof(formats); i++) {
		char *dir = scratch_new();
		char *command = mem_printf(
			"cd %s && mkdir -p a/b && printf one >a/1 && printf two >a/b/2 && "
			": >a/b/3 && tar --format=%s --sort=name -cf - a",
			dir, formats[i]);

		text_buf_init(&tar, TAR_KIT_MAX);
		read_command(command, &tar);
		assert_told(&tar, "a/ folder|a/1=one|a/b/ folder|a/b/2=two|a/b/3=|");
		text_buf_deinit(&tar);
		free(command);
		scratch_free(dir);
	}
}

static void long_names_of_a_real_tar_are_whole(void **state)
{
	static const char *const formats[] = {"gnu", "pax"};
	char *dir = scratch_new();
	char name[240];
	struct text_buf tar;
	size_t i;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < countof(formats); i++) {
		char *command = mem_printf("cd %s && mkdir -p %s && printf x >%s/%s && "
		                           "tar --format=%s -cf - %s/%s",
		                           dir, name, name, name, formats[i], name, name);
		char *wanted = mem_printf("%s/%s=x|", name, name);

		text_buf_init(&tar, TAR_KIT_MAX);
		read_command(command, &tar);
		assert_told(&tar, wanted);
		text_buf_deinit(&tar);
		free(wanted);
		free(command);
	}
	scratch_free(dir);
}

/* ---- made ones ---- */

static void a_posix_prefix_stands_before_the_name(void **state)
{
	struct kit_header header = kit_header("name", '0', 0);
	struct text_buf tar;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	memcpy(header.bytes + 345, "deep/down", 9);
	kit_add_header(&tar, header);
	memcpy(header.bytes + 257, "ustar  \0", 8); /* GNU has times there */
	kit_add_header(&tar, header);
	kit_add_end(&tar);
	assert_told(&tar, "deep/down/name=|name=|");
	text_buf_deinit(&tar);
}

static void pax_records_hold_for_the_next_member_only(void **state)
{
	struct text_buf tar;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_extension(&tar, 'g', TEXT_LIT("18 comment=hello!\n"));
	kit_add_extension(&tar, 'x', TEXT_LIT("12 path=p/q\n20 mtime=123.456789\n9 size=3\n"));
	kit_add_header(&tar, kit_header("short", '0', 0));
	kit_add_content(&tar, TEXT_LIT("abc"));
	kit_add_file(&tar, "next", TEXT_LIT("d"));
	kit_add_end(&tar);
	assert_told(&tar, "p/q=abc|next=d|");
	text_buf_deinit(&tar);
}

static void a_size_in_base_256_is_read(void **state)
{
	struct kit_header header = kit_header("big", '0', 0);
	struct text_buf tar;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	memset(header.bytes + 124, 0, 12);
	header.bytes[124] = (char)0x80;
	header.bytes[135] = 5;
	kit_add_header(&tar, header);
	kit_add_content(&tar, TEXT_LIT("12345"));
	kit_add_end(&tar);
	assert_told(&tar, "big=12345|");
	text_buf_deinit(&tar);
}

static void what_fills_the_last_record_is_passed_over(void **state)
{
	struct text_buf tar;
	int i;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_file(&tar, "a", TEXT_LIT("1"));
	for (i = 0; i < 9; i++)
		kit_add_end(&tar);
	assert_told(&tar, "a=1|");
	text_buf_add_str(&tar, "more");
	assert_told(&tar, "a=1|! the archive is damaged: it goes on behind its end");
	text_buf_deinit(&tar);
}

static void an_empty_archive_is_whole(void **state)
{
	struct text_buf tar;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	assert_told(&tar, "! the archive is cut short: its end is missing");
	kit_add_end(&tar);
	assert_told(&tar, "");
	text_buf_deinit(&tar);
}

static void members_that_are_no_files_are_refused_by_name(void **state)
{
	static const struct {
		char type;
		const char *words;
	} cases[] = {
		{'1', "a hard link"},        {'2', "a symbolic link"},
		{'3', "a character device"}, {'4', "a block device"},
		{'6', "a named pipe"},       {'S', "a sparse file"},
		{'M', "a part of a file"},   {'Z', "of a type that is not known"},
	};
	struct text_buf tar;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		char *wanted = mem_printf("! 'x' in the archive is %s", cases[i].words);

		text_buf_init(&tar, TAR_KIT_MAX);
		kit_add_header(&tar, kit_header("x", cases[i].type, 0));
		kit_add_end(&tar);
		assert_told(&tar, wanted);
		text_buf_deinit(&tar);
		free(wanted);
	}
}

static void assert_extension_is_damage(char type, struct text content, const char *what)
{
	char *wanted = mem_printf("! the archive is damaged: %s", what);
	struct text_buf tar;

	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_extension(&tar, type, content);
	kit_add_file(&tar, "a", TEXT_EMPTY);
	kit_add_end(&tar);
	assert_told(&tar, wanted);
	text_buf_deinit(&tar);
	free(wanted);
}

static void bad_extensions_are_damage(void **state)
{
	static const char bad_record[] = "a pax header that cannot be read";
	static const char *const records[] = {
		"x",           "0 a=b\n",  "3 a=b\n",  "7 a=b\n",
		"6 a=bc\n",    "6 abcd\n", "-6 a=b\n", "99 a=b\n",
		"6 a=b\nrest", " 6 a=b\n", "2 \n",     "99999999999999999999 a=b\n",
	};
	char *much = mem_calloc(TAR_EXTENSION_MAX_BYTES + 1, 1);
	size_t i;

	(void)state;
	for (i = 0; i < countof(records); i++)
		assert_extension_is_damage('x', text_from(records[i]), bad_record);
	assert_extension_is_damage('x', TEXT_LIT("14 path=a\0bcd\n"), "a name with a NUL in it");
	assert_extension_is_damage('x', TEXT_LIT("11 size=1x\n"),
	                           "a pax header whose size is no number");
	assert_extension_is_damage('x', TEXT_LIT("28 size=9999999999999999999\n"),
	                           "a pax header whose size is no number");
	assert_extension_is_damage('x', TEXT_LIT("22 GNU.sparse.major=1\n"),
	                           "a sparse file, whose content it does not tell in full");
	assert_extension_is_damage('g', TEXT_LIT("10 path=a\n"),
	                           "one name or size for all that follow");
	assert_extension_is_damage('L', TEXT_EMPTY, "a long name that is empty");
	assert_extension_is_damage('L', TEXT_LIT("\0x"), "a long name that is empty");
	memset(much, 'n', TAR_PATH_MAX_BYTES + 1);
	assert_extension_is_damage('L', (struct text){much, TAR_PATH_MAX_BYTES + 1},
	                           "a name of more than 4096 bytes");
	assert_extension_is_damage('x', (struct text){much, TAR_EXTENSION_MAX_BYTES + 1},
	                           "a name or a pax header of more than 64 KiB");
	free(much);
}

static void headers_that_contradict_themselves_are_damage(void **state)
{
	struct kit_header no_size = kit_header("a", '0', 0), huge = no_size, negative = no_size;
	struct kit_header old = no_size;
	struct text_buf tar;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	memset(no_size.bytes + 124, 'x', 12);
	kit_add_header(&tar, no_size);
	assert_told(&tar, "! the archive is damaged: a size that is no number");
	text_buf_clear(&tar);
	memset(huge.bytes + 124, 0xFF, 12);
	huge.bytes[124] = (char)0x80;
	kit_add_header(&tar, huge);
	assert_told(&tar, "! the archive is damaged: a size that is no number");
	text_buf_clear(&tar);
	memset(negative.bytes + 124, 0xFF, 12);
	kit_add_header(&tar, negative);
	assert_told(&tar, "! the archive is damaged: a size that is no number");
	text_buf_clear(&tar);
	memset(old.bytes + 257, 0, 8);
	kit_add_header(&tar, old);
	assert_told(&tar, "! the archive is damaged: a header of another kind than ustar");
	text_buf_clear(&tar);
	kit_add_header(&tar, kit_header("d", '5', 1));
	assert_told(&tar, "! the archive is damaged: a folder with content");
	text_buf_clear(&tar);
	kit_add_extension(&tar, 'L', TEXT_LIT("name"));
	kit_add_end(&tar);
	assert_told(&tar, "! the archive is damaged: it ends between a name and its file");
	text_buf_deinit(&tar);
}

static void a_changed_byte_of_a_header_is_seen(void **state)
{
	struct text_buf tar;
	size_t i;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_file(&tar, "report.xml", TEXT_LIT("<testsuite/>"));
	kit_add_end(&tar);
	for (i = 0; i < TAR_KIT_BLOCK; i++) {
		char *told;

		tar.ptr[i] = (char)(tar.ptr[i] ^ 0x10);
		told = read_in_steps(text_buf_text(&tar), TAR_KIT_MAX);
		/* a blank for a leading zero of the sum means the same */
		assert_true(strncmp(told, "! the archive is damaged: ", 26) == 0 ||
		            (i - 148 < 8 && strcmp(told, "report.xml=<testsuite/>|") == 0));
		free(told);
		tar.ptr[i] = (char)(tar.ptr[i] ^ 0x10);
	}
	text_buf_deinit(&tar);
}

static void an_archive_cut_at_any_byte_is_not_whole(void **state)
{
	struct text_buf tar;
	char *told;
	size_t len;

	(void)state;
	text_buf_init(&tar, TAR_KIT_MAX);
	kit_add_extension(&tar, 'x', TEXT_LIT("12 path=p/q\n"));
	kit_add_file(&tar, "a", TEXT_LIT("content"));
	kit_add_file(&tar, "b", TEXT_LIT("content"));
	kit_add_end(&tar);
	for (len = 0; len < tar.len; len++) {
		told = read_in_steps((struct text){tar.ptr, len}, TAR_KIT_MAX);
		assert_non_null(strstr(told, "! the archive is cut short"));
		free(told);
	}
	told = read_in_steps((struct text){tar.ptr, 4 * TAR_KIT_BLOCK - 509}, TAR_KIT_MAX);
	assert_string_equal(told, "p/q=con! the archive is cut short in 'p/q': 4 bytes of it are "
	                          "missing");
	free(told);
	text_buf_deinit(&tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_of_a_real_tar_is_read),
		cmocka_unit_test(long_names_of_a_real_tar_are_whole),
		cmocka_unit_test(a_posix_prefix_stands_before_the_name),
		cmocka_unit_test(pax_records_hold_for_the_next_member_only),
		cmocka_unit_test(a_size_in_base_256_is_read),
		cmocka_unit_test(what_fills_the_last_record_is_passed_over),
		cmocka_unit_test(an_empty_archive_is_whole),
		cmocka_unit_test(members_that_are_no_files_are_refused_by_name),
		cmocka_unit_test(bad_extensions_are_damage),
		cmocka_unit_test(headers_that_contradict_themselves_are_damage),
		cmocka_unit_test(a_changed_byte_of_a_header_is_seen),
		cmocka_unit_test(an_archive_cut_at_any_byte_is_not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
