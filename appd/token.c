/* token.c -- see token.h. */
#include "appd/token.h"

#include <inttypes.h>
#include <sodium.h>

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING, MAC = 32, MAC_TEXT = 44 };

/* {"alg":"HS256","typ":"JWT"} */
static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

#define PAYLOAD "{\"sub\":%" PRId64 ",\"epoch\":%" PRId64 ",\"exp\":%" PRId64 "}"

_Static_assert(sizeof(((struct secret *)0)->key) == crypto_auth_hmacsha256_KEYBYTES,
	       "the key is what HMAC-SHA256 wants");

char *token_make(const struct secret *s, const struct token *t, char ret[TOKEN_SIZE])
{
	char payload[96], encoded[140], mac_text[MAC_TEXT];
	uint8_t mac[MAC];
	int n =
	    snprintf(payload, sizeof(payload), PAYLOAD, t->user, t->epoch, t->expires_s);

	sodium_bin2base64(encoded, sizeof(encoded), (const uint8_t *)payload, (size_t)n,
			  VARIANT);
	n = snprintf(ret, TOKEN_SIZE, "%s.%s", header, encoded);
	crypto_auth_hmacsha256(mac, (const uint8_t *)ret, (size_t)n, s->key);
	sodium_bin2base64(mac_text, sizeof(mac_text), mac, sizeof(mac), VARIANT);
	snprintf(ret + n, TOKEN_SIZE - (size_t)n, ".%s", mac_text);
	return ret;
}

static bool decode(struct str text, uint8_t *ret, size_t size, size_t *ret_n)
{
	const char *end;

	return sodium_base642bin(ret, size, text.p, text.n, NULL, ret_n, &end, VARIANT) ==
		   0 &&
	       end == text.p + text.n;
}

/* We wrote it, the MAC says so; but a key may outlive a format. */
static bool read_payload(struct str encoded, struct token *ret)
{
	char payload[128];
	size_t n;

	if (!decode(encoded, (uint8_t *)payload, sizeof(payload) - 1, &n))
		return false;
	payload[n] = '\0';
	return sscanf(payload, PAYLOAD, &ret->user, &ret->epoch, &ret->expires_s) == 3 &&
	       ret->user > 0;
}

enum token_result token_read(const struct secret *s, struct str text, int64_t now_s,
			     struct token *ret)
{
	struct str rest = text, head, payload, signature = { NULL, 0 }, signed_part;
	uint8_t mac[MAC];
	struct token t = { 0 };
	size_t n;

	if (text.n >= TOKEN_SIZE)
		return TOKEN_INVALID;
	head = str_cut(&rest, '.');
	payload = str_cut(&rest, '.');
	signature = rest;
	if (signature.p == NULL || !str_eq(head, str_of(header)) ||
	    !decode(signature, mac, sizeof(mac), &n) || n != sizeof(mac))
		return TOKEN_INVALID;
	signed_part = (struct str){ text.p, (size_t)(signature.p - 1 - text.p) };
	if (crypto_auth_hmacsha256_verify(mac, (const uint8_t *)signed_part.p,
					  signed_part.n, s->key) != 0 ||
	    !read_payload(payload, &t))
		return TOKEN_INVALID;
	*ret = t;
	return t.expires_s < now_s ? TOKEN_EXPIRED : TOKEN_OK;
}
