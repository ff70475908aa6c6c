/* http.c - see http.h: libcurl's multi interface, with libuv to watch its sockets. */
#include "runner/exec/jenkins/http.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/exec/jenkins/curl_library.h"
#include "runner/exec/jenkins/token.h"
#include "runner/exec/loop.h"
#include "runner/exec/loop_uv.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	CONNECT_LIMIT_MS = 15 * 1000,
	STALL_LIMIT_S = 30,
	REASON_MAX_BYTES = 300,
	BODY_FIRST_BYTES = 4096,
};

struct http {
	struct loop *loop;
	const struct curl_library *curl;
	CURLM *multi;
	struct curl_slist *headers;
	char *agent, *user, *token, *ca_file;
	uv_timer_t timer;
	struct http_call *first, *last; /* waiting for their turn */
	struct http_call *running;      /* a list, too */
	uint32_t running_count;
	uint32_t open_handles;
	bool is_closing;
	void (*on_closed)(void *data);
	void *closed_data;
};

struct http_call {
	struct http *http;
	struct http_call *next, *before;
	enum http_method method;
	char *url, *form, *path;
	size_t form_bytes;
	uint64_t limit_ms, body_max_bytes;
	http_done_fn on_done;
	void *data;
	CURL *easy; /* NULL while it waits */
	struct text_buf body;
	uint64_t body_bytes;
	int fd; /* of the file; -1: none */
	bool is_too_large, is_unwritable;
	char file_fault[CURL_ERROR_SIZE]; /* libcurl's own words tell nothing of it */
	char reason[CURL_ERROR_SIZE];
};

/* A socket of libcurl's that is being watched. */
struct watched {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t socket;
};

/* ---- the body ---- */

static void note_file_fault(struct http_call *call)
{
	snprintf(call->file_fault, sizeof(call->file_fault), "%.150s cannot be written: %s",
	         call->path, strerror(errno));
	call->is_unwritable = true;
}

static bool write_to_file(struct http_call *call, const char *bytes, size_t len)
{
	if (call->fd < 0)
		call->fd = open(call->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		                0600);
	while (call->fd >= 0 && len > 0) {
		ssize_t written = write(call->fd, bytes, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			break;
		bytes += written;
		len -= (size_t)written;
	}
	if (len == 0 && call->fd >= 0)
		return true;
	note_file_fault(call);
	return false;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct http_call *call = data;
	size_t len = size * count;

	if (len > call->body_max_bytes - call->body_bytes) {
		call->is_too_large = true;
		return 0;
	}
	call->body_bytes += len;
	if (call->path == NULL) {
		text_buf_add(&call->body, (struct text){bytes, len});
		return len;
	}
	return write_to_file(call, bytes, len) ? len : 0;
}

/* ---- the reply ---- */

static enum http_outcome outcome_of(const struct http_call *call, CURLcode code)
{
	if (call->is_too_large)
		return HTTP_TOO_LARGE;
	if (call->is_unwritable)
		return HTTP_UNWRITABLE;
	switch ((int)code) {
	case CURLE_OK:
		return HTTP_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return HTTP_UNREACHABLE;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return HTTP_CUT;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMED_OUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return HTTP_UNTRUSTED;
	default:
		return HTTP_BROKEN;
	}
}

/* Borrowed from libcurl; "" when there is none. */
static const char *header_of(const struct http_call *call, const char *name)
{
	struct curl_header *header;

	if (call->http->curl->easy_header(call->easy, name, 0, CURLH_HEADER, -1, &header) !=
	    CURLHE_OK)
		return "";
	return header->value;
}

static uint64_t number_of(const struct http_call *call, const char *name)
{
	uint64_t value;

	return text_to_u64(text_from(header_of(call, name)), &value) ? value : 0;
}

static void fill_reply(struct http_call *call, CURLcode code, struct http_reply *reply)
{
	const struct curl_library *curl = call->http->curl;
	curl_off_t pretransfer_us = 0;
	long status = 0;

	curl->easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer_us);
	curl->easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	*reply = (struct http_reply){
		.outcome = outcome_of(call, code),
		.message = call->is_unwritable ? call->file_fault : call->reason,
		.may_have_been_heard = pretransfer_us > 0,
		.body = text_buf_text(&call->body),
		.body_bytes = call->body_bytes,
		.location = header_of(call, "Location"),
		.content_type = header_of(call, "Content-Type"),
		.session = header_of(call, "X-Jenkins-Session"),
		.version = header_of(call, "X-Jenkins"),
		.text_size = number_of(call, "X-Text-Size"),
		.has_more_data = strcmp(header_of(call, "X-More-Data"), "true") == 0,
		.retry_after_s = number_of(call, "Retry-After"),
	};
	if (reply->outcome == HTTP_ANSWERED)
		reply->status = (int)status;
	else if (call->is_too_large)
		snprintf(call->reason, sizeof(call->reason), "the reply has more than %llu bytes",
		         (unsigned long long)call->body_max_bytes);
	else if (call->reason[0] == '\0')
		snprintf(call->reason, sizeof(call->reason), "%s", curl->easy_strerror(code));
}

/* ---- the calls ---- */

static void unlink_call(struct http_call **first, struct http_call **last, struct http_call *call)
{
	if (call->before != NULL)
		call->before->next = call->next;
	else
		*first = call->next;
	if (call->next != NULL)
		call->next->before = call->before;
	else if (last != NULL)
		*last = call->before;
	call->next = call->before = NULL;
}

static void free_call(struct http_call *call)
{
	if (call->easy != NULL)
		call->http->curl->easy_cleanup(call->easy);
	if (call->fd >= 0)
		close(call->fd);
	text_buf_deinit(&call->body);
	free(call->url);
	free(call->form);
	free(call->path);
	free(call);
}

static void set_request(struct http_call *call)
{
	const struct curl_library *curl = call->http->curl;
	CURL *easy = call->easy;

	curl->easy_setopt(easy, CURLOPT_URL, call->url);
	curl->easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, call->reason);
	curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl->easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)call->limit_ms);
	if (call->method == HTTP_GET)
		return;
	/* On a kept connection that the server closes meanwhile, libcurl would send it again by
	 * itself: nobody would know whether it was heard twice. */
	curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl->easy_setopt(easy, CURLOPT_POST, 1L);
	curl->easy_setopt(easy, CURLOPT_POSTFIELDS, call->form);
	curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->form_bytes);
}

/* What holds for every request to this server. */
static void set_server(const struct http *http, CURL *easy)
{
	const struct curl_library *curl = http->curl;

	curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(easy, CURLOPT_USERAGENT, http->agent);
	curl->easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
	curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_LIMIT_MS);
	curl->easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_LIMIT_S);
	if (http->ca_file != NULL)
		curl->easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
	if (http->user == NULL)
		return;
	/* Sent unasked: Jenkins answers 403, never a challenge, to who says nothing. */
	curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl->easy_setopt(easy, CURLOPT_USERNAME, http->user);
	curl->easy_setopt(easy, CURLOPT_PASSWORD, http->token);
}

static void start_waiting(struct http *http)
{
	while (http->first != NULL && http->running_count < HTTP_CALLS_MAX) {
		struct http_call *call = http->first;

		unlink_call(&http->first, &http->last, call);
		call->easy = http->curl->easy_init();
		assert(call->easy != NULL);
		set_server(http, call->easy);
		set_request(call);
		call->next = http->running;
		if (call->next != NULL)
			call->next->before = call;
		http->running = call;
		http->running_count++;
		http->curl->multi_add_handle(http->multi, call->easy);
	}
}

static void stop_running(struct http_call *call)
{
	struct http *http = call->http;

	http->curl->multi_remove_handle(http->multi, call->easy);
	unlink_call(&http->running, NULL, call);
	http->running_count--;
}

static void finish_call(struct http_call *call, CURLcode code)
{
	struct http *http = call->http;
	struct http_reply reply;

	stop_running(call);
	if (call->fd >= 0 && close(call->fd) < 0)
		note_file_fault(call);
	call->fd = -1;
	fill_reply(call, code, &reply);
	start_waiting(http);
	call->on_done(call->data, &reply);
	free_call(call);
}

static void take_finished(struct http *http)
{
	CURLMsg *message;
	int left_count;

	/* A callback may close it all. */
	while (!http->is_closing &&
	       (message = http->curl->multi_info_read(http->multi, &left_count)) != NULL) {
		char *private = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		http->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		finish_call((struct http_call *)(void *)private, message->data.result);
	}
}

/* ---- the sockets ---- */

static void on_handle_closed(struct http *http)
{
	if (--http->open_handles > 0 || !http->is_closing)
		return;
	http->on_closed(http->closed_data);
	free(http);
}

static void on_watched_closed(uv_handle_t *handle)
{
	struct watched *watched = handle->data;
	struct http *http = watched->http;

	free(watched);
	on_handle_closed(http);
}

static void on_timer_closed(uv_handle_t *handle)
{
	on_handle_closed(handle->data);
}

static void on_socket_ready(uv_poll_t *poll, int status, int events)
{
	struct watched *watched = poll->data;
	struct http *http = watched->http;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if ((events & UV_READABLE) != 0)
		flags |= CURL_CSELECT_IN;
	if ((events & UV_WRITABLE) != 0)
		flags |= CURL_CSELECT_OUT;
	http->curl->multi_socket_action(http->multi, watched->socket, flags, &running);
	take_finished(http);
}

static struct watched *watch_socket(struct http *http, curl_socket_t socket)
{
	struct watched *watched = mem_calloc(1, sizeof(*watched));
	int status = uv_poll_init_socket(loop_uv(http->loop), &watched->poll, socket);

	assert(status == 0);
	watched->poll.data = watched;
	watched->http = http;
	watched->socket = socket;
	http->open_handles++;
	http->curl->multi_assign(http->multi, socket, watched);
	return watched;
}

static int on_socket_wanted(CURL *easy, curl_socket_t socket, int what, void *data, void *known)
{
	struct http *http = data;
	struct watched *watched = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watched != NULL) {
			uv_poll_stop(&watched->poll);
			uv_close((uv_handle_t *)&watched->poll, on_watched_closed);
			http->curl->multi_assign(http->multi, socket, NULL);
		}
		return 0;
	}
	if (watched == NULL)
		watched = watch_socket(http, socket);
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	uv_poll_start(&watched->poll, events, on_socket_ready);
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct http *http = timer->data;
	int running;

	http->curl->multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_finished(http);
}

static int on_timer_wanted(CURLM *multi, long wait_ms, void *data)
{
	struct http *http = data;

	(void)multi;
	if (wait_ms < 0) {
		uv_timer_stop(&http->timer);
		return 0;
	}
	uv_update_time(loop_uv(http->loop));
	uv_timer_start(&http->timer, on_timer, (uint64_t)wait_ms, 0);
	return 0;
}

/* ---- the client ---- */

static char *copy_or_null(const char *string)
{
	return string != NULL ? mem_strdup(string) : NULL;
}

static void open_multi(struct http *http)
{
	const struct curl_library *curl = http->curl;

	http->multi = curl->multi_init();
	assert(http->multi != NULL);
	curl->multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
	curl->multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl->multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl->multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl->multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)HTTP_CALLS_MAX);
	/* Else a large form waits a second for leave to be sent, which Jenkins never gives. */
	http->headers = curl->slist_append(NULL, "Expect:");
}

int http_new(struct loop *loop, const struct http_options *options, struct http **ret_http,
             struct tanda_error *error)
{
	const struct curl_library *curl = curl_library_load(error);
	struct http *http;

	if (curl == NULL)
		return -1;
	http = mem_calloc(1, sizeof(*http));
	http->loop = loop;
	http->curl = curl;
	http->agent = mem_strdup(options->agent);
	http->user = copy_or_null(options->user);
	http->token = copy_or_null(options->token);
	http->ca_file = copy_or_null(options->ca_file);
	uv_timer_init(loop_uv(loop), &http->timer);
	http->timer.data = http;
	http->open_handles = 1;
	open_multi(http);
	*ret_http = http;
	return 0;
}

struct http_call *http_start(struct http *http, const struct http_request *request)
{
	struct http_call *call = mem_calloc(1, sizeof(*call));

	assert(!http->is_closing);
	*call = (struct http_call){
		.http = http,
		.before = http->last,
		.method = request->method,
		.url = mem_strdup(request->url),
		.form = text_dup(request->form),
		.form_bytes = request->form.len,
		.path = copy_or_null(request->path),
		.limit_ms = request->limit_ms,
		.body_max_bytes = request->body_max_bytes,
		.on_done = request->on_done,
		.data = request->data,
		.fd = -1,
	};
	text_buf_init(&call->body, request->body_max_bytes);
	if (http->last != NULL)
		http->last->next = call;
	else
		http->first = call;
	http->last = call;
	start_waiting(http);
	return call;
}

void http_abandon(struct http_call *call)
{
	struct http *http = call->http;

	if (call->easy == NULL)
		unlink_call(&http->first, &http->last, call);
	else
		stop_running(call);
	free_call(call);
	start_waiting(http);
}

void http_close(struct http *http, void (*on_closed)(void *data), void *data)
{
	http->is_closing = true;
	http->on_closed = on_closed;
	http->closed_data = data;
	while (http->first != NULL) {
		struct http_call *call = http->first;

		unlink_call(&http->first, &http->last, call);
		free_call(call);
	}
	while (http->running != NULL) {
		struct http_call *call = http->running;

		stop_running(call);
		free_call(call);
	}
	http->curl->multi_cleanup(http->multi);
	http->curl->slist_free_all(http->headers);
	free(http->agent);
	free(http->user);
	token_free(http->token);
	free(http->ca_file);
	uv_close((uv_handle_t *)&http->timer, on_timer_closed);
}
