/* mysql.c -- db.h over the client library, the only file with <mysql.h>.
 *
 * Debian's libmysqlclient is MariaDB's Connector/C, whose non-blocking calls come in
 * pairs: X_start begins, and if it would have to wait says for what; X_cont goes on. Here
 * an operation is a chain of steps, each one such pair, and the loop waits between.
 * Oracle's library has no non-blocking prepared statements (its
 * mysql_real_query_nonblocking takes text only): a build with it needs a thread for each
 * connection behind this seam, `bool` for my_bool, and MYSQL_OPT_SSL_MODE for the TLS
 * options.
 *
 * The library never reads ahead of a result, so a result must be read to its end, which
 * every chain does; a connection abandoned in the middle is closed. */
#include <mysql.h> /* in truth before common/banned.h, see the Makefile */
#undef list_push   /* a macro of the library; common/list.h has a function */

#include "dbproxy/db.h"

#include <sys/socket.h>

#include "common/wire.h"
#include "dbproxy/chain.h"
#include "dbproxy/datetime.h"

/* Where values and columns are for the library; one per connection. */
union cell {
	long long i;
	double d;
	MYSQL_TIME t;
};

struct db {
	MYSQL *m;
	struct chain chain;
	loop_fn lost;
	void *lost_ctx;

	/* of the operation that goes on */
	db_done_fn done;
	void *ctx;
	struct db_result result;
	const struct db_server *server;
	struct str sql;
	struct buf *rows, *names;
	const struct db_statement *statement;
	size_t value_max, piece, begun; /* begun: what was in rows before it */
	bool only_prepare;

	MYSQL_STMT **prepared, *stmt; /* stmt: the one of this operation */
	unsigned prepared_max;
	MYSQL_BIND binds[DB_BINDS_MAX], columns[DB_COLUMNS_MAX];
	union cell values[DB_BINDS_MAX], cells[DB_COLUMNS_MAX];
	unsigned long bind_lengths[DB_BINDS_MAX], lengths[DB_COLUMNS_MAX];
	my_bool nulls[DB_COLUMNS_MAX], cut[DB_COLUMNS_MAX];
	unsigned bind_count;
	char message[512]; /* of a failure: a closed statement takes its own away */
};

/* Bytes of one row as the server sends it. The library has it whole in memory before
 * anybody can say what of it is too long; without a bound that is a gigabyte. */
enum { ROW_MAX = 32 << 20 };

static const int64_t SECOND_US = 1000000;

static int64_t time_to_us(const MYSQL_TIME *t)
{
	const struct datetime d = { .year = t->year,
				    .month = t->month,
				    .day = t->day,
				    .hour = t->hour,
				    .minute = t->minute,
				    .second = t->second,
				    .us = (unsigned)t->second_part };

	return datetime_to_us(&d);
}

static void time_of_us(int64_t us, MYSQL_TIME *ret)
{
	struct datetime d = datetime_of_us(us);

	*ret = (MYSQL_TIME){ .time_type = MYSQL_TIMESTAMP_DATETIME,
			     .year = (unsigned)d.year,
			     .month = d.month,
			     .day = d.day,
			     .hour = d.hour,
			     .minute = d.minute,
			     .second = d.second,
			     .second_part = d.us };
}

/* ---- the chain of steps ---- */

_Static_assert(CHAIN_READ == MYSQL_WAIT_READ && CHAIN_WRITE == MYSQL_WAIT_WRITE &&
		   CHAIN_EXCEPT == MYSQL_WAIT_EXCEPT &&
		   CHAIN_TIMEOUT == MYSQL_WAIT_TIMEOUT,
	       "chains wait for what the library names");

static int on_fd(void *ctx)
{
	const struct db *c = ctx;

	return (int)mysql_get_socket(c->m);
}

static int64_t on_timeout_us(void *ctx)
{
	const struct db *c = ctx;

	return (int64_t)mysql_get_timeout_value_ms(c->m) * 1000;
}

/* Session variables that changed come as name, value, name, value. */
static void note_position(struct db *c)
{
	enum enum_session_state_type type = SESSION_TRACK_SYSTEM_VARIABLES;
	const char *p;
	size_t n;

	if (mysql_session_track_get_first(c->m, type, &p, &n) != 0)
		return;
	do {
		bool ours = str_eq((struct str){ p, n }, STR("last_gtid"));

		if (mysql_session_track_get_next(c->m, type, &p, &n) != 0)
			return;
		if (ours)
			c->result.position = (struct str){ p, n };
	} while (mysql_session_track_get_next(c->m, type, &p, &n) == 0);
}

static void on_ended(void *ctx)
{
	struct db *c = ctx;

	if (c->result.code == 0)
		note_position(c);
	c->done(c->ctx, &c->result);
}

static void on_lost(void *ctx)
{
	struct db *c = ctx;

	c->lost(c->lost_ctx);
}

static void begin(struct db *c, chain_step first, db_done_fn done, void *ctx)
{
	c->done = done;
	c->ctx = ctx;
	c->result = (struct db_result){ .message = "" };
	chain_begin(&c->chain, first);
}

/* Ends the chain. The library's error 0 with a failure is taken for a lost connection. */
static int failed(struct db *c, unsigned code, const char *message)
{
	c->result.code = code != 0 ? code : 2013;
	str_copy(c->message, sizeof(c->message), str_of(message));
	c->result.message = c->message;
	c->chain.step = NULL;
	return 0;
}

/* An error in the middle of the rows is known to the connection only. What had no room
 * the library reports as a lost connection, which it then is, but to ask again would not
 * help: only net.error tells (1: no room; 2: the socket). */
static int stmt_failed(struct db *c)
{
	if (mysql_errno(c->m) == 2013 && c->m->net.error == 1)
		return failed(c, 2020, "a row is longer than ROW_MAX of dbproxy/mysql.c");
	if (mysql_stmt_errno(c->stmt) == 0)
		return failed(c, mysql_errno(c->m), mysql_error(c->m));
	return failed(c, mysql_stmt_errno(c->stmt), mysql_stmt_error(c->stmt));
}

static int step_no_memory(void *ctx, int ready)
{
	struct db *c = ctx;

	(void)ready;
	return failed(c, 2008, "out of memory");
}

static int then(struct db *c, chain_step next)
{
	c->chain.step = next;
	return 0;
}

/* ---- connect ---- */

static const char *const on_connect[] = {
	/* only MariaDB reads what stands in M!: the position comes with each write */
	"SET time_zone = '+00:00', "
	"/*M! session_track_system_variables = 'last_gtid', */ "
	"sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION,"
	"ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
	/* Nothing is read or written at a Galera node before it has what the others
	 * have committed; to other servers this is nothing, and some do not know it. */
	"/*M! BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1193 DO 0; "
	"EXECUTE IMMEDIATE 'SET wsrep_sync_wait = 7'; */ "
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED /*M! ; END */",
};

static unsigned seconds(int64_t us)
{
	return (unsigned)((us + SECOND_US - 1) / SECOND_US);
}

/* With Oracle's library: MYSQL_OPT_SSL_MODE = SSL_MODE_VERIFY_CA in place of the first
 * two; it has no fingerprint. */
static void set_tls(struct db *c)
{
	my_bool yes = 1, verify = c->server->tls_ca != NULL;

	mysql_options(c->m, MYSQL_OPT_SSL_ENFORCE, &yes);
	mysql_options(c->m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (c->server->tls_ca != NULL)
		mysql_options(c->m, MYSQL_OPT_SSL_CA, c->server->tls_ca);
	if (c->server->tls_fingerprint != NULL)
		mysql_options(c->m, MARIADB_OPT_TLS_PEER_FP, c->server->tls_fingerprint);
}

static void set_options(struct db *c)
{
	unsigned connect_s = seconds(c->server->connect_us);
	unsigned read_s = seconds(c->server->read_us);
	unsigned long row_max = ROW_MAX;

	mysql_options(c->m, MYSQL_OPT_NONBLOCK, 0);
	mysql_options(c->m, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(c->m, MYSQL_OPT_READ_TIMEOUT, &read_s);
	mysql_options(c->m, MYSQL_OPT_WRITE_TIMEOUT, &read_s);
	mysql_options(c->m, MYSQL_OPT_MAX_ALLOWED_PACKET, &row_max);
	mysql_options(c->m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	for (size_t i = 0; i < sizeof(on_connect) / sizeof(on_connect[0]); i++)
		mysql_options(c->m, MYSQL_INIT_COMMAND, on_connect[i]);
	mysql_options4(c->m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "dbproxy");
	if (c->server->tls)
		set_tls(c);
}

static int step_connect(void *ctx, int ready)
{
	struct db *c = ctx;
	const struct db_server *s = c->server;
	MYSQL *connected = NULL;
	int wait;

	if (ready == 0) /* affected rows: those found, changed or not */
		wait = mysql_real_connect_start(&connected, c->m, s->host, s->user,
						s->password, s->database, s->port,
						s->socket, CLIENT_FOUND_ROWS);
	else
		wait = mysql_real_connect_cont(&connected, c->m, ready);
	if (wait != 0)
		return wait;
	if (connected == NULL)
		return failed(c, mysql_errno(c->m), mysql_error(c->m));
	return then(c, NULL);
}

void db_connect(struct db *c, const struct db_server *s, db_done_fn done, void *ctx)
{
	c->server = s;
	set_options(c);
	begin(c, step_connect, done, ctx);
}

/* ---- text ---- */

static void put_names(struct db *c, MYSQL_RES *res)
{
	const MYSQL_FIELD *fields = mysql_fetch_fields(res);

	for (unsigned i = 0; c->names != NULL && i < c->result.columns; i++)
		wire_put_bytes(c->names, str_of(fields[i].name));
	c->names = NULL;
}

static void put_text_rows(struct db *c, MYSQL_RES *res)
{
	MYSQL_ROW row;

	c->result.columns = mysql_num_fields(res);
	put_names(c, res);
	while ((row = mysql_fetch_row(res)) != NULL) { /* stored: does not wait */
		unsigned long *lengths = mysql_fetch_lengths(res);

		c->result.rows++;
		for (unsigned i = 0; c->rows != NULL && i < c->result.columns; i++)
			if (row[i] == NULL)
				wire_put_null(c->rows);
			else
				wire_put_bytes(c->rows,
					       (struct str){ row[i], lengths[i] });
	}
	if (c->rows != NULL && !buf_ok(c->rows))
		failed(c, DB_TOO_LARGE, "the answer is too large");
}

static int step_text_result(void *ctx, int ready)
{
	struct db *c = ctx;
	MYSQL_RES *res = NULL;
	int wait = ready == 0 ? mysql_store_result_start(&res, c->m)
			      : mysql_store_result_cont(&res, c->m, ready);

	if (wait != 0)
		return wait;
	if (res == NULL && mysql_errno(c->m) != 0)
		return failed(c, mysql_errno(c->m), mysql_error(c->m));
	c->result.affected = (int64_t)mysql_affected_rows(c->m);
	then(c, NULL);
	if (res != NULL)
		put_text_rows(c, res);
	mysql_free_result(res);
	return 0;
}

static int step_text(void *ctx, int ready)
{
	struct db *c = ctx;
	int bad = 0;
	int wait = ready == 0 ? mysql_real_query_start(&bad, c->m, c->sql.p, c->sql.n)
			      : mysql_real_query_cont(&bad, c->m, ready);

	if (wait != 0)
		return wait;
	if (bad != 0)
		return failed(c, mysql_errno(c->m), mysql_error(c->m));
	return then(c, step_text_result);
}

void db_query(struct db *c, struct str sql, struct buf *rows, db_done_fn done, void *ctx)
{
	c->sql = sql;
	c->rows = rows;
	begin(c, step_text, done, ctx);
}

void db_name_columns(struct db *c, struct buf *names)
{
	c->names = names;
}

/* ---- prepared: prepare, execute, fetch every row, next result ---- */

static int step_next(void *ctx, int ready)
{
	struct db *c = ctx;
	int rc = 0, wait;

	if (ready == 0 && !mysql_stmt_more_results(c->stmt))
		return then(c, NULL);
	wait = ready == 0 ? mysql_stmt_next_result_start(&rc, c->stmt)
			  : mysql_stmt_next_result_cont(&rc, c->stmt, ready);
	if (wait != 0)
		return wait;
	if (rc > 0)
		return stmt_failed(c);
	return rc < 0 ? then(c, NULL) : 0; /* and the next after it */
}

static void put_bytes(struct db *c, unsigned i)
{
	char *room;
	MYSQL_BIND into = { .buffer_type = MYSQL_TYPE_STRING };

	if (c->lengths[i] > UINT32_MAX) {
		c->rows->failed = true;
		return;
	}
	room = wire_room_bytes(c->rows, (uint32_t)c->lengths[i]);
	if (room == NULL || c->lengths[i] == 0)
		return;
	into.buffer = room;
	into.buffer_length = c->lengths[i];
	mysql_stmt_fetch_column(c->stmt, &into, i, 0);
}

static void put_row(struct db *c)
{
	const struct db_statement *s = c->statement;

	c->result.rows++;
	for (unsigned i = 0; i < s->column_count; i++) {
		if (c->nulls[i]) {
			wire_put_null(c->rows);
			continue;
		}
		switch (s->columns[i].type) {
		case TYPE_INT:
			wire_put_int(c->rows, c->cells[i].i);
			break;
		case TYPE_BOOL:
			wire_put_bool(c->rows, c->cells[i].i != 0);
			break;
		case TYPE_FLOAT:
			wire_put_float(c->rows, c->cells[i].d);
			break;
		case TYPE_TIME:
			wire_put_int(c->rows, time_to_us(&c->cells[i].t));
			break;
		case TYPE_TEXT:
		case TYPE_BYTES:
			put_bytes(c, i);
		}
	}
}

/* No more than this in the buffer. */
static size_t row_size(const struct db *c)
{
	const struct statement_field *columns = c->statement->columns;
	size_t n = 0;

	for (unsigned i = 0; i < c->statement->column_count; i++) {
		bool text = columns[i].type == TYPE_TEXT || columns[i].type == TYPE_BYTES;

		n += text && !c->nulls[i] ? 5 + c->lengths[i] : 9;
	}
	return n;
}

/* Not what the caller could be given; 0: it is. */
static unsigned wrong_with(const struct db *c, unsigned i)
{
	const MYSQL_TIME *t = &c->cells[i].t;

	if (c->nulls[i])
		return 0;
	switch (c->statement->columns[i].type) {
	case TYPE_TEXT:
	case TYPE_BYTES:
		return c->value_max > 0 && c->lengths[i] > c->value_max
			   ? DB_VALUE_TOO_LONG
			   : 0;
	case TYPE_INT:
	case TYPE_BOOL:
		return c->cut[i] ? DB_RANGE : 0;
	case TYPE_TIME: /* 0000-00-00 is no time */
		return t->month == 0 || t->day == 0 ? DB_RANGE : 0;
	case TYPE_FLOAT:
		break;
	}
	return 0;
}

/* A row has been read; it and those behind it are kept or left out. */
static void take_row(struct db *c)
{
	const struct db_statement *s = c->statement;

	if (c->result.more || c->result.code != 0 || !buf_ok(c->rows))
		return;
	for (unsigned i = 0; i < s->column_count; i++) {
		c->result.code = wrong_with(c, i);
		if (c->result.code == 0)
			continue;
		snprintf(c->message, sizeof(c->message), "%s.%s", s->name,
			 s->columns[i].name);
		c->result.message = c->message;
		return;
	}
	if (c->piece > 0 && c->result.rows > 0 &&
	    c->rows->n - c->begun + row_size(c) > c->piece)
		c->result.more = true;
	else
		put_row(c);
}

static int step_fetch(void *ctx, int ready)
{
	struct db *c = ctx;
	for (;; ready = 0) {
		int rc = 0;
		int wait = ready == 0 ? mysql_stmt_fetch_start(&rc, c->stmt)
				      : mysql_stmt_fetch_cont(&rc, c->stmt, ready);

		if (wait != 0)
			return wait;
		if (rc == MYSQL_NO_DATA)
			break;
		if (rc == 1)
			return stmt_failed(c);
		take_row(c);
	}
	if (!buf_ok(c->rows)) {
		c->result.code = DB_TOO_LARGE;
		c->result.message = "the rows are too large for one answer";
	}
	return then(c, step_next);
}

/* The column's type in the header is one that the library keeps the values in; to others
 * it would turn them without a word. */
static bool fits(enum statement_type type, const MYSQL_FIELD *f)
{
	bool text = type == TYPE_TEXT || type == TYPE_BYTES;

	switch (f->type) {
	case MYSQL_TYPE_NULL: /* of a ?: known when it runs */
		return true;
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
		return type != TYPE_TIME;
	case MYSQL_TYPE_YEAR:
		return type == TYPE_INT || type == TYPE_FLOAT;
	case MYSQL_TYPE_NEWDECIMAL:
		return text || type == TYPE_FLOAT ||
		       (type != TYPE_TIME && f->decimals == 0);
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
		return type == TYPE_FLOAT;
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
		return text || type == TYPE_TIME;
	case MYSQL_TYPE_BIT:
		return type == TYPE_BYTES;
	default:
		return text;
	}
}

/* The first column that does not; NULL: all do. */
static const char *misfit(const struct db *c)
{
	const struct db_statement *s = c->statement;

	for (unsigned i = 0; i < s->column_count; i++)
		if (!fits(s->columns[i].type, &c->stmt->fields[i]))
			return s->columns[i].name;
	return NULL;
}

/* Texts are bound without room: fetching then only tells their lengths, and put_bytes
 * has the library write them where they belong. */
static bool bind_columns(struct db *c)
{
	static const enum enum_field_types types[] = {
		[TYPE_INT] = MYSQL_TYPE_LONGLONG, [TYPE_BOOL] = MYSQL_TYPE_LONGLONG,
		[TYPE_FLOAT] = MYSQL_TYPE_DOUBLE, [TYPE_TIME] = MYSQL_TYPE_DATETIME,
		[TYPE_TEXT] = MYSQL_TYPE_STRING,  [TYPE_BYTES] = MYSQL_TYPE_STRING,
	};
	const struct db_statement *s = c->statement;

	c->result.columns = mysql_stmt_field_count(c->stmt);
	if (c->result.columns != s->column_count || s->column_count > DB_COLUMNS_MAX)
		return false;
	for (unsigned i = 0; i < s->column_count; i++) {
		MYSQL_BIND *b = &c->columns[i];

		*b = (MYSQL_BIND){ .buffer_type = types[s->columns[i].type],
				   .is_null = &c->nulls[i],
				   .error = &c->cut[i],
				   .length = &c->lengths[i] };
		if (b->buffer_type != MYSQL_TYPE_STRING) {
			b->buffer = &c->cells[i];
			b->buffer_length = sizeof(c->cells[i]);
		}
	}
	return !mysql_stmt_bind_result(c->stmt, c->columns);
}

/* Takes the statement away, after a failure already noted. */
static int step_forget(void *ctx, int ready)
{
	struct db *c = ctx;
	my_bool bad;
	int wait = ready == 0 ? mysql_stmt_close_start(&bad, c->stmt)
			      : mysql_stmt_close_cont(&bad, c->stmt, ready);

	if (wait != 0)
		return wait;
	c->prepared[c->statement->id] = NULL;
	c->stmt = NULL;
	return then(c, NULL);
}

static int misfit_found(struct db *c, const char *column)
{
	char text[128];

	snprintf(text, sizeof(text), "the column '%s' is not of its header's type",
		 column);
	failed(c, DB_SHAPE, text);
	return then(c, step_forget);
}

/* The table was altered, or the server has dropped what was prepared. */
static bool is_stale(unsigned code)
{
	return code == 2057 || code == 1243;
}

static int step_execute(void *ctx, int ready)
{
	struct db *c = ctx;
	const char *other;
	int bad = 0;
	int wait = ready == 0 ? mysql_stmt_execute_start(&bad, c->stmt)
			      : mysql_stmt_execute_cont(&bad, c->stmt, ready);

	if (wait != 0)
		return wait;
	if (bad != 0) {
		stmt_failed(c);
		return is_stale(c->result.code) ? then(c, step_forget) : 0;
	}
	if (mysql_stmt_field_count(c->stmt) > 0) {
		if (!bind_columns(c)) {
			failed(c, DB_SHAPE, "its row is not what its header says");
			return then(c, step_forget);
		}
		other = misfit(c);
		return other == NULL ? then(c, step_fetch) : misfit_found(c, other);
	}
	c->result.affected = (int64_t)mysql_stmt_affected_rows(c->stmt);
	c->result.insert_id = (int64_t)mysql_stmt_insert_id(c->stmt);
	return then(c, step_next);
}

static int step_bind(void *ctx, int ready)
{
	struct db *c = ctx;

	(void)ready; /* does not wait */
	if (mysql_stmt_param_count(c->stmt) != c->bind_count) {
		failed(c, DB_SHAPE, "it takes another number of values");
		return then(c, step_forget);
	}
	if (c->bind_count > 0 && mysql_stmt_bind_param(c->stmt, c->binds))
		return stmt_failed(c);
	return then(c, step_execute);
}

static int step_prepare(void *ctx, int ready)
{
	struct db *c = ctx;
	struct str sql = c->statement->sql;
	const char *other = NULL;
	int bad = 0;
	int wait = ready == 0 ? mysql_stmt_prepare_start(&bad, c->stmt, sql.p, sql.n)
			      : mysql_stmt_prepare_cont(&bad, c->stmt, ready);

	if (wait != 0)
		return wait;
	if (bad != 0) {
		stmt_failed(c);
		return then(c, step_forget);
	}
	c->result.columns = mysql_stmt_field_count(c->stmt);
	if (c->result.columns == c->statement->column_count)
		other = misfit(c);
	if (other != NULL)
		return misfit_found(c, other);
	return then(c, c->only_prepare ? NULL : step_bind);
}

static void begin_statement(struct db *c, const struct db_statement *s, db_done_fn done,
			    void *ctx)
{
	chain_step first = c->only_prepare ? NULL : step_bind;

	c->statement = s;
	c->stmt = c->prepared[s->id];
	if (c->stmt == NULL) {
		c->stmt = c->prepared[s->id] = mysql_stmt_init(c->m);
		first = step_prepare;
	}
	begin(c, c->stmt != NULL ? first : step_no_memory, done, ctx);
}

void db_prepare(struct db *c, const struct db_statement *s, db_done_fn done, void *ctx)
{
	c->only_prepare = true;
	begin_statement(c, s, done, ctx);
}

static void bind_value(struct db *c, unsigned i, const struct db_value *v)
{
	MYSQL_BIND *b = &c->binds[i];

	*b = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_NULL };
	if (v->null)
		return;
	b->buffer = &c->values[i];
	switch (v->type) {
	case TYPE_INT:
	case TYPE_BOOL:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		c->values[i].i = v->i;
		break;
	case TYPE_FLOAT:
		b->buffer_type = MYSQL_TYPE_DOUBLE;
		c->values[i].d = v->d;
		break;
	case TYPE_TIME:
		b->buffer_type = MYSQL_TYPE_DATETIME;
		time_of_us(v->i, &c->values[i].t);
		break;
	case TYPE_TEXT:
	case TYPE_BYTES:
		b->buffer_type =
		    v->type == TYPE_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		b->buffer = (void *)(uintptr_t)v->s.p;
		b->buffer_length = v->s.n;
		c->bind_lengths[i] = v->s.n;
		b->length = &c->bind_lengths[i];
	}
}

void db_execute(struct db *c, const struct db_call *call, db_done_fn done, void *ctx)
{
	c->only_prepare = false;
	c->rows = call->rows;
	c->begun = call->rows != NULL ? call->rows->n : 0;
	c->value_max = call->value_max;
	c->piece = call->piece;
	c->bind_count = call->count;
	for (unsigned i = 0; i < call->count; i++)
		bind_value(c, i, &call->values[i]);
	begin_statement(c, call->statement, done, ctx);
}

void db_forget(struct db *c, unsigned id)
{
	if (c->prepared[id] != NULL)
		mysql_stmt_close(c->prepared[id]); /* sends a few bytes, waits for none */
	c->prepared[id] = NULL;
}

/* ---- life ---- */

bool db_library_init(void)
{
	return mysql_library_init(0, NULL, NULL) == 0;
}

void db_library_end(void)
{
	mysql_library_end();
}

struct db *db_new(struct loop *l, unsigned statements_max, loop_fn lost, void *ctx)
{
	struct db *c = calloc(1, sizeof(*c));
	const struct chain_options options = {
		.loop = l,
		.fd = on_fd,
		.timeout_us = on_timeout_us,
		.ended = on_ended,
		.lost = on_lost,
		.ctx = c,
	};

	if (c == NULL)
		return NULL;
	chain_init(&c->chain, &options);
	c->lost = lost;
	c->lost_ctx = ctx;
	c->prepared_max = statements_max;
	c->prepared = calloc(statements_max + 1, sizeof(*c->prepared));
	c->m = mysql_init(NULL);
	if (c->prepared == NULL || c->m == NULL) {
		db_free(c);
		return NULL;
	}
	return c;
}

void db_free(struct db *c)
{
	int fd;

	if (c == NULL)
		return;
	chain_fini(&c->chain);
	if (c->m != NULL) {
		/* mysql_close says goodbye, and to a server that hangs it would wait */
		fd = (int)mysql_get_socket(c->m);
		if (c->chain.step != NULL && fd >= 0)
			shutdown(fd, SHUT_RDWR);
		mysql_close(c->m);
	}
	for (unsigned i = 0; c->prepared != NULL && i <= c->prepared_max; i++)
		if (c->prepared[i] != NULL)
			mysql_stmt_close(c->prepared[i]);
	free(c->prepared);
	free(c);
}

void db_cut(struct db *c)
{
	int fd = (int)mysql_get_socket(c->m);

	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
}

bool db_in_transaction(const struct db *c)
{
	return c->result.code != 0 || (c->m->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

unsigned long db_thread(const struct db *c)
{
	return mysql_thread_id(c->m);
}
