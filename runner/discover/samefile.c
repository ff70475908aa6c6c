/* samefile.c - see samefile.h. */
#include "runner/discover/samefile.h"

static bool ends_in(struct text path, struct text end)
{
	return text_has_suffix(path, end) &&
	       (path.len == end.len || path.ptr[path.len - end.len - 1] == '/');
}

bool samefile(struct text told, const char *file)
{
	struct text wanted = text_from(file);

	if (text_has_prefix(told, TEXT_LIT("./")))
		told = text_from_offset(told, 2);
	if (text_has_prefix(wanted, TEXT_LIT("./")))
		wanted = text_from_offset(wanted, 2);
	if (told.len == 0 || wanted.len == 0)
		return false;
	return told.len >= wanted.len ? ends_in(told, wanted) : ends_in(wanted, told);
}
