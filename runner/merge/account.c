/* account.c - see account.h. */
#include "runner/merge/account.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/junit/clean.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum { COMPARE_BYTES = 64 * 1024, SUBJECT_MAX_BYTES = 4096, SHOWN_BYTES = 120 };

static void warn(const struct account *account, const char *where, const char *message)
{
	if (account->request->on_warning != NULL)
		account->request->on_warning(account->request->data, where, message);
}

/* A message that begins with "line N: " gives its line to the place. */
static void warn_of_report(const struct account *account, const char *path, const char *message)
{
	uint64_t line;
	const char *colon = strchr(message, ':');
	char *where;

	if (strncmp(message, "line ", 5) != 0 || colon == NULL ||
	    !text_to_u64((struct text){message + 5, (size_t)(colon - message) - 5}, &line)) {
		warn(account, path, message);
		return;
	}
	where = mem_printf("%s:%" PRIu64, path, line);
	warn(account, where, colon + 2);
	free(where);
}

static void note_fault(struct account *account, const char *subject, const char *message)
{
	struct merge_result *result = account->result;

	if (result->fault_count++ == 0)
		snprintf(result->reason, sizeof(result->reason), "%.*s: %.*s",
		         TEXT_ARG(text_head(text_from(subject), SHOWN_BYTES)),
		         TEXT_ARG(text_head(text_from(message), SHOWN_BYTES)));
}

static void add_made_case(struct account *account, const char *type, struct text file,
                          const char *subject, const char *message)
{
	struct text_buf line;
	struct junit_case item = {
		.classname = TEXT_LIT(ACCOUNT_SUITE),
		.name = text_from(subject),
		.file = file,
		.status = CASE_ERROR,
		.type = text_from(type),
	};

	text_buf_init(&line, JUNIT_MESSAGE_MAX_BYTES);
	clean_add_line(&line, text_from(message), JUNIT_MESSAGE_MAX_BYTES);
	item.message = text_buf_text(&line);
	gatherer_add_made(account->gatherer, account->made, TEXT_LIT(ACCOUNT_SUITE), TEXT_EMPTY,
	                  &item);
	text_buf_deinit(&line);
}

void account_fault(void *data, const char *type, const char *subject, const char *message)
{
	struct account *account = data;
	struct text_buf clean, clean_message; /* a plan's words are a stranger's */

	text_buf_init(&clean, SUBJECT_MAX_BYTES);
	clean_add_line(&clean, text_from(subject), SUBJECT_MAX_BYTES);
	subject = clean.len > 0 ? clean.ptr : "";
	text_buf_init(&clean_message, SUBJECT_MAX_BYTES);
	utf8_add_valid(&clean_message, text_from(message));
	message = clean_message.len > 0 ? clean_message.ptr : "";
	note_fault(account, subject, message);
	warn(account, subject, message);
	add_made_case(account, type, TEXT_EMPTY, subject, message);
	text_buf_deinit(&clean);
	text_buf_deinit(&clean_message);
}

/* Equal digests of equal lengths are good evidence; of a report that is to be left out, the bytes
 * are proof. What is no file can't be looked at again. */
static bool are_same_bytes(const char *a, const char *b)
{
	int left = open(a, O_RDONLY | O_CLOEXEC), right = open(b, O_RDONLY | O_CLOEXEC);
	char *bytes = mem_alloc(2 * COMPARE_BYTES);
	bool same = left >= 0 && right >= 0;
	ssize_t got = 1;

	while (same && got > 0) {
		got = read(left, bytes, COMPARE_BYTES);
		same = got == read(right, bytes + COMPARE_BYTES, COMPARE_BYTES) && got >= 0 &&
		       memcmp(bytes, bytes + COMPARE_BYTES, (size_t)got) == 0;
	}
	if (left >= 0)
		close(left);
	if (right >= 0)
		close(right);
	free(bytes);
	return same;
}

static bool is_same(const struct inputs *inputs, size_t a, size_t b)
{
	const char *left = inputs->list[a].path, *right = inputs->list[b].path;

	return strcmp(left, "-") == 0 || strcmp(right, "-") == 0 || are_same_bytes(left, right);
}

/* What equal reports share. */
struct key {
	uint64_t bytes, digest;
};

/* Reports seen so far. */
struct seen {
	struct dict by_key;
	struct key *keys; /* one for each report */
};

/* The earlier report that `index` is the same as. */
static bool find_same(struct seen *seen, const struct inputs *inputs, size_t index,
                      const struct gathered *gathered, size_t *ret_first)
{
	struct text key = {(const char *)&seen->keys[index], sizeof(seen->keys[0])};

	if (gathered->bytes == 0)
		return false;
	seen->keys[index] = (struct key){gathered->bytes, gathered->digest};
	if (dict_add(&seen->by_key, key, index))
		return false;
	return dict_find(&seen->by_key, key, ret_first) && is_same(inputs, *ret_first, index);
}

static void leave_out(struct account *account, struct merge_file *file, struct gathered *gathered,
                      const char *why, const char *of)
{
	gathered->is_dropped = true;
	file->is_left_out = true;
	file->message = arena_printf(&account->result->strings, "left out: %s%s", why, of);
	warn(account, file->path, file->message);
}

static void tell_state(struct account *account, struct merge_file *file,
                       const struct gathered *gathered)
{
	switch (gathered->state) {
	case REPORT_NONE_EXPECTED:
	case REPORT_WHOLE:
		return;
	case REPORT_REPAIRED:
		warn_of_report(account, file->path, gathered->message);
		return;
	case REPORT_EMPTY:
	case REPORT_MISSING:
	case REPORT_BROKEN:
		break;
	}
	note_fault(account, file->path, gathered->message);
	warn_of_report(account, file->path, gathered->message);
	add_made_case(account,
	              gathered->state == REPORT_EMPTY ? "tanda.EmptyReport" : "tanda.BadReport",
	              text_from(file->path), file->path, gathered->message);
}

static void account_report(struct account *account, struct seen *seen, const struct inputs *inputs,
                           size_t index, struct gathered *gathered)
{
	struct arena *strings = &account->result->strings;
	struct merge_file *file = &account->result->files[index];
	char message[120];
	size_t first;

	file->path = arena_string(strings, text_from(inputs->list[index].shown));
	file->state = gathered->state;
	file->case_count = gathered->case_count;
	file->message = "";
	if (gathered->message[0] != '\0')
		file->message = arena_string(strings, text_from(gathered->message));
	if (gathered->is_foreign && inputs->list[index].is_found) {
		leave_out(account, file, gathered, gathered->message, "");
	} else if (find_same(seen, inputs, index, gathered, &first)) {
		leave_out(account, file, gathered, "it is the same as ", inputs->list[first].shown);
	} else {
		tell_state(account, file, gathered);
		if (gathered->refused_attachments == 0)
			return;
		snprintf(message, sizeof(message),
		         "%" PRIu64 " attachments are outside of this folder: shown, not linked",
		         gathered->refused_attachments);
		warn(account, file->path, message);
	}
}

void account_reports(struct account *account, const struct inputs *inputs,
                     struct gathered *gathered)
{
	struct merge_result *result = account->result;
	struct seen seen = {.keys = mem_calloc(inputs->count, sizeof(seen.keys[0]))};
	size_t i;

	dict_init(&seen.by_key);
	result->files = mem_calloc(inputs->count, sizeof(result->files[0]));
	result->file_count = inputs->count;
	for (i = 0; i < inputs->count; i++)
		account_report(account, &seen, inputs, i, &gathered[i]);
	dict_deinit(&seen.by_key);
	free(seen.keys);
}
