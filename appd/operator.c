/* operator.c -- see operator.h. Each line is an errand: a request that nobody sent. */
#include "appd/operator.h"

#include "appd/appd.h"
#include "appd/model/role.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "common/wire.h"
#include "gen/sql.h"

enum { LINE_MAX_BYTES = 300, BUDGET_US = 1500000 };

/* Lives until its answer has been sent. */
struct word {
	struct appd *appd;
	struct fabric_ticket ticket;
	struct fabric_context context;
	char line[LINE_MAX_BYTES], answer[LINE_MAX_BYTES + 100];
	bool ok;
};

static void reply(struct appd *a, const struct fabric_ticket *t, bool ok, struct str text)
{
	struct buf b;

	buf_init(&b, 1024);
	wire_put_bytes(&b, text);
	fabric_reply(a->daemon->server, t, ok ? STATUS_OK : STATUS_FAIL, buf_get(&b),
		     NULL);
	buf_fini(&b);
}

static void done(void *ctx, int status)
{
	struct word *w = ctx;

	if (w->answer[0] == '\0')
		snprintf(w->answer, sizeof(w->answer),
			 "the site answered %d; see its log", status);
	reply(w->appd, &w->ticket, w->ok, str_of(w->answer));
	free(w);
}

static void set_role(struct request *q, struct word *w, struct str name, struct str role)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_role_of is;
	struct sql_done done;

	sql_role_by_operator(b, &done, name, role);
	sql_operator_log(b, &done, name, role);
	sql_role_of(b, &is, name);
	sql_run(b);
	w->ok = is.count > 0;
	if (w->ok)
		snprintf(w->answer, sizeof(w->answer), "%.*s is %.*s now",
			 STR_ARG(is.rows->name), STR_ARG(is.rows->role));
	else
		snprintf(w->answer, sizeof(w->answer), "there is nobody called '%.*s'",
			 STR_ARG(name));
}

/* "role NAME ROLE": a name may hold blanks, a role does not. */
static void run(struct request *q)
{
	struct word *w = q->errand.ctx;
	struct str rest = str_of(w->line), verb = str_cut(&rest, ' '), role = rest;
	size_t n = rest.n;

	q->context = w->context;
	q->reply.status = 200;
	while (n > 0 && rest.p[n - 1] != ' ')
		n--;
	role.p += n, role.n -= n;
	if (!str_eq(verb, STR("role")) || n < 2 || !role_is_known(role)) {
		snprintf(w->answer, sizeof(w->answer),
			 "appd takes: role NAME member|moderator|keeper");
		return;
	}
	set_role(q, w, str_trim((struct str){ rest.p, n }), role);
}

void operator_serve(struct appd *a, const struct fabric_incoming *in)
{
	struct wire wire = wire_of(in->body);
	struct str line = wire_bytes(&wire);
	struct word *w = calloc(1, sizeof(*w));
	const struct errand e = { run, done, w, BUDGET_US };

	if (w == NULL || !wire_end(&wire) || !str_copy(w->line, sizeof(w->line), line)) {
		reply(a, &in->ticket, false, STR("that is no line for the site"));
		free(w);
		return;
	}
	w->appd = a;
	w->ticket = in->ticket;
	w->context = in->context;
	request_serve_errand(a, &e);
}
