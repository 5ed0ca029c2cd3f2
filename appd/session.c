/* session.c -- see session.h. */
#include "appd/session.h"

#include <sodium.h>

#include "appd/appd.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "common/clock.h"
#include "gen/sql.h"

enum { SLIDE_AFTER_S = 24 * 3600, VISITOR_TOKEN_S = 3600 };

/* What the cookie holds, sealed. */
struct sealed {
	uint8_t random[SESSION_RANDOM];
	int64_t user, epoch, issued_s;
	uint8_t seal[SECRET_DIGEST_SIZE];
};

enum { SEALED_TEXT = sodium_base64_ENCODED_LEN(sizeof(struct sealed), 7) };

static const char *const names[] = { "session", "__Host-session" };

static bool is_https(const struct request *q)
{
	return str_eq(q->scheme, STR("https"));
}

/* "127.0.0.1:8080", "[::1]", "localhost" */
static bool is_this_machine(struct str authority)
{
	struct str host, rest = authority;

	if (str_starts(authority, STR("[::1]")))
		return authority.n == 5 || authority.p[5] == ':';
	host = str_cut(&rest, ':');
	return str_eq_nocase(host, STR("localhost")) || str_starts(host, STR("127.")) ||
	       str_ends(host, STR(".localhost"));
}

bool session_is_possible(const struct request *q)
{
	return is_https(q) || is_this_machine(q->authority);
}

/* ---- cookies ---- */

struct str cookie_find(const struct request *q, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t i = 0; i < q->header_count; i++) {
		struct str rest = q->headers[i].value;

		if (!str_eq(q->headers[i].name, STR("cookie")))
			continue;
		while (rest.p != NULL) {
			struct str value = str_trim(str_cut(&rest, ';'));

			if (str_eq(str_cut(&value, '='), wanted) && value.p != NULL)
				return value;
		}
	}
	return (struct str){ NULL, 0 };
}

void cookie_set(struct request *q, const char *name, struct str value, int64_t max_age_s)
{
	reply_header(q, STR("set-cookie"),
		     arena_fmt(&q->arena,
			       "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
			       name, STR_ARG(value), (long long)max_age_s,
			       is_https(q) ? "; Secure" : ""));
}

static void seal(struct request *q, struct sealed *s)
{
	secret_digest(&q->appd->secret, "session",
		      (struct str){ (const char *)s, offsetof(struct sealed, seal) },
		      s->seal);
}

static struct str hash_of(struct request *q, const uint8_t random[SESSION_RANDOM])
{
	uint8_t *hash = arena_take(&q->arena, crypto_generichash_BYTES);

	crypto_generichash(hash, crypto_generichash_BYTES, random, SESSION_RANDOM, NULL,
			   0);
	return (struct str){ (const char *)hash, crypto_generichash_BYTES };
}

static void hand_out(struct request *q, const uint8_t random[SESSION_RANDOM],
		     int64_t user, int64_t epoch)
{
	struct sealed s = { .user = user,
			    .epoch = epoch,
			    .issued_s = clock_wall_us() / 1000000 };
	char text[SEALED_TEXT];

	memcpy(s.random, random, SESSION_RANDOM);
	seal(q, &s);
	sodium_bin2base64(text, sizeof(text), (const uint8_t *)&s, sizeof(s),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	cookie_set(q, names[is_https(q)], str_of(text), SESSION_LIFE_S);
}

void session_read(struct request *q)
{
	struct str text = cookie_find(q, names[is_https(q)]);
	struct sealed s, check;
	size_t n;

	if (text.p == NULL || !session_is_possible(q) ||
	    sodium_base642bin((uint8_t *)&s, sizeof(s), text.p, text.n, NULL, &n, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    n != sizeof(s))
		return;
	check = s;
	seal(q, &check);
	if (sodium_memcmp(check.seal, s.seal, sizeof(s.seal)) != 0)
		return;
	q->session.given = true;
	memcpy(q->session.random, s.random, SESSION_RANDOM);
	q->session.issued_s = s.issued_s;
	q->session.hash = hash_of(q, s.random);
	q->me.id = s.user;
	q->me.epoch = s.epoch;
}

void session_slide(struct request *q)
{
	struct sql_batch *b;
	struct sql_done done;

	if (!q->session.given ||
	    clock_wall_us() / 1000000 < q->session.issued_s + SLIDE_AFTER_S)
		return;
	b = sql_batch(q);
	sql_session_prolong(b, &done, q->session.hash, SESSION_LIFE_S);
	sql_run(b);
	hand_out(q, q->session.random, q->me.id, q->me.epoch);
}

void session_start(struct request *q, int64_t user, int64_t epoch)
{
	struct sql_batch *b = sql_batch(q);
	struct str agent = request_header(q, STR("user-agent"));
	uint8_t random[SESSION_RANDOM];
	struct sql_done done;

	if (agent.n > 200)
		agent.n = 200;
	for (size_t i = 0; i < agent.n; i++)
		if (agent.p[i] < ' ' || agent.p[i] > '~')
			agent = STR("?");
	randombytes_buf(random, sizeof(random));
	sql_session_trim(b, &done);
	sql_session_add(b, &done, hash_of(q, random), user, agent.p ? agent : STR(""),
			SESSION_LIFE_S);
	sql_run(b);
	hand_out(q, random, user, epoch);
}

void session_renew(struct request *q, int64_t epoch)
{
	hand_out(q, q->session.random, q->me.id, epoch);
}

void session_forget(struct request *q)
{
	cookie_set(q, names[is_https(q)], STR(""), 0);
	q->session = (struct session){ 0 };
}

void session_end(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	sql_session_delete(b, &done, q->session.hash);
	sql_run(b);
	session_forget(q);
}

/* ---- forms of other sites ---- */

static struct str hex(struct request *q, const uint8_t digest[SECRET_DIGEST_SIZE])
{
	char *text = arena_take(&q->arena, 2 * SECRET_DIGEST_SIZE + 1);

	sodium_bin2hex(text, 2 * SECRET_DIGEST_SIZE + 1, digest, SECRET_DIGEST_SIZE);
	return str_of(text);
}

/* A visitor has nothing to be bound to but the hour. */
static struct str visitor_token(struct request *q, int64_t hours_ago)
{
	int64_t hour = clock_wall_us() / 1000000 / VISITOR_TOKEN_S - hours_ago;
	uint8_t digest[SECRET_DIGEST_SIZE];

	secret_digest(&q->appd->secret, "visitor",
		      (struct str){ (const char *)&hour, sizeof(hour) }, digest);
	return hex(q, digest);
}

struct str session_token(struct request *q)
{
	uint8_t digest[SECRET_DIGEST_SIZE];

	if (!q->session.given)
		return visitor_token(q, 0);
	secret_digest(&q->appd->secret, "form",
		      (struct str){ (const char *)q->session.random, SESSION_RANDOM },
		      digest);
	return hex(q, digest);
}

void session_check_origin(struct request *q)
{
	struct str site = request_header(q, STR("sec-fetch-site"));
	struct str origin = request_header(q, STR("origin"));

	if ((site.p != NULL && !str_eq(site, STR("same-origin")) &&
	     !str_eq(site, STR("none"))) ||
	    (origin.p != NULL &&
	     !str_eq_nocase(origin,
			    arena_fmt(&q->arena, "%.*s://%.*s", STR_ARG(q->scheme),
				      STR_ARG(q->authority)))))
		fail(q, 403, "origin", "This form was sent by another site.");
}

static bool same(struct str a, struct str b)
{
	return a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

void session_check_token(struct request *q)
{
	enum { HOURS = 24 };
	struct str given = pairs_find(&q->form, STR("token"));
	bool ok = given.p != NULL && same(given, session_token(q));

	for (int64_t h = 1; !ok && !q->session.given && given.p != NULL && h < HOURS; h++)
		ok = same(given, visitor_token(q, h));
	if (!ok)
		fail(q, 403, "token",
		     "This form is too old, or not ours. Please load the page again.");
}
