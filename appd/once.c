/* once.c -- see once.h. */
#include "appd/once.h"

#include <sodium.h>

#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

static void hash(crypto_generichash_state *h, struct str s)
{
	uint64_t n = s.n; /* with its length, so that two parts cannot be read as one */

	crypto_generichash_update(h, (const unsigned char *)&n, sizeof(n));
	crypto_generichash_update(h, (const unsigned char *)s.p, s.n);
}

static void begin(crypto_generichash_state *h, const struct request *q)
{
	crypto_generichash_init(h, NULL, 0, FABRIC_KEY_SIZE);
	hash(h, (struct str){ (const char *)q->context.key, FABRIC_KEY_SIZE });
	hash(h, q->method_word);
	hash(h, q->target.raw_path);
}

static bool has_key(const struct request *q)
{
	static const uint8_t none[FABRIC_KEY_SIZE];

	return memcmp(q->context.key, none, sizeof(none)) != 0;
}

/* Of somebody we do not know, only the same body is the same request. */
void once_key(const struct request *q, unsigned n, uint8_t ret[FABRIC_KEY_SIZE])
{
	crypto_generichash_state h;
	struct {
		int64_t who;
		uint64_t n;
	} of = { q->me.id, n };

	if (!has_key(q)) {
		memset(ret, 0, FABRIC_KEY_SIZE);
		return;
	}
	begin(&h, q);
	hash(&h, (struct str){ (const char *)&of, sizeof(of) });
	if (q->me.id == 0)
		hash(&h, q->raw_body);
	crypto_generichash_final(&h, ret, FABRIC_KEY_SIZE);
}

/* It says who it is, by a token or a session. */
static bool is_somebody(const struct request *q)
{
	return request_header(q, STR("authorization")).n > 0 ||
	       request_header(q, STR("cookie")).n > 0;
}

/* Under a key of its own, which names the client by what it sent to be known by. */
void once_claim(struct request *q)
{
	unsigned char claim[FABRIC_KEY_SIZE], body[FABRIC_KEY_SIZE];
	const struct str key = { (const char *)claim, sizeof(claim) };
	const struct str print = { (const char *)body, sizeof(body) };
	crypto_generichash_state h;
	struct sql_once_claimed claimed;
	struct sql_done done;
	struct sql_batch *b;

	if (!has_key(q) || !is_somebody(q) ||
	    request_header(q, STR("idempotency-key")).n == 0)
		return;
	begin(&h, q);
	hash(&h, STR("claim"));
	hash(&h, request_header(q, STR("authorization")));
	hash(&h, request_header(q, STR("cookie")));
	crypto_generichash_final(&h, claim, sizeof(claim));
	crypto_generichash(body, sizeof(body), (const unsigned char *)q->raw_body.p,
			   q->raw_body.n, NULL, 0);
	b = sql_batch(q);
	sql_once_claim(b, &done, key, print);
	sql_once_claimed(b, &claimed, key);
	sql_run(b);
	if (claimed.count == 1 && !str_eq(claimed.rows[0].print, print))
		fail(q, 422, "idempotency-key", "was used before with another body");
}
