/* generate_check.c -- what a header and its SQL must have in common. */
#include "dbproxy/sql/generate.h"

#include <strings.h>

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

void check_statement(const struct reader *header, const struct statement *s)
{
	if (s->sql[0] == '\0')
		wrong(header, "'%s' has no SQL", s->name);
	if (s->write == (strncasecmp(s->sql, "select", 6) == 0 ||
			 strncasecmp(s->sql, "with", 4) == 0))
		wrong(header, "'%s' is called a %s, which its SQL is not", s->name,
		      s->write ? "write" : "read");
	if (strstr(s->sql, "once_of_") != NULL)
		wrong(header,
		      "names with 'once_of_' are those of the SQL around a write");
	for (int i = 0; i < s->param_count; i++)
		if (!s->params[i].used)
			wrong(header, "the parameter ':%s' of '%s' is never used",
			      s->params[i].name, s->name);
	if (s->each)
		check_each(header, s);
}
