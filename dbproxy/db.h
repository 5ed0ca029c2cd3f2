/* db.h -- one connection to a MySQL server, run by the loop: nothing here blocks.
 *
 * mysql.c implements it over the client library and is the only file that knows it. One
 * operation at a time; its `done` runs from the loop, never from inside the call that
 * began it, and may begin the next one or free the connection. */
#ifndef DBPROXY_DB_H
#define DBPROXY_DB_H

#include "common/buf.h"
#include "common/loop.h"
#include "dbproxy/statements.h"

struct db;

enum {
	DB_BINDS_MAX = 136,
	DB_COLUMNS_MAX = 64,
	/* our own error numbers, beside the server's (1000...) and the library's
	   (2000...) */
	DB_TOO_LARGE = 900, /* the rows do not fit into the buffer */
	DB_SHAPE = 901,     /* the row is not what the statement's header says */
	DB_VALUE_TOO_LONG = 902,
	DB_RANGE = 903, /* a value is beyond its column's type in the header */
};

/* Borrowed from db_connect until db_free. */
struct db_server {
	const char *socket; /* NULL: host and port */
	const char *host;   /* an address: a name would block */
	unsigned port;
	const char *user, *password, *database; /* the last two may be NULL */
	bool tls; /* or nothing; one of these says whom to trust */
	const char *tls_ca, *tls_fingerprint;
	int64_t connect_us, read_us;
};

struct db_value {
	enum statement_type type;
	bool null;
	union {
		int64_t i; /* of INT, BOOL and TIME */
		double d;
		struct str s;
	};
};

/* What to run, prepared on this connection at first use. Borrowed until `done`. */
struct db_statement {
	unsigned id;      /* a small number that stands for the SQL on every connection */
	const char *name; /* for messages */
	struct str sql;
	const struct statement_field *columns; /* of its rows */
	unsigned column_count;
};

struct db_call {
	const struct db_statement *statement;
	const struct db_value *values; /* copied, but for the bytes: those are borrowed */
	unsigned count;                /* in the order of the SQL's ? */
	struct buf *rows;              /* may be NULL if it has none; borrowed */
	/* in bytes; 0: no bound. piece: the row that goes beyond it and all behind it are
	 * left out, but for the first. */
	size_t value_max, piece;
};

struct db_result {
	unsigned code;       /* 0: well; else an error number */
	const char *message; /* borrowed until `done` returns */
	int64_t affected, insert_id;
	uint32_t rows;       /* put into the buffer */
	bool more;           /* rows were left out */
	unsigned columns;    /* of each */
	struct str position; /* of the write just done, if the server says it; borrowed */
};

typedef void (*db_done_fn)(void *ctx, const struct db_result *r);

/* Once, before any thread; and at the end. */
bool db_library_init(void);
void db_library_end(void);

/* lost: the server closed an idle connection. NULL: out of memory. */
struct db *db_new(struct loop *l, unsigned statements_max, loop_fn lost, void *ctx);
/* Also in the middle of an operation, whose `done` then never runs. */
void db_free(struct db *c);

void db_connect(struct db *c, const struct db_server *s, db_done_fn done, void *ctx);
/* Text without parameters. Rows are put as texts and nulls; rows may be NULL. */
void db_query(struct db *c, struct str sql, struct buf *rows, db_done_fn done, void *ctx);
/* The next db_query puts its columns' names here. Borrowed until its `done`. */
void db_name_columns(struct db *c, struct buf *names);
/* Prepares it if that is still to do, and no more. result.columns is its shape. */
void db_prepare(struct db *c, const struct db_statement *s, db_done_fn done, void *ctx);
void db_execute(struct db *c, const struct db_call *call, db_done_fn done, void *ctx);
/* What was prepared under this id is no longer wanted. */
void db_forget(struct db *c, unsigned id);

/* Ends what is under way with a lost connection. */
void db_cut(struct db *c);
/* The server says that a transaction is open; or it may be: an error does not say, and a
 * KILL at the wrong moment or an error that no handler sees leaves a wrapped write in the
 * middle of its own. */
bool db_in_transaction(const struct db *c);
/* What KILL takes. */
unsigned long db_thread(const struct db *c);

#endif
