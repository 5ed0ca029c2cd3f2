/* job.c -- see job.h. */
#include "dbproxy/job.h"

#include "common/clock.h"

static bool tag_fits(const struct statement_field *f, char tag)
{
	switch (tag) {
	case 'n':
		return f->null;
	case 't':
	case 'f':
		return f->type == TYPE_BOOL;
	case 'i':
		return f->type == TYPE_INT || f->type == TYPE_TIME;
	case 'd':
		return f->type == TYPE_FLOAT;
	case 's':
		return f->type == TYPE_TEXT || f->type == TYPE_BYTES;
	default:
		return false;
	}
}

static enum sql_class read_statement(struct wire *w, struct job_statement *ret,
				     struct str *detail)
{
	struct sql_statement_head head = sql_statement_head_get(w);
	const char *begin = w->p;

	if (w->bad)
		return CLASS_BAD_REQUEST;
	*detail = head.name;
	ret->s = statement_find(head.name, head.signature);
	if (ret->s == NULL)
		return statement_exists(head.name) ? CLASS_SIGNATURE : CLASS_NO_STATEMENT;
	*detail = str_of(ret->s->name);
	if (head.values != ret->s->param_count)
		return CLASS_BAD_VALUE;
	for (unsigned i = 0; i < head.values; i++) {
		if (!tag_fits(&ret->s->params[i], wire_peek(w)))
			return CLASS_BAD_VALUE;
		wire_skip(w);
	}
	ret->values = (struct str){ begin, (size_t)(w->p - begin) };
	return w->bad ? CLASS_BAD_REQUEST : CLASS_OK;
}

static enum sql_class read_statements(struct job *j, struct str body, struct str *detail)
{
	struct wire w = wire_of(body);
	struct sql_request_head head = sql_request_head_get(&w);

	j->seen = head.position;
	for (unsigned i = 0; i < head.statements && !w.bad; i++) {
		enum sql_class c = read_statement(&w, &j->statements[i], detail);

		if (c == CLASS_BAD_REQUEST)
			break; /* w.bad says it */
		if (c != CLASS_OK)
			return c;
		j->writes = j->writes || j->statements[i].s->write;
	}
	*detail = STR("the message is cut short or not of this kind");
	if (!wire_end(&w) || head.statements == 0)
		return CLASS_BAD_REQUEST;
	j->count = head.statements;
	return CLASS_OK;
}

static bool has_key(const struct fabric_context *c)
{
	static const uint8_t none[FABRIC_KEY_SIZE];

	return memcmp(c->key, none, sizeof(none)) != 0;
}

/* How many statements there are, to know the job's size: no more than it says. */
static unsigned count_statements(struct str body)
{
	struct wire w = wire_of(body);

	return sql_request_head_get(&w).statements;
}

enum sql_class job_new(const struct fabric_incoming *in, struct job **ret,
		       struct str *detail)
{
	/* a long message is an attachment, a short one is not */
	struct str body = in->attachment.n > 0 ? in->attachment : in->body;
	size_t head =
	    sizeof(struct job) + count_statements(body) * sizeof(struct job_statement);
	struct job *j = calloc(1, head + body.n);
	char *copy;
	enum sql_class c;

	*detail = STR("out of memory");
	if (j == NULL)
		return CLASS_UNAVAILABLE;
	copy = (char *)j + head;
	if (body.n > 0)
		memcpy(copy, body.p, body.n);
	c = read_statements(j, (struct str){ copy, body.n }, detail);
	if (c != CLASS_OK) { /* what detail points at goes with the job, unless it is a
			      * statement's name or a text of ours */
		if (c == CLASS_NO_STATEMENT || c == CLASS_SIGNATURE)
			*detail = (struct str){ body.p + (detail->p - copy), detail->n };
		free(j);
		return c;
	}
	list_init(&j->link);
	list_init(&j->same);
	list_init(&j->sharers);
	list_init(&j->shared);
	j->message = (struct str){ copy, body.n };
	j->ticket = in->ticket;
	j->context = in->context;
	j->received_us = clock_us();
	j->deadline_us = in->deadline_us;
	j->keyed = j->writes && has_key(&in->context);
	buf_init(&j->results, FABRIC_MESSAGE_MAX - 1024);
	*ret = j;
	return CLASS_OK;
}

void job_free(struct job *j)
{
	if (j == NULL)
		return;
	buf_fini(&j->results);
	free(j);
}

bool job_is_wanted(const struct job *j)
{
	return !j->answered || !list_empty(&j->sharers);
}

void job_ran(struct job *j)
{
	if (j->at < j->count)
		j->statements[j->at].run_us = clock_us() - j->at_us + 1;
}

static struct db_value read_value(struct wire *w, const struct statement_field *f)
{
	struct db_value v = { .type = f->type, .null = wire_null(w) };

	if (v.null)
		return v;
	switch (f->type) {
	case TYPE_INT:
	case TYPE_TIME:
		v.i = wire_int(w);
		break;
	case TYPE_BOOL:
		v.i = wire_bool(w);
		break;
	case TYPE_FLOAT:
		v.d = wire_float(w);
		break;
	case TYPE_TEXT:
	case TYPE_BYTES:
		v.s = wire_bytes(w);
	}
	return v;
}

unsigned job_values(const struct job *j, unsigned at, struct db_value *ret)
{
	const struct statement *s = j->statements[at].s;
	struct wire w = wire_of(j->statements[at].values);
	struct db_value params[SQL_VALUES_MAX];

	for (unsigned i = 0; i < s->param_count; i++)
		params[i] = read_value(&w, &s->params[i]);
	for (unsigned i = 0; i < s->bind_count; i++)
		ret[i] = params[s->binds[i]];
	return s->bind_count;
}

bool job_too_long(const struct job *j, size_t value_max, char *ret, size_t size)
{
	if (j->message.n <= value_max)
		return false;
	for (unsigned at = 0; at < j->count; at++) {
		const struct statement *s = j->statements[at].s;
		struct wire w = wire_of(j->statements[at].values);

		for (unsigned i = 0; i < s->param_count; i++) {
			struct db_value v = read_value(&w, &s->params[i]);
			bool text = v.type == TYPE_TEXT || v.type == TYPE_BYTES;

			if (v.null || !text || v.s.n <= value_max)
				continue;
			snprintf(ret, size, "%s.%s", s->name, s->params[i].name);
			return true;
		}
	}
	return false;
}

/* ---- the answer ---- */

size_t job_result_begin(struct job *j, const struct sql_result_head *head)
{
	size_t begun = j->results.n;

	sql_result_head_put(&j->results, head);
	return begun;
}

/* The head has the same length whatever it says, so it is written over itself. */
void job_result_end(struct job *j, size_t begun, const struct sql_result_head *head)
{
	size_t end = j->results.n;

	if (!buf_ok(&j->results))
		return;
	j->results.n = begun;
	sql_result_head_put(&j->results, head);
	j->results.n = end;
}

void job_results_clear(struct job *j)
{
	buf_reset(&j->results);
	j->rows = 0;
}

void job_answer(const struct job *j, enum sql_class c, struct str detail,
		struct str position, struct buf *ret)
{
	const struct sql_reply_head head = { .class = class_word(c),
					     .detail = detail,
					     .position = position,
					     .results = c == CLASS_OK ? j->count : 0 };

	sql_reply_head_put(ret, &head);
	if (c == CLASS_OK)
		buf_str(ret, buf_get(&j->results));
}

char *job_names(const struct job *j, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (unsigned i = 0; i < j->count; i++) {
		size_t length = strlen(j->statements[i].s->name) + (i > 0);

		if (n + length + 4 > size) {
			snprintf(ret + n, size - n, "...");
			break;
		}
		snprintf(ret + n, size - n, "%s%s", i > 0 ? "," : "",
			 j->statements[i].s->name);
		n += length;
	}
	return ret;
}
