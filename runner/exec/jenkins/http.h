/* http.h - HTTP requests on the loop, for one server.
 *
 * Connections are kept and shared by at most HTTP_CALLS_MAX calls at a time; others wait in turn.
 * Redirects are never followed (they could carry the credentials away), proxies come from the
 * environment, certificates are the system's or those of a given file. */
#ifndef JENKINS_HTTP_H
#define JENKINS_HTTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct loop;
struct http;
struct http_call;
struct tanda_error;

enum { HTTP_CALLS_MAX = 8 };

enum http_method { HTTP_GET, HTTP_POST };

/* How an exchange ended. */
enum http_outcome {
	HTTP_ANSWERED,    /* a whole reply, of whatever status */
	HTTP_UNREACHABLE, /* nobody there: not resolved, refused, no route */
	HTTP_CUT,         /* the reply broke off, or is shorter than it says */
	HTTP_TIMED_OUT,
	HTTP_TOO_LARGE,  /* more than the call wants */
	HTTP_UNTRUSTED,  /* TLS: its certificate is not to be trusted, or there is no TLS */
	HTTP_UNWRITABLE, /* the file for the body: no room, say */
	HTTP_BROKEN,     /* no HTTP, or something else that a later try will not mend */
};

/* Texts are borrowed for the length of the call, "" or empty when the reply has none. */
struct http_reply {
	enum http_outcome outcome;
	const char *message;      /* unless HTTP_ANSWERED: why, in words */
	bool may_have_been_heard; /* the server may have done what was asked */
	int status;               /* 0 unless HTTP_ANSWERED */
	struct text body;         /* empty when it went to a file */
	uint64_t body_bytes;
	const char *location;
	const char *content_type;
	const char *session;    /* X-Jenkins-Session */
	const char *version;    /* X-Jenkins */
	uint64_t text_size;     /* X-Text-Size; 0 */
	bool has_more_data;     /* X-More-Data */
	uint64_t retry_after_s; /* 0: not told */
};

typedef void (*http_done_fn)(void *data, const struct http_reply *reply);

struct http_request {
	enum http_method method;
	const char *url;
	struct text form;  /* of a POST, already encoded; copied */
	const char *path;  /* the body goes to this new file, when not NULL; copied */
	uint64_t limit_ms; /* for the whole exchange, waiting for its turn left out */
	uint64_t body_max_bytes;
	http_done_fn on_done; /* once, never inside http_start() */
	void *data;
};

struct http_options {
	const char *agent;   /* what it calls itself, "tanda/1.0" */
	const char *user;    /* NULL: none */
	const char *token;   /* sent with each request; never shown */
	const char *ca_file; /* PEM; NULL: the system's certificates */
};

/* Loads libcurl. The caller frees it with http_close(). */
int http_new(struct loop *loop, const struct http_options *options, struct http **ret_http,
             struct tanda_error *error) __attribute__((warn_unused_result));

/* The call is valid until its on_done begins, or http_abandon(). */
struct http_call *http_start(struct http *http, const struct http_request *request);

/* Forget it: its on_done is not called any more. What the server makes of it nobody knows. */
void http_abandon(struct http_call *call);

/* Abandon what is left, close everything, and free `http`; `on_closed` comes in a later turn. */
void http_close(struct http *http, void (*on_closed)(void *data), void *data);
#endif
