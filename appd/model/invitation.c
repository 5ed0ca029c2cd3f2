/* invitation.c -- see invitation.h. */
#include "appd/model/invitation.h"

#include <sodium.h>

#include "appd/model/role.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

enum { RANDOM = 32, TOKEN_TEXT = sodium_base64_ENCODED_LEN(RANDOM, 7) };

struct str invitation_hash(struct request *q, struct str token)
{
	uint8_t *hash;

	if (token.n == 0)
		return STR("");
	hash = arena_take(&q->arena, crypto_generichash_BYTES);
	crypto_generichash(hash, crypto_generichash_BYTES, (const unsigned char *)token.p,
			   token.n, NULL, 0);
	return (struct str){ (const char *)hash, crypto_generichash_BYTES };
}

bool invitation_may(struct str role, struct str inviters)
{
	return role_read(role) >= role_read(inviters);
}

struct str invitation_make(struct request *q)
{
	uint8_t random[RANDOM];
	char token[TOKEN_TEXT];
	struct sql_site_settings settings;
	struct sql_done trimmed, added;
	struct sql_batch *b;

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(token, sizeof(token), random, sizeof(random),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	b = sql_batch(q);
	sql_site_settings(b, &settings);
	sql_invitation_trim(b, &trimmed);
	sql_invitation_add(b, &added, q->me.id, q->me.epoch,
			   invitation_hash(q, str_of(token)));
	sql_run(b);
	if (settings.count == 0 ||
	    !invitation_may(q->me.row->role, settings.rows->inviters))
		fail(q, 403, "role", "forbidden");
	if (added.affected == 0) {
		reply_retry_after(q, 3600);
		fail(q, 429, "invitation", "You have enough open invitations.");
	}
	return arena_str(&q->arena, str_of(token));
}

void invitation_revoke(struct request *q, struct str name)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	sql_invitation_revoke(b, &done, q->me.id, q->me.epoch, name);
	sql_run(b);
}
