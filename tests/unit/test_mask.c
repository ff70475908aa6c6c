/* test_mask.c - rules of what is hidden of a text, and of what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shards/base/mask.h"
#include "shards/base/mem.h"

enum { OUT_MAX_BYTES = 1024 * 1024 };

static struct mask *mask_of(const char *secret)
{
	const struct text text = text_from(secret);

	return mask_new(&text, 1);
}

/* What comes out when the bytes go in in pieces of `step`. */
static char *masked(const struct mask *mask, struct text bytes, size_t step)
{
	struct masker *masker = masker_new(mask);
	struct text_buf out;

	text_buf_init(&out, OUT_MAX_BYTES);
	for (; bytes.len > 0; bytes = text_from_offset(bytes, step))
		masker_add(masker, (struct text){bytes.ptr, bytes.len < step ? bytes.len : step},
		           &out);
	masker_end(masker, &out);
	masker_free(masker);
	return text_buf_steal(&out);
}

/* At once, byte by byte, in threes, and cut in two at every place. */
static void check_by(const struct mask *mask, const char *bytes, const char *expected)
{
	const struct text text = text_from(bytes);
	size_t cut;
	char *out;

	for (cut = 1; cut <= 4; cut++) {
		out = masked(mask, text, cut < 4 ? cut : text.len + 1);
		assert_string_equal(out, expected);
		free(out);
	}
	for (cut = 0; cut <= text.len; cut++) {
		struct masker *masker = masker_new(mask);
		struct text_buf halves;

		text_buf_init(&halves, OUT_MAX_BYTES);
		masker_add(masker, (struct text){text.ptr, cut}, &halves);
		masker_add(masker, text_from_offset(text, cut), &halves);
		masker_end(masker, &halves);
		out = text_buf_steal(&halves);
		assert_string_equal(out, expected);
		free(out);
		masker_free(masker);
	}
}

static void check(const char *secret, const char *bytes, const char *expected)
{
	struct mask *mask = mask_of(secret);

	check_by(mask, bytes, expected);
	mask_free(mask);
}

static void a_secret_is_hidden_wherever_it_stands(void **state)
{
	(void)state;
	check("hunter22", "hunter22", "****");
	check("hunter22", "a hunter22 b", "a **** b");
	check("hunter22", "hunter22hunter22 hunter2", "**** hunter2");
	check("hunter22", "hunterhunter22", "hunter****");
	check("hunter22", "", "");
}

static void a_secret_that_overlaps_itself_is_hidden_whole(void **state)
{
	(void)state;
	check("ababac", "xabababacx", "xab****x");
	check("aaaaab", "xaaaaaaabx", "xaa****x");
	check("abcabcab", "abcabcabcab!", "****!");
}

static void secrets_that_overlap_are_hidden_together(void **state)
{
	const struct text secrets[] = {TEXT_LIT("abc123"), TEXT_LIT("abc123def"),
	                               TEXT_LIT("123defghi"), TEXT_LIT("fghijk")};
	struct mask *mask = mask_new(secrets, countof(secrets));

	(void)state;
	check_by(mask, "-abc123-", "-****-");
	check_by(mask, "-abc123de-", "-****de-");
	check_by(mask, "-abc123def-", "-****-");
	check_by(mask, "-abc123defghijk-", "-****-");
	check_by(mask, "-abc123abc123def-", "-****-");
	mask_free(mask);
}

static void a_byte_that_means_something_elsewhere_is_a_byte(void **state)
{
	(void)state;
	check("a.*[b]$^(c)", "a.*[b]$^(c) axxb", "**** axxb");
	check("\xC3\xA4\xF0\x9F\x98\x80"
	      "abc",
	      "<\xC3\xA4\xF0\x9F\x98\x80"
	      "abc>",
	      "<****>");
	check("\xFF\xFE\xFD\xFC\xFB\xFA", "<\xFF\xFE\xFD\xFC\xFB\xFA>", "<****>");
	check("50%off&more", "50%off&more", "****");
}

static void each_line_of_a_secret_is_hidden(void **state)
{
	const char *pem = "-----BEGIN KEY-----\nMIIabcdefghijkl\nqrstuvwxyz012345\nshor\n";

	(void)state;
	check(pem, "-----BEGIN KEY-----\nMIIabcdefghijkl\nqrstuvwxyz012345\nshor\n", "****\n");
	check(pem, "  MIIabcdefghijkl\r\n\tqrstuvwxyz012345\n", "  ****\r\n\t****\n");
	check(pem, "x shor y", "x shor y"); /* on its own it would hide anything */
	check(pem,
	      "{\"k\": \"-----BEGIN KEY-----\\nMIIabcdefghijkl\\nqrstuvwxyz012345\\nshor\\n\"}",
	      "{\"k\": \"****\\n\"}");
}

static void white_space_around_a_secret_is_no_part_of_it(void **state)
{
	(void)state;
	check("  hunter22\n", "[hunter22]", "[****]");
	check("        ", "a         b", "a         b");
	check("short", "short", "short");
}

static void a_character_may_be_written_in_any_way(void **state)
{
	(void)state;
	check("p&s<w>\"d'", "p&amp;s&lt;w&gt;&quot;d&apos;", "****");
	check("p&s<w>\"d'", "p&amp;s&lt;w&gt;&#34;d&#39;", "****");
	check("p&s<w>\"d'", "p&#x26;s&#x3C;w&#x3e;&#x22;d&#x27;", "****");
	check("p&s<w>\"d'", "p&s<w>\\\"d'", "****");
	check("p&s<w>\"d'", "p\\u0026s\\u003cw\\u003E\\\"d\\u0027", "****");
	check("p&s<w>\"d'", "p%26s%3Cw%3e%22d%27", "****");
	check("p&s<w>\"d'", "p%2526s%253Cw%253e%2522d%2527", "****");
	check("a/b c+d=", "a%2Fb+c%2Bd%3D", "****");
	check("a/b c+d=", "a\\/b c+d=", "****");
	check("it's $5 \\o/", "'it'\\''s $5 \\o/'", "'****'");
	check("it's $5 \\o/", "'it'\"'\"'s $5 \\o/'", "'****'");
	check("it's $5 \\o/", "it\\'s\\ \\$5\\ \\\\o/", "****");
	check("it's $5 \\o/", "\"it's \\$5 \\\\o/\"", "\"****\"");
	check("it's $5 \\o/", "it's $$5 \\o/", "****");
	check("two\twords", "two\\twords two\\x09words two\\011words", "**** **** ****");
	check("\xC3\xA4pfel!", "\\u00e4pfel! %C3%A4pfel! &#228;pfel! \\xc3\\xa4pfel!",
	      "**** **** **** ****");
	check("\xF0\x9F\x98\x80smile", "\\ud83d\\ude00smile", "****");
}

static void hexadecimal_is_found_in_either_case(void **state)
{
	(void)state;
	check("hunter", "<68756e746572>", "<****>");
	check("hunter", "<68756E746572>", "<****>");
	check("hunter", "<68:75:6e:74:65:72> 6875 6e74 6572", "<****> ****");
	check("hunter", "\\x68\\x75\\x6e\\x74\\x65\\x72", "****");
}

static void base64(const unsigned char *bytes, size_t len, bool is_padded, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		unsigned group = (unsigned)bytes[i] << 16;
		size_t more = len - i < 3 ? len - i : 3;

		if (more > 1)
			group |= (unsigned)bytes[i + 1] << 8;
		if (more > 2)
			group |= bytes[i + 2];
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		if (more > 1 || is_padded)
			*out++ = more > 1 ? digits[group >> 6 & 63] : '=';
		if (more > 2 || is_padded)
			*out++ = more > 2 ? digits[group & 63] : '=';
	}
	*out = '\0';
}

/* No digit that the secret has a part in may be left. */
static void base64_is_found_at_every_alignment(void **state)
{
	static const char *const secrets[] = {"hunter2", "hunter22", "hunter222",
	                                      "\xFB\xEF\xBE\xFF\xFF\xFE"};
	size_t before, after, i;
	int is_padded;

	(void)state;
	for (i = 0; i < countof(secrets); i++) {
		struct mask *mask = mask_of(secrets[i]);

		for (before = 0; before < 5; before++) {
			for (after = 0; after < 5; after++) {
				for (is_padded = 0; is_padded < 2; is_padded++) {
					char plain[40] = "", code[80], expected[80];
					size_t len = strlen(secrets[i]);
					size_t first = before * 8 / 6,
					       end = ((before + len) * 8 + 5) / 6;

					snprintf(plain, sizeof(plain), "%.*s%s%.*s", (int)before,
					         "user:", secrets[i], (int)after, ":more");
					base64((const unsigned char *)plain, before + len + after,
					       is_padded != 0, code);
					if (after == 0)
						end = strlen(code);
					snprintf(expected, sizeof(expected), "%.*s****%s",
					         (int)first, code, code + end);
					check_by(mask, code, expected);
				}
			}
		}
		mask_free(mask);
	}
}

static void base64_is_found_in_its_other_alphabet_and_wrapped(void **state)
{
	(void)state;
	/* FB EF BE FF FF FE: ++++///+ */
	check("\xFB\xEF\xBE\xFF\xFF\xFE", "<----___-> <%2B%2B%2b%2B%2F%2f%2F%2B>", "<****> <****>");
	check("hunter22", "aHVu\ndGVy\r\nMjI=\n", "****\n");
	check("hunter22", "\"aHVudGVy\\nMjI=\\n\"", "\"****\\n\"");
	check("hunter22", "aHVudGVyMjI%3D", "****");
}

static void colours_do_not_uncover_a_secret(void **state)
{
	(void)state;
	check("hunter22", "a h\x1B[1munt\x1B[0;31mer22\x1B[0m b", "a ****\x1B[0m b");
	check("hunter22", "\x1B[1mhunter22\x1B[0m", "\x1B[1m****\x1B[0m");
}

static void what_only_looks_like_a_secret_is_left_alone(void **state)
{
	static const char text[] = "hunter2 2hunter hunt er22 HUNTER22 %68unter2 &#104;unter2\n";

	(void)state;
	check("hunter22", text, text);
}

static void a_stream_that_was_cut_shows_no_half_secret(void **state)
{
	struct mask *mask = mask_of("hunter22");
	struct masker *masker = masker_new(mask);
	struct text_buf out;

	(void)state;
	text_buf_init(&out, OUT_MAX_BYTES);
	masker_add(masker, TEXT_LIT("sleep hunter"), &out);
	assert_string_equal(out.ptr, "sleep ");
	masker_end_cut(masker, &out);
	assert_string_equal(out.ptr, "sleep ****");
	text_buf_clear(&out);
	masker_add(masker, TEXT_LIT("ready, hu"), &out);
	masker_end_cut(masker, &out);
	assert_string_equal(out.ptr, "ready, hu");
	text_buf_deinit(&out);
	masker_free(masker);
	mask_free(mask);
}

static void a_whole_text_tells_whether_anything_was_hidden(void **state)
{
	const struct text secrets[] = {TEXT_LIT("hunter22"), TEXT_LIT("s3cret!")};
	struct mask *mask = mask_new(secrets, countof(secrets));
	struct masker *masker = masker_new(mask);
	struct text_buf out;

	(void)state;
	text_buf_init(&out, OUT_MAX_BYTES);
	text_buf_add_str(&out, "> ");
	assert_false(masker_hide(masker, TEXT_LIT("nothing"), &out));
	assert_string_equal(out.ptr, "> ");
	assert_int_equal(masker_found(masker), -1);
	assert_true(masker_hide(masker, TEXT_LIT("a s3cret!"), &out));
	assert_string_equal(out.ptr, "> a ****");
	assert_int_equal(masker_found(masker), 1);
	text_buf_deinit(&out);
	masker_free(masker);
	mask_free(mask);
}

/* A number that looks like chance and is the same each time. */
static unsigned roll(unsigned *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	return *seed >> 16;
}

/* Secrets over two letters overlap as much as they can; texts over the same two are full of them.
 * In the end nothing of a secret may be left, and what is left is the same however it came. */
static void any_cut_gives_the_same_and_leaves_nothing(void **state)
{
	unsigned seed = 1, round;

	(void)state;
	for (round = 0; round < 300; round++) {
		char bytes[3][12], input[200];
		struct text secrets[3];
		struct mask *mask;
		size_t i, j, len = roll(&seed) % sizeof(input);
		char *whole, *cut;

		for (i = 0; i < countof(secrets); i++) {
			secrets[i] = (struct text){bytes[i], 6 + roll(&seed) % 6};
			for (j = 0; j < secrets[i].len; j++)
				bytes[i][j] = (char)('a' + roll(&seed) % 2);
		}
		for (i = 0; i < len; i++)
			input[i] = (char)('a' + roll(&seed) % 2);
		mask = mask_new(secrets, countof(secrets));
		whole = masked(mask, (struct text){input, len}, sizeof(input));
		cut = masked(mask, (struct text){input, len}, 1 + roll(&seed) % 9);
		assert_string_equal(whole, cut);
		for (i = 0; i < countof(secrets); i++)
			assert_false(text_contains(text_from(whole), secrets[i]));
		free(whole);
		free(cut);
		mask_free(mask);
	}
}

/* More states than are kept: they are forgotten on the way, and nothing is missed. */
static void a_text_that_visits_every_state_is_masked_as_well(void **state)
{
	enum { SECRETS = 200, SECRET_BYTES = 64, TEXT_BYTES = 400 * 1024 };
	struct text secrets[SECRETS];
	char *bytes = mem_alloc(SECRETS * SECRET_BYTES), *input = mem_alloc(TEXT_BYTES);
	struct mask *mask;
	unsigned seed = 7;
	size_t i, at = 0;
	char *out;

	(void)state;
	for (i = 0; i < SECRETS * SECRET_BYTES; i++)
		bytes[i] = (char)('a' + roll(&seed) % 26);
	for (i = 0; i < SECRETS; i++)
		secrets[i] = (struct text){bytes + i * SECRET_BYTES, SECRET_BYTES};
	while (at + SECRET_BYTES < TEXT_BYTES) { /* beginnings of secrets, and whole ones */
		size_t which = roll(&seed) % SECRETS, len = 1 + roll(&seed) % SECRET_BYTES;

		memcpy(input + at, secrets[which].ptr, len);
		at += len;
	}
	mask = mask_new(secrets, SECRETS);
	out = masked(mask, (struct text){input, at}, 1000);
	for (i = 0; i < SECRETS; i++)
		assert_null(memmem(out, strlen(out), secrets[i].ptr, SECRET_BYTES));
	assert_non_null(strstr(out, "****"));
	free(out);
	mask_free(mask);
	free(bytes);
	free(input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_hidden_wherever_it_stands),
		cmocka_unit_test(a_secret_that_overlaps_itself_is_hidden_whole),
		cmocka_unit_test(secrets_that_overlap_are_hidden_together),
		cmocka_unit_test(a_byte_that_means_something_elsewhere_is_a_byte),
		cmocka_unit_test(each_line_of_a_secret_is_hidden),
		cmocka_unit_test(white_space_around_a_secret_is_no_part_of_it),
		cmocka_unit_test(a_character_may_be_written_in_any_way),
		cmocka_unit_test(hexadecimal_is_found_in_either_case),
		cmocka_unit_test(base64_is_found_at_every_alignment),
		cmocka_unit_test(base64_is_found_in_its_other_alphabet_and_wrapped),
		cmocka_unit_test(colours_do_not_uncover_a_secret),
		cmocka_unit_test(what_only_looks_like_a_secret_is_left_alone),
		cmocka_unit_test(a_stream_that_was_cut_shows_no_half_secret),
		cmocka_unit_test(a_whole_text_tells_whether_anything_was_hidden),
		cmocka_unit_test(any_cut_gives_the_same_and_leaves_nothing),
		cmocka_unit_test(a_text_that_visits_every_state_is_masked_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
