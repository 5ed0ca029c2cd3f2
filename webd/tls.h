/* tls.h -- what HTTPS needs: a certificate, its key, and keys for session tickets.
 *
 * With [webd] certificate and key set, those are used. Otherwise a local authority and a
 * leaf for the domain are made once in <state>/tls/ (tls_authority.c). Everything is made
 * before it replaces anything; a swap loses no connection, because each keeps the context
 * that it began with. */
#ifndef WEBD_TLS_H
#define WEBD_TLS_H

#include <openssl/ssl.h>

#include "common/buf.h"
#include "common/conf.h"

struct tls_tickets;

/* A context for servers, or NULL with a sentence. *ret_code, if NULL, is the exit code
 * that fits. The tickets are borrowed for as long as it lives. */
SSL_CTX *tls_context(const struct conf *c, const char *state_dir,
		     struct tls_tickets *tickets, struct buf *why, int *ret_code);

/* ---- tls_authority.c ---- */

/* Where the leaf says that the list of revoked ones is to be had. */
#define TLS_REVOKED_PATH "/-/revoked.crl"

struct tls_files {
	char folder[4096];
	char authority[4200], authority_key[4200], leaf[4200], leaf_key[4200];
	char revoked[4200];
};
void tls_files_of(const char *state_dir, struct tls_files *ret);
/* Makes what is missing, for another domain, or about to expire. Any number of processes
 * may call it at once. False, with a sentence. */
bool tls_make_local(const struct tls_files *f, const char *domain, struct buf *why)
    __attribute__((warn_unused_result));

/* ---- tls_tickets.c ---- */

/* Keys in <run>/tls.tickets, shared by all instances and by those that replace them; a
 * new one each hour, the two before still taken. NULL with errno. */
struct tls_tickets *tls_tickets_new(const char *run_dir);
void tls_tickets_free(struct tls_tickets *t);
/* Reads what others wrote, and makes a new key when it is time. Now and then. */
void tls_tickets_refresh(struct tls_tickets *t);
void tls_tickets_attach(struct tls_tickets *t, SSL_CTX *ctx);

enum { TLS_TICKETS_REFRESH_US = 10000000 };

#endif
