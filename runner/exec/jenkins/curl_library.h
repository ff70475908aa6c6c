/* curl_library.h - libcurl, loaded when a Jenkins node is first used.
 *
 * Linked in, it would bring some twenty libraries into every start of tanda, and each worker's
 * supervisor is such a start. Its headers are needed to build, the library only for this driver. */
#ifndef JENKINS_CURL_LIBRARY_H
#define JENKINS_CURL_LIBRARY_H
#include <curl/curl.h>

struct tanda_error;

/* What is used of it, under libcurl's own names. */
#define CURL_LIBRARY_FUNCTIONS(FUNCTION) \
	FUNCTION(global_init)            \
	FUNCTION(version_info)           \
	FUNCTION(slist_append)           \
	FUNCTION(slist_free_all)         \
	FUNCTION(easy_init)              \
	FUNCTION(easy_cleanup)           \
	FUNCTION(easy_setopt)            \
	FUNCTION(easy_getinfo)           \
	FUNCTION(easy_header)            \
	FUNCTION(easy_strerror)          \
	FUNCTION(multi_init)             \
	FUNCTION(multi_cleanup)          \
	FUNCTION(multi_setopt)           \
	FUNCTION(multi_add_handle)       \
	FUNCTION(multi_remove_handle)    \
	FUNCTION(multi_assign)           \
	FUNCTION(multi_socket_action)    \
	FUNCTION(multi_info_read)

struct curl_library {
#define CURL_LIBRARY_FIELD(name) __typeof__(curl_##name) *(name);
	CURL_LIBRARY_FUNCTIONS(CURL_LIBRARY_FIELD)
#undef CURL_LIBRARY_FIELD
};

/* The library, loaded at the first call and never unloaded (it may have threads of its own).
 * Returns NULL with *error set when it is not installed or too old. */
const struct curl_library *curl_library_load(struct tanda_error *error);
#endif
