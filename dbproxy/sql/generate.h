/* generate.h -- what the parts of the generator share; generate.c says what it does.
 *
 *     generate_read.c     the header over a statement, and files of statements
 *     generate_sql.c      the SQL below it, and that of migrations
 *     generate_check.c    what the two must have in common
 *     generate_table.c    writes gen/statements.c and gen/migrations.c
 *     generate_calls.c    writes gen/sql.h and gen/sql.c
 *
 * It runs once and ends: nothing is freed, and the first mistake ends it. */
#ifndef DBPROXY_SQL_GENERATE_H
#define DBPROXY_SQL_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIELDS_MAX = 64, BINDS_MAX = 128, STATEMENTS_MAX = 1000, NAME_SIZE = 48 };

struct type {
	const char *word, *id;  /* in the header; in dbproxy's table */
	const char *c, *c_null; /* in appd's structs */
	const char *put, *get;  /* of wire.h */
	const char *sample;     /* in SQL */
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

struct statements {
	struct statement *at[STATEMENTS_MAX];
	int count;
};

/* Where we are in one file. */
struct reader {
	const char *file, *p;
	int line;
};

/* ---- generate.c ---- */

_Noreturn void wrong(const struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What malloc gave; it never is NULL. */
void *need(void *p);

/* ---- generate_read.c ---- */

struct reader read_file(const char *path);
void read_word(struct reader *r, char ret[NAME_SIZE]);
void read_statements(const char *path, struct statements *all);

/* ---- generate_sql.c ---- */

/* Of a comment that begins there; 0: none does. */
size_t comment_length(const char *p);
void count_lines(struct reader *r, size_t n);
/* One statement up to its semicolon, with single blanks and ? for :name, or samples. With
 * s == NULL (a migration) colons mean nothing. */
char *read_sql(struct reader *r, struct statement *s, bool sample);

/* ---- generate_check.c ---- */

void check_statement(const struct reader *header, const struct statement *s);

/* ---- generate_table.c ---- */

/* Of everything but the SQL: two builds with the same one understand each other. */
uint64_t signature(const struct statement *s);
void print_statements(const struct statements *all);
void print_migrations(int count, char **paths);

/* ---- generate_calls.c ---- */

void print_header(const struct statements *all);
void print_calls(const struct statements *all);

#endif
