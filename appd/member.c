/* member.c -- see member.h. */
#include "appd/member.h"

#include "appd/appd.h"
#include "appd/pages/page.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "appd/token.h"
#include "common/clock.h"
#include "gen/sql.h"

static int64_t now_s(void)
{
	return clock_wall_us() / 1000000;
}

/* "Token x" or "Bearer x". */
static struct str token_of(const struct request *q)
{
	struct str rest = str_trim(request_header(q, STR("authorization")));
	struct str scheme;

	if (rest.n == 0)
		return rest;
	scheme = str_cut(&rest, ' ');
	if (!str_eq_nocase(scheme, STR("token")) && !str_eq_nocase(scheme, STR("bearer")))
		return (struct str){ NULL, 0 };
	return rest.p == NULL ? rest : str_trim(rest);
}

void member_read(struct request *q, enum who who)
{
	struct str text = token_of(q);
	struct token t;

	if (who == WHO_ANYONE)
		return;
	if (!q->is_api) {
		session_read(q);
		if (who == WHO_MEMBER && !q->session.given)
			page_sign_in(q);
		return;
	}
	if (text.n == 0) {
		if (who == WHO_MEMBER)
			fail(q, 401, "token", "is missing");
		return;
	}
	switch (token_read(&q->appd->secret, text, now_s(), &t)) {
	case TOKEN_OK:
		q->me.id = t.user;
		q->me.epoch = t.epoch;
		break;
	case TOKEN_EXPIRED:
		fail(q, 401, "token", "has expired");
	case TOKEN_INVALID:
		fail(q, 401, "token", "is invalid");
	}
}

void member_ask(struct request *q, struct sql_batch *b)
{
	if (q->me.id == 0 || q->me.row != NULL)
		return;
	q->me.answer = ARENA_NEW(&q->arena, struct sql_me);
	if (q->session.given)
		sql_session_me(b, q->me.answer, q->session.hash, q->me.id, q->me.epoch);
	else
		sql_me(b, q->me.answer, q->me.id, q->me.epoch);
}

void member_answer(struct request *q)
{
	if (q->me.answer == NULL || q->me.row != NULL)
		return;
	if (q->me.answer->count == 0 && q->session.given)
		page_session_over(q);
	if (q->me.answer->count == 0)
		fail(q, 401, "token", "is invalid");
	q->me.row = q->me.answer->rows;
}

void member_check(struct request *q)
{
	if (q->me.id != 0 && q->me.row == NULL)
		sql_run(sql_batch(q));
}

struct str member_token(struct request *q, int64_t id, int64_t epoch)
{
	const struct token t = { .user = id,
				 .epoch = epoch,
				 .expires_s = now_s() + TOKEN_LIFE_S };
	char text[TOKEN_SIZE];

	return arena_str(&q->arena, str_of(token_make(&q->appd->secret, &t, text)));
}
