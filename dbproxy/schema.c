/* schema.c -- see schema.h. */
#include "dbproxy/schema.h"

#include <stdlib.h>

#include "common/err.h"
#include "common/log.h"

enum { LOCK_S = 60, CELL_SIZE = 200, SCAN_ROWS = 1000 };

static bool server_failed(struct session *s, struct buf *why, int *exit_code)
{
	buf_fmt(why, "the database says: %s (%u)", s->message, s->code);
	*exit_code = s->code >= 2000 && s->code < 3000 ? EXIT_DEPENDENCY : EXIT_CONFIG;
	return false;
}

bool schema_writable(struct session *s)
{
	char read_only[CELL_SIZE];

	if (!session_query(s, "SELECT @@global.read_only"))
		return false;
	session_cell(s, 0, read_only, sizeof(read_only));
	return strcmp(read_only, "0") == 0;
}

/* ---- migrations ---- */

static const struct migration *find(unsigned long number)
{
	return number >= 1 && number <= migration_count ? &migrations[number - 1] : NULL;
}

/* Compares what was applied with what we have; *ret_next is the first to apply. */
static bool compare(struct session *s, size_t *ret_next, struct buf *why)
{
	char number[CELL_SIZE], checksum[CELL_SIZE], ours[20];

	for (unsigned i = 0; i < s->row_count; i++) {
		const struct migration *m;

		session_cell(s, 2 * i, number, sizeof(number));
		session_cell(s, 2 * i + 1, checksum, sizeof(checksum));
		m = find(strtoul(number, NULL, 10));
		if (m == NULL) {
			buf_fmt(why,
				"the database was brought to step %s by a newer build; "
				"start that one, or restore an older database",
				number);
			return false;
		}
		snprintf(ours, sizeof(ours), "%016llx", (unsigned long long)m->checksum);
		if (strcmp(ours, checksum) != 0) {
			buf_fmt(why,
				"%s was edited after it had been applied; put it back "
				"and write the change as a new migration",
				m->file);
			return false;
		}
	}
	*ret_next = s->row_count;
	return true;
}

static bool apply(struct session *s, const struct migration *m, struct buf *why)
{
	for (const struct migration_step *step = m->steps; step->sql != NULL; step++)
		if (!session_query(s, "%s", step->sql)) {
			buf_fmt(why, "%s:%d: the database says: %s (%u)", m->file,
				step->line, s->message, s->code);
			return false;
		}
	log_info("migration_applied number=%u file=%s", m->number, m->file);
	return session_query(s,
			     "INSERT INTO migrations (number, file, checksum) "
			     "VALUES (%u, '%s', '%016llx')",
			     m->number, m->file, (unsigned long long)m->checksum);
}

static bool apply_missing(struct session *s, struct buf *why, int *exit_code)
{
	size_t next = 0;

	if (!session_query(s, "CREATE TABLE IF NOT EXISTS migrations ("
			      "number INT UNSIGNED NOT NULL PRIMARY KEY, "
			      "file VARCHAR(200) NOT NULL, checksum CHAR(16) NOT NULL, "
			      "applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"
			      ") ENGINE=InnoDB") ||
	    !session_query(s, "SELECT number, checksum FROM migrations ORDER BY number"))
		return server_failed(s, why, exit_code);
	*exit_code = EXIT_CONFIG;
	if (!compare(s, &next, why))
		return false;
	for (; next < migration_count; next++)
		if (!apply(s, &migrations[next], why))
			return buf_ok(why) && why->n > 0
				   ? false
				   : server_failed(s, why, exit_code);
	return true;
}

bool schema_migrate(struct session *s, const char *database, struct buf *why,
		    int *exit_code)
{
	char locked[CELL_SIZE];
	bool ok;

	if (!session_query(s, "SELECT 1") ||
	    !session_query(s, "CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4",
			   database) ||
	    !session_query(s, "USE `%s`", database) ||
	    !session_query(s, "SELECT GET_LOCK('onebox.%s', %d)", database, LOCK_S))
		return server_failed(s, why, exit_code);
	session_cell(s, 0, locked, sizeof(locked));
	if (strcmp(locked, "1") != 0) {
		buf_fmt(why,
			"another instance has been changing the schema for %d "
			"seconds; wait for it, or end it",
			LOCK_S);
		*exit_code = EXIT_DEPENDENCY;
		return false;
	}
	ok = apply_missing(s, why, exit_code);
	if (!session_query(s, "DO RELEASE_LOCK('onebox.%s')", database) && ok)
		return server_failed(s, why, exit_code);
	if (ok)
		*exit_code = EXIT_OK;
	return ok;
}

/* ---- statements ---- */

static bool refused(struct session *s, const struct statement *st, struct buf *why)
{
	if (s->code == DB_SHAPE)
		buf_fmt(why, "%s:%d: %s: %s", st->file, st->line, st->name, s->message);
	else
		buf_fmt(why, "%s:%d: %s: the database says: %s (%u)", st->file, st->line,
			st->name, s->message, s->code);
	return false;
}

/* The type column of EXPLAIN says ALL for a whole table, row by row. Of a small one that
 * is the quickest way, and says nothing. */
static void look_for_scan(struct session *s, const struct statement *st)
{
	/* MySQL has a column `partitions` before it, and `filtered` at the end */
	unsigned table = 2, type = s->column_count == 12 ? 4 : 3, rows = type + 5;
	char cell[CELL_SIZE], name[CELL_SIZE];

	for (unsigned i = 0; i < s->row_count; i++) {
		unsigned row = i * s->column_count;

		session_cell(s, row + type, cell, sizeof(cell));
		if (strcmp(cell, "ALL") != 0)
			continue;
		session_cell(s, row + rows, cell, sizeof(cell));
		session_cell(s, row + table, name, sizeof(name));
		if (strtoul(cell, NULL, 10) >= SCAN_ROWS)
			log_warn("statement_scans statement=%s at=%s:%d table=%s rows=%s",
				 st->name, st->file, st->line, name, cell);
	}
}

static bool check(struct session *s, const struct once *once, bool plain, size_t at,
		  struct buf *why)
{
	const struct statement *st = &statements[at];

	if (!session_prepare(s, once_bare(once, at)))
		return refused(s, st, why);
	if (s->column_count != st->column_count) {
		buf_fmt(why, "%s:%d: %s has %u columns, its header says %u", st->file,
			st->line, st->name, s->column_count, st->column_count);
		return false;
	}
	if (!session_query(s, "EXPLAIN %s", st->explain))
		return refused(s, st, why);
	if (!st->scan && !st->write)
		look_for_scan(s, st);
	if (st->write && !plain && !session_prepare(s, once_wrapped(once, at)))
		return refused(s, st, why);
	return true;
}

bool schema_check(struct session *s, const struct once *once, bool plain, struct buf *why)
{
	for (size_t i = 0; i < statement_count; i++)
		if (!check(s, once, plain, i, why))
			return false;
	return true;
}
