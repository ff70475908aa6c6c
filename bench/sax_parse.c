/* sax_parse.c - the limit that bench/merge measures against: parse each file, do nothing with it.
 *
 * Usage: sax_parse LIST, a file with a path a line. libxml2's push parser, fed 64 KiB at a time,
 * whose callbacks count elements and bytes of text. */
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024, PATH_BYTES = 4096 };

struct counts {
	unsigned long long elements, text_bytes;
};

static void on_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                       int namespace_count, const xmlChar **namespaces, int attribute_count,
                       int defaulted_count, const xmlChar **attributes)
{
	struct counts *counts = data;

	(void)name;
	(void)prefix;
	(void)uri;
	(void)namespace_count;
	(void)namespaces;
	(void)attribute_count;
	(void)defaulted_count;
	(void)attributes;
	counts->elements++;
}

static void on_text(void *data, const xmlChar *bytes, int len)
{
	struct counts *counts = data;

	(void)bytes;
	counts->text_bytes += (unsigned long long)len;
}

static int parse(const char *path, struct counts *counts)
{
	static char chunk[CHUNK_BYTES];
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
	                     .startElementNs = on_element,
	                     .characters = on_text,
	                     .cdataBlock = on_text};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	xmlParserCtxtPtr parser;
	ssize_t len;
	int well_formed;

	if (fd < 0)
		return -1;
	parser = xmlCreatePushParserCtxt(&sax, counts, NULL, 0, path);
	while ((len = read(fd, chunk, sizeof(chunk))) > 0)
		xmlParseChunk(parser, chunk, (int)len, 0);
	xmlParseChunk(parser, chunk, 0, 1);
	well_formed = parser->wellFormed;
	xmlFreeParserCtxt(parser);
	close(fd);
	return well_formed ? 0 : -1;
}

int main(int argc, char **argv)
{
	FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
	struct counts counts = {0};
	char path[PATH_BYTES];

	if (list == NULL) {
		fputs("usage: sax_parse LIST\n", stderr);
		return 2;
	}
	while (fgets(path, sizeof(path), list) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		if (parse(path, &counts) < 0) {
			fprintf(stderr, "%s: cannot be parsed\n", path);
			return 1;
		}
	}
	fclose(list);
	printf("%llu elements, %llu bytes of text\n", counts.elements, counts.text_bytes);
	return 0;
}
