/* generate_sql.c -- reads SQL up to its semicolon: without comments, and with its
 * parameters where :name stands outside of quotes. */
#include "dbproxy/sql/generate.h"

#include <ctype.h>

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

size_t comment_length(const char *p)
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

void count_lines(struct reader *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		r->line += r->p[i] == '\n';
	r->p += n;
}

char *read_sql(struct reader *r, struct statement *s, bool sample)
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
