/* generate_read.c -- reads files of statements: each its header, then its SQL. */
#include "dbproxy/sql/generate.h"

#include <ctype.h>

#include "common/err.h"

static const struct type types[] = {
	{ "int", "TYPE_INT", "int64_t ", "struct sql_int ", "int", "int", "1" },
	{ "float", "TYPE_FLOAT", "double ", "struct sql_float ", "float", "float",
	  "1.0" },
	{ "bool", "TYPE_BOOL", "bool ", "struct sql_bool ", "bool", "bool", "TRUE" },
	{ "text", "TYPE_TEXT", "struct str ", "struct str ", "bytes", "bytes", "'x'" },
	{ "bytes", "TYPE_BYTES", "struct str ", "struct str ", "bytes", "bytes", "'x'" },
	{ "time", "TYPE_TIME", "int64_t ", "struct sql_int ", "int", "int",
	  "'2000-01-01'" },
};

struct reader read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = need(malloc(1 << 20));
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(EXIT_DEPENDENCY);
	}
	n = fread(text, 1, (1 << 20) - 1, f);
	text[n] = '\0';
	if (!feof(f)) {
		fprintf(stderr, "%s:1: longer than a megabyte\n", path);
		exit(EXIT_DATA);
	}
	fclose(f);
	return (struct reader){ .file = path, .p = text, .line = 1 };
}

/* ---- the header ---- */

/* Blanks, and in a header also the -- that begins each further line. */
static void skip_blanks(struct reader *r)
{
	for (;; r->p++) {
		if (*r->p == '\n') {
			const char *next = r->p + 1 + strspn(r->p + 1, " \t");

			r->line++;
			if (strncmp(next, "--", 2) != 0)
				wrong(r, "the header above is not finished");
			r->p = next + 1;
		} else if (*r->p != ' ' && *r->p != '\t') {
			return;
		}
	}
}

void read_word(struct reader *r, char ret[NAME_SIZE])
{
	size_t n = 0;

	while (islower((unsigned char)r->p[n]) || isdigit((unsigned char)r->p[n]) ||
	       r->p[n] == '_')
		n++;
	if (n == 0 || isdigit((unsigned char)*r->p))
		wrong(r, "expected a name in small letters before '%.20s'", r->p);
	if (n >= NAME_SIZE)
		wrong(r, "the name '%.*s' is longer than %d letters", (int)n, r->p,
		      NAME_SIZE - 1);
	memcpy(ret, r->p, n);
	ret[n] = '\0';
	r->p += n;
}

static void expect(struct reader *r, const char *what)
{
	skip_blanks(r);
	if (strncmp(r->p, what, strlen(what)) != 0)
		wrong(r, "expected '%s' before '%.20s'", what, r->p);
	r->p += strlen(what);
}

static const struct type *read_type(struct reader *r)
{
	char word[NAME_SIZE];

	skip_blanks(r);
	read_word(r, word);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, word) == 0)
			return &types[i];
	wrong(r, "'%s' is no type; there are int, float, bool, text, bytes, time", word);
}

/* "(name type, name type?)" */
static int read_fields(struct reader *r, struct field *ret)
{
	int n = 0;

	expect(r, "(");
	for (skip_blanks(r); *r->p != ')'; skip_blanks(r)) {
		struct field *f = &ret[n];

		if (n > 0)
			expect(r, ",");
		if (n == FIELDS_MAX)
			wrong(r, "more than %d fields", FIELDS_MAX);
		skip_blanks(r);
		read_word(r, f->name);
		f->type = read_type(r);
		if (*r->p == '?') {
			f->null = true;
			r->p++;
		}
		for (int i = 0; i < n; i++)
			if (strcmp(ret[i].name, f->name) == 0)
				wrong(r, "'%s' is there twice", f->name);
		n++;
	}
	r->p++;
	return n;
}

static void check_name(struct reader *r, const struct statement *s,
		       const struct statements *all)
{
	for (int i = 0; i < all->count; i++)
		if (strcmp(all->at[i]->name, s->name) == 0)
			wrong(r, "there is a statement '%s' already, at %s:%d", s->name,
			      all->at[i]->file, all->at[i]->line);
}

static const struct statement *find_read(const struct reader *r, const char *name,
					 const struct statements *all)
{
	for (int i = 0; i < all->count; i++)
		if (!all->at[i]->write && strcmp(all->at[i]->name, name) == 0)
			return all->at[i];
	wrong(r, "there is no read '%s' above to take the row of", name);
}

/* After "->": a row of its own, or the name of a read above that has the same. */
static void read_row(struct reader *r, struct statement *s, const struct statements *all)
{
	char name[NAME_SIZE];

	skip_blanks(r);
	if (*r->p == '(') {
		s->column_count = read_fields(r, s->columns);
		if (s->column_count == 0)
			wrong(r, "a read needs at least one column after '->'");
		return;
	}
	read_word(r, name);
	s->row = find_read(r, name, all);
	if (s->row->row != NULL)
		s->row = s->row->row;
	memcpy(s->columns, s->row->columns, sizeof(s->columns));
	s->column_count = s->row->column_count;
}

/* What stands where its name could. */
static bool *mark_of(struct statement *s)
{
	if (strcmp(s->name, "scan") == 0 && !s->scan)
		return &s->scan;
	if (strcmp(s->name, "each") == 0 && !s->each && !s->write)
		return &s->each;
	return NULL;
}

/* After "-- read" or "-- write". */
static void read_header(struct reader *r, struct statement *s,
			const struct statements *all)
{
	skip_blanks(r);
	read_word(r, s->name);
	for (bool *mark; (mark = mark_of(s)) != NULL;) {
		*mark = true;
		skip_blanks(r);
		read_word(r, s->name);
	}
	check_name(r, s, all);
	s->param_count = read_fields(r, s->params);
	if (!s->write) {
		expect(r, "->");
		read_row(r, s, all);
	}
	r->p += strspn(r->p, " \t");
	if (*r->p != '\n')
		wrong(r, "what is '%.20s' after the header?", r->p);
}

/* ---- files ---- */

static void read_statement(struct reader *r, bool write, struct statements *all)
{
	struct statement *s = need(calloc(1, sizeof(*s)));
	struct reader header = *r, again;

	s->file = r->file;
	s->line = r->line;
	s->write = write;
	read_header(r, s, all);
	again = *r;
	s->sql = read_sql(r, s, false);
	s->explain = read_sql(&again, s, true);
	check_statement(&header, s);
	if (all->count == STATEMENTS_MAX)
		wrong(&header, "more than %d statements", STATEMENTS_MAX);
	all->at[all->count++] = s;
}

void read_statements(const char *path, struct statements *all)
{
	struct reader r = read_file(path);

	while (*r.p != '\0') {
		bool write = strncmp(r.p, "-- write ", 9) == 0;

		if (write || strncmp(r.p, "-- read ", 8) == 0) {
			r.p += write ? 9 : 8;
			read_statement(&r, write, all);
		} else if (isspace((unsigned char)*r.p)) {
			count_lines(&r, 1);
		} else if (comment_length(r.p) > 0) {
			count_lines(&r, comment_length(r.p));
		} else {
			wrong(&r, "SQL without a header '-- read ...' or '-- write ...'");
		}
	}
}
