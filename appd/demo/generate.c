/* generate.c -- a tool of the build: turns docs/whiteboard.md into the articles that a
 * new site begins with.
 *
 *     generate docs/whiteboard.md > gen/demo.c
 *
 * An article is a section: "## Title", an empty line, the lines "author: NAME",
 * "tags: A, B" and "about: ..." in this order, an empty line, and its text. */
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

enum { FILE_MAX = 1 << 20 };

static const char *file;
static int line = 1;

_Noreturn static void wrong(const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	exit(EXIT_DATA);
}

static char *read_file(void)
{
	static char text[FILE_MAX];
	FILE *f = fopen(file, "r");
	size_t n;

	if (f == NULL) {
		perror(file);
		exit(EXIT_DEPENDENCY);
	}
	n = fread(text, 1, FILE_MAX - 1, f);
	if (!feof(f))
		wrong("longer than a megabyte");
	text[n] = '\0';
	fclose(f);
	return text;
}

static void put_string(const char *p, size_t n)
{
	printf("\t\tSTR(\"");
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			printf(i + 1 < n ? "\\n\"\n\t\t    \"" : "\\n");
		else if (p[i] == '"' || p[i] == '\\' || p[i] == '?')
			printf("\\%c", p[i]);
		else
			putchar(p[i]);
	}
	printf("\"),\n");
}

static char *next_line(char *p)
{
	char *end = strchr(p, '\n');

	if (end == NULL)
		wrong("the text ends too early");
	line++;
	return end + 1;
}

/* The rest of a line that begins with this; the line after it. */
static char *put_rest(char *p, const char *begin)
{
	size_t n = strlen(begin);

	if (strncmp(p, begin, n) != 0) {
		fprintf(stderr, "%s:%d: expected '%s...'\n", file, line, begin);
		exit(EXIT_DATA);
	}
	put_string(p + n, strcspn(p + n, "\n"));
	return next_line(p);
}

static char *skip_empty(char *p)
{
	while (*p == '\n')
		p = next_line(p);
	return p;
}

static char *put_article(char *p)
{
	char *end;
	size_t n;

	printf("\t{\n");
	p = put_rest(p, "## ");
	p = put_rest(skip_empty(p), "author: ");
	p = put_rest(p, "tags: ");
	p = skip_empty(put_rest(p, "about: "));
	end = strstr(p, "\n## ");
	n = end == NULL ? strlen(p) : (size_t)(end - p);
	while (n > 0 && p[n - 1] == '\n')
		n--;
	put_string(p, n);
	printf("\t},\n");
	for (char *q = p; end != NULL && q <= end; q++)
		line += *q == '\n';
	return end == NULL ? NULL : end + 1;
}

int main(int argc, char **argv)
{
	char *p;

	if (argc != 2) {
		fprintf(stderr, "usage: generate FILE\n");
		return EXIT_USAGE;
	}
	file = argv[1];
	p = read_file();
	printf("/* Made by appd/demo/generate.c. */\n"
	       "#include \"appd/demo/demo.h\"\n\n"
	       "const struct demo_article demo_articles[] = {\n");
	for (p = strstr(p, "\n## "); p != NULL;) {
		p += *p == '\n';
		p = put_article(p);
	}
	printf("};\nconst size_t demo_article_count = sizeof(demo_articles) / "
	       "sizeof(demo_articles[0]);\n");
	return EXIT_OK;
}
