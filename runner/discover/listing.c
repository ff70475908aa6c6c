/* listing.c - see listing.h: the cases as they gather; the formats are in files of their own. */
#include "runner/discover/listing.h"

#include <stdlib.h>
#include <string.h>

#include "runner/discover/listing_reader.h"
#include "runner/discover/samefile.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

bool listing_find_file(struct listing_reader *reader, struct text told, size_t *ret_index)
{
	size_t found;

	if (reader->last_found < reader->file_count &&
	    text_equal_str(told, reader->files[reader->last_found])) {
		*ret_index = reader->last_found;
		return true;
	}
	found = samefile_find(told, reader->dir, reader->files, reader->file_count);
	if (found == SAMEFILE_NONE)
		return false;
	*ret_index = reader->last_found = found;
	return true;
}

/* As it may stand in an id: within its length, on one line. */
static char *fit_name(struct text name)
{
	/* Room for the file, " > " and a number in the id that is made of it. */
	char *fitted = text_dup(text_head(name, TEST_ID_MAX_BYTES / 2));
	char *c;

	for (c = fitted; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	return fitted;
}

/* Find the name among those of the file's cases, or add it; true when it is new. */
static bool claim_name(struct listing_reader *reader, size_t file_index, const char *name,
                       size_t *ret_index)
{
	char *key = mem_printf("%zu:%s", file_index, name);

	if (dict_find(&reader->names, text_from(key), ret_index)) {
		free(key);
		return false;
	}
	*ret_index = reader->taken_count;
	reader->taken = mem_grow(reader->taken, &reader->taken_cap, reader->taken_count + 1,
	                         sizeof(reader->taken[0]));
	reader->taken[reader->taken_count++] = (struct taken_name){key, 2};
	(void)dict_add(&reader->names, text_from(key), *ret_index);
	return true;
}

/* The name, made unique within its file. Sets *ret_first_len when it took a number to do so. */
static char *unique_name(struct listing_reader *reader, size_t file_index, struct text name,
                         size_t *ret_first_len)
{
	char *base = fit_name(name), *unique = mem_strdup(base);
	size_t index, ignored;

	if (!claim_name(reader, file_index, base, &index)) {
		*ret_first_len = strlen(base);
		do {
			free(unique);
			unique = mem_printf("%s #%zu", base, reader->taken[index].next_number++);
		} while (!claim_name(reader, file_index, unique, &ignored));
	}
	free(base);
	return unique;
}

static int add_case(struct listing_reader *reader, const struct listed_case *added)
{
	struct listing *listing = &reader->listing;

	if (listing->count >= LISTING_CASES_MAX) {
		tanda_error_set(reader->error, NULL, "it lists more than %d cases",
		                LISTING_CASES_MAX);
		free(added->name);
		free(added->locator);
		return -1;
	}
	listing->cases = mem_grow(listing->cases, &listing->cap, listing->count + 1,
	                          sizeof(listing->cases[0]));
	listing->cases[listing->count++] = *added;
	return 0;
}

int listing_add(struct listing_reader *reader, size_t file_index, struct text name, char *locator)
{
	struct listed_case added = {.file_index = file_index, .locator = locator};

	added.name = unique_name(reader, file_index, name, &added.first_len);
	return add_case(reader, &added);
}

char *listing_toggles(const json_t *tags)
{
	static const char prefix[] = "feature:";
	struct text_buf names;
	json_t *tag;
	size_t i;

	text_buf_init(&names, LISTING_NAME_MAX_BYTES);
	json_array_foreach (tags, i, tag) {
		const char *word = json_is_object(tag)
		                           ? json_string_value(json_object_get(tag, "name"))
		                           : json_string_value(tag);

		if (word != NULL && word[0] == '@')
			word++;
		if (word != NULL && strncmp(word, prefix, strlen(prefix)) == 0)
			text_buf_printf(&names, "%s%s", names.len > 0 ? " " : "",
			                word + strlen(prefix));
	}
	if (names.len > 0)
		return text_buf_steal(&names);
	text_buf_deinit(&names);
	return NULL;
}

void listing_note_toggles(struct listing_reader *reader, const char *toggles)
{
	if (toggles != NULL)
		reader->listing.cases[reader->listing.count - 1].toggles = mem_strdup(toggles);
}

int listing_add_counted(struct listing_reader *reader, size_t file_index)
{
	return add_case(reader, &(struct listed_case){.file_index = file_index});
}

char *listing_line_locator(const struct listing_reader *reader, size_t file_index, uint64_t line)
{
	return mem_printf("%s:%llu", reader->files[file_index], (unsigned long long)line);
}

int listing_is_foreign(const struct listing_reader *reader, const char *what, const char *why)
{
	tanda_error_set(reader->error, NULL, "it is not what %s prints%s%s", what,
	                why != NULL ? ": " : "", why != NULL ? why : "");
	return -1;
}

json_t *listing_find_json(struct text output, struct text start)
{
	const char *found =
		output.len > 0 ? memmem(output.ptr, output.len, start.ptr, start.len) : NULL;
	json_error_t fault;

	if (found == NULL)
		return NULL;
	return json_loadb(found, output.len - (size_t)(found - output.ptr), JSON_DISABLE_EOF_CHECK,
	                  &fault);
}

struct text listing_string(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct text){json_string_value(value), json_string_length(value)};
}

static int read_kind(struct listing_reader *reader, enum listing_kind kind, struct text output)
{
	switch (kind) {
	case LISTING_IS_PYTEST:
		return listing_read_pytest(reader, output);
	case LISTING_IS_BEHAVE:
		return listing_read_behave(reader, output);
	case LISTING_IS_CUCUMBER:
		return listing_read_cucumber(reader, output);
	case LISTING_IS_COUNT:
		return listing_read_count(reader, output);
	case LISTING_IS_FILES:
		return listing_read_files(reader, output);
	case LISTING_IS_MOCHA:
		return listing_read_mocha(reader, output);
	case LISTING_IS_VITEST:
		return listing_read_vitest(reader, output);
	case LISTING_IS_PLAYWRIGHT:
		return listing_read_playwright(reader, output);
	case LISTING_IS_NEWMAN:
		return listing_read_newman(reader, output);
	case LISTING_IS_RSPEC:
		return listing_read_rspec(reader, output);
	case LISTING_IS_CTEST:
		return listing_read_ctest(reader, output);
	case LISTING_IS_GTEST:
		return listing_read_gtest(reader, output);
	case LISTING_IS_NONE:
		break;
	}
	tanda_error_set(reader->error, NULL, "this framework has no listing");
	return -1;
}

int listing_read(enum listing_kind kind, struct text output, const char *dir,
                 const char *const *files, size_t file_count, struct listing *ret_listing,
                 struct tanda_error *error)
{
	struct listing_reader reader = {
		.dir = dir,
		.files = files,
		.file_count = file_count,
		.last_found = SIZE_MAX,
		.error = error,
	};
	int status;
	size_t i;

	dict_init(&reader.names);
	status = read_kind(&reader, kind, output);
	if (status == 0)
		*ret_listing = reader.listing;
	else
		listing_deinit(&reader.listing);
	dict_deinit(&reader.names);
	for (i = 0; i < reader.taken_count; i++)
		free(reader.taken[i].key);
	free(reader.taken);
	return status;
}

void listing_deinit(struct listing *listing)
{
	size_t i;

	for (i = 0; i < listing->count; i++) {
		free(listing->cases[i].name);
		free(listing->cases[i].locator);
		free(listing->cases[i].toggles);
	}
	free(listing->cases);
	*listing = (struct listing){0};
}

void listing_count(const struct listing *listing, size_t file_count, uint64_t *ret_counts)
{
	size_t i;

	memset(ret_counts, 0, file_count * sizeof(ret_counts[0]));
	for (i = 0; i < listing->count; i++)
		ret_counts[listing->cases[i].file_index]++;
}
