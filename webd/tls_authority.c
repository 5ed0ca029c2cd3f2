/* tls_authority.c -- a certificate authority of this box alone, and a leaf for its
 * domain.
 *
 * The authority may sign for the domain, localhost and loopback addresses only (name
 * constraints), so that trusting it trusts nothing else. Leaves last 90 days and are made
 * anew at start or reload when less than 30 are left; with each comes the list of those
 * that were revoked, which is empty, for programs that refuse a leaf without one. All
 * processes make them under one lock, each file beside its place and then moved there. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "webd/tls.h"

enum {
	DAY = 86400,
	AUTHORITY_DAYS = 3650,
	LEAF_DAYS = 90,
	RENEW_DAYS = 30,
};

struct pair {
	X509 *certificate;
	EVP_PKEY *key;
};

void tls_files_of(const char *state_dir, struct tls_files *ret)
{
	snprintf(ret->folder, sizeof(ret->folder), "%s/tls", state_dir);
	snprintf(ret->authority, sizeof(ret->authority), "%s/authority.pem", ret->folder);
	snprintf(ret->authority_key, sizeof(ret->authority_key), "%s/authority.key",
		 ret->folder);
	snprintf(ret->revoked, sizeof(ret->revoked), "%s/revoked.crl", ret->folder);
	snprintf(ret->leaf, sizeof(ret->leaf), "%s/leaf.pem", ret->folder);
	snprintf(ret->leaf_key, sizeof(ret->leaf_key), "%s/leaf.key", ret->folder);
}

static void pair_fini(struct pair *p)
{
	X509_free(p->certificate);
	EVP_PKEY_free(p->key);
	*p = (struct pair){ NULL, NULL };
}

/* ---- files ---- */

static bool read_pair(const char *certificate, const char *key, struct pair *ret)
{
	FILE *c = fopen(certificate, "re"), *k = fopen(key, "re");

	if (c != NULL)
		ret->certificate = PEM_read_X509(c, NULL, NULL, NULL);
	if (k != NULL)
		ret->key = PEM_read_PrivateKey(k, NULL, NULL, NULL);
	if (c != NULL)
		fclose(c);
	if (k != NULL)
		fclose(k);
	if (ret->certificate != NULL && ret->key != NULL &&
	    X509_check_private_key(ret->certificate, ret->key) == 1)
		return true;
	pair_fini(ret);
	return false;
}

/* What a file holds: what of these is not NULL. */
struct content {
	X509 *certificate, *issuer;
	EVP_PKEY *key;
	X509_CRL *revoked; /* as programs fetch it: not in PEM */
};

static bool write_content(FILE *f, const struct content *c)
{
	return (c->certificate == NULL || PEM_write_X509(f, c->certificate) == 1) &&
	       (c->issuer == NULL || PEM_write_X509(f, c->issuer) == 1) &&
	       (c->key == NULL ||
		PEM_write_PrivateKey(f, c->key, NULL, NULL, 0, NULL, NULL) == 1) &&
	       (c->revoked == NULL || i2d_X509_CRL_fp(f, c->revoked) == 1) &&
	       fflush(f) == 0 && fsync(fileno(f)) == 0;
}

static bool write_file(const char *path, const struct content *c)
{
	char beside[4300];
	int fd;
	FILE *f;
	bool ok;

	snprintf(beside, sizeof(beside), "%s.new", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		  c->key != NULL ? 0600 : 0644);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	ok = write_content(f, c);
	return fclose(f) == 0 && ok && rename(beside, path) == 0;
}

/* ---- certificates ---- */

static bool add_extension(X509 *c, X509V3_CTX *v3, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, v3, nid, value);
	bool ok = e != NULL && X509_add_ext(c, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

static bool set_serial(X509 *c)
{
	unsigned char bytes[16];
	BIGNUM *n;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and always as long */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(c)) != NULL;
	BN_free(n);
	return ok;
}

static bool set_name(X509 *c, const char *name)
{
	X509_NAME *n = X509_get_subject_name(c);

	return X509_NAME_add_entry_by_txt(n, "O", MBSTRING_UTF8,
					  (const unsigned char *)"Onebox", -1, -1,
					  0) == 1 &&
	       X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8,
					  (const unsigned char *)name, -1, -1, 0) == 1;
}

/* A new key and a certificate for it without extensions and signature. */
static bool begin_pair(struct pair *p, const char *name, int days)
{
	p->key = EVP_EC_gen("P-256");
	p->certificate = X509_new();
	return p->key != NULL && p->certificate != NULL &&
	       X509_set_version(p->certificate, X509_VERSION_3) == 1 &&
	       set_serial(p->certificate) && set_name(p->certificate, name) &&
	       X509_gmtime_adj(X509_getm_notBefore(p->certificate), -DAY) != NULL &&
	       X509_gmtime_adj(X509_getm_notAfter(p->certificate), (long)days * DAY) !=
		   NULL &&
	       X509_set_pubkey(p->certificate, p->key) == 1;
}

static bool finish_pair(struct pair *p, const struct pair *by, const char *const *values,
			const int *nids, size_t count)
{
	X509V3_CTX v3;

	X509V3_set_ctx(&v3, by->certificate, p->certificate, NULL, NULL, 0);
	if (X509_set_issuer_name(p->certificate,
				 X509_get_subject_name(by->certificate)) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!add_extension(p->certificate, &v3, nids[i], values[i]))
			return false;
	return X509_sign(p->certificate, by->key, EVP_sha256()) > 0;
}

/* "Onebox authority for foobar.com"; a name has 64 bytes at most. */
static void authority_name(const char *domain, char *ret, size_t size)
{
	snprintf(ret, size, "Onebox authority for %.40s", domain);
}

static bool make_authority(const struct tls_files *f, const char *domain, struct pair *p)
{
	char name[65], constraints[600];
	const char *values[] = { "critical,CA:TRUE,pathlen:0",
				 "critical,keyCertSign,cRLSign", "hash", constraints };
	const int nids[] = { NID_basic_constraints, NID_key_usage,
			     NID_subject_key_identifier, NID_name_constraints };

	authority_name(domain, name, sizeof(name));
	snprintf(constraints, sizeof(constraints),
		 "critical,permitted;DNS:%s,permitted;DNS:localhost,"
		 "permitted;IP:127.0.0.0/255.0.0.0,"
		 "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		 domain);
	return begin_pair(p, name, AUTHORITY_DAYS) &&
	       finish_pair(p, p, values, nids, 4) &&
	       write_file(f->authority_key, &(struct content){ .key = p->key }) &&
	       write_file(f->authority,
			  &(struct content){ .certificate = p->certificate });
}

/* RFC 5280 wants its number and who signed it. */
static bool name_list(X509_CRL *list, const struct pair *authority)
{
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509_EXTENSION *by;
	X509V3_CTX v3;
	bool ok;

	X509V3_set_ctx(&v3, authority->certificate, NULL, NULL, list, 0);
	by = X509V3_EXT_conf_nid(NULL, &v3, NID_authority_key_identifier, "keyid");
	ok = number != NULL && by != NULL &&
	     ASN1_INTEGER_set_int64(number, time(NULL)) == 1 &&
	     X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, 0) == 1 &&
	     X509_CRL_add_ext(list, by, -1) == 1;
	ASN1_INTEGER_free(number);
	X509_EXTENSION_free(by);
	return ok;
}

/* Nobody is on it: a leaf that fell into wrong hands is replaced with its authority. */
static bool make_revoked(const struct tls_files *f, const struct pair *authority)
{
	X509_CRL *list = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
	ASN1_TIME *next = X509_gmtime_adj(NULL, (long)LEAF_DAYS * DAY);
	X509_NAME *issuer = X509_get_subject_name(authority->certificate);
	bool ok = list != NULL && now != NULL && next != NULL &&
		  X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
		  X509_CRL_set_issuer_name(list, issuer) == 1 &&
		  X509_CRL_set1_lastUpdate(list, now) == 1 &&
		  X509_CRL_set1_nextUpdate(list, next) == 1 &&
		  name_list(list, authority) &&
		  X509_CRL_sign(list, authority->key, EVP_sha256()) > 0 &&
		  write_file(f->revoked, &(struct content){ .revoked = list });

	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	X509_CRL_free(list);
	return ok;
}

static bool make_leaf(const struct tls_files *f, const char *domain,
		      const struct pair *authority)
{
	struct pair p = { NULL, NULL };
	char name[65], names[1200], revoked[400];
	const char *values[] = { "critical,CA:FALSE",
				 "critical,digitalSignature",
				 "serverAuth",
				 "hash",
				 "keyid",
				 revoked,
				 names };
	const int nids[] = { NID_basic_constraints,
			     NID_key_usage,
			     NID_ext_key_usage,
			     NID_subject_key_identifier,
			     NID_authority_key_identifier,
			     NID_crl_distribution_points,
			     NID_subject_alt_name };
	bool ok;

	snprintf(name, sizeof(name), "%.60s", domain);
	snprintf(names, sizeof(names),
		 "DNS:%s,DNS:www.%s,DNS:localhost,IP:127.0.0.1,IP:::1", domain, domain);
	snprintf(revoked, sizeof(revoked), "URI:http://www.%s" TLS_REVOKED_PATH, domain);
	ok = begin_pair(&p, name, LEAF_DAYS) &&
	     finish_pair(&p, authority, values, nids, 7) && make_revoked(f, authority) &&
	     write_file(f->leaf_key, &(struct content){ .key = p.key }) &&
	     write_file(f->leaf, &(struct content){ .certificate = p.certificate,
						    .issuer = authority->certificate });
	pair_fini(&p);
	return ok;
}

/* ---- what is there already ---- */

static bool lasts(const X509 *c, int days)
{
	time_t then = time(NULL) + (time_t)days * DAY;

	return X509_cmp_time(X509_get0_notAfter(c), &then) > 0;
}

static bool is_authority_for(X509 *c, const char *domain)
{
	char name[65], is[65] = "";

	authority_name(domain, name, sizeof(name));
	X509_NAME_get_text_by_NID(X509_get_subject_name(c), NID_commonName, is,
				  sizeof(is));
	return strcmp(is, name) == 0 && lasts(c, LEAF_DAYS);
}

static bool leaf_is_good(const struct tls_files *f, const char *domain,
			 const struct pair *authority)
{
	struct pair p = { NULL, NULL };
	bool ok = read_pair(f->leaf, f->leaf_key, &p) &&
		  X509_check_host(p.certificate, domain, 0, 0, NULL) == 1 &&
		  X509_check_issued(authority->certificate, p.certificate) == X509_V_OK &&
		  lasts(p.certificate, RENEW_DAYS);

	pair_fini(&p);
	return ok;
}

static bool make_missing(const struct tls_files *f, const char *domain)
{
	struct pair authority = { NULL, NULL };
	bool ok = true;

	if (!read_pair(f->authority, f->authority_key, &authority) ||
	    !is_authority_for(authority.certificate, domain)) {
		pair_fini(&authority);
		ok = make_authority(f, domain, &authority);
		if (ok)
			log_info("tls_authority_made path=%s trust=\"browsers warn until "
				 "this file is imported as an authority; curl takes "
				 "--cacert\"",
				 f->authority);
	}
	if (ok && !leaf_is_good(f, domain, &authority)) {
		ok = make_leaf(f, domain, &authority);
		if (ok)
			log_info("tls_certificate_made path=%s days=%d", f->leaf,
				 LEAF_DAYS);
	}
	pair_fini(&authority);
	return ok;
}

bool tls_make_local(const struct tls_files *f, const char *domain, struct buf *why)
{
	char path[4300];
	int lock;
	bool ok;

	if (mkdir(f->folder, 0755) != 0 && errno != EEXIST) {
		buf_fmt(why, "the folder %s cannot be made: %s\n", f->folder,
			strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "%s/lock", f->folder);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX) != 0) {
		buf_fmt(why, "%s cannot be locked: %s\n", path, strerror(errno));
		if (lock >= 0)
			close(lock);
		return false;
	}
	errno = 0;
	ok = make_missing(f, domain);
	if (!ok)
		buf_fmt(why, "a certificate cannot be made in %s: %s\n", f->folder,
			errno != 0 ? strerror(errno) : "OpenSSL refuses the domain");
	close(lock);
	return ok;
}
