/* curl_library.c - see curl_library.h. */
#include "runner/exec/jenkins/curl_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { CURL_OLDEST = 0x075500 }; /* 7.85.0: CURLOPT_PROTOCOLS_STR */

static struct curl_library library;

static void *open_library(void)
{
	/* Either flavour will do: they differ in the TLS library alone. */
	static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
	void *handle = NULL;
	size_t i;

	for (i = 0; i < countof(names) && handle == NULL; i++)
		handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return handle;
}

/* ISO C has no cast from an object's pointer to a function's, which POSIX promises to work. */
static bool find_function(void *handle, const char *name, void *ret_function)
{
	void *found = dlsym(handle, name);

	memcpy(ret_function, &found, sizeof(found));
	return found != NULL;
}

static bool find_functions(void *handle)
{
	bool has_all = true;

#define CURL_LIBRARY_FIND(name) has_all &= find_function(handle, "curl_" #name, &library.name);
	CURL_LIBRARY_FUNCTIONS(CURL_LIBRARY_FIND)
#undef CURL_LIBRARY_FIND
	return has_all;
}

const struct curl_library *curl_library_load(struct tanda_error *error)
{
	static bool is_loaded;
	void *handle;

	if (is_loaded)
		return &library;
	handle = open_library();
	if (handle == NULL) {
		tanda_error_set(error, NULL,
		                "a Jenkins node needs libcurl, which cannot be loaded: %s",
		                dlerror());
		tanda_error_hint(error, "install it (Debian, Ubuntu: apt-get install libcurl4)");
		return NULL;
	}
	if (!find_functions(handle) ||
	    library.version_info(CURLVERSION_NOW)->version_num < CURL_OLDEST ||
	    library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		tanda_error_set(error, NULL, "libcurl is too old: 7.85 or newer is needed");
		return NULL;
	}
	is_loaded = true;
	return &library;
}
