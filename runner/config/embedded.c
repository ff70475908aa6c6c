/* embedded.c - see embedded.h. */
#include "runner/config/embedded.h"

#include <string.h>

bool embedded_find(const char *name, struct text *ret_content)
{
	const struct embedded_file *file;

	for (file = embedded_files; file->name != NULL; file++) {
		if (strcmp(file->name, name) == 0) {
			*ret_content = file->content;
			return true;
		}
	}
	return false;
}
