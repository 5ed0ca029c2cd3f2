/* ticket.c -- see ticket.h. */
#include "appd/model/ticket.h"

#include <sodium.h>

#include "appd/appd.h"
#include "appd/messages.h"
#include "appd/model/user.h"
#include "appd/pages/page.h"
#include "appd/password.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

enum { RESET_LIFE_S = 3600, CONFIRM_LIFE_S = 3 * 86400, MAILS_OF_ACCOUNT = 3 };

bool ticket_possible(const struct request *q)
{
	const struct conf *c = q->appd->daemon->conf;

	return c->mail_command[0] != '\0' || c->mail_relay[0] != '\0';
}

struct str ticket_token(struct request *q, struct str seed)
{
	uint8_t digest[SECRET_DIGEST_SIZE];
	char hex[2 * SECRET_DIGEST_SIZE + 1];

	secret_digest(&q->appd->secret, "ticket", seed, digest);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	return arena_str(&q->arena, str_of(hex));
}

static struct str hash_of(struct request *q, struct str token)
{
	uint8_t *hash = arena_take(&q->arena, crypto_generichash_BYTES);

	crypto_generichash(hash, crypto_generichash_BYTES, (const unsigned char *)token.p,
			   token.n, NULL, 0);
	return (struct str){ (const char *)hash, crypto_generichash_BYTES };
}

void ticket_ask(struct request *q, struct sql_batch *b, struct str email,
		const char *what, struct sql_done *done)
{
	char *random = arena_take(&q->arena, SEED_SIZE);
	struct str seed = { random, SEED_SIZE }, kind = str_of(what);
	bool reset = str_eq(kind, STR("reset"));

	if (!ticket_possible(q))
		return;
	randombytes_buf(random, SEED_SIZE);
	sql_ticket_trim(b, done);
	sql_ticket_add(b, done, email, kind, hash_of(q, ticket_token(q, seed)),
		       reset ? RESET_LIFE_S : CONFIRM_LIFE_S);
	sql_outbox_add(b, done, email, kind, seed, str_of(page_language(q)->code));
}

void ticket_send(struct request *q, struct str email, const char *what)
{
	struct sql_batch *b;
	struct sql_done done;

	if (user_asked(q, email) > MAILS_OF_ACCOUNT)
		return;
	b = sql_batch(q);
	ticket_ask(q, b, email, what, &done);
	sql_run(b);
}

static _Noreturn void fail_over(struct request *q)
{
	fail(q, 410, "link", "This link has been used, or is too old.");
}

void ticket_check(struct request *q, struct str token, const char *what)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_ticket_find found;

	sql_ticket_find(b, &found, hash_of(q, token), str_of(what));
	sql_run(b);
	if (found.count == 0)
		fail_over(q);
}

void ticket_reset(struct request *q, struct str token, struct str password)
{
	struct str hash = hash_of(q, token);
	struct sql_done reset, done;
	char stored[PASSWORD_HASH_SIZE];
	struct sql_batch *b;

	ticket_check(q, token, "reset"); /* before work is done for nothing */
	password_hash(q, password, stored);
	b = sql_batch(q);
	sql_ticket_reset(b, &reset, hash, str_of(stored));
	sql_ticket_sessions(b, &done, hash);
	sql_ticket_used(b, &done, hash, STR("reset"));
	sql_run(b);
	if (reset.affected == 0)
		fail_over(q);
}

void ticket_confirm(struct request *q, struct str token)
{
	struct str hash = hash_of(q, token);
	struct sql_done confirmed, done;
	struct sql_batch *b = sql_batch(q);

	sql_ticket_confirm(b, &confirmed, hash);
	sql_ticket_used(b, &done, hash, STR("email"));
	sql_run(b);
	if (confirmed.affected == 0)
		fail_over(q);
}
