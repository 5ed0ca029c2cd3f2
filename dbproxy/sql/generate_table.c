/* generate_table.c -- writes what dbproxy runs: the statements, and the schema's steps.
 */
#include "dbproxy/sql/generate.h"

#include <ctype.h>

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

uint64_t signature(const struct statement *s)
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

void print_statements(const struct statements *all)
{
	printf("/* Made by dbproxy/sql/generate.c. */\n"
	       "#include \"dbproxy/statements.h\"\n\n"
	       "const struct statement statements[] = {\n");
	for (int i = 0; i < all->count; i++) {
		const struct statement *s = all->at[i];

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

/* ---- gen/migrations.c ---- */

/* NNNN_name.sql, numbered without a gap. */
static void print_migration(const char *path, int number)
{
	struct reader r = read_file(path);
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

void print_migrations(int count, char **paths)
{
	printf("/* Made by dbproxy/sql/generate.c. */\n"
	       "#include \"dbproxy/statements.h\"\n\n"
	       "const struct migration migrations[] = {\n");
	for (int i = 0; i < count; i++)
		print_migration(paths[i], i + 1);
	printf("};\nconst size_t migration_count = %d;\n", count);
}
