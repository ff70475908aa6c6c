/* mask_forms.c - see mask_forms.h: how the characters of a secret may be written. */
#include "shards/base/mask_forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/mask.h"
#include "shards/base/mem.h"
#include "shards/base/utf8.h"

enum {
	WHOLE_MAX_BYTES = 8 * 1024, /* a longer secret of several lines is hidden by its lines */
	WRITTEN_MAX_BYTES = 16,     /* by one character, its colours not counted */
	SLACK_BYTES = 256,
	WAY_MAX_BYTES = 64,
	BYTE_BITS = 8,
	DIGIT_BITS = 6, /* of base64 */
	DIGIT_MASK = 63,
};

/* Kinds of symbols, above every character's code. */
#define KEY_BYTE  UINT32_C(0x01000000) /* a byte that belongs to no character */
#define KEY_HEX   UINT32_C(0x02000000) /* a byte as two hexadecimal digits */
#define KEY_DIGIT UINT32_C(0x03000000) /* of base64: the bits that are known, and what they are */
#define KEY_FILL  UINT32_C(0x04000000) /* '=' behind the digits of base64 */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- the graph ---- */

static uint32_t add_node(struct mask_forms *forms)
{
	forms->nodes = mem_grow(forms->nodes, &forms->node_cap, forms->node_count + 1,
	                        sizeof(forms->nodes[0]));
	forms->nodes[forms->node_count] = (struct mask_node){0};
	return (uint32_t)forms->node_count++;
}

static void add_edge(struct mask_forms *forms, uint32_t from, unsigned char byte, uint32_t to)
{
	forms->edges = mem_grow(forms->edges, &forms->edge_cap, forms->edge_count + 1,
	                        sizeof(forms->edges[0]));
	forms->edges[forms->edge_count] =
		(struct mask_edge){.byte = byte, .to = to, .next = forms->nodes[from].edges};
	forms->nodes[from].edges = (uint32_t)forms->edge_count++;
}

/* 0: there is none */
static uint32_t find_edge(const struct mask_forms *forms, uint32_t from, unsigned char byte)
{
	uint32_t edge = forms->nodes[from].edges;

	while (edge != 0 && forms->edges[edge].byte != byte)
		edge = forms->edges[edge].next;
	return edge;
}

static uint32_t step(struct mask_forms *forms, uint32_t from, unsigned char byte)
{
	uint32_t edge = find_edge(forms, from, byte), to;

	if (edge != 0)
		return forms->edges[edge].to;
	to = add_node(forms);
	add_edge(forms, from, byte, to);
	return to;
}

static unsigned char other_case(unsigned char byte)
{
	if (byte >= 'a' && byte <= 'z')
		return (unsigned char)(byte - 'a' + 'A');
	if (byte >= 'A' && byte <= 'Z')
		return (unsigned char)(byte - 'A' + 'a');
	return byte;
}

/* A hexadecimal digit in either case leads to one node. */
static uint32_t step_digit(struct mask_forms *forms, uint32_t from, unsigned char byte)
{
	unsigned char other = other_case(byte);
	uint32_t to = step(forms, from, byte);

	if (other != byte && find_edge(forms, from, other) == 0)
		add_edge(forms, from, other, to);
	return to;
}

/* One way to write a symbol. */
static void add_way(struct mask_forms *forms, uint32_t root, struct text way)
{
	uint32_t node = root;
	size_t i;

	for (i = 0; i < way.len; i++)
		node = step(forms, node, (unsigned char)way.ptr[i]);
	forms->nodes[node].is_end = true;
}

static void add_way_str(struct mask_forms *forms, uint32_t root, const char *way)
{
	add_way(forms, root, text_from(way));
}

/* "PREFIX", digits in either case, "SUFFIX". */
static void add_hex_way(struct mask_forms *forms, uint32_t root, const char *prefix,
                        const char *digits, const char *suffix)
{
	uint32_t node = root;

	for (; *prefix != '\0'; prefix++)
		node = step(forms, node, (unsigned char)*prefix);
	for (; *digits != '\0'; digits++)
		node = step_digit(forms, node, (unsigned char)*digits);
	for (; *suffix != '\0'; suffix++)
		node = step(forms, node, (unsigned char)*suffix);
	forms->nodes[node].is_end = true;
}

/* What may stand before a symbol that is not the first: it leads back to the root. */
static void add_filler(struct mask_forms *forms, uint32_t root, unsigned char byte)
{
	if (find_edge(forms, root, byte) != 0)
		return; /* the character itself */
	add_edge(forms, root, byte, root);
	forms->edges[forms->edge_count - 1].is_filler = true;
}

/* "ESC [ 1 ; 3 1 m" */
static void add_colour_filler(struct mask_forms *forms, uint32_t root)
{
	uint32_t escape, parameters;
	const char *c;

	if (find_edge(forms, root, 0x1B) != 0)
		return;
	escape = add_node(forms);
	add_edge(forms, root, 0x1B, escape);
	forms->edges[forms->edge_count - 1].is_filler = true;
	parameters = step(forms, escape, '[');
	for (c = "0123456789;"; *c != '\0'; c++)
		add_edge(forms, parameters, (unsigned char)*c, parameters);
	add_edge(forms, parameters, 'm', root);
	add_edge(forms, parameters, 'K', root);
}

/* ---- a character ---- */

/* Each byte as two hexadecimal digits behind a prefix. */
static void add_prefixed_way(struct mask_forms *forms, uint32_t root, struct text bytes,
                             const char *prefix)
{
	uint32_t node = root;
	char digits[3];
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		const char *c;

		snprintf(digits, sizeof(digits), "%02x", (unsigned char)bytes.ptr[i]);
		for (c = prefix; *c != '\0'; c++)
			node = step(forms, node, (unsigned char)*c);
		node = step_digit(forms, node, (unsigned char)digits[0]);
		node = step_digit(forms, node, (unsigned char)digits[1]);
	}
	forms->nodes[node].is_end = true;
}

/* Each byte on its own: URLs (once or twice encoded), C and Python, bash's $'...'. */
static void add_byte_ways(struct mask_forms *forms, uint32_t root, struct text bytes)
{
	char way[WAY_MAX_BYTES];
	size_t len = 0, i;

	add_way(forms, root, bytes);
	add_prefixed_way(forms, root, bytes, "%");
	add_prefixed_way(forms, root, bytes, "%25");
	add_prefixed_way(forms, root, bytes, "\\x");
	for (i = 0; i < bytes.len; i++)
		len += (size_t)snprintf(way + len, sizeof(way) - len, "\\%03o",
		                        (unsigned char)bytes.ptr[i]);
	add_way_str(forms, root, way);
}

/* JSON (once or twice encoded) and XML. */
static void add_code_ways(struct mask_forms *forms, uint32_t root, uint32_t code)
{
	char digits[WAY_MAX_BYTES];
	int width;

	if (code < 0x10000) {
		snprintf(digits, sizeof(digits), "%04x", code);
		add_hex_way(forms, root, "\\u", digits, "");
		add_hex_way(forms, root, "\\\\u", digits, "");
	} else {
		uint32_t rest = code - 0x10000;
		uint32_t node = root;
		const char *c;

		snprintf(digits, sizeof(digits), "\\u%04x\\u%04x", 0xD800 + (rest >> 10),
		         0xDC00 + (rest & 0x3FF));
		for (c = digits; *c != '\0'; c++)
			node = *c == 'u' ? step(forms, node, 'u')
			                 : step_digit(forms, node, (unsigned char)*c);
		forms->nodes[node].is_end = true;
	}
	for (width = 1; width <= 4; width++) {
		snprintf(digits, sizeof(digits), "%0*x", width, code);
		add_hex_way(forms, root, "&#x", digits, ";");
		snprintf(digits, sizeof(digits), "&#%0*u;", width, code);
		add_way_str(forms, root, digits);
	}
	snprintf(digits, sizeof(digits), "&amp;#%u;", code);
	add_way_str(forms, root, digits);
}

/* Those with a name of their own somewhere. */
static const struct named_way {
	char character;
	const char *way;
} named_ways[] = {
	{'&', "&amp;"},    {'&', "&amp;amp;"},   {'<', "&lt;"},        {'<', "&amp;lt;"},
	{'>', "&gt;"},     {'>', "&amp;gt;"},    {'"', "&quot;"},      {'"', "&amp;quot;"},
	{'\'', "&apos;"},  {'\'', "&amp;apos;"}, {'"', "\\\""},        {'"', "\\\\\\\""},
	{'\\', "\\\\"},    {'\\', "\\\\\\\\"},   {'/', "\\/"},         {'/', "\\\\/"},
	{'\b', "\\b"},     {'\f', "\\f"},        {'\t', "\\t"},        {'\t', "\\\\t"},
	{'\r', "\\r"},     {'\r', "\\\\r"},      {'\n', "\\n"},        {'\n', "\\\\n"},
	{'\n', "\r\n"},    {'\n', "\\r\\n"},     {'\n', "\\\\r\\\\n"}, {'\n', "%0D%0A"},
	{'\n', "%0d%0a"},  {'\n', "&#13;&#10;"}, {'\n', "&#xD;&#xA;"}, {'\'', "'\\''"},
	{'\'', "'\"'\"'"}, {'\'', "''"},         {'"', "\"\""},        {'$', "$$"},
	{'%', "%%"},       {' ', "+"},           {' ', "&nbsp;"},      {'\x1B', "\\e"},
	{'\x1B', "\\E"},   {'\a', "\\a"},        {'\v', "\\v"},
};

static void add_named_ways(struct mask_forms *forms, uint32_t root, uint32_t code)
{
	char way[3] = {'\\', (char)code, '\0'};
	size_t i;

	for (i = 0; i < countof(named_ways); i++) {
		if ((unsigned char)named_ways[i].character == code)
			add_way_str(forms, root, named_ways[i].way);
	}
	/* A shell puts a backslash, Windows' a caret, before what is not a letter or digit. */
	if (code < ' ' || code >= 0x7F || (code >= '0' && code <= '9') ||
	    (other_case((unsigned char)code) != code))
		return;
	add_way_str(forms, root, way);
	way[0] = '^';
	add_way_str(forms, root, way);
}

static void make_character(struct mask_forms *forms, uint32_t root, uint32_t code)
{
	char bytes[UTF8_MAX_BYTES] = {(char)(code & 0xFF)};
	size_t len = code >= KEY_BYTE ? 1 : utf8_encode(code, bytes);

	add_byte_ways(forms, root, (struct text){bytes, len});
	if (code < KEY_BYTE) {
		add_code_ways(forms, root, code);
		add_named_ways(forms, root, code);
	}
	add_colour_filler(forms, root);
}

/* ---- digits ---- */

static void make_hex(struct mask_forms *forms, uint32_t root, unsigned char byte)
{
	char digits[3];

	snprintf(digits, sizeof(digits), "%02x", byte);
	add_hex_way(forms, root, "", digits, "");
	add_filler(forms, root, ' ');
	add_filler(forms, root, ':');
	add_filler(forms, root, '\n');
}

/* Programs that wrap base64 do so with the end of a line, or with how JSON writes one. */
static void add_wrap_filler(struct mask_forms *forms, uint32_t root)
{
	uint32_t escape;

	add_filler(forms, root, '\n');
	add_filler(forms, root, '\r');
	escape = step(forms, root, '\\');
	add_edge(forms, escape, 'n', root);
	add_edge(forms, escape, 'r', root);
}

/* A digit of base64 of which the bits in `known` are those of `value`. */
static void make_digit(struct mask_forms *forms, uint32_t root, unsigned known, unsigned value)
{
	unsigned digit;

	for (digit = 0; digit <= DIGIT_MASK; digit++) {
		if ((digit & known) != value)
			continue;
		add_way(forms, root, (struct text){&base64[digit], 1});
		if (digit == 62) {
			add_way_str(forms, root, "-");
			add_hex_way(forms, root, "%2", "b", "");
			add_hex_way(forms, root, "\\u002", "b", "");
		} else if (digit == 63) {
			add_way_str(forms, root, "_");
			add_way_str(forms, root, "\\/");
			add_hex_way(forms, root, "%2", "f", "");
		}
	}
	add_wrap_filler(forms, root);
}

static void make_padding(struct mask_forms *forms, uint32_t root)
{
	add_way_str(forms, root, "=");
	add_hex_way(forms, root, "%3", "d", "");
	add_hex_way(forms, root, "\\u003", "d", "");
	add_wrap_filler(forms, root);
}

/* ---- rows of symbols ---- */

static void make_symbol(struct mask_forms *forms, uint32_t root, uint32_t key)
{
	uint32_t rest = key & UINT32_C(0x00FFFFFF);

	switch (key & UINT32_C(0xFF000000)) {
	case KEY_HEX:
		make_hex(forms, root, (unsigned char)rest);
		return;
	case KEY_DIGIT:
		make_digit(forms, root, rest >> DIGIT_BITS, rest & DIGIT_MASK);
		return;
	case KEY_FILL:
		make_padding(forms, root);
		return;
	default:
		make_character(forms, root, key);
	}
}

static uint32_t symbol_root(struct mask_forms *forms, uint32_t key)
{
	uint32_t root;
	size_t i;

	for (i = 0; i < forms->known_count; i++) {
		if (forms->known[i].key == key)
			return forms->known[i].root;
	}
	root = add_node(forms);
	make_symbol(forms, root, key);
	forms->known = mem_grow(forms->known, &forms->known_cap, forms->known_count + 1,
	                        sizeof(forms->known[0]));
	forms->known[forms->known_count++] = (struct mask_known){key, root};
	return root;
}

static void add_symbol(struct mask_forms *forms, uint32_t root, bool may_end)
{
	struct mask_row *row = &forms->rows[forms->row_count - 1];

	forms->symbols = mem_grow(forms->symbols, &forms->symbol_cap, forms->symbol_count + 1,
	                          sizeof(forms->symbols[0]));
	forms->symbols[forms->symbol_count] = (struct mask_symbol){
		.root = root,
		.may_end = may_end,
		.is_start = row->first == forms->symbol_count,
		.row = (uint32_t)(forms->row_count - 1),
	};
	forms->symbol_count++;
	row->max_bytes += WRITTEN_MAX_BYTES;
}

static void begin_row(struct mask_forms *forms, uint32_t secret)
{
	forms->rows = mem_grow(forms->rows, &forms->row_cap, forms->row_count + 1,
	                       sizeof(forms->rows[0]));
	forms->rows[forms->row_count++] = (struct mask_row){
		.first = (uint32_t)forms->symbol_count, .secret = secret, .max_bytes = SLACK_BYTES};
}

static void end_row(struct mask_forms *forms)
{
	add_symbol(forms, 0, true);
}

static void add_characters(struct mask_forms *forms, struct text secret, uint32_t index)
{
	begin_row(forms, index);
	while (secret.len > 0) {
		uint32_t code;
		size_t len;

		if (utf8_decode(secret.ptr, secret.len, &code, &len) != UTF8_WHOLE) {
			code = KEY_BYTE | (unsigned char)secret.ptr[0];
			len = 1;
		}
		add_symbol(forms, symbol_root(forms, code), false);
		secret = text_from_offset(secret, len);
	}
	end_row(forms);
}

static void add_hex(struct mask_forms *forms, struct text secret, uint32_t index)
{
	size_t i;

	begin_row(forms, index);
	for (i = 0; i < secret.len; i++)
		add_symbol(forms, symbol_root(forms, KEY_HEX | (unsigned char)secret.ptr[i]),
		           false);
	end_row(forms);
}

/* The six bits that begin at bit `at` of `shift` unknown bytes and then the secret: which of them
 * are known, and what they are. */
static unsigned digit_at(struct text secret, size_t shift, size_t at, unsigned *ret_known)
{
	unsigned value = 0, known = 0;
	size_t bit;

	for (bit = at; bit < at + DIGIT_BITS; bit++) {
		size_t byte = bit / BYTE_BITS;

		value <<= 1;
		known <<= 1;
		if (byte < shift || byte - shift >= secret.len)
			continue;
		known |= 1;
		value |= (unsigned char)secret.ptr[byte - shift] >>
		                 (BYTE_BITS - 1 - bit % BYTE_BITS) &
		         1U;
	}
	*ret_known = known;
	return value;
}

/* Of the first and the last digit some bits are the neighbours'. The last may be left out, and
 * behind it there may be padding. */
static void add_base64(struct mask_forms *forms, struct text secret, uint32_t index, size_t shift)
{
	size_t bits = (shift + secret.len) * BYTE_BITS, at;
	uint32_t padding = symbol_root(forms, KEY_FILL);

	begin_row(forms, index);
	for (at = shift * BYTE_BITS / DIGIT_BITS * DIGIT_BITS; at < bits; at += DIGIT_BITS) {
		unsigned known, value = digit_at(secret, shift, at, &known);
		bool is_shared_end = at + DIGIT_BITS > bits;

		add_symbol(forms, symbol_root(forms, KEY_DIGIT | known << DIGIT_BITS | value),
		           is_shared_end);
	}
	if (at > bits) {
		add_symbol(forms, padding, true);
		add_symbol(forms, padding, true);
	}
	end_row(forms);
}

static void add_all(struct mask_forms *forms, struct text secret, uint32_t index)
{
	size_t shift;

	if (secret.len < MASK_MIN_BYTES)
		return;
	add_characters(forms, secret, index);
	add_hex(forms, secret, index);
	for (shift = 0; shift < 3; shift++)
		add_base64(forms, secret, index, shift);
}

void mask_forms_add(struct mask_forms *forms, struct text secret, uint32_t index)
{
	struct text rest = secret = text_trim(secret), line;

	if (secret.len == 0)
		return;
	if (memchr(secret.ptr, '\n', secret.len) == NULL) {
		add_all(forms, secret, index);
		return;
	}
	if (secret.len <= WHOLE_MAX_BYTES)
		add_all(forms, secret, index);
	while (text_next_line(&rest, &line))
		add_all(forms, text_trim(line), index);
}

void mask_forms_init(struct mask_forms *forms)
{
	*forms = (struct mask_forms){0};
	(void)add_node(forms); /* 0 is none */
	forms->edges = mem_grow(NULL, &forms->edge_cap, 1, sizeof(forms->edges[0]));
	forms->edges[forms->edge_count++] = (struct mask_edge){0};
}

void mask_forms_deinit(struct mask_forms *forms)
{
	free(forms->edges);
	free(forms->nodes);
	free(forms->symbols);
	free(forms->rows);
	free(forms->known);
	*forms = (struct mask_forms){0};
}
