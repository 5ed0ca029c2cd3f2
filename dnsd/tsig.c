/* tsig.c -- see tsig.h. OpenSSL's HMAC; ldns's check looks at neither time nor fudge. */
#include "dnsd/tsig.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "dnsd/rrtype.h"
#include "dnsd/unpack.h"
#include "dnsd/zone_load.h"

enum { DEFERRED_MAX = 8 << 20, FUDGE_S = 300, TIMERS = 8, FIXED = 10, OTHER_TIME = 6 };

struct tsig_algorithm {
	const char *text;
	const char *wire;
	const EVP_MD *(*md)(void);
};

static const struct tsig_algorithm algorithms[] = {
	{ "hmac-sha256", "\13hmac-sha256", EVP_sha256 },
	{ "hmac-sha512", "\13hmac-sha512", EVP_sha512 },
	{ "hmac-sha384", "\13hmac-sha384", EVP_sha384 },
	{ "hmac-sha224", "\13hmac-sha224", EVP_sha224 },
	{ "hmac-sha1", "\11hmac-sha1", EVP_sha1 },
};

/* ---- keys ---- */

static bool read_secret(const char *text, struct tsig_key *k)
{
	uint8_t bytes[sizeof(k->secret) + 3];
	size_t n = strlen(text), pad = 0;
	int got;

	if (n == 0 || n % 4 != 0 || n / 4 * 3 > sizeof(bytes))
		return false;
	while (pad < 2 && text[n - 1 - pad] == '=')
		pad++;
	got = EVP_DecodeBlock(bytes, (const uint8_t *)text, (int)n);
	if (got < (int)pad + 1 || (size_t)got - pad > sizeof(k->secret))
		return false;
	k->secret_len = (size_t)got - pad;
	memcpy(k->secret, bytes, k->secret_len);
	return true;
}

static bool read_key(const struct conf_named *s, struct tsig_key *k, struct buf *why)
{
	const char *name = conf_named_name(s),
		   *algorithm = conf_named_text(s, "algorithm");
	size_t len;

	if (!zone_name(str_of(name), NULL, k->name, &len)) {
		buf_fmt(why, "[key %s]: that is no name of a key\n", name);
		return false;
	}
	name_lower(k->name, k->name, len);
	k->name_len = (uint8_t)len;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithm, algorithms[i].text) == 0)
			k->algorithm = &algorithms[i];
	if (k->algorithm == NULL) {
		buf_fmt(why,
			"[key %s] algorithm is '%s'; it may be hmac-sha256, hmac-sha512, "
			"hmac-sha384, hmac-sha224 or hmac-sha1\n",
			name, algorithm);
		return false;
	}
	if (!read_secret(conf_named_text(s, "secret"), k)) {
		buf_fmt(why, "[key %s] secret is not base64 of 1 to 128 octets\n", name);
		return false;
	}
	return true;
}

bool tsig_read_keys(const struct conf *c, struct tsig_keys *ret, struct buf *why)
{
	const struct conf_named *s;
	bool ok = true;

	ret->count = 0;
	while ((s = conf_named(c, "key", ret->count)) != NULL) {
		if (ret->count == TSIG_KEYS_MAX) {
			buf_fmt(why, "more than %d keys\n", TSIG_KEYS_MAX);
			return false;
		}
		ret->list[ret->count] = (struct tsig_key){ 0 };
		ok = read_key(s, &ret->list[ret->count++], why) && ok;
	}
	return ok;
}

const struct tsig_key *tsig_find(const struct tsig_keys *keys, const uint8_t *name)
{
	size_t len = name_length(name, NAME_WIRE);

	for (size_t i = 0; i < keys->count; i++)
		if (keys->list[i].name_len == len &&
		    memcmp(keys->list[i].name, name, len) == 0)
			return &keys->list[i];
	return NULL;
}

/* ---- what is signed ---- */

static void put48(uint8_t *p, uint64_t v)
{
	put16(p, (unsigned)(v >> 32) & 0xffff);
	put32(p + 2, (uint32_t)v);
}

static uint64_t get48(const uint8_t *p)
{
	return (uint64_t)get16(p) << 32 | get32(p + 2);
}

/* RFC 8945 4.3.3: name, class, TTL, algorithm, then time and the rest; of later messages
 * of a stream (5.3.1) time and fudge only. */
static size_t put_variables(const struct tsig *t, uint64_t time_s, uint64_t other_s,
			    uint8_t *p)
{
	const char *algorithm = t->key->algorithm->wire;
	size_t n = 0, len = strlen(algorithm) + 1;

	if (!t->later) {
		memcpy(p, t->key->name, t->key->name_len);
		n += t->key->name_len;
		put16(p + n, CLASS_ANY);
		put32(p + n + 2, 0);
		memcpy(p + n + 6, algorithm, len);
		n += 6 + len;
	}
	put48(p + n, time_s);
	put16(p + n + 6, t->fudge);
	n += TIMERS;
	if (t->later)
		return n;
	put16(p + n, t->error);
	put16(p + n + 2, t->error == TSIG_BADTIME ? OTHER_TIME : 0);
	n += 4;
	if (t->error == TSIG_BADTIME) {
		put48(p + n, other_s);
		n += OTHER_TIME;
	}
	return n;
}

struct stamp {
	uint64_t time_s, other_s;
};

/* The MAC of the message of n octets at p. Its size; 0: OpenSSL would not. */
static size_t make_mac(const struct tsig *t, const uint8_t *p, size_t n,
		       struct stamp stamp, uint8_t ret[TSIG_MAC_MAX])
{
	uint8_t variables[2 * NAME_WIRE + 32], before[2];
	size_t variables_n = put_variables(t, stamp.time_s, stamp.other_s, variables);
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, t->key->secret,
						     t->key->secret_len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = TSIG_MAC_MAX;
	bool ok = key != NULL && ctx != NULL &&
		  EVP_DigestSignInit(ctx, NULL, t->key->algorithm->md(), NULL, key) == 1;

	put16(before, (unsigned)t->mac_len);
	if (ok && t->mac_len > 0)
		ok = EVP_DigestSignUpdate(ctx, before, sizeof(before)) == 1 &&
		     EVP_DigestSignUpdate(ctx, t->mac, t->mac_len) == 1;
	if (ok && t->deferred != NULL && t->deferred->n > 0)
		ok = EVP_DigestSignUpdate(ctx, t->deferred->p, t->deferred->n) == 1;
	ok = ok && EVP_DigestSignUpdate(ctx, p, n) == 1 &&
	     EVP_DigestSignUpdate(ctx, variables, variables_n) == 1 &&
	     EVP_DigestSignFinal(ctx, ret, &size) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok ? size : 0;
}

/* ---- checking ---- */

/* The TSIG's parts, as they stand in the message. */
struct parts {
	size_t start;
	const uint8_t *mac, *other;
	size_t mac_len, other_len;
	uint64_t time_s;
	uint16_t fudge, original_id, error;
};

/* The last record, if it is a TSIG; TSIG_FORM if one stands elsewhere. */
static enum tsig_state find_tsig(const uint8_t *p, size_t n, struct other *ret,
				 size_t *ret_start)
{
	unsigned count = (unsigned)get16(p + 6) + get16(p + 8) + get16(p + 10);
	unsigned additional = get16(p + 10);
	size_t at = DNS_HEADER;

	for (unsigned i = get16(p + 4); i > 0; i--) {
		if (!query_skip_name(p, n, &at) || n - at < 4)
			return TSIG_NONE;
		at += 4;
	}
	for (unsigned i = 0; i < count; i++) {
		*ret_start = at;
		if (!query_record(p, n, &at, ret))
			return TSIG_NONE;
		if (ret->type == RR_TSIG && (i + 1 < count || additional == 0))
			return TSIG_FORM;
	}
	return count > 0 && ret->type == RR_TSIG ? TSIG_GOOD : TSIG_NONE;
}

static bool take_parts(const struct other *o, struct tsig *t, struct parts *ret)
{
	size_t name = name_length(o->rdata, o->rdlen), left = o->rdlen - name;
	const uint8_t *p = o->rdata + name;

	if (name == 0 || left < FIXED || o->class != CLASS_ANY || o->ttl != 0)
		return false;
	name_lower(t->algorithm, o->rdata, name);
	ret->time_s = get48(p);
	ret->fudge = get16(p + 6);
	ret->mac_len = get16(p + 8);
	ret->mac = p + FIXED;
	left -= FIXED;
	if (left < ret->mac_len + 6)
		return false;
	p = ret->mac + ret->mac_len;
	ret->original_id = get16(p);
	ret->error = get16(p + 2);
	ret->other_len = get16(p + 4);
	ret->other = p + 6;
	return left == ret->mac_len + 6 + ret->other_len;
}

static enum tsig_error verify(struct tsig *t, const struct parts *part, const uint8_t *p,
			      size_t n, uint64_t now_s)
{
	const struct stamp stamp = { part->time_s, part->other_len == OTHER_TIME
						       ? get48(part->other)
						       : 0 };
	uint8_t mac[TSIG_MAC_MAX];
	size_t size;

	if (t->key == NULL ||
	    strcmp((const char *)t->algorithm, t->key->algorithm->wire) != 0)
		return TSIG_BADKEY;
	t->fudge = part->fudge;
	t->error = (enum tsig_error)part->error;
	size = make_mac(t, p, n, stamp, mac);
	t->error = TSIG_OK;
	if (part->mac_len < size && part->mac_len >= 10)
		return TSIG_BADTRUNC;
	if (size == 0 || part->mac_len != size ||
	    CRYPTO_memcmp(mac, part->mac, size) != 0)
		return TSIG_BADSIG;
	memcpy(t->mac, mac, size);
	t->mac_len = size;
	if (t->deferred != NULL)
		buf_reset(t->deferred);
	if (part->time_s > now_s + part->fudge || now_s > part->time_s + part->fudge)
		return TSIG_BADTIME;
	return TSIG_OK;
}

enum tsig_state tsig_check(const struct tsig_keys *keys, uint8_t *p, size_t *n,
			   uint64_t now_s, struct tsig *t)
{
	struct parts part;
	struct other o;
	enum tsig_state state;
	uint8_t name[NAME_WIRE];
	size_t at, name_len;
	uint16_t id;

	if (*n < DNS_HEADER)
		return TSIG_NONE;
	id = get16(p);
	state = find_tsig(p, *n, &o, &part.start);
	if (state != TSIG_GOOD)
		return state;
	/* RFC 8945 4.2: the algorithm's name is not compressed. That of the key should
	 * not be, but is read by everybody */
	at = part.start;
	name_len = unpack_name(p, *n, &at, name);
	if (name_len == 0 || !take_parts(&o, t, &part))
		return TSIG_FORM;
	name_lower(t->name, name, name_len);
	if (t->key == NULL || !t->later)
		t->key = tsig_find(keys, t->name);
	t->time_s = part.time_s;
	*n = part.start;
	put16(p + 10, get16(p + 10) - 1u);
	/* it was signed with this id; who passed it on may have given it another, by
	 * which the answer is known */
	put16(p, part.original_id);
	t->error = verify(t, &part, p, *n, now_s);
	put16(p, id);
	return t->error == TSIG_OK ? TSIG_GOOD : TSIG_WRONG;
}

bool tsig_defer(struct tsig *t, const uint8_t *p, size_t n)
{
	if (t->deferred == NULL) {
		t->deferred = calloc(1, sizeof(*t->deferred));
		if (t->deferred == NULL)
			return false;
		buf_init(t->deferred, DEFERRED_MAX);
	}
	buf_put(t->deferred, p, n);
	return buf_ok(t->deferred);
}

void tsig_fini(struct tsig *t)
{
	if (t->deferred != NULL)
		buf_fini(t->deferred);
	free(t->deferred);
	t->deferred = NULL;
}

/* ---- signing ---- */

static size_t put_tsig(const struct tsig *t, uint8_t *p, struct stamp stamp,
		       size_t mac_len)
{
	const uint8_t *name = t->key != NULL ? t->key->name : t->name;
	const uint8_t *algorithm =
	    t->key != NULL ? (const uint8_t *)t->key->algorithm->wire : t->algorithm;
	size_t n = name_length(name, NAME_WIRE), start;
	size_t algorithm_len = name_length(algorithm, NAME_WIRE);

	memcpy(p, name, n);
	put16(p + n, RR_TSIG);
	put16(p + n + 2, CLASS_ANY);
	put32(p + n + 4, 0);
	start = n += 10;
	memcpy(p + n, algorithm, algorithm_len);
	n += algorithm_len;
	put48(p + n, stamp.time_s);
	put16(p + n + 6, t->fudge);
	put16(p + n + 8, (unsigned)mac_len);
	memcpy(p + n + FIXED, t->mac, mac_len);
	n += FIXED + mac_len;
	put16(p + n, t->original_id);
	put16(p + n + 2, t->error);
	put16(p + n + 4, t->error == TSIG_BADTIME ? OTHER_TIME : 0);
	n += 6;
	if (t->error == TSIG_BADTIME) {
		put48(p + n, stamp.other_s);
		n += OTHER_TIME;
	}
	put16(p + start - 2, (unsigned)(n - start));
	return n;
}

size_t tsig_sign(struct tsig *t, uint8_t *p, size_t n, uint64_t now_s)
{
	/* RFC 8945 5.2.3: a BADTIME repeats the time it is about, and adds ours */
	struct stamp stamp = { t->error == TSIG_BADTIME ? t->time_s : now_s, now_s };
	bool sign = t->error == TSIG_OK || t->error == TSIG_BADTIME;
	uint8_t mac[TSIG_MAC_MAX];
	size_t mac_len = 0;

	if (t->fudge == 0)
		t->fudge = FUDGE_S;
	if (sign) {
		mac_len = make_mac(t, p, n, stamp, mac);
		if (mac_len == 0)
			return 0;
		memcpy(t->mac, mac, mac_len);
		t->mac_len = mac_len;
	}
	t->original_id = get16(p);
	put16(p + 10, get16(p + 10) + 1u);
	n += put_tsig(t, p + n, stamp, mac_len);
	t->later = true;
	return n;
}
