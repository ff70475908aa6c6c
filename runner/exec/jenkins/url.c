/* url.c - see url.h. */
#include "runner/exec/jenkins/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

static bool is_unreserved(unsigned char c)
{
	return isalnum(c) || (c != '\0' && strchr("-._~", c) != NULL);
}

void url_encode(struct text_buf *buf, struct text text)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (is_unreserved(c)) {
			text_buf_add_char(buf, (char)c);
			continue;
		}
		text_buf_add_char(buf, '%');
		text_buf_add_char(buf, digits[c >> 4]);
		text_buf_add_char(buf, digits[c & 15]);
	}
}

void url_add_field(struct text_buf *form, const char *name, struct text value)
{
	if (form->len > 0)
		text_buf_add_char(form, '&');
	url_encode(form, text_from(name));
	text_buf_add_char(form, '=');
	url_encode(form, value);
}

static const char *after_scheme(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return url + 7;
	return strncasecmp(url, "https://", 8) == 0 ? url + 8 : NULL;
}

static bool has_bad_byte(const char *url)
{
	for (; *url != '\0'; url++) {
		if ((unsigned char)*url <= ' ' || (unsigned char)*url == 0x7f)
			return true;
	}
	return false;
}

int url_read_base(const char *typed, char **ret_base, struct tanda_error *error)
{
	const char *host = after_scheme(typed);
	size_t len = strlen(typed);

	if (host == NULL || *host == '\0' || *host == '/' || has_bad_byte(typed) ||
	    len > URL_MAX_BYTES) {
		tanda_error_set(error, NULL,
		                "'%.200s': expected the address of a Jenkins, http:// or https://",
		                typed);
		return -1;
	}
	if (memchr(host, '@', strcspn(host, "/?#")) != NULL) {
		/* It is not quoted: it may hold a password. */
		tanda_error_set(error, NULL,
		                "the address of a Jenkins has no user or password in it");
		tanda_error_hint(error, "say them as \"user\" and \"token\"");
		return -1;
	}
	if (strpbrk(host, "?#") != NULL) {
		tanda_error_set(error, NULL, "'%.200s': expected an address without '?' and '#'",
		                typed);
		return -1;
	}
	while (len > 0 && typed[len - 1] == '/')
		len--;
	*ret_base = mem_strndup(typed, len);
	return 0;
}

static int refuse_job(struct text job, struct tanda_error *error)
{
	tanda_error_set(error, NULL, "'%.*s': expected a job's name, with its folders: folder/name",
	                TEXT_ARG(text_head(job, 200)));
	if (text_contains(job, TEXT_LIT("://")))
		tanda_error_hint(error, "leave out the address and each \"/job/\"");
	return -1;
}

int url_of_job(const char *base, const char *job, char **ret_url, struct tanda_error *error)
{
	struct text rest = text_from(job);
	struct text_buf url;

	if (strstr(job, "://") != NULL || rest.len == 0 || rest.len > URL_MAX_BYTES / 4)
		return refuse_job(text_from(job), error);
	text_buf_init(&url, (size_t)URL_MAX_BYTES * 3);
	text_buf_add_str(&url, base);
	for (;;) {
		const char *slash = memchr(rest.ptr, '/', rest.len);
		struct text name = {rest.ptr,
		                    slash != NULL ? (size_t)(slash - rest.ptr) : rest.len};

		if (name.len == 0 || text_equal_str(name, ".") || text_equal_str(name, "..")) {
			text_buf_deinit(&url);
			return refuse_job(text_from(job), error);
		}
		text_buf_add_str(&url, "/job/");
		url_encode(&url, name);
		if (slash == NULL)
			break;
		rest = (struct text){slash + 1, rest.len - name.len - 1};
	}
	*ret_url = text_buf_steal(&url);
	return 0;
}

bool url_queue_id(const char *location, uint64_t *ret_id)
{
	static const char before[] = "/queue/item/";
	const char *found = strstr(location, before);
	struct text id;

	if (found == NULL)
		return false;
	id = text_from(found + sizeof(before) - 1);
	if (id.len > 0 && id.ptr[id.len - 1] == '/')
		id.len--;
	return text_to_u64(id, ret_id);
}
