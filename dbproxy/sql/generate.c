/* generate.c -- a tool of the build: turns dbproxy/sql into C.
 *
 *     generate statements FILE...   the table that dbproxy runs      -> gen/statements.c
 *     generate calls.h FILE...      row structs and calls for appd   -> gen/sql.h
 *     generate calls.c FILE...      their encoders and decoders      -> gen/sql.c
 *     generate migrations FILE...   the schema's numbered steps      -> gen/migrations.c
 *
 * A statement is a header in a comment, then SQL up to a semicolon:
 *
 *     -- read article_recent(limit int, offset int)
 *     --      -> (id int, title text, image text?)
 *     SELECT id, title, image FROM articles ORDER BY id DESC LIMIT :limit OFFSET :offset;
 *
 *     -- read article_by_tag(tag text) -> article_recent     (the row of that one, above)
 *
 *     -- write article_delete(id int)
 *     DELETE FROM articles WHERE id = :id;
 *
 * Types: int, float, bool, text, bytes, time (microseconds since 1970); with ? it may be
 * null. A read has a row, a write has none. Between the kind and the name may stand
 * `scan`: reading a whole table is meant, so nobody needs to hear of it at start; and
 * `each`: a result of any size, fetched piece by piece in the order of its first column:
 *
 *     -- read each tag_all(like text, after int, limit int) -> (id int, name text)
 *     SELECT id, name FROM tags WHERE name LIKE :like AND id > :after
 *     ORDER BY id LIMIT :limit;
 *
 * Any other comment is only a comment. Every mistake is one line "file:line: what". */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

#include "common/err.h"

enum { FIELDS_MAX = 64, BINDS_MAX = 128, STATEMENTS_MAX = 1000, NAME_SIZE = 48 };

static const struct type {
	const char *word, *id;  /* in the header; in dbproxy's table */
	const char *c, *c_null; /* in appd's structs */
	const char *put, *get;  /* of wire.h */
	const char *sample;     /* in SQL */
} types[] = {
	{ "int", "TYPE_INT", "int64_t ", "struct sql_int ", "int", "int", "1" },
	{ "float", "TYPE_FLOAT", "double ", "struct sql_float ", "float", "float",
	  "1.0" },
	{ "bool", "TYPE_BOOL", "bool ", "struct sql_bool ", "bool", "bool", "TRUE" },
	{ "text", "TYPE_TEXT", "struct str ", "struct str ", "bytes", "bytes", "'x'" },
	{ "bytes", "TYPE_BYTES", "struct str ", "struct str ", "bytes", "bytes", "'x'" },
	{ "time", "TYPE_TIME", "int64_t ", "struct sql_int ", "int", "int",
	  "'2000-01-01'" },
};

struct field {
	char name[NAME_SIZE];
	const struct type *type;
	bool null, used;
};

struct statement {
	const char *file;
	int line;
	char name[NAME_SIZE];
	bool write, scan, each;
	struct field params[FIELDS_MAX], columns[FIELDS_MAX];
	int param_count, column_count;
	const struct statement *row;      /* whose row it has; NULL: its own */
	int binds[BINDS_MAX], bind_count; /* the n-th ? is parameter binds[n] */
	char *sql, *explain;              /* with ?, and with samples in their place */
};

static struct statement *statements[STATEMENTS_MAX];
static int statement_count;

/* Where we are in one file. */
struct reader {
	const char *file, *p;
	int line;
};

_Noreturn static void wrong(const struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

_Noreturn static void wrong(const struct reader *r, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", r->file, r->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(EXIT_DATA);
}

static void *need(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "generate: out of memory\n");
		exit(EXIT_SYSTEM);
	}
	return p;
}

static char *read_file(const char *path)
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
	return text;
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

static void read_word(struct reader *r, char ret[NAME_SIZE])
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

static void check_name(struct reader *r, const struct statement *s)
{
	for (int i = 0; i < statement_count; i++)
		if (strcmp(statements[i]->name, s->name) == 0)
			wrong(r, "there is a statement '%s' already, at %s:%d", s->name,
			      statements[i]->file, statements[i]->line);
}

/* After "->": a row of its own, or the name of a read above that has the same. */
static void read_row(struct reader *r, struct statement *s)
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
	for (int i = 0; i < statement_count; i++)
		if (strcmp(statements[i]->name, name) == 0)
			s->row = statements[i];
	if (s->row == NULL || s->row->write)
		wrong(r, "there is no read '%s' above to take the row of", name);
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
static void read_header(struct reader *r, struct statement *s)
{
	skip_blanks(r);
	read_word(r, s->name);
	for (bool *mark; (mark = mark_of(s)) != NULL;) {
		*mark = true;
		skip_blanks(r);
		read_word(r, s->name);
	}
	check_name(r, s);
	s->param_count = read_fields(r, s->params);
	if (!s->write) {
		expect(r, "->");
		read_row(r, s);
	}
	r->p += strspn(r->p, " \t");
	if (*r->p != '\n')
		wrong(r, "what is '%.20s' after the header?", r->p);
}

/* ---- the SQL ---- */

/* Reads ":name"; what stands there in its place. */
static const char *bind(struct reader *r, struct statement *s, bool sample)
{
	struct reader at = *r;
	char word[NAME_SIZE];

	r->p++;
	read_word(r, word);
	for (int i = 0; i < s->param_count; i++) {
		if (strcmp(s->params[i].name, word) != 0)
			continue;
		if (sample)
			return s->params[i].type->sample;
		if (s->bind_count == BINDS_MAX)
			wrong(&at, "more than %d values", BINDS_MAX);
		s->params[i].used = true;
		s->binds[s->bind_count++] = i;
		return "?";
	}
	wrong(&at, "'%s' has no parameter ':%s'", s->name, word);
}

static size_t comment_length(const char *p)
{
	if (strncmp(p, "--", 2) == 0 && (p[2] == '\0' || isspace((unsigned char)p[2])))
		return strcspn(p, "\n");
	if (*p == '#')
		return strcspn(p, "\n");
	if (strncmp(p, "/*", 2) == 0) {
		const char *end = strstr(p + 2, "*/");

		return end == NULL ? strlen(p) : (size_t)(end - p) + 2;
	}
	return 0;
}

/* A quoted text, its quotes included. */
static size_t quoted_length(struct reader *r)
{
	char quote = *r->p;
	size_t n = 1;

	if (quote != '\'' && quote != '"' && quote != '`')
		return 0;
	while (r->p[n] != quote || r->p[n + 1] == quote) {
		if (r->p[n] == '\0')
			wrong(r, "this quote is never closed");
		if (r->p[n] == quote || (r->p[n] == '\\' && quote != '`'))
			n++;
		n++;
	}
	return n + 1;
}

static void count_lines(struct reader *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		r->line += r->p[i] == '\n';
	r->p += n;
}

/* One statement up to its semicolon, with single blanks and ? for :name. With s == NULL
 * (a migration) colons mean nothing. */
static char *read_sql(struct reader *r, struct statement *s, bool sample)
{
	struct reader start = *r;
	char *sql = need(malloc(8 * strlen(r->p) + 2));
	size_t n = 0, skip;

	for (; *r->p != ';';) {
		if (*r->p == '\0')
			wrong(&start, "no ';' ends this");
		if ((skip = comment_length(r->p)) > 0) {
			count_lines(r, skip);
		} else if ((skip = quoted_length(r)) > 0) {
			memcpy(sql + n, r->p, skip);
			n += skip;
			count_lines(r, skip);
		} else if (isspace((unsigned char)*r->p)) {
			if (n > 0 && sql[n - 1] != ' ')
				sql[n++] = ' ';
			count_lines(r, 1);
		} else if (s != NULL && *r->p == ':' && r->p[1] != '=') {
			const char *put = bind(r, s, sample);

			memcpy(sql + n, put, strlen(put));
			n += strlen(put);
		} else if (s != NULL && *r->p == '?') {
			wrong(r, "name the parameter: ':name', not '?'");
		} else {
			sql[n++] = *r->p++;
		}
	}
	r->p++;
	while (n > 0 && sql[n - 1] == ' ')
		n--;
	sql[n] = '\0';
	return sql;
}

static bool is_int(const struct field *f, const char *name)
{
	return strcmp(f->type->word, "int") == 0 && !f->null &&
	       (name == NULL || strcmp(f->name, name) == 0);
}

/* " ORDER BY column LIMIT ?" at the end, and nothing else about the order. */
static bool ends_in_order(const char *sql)
{
	static const char begin[] = " ORDER BY ", end[] = " LIMIT ?";
	const char *at = NULL;

	for (const char *p = sql; (p = strstr(p, begin)) != NULL; p++)
		at = p + strlen(begin);
	return at != NULL && strcmp(at + strcspn(at, " ,("), end) == 0;
}

/* Whoever asks for the next piece names the last row of the one before. */
static void check_each(const struct reader *header, const struct statement *s)
{
	int n = s->param_count;

	if (n < 2 || !is_int(&s->params[n - 2], "after") ||
	    !is_int(&s->params[n - 1], "limit"))
		wrong(header,
		      "the last parameters of '%s' should be 'after int, limit int'",
		      s->name);
	if (!is_int(&s->columns[0], NULL))
		wrong(header, "the first column of '%s' should be an int, its key",
		      s->name);
	if (!ends_in_order(s->sql) || s->binds[s->bind_count - 1] != n - 1)
		wrong(header, "'%s' should end in ORDER BY its key LIMIT :limit",
		      s->name);
}

static void read_statement(struct reader *r, bool write)
{
	struct statement *s = need(calloc(1, sizeof(*s)));
	struct reader header = *r, again;

	s->file = r->file;
	s->line = r->line;
	s->write = write;
	read_header(r, s);
	again = *r;
	s->sql = read_sql(r, s, false);
	s->explain = read_sql(&again, s, true);
	if (s->sql[0] == '\0')
		wrong(&header, "'%s' has no SQL", s->name);
	if (write == (strncasecmp(s->sql, "select", 6) == 0 ||
		      strncasecmp(s->sql, "with", 4) == 0))
		wrong(&header, "'%s' is called a %s, which its SQL is not", s->name,
		      write ? "write" : "read");
	if (strstr(s->sql, "once_of_") != NULL)
		wrong(&header,
		      "names with 'once_of_' are those of the SQL around a write");
	for (int i = 0; i < s->param_count; i++)
		if (!s->params[i].used)
			wrong(&header, "the parameter ':%s' of '%s' is never used",
			      s->params[i].name, s->name);
	if (s->each)
		check_each(&header, s);
	if (statement_count == STATEMENTS_MAX)
		wrong(&header, "more than %d statements", STATEMENTS_MAX);
	statements[statement_count++] = s;
}

static void read_statements(const char *path)
{
	struct reader r = { .file = path, .p = read_file(path), .line = 1 };

	while (*r.p != '\0') {
		bool write = strncmp(r.p, "-- write ", 9) == 0;

		if (write || strncmp(r.p, "-- read ", 8) == 0) {
			r.p += write ? 9 : 8;
			read_statement(&r, write);
		} else if (isspace((unsigned char)*r.p)) {
			count_lines(&r, 1);
		} else if (comment_length(r.p) > 0) {
			count_lines(&r, comment_length(r.p));
		} else {
			wrong(&r, "SQL without a header '-- read ...' or '-- write ...'");
		}
	}
}

/* ---- what both sides agree on ---- */

static uint64_t hash(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h;
}

static uint64_t hash_fields(uint64_t h, const struct field *f, int count)
{
	for (int i = 0; i < count; i++) {
		h = hash(h, f[i].name);
		h = hash(h, f[i].null ? "?" : " ");
		h = hash(h, f[i].type->word);
		h = hash(h, ",");
	}
	return hash(h, ";");
}

/* Of everything but the SQL: two builds with the same one understand each other. */
static uint64_t signature(const struct statement *s)
{
	uint64_t h = hash(14695981039346656037u, s->write  ? "write "
						 : s->each ? "read each "
							   : "read ");

	h = hash(hash(h, s->name), "(");
	h = hash_fields(h, s->params, s->param_count);
	return hash_fields(h, s->columns, s->column_count);
}

static void print_c_string(const char *text)
{
	size_t column = 0;

	printf("\n\t  \"");
	for (; *text != '\0'; text++, column++) {
		if (column >= 70 && *text != ' ') {
			printf("\"\n\t  \"");
			column = 0;
		}
		if (*text == '\n')
			printf("\\n");
		else if (*text == '"' || *text == '\\' || *text == '?')
			printf("\\%c", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

/* ---- gen/statements.c ---- */

static void print_table_fields(const char *kind, const struct field *f, int count)
{
	if (count == 0)
		return;
	printf("\t  .%ss = (const struct statement_field[]){", kind);
	for (int i = 0; i < count; i++)
		printf("%s { \"%s\", %s, %s }", i > 0 ? "," : "", f[i].name,
		       f[i].type->id, f[i].null ? "true" : "false");
	printf(" },\n\t  .%s_count = %d,\n", kind, count);
}

static void print_statements(void)
{
	printf("/* Made by dbproxy/sql/generate.c. */\n"
	       "#include \"dbproxy/statements.h\"\n\n"
	       "const struct statement statements[] = {\n");
	for (int i = 0; i < statement_count; i++) {
		const struct statement *s = statements[i];

		printf("\t{ .name = \"%s\", .file = \"%s\", .line = %d,\n", s->name,
		       s->file, s->line);
		printf("\t  .signature = 0x%016llxu, .write = %s, .scan = %s, .each = "
		       "%s,\n",
		       (unsigned long long)signature(s), s->write ? "true" : "false",
		       s->scan ? "true" : "false", s->each ? "true" : "false");
		print_table_fields("param", s->params, s->param_count);
		print_table_fields("column", s->columns, s->column_count);
		if (s->bind_count > 0) {
			printf("\t  .binds = (const uint8_t[]){");
			for (int n = 0; n < s->bind_count; n++)
				printf("%s %d", n > 0 ? "," : "", s->binds[n]);
			printf(" },\n\t  .bind_count = %d,\n", s->bind_count);
		}
		printf("\t  .sql =");
		print_c_string(s->sql);
		printf(",\n\t  .explain =");
		print_c_string(s->explain);
		printf(" },\n");
	}
	printf("};\nconst size_t statement_count = sizeof(statements) / "
	       "sizeof(statements[0]);\n");
}

/* ---- gen/sql.h and gen/sql.c ---- */

static const char *c_type(const struct field *f)
{
	return f->null ? f->type->c_null : f->type->c;
}

/* What its row is called in C. */
static const char *row_name(const struct statement *s)
{
	return s->write ? "done" : s->row != NULL ? s->row->name : s->name;
}

static void print_call(const struct statement *s)
{
	printf("void sql_%s(struct sql_batch *b, struct sql_%s *ret", s->name,
	       row_name(s));
	for (int i = 0; i < s->param_count; i++)
		printf(", %s%s", c_type(&s->params[i]), s->params[i].name);
	printf(")");
}

static void print_next(const struct statement *s)
{
	printf("bool sql_%s_next(struct sql_each *e, struct sql_%s *ret", s->name,
	       row_name(s));
	for (int i = 0; i < s->param_count - 2; i++)
		printf(", %s%s", c_type(&s->params[i]), s->params[i].name);
	printf(")");
}

static void print_header(void)
{
	printf("/* Made by dbproxy/sql/generate.c: one call for each statement. */\n"
	       "#ifndef GEN_SQL_H\n#define GEN_SQL_H\n\n"
	       "#include \"common/sql_msg.h\"\n\nstruct sql_batch;\nstruct sql_each;\n");
	for (int i = 0; i < statement_count; i++) {
		const struct statement *s = statements[i];

		printf("\n/* %s:%d */\n", s->file, s->line);
		if (!s->write && s->row == NULL) {
			printf("struct sql_%s_row {\n", s->name);
			for (int n = 0; n < s->column_count; n++)
				printf("\t%s%s;\n", c_type(&s->columns[n]),
				       s->columns[n].name);
			printf("};\nstruct sql_%s {\n\tsize_t count;\n"
			       "\tstruct sql_%s_row *rows;\n};\n",
			       s->name, s->name);
		}
		print_call(s);
		printf(";\n");
		if (s->each) {
			print_next(s);
			printf(";\n");
		}
	}
	printf("\n#endif\n");
}

static void print_decoder(const struct statement *s)
{
	printf("\nstatic void decode_%s(struct sql_batch *b, struct wire *w,\n"
	       "\t\t\tconst struct sql_result_head *head, void *ret)\n{\n"
	       "\tstruct sql_%s *r = ret;\n\n"
	       "\tif (head->columns != %d) {\n\t\tw->bad = true;\n\t\treturn;\n\t}\n"
	       "\tr->count = head->cells / %d;\n"
	       "\tr->rows = sql_array(b, r->count, sizeof(*r->rows));\n"
	       "\tfor (size_t i = 0; i < r->count; i++) {\n"
	       "\t\tstruct sql_%s_row *row = &r->rows[i];\n\n",
	       s->name, s->name, s->column_count, s->column_count, s->name);
	for (int i = 0; i < s->column_count; i++) {
		const struct field *f = &s->columns[i];

		if (!f->null)
			printf("\t\trow->%s = wire_%s(w);\n", f->name, f->type->get);
		else if (strcmp(f->type->get, "bytes") == 0)
			printf("\t\tif (!wire_null(w))\n\t\t\trow->%s = "
			       "wire_bytes(w);\n",
			       f->name);
		else
			printf("\t\trow->%s.null = wire_null(w);\n"
			       "\t\tif (!row->%s.null)\n\t\t\trow->%s.v = wire_%s(w);\n",
			       f->name, f->name, f->name, f->type->get);
	}
	printf("\t}\n}\n");
}

static void print_encoder(const struct statement *s)
{
	putchar('\n');
	print_call(s);
	printf("\n{\n");
	printf("\tstatic const struct sql_call call = { \"%s\", 0x%016llxu, %d, "
	       "decode_%s };\n"
	       "\n\tsql_add(b, &call, ret);\n",
	       s->name, (unsigned long long)signature(s), s->param_count, row_name(s));
	for (int i = 0; i < s->param_count; i++) {
		const struct field *f = &s->params[i];
		bool bytes = strcmp(f->type->put, "bytes") == 0;

		if (f->null)
			printf("\tif (%s%s)\n\t\twire_put_null(sql_values(b));\n"
			       "\telse\n\t",
			       f->name, bytes ? ".p == NULL" : ".null");
		printf("\twire_put_%s(sql_values(b), %s%s);\n", f->type->put, f->name,
		       f->null && !bytes ? ".v" : "");
	}
	printf("}\n");
}

static void print_iterator(const struct statement *s)
{
	putchar('\n');
	print_next(s);
	printf("\n{\n\tstruct sql_batch *b = sql_each_batch(e);\n\n"
	       "\tif (b == NULL)\n\t\treturn false;\n"
	       "\tsql_%s(b, ret",
	       s->name);
	for (int i = 0; i < s->param_count - 2; i++)
		printf(", %s", s->params[i].name);
	printf(", sql_each_after(e), sql_each_limit(e));\n"
	       "\tsql_each_run(e, b);\n"
	       "\tfor (size_t i = 0; i < ret->count; i++)\n"
	       "\t\tsql_each_took(e, ret->rows[i].%s);\n"
	       "\treturn ret->count > 0;\n}\n",
	       s->columns[0].name);
}

static void print_calls(void)
{
	bool any_write = false;

	printf("/* Made by dbproxy/sql/generate.c. */\n"
	       "#include \"gen/sql.h\"\n\n#include \"appd/sql.h\"\n");
	for (int i = 0; i < statement_count; i++)
		any_write = any_write || statements[i]->write;
	if (any_write)
		printf("\nstatic void decode_done(struct sql_batch *b, struct wire *w,\n"
		       "\t\t\tconst struct sql_result_head *head, void *ret)\n{\n"
		       "\tstruct sql_done *r = ret;\n\n\t(void)b;\n"
		       "\tif (head->columns != 0)\n\t\tw->bad = true;\n"
		       "\tr->affected = head->affected;\n"
		       "\tr->insert_id = head->insert_id;\n}\n");
	for (int i = 0; i < statement_count; i++) {
		if (!statements[i]->write && statements[i]->row == NULL)
			print_decoder(statements[i]);
		print_encoder(statements[i]);
		if (statements[i]->each)
			print_iterator(statements[i]);
	}
}

/* ---- gen/migrations.c ---- */

/* NNNN_name.sql, numbered without a gap. */
static void print_migration(const char *path, int number)
{
	struct reader r = { .file = path, .p = read_file(path), .line = 1 };
	const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
	uint64_t h = 14695981039346656037u;
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "%04d_", number);
	if (strncmp(name, prefix, 5) != 0)
		wrong(&r, "the name should begin with %s", prefix);
	printf("\t{ .number = %d, .file = \"%s\", .steps = (const struct "
	       "migration_step[]){\n",
	       number, path);
	for (;;) {
		size_t skip;
		int line;
		char *sql;

		while ((skip = isspace((unsigned char)*r.p) ? 1 : comment_length(r.p)) >
		       0)
			count_lines(&r, skip);
		if (*r.p == '\0')
			break;
		line = r.line;
		sql = read_sql(&r, NULL, false);
		h = hash(hash(h, sql), ";");
		printf("\t  { %d,", line);
		print_c_string(sql);
		printf(" },\n");
	}
	printf("\t  { 0, NULL } },\n\t  .checksum = 0x%016llxu },\n",
	       (unsigned long long)h);
}

static void print_migrations(int count, char **paths)
{
	printf("/* Made by dbproxy/sql/generate.c. */\n"
	       "#include \"dbproxy/statements.h\"\n\n"
	       "const struct migration migrations[] = {\n");
	for (int i = 0; i < count; i++)
		print_migration(paths[i], i + 1);
	printf("};\nconst size_t migration_count = %d;\n", count);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (strcmp(what, "migrations") == 0) {
		print_migrations(argc - 2, argv + 2);
		return EXIT_OK;
	}
	for (int i = 2; i < argc; i++)
		read_statements(argv[i]);
	if (strcmp(what, "statements") == 0)
		print_statements();
	else if (strcmp(what, "calls.h") == 0)
		print_header();
	else if (strcmp(what, "calls.c") == 0)
		print_calls();
	else {
		fprintf(stderr, "usage: generate statements|calls.h|calls.c|migrations "
				"FILE...\n");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}
