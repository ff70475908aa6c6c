/* attributes.c - see attributes.h. */
#include "runner/junit/attributes.h"

#include <string.h>

#include "runner/junit/clean.h"
#include "runner/junit/hidden.h"

static const struct attribute *find(struct attributes attributes, const char *name)
{
	size_t i;

	if ((attributes.initials & attribute_initial(name)) == 0)
		return NULL;
	for (i = 0; i < attributes.count; i++) {
		const char *other = attributes.list[i].name;

		if (other[0] == name[0] && strcmp(other, name) == 0)
			return &attributes.list[i];
	}
	return NULL;
}

struct text attributes_find(struct attributes attributes, const char *name)
{
	const struct attribute *attribute = find(attributes, name);

	return attribute != NULL ? attribute->value : TEXT_EMPTY;
}

bool attributes_have(struct attributes attributes, const char *name)
{
	return find(attributes, name) != NULL;
}

void attributes_add_clean(struct attributes attributes, const char *name, struct text_buf *out)
{
	struct text value = attributes_find(attributes, name);
	struct text_buf restored;

	if (value.len == 0 || clean_add_plain(out, value))
		return;
	if (!hidden_may_be_in(value)) {
		clean_add(out, value);
		return;
	}
	text_buf_init(&restored, value.len);
	hidden_restore(&restored, value);
	clean_add(out, text_buf_text(&restored));
	text_buf_deinit(&restored);
}

uint64_t attributes_count(struct attributes attributes, const char *name)
{
	uint64_t value = 0;

	if (!text_to_u64(text_trim(attributes_find(attributes, name)), &value))
		return 0;
	return value < UINT32_MAX ? value : UINT32_MAX;
}
