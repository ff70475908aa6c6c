/* tar.c - see tar.h. */
#include "runner/exec/bundle/tar.h"

#include <string.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	BASE_256 = 0x80, /* the first byte of a number that is no octal one */
	NAME_SHOWN_BYTES = 200,
	RECORD_DIGITS_MAX = 9,
};

/* Where a header's fields are. */
static const struct field {
	size_t offset, len;
} field_name = {0, 100}, field_size = {124, 12}, field_checksum = {148, 8}, field_type = {156, 1},
  field_magic = {257, 8}, field_prefix = {345, 155};

/* What is refused by its type, in words. */
static const struct type_word {
	char type;
	const char *words;
} type_words[] = {
	{'1', "a hard link"},         {'2', "a symbolic link"}, {'3', "a character device"},
	{'4', "a block device"},      {'6', "a named pipe"},    {'S', "a sparse file"},
	{'M', "a part of a file"},    {'V', "a volume's name"}, {'N', "a list of names"},
	{'D', "a folder's contents"},
};

void tar_reader_init(struct tar_reader *reader, const struct tar_listener *listener)
{
	*reader = (struct tar_reader){.listener = listener};
	text_buf_init(&reader->extension, TAR_EXTENSION_MAX_BYTES);
	text_buf_init(&reader->path, TAR_PATH_MAX_BYTES);
	text_buf_init(&reader->member_path, TAR_PATH_MAX_BYTES);
}

void tar_reader_deinit(struct tar_reader *reader)
{
	text_buf_deinit(&reader->extension);
	text_buf_deinit(&reader->path);
	text_buf_deinit(&reader->member_path);
}

/* ---- fields ---- */

/* The bytes of a field up to its NUL, if it has one. */
static struct text field_text(const char *block, struct field field)
{
	return (struct text){block + field.offset, strnlen(block + field.offset, field.len)};
}

/* Base 256, big endian, positive. */
static bool read_binary(const unsigned char *bytes, size_t len, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i;

	if (bytes[0] != BASE_256)
		return false;
	for (i = 1; i < len; i++) {
		if (value > UINT64_MAX >> 9) /* one bit is spared, so that sums do not overflow */
			return false;
		value = value << 8 | bytes[i];
	}
	*ret_value = value;
	return true;
}

/* A number: octal digits, spaces before and a space or NUL behind them; or base 256. */
static bool read_number(const char *block, struct field field, uint64_t *ret_value)
{
	const char *bytes = block + field.offset;
	uint64_t value = 0;
	size_t i = 0, digits;

	if (((unsigned char)bytes[0] & BASE_256) != 0)
		return read_binary((const unsigned char *)bytes, field.len, ret_value);
	while (i < field.len && bytes[i] == ' ')
		i++;
	for (digits = 0; i < field.len && bytes[i] >= '0' && bytes[i] <= '7'; i++, digits++)
		value = value << 3 | (uint64_t)(bytes[i] - '0'); /* 12 digits are 36 bits */
	if (digits == 0 || (i < field.len && bytes[i] != ' ' && bytes[i] != '\0'))
		return false;
	*ret_value = value;
	return true;
}

static bool is_zero(struct text bytes)
{
	return bytes.len == 0 ||
	       (bytes.ptr[0] == '\0' && memcmp(bytes.ptr, bytes.ptr + 1, bytes.len - 1) == 0);
}

/* The sum of all bytes, with blanks in place of the sum itself. */
static bool checksum_is_right(const char *block)
{
	uint64_t wanted, sum = 0;
	size_t i;

	if (!read_number(block, field_checksum, &wanted))
		return false;
	for (i = 0; i < TAR_BLOCK_BYTES; i++) {
		bool is_sum = i - field_checksum.offset < field_checksum.len;

		sum += is_sum ? ' ' : (unsigned char)block[i];
	}
	return sum == wanted;
}

static bool is_posix(const char *block)
{
	return memcmp(block + field_magic.offset,
	              "ustar\0"
	              "00",
	              field_magic.len) == 0;
}

static bool is_gnu(const char *block)
{
	return memcmp(block + field_magic.offset, "ustar  ", field_magic.len) == 0;
}

/* ---- faults ---- */

static int damaged(struct tanda_error *error, const char *what)
{
	tanda_error_set(error, NULL, "the archive is damaged: %s", what);
	return -1;
}

static int refuse_type(const struct tar_reader *reader, char type, struct tanda_error *error)
{
	const char *words = "of a type that is not known";
	size_t i;

	for (i = 0; i < countof(type_words); i++) {
		if (type_words[i].type == type)
			words = type_words[i].words;
	}
	tanda_error_set(error, NULL, "'%.*s' in the archive is %s",
	                TEXT_ARG(text_head(text_buf_text(&reader->member_path), NAME_SHOWN_BYTES)),
	                words);
	tanda_error_hint(error, "only regular files and folders may come back from a node");
	return -1;
}

/* ---- extensions ---- */

static int take_path(struct tar_reader *reader, struct text path, struct tanda_error *error)
{
	if (path.len > 0 && memchr(path.ptr, '\0', path.len) != NULL)
		return damaged(error, "a name with a NUL in it");
	text_buf_clear(&reader->path);
	text_buf_add(&reader->path, path);
	if (reader->path.overflowed)
		return damaged(error, "a name of more than 4096 bytes");
	reader->has_path = path.len > 0; /* a pax header takes one back by an empty value */
	return 0;
}

static int take_record(struct tar_reader *reader, struct text key, struct text value,
                       struct tanda_error *error)
{
	bool is_path = text_equal(key, TEXT_LIT("path"));
	bool is_size = text_equal(key, TEXT_LIT("size"));

	if (text_has_prefix(key, TEXT_LIT("GNU.sparse.")))
		return damaged(error, "a sparse file, whose content it does not tell in full");
	if ((is_path || is_size) && reader->extension_type == 'g')
		return damaged(error, "one name or size for all that follow");
	if (is_path)
		return take_path(reader, value, error);
	if (!is_size)
		return 0; /* times, owners, comments */
	if (!text_to_u64(value, &reader->size) || reader->size > INT64_MAX)
		return damaged(error, "a pax header whose size is no number");
	reader->has_size = true;
	return 0;
}

/* Split off "LENGTH KEY=VALUE\n", whose length counts all of it. */
static bool next_record(struct text *rest, struct text *ret_key, struct text *ret_value)
{
	const char *space = memchr(rest->ptr, ' ', rest->len);
	const char *equal, *end;
	uint64_t len;

	if (space == NULL || space - rest->ptr > RECORD_DIGITS_MAX ||
	    !text_to_u64((struct text){rest->ptr, (size_t)(space - rest->ptr)}, &len))
		return false;
	if (len > rest->len || len < (uint64_t)(space - rest->ptr) + 2)
		return false;
	end = rest->ptr + len - 1;
	equal = memchr(space, '=', (size_t)(end - space));
	if (*end != '\n' || equal == NULL)
		return false;
	*ret_key = (struct text){space + 1, (size_t)(equal - space - 1)};
	*ret_value = (struct text){equal + 1, (size_t)(end - equal - 1)};
	*rest = text_from_offset(*rest, (size_t)len);
	return true;
}

static int take_records(struct tar_reader *reader, struct text rest, struct tanda_error *error)
{
	struct text key, value;

	while (rest.len > 0) {
		if (!next_record(&rest, &key, &value))
			return damaged(error, "a pax header that cannot be read");
		if (take_record(reader, key, value, error) < 0)
			return -1;
	}
	return 0;
}

static int take_extension(struct tar_reader *reader, struct tanda_error *error)
{
	struct text content = text_buf_text(&reader->extension);

	reader->is_extended = reader->is_extended || reader->extension_type != 'g';
	if (reader->extension_type == 'x' || reader->extension_type == 'g')
		return take_records(reader, content, error);
	if (reader->extension_type != 'L')
		return 0; /* where a link leads to; links are refused */
	if (content.len > 0)
		content.len = strnlen(content.ptr, content.len);
	if (content.len == 0)
		return damaged(error, "a long name that is empty");
	return take_path(reader, content, error);
}

/* ---- members ---- */

/* Content, if any, comes next. */
static void enter_content(struct tar_reader *reader, enum tar_state state, uint64_t size)
{
	reader->state = state;
	reader->left = size;
	reader->padding = (TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES;
}

/* All of it was read. */
static int leave_content(struct tar_reader *reader, struct tanda_error *error)
{
	enum tar_state left = reader->state;

	reader->state = reader->padding > 0 ? TAR_PADDING : TAR_HEADER;
	if (left == TAR_EXTENSION)
		return take_extension(reader, error);
	return reader->listener->on_member_end(reader->listener->data, error);
}

static int begin_extension(struct tar_reader *reader, char type, uint64_t size,
                           struct tanda_error *error)
{
	if (size > TAR_EXTENSION_MAX_BYTES)
		return damaged(error, "a name or a pax header of more than 64 KiB");
	reader->extension_type = type;
	text_buf_clear(&reader->extension);
	enter_content(reader, TAR_EXTENSION, size);
	return size == 0 ? leave_content(reader, error) : 0;
}

static void find_path(struct tar_reader *reader)
{
	struct text prefix = field_text(reader->block, field_prefix);

	text_buf_clear(&reader->member_path);
	if (reader->has_path) {
		text_buf_add(&reader->member_path, text_buf_text(&reader->path));
		return;
	}
	if (is_posix(reader->block) && prefix.len > 0) { /* GNU has something else there */
		text_buf_add(&reader->member_path, prefix);
		text_buf_add_char(&reader->member_path, '/');
	}
	text_buf_add(&reader->member_path, field_text(reader->block, field_name));
}

static int begin_member(struct tar_reader *reader, char type, uint64_t size,
                        struct tanda_error *error)
{
	struct tar_member member = {.is_folder = type == '5'};

	find_path(reader);
	if (type != '0' && type != '\0' && type != '7' && type != '5')
		return refuse_type(reader, type, error);
	member.path = text_buf_text(&reader->member_path);
	member.size = reader->has_size ? reader->size : size;
	reader->is_extended = false;
	reader->has_path = false;
	reader->has_size = false;
	if (member.is_folder && member.size > 0)
		return damaged(error, "a folder with content");
	if (reader->listener->on_member(reader->listener->data, &member, error) < 0)
		return -1;
	enter_content(reader, TAR_CONTENT, member.size);
	return member.size == 0 ? leave_content(reader, error) : 0;
}

static int take_zero_block(struct tar_reader *reader, struct tanda_error *error)
{
	if (reader->is_extended)
		return damaged(error, "it ends between a name and its file");
	if (reader->has_zero_block)
		reader->state = TAR_ENDED;
	reader->has_zero_block = true;
	return 0;
}

static int take_header(struct tar_reader *reader, struct tanda_error *error)
{
	const char *block = reader->block;
	char type = block[field_type.offset];
	uint64_t size;

	if (is_zero((struct text){block, TAR_BLOCK_BYTES}))
		return take_zero_block(reader, error);
	if (reader->has_zero_block)
		return damaged(error, "an end in the middle");
	if (!checksum_is_right(block))
		return damaged(error, "the checksum of a header is wrong");
	if (!is_posix(block) && !is_gnu(block))
		return damaged(error, "a header of another kind than ustar");
	if (!read_number(block, field_size, &size))
		return damaged(error, "a size that is no number");
	if (type == 'x' || type == 'g' || type == 'L' || type == 'K')
		return begin_extension(reader, type, size, error);
	return begin_member(reader, type, size, error);
}

/* ---- the stream ---- */

static struct text split_off(struct text *bytes, uint64_t most)
{
	struct text head = {bytes->ptr, bytes->len < most ? bytes->len : (size_t)most};

	*bytes = text_from_offset(*bytes, head.len);
	return head;
}

static int feed_header(struct tar_reader *reader, struct text *bytes, struct tanda_error *error)
{
	struct text part = split_off(bytes, TAR_BLOCK_BYTES - reader->block_len);

	memcpy(reader->block + reader->block_len, part.ptr, part.len);
	reader->block_len += part.len;
	if (reader->block_len < TAR_BLOCK_BYTES)
		return 0;
	reader->block_len = 0;
	return take_header(reader, error);
}

static int feed_content(struct tar_reader *reader, struct text *bytes, struct tanda_error *error)
{
	struct text part = split_off(bytes, reader->left);

	reader->left -= part.len;
	if (reader->state == TAR_EXTENSION)
		text_buf_add(&reader->extension, part);
	else if (reader->listener->on_content(reader->listener->data, part, error) < 0)
		return -1;
	return reader->left == 0 ? leave_content(reader, error) : 0;
}

static int feed_some(struct tar_reader *reader, struct text *bytes, struct tanda_error *error)
{
	switch (reader->state) {
	case TAR_HEADER:
		return feed_header(reader, bytes, error);
	case TAR_CONTENT:
	case TAR_EXTENSION:
		return feed_content(reader, bytes, error);
	case TAR_PADDING:
		reader->padding -= split_off(bytes, reader->padding).len;
		if (reader->padding == 0)
			reader->state = TAR_HEADER;
		return 0;
	case TAR_ENDED: /* tar fills up its last record with zeroes */
		if (!is_zero(split_off(bytes, bytes->len)))
			return damaged(error, "it goes on behind its end");
		return 0;
	}
	return -1;
}

int tar_reader_feed(struct tar_reader *reader, struct text bytes, struct tanda_error *error)
{
	while (bytes.len > 0) {
		if (feed_some(reader, &bytes, error) < 0)
			return -1;
	}
	return 0;
}

int tar_reader_finish(const struct tar_reader *reader, struct tanda_error *error)
{
	if (reader->state == TAR_ENDED)
		return 0;
	if (reader->state == TAR_CONTENT)
		tanda_error_set(
			error, NULL,
			"the archive is cut short in '%.*s': %llu bytes of it are missing",
			TEXT_ARG(text_head(text_buf_text(&reader->member_path), NAME_SHOWN_BYTES)),
			(unsigned long long)reader->left);
	else
		tanda_error_set(error, NULL, "the archive is cut short: its end is missing");
	return -1;
}
