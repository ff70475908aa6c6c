/* fuzz_jenkins.c - any bytes for an answer of a Jenkins controller: whole things, or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/exec/jenkins/api.h"
#include "runner/exec/jenkins/bundle.h"
#include "runner/exec/jenkins/capacity.h"
#include "runner/exec/jenkins/page.h"
#include "runner/exec/jenkins/url.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_item(void *data, const struct api_item *item)
{
	(void)data;
	if (item->id == 0 || item->why == NULL || item->key == NULL)
		abort();
}

static void on_build(void *data, const struct api_build *build)
{
	(void)data;
	if (build->number == 0 || build->result == NULL || build->built_on == NULL ||
	    build->key == NULL)
		abort();
}

static void on_job(void *data, const struct api_job *job)
{
	(void)data;
	if (!job->tells_parameters && (job->has_key || job->has_script || job->has_env))
		abort();
}

static int read_as(unsigned kind, struct text body, struct tanda_error *error)
{
	struct bundle_head head;
	struct capacity capacity;

	switch (kind) {
	case 0:
		return api_read_queue(body, on_item, NULL, error);
	case 1:
		return api_read_item(body, on_item, NULL, error);
	case 2:
		return api_read_builds(body, on_build, NULL, error);
	case 3:
		return api_read_build(body, on_build, NULL, error);
	case 4:
		return api_read_job(body, on_job, NULL, error);
	case 5:
		return capacity_read(body, TEXT_EMPTY, "http://ci/job/a/1/", &capacity, error);
	case 6:
		return capacity_read(TEXT_LIT("{\"computer\":[{\"displayName\":\"a\"}]}"), body,
		                     NULL, &capacity, error);
	default:
		return bundle_read_head(body, "k", &head, error);
	}
}

static void look_at_addresses(const char *string)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *base, *url;
	uint64_t id;

	(void)url_queue_id(string, &id);
	if (url_read_base(string, &base, &error) == 0)
		free(base);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	if (url_of_job("http://ci", string, &url, &error) < 0)
		return;
	if (strstr(url, "/../") != NULL || strpbrk(url, " \n?#") != NULL)
		abort();
	free(url);
}

/* The first byte chooses the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char words[PAGE_WORDS_MAX + 1];
	struct text body;
	char *string;

	if (size == 0)
		return 0;
	body = (struct text){(const char *)data + 1, size - 1};
	if (read_as(data[0] % 8, body, &error) < 0 && !tanda_error_is_set(&error))
		abort();
	page_words(body, words);
	if (strpbrk(words, "\n\r\t\x1b") != NULL)
		abort();
	string = mem_strndup(body.ptr, body.len);
	look_at_addresses(string);
	free(string);
	return 0;
}
