/* run.c -- see run.h. */
#include "dbproxy/run.h"

#include "common/clock.h"

static void next(struct run *r);

static void end(struct run *r, unsigned code, const char *message)
{
	const struct run_result result = { .code = code,
					   .message = message,
					   .undone = r->open && !r->committing };

	buf_fini(&r->recalled);
	r->done(r->ctx, &result);
}

void run_abandon(struct run *r)
{
	buf_fini(&r->recalled);
}

static void execute(struct run *r, const struct db_statement *s, unsigned count,
		    struct buf *rows, db_done_fn done)
{
	const struct db_call call = {
		.statement = s, .values = r->values, .count = count, .rows = rows
	};

	db_execute(r->db, &call, done, r);
}

static void keep_position(struct run *r, const struct db_result *result)
{
	struct job *j = r->job;

	if (result->position.n > 0)
		(void)str_copy(j->position, sizeof(j->position), result->position);
}

static struct db_value key_value(const struct run *r)
{
	return (struct db_value){
		.type = TYPE_BYTES,
		.s = { (const char *)r->job->context.key, FABRIC_KEY_SIZE },
	};
}

static size_t index_of(const struct run *r, unsigned at)
{
	return (size_t)(r->job->statements[at].s - statements);
}

/* ---- the key was there: answer what was answered then ---- */

static void recall(struct run *r)
{
	struct job *j = r->job;
	struct wire w = wire_of(buf_get(&r->recalled));
	struct sql_result_head head = { .affected = wire_int(&w) };
	struct str answer = { NULL, 0 };

	head.insert_id = wire_int(&w);
	if (wire_peek(&w) != 0 && !wire_null(&w)) /* the wrapped form has none */
		answer = wire_bytes(&w);
	job_results_clear(j);
	if (answer.p != NULL)
		buf_str(&j->results, answer);
	else if (j->count == 1)
		job_result_begin(j, &head);
	else
		w.bad = true;
	if (wire_end(&w))
		end(r, 0, "");
	else
		end(r, DB_SHAPE, "the key belongs to another kind of write");
}

static void on_recalled(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;

	if (result->code != 0)
		end(r, result->code, result->message);
	else if (result->rows == 0) /* trimmed in between: as if it were new */
		end(r, 1213, "the key has just gone");
	else
		recall(r);
}

static void on_rolled_back(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;

	r->open = false;
	if (result->code != 0) {
		end(r, result->code, result->message);
		return;
	}
	buf_init(&r->recalled, FABRIC_MESSAGE_MAX);
	r->values[0] = key_value(r);
	execute(r, once_plain(r->once, ONCE_RECALL), 1, &r->recalled, on_recalled);
}

/* ---- a transaction ---- */

static void on_committed(void *ctx, const struct db_result *result)
{
	keep_position(ctx, result);
	end(ctx, result->code, result->message);
}

static void commit(struct run *r)
{
	r->committing = true;
	db_query(r->db, STR("COMMIT"), NULL, on_committed, r);
}

static void on_stored(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;

	if (result->code != 0)
		end(r, result->code, result->message);
	else
		commit(r);
}

static void store(struct run *r)
{
	if (!r->job->keyed) {
		commit(r);
		return;
	}
	r->values[0] =
	    (struct db_value){ .type = TYPE_BYTES, .s = buf_get(&r->job->results) };
	r->values[1] = key_value(r);
	execute(r, once_plain(r->once, ONCE_STORE), 2, NULL, on_stored);
}

static void on_taken(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;

	if (result->code == 0)
		next(r);
	else if (result->code == 1062)
		db_query(r->db, STR("ROLLBACK"), NULL, on_rolled_back, r);
	else
		end(r, result->code, result->message);
}

static void on_begun(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;

	if (result->code != 0) {
		end(r, result->code, result->message);
	} else if (!r->job->keyed) {
		next(r);
	} else {
		r->values[0] = key_value(r);
		execute(r, once_plain(r->once, ONCE_TAKE), 1, NULL, on_taken);
	}
}

/* ---- statements ---- */

static void ran(struct run *r, uint32_t rows)
{
	job_ran(r->job);
	r->job->statements[r->job->at].rows = rows;
}

/* Of a read in pieces, whose last value is how many rows were asked for. */
static bool has_more(const struct run *r, const struct db_result *result)
{
	const struct statement *s = r->job->statements[r->job->at].s;

	return s->each && result->rows > 0 &&
	       (result->more || result->rows == r->values[s->bind_count - 1].i);
}

static void on_executed(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;
	struct job *j = r->job;
	const struct sql_result_head head = {
		.affected = has_more(r, result) ? 1 : result->affected,
		.insert_id = result->insert_id,
		.columns = result->columns,
		.cells = result->rows * result->columns,
	};

	ran(r, result->rows);
	keep_position(r, result);
	if (result->code != 0) {
		end(r, result->code, result->message);
		return;
	}
	job_result_end(j, r->begun, &head);
	j->rows += result->rows;
	if (!job_is_wanted(j)) { /* too late: what is open is rolled back */
		end(r, 1317, "nobody waits for it any more");
		return;
	}
	if (!buf_ok(&j->results)) {
		end(r, DB_TOO_LARGE, "the rows are too large for one answer");
		return;
	}
	j->at++;
	next(r);
}

static void next(struct run *r)
{
	static const struct sql_result_head nothing;
	struct job *j = r->job;
	struct db_call call;

	if (j->at == j->count) {
		if (r->open)
			store(r);
		else
			end(r, 0, "");
		return;
	}
	r->begun = job_result_begin(j, &nothing);
	r->job->at_us = clock_us();
	call = (struct db_call){ .statement = once_bare(r->once, index_of(r, j->at)),
				 .values = r->values,
				 .count = job_values(j, j->at, r->values),
				 .rows = &j->results,
				 .value_max = r->value_max,
				 .piece = j->statements[j->at].s->each ? r->piece : 0 };
	db_execute(r->db, &call, on_executed, r);
}

/* The wrapped statement's row is what the write has done, or had done before. */
static void on_wrapped(void *ctx, const struct db_result *result)
{
	struct run *r = ctx;

	ran(r, 0);
	keep_position(r, result);
	if (result->code != 0)
		end(r, result->code, result->message);
	else if (result->rows != 1)
		end(r, DB_SHAPE, "the wrapped write gave no row");
	else
		recall(r);
}

static void run_wrapped(struct run *r)
{
	unsigned count = job_values(r->job, 0, r->values + 1);

	r->job->at_us = clock_us();
	r->values[0] = key_value(r);
	buf_init(&r->recalled, 256);
	execute(r, once_wrapped(r->once, index_of(r, 0)), count + 1, &r->recalled,
		on_wrapped);
}

void run_start(struct run *r)
{
	struct job *j = r->job;

	r->job->at = 0;
	r->open = r->committing = false;
	r->recalled = (struct buf){ 0 };
	job_results_clear(j);
	if (j->writes && j->keyed && j->count == 1 && !r->plain) {
		run_wrapped(r);
	} else if (j->writes && (j->count > 1 || j->keyed)) {
		r->open = true;
		db_query(r->db, STR("START TRANSACTION"), NULL, on_begun, r);
	} else {
		next(r);
	}
}
