/* once.c -- see once.h. */
#include "dbproxy/once.h"

struct once {
	struct db_statement *wrapped, *bare; /* of each statement */
	struct db_statement plain[ONCE_PLAIN_COUNT];
	char **texts; /* of the wrapped */
};

/* The same key again finds its row, waiting if the first attempt still runs, and gets
 * what that one answered. INSERT IGNORE, because a handler for 1062 would also catch the
 * statement's own duplicates. LAST_INSERT_ID is the session's and would otherwise be that
 * of an earlier write. RESIGNAL hands on every error after the rollback. The variables
 * hide columns of the same name inside the statement, so the generator refuses SQL with
 * such a name. */
static const char before[] =
    "BEGIN NOT ATOMIC "
    "DECLARE once_of_key BINARY(16) DEFAULT ?; "
    "DECLARE once_of_n, once_of_id BIGINT DEFAULT 0; "
    "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; "
    "START TRANSACTION; "
    "INSERT IGNORE INTO once (k) VALUES (once_of_key); "
    "IF ROW_COUNT() = 0 THEN "
    "SELECT affected, insert_id INTO once_of_n, once_of_id FROM once "
    "WHERE k = once_of_key; "
    "ELSE "
    "DO LAST_INSERT_ID(0); ";
static const char after[] =
    "; "
    "SELECT ROW_COUNT(), LAST_INSERT_ID() INTO once_of_n, once_of_id; "
    "UPDATE once SET affected = once_of_n, insert_id = once_of_id "
    "WHERE k = once_of_key; "
    "END IF; "
    "COMMIT; "
    "SELECT once_of_n, once_of_id; "
    "END";

static const struct statement_field done_columns[] = {
	{ "affected", TYPE_INT, false },
	{ "insert_id", TYPE_INT, false },
	{ "answer", TYPE_BYTES, true },
};

static const struct {
	const char *sql;
	unsigned columns;
} plain_texts[ONCE_PLAIN_COUNT] = {
	[ONCE_TAKE] = { "INSERT INTO once (k) VALUES (?)", 0 },
	[ONCE_RECALL] = { "SELECT affected, insert_id, answer FROM once WHERE k = ?", 3 },
	[ONCE_STORE] = { "UPDATE once SET answer = ? WHERE k = ?", 0 },
	[ONCE_TRIM] = { "DELETE FROM once WHERE created_at < ? LIMIT 1000", 0 },
};

/* Ids: the statements themselves, then each wrapped, then the plain ones. */
static unsigned wrapped_id(size_t at)
{
	return (unsigned)(statement_count + at);
}

static unsigned plain_id(enum once_plain which)
{
	return (unsigned)(2 * statement_count) + which;
}

unsigned once_ids(void)
{
	return plain_id(ONCE_PLAIN_COUNT);
}

static bool wrap(struct once *o, size_t at)
{
	struct buf b;

	o->bare[at] =
	    (struct db_statement){ .id = (unsigned)at,
				   .name = statements[at].name,
				   .sql = str_of(statements[at].sql),
				   .columns = statements[at].columns,
				   .column_count = statements[at].column_count };
	if (!statements[at].write)
		return true;
	buf_init(&b, 1 << 20);
	buf_text(&b, before);
	buf_text(&b, statements[at].sql);
	buf_text(&b, after);
	o->texts[at] = b.p;
	o->wrapped[at] = (struct db_statement){ .id = wrapped_id(at),
						.name = statements[at].name,
						.sql = buf_get(&b),
						.columns = done_columns,
						.column_count = 2 };
	return buf_ok(&b);
}

struct once *once_new(void)
{
	struct once *o = calloc(1, sizeof(*o));
	bool ok;

	if (o == NULL)
		return NULL;
	o->wrapped = calloc(statement_count, sizeof(*o->wrapped));
	o->bare = calloc(statement_count, sizeof(*o->bare));
	o->texts = calloc(statement_count, sizeof(*o->texts));
	ok = o->wrapped != NULL && o->bare != NULL && o->texts != NULL;
	for (size_t i = 0; ok && i < statement_count; i++)
		ok = wrap(o, i);
	for (int i = 0; i < ONCE_PLAIN_COUNT; i++)
		o->plain[i] =
		    (struct db_statement){ .id = plain_id((enum once_plain)i),
					   .name = "once",
					   .sql = str_of(plain_texts[i].sql),
					   .columns = done_columns,
					   .column_count = plain_texts[i].columns };
	if (ok)
		return o;
	once_free(o);
	return NULL;
}

void once_free(struct once *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; o->texts != NULL && i < statement_count; i++)
		free(o->texts[i]);
	free(o->texts);
	free(o->wrapped);
	free(o->bare);
	free(o);
}

const struct db_statement *once_wrapped(const struct once *o, size_t at)
{
	return &o->wrapped[at];
}

const struct db_statement *once_plain(const struct once *o, enum once_plain which)
{
	return &o->plain[which];
}

const struct db_statement *once_bare(const struct once *o, size_t at)
{
	return &o->bare[at];
}
