/* generate.c -- a tool of the build: turns HTML files into C, one function for each page.
 *
 *     generate FILE... > gen/pages.c
 *
 *     <?page template_home(struct buf *out, const struct view_home *v) ?>   begins one
 *     <?part ... ?>  the same for this file only; it stands above those that use it
 *     <? C ?>       code; alone on a line it leaves no blank line behind
 *     <?= e ?>      prints e, escaped by its type (appd/html.h)
 *     everything else is copied to the page
 *
 * The functions and what they show are declared in templates.h. #line makes the
 * compiler's errors point into the HTML: a wrong field name does not compile. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

enum { FILE_MAX = 1 << 20 };

struct reader {
	const char *file;
	int line;
	bool in_page;
};

_Noreturn static void wrong(const struct reader *r, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", r->file, r->line, what);
	exit(EXIT_DATA);
}

static char *read_file(const char *path)
{
	static char text[FILE_MAX];
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(EXIT_DEPENDENCY);
	}
	n = fread(text, 1, FILE_MAX - 1, f);
	if (!feof(f)) {
		fprintf(stderr, "%s:1: longer than a megabyte\n", path);
		exit(EXIT_DATA);
	}
	text[n] = '\0';
	fclose(f);
	return text;
}

static void put_c_char(char c)
{
	if (c == '"' || c == '\\')
		printf("\\%c", c);
	else if ((unsigned char)c < ' ' || c == '?' || (unsigned char)c >= 0x7f)
		printf("\\%03o", (unsigned char)c);
	else
		putchar(c);
}

static void put_text(struct reader *r, const char *p, size_t n)
{
	if (n == 0)
		return;
	printf("\tbuf_put(out, \"");
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n') {
			put_c_char(p[i]);
			continue;
		}
		r->line++;
		printf(i + 1 < n ? "\\n\"\n\t\t\"" : "\\n");
	}
	printf("\", %zu);\n", n);
}

static void end_page(struct reader *r)
{
	if (r->in_page)
		printf("}\n");
	r->in_page = false;
}

static void count_lines(struct reader *r, const char *p, const char *end)
{
	for (; p < end; p++)
		r->line += *p == '\n';
}

/* What stands between <? and ?>; its closing bytes are already cut off. */
static void put_code(struct reader *r, const char *code)
{
	bool page = strncmp(code, "page ", 5) == 0, part = strncmp(code, "part ", 5) == 0;

	if (page || part) {
		end_page(r);
		printf("\n#line %d \"%s\"\n%svoid %s{\n", r->line, r->file,
		       part ? "static " : "", code + 5);
		r->in_page = true;
	} else if (!r->in_page) {
		wrong(r, "nothing may stand before the first <?page ... ?>");
	} else if (code[0] == '=') {
		printf("#line %d \"%s\"\n\tHTML_PUT(out, %s);\n", r->line, r->file,
		       code + 1);
	} else if (isspace((unsigned char)code[0])) {
		printf("#line %d \"%s\"\n%s\n", r->line, r->file, code);
	} else {
		wrong(r, "after <? comes a space, =, page or part");
	}
}

/* Is there nothing but blanks between the line's start and p? */
static bool begins_line(const char *start, const char *p)
{
	while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == start || p[-1] == '\n';
}

static size_t without_indent(const char *start, const char *p)
{
	while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return (size_t)(p - start);
}

static void generate(const char *path)
{
	struct reader r = { .file = path, .line = 1 };
	char *text = read_file(path), *p = text;

	while (*p != '\0') {
		char *open = strstr(p, "<?"), *close;
		bool alone;

		if (open == NULL) {
			put_text(&r, p, r.in_page ? strlen(p) : 0);
			break;
		}
		close = strstr(open, "?>");
		if (close == NULL)
			wrong(&r, "a <? without its ?>");
		alone = open[2] != '=' && close[2] == '\n' && begins_line(p, open);
		if (r.in_page)
			put_text(&r, p,
				 alone ? without_indent(p, open) : (size_t)(open - p));
		else
			count_lines(&r, p, open);
		*close = '\0';
		put_code(&r, open + 2);
		count_lines(&r, open, close);
		p = close + 2;
		if (alone) {
			p++;
			r.line++;
		}
	}
	end_page(&r);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: generate FILE...\n");
		return EXIT_USAGE;
	}
	printf("/* Made by appd/templates/generate.c. */\n"
	       "#include \"appd/body.h\"\n"
	       "#include \"appd/html.h\"\n"
	       "#include \"appd/mark.h\"\n"
	       "#include \"appd/templates/templates.h\"\n"
	       "#include \"gen/sql.h\"\n");
	for (int i = 1; i < argc; i++)
		generate(argv[i]);
	return EXIT_OK;
}
