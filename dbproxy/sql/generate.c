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
#include "dbproxy/sql/generate.h"

#include <stdarg.h>

#include "common/err.h"

void wrong(const struct reader *r, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", r->file, r->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(EXIT_DATA);
}

void *need(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "generate: out of memory\n");
		exit(EXIT_SYSTEM);
	}
	return p;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	struct statements *all = need(calloc(1, sizeof(*all)));

	if (strcmp(what, "migrations") == 0) {
		print_migrations(argc - 2, argv + 2);
		return EXIT_OK;
	}
	for (int i = 2; i < argc; i++)
		read_statements(argv[i], all);
	if (strcmp(what, "statements") == 0)
		print_statements(all);
	else if (strcmp(what, "calls.h") == 0)
		print_header(all);
	else if (strcmp(what, "calls.c") == 0)
		print_calls(all);
	else {
		fprintf(stderr, "usage: generate statements|calls.h|calls.c|migrations "
				"FILE...\n");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}
