/* tls_tickets.c -- keys for session tickets (RFC 5077; TLS 1.3 uses them too), shared so
 * that a client resumes its session with whichever instance answers, now or after a roll.
 *
 * The file holds up to three keys, newest first, each with the time it was made. The
 * newest seals; all open. It lies in the run directory, 0700 and not kept over a reboot,
 * because whoever has it can read sessions of the last three hours. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "webd/tls.h"

enum { KEYS = 3, LASTS_S = 3600 };

struct key {
	int64_t made_s;
	unsigned char name[16], cipher[32], mac[32];
};

struct tls_tickets {
	char path[4200];
	pthread_rwlock_t lock; /* workers read the keys */
	struct key keys[KEYS];
	size_t count;
};

/* ---- the file ---- */

static int open_locked(const struct tls_tickets *t)
{
	int fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A file cut short or longer than it can be counts as none. */
static size_t read_keys(int fd, struct key keys[KEYS])
{
	ssize_t n = pread(fd, keys, KEYS * sizeof(*keys), 0);

	return n > 0 && (size_t)n % sizeof(*keys) == 0 ? (size_t)n / sizeof(*keys) : 0;
}

static bool is_fresh(const struct key *k)
{
	int64_t age = clock_wall_us() / 1000000 - k->made_s;

	return age >= 0 && age < LASTS_S;
}

static bool add_key(struct key keys[KEYS], size_t *count)
{
	struct key k = { .made_s = clock_wall_us() / 1000000 };

	if (RAND_bytes(k.name, sizeof(k.name)) != 1 ||
	    RAND_priv_bytes(k.cipher, sizeof(k.cipher)) != 1 ||
	    RAND_priv_bytes(k.mac, sizeof(k.mac)) != 1)
		return false;
	if (*count < KEYS)
		++*count;
	memmove(keys + 1, keys, (*count - 1) * sizeof(*keys));
	keys[0] = k;
	return true;
}

static bool write_keys(int fd, const struct key *keys, size_t count)
{
	return pwrite(fd, keys, count * sizeof(*keys), 0) ==
	       (ssize_t)(count * sizeof(*keys));
}

static bool refresh(struct tls_tickets *t)
{
	struct key keys[KEYS] = { { 0 } };
	int fd = open_locked(t);
	size_t count;
	bool ok = true;

	if (fd < 0)
		return false;
	count = read_keys(fd, keys);
	if (count == 0 || !is_fresh(&keys[0]))
		ok = add_key(keys, &count) && write_keys(fd, keys, count);
	close(fd);
	if (!ok)
		return false;
	pthread_rwlock_wrlock(&t->lock);
	memcpy(t->keys, keys, sizeof(keys));
	t->count = count;
	pthread_rwlock_unlock(&t->lock);
	OPENSSL_cleanse(keys, sizeof(keys));
	return true;
}

void tls_tickets_refresh(struct tls_tickets *t)
{
	if (!refresh(t)) /* the keys in memory stay in force */
		log_error("ticket_keys_not_read path=%s why=\"%s\"", t->path,
			  strerror(errno));
}

struct tls_tickets *tls_tickets_new(const char *run_dir)
{
	struct tls_tickets *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	pthread_rwlock_init(&t->lock, NULL);
	snprintf(t->path, sizeof(t->path), "%s/tls.tickets", run_dir);
	if (refresh(t))
		return t;
	tls_tickets_free(t);
	return NULL;
}

void tls_tickets_free(struct tls_tickets *t)
{
	if (t == NULL)
		return;
	pthread_rwlock_destroy(&t->lock);
	OPENSSL_cleanse(t->keys, sizeof(t->keys));
	free(t);
}

/* ---- OpenSSL's callback ---- */

/* -1: no such key. */
static int find_key(const struct tls_tickets *t, const unsigned char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (memcmp(t->keys[i].name, name, sizeof(t->keys[i].name)) == 0)
			return (int)i;
	return -1;
}

static bool set_mac(EVP_MAC_CTX *mac, const struct key *k)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)k->mac,
						  sizeof(k->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char[]){ "SHA256" }, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* 1: done; 2: done, and give the client a newer ticket; 0: do without; -1: failed. */
static int use_key(const struct tls_tickets *t, unsigned char *name, unsigned char *iv,
		   EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool seal)
{
	int at = seal ? 0 : find_key(t, name);
	const struct key *k = &t->keys[at < 0 ? 0 : at];

	if (at < 0 || t->count == 0)
		return 0;
	if (seal) {
		if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1)
			return -1;
		memcpy(name, k->name, sizeof(k->name));
	}
	if (!set_mac(mac, k) ||
	    EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, k->cipher, iv, seal) != 1)
		return -1;
	return at > 0 ? 2 : 1;
}

/* The context's application data is the tickets; see tls_tickets_attach. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
		     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	struct tls_tickets *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	int ret;

	pthread_rwlock_rdlock(&t->lock);
	ret = use_key(t, name, iv, cipher, mac, seal != 0);
	pthread_rwlock_unlock(&t->lock);
	return ret;
}

void tls_tickets_attach(struct tls_tickets *t, SSL_CTX *ctx)
{
	SSL_CTX_set_app_data(ctx, t);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}
