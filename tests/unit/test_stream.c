/* test_stream.c - what a node says, in pieces of any size, and what is said to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "runner/exec/shell/cksum.h"
#include "runner/exec/shell/script.h"
#include "runner/exec/shell/stream.h"
#include "shards/base/mem.h"

#define NONCE "0123456789abcdef0123456789abcdef"
#define MARK  "\001TANDA-" NONCE " "

/* What was heard, as one line for each word; text and bytes are joined. */
struct heard {
	struct text_buf text;
	enum station_kind last;
};

static void on_event(void *data, const struct station_event *event)
{
	struct heard *heard = data;
	bool goes_on = event->kind <= STATION_BYTES && event->kind == heard->last;

	if (!goes_on)
		text_buf_printf(&heard->text, "|%d %u %llu %u ", (int)event->kind, event->serial,
		                (unsigned long long)event->number, event->checksum);
	text_buf_add(&heard->text, event->text);
	heard->last = event->kind;
}

/* Feed in pieces of `step` bytes, the first of `first`; the caller frees what is returned. */
static char *hear(struct text bytes, size_t first, size_t step)
{
	struct heard heard = {.last = STATION_GARBLED};
	struct stream stream;
	size_t at = 0, len = first;

	text_buf_init(&heard.text, 1 << 20);
	stream_init(&stream, NONCE, on_event, &heard);
	while (at < bytes.len) {
		struct text piece = text_from_offset(bytes, at);

		piece.len = piece.len < len ? piece.len : len;
		stream_feed(&stream, piece);
		at += piece.len;
		len = step;
	}
	stream_deinit(&stream);
	return text_buf_steal(&heard.text);
}

static char *hear_all(const char *bytes)
{
	return hear(text_from(bytes), SIZE_MAX, SIZE_MAX);
}

static void assert_heard(const char *bytes, const char *expected)
{
	char *heard = hear_all(bytes);

	assert_string_equal(heard, expected);
	free(heard);
}

static const char conversation[] =
	"Welcome!\n\001TANDA-not ours\n" MARK "boot 12 /tmp/a b\n" MARK "ready 4\n" MARK
	"started 7 99\nsome output without an end" MARK "left 7 2 8 a, 9 b\n" MARK
	"exited 7 255\n0m0.01s 0m0.02s\n0m1.50s 1m2.25s\n" MARK
	"bundle 7 9 31337\n\001TANDA-01" MARK "files 7 0 0\n" MARK "done 7\n";

static void words_are_told_whatever_the_pieces(void **state)
{
	struct text bytes = {conversation, sizeof(conversation) - 1};
	char *whole = hear(bytes, SIZE_MAX, SIZE_MAX);
	size_t i;

	(void)state;
	assert_non_null(strstr(whole, "|0 0 0 0 some output without an end|"));
	assert_non_null(strstr(whole, "|1 0 0 0 \001TANDA-01|"));
	for (i = 1; i < bytes.len; i++) {
		char *split = hear(bytes, i, SIZE_MAX), *small = hear(bytes, SIZE_MAX, i);

		assert_string_equal(split, whole);
		free(split);
		free(small);
		small = hear(bytes, i, i);
		assert_string_equal(small, whole);
		free(small);
	}
	free(whole);
}

static void what_makes_no_sense_ends_the_stream(void **state)
{
	char *heard;
	char *long_word = mem_alloc(STREAM_WORD_MAX_BYTES + 100);

	(void)state;
	assert_heard(MARK "nonsense 1\n" MARK "ready 1\n", "|2 0 0 0 nonsense 1");
	assert_heard(MARK "done\n", "|2 0 0 0 done");
	assert_heard(MARK "done 1 2\n", "|2 0 0 0 done 1 2");
	assert_heard(MARK "done 4294967296\n", "|2 0 0 0 done 4294967296");
	assert_heard(MARK "bundle 1 -5 0\n", "|2 0 0 0 bundle 1 -5 0");
	memset(long_word, 'x', STREAM_WORD_MAX_BYTES + 99);
	memcpy(long_word, MARK, sizeof(MARK) - 1);
	long_word[STREAM_WORD_MAX_BYTES + 99] = '\0';
	heard = hear_all(long_word);
	assert_memory_equal(heard, "|2 ", 3);
	free(heard);
	free(long_word);
}

static void another_nonce_is_output(void **state)
{
	(void)state;
	assert_heard("\001TANDA-ffffffffffffffffffffffffffffffff done 1\n",
	             "|0 0 0 0 \001TANDA-ffffffffffffffffffffffffffffffff done 1\n");
}

static void times_of_three_shells_are_read(void **state)
{
	(void)state;
	assert_int_equal(stream_read_times(TEXT_LIT("0m0.00s 0m0.00s\n1m2.50s 0m0.25s\n")),
	                 62750000000);
	assert_int_equal(
		stream_read_times(TEXT_LIT("0m0.000000s 0m0.00s\n0m0.010000s 0m0.000000s\n")),
		10000000);
	assert_int_equal(stream_read_times(TEXT_LIT("0m0.000s 0m0.001s\n0m0.002s 0m0.003s")),
	                 5000000);
	assert_int_equal(stream_read_times(TEXT_LIT("junk\n0m0.002s\n")), 0);
	assert_int_equal(stream_read_times(TEXT_LIT("a\n.m1s m.s\n")), 0);
	assert_int_equal(stream_read_times(TEXT_EMPTY), 0);
}

static void the_checksum_is_that_of_cksum(void **state)
{
	uint32_t sum = cksum_add(cksum_add(0, TEXT_LIT("12345")), TEXT_LIT("6789"));

	(void)state;
	assert_int_equal(cksum_end(sum, 9), 930766865);
	assert_int_equal(cksum_end(0, 0), 4294967295);
}

/* ---- what is said ---- */

/* Let a shell run `code`; what it prints, capped. */
static char *run_shell(const char *code)
{
	struct text_buf printed;
	char bytes[4096];
	int to[2], from[2];
	ssize_t len;
	pid_t pid;

	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	pid = fork();
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		close(from[0]);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execlp("sh", "sh", (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	assert_int_equal(write(to[1], code, strlen(code)), (ssize_t)strlen(code));
	close(to[1]);
	text_buf_init(&printed, 1 << 20);
	while ((len = read(from[0], bytes, sizeof(bytes))) > 0)
		text_buf_add(&printed, (struct text){bytes, (size_t)len});
	close(from[0]);
	waitpid(pid, NULL, 0);
	return text_buf_steal(&printed);
}

static void any_word_comes_through_a_shell_as_it_is(void **state)
{
	static const char *const words[] = {
		"",
		"plain",
		"two words",
		"it's",
		"'",
		"''''",
		"$(touch /tmp/p)`id`",
		"a\nb\n",
		"*?[x]",
		"\\",
		"\\'",
		"-n x",
		"\"$HOME\" ${x}",
		"\xc3\xa9\xff\x01",
		"!!",
		"#",
		"a;b&c|d<e>f(g){h}~",
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(words); i++) {
		struct text_buf code;
		char *printed;

		text_buf_init(&code, 4096);
		text_buf_add_str(&code, "printf '%s' ");
		script_add_word(&code, text_from(words[i]));
		printed = run_shell(code.ptr);
		assert_string_equal(printed, words[i]);
		text_buf_deinit(&code);
		free(printed);
	}
}

static void stand_ins_become_the_nodes_own_paths(void **state)
{
	struct text_buf code;
	char *printed;

	(void)state;
	text_buf_init(&code, 4096);
	text_buf_add_str(&code, "tanda_workspace='/w s' tanda_station='/st'\nprintf '%s' ");
	script_add_node_word(
		&code, text_from("it's " NODE_WORKSPACE "/x:" NODE_BATCH_REPORT "/r.xml/@tanda"));
	printed = run_shell(code.ptr);
	assert_string_equal(printed, "it's /w s/x:/st/batch/report/r.xml/@tanda");
	text_buf_deinit(&code);
	free(printed);
}

static const struct sent_file list_file = {"list it", {"a'b\nc\n", 6}};

/* An assignment with everything, told to a shell whose tanda_pass evaluates. */
static char *run_message(size_t cut)
{
	static const char *const argv[] = {"prog", "an 'arg'", NODE_BATCH "/files/list it", NULL};
	static const char *const env[] = {"C=/x" NODE_OWN ":",
	                                  "D=/y" NODE_OWN ",",
	                                  "A=1 2",
	                                  "B=it's\n" NODE_BATCH_TMP,
	                                  "not-a-name=x",
	                                  "UID=7",
	                                  NULL};
	static const char *const wanted[] = {"shots/**/*.png", "*.log", "out/one.txt", NULL};
	const struct assignment assignment = {.key = "r.1.1.n",
	                                      .argv = argv,
	                                      .own_env = env,
	                                      .work_dir = NODE_WORKSPACE "/web",
	                                      .wanted_files = wanted,
	                                      .files = &list_file,
	                                      .file_count = 1,
	                                      .drops_stderr = true};
	struct text_buf code;
	size_t prologue;
	char *printed;

	text_buf_init(&code, 1 << 20);
	text_buf_add_str(
		&code,
		"C=\"own 'x\" D=; cd /tmp; t=$(mktemp -d); mkdir -p \"$t/batch/files\"; cd \"$t\"\n"
		"tanda_workspace=/ws tanda_station=/st\n"
		"tanda_pass() { eval \"$1\"; }\n"
		"tanda_bring() { for i; do echo \"bring <$i>\"; done; }\n"
		"tanda_run() { for i; do echo \"run <$i>\"; done; tanda_environment; echo \"$A:$B:$UID\"; echo \"<$C><$D>\";"
		" tanda_files; cat batch/files/*; tanda_wanted; }\n");
	prologue = code.len;
	script_add_run(&code, 5, &assignment, 1000);
	if (cut > 0 && cut < code.len - prologue)
		code.ptr[code.len - cut] = '\0';
	printed = run_shell(code.ptr);
	text_buf_deinit(&code);
	return printed;
}

static void a_job_is_given_its_words(void **state)
{
	char *printed = run_message(0);

	(void)state;
	assert_non_null(strstr(
		printed, "run <5>\nrun <r.1.1.n>\nrun </ws/web>\nrun <1>\nrun <1000>\nrun <prog>\n"
			 "run <an 'arg'>\nrun </st/batch/files/list it>\n"));
	assert_non_null(strstr(printed, "1 2:it's\n/st/batch/tmp:"));
	assert_null(strstr(printed, ":7"));
	assert_non_null(strstr(printed, "</x:own 'x></y>\n"));
	assert_non_null(strstr(printed, "a'b\nc\nbring <shots>\nbring <.>\nbring <out/one.txt>\n"));
	free(printed);
}

static void a_message_that_is_cut_off_does_nothing(void **state)
{
	size_t cut;

	(void)state;
	for (cut = 2; cut < 200; cut += 3) { /* 1 is the newline at the end */
		char *printed = run_message(cut);

		assert_string_equal(printed, "");
		free(printed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_told_whatever_the_pieces),
		cmocka_unit_test(what_makes_no_sense_ends_the_stream),
		cmocka_unit_test(another_nonce_is_output),
		cmocka_unit_test(times_of_three_shells_are_read),
		cmocka_unit_test(the_checksum_is_that_of_cksum),
		cmocka_unit_test(any_word_comes_through_a_shell_as_it_is),
		cmocka_unit_test(stand_ins_become_the_nodes_own_paths),
		cmocka_unit_test(a_job_is_given_its_words),
		cmocka_unit_test(a_message_that_is_cut_off_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
