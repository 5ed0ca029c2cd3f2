/* user.c -- see user.h. Who fails to sign in is counted in the database, so that all
 * instances agree: by account, and by network except for this machine itself. */
#include "appd/model/user.h"

#include <arpa/inet.h>

#include "appd/appd.h"
#include "appd/model/invitation.h"
#include "appd/model/ticket.h"
#include "appd/pages/page.h"
#include "appd/password.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "appd/utf8.h"
#include "common/wire.h"
#include "gen/sql.h"

enum { FAILURES_OF_ACCOUNT = 5, FAILURES_OF_NETWORK = 20 };

static struct account account_of(struct request *q, const struct sql_me *answer)
{
	const struct sql_me_row *row = answer->rows;

	if (answer->count == 0)
		fail(q, 401, "token", "is invalid");
	return (struct account){ row, member_token(q, row->id, row->epoch) };
}

/* What was shown to tell who asks is void, maybe since a moment ago. */
static _Noreturn void fail_void(struct request *q)
{
	if (q->session.given)
		page_session_over(q);
	fail(q, 401, "token", "is invalid");
}

/* Two unique keys may refuse a row; the detail names the one that did. */
static void fail_if_refused(struct request *q, const struct sql_refusal *r)
{
	bool mail = memmem(r->detail.p, r->detail.n, "mail", 4) != NULL;

	if (r->class.n == 0)
		return;
	if (!str_eq(r->class, STR("duplicate")))
		sql_fail(q, r);
	fail(q, 409, mail ? "email" : "username", "has already been taken");
}

static void check_names(struct request *q)
{
	struct str name = body_value(q, "username")->text,
		   email = body_value(q, "email")->text, rest = email,
		   local = str_cut(&rest, '@');

	/* a browser takes them for steps in the path of the profile's address */
	if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
		body_problem(q, "username", STR("is invalid"));
	if (utf8_hides(name))
		body_problem(q, "username", STR("has characters that cannot be seen"));
	if (email.n > 0 && (local.n == 0 || rest.n == 0 || memchr(rest.p, '@', rest.n) ||
			    memchr(email.p, ' ', email.n)))
		body_problem(q, "email", STR("is invalid"));
}

static struct str text(struct request *q, const char *name)
{
	return body_value(q, name)->text;
}

struct newcomer user_newcomer(struct request *q)
{
	check_names(q);
	body_check(q);
	return (struct newcomer){
		.name = text(q, "username"),
		.email = text(q, "email"),
		.password = text(q, "password"),
		.invitation = text(q, "invitation"),
	};
}

struct user_change user_changes(struct request *q)
{
	check_names(q);
	body_check(q);
	return (struct user_change){
		.name = text(q, "username"),
		.email = text(q, "email"),
		.password = text(q, "password"),
		.set_bio = body_value(q, "bio")->given,
		.bio = text(q, "bio"),
		.set_image = body_value(q, "image")->given,
		.image = text(q, "image"),
	};
}

/* Nobody may come, or only who was invited. */
static _Noreturn void fail_uninvited(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_site_settings settings;

	sql_site_settings(b, &settings);
	sql_run(b);
	if (settings.count > 0 && str_eq(settings.rows->registration, STR("closed")))
		fail(q, 403, "registration", "is closed");
	fail(q, 403, "invitation", "is needed: this one is unknown, used or too old");
}

struct account user_register(struct request *q, const struct newcomer *n)
{
	char hash[PASSWORD_HASH_SIZE];
	struct sql_refusal refusal;
	struct sql_batch *b;
	struct str invitation = invitation_hash(q, n->invitation);
	struct sql_done done;
	struct sql_me me;

	password_hash(q, n->password, hash);
	b = sql_batch(q);
	sql_invitation_take(b, &done, invitation);
	sql_user_add(b, &done, n->name, n->email, str_of(hash));
	sql_invitation_taken(b, &done, invitation);
	ticket_ask(q, b, n->email, "email", &done);
	sql_user_by_email(b, &me, n->email);
	refusal = sql_try(b);
	if (str_eq(refusal.class, STR("null")))
		fail_uninvited(q);
	fail_if_refused(q, &refusal);
	return account_of(q, &me);
}

/* ---- signing in ---- */

struct counted {
	uint8_t account[SECRET_DIGEST_SIZE], network[SECRET_DIGEST_SIZE];
	bool has_network;
};

static struct str digest_str(const uint8_t *digest)
{
	return (struct str){ (const char *)digest, SECRET_DIGEST_SIZE };
}

/* The /24 or /64 that an address is in; false for loopback and what is no address. */
static bool network_of(struct str client, uint8_t ret[8])
{
	char text[INET6_ADDRSTRLEN];
	uint8_t v6[16], v4[4];

	memset(ret, 0, 8);
	if (!str_copy(text, sizeof(text), client))
		return false;
	if (inet_pton(AF_INET6, text, v6) == 1) {
		if (!IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)v6)) {
			memcpy(ret, v6, 8);
			return !IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)v6);
		}
		memcpy(v4, v6 + 12, sizeof(v4));
	} else if (inet_pton(AF_INET, text, v4) != 1) {
		return false;
	}
	memcpy(ret, v4, 3);
	return v4[0] != 127;
}

/* Which addresses are one the database says: it would find the account by any of them. */
static struct counted counted_of(struct request *q, const char *what, struct str email)
{
	struct counted c = { 0 };
	struct sql_batch *b = sql_batch(q);
	struct sql_attempt_address found;
	uint8_t network[8];

	sql_attempt_address(b, &found, email);
	sql_run(b);
	secret_digest(&q->appd->secret, what, found.rows->address, c.account);
	c.has_network = network_of(q->client, network);
	secret_digest(&q->appd->secret, "network",
		      (struct str){ (const char *)network, sizeof(network) }, c.network);
	return c;
}

static void fail_if_throttled(struct request *q, const struct sql_attempts *a,
			      bool counting)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct sql_attempts_row *row = &a->rows[i];
		int64_t most = row->account ? FAILURES_OF_ACCOUNT : FAILURES_OF_NETWORK;

		if (row->failures < most + counting)
			continue;
		reply_retry_after(q, row->wait_s);
		fail_count(q, 429, "credentials", MESSAGE_too_many_tries,
			   (row->wait_s + 59) / 60);
	}
}

static _Noreturn void fail_login(struct request *q, const struct counted *c)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_attempts attempts;
	struct sql_done done;

	sql_attempt_add(b, &done, digest_str(c->account));
	if (c->has_network)
		sql_attempt_add(b, &done, digest_str(c->network));
	sql_attempt_trim(b, &done);
	sql_attempts(b, &attempts, digest_str(c->account), digest_str(c->network));
	sql_run(b);
	fail_if_throttled(q, &attempts, true);
	fail(q, 401, "credentials", "invalid");
}

int64_t user_asked(struct request *q, struct str email)
{
	struct counted c = counted_of(q, "mail", email);
	uint8_t network[SECRET_DIGEST_SIZE];
	struct sql_batch *b = sql_batch(q);
	struct sql_attempts attempts;
	struct sql_done done;
	int64_t asked = 0;

	secret_digest(&q->appd->secret, "asked", digest_str(c.network), network);
	sql_attempt_add(b, &done, digest_str(c.account));
	if (c.has_network)
		sql_attempt_add(b, &done, digest_str(network));
	sql_attempt_trim(b, &done);
	sql_attempts(b, &attempts, digest_str(c.account), digest_str(network));
	sql_run(b);
	for (size_t i = 0; i < attempts.count; i++) {
		const struct sql_attempts_row *row = &attempts.rows[i];

		if (row->account)
			asked = row->failures;
		else if (row->failures > FAILURES_OF_NETWORK) {
			reply_retry_after(q, row->wait_s);
			fail(q, 429, "email",
			     "Too many mails were asked for. Please wait.");
		}
	}
	return asked;
}

/* Whatever is stored, it takes the same time. */
static bool verify(struct request *q, const struct sql_user_password *known,
		   struct str password, bool *ret_weak)
{
	*ret_weak = false;
	if (known->count > 0 && str_starts(known->rows->password, STR("$argon2id$")))
		return password_is_right(q, password, known->rows->password, ret_weak);
	password_waste(q, password);
	return false;
}

/* Only who knows the password is told. */
static _Noreturn void fail_suspended(struct request *q, struct str why)
{
	const struct problem problems[] = {
		{ "account", STR("is suspended") },
		{ "reason", why },
	};

	fail_problems(q, 403, problems, 2);
}

struct account user_login(struct request *q, struct str email, struct str password)
{
	struct counted c = counted_of(q, "account", email);
	struct sql_batch *b = sql_batch(q);
	struct sql_user_password known;
	struct sql_attempts attempts;
	char hash[PASSWORD_HASH_SIZE];
	struct sql_done done;
	struct sql_me me;
	bool weak;

	sql_user_password(b, &known, email);
	sql_attempts(b, &attempts, digest_str(c.account), digest_str(c.network));
	sql_run(b);
	fail_if_throttled(q, &attempts, false);
	if (!verify(q, &known, password, &weak))
		fail_login(q, &c);
	if (known.rows->suspended)
		fail_suspended(q, known.rows->why);
	if (weak)
		password_hash(q, password, hash);
	b = sql_batch(q);
	/* others may have guessed meanwhile: a right guess among too many is none */
	sql_attempts(b, &attempts, digest_str(c.account), digest_str(c.network));
	sql_user_by_email(b, &me, email);
	if (attempts.count > 0)
		sql_attempt_clear(b, &done, digest_str(c.account));
	if (weak)
		sql_user_rehash(b, &done, known.rows->id, known.rows->password,
				str_of(hash));
	sql_run(b);
	fail_if_throttled(q, &attempts, false);
	return account_of(q, &me);
}

/* ---- settings ---- */

/* As a text is in an answer that was kept: with its length before it. */
static struct str field_of(struct request *q, struct str s)
{
	struct buf *b = request_scratch(q, s.n + 64);

	wire_put_bytes(b, s);
	return arena_str(&q->arena, buf_get(b));
}

/* As an author is beside what they wrote. */
static struct str author_of(struct request *q, int64_t id, struct str name)
{
	struct buf *b = request_scratch(q, name.n + 64);

	wire_put_int(b, id);
	wire_put_bytes(b, name);
	return arena_str(&q->arena, buf_get(b));
}

/* As long as s, and nobody. */
static struct str dashes_for(struct request *q, struct str s)
{
	struct str nobody = arena_str(&q->arena, s);

	memset((char *)nobody.p, '-', nobody.n);
	return nobody;
}

/* An address that is given up stays in no answer either. */
static void forget_address(struct request *q, struct sql_batch *b, struct sql_done *done)
{
	struct str old = q->me.row->email;

	sql_gone_named(b, done, 0, field_of(q, old), field_of(q, dashes_for(q, old)));
}

struct account user_current(struct request *q)
{
	member_check(q);
	return (struct account){ q->me.row, member_token(q, q->me.id, q->me.epoch) };
}

static struct str or_none(struct str s)
{
	return s.n == 0 ? (struct str){ NULL, 0 } : s;
}

struct account user_change(struct request *q, const struct user_change *c)
{
	char hash[PASSWORD_HASH_SIZE];
	struct str password = { NULL, 0 };
	bool moved; /* to another address */
	struct sql_refusal refusal;
	struct sql_batch *b;
	struct sql_done done;
	struct sql_me me;

	if (c->password.p != NULL) {
		member_check(q); /* before work is done for a void token */
		password_hash(q, c->password, hash);
		password = str_of(hash);
	}
	if (c->email.p != NULL)
		member_check(q);
	moved = c->email.p != NULL && !str_eq(c->email, q->me.row->email);
	b = sql_batch(q);
	sql_user_change(b, &done, q->me.id, q->me.epoch, c->name, c->email, password,
			c->set_bio, or_none(c->bio), c->set_image, or_none(c->image));
	if (password.p != NULL || moved) /* links sent before lead nowhere */
		sql_tickets_void(b, &done, q->me.id);
	if (moved) {
		ticket_ask(q, b, c->email, "email", &done);
		forget_address(q, b, &done);
	}
	sql_me(b, &me, q->me.id, q->me.epoch + (password.p != NULL));
	if (password.p != NULL) /* whoever had the old one is out */
		sql_session_revoke_others(b, &done, q->me.id,
					  q->session.given ? q->session.hash : STR(""));
	refusal = sql_try(b);
	if (str_eq(refusal.class, STR("null")))
		fail_void(q);
	fail_if_refused(q, &refusal);
	return account_of(q, &me);
}

/* ---- leaving ---- */

static bool is_mark(char c)
{
	return (unsigned char)c < 0x80 && !(c >= '0' && c <= '9') &&
	       !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

/* As a pattern that matches nothing else. */
static struct str pattern_literal(struct request *q, struct str s)
{
	char *p = arena_take(&q->arena, 2 * s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (is_mark(s.p[i]))
			p[n++] = '\\';
		p[n++] = s.p[i];
	}
	return (struct str){ p, n };
}

/* Either as a whole word, in any case. */
static struct str pattern_of(struct request *q, struct str name, struct str email)
{
	struct str a = pattern_literal(q, email), b = pattern_literal(q, name);

	return arena_fmt(&q->arena,
			 "(?i)(?<![\\pL\\pM\\pN_])(?:%.*s|%.*s)(?![\\pL\\pM\\pN_])",
			 STR_ARG(a), STR_ARG(b));
}

static void ask_named(struct request *q, struct sql_batch *b, struct sql_done *done)
{
	struct str name = q->me.row->name, email = q->me.row->email;
	struct str who = pattern_of(q, name, email);
	int64_t me = q->me.id;

	sql_gone_answers(b, done, me, field_of(q, email), author_of(q, me, name));
	sql_gone_named(b, done, me, field_of(q, name), field_of(q, dashes_for(q, name)));
	sql_gone_tag_names(b, done, me, who);
	sql_gone_reasons(b, done, me, who);
	sql_gone_reports(b, done, me, who);
	sql_gone_hidden_articles(b, done, me, who);
	sql_gone_hidden_comments(b, done, me, who);
	sql_gone_suspended(b, done, me, who);
}

void user_delete(struct request *q, struct str password)
{
	int64_t me = q->me.id, epoch = q->me.epoch;
	struct sql_batch *b;
	struct sql_done gone, done;

	user_login(q, q->me.row->email, password);
	b = sql_batch(q);
	sql_gone_tags(b, &done, me, epoch);
	sql_gone_fans(b, &done, me, epoch);
	sql_gone_favorites(b, &done, me, epoch);
	sql_gone_comments(b, &done, me, epoch);
	sql_gone_articles(b, &done, me, epoch);
	sql_gone_about(b, &done, me, epoch);
	sql_gone_user(b, &gone, me, epoch);
	ask_named(q, b, &done);
	sql_run(b);
	if (gone.affected == 0)
		fail_void(q);
}
