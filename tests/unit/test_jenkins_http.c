/* test_jenkins_http.c - the HTTP client, against a server that says what it is told to say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/exec/jenkins/http.h"
#include "runner/exec/jenkins/token.h"
#include "runner/exec/loop.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { REQUESTS_MAX = 64, REQUEST_MAX_BYTES = 4096 };

/* A server in a thread of its own: each request gets the same bytes. */
struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	const char *answer;
	bool hangs; /* it never answers */
	int request_count;
	char last[REQUEST_MAX_BYTES];
};

/* The fixture: a loop, a client, and what the last reply was. */
struct fixture {
	struct server server;
	struct loop *loop;
	struct http *http;
	char url[100];
	int reply_count;
	enum http_outcome outcome;
	int status;
	bool may_have_been_heard;
	char body[REQUEST_MAX_BYTES], message[400], location[200], session[40];
	uint64_t body_bytes, retry_after_s, text_size;
	bool has_more_data;
	int wanted; /* replies until the client is closed */
};

static void serve(struct server *server, int fd)
{
	ssize_t len;

	while ((len = recv(fd, server->last, sizeof(server->last) - 1, 0)) > 0) {
		server->last[len] = '\0';
		server->request_count++;
		if (server->hangs) {
			while (recv(fd, server->last, 1, 0) > 0)
				;
			break;
		}
		(void)!send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
		if (strstr(server->answer, "keep-alive") == NULL)
			break;
	}
	close(fd);
}

static void *server_main(void *data)
{
	struct server *server = data;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0)
		serve(server, fd);
	return NULL;
}

static void server_start(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->fd, 16), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, server_main, server), 0);
}

static void server_stop(struct server *server)
{
	if (server->fd < 0)
		return;
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	server->fd = -1;
}

static int set_up(void **state)
{
	struct fixture *f = mem_calloc(1, sizeof(*f));
	struct http_options options = {.agent = "tanda/test", .user = "juan", .token = "t0ken"};
	struct tanda_error error = TANDA_ERROR_INIT;

	unsetenv("http_proxy");
	server_start(&f->server);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u/x", f->server.port);
	assert_int_equal(loop_new(&f->loop, &error), 0);
	assert_int_equal(http_new(f->loop, &options, &f->http, &error), 0);
	f->wanted = 1;
	*state = f;
	return 0;
}

static void on_closed(void *data)
{
	struct fixture *f = data;

	f->http = NULL;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->http != NULL) {
		http_close(f->http, on_closed, f);
		loop_run(f->loop);
	}
	loop_free(f->loop); /* asserts that no handle stayed open */
	server_stop(&f->server);
	free(f);
	return 0;
}

static void on_done(void *data, const struct http_reply *reply)
{
	struct fixture *f = data;

	f->reply_count++;
	f->outcome = reply->outcome;
	f->status = reply->status;
	f->may_have_been_heard = reply->may_have_been_heard;
	f->body_bytes = reply->body_bytes;
	f->retry_after_s = reply->retry_after_s;
	f->text_size = reply->text_size;
	f->has_more_data = reply->has_more_data;
	snprintf(f->body, sizeof(f->body), "%.*s", TEXT_ARG(reply->body));
	snprintf(f->message, sizeof(f->message), "%s", reply->message);
	snprintf(f->location, sizeof(f->location), "%s", reply->location);
	snprintf(f->session, sizeof(f->session), "%s", reply->session);
	if (f->reply_count == f->wanted)
		http_close(f->http, on_closed, f);
}

static struct http_request get(struct fixture *f)
{
	return (struct http_request){.method = HTTP_GET,
	                             .url = f->url,
	                             .limit_ms = 20000,
	                             .body_max_bytes = 1000,
	                             .on_done = on_done,
	                             .data = f};
}

static void on_done_again(void *data, const struct http_reply *reply)
{
	struct fixture *f = data;
	struct http_request request = get(f);

	request.on_done = on_done_again;
	if (f->reply_count + 1 < f->wanted)
		http_start(f->http, &request);
	on_done(f, reply);
}

static void run(struct fixture *f, const struct http_request *request)
{
	http_start(f->http, request);
	assert_int_equal(f->reply_count, 0); /* never inside the call */
	loop_run(f->loop);
	assert_int_equal(f->reply_count, f->wanted);
}

static void answer(struct fixture *f, const char *bytes)
{
	struct http_request request = get(f);

	f->server.answer = bytes;
	run(f, &request);
}

static void a_reply_comes_with_its_headers(void **state)
{
	struct fixture *f = *state;

	answer(f,
	       "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nLocation: http://q/queue/item/7/\r\n"
	       "x-jenkins-session: 98a439bb\r\nX-Text-Size: 497\r\nX-More-Data: true\r\n"
	       "Connection: close\r\n\r\nhi");
	assert_int_equal(f->outcome, HTTP_ANSWERED);
	assert_int_equal(f->status, 201);
	assert_string_equal(f->body, "hi");
	assert_string_equal(f->location, "http://q/queue/item/7/");
	assert_string_equal(f->session, "98a439bb");
	assert_int_equal(f->text_size, 497);
	assert_true(f->has_more_data);
}

static void the_token_goes_along_unasked(void **state)
{
	struct fixture *f = *state;

	answer(f, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
	assert_non_null(strstr(f->server.last, "\r\nAuthorization: Basic anVhbjp0MGtlbg==\r\n"));
	assert_non_null(strstr(f->server.last, "\r\nUser-Agent: tanda/test\r\n"));
}

static void a_redirect_is_not_followed(void **state)
{
	struct fixture *f = *state;

	answer(f, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/evil\r\nContent-Length: 0\r\n"
	          "Connection: close\r\n\r\n");
	assert_int_equal(f->outcome, HTTP_ANSWERED);
	assert_int_equal(f->status, 302);
	assert_int_equal(f->server.request_count, 1);
}

static void a_wait_that_is_asked_for_is_told(void **state)
{
	struct fixture *f = *state;

	answer(f, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 12\r\nContent-Length: 0\r\n"
	          "Connection: close\r\n\r\n");
	assert_int_equal(f->status, 429);
	assert_int_equal(f->retry_after_s, 12);
}

static void half_a_body_is_no_answer(void **state)
{
	struct fixture *f = *state;

	answer(f, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{\"half\":");
	assert_int_equal(f->outcome, HTTP_CUT);
	assert_int_equal(f->status, 0);
	assert_true(f->may_have_been_heard);
	assert_string_not_equal(f->message, "");
}

static void half_a_chunk_is_no_answer(void **state)
{
	struct fixture *f = *state;

	answer(f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	          "20\r\nhalf");
	assert_int_equal(f->outcome, HTTP_CUT);
}

static void silence_at_once_is_a_cut(void **state)
{
	struct fixture *f = *state;

	answer(f, "");
	assert_int_equal(f->outcome, HTTP_CUT);
	assert_true(f->may_have_been_heard);
}

static void what_is_no_http_is_told(void **state)
{
	struct fixture *f = *state;

	answer(f, "SSH-2.0-OpenSSH_9.2p1\r\n");
	assert_int_equal(f->outcome, HTTP_BROKEN);
}

static void too_much_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.body_max_bytes = 4;
	f->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_TOO_LARGE);
	assert_non_null(strstr(f->message, "4 bytes"));
}

static void who_does_not_answer_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.limit_ms = 200;
	f->server.hangs = true;
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_TIMED_OUT);
	assert_true(f->may_have_been_heard);
}

static void a_refused_connection_was_not_heard(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	server_stop(&f->server);
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_UNREACHABLE);
	assert_false(f->may_have_been_heard);
}

static void an_unknown_host_was_not_heard(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.url = "http://no-such-host.invalid/";
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_UNREACHABLE);
	assert_false(f->may_have_been_heard);
}

static void only_http_is_spoken(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.url = "file:///etc/passwd";
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_BROKEN);
	assert_int_equal(f->body_bytes, 0);
}

static void no_tls_where_tls_is_due_is_told(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);
	char url[100];

	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", f->server.port);
	request.url = url;
	f->server.answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_UNTRUSTED);
}

/* The server knows one connection at a time: a second one would wait for ever. */
static void a_connection_is_used_again(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.on_done = on_done_again;
	f->wanted = 20;
	f->server.answer =
		"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_ANSWERED);
	assert_int_equal(f->server.request_count, 20);
}

static void a_form_is_posted_whole(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.method = HTTP_POST;
	request.form = TEXT_LIT("a=1&b=2");
	f->server.answer = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	run(f, &request);
	assert_int_equal(f->status, 201);
	assert_non_null(strstr(f->server.last, "POST /x HTTP/1.1"));
	assert_non_null(strstr(f->server.last, "\r\n\r\na=1&b=2"));
	assert_null(strstr(f->server.last, "Expect"));
}

static void a_body_can_go_to_a_new_file(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);
	char path[] = "/tmp/test_jenkins_http-XXXXXX", bytes[16] = "";
	int fd = mkstemp(path);
	struct stat info;

	close(fd);
	unlink(path);
	request.path = path;
	f->server.answer =
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nbundle";
	run(f, &request);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), 6);
	assert_string_equal(bytes, "bundle");
	assert_int_equal(f->body_bytes, 6);
	close(fd);
	unlink(path);
}

static void a_file_that_is_there_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	request.path = "/dev/null";
	f->server.answer =
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nbundle";
	run(f, &request);
	assert_int_equal(f->outcome, HTTP_UNWRITABLE);
	assert_non_null(strstr(f->message, "/dev/null"));
}

static void what_is_abandoned_is_not_heard_of(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);

	f->server.hangs = true;
	http_abandon(http_start(f->http, &request));
	http_start(f->http, &request);
	http_close(f->http, on_closed, f);
	loop_run(f->loop);
	assert_int_equal(f->reply_count, 0);
	assert_null(f->http);
}

static void a_proxy_comes_from_the_environment(void **state)
{
	struct fixture *f = *state;
	struct http_request request = get(f);
	char proxy[100];

	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", f->server.port);
	setenv("http_proxy", proxy, 1);
	request.url = "http://jenkins.invalid/api/json";
	f->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	run(f, &request);
	unsetenv("http_proxy");
	assert_int_equal(f->outcome, HTTP_ANSWERED);
	assert_non_null(strstr(f->server.last, "GET http://jenkins.invalid/api/json HTTP/1.1"));
}

/* ---- tokens ---- */

static void write_token(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void a_token_comes_from_a_variable_or_a_private_file(void **state)
{
	char folder[] = "/tmp/test_jenkins_token-XXXXXX";
	struct tanda_error error = TANDA_ERROR_INIT;
	char *path, *token;

	(void)state;
	setenv("SOME_TOKEN", " 11abc\n", 1);
	assert_int_equal(token_read("$SOME_TOKEN", &token, &error), 0);
	assert_string_equal(token, "11abc");
	free(token);
	unsetenv("SOME_TOKEN");
	assert_non_null(mkdtemp(folder));
	path = mem_printf("%s/token", folder);
	write_token(path, "11abc\nnotes\n", 0600);
	assert_int_equal(token_read(path, &token, &error), 0);
	assert_string_equal(token, "11abc");
	free(token);
	setenv("HOME", folder, 1);
	assert_int_equal(token_read("~/token", &token, &error), 0);
	free(token);
	unlink(path);
	rmdir(folder);
	free(path);
}

static void a_token_that_others_see_is_refused_and_not_shown(void **state)
{
	char path[] = "/tmp/test_jenkins_token-XXXXXX";
	int fd = mkstemp(path);
	const struct {
		const char *source, *text;
		mode_t mode;
	} cases[] = {
		{path, "hunter2", 0640},
		{path, "hunter2", 0604},
		{path, "", 0600},
		{path, "\n\n", 0600},
		{path, "hunter2 hunter2", 0600},
		{"/dev/zero", "", 0600},
		{"/no/such", "", 0600},
		{"hunter2", "", 0600},
		{"$NO_SUCH_VARIABLE", "", 0600},
		{"", "", 0600},
	};
	char *token = NULL;
	size_t i;

	(void)state;
	close(fd);
	for (i = 0; i < countof(cases); i++) {
		struct tanda_error error = TANDA_ERROR_INIT;

		write_token(path, cases[i].text, cases[i].mode);
		assert_int_equal(token_read(cases[i].source, &token, &error), -1);
		assert_string_not_equal(error.message, "");
		assert_null(strstr(error.message, "hunter2"));
		assert_null(strstr(error.where, "hunter2"));
		assert_null(strstr(error.hint, "hunter2"));
	}
	assert_null(token);
	unlink(path);
}

#define WITH_SERVER(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(a_reply_comes_with_its_headers),
		WITH_SERVER(the_token_goes_along_unasked),
		WITH_SERVER(a_redirect_is_not_followed),
		WITH_SERVER(a_wait_that_is_asked_for_is_told),
		WITH_SERVER(half_a_body_is_no_answer),
		WITH_SERVER(half_a_chunk_is_no_answer),
		WITH_SERVER(silence_at_once_is_a_cut),
		WITH_SERVER(what_is_no_http_is_told),
		WITH_SERVER(too_much_is_not_read),
		WITH_SERVER(who_does_not_answer_is_given_up),
		WITH_SERVER(a_refused_connection_was_not_heard),
		WITH_SERVER(an_unknown_host_was_not_heard),
		WITH_SERVER(only_http_is_spoken),
		WITH_SERVER(no_tls_where_tls_is_due_is_told),
		WITH_SERVER(a_connection_is_used_again),
		WITH_SERVER(a_form_is_posted_whole),
		WITH_SERVER(a_body_can_go_to_a_new_file),
		WITH_SERVER(a_file_that_is_there_is_left_alone),
		WITH_SERVER(what_is_abandoned_is_not_heard_of),
		WITH_SERVER(a_proxy_comes_from_the_environment),
		cmocka_unit_test(a_token_comes_from_a_variable_or_a_private_file),
		cmocka_unit_test(a_token_that_others_see_is_refused_and_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
