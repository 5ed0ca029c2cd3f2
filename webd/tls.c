/* tls.c -- see tls.h: the server's context, from files that are checked before use. */
#include "webd/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "webd/h2o.h"

/* TLS 1.2: forward secrecy and authenticated encryption only. 1.3 has nothing else. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char groups[] = "X25519:P-256:P-384";

/* The first of those since ERR_clear_error: the others only say who was told. */
static const char *first_error(void)
{
	unsigned long e = ERR_peek_error();
	const char *reason = ERR_reason_error_string(e);

	return ERR_SYSTEM_ERROR(e) ? strerror(ERR_GET_REASON(e))
	       : reason != NULL    ? reason
				   : "unknown";
}

static bool load(SSL_CTX *ctx, const char *certificate, const char *key, struct buf *why)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1) {
		buf_fmt(why, "the certificate %s cannot be used: %s\n", certificate,
			first_error());
		return false;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1) {
		buf_fmt(why, "the key %s cannot be used with the certificate %s: %s\n",
			key, certificate, first_error());
		return false;
	}
	return true;
}

/* A ticket is good for the certificate that it was given under, and for no other
 * (CVE-2023-41337): the context's id is the certificate's hash. */
static bool set_session_id(SSL_CTX *ctx)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	unsigned n = sizeof(hash);

	return X509_digest(SSL_CTX_get0_certificate(ctx), EVP_sha256(), hash, &n) == 1 &&
	       SSL_CTX_set_session_id_context(ctx, hash, SSL_MAX_SID_CTX_LENGTH) == 1;
}

static bool configure(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets only */
	SSL_CTX_set_num_tickets(ctx, 1);
	h2o_ssl_register_alpn_protocols(ctx, h2o_alpn_protocols);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, ciphers) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

/* The two files to use. */
static bool choose(const struct conf *c, const char *state_dir, struct tls_files *f,
		   struct buf *why, int *ret_code)
{
	bool has_certificate = *c->webd_certificate != '\0',
	     has_key = *c->webd_key != '\0';

	if (has_certificate != has_key) {
		buf_fmt(why,
			"[webd] %s is set but %s is not; HTTPS needs both or neither\n",
			has_certificate ? "certificate" : "key",
			has_certificate ? "key" : "certificate");
		*ret_code = EXIT_CONFIG;
		return false;
	}
	tls_files_of(state_dir, f);
	if (has_key) {
		str_copy(f->leaf, sizeof(f->leaf), str_of(c->webd_certificate));
		str_copy(f->leaf_key, sizeof(f->leaf_key), str_of(c->webd_key));
		*ret_code = EXIT_CONFIG;
		return true;
	}
	*ret_code = EXIT_WRITE;
	return tls_make_local(f, c->domain, why);
}

SSL_CTX *tls_context(const struct conf *c, const char *state_dir,
		     struct tls_tickets *tickets, struct buf *why, int *ret_code)
{
	struct tls_files f;
	SSL_CTX *ctx;

	if (!choose(c, state_dir, &f, why, ret_code))
		return NULL;
	ctx = SSL_CTX_new(TLS_server_method());
	if (ctx != NULL && load(ctx, f.leaf, f.leaf_key, why)) {
		if (configure(ctx) && set_session_id(ctx)) {
			tls_tickets_attach(tickets, ctx);
			return ctx;
		}
		buf_fmt(why, "TLS cannot be set up: %s\n", first_error());
	}
	SSL_CTX_free(ctx);
	return NULL;
}
