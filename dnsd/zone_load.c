/* zone_load.c -- see zone_load.h. Directives, owners, TTLs and classes are read here;
 * what follows the type is given to ldns one record at a time, but for SVCB and HTTPS. */
#include "dnsd/zone_load.h"

#include <errno.h>
#include <ldns/ldns.h>
#include <malloc.h>
#include <stdio.h>

#include "dnsd/rrtype.h"
#include "dnsd/svcb.h"
#include "dnsd/zone_text.h"

enum {
	DEPTH_MAX = 8,
	ERRORS_MAX = 20,
	FILE_LIMIT = 1 << 30,
	RDATA_TEXT = 65000, /* ldns cuts off what is over 65535, and says nothing */
	RDATA_MAX = 65535,
	HEAP_SPARE = 8 << 20,
};

struct loader {
	struct records *out;
	struct buf *errors;
	unsigned error_count;
	const char *folder; /* $INCLUDE stays inside it */
	size_t folder_len;
	uint8_t origin[NAME_WIRE], owner[NAME_WIRE];
	size_t origin_len, owner_len; /* owner_len 0: none yet */
	uint32_t ttl;
	bool has_ttl, ttl_is_default; /* from $TTL; else from the record before */
	unsigned depth;
	struct buf line; /* one record's text for ldns */
	uint8_t rdata[RDATA_MAX];
	const char *file;
	unsigned at_line;
};

static bool load_file(struct loader *l, const char *path, const char *called);

static bool complain(struct loader *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Always false, so that a check may end with it. */
static bool complain(struct loader *l, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (++l->error_count > ERRORS_MAX)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (l->at_line > 0)
		buf_fmt(l->errors, "%s:%u: %s\n", l->file, l->at_line, text);
	else
		buf_fmt(l->errors, "%s: %s\n", l->file, text);
	return false;
}

/* ---- directives ---- */

static bool set_origin(struct loader *l, const struct token *arg)
{
	uint8_t name[NAME_WIRE];
	size_t len;

	if (!zone_name(arg->s, l->origin, name, &len))
		return complain(l, "'%.*s' is no name", STR_ARG(arg->s));
	memcpy(l->origin, name, len);
	l->origin_len = len;
	return true;
}

static bool set_ttl(struct loader *l, const struct token *arg)
{
	if (!zone_ttl(arg->s, &l->ttl))
		return complain(l, "'%.*s' is no time; $TTL takes seconds or 1h30m",
				STR_ARG(arg->s));
	l->has_ttl = l->ttl_is_default = true;
	return true;
}

static bool is_outside(struct str path)
{
	if (path.n == 0 || path.p[0] == '/')
		return true;
	while (path.p != NULL)
		if (str_eq(str_cut(&path, '/'), STR("..")))
			return true;
	return false;
}

static bool include(struct loader *l, const struct token *args, size_t count)
{
	uint8_t origin[NAME_WIRE], owner[NAME_WIRE];
	size_t origin_len = l->origin_len, owner_len = l->owner_len;
	const char *file = l->file;
	unsigned line = l->at_line;
	char path[4200];
	bool ok;

	if (is_outside(args[0].s))
		return complain(l, "$INCLUDE '%.*s' leaves the zone's folder",
				STR_ARG(args[0].s));
	if (l->depth == DEPTH_MAX)
		return complain(l, "$INCLUDE is nested more than %d deep", DEPTH_MAX);
	if (snprintf(path, sizeof(path), "%.*s%.*s", (int)l->folder_len, l->folder,
		     STR_ARG(args[0].s)) >= (int)sizeof(path))
		return complain(l, "the path to include is too long");
	memcpy(origin, l->origin, origin_len);
	memcpy(owner, l->owner, owner_len);
	if (count > 1 && !set_origin(l, &args[1]))
		return false;
	ok = load_file(l, path, path);
	/* RFC 1035 5.1: what the included file sets does not reach the including one */
	memcpy(l->origin, origin, origin_len);
	memcpy(l->owner, owner, owner_len);
	l->origin_len = origin_len;
	l->owner_len = owner_len;
	l->file = file;
	l->at_line = line;
	return ok;
}

static bool directive(struct loader *l, const struct token *t, size_t count)
{
	struct str word = t[0].s;

	if (count < 2 || count > 3)
		return complain(l, "%.*s takes one value", STR_ARG(word));
	if (str_eq_nocase(word, STR("$INCLUDE")))
		return include(l, t + 1, count - 1);
	if (count == 2 && str_eq_nocase(word, STR("$ORIGIN")))
		return set_origin(l, &t[1]);
	if (count == 2 && str_eq_nocase(word, STR("$TTL")))
		return set_ttl(l, &t[1]);
	return complain(l,
			"'%.*s' is not understood here; $ORIGIN, $TTL and $INCLUDE are",
			STR_ARG(word));
}

/* ---- records ---- */

struct head {
	uint32_t ttl;
	bool has_ttl;
	struct str type;
	const struct token *rdata;
	size_t count;
};

/* [ttl] [class] type, where ttl and class may change places. */
static bool take_head(struct loader *l, const struct token *t, size_t count,
		      struct head *ret)
{
	bool has_class = false;

	*ret = (struct head){ 0 };
	for (; count > 0 && !t->quoted; t++, count--) {
		if (!ret->has_ttl && t->s.n > 0 && t->s.p[0] >= '0' && t->s.p[0] <= '9') {
			if (!zone_ttl(t->s, &ret->ttl))
				return complain(l, "'%.*s' is no TTL", STR_ARG(t->s));
			ret->has_ttl = true;
		} else if (!has_class && (str_eq_nocase(t->s, STR("IN")) ||
					  str_eq_nocase(t->s, STR("CLASS1")))) {
			has_class = true;
		} else if (str_eq_nocase(t->s, STR("CH")) ||
			   str_eq_nocase(t->s, STR("HS")) ||
			   str_eq_nocase(t->s, STR("CS"))) {
			return complain(l, "class %.*s; only IN is served",
					STR_ARG(t->s));
		} else {
			ret->type = t->s;
			ret->rdata = t + 1;
			ret->count = count - 1;
			return true;
		}
	}
	return complain(l, "a record without a type");
}

static bool find_type(struct str text, uint16_t *ret)
{
	char z[32];
	uint64_t n;

	if (!str_copy(z, sizeof(z), text))
		return false;
	if (text.n > 4 && str_eq_nocase((struct str){ text.p, 4 }, STR("TYPE"))) {
		if (!str_to_u64((struct str){ text.p + 4, text.n - 4 }, &n) || n > 65535)
			return false;
		*ret = (uint16_t)n;
		return n != 0;
	}
	*ret = (uint16_t)ldns_get_rr_type_by_name(z);
	return *ret != 0;
}

static bool hex_digit(char c, unsigned *ret)
{
	if (c >= '0' && c <= '9')
		*ret = (unsigned)(c - '0');
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		*ret = (unsigned)((c | 0x20) - 'a' + 10);
	else
		return false;
	return true;
}

/* RFC 3597: \# length hex... */
static bool take_generic(struct loader *l, const struct head *h, size_t *ret)
{
	uint64_t len;
	size_t n = 0;

	if (h->count < 2 || !str_to_u64(h->rdata[1].s, &len) || len > RDATA_MAX)
		return complain(l, "\\# takes a length up to 65535, then hex digits");
	for (size_t i = 2; i < h->count; i++) {
		struct str s = h->rdata[i].s;

		for (size_t k = 0; k < s.n; k++, n++) {
			unsigned v;

			if (!hex_digit(s.p[k], &v) || n / 2 >= len)
				return complain(l, "\\# %llu: '%.*s' does not fit",
						(unsigned long long)len, STR_ARG(s));
			l->rdata[n / 2] =
			    (uint8_t)(n % 2 == 0 ? v << 4 : l->rdata[n / 2] | v);
		}
	}
	if (n != 2 * len)
		return complain(l, "\\# %llu is followed by %zu hex digits, not %llu",
				(unsigned long long)len, n, (unsigned long long)len * 2);
	*ret = (size_t)len;
	return true;
}

static void put_tokens(struct buf *b, const struct head *h, uint16_t type)
{
	for (size_t i = 0; i < h->count; i++) {
		/* ldns takes the key of an IPSECKEY as one word only */
		if (type != RR_IPSECKEY || i < 5)
			buf_char(b, ' ');
		if (h->rdata[i].quoted)
			buf_char(b, '"');
		buf_str(b, h->rdata[i].s);
		if (h->rdata[i].quoted)
			buf_char(b, '"');
	}
}

static bool gather_rdata(struct loader *l, const ldns_rr *rr, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *f = ldns_rr_rdf(rr, i);
		size_t size = ldns_rdf_size(f);

		if (size > RDATA_MAX - n)
			return complain(l, "the record's data is over 65535 octets");
		if (size > 0)
			memcpy(l->rdata + n, ldns_rdf_data(f), size);
		n += size;
	}
	*ret = n;
	return true;
}

static bool take_with_ldns(struct loader *l, const struct head *h, uint16_t type,
			   size_t *ret)
{
	ldns_rdf *origin;
	ldns_rr *rr = NULL;
	ldns_status status;
	bool ok;

	buf_reset(&l->line);
	buf_fmt(&l->line, ". 0 IN %.*s", STR_ARG(h->type));
	put_tokens(&l->line, h, type);
	buf_char(&l->line, '\0');
	if (!buf_ok(&l->line))
		return complain(l, "the record's text is over %d octets", RDATA_TEXT);
	origin = ldns_rdf_new(LDNS_RDF_TYPE_DNAME, l->origin_len, l->origin);
	if (origin == NULL)
		return complain(l, "out of memory");
	status = ldns_rr_new_frm_str(&rr, l->line.p, 0, origin, NULL);
	ldns_rdf_free(origin); /* the rdf, not our bytes */
	if (status != LDNS_STATUS_OK)
		return complain(l, "%.*s: %s", STR_ARG(h->type),
				ldns_get_errorstr_by_id(status));
	ok = gather_rdata(l, rr, ret);
	ldns_rr_free(rr);
	return ok;
}

static bool take_svcb(struct loader *l, const struct head *h, size_t *ret)
{
	struct svcb s = { .origin = l->origin, .room = &l->line, .rdata = l->rdata };

	if (!svcb_read(&s, h->rdata, h->count))
		return complain(l, "%.*s: %s", STR_ARG(h->type), s.why);
	*ret = s.n;
	return true;
}

static bool take_rdata(struct loader *l, const struct head *h, uint16_t type, size_t *ret)
{
	struct rdata_name names[2];
	unsigned count;

	if (h->count > 0 && !h->rdata[0].quoted && str_eq(h->rdata[0].s, STR("\\#"))) {
		if (!take_generic(l, h, ret))
			return false;
	} else if (type == RR_SVCB || type == RR_HTTPS) {
		if (!take_svcb(l, h, ret))
			return false;
	} else if (!take_with_ldns(l, h, type, ret)) {
		return false;
	}
	if (!rrtype_names(type, l->rdata, *ret, names, &count))
		return complain(l, "these octets are no %.*s", STR_ARG(h->type));
	return true;
}

/* RFC 2308 4: the TTL written, else $TTL, else that of the record before; an SOA at the
 * very top may fall back on its own minimum. */
static bool choose_ttl(struct loader *l, struct head *h, uint16_t type, size_t rdlen)
{
	if (!h->has_ttl && l->has_ttl) {
		h->ttl = l->ttl;
	} else if (!h->has_ttl && type == RR_SOA && rdlen >= 4) {
		const uint8_t *p = &l->rdata[rdlen - 4];

		h->ttl = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			 (uint32_t)p[2] << 8 | p[3];
	} else if (!h->has_ttl) {
		return complain(l, "no TTL; write $TTL 1h above it");
	}
	if (!l->ttl_is_default) {
		l->ttl = h->ttl;
		l->has_ttl = true;
	}
	return true;
}

static bool record(struct loader *l, const struct token *t, size_t count)
{
	struct record r = { .file = l->file, .line = l->at_line };
	struct head h;
	size_t rdlen = 0;

	if (!take_head(l, t, count, &h))
		return false;
	if (!find_type(h.type, &r.type))
		return complain(l, "unknown record type '%.*s'", STR_ARG(h.type));
	if ((r.type >= 128 && r.type <= 255) || r.type == RR_OPT)
		return complain(l, "%.*s is for questions, not for zones",
				STR_ARG(h.type));
	if (l->owner_len == 0)
		return complain(l, "the first record has no name");
	if (!take_rdata(l, &h, r.type, &rdlen) || !choose_ttl(l, &h, r.type, rdlen))
		return false;
	r.owner = l->owner;
	r.owner_len = (uint8_t)l->owner_len;
	r.ttl = h.ttl;
	r.rdata = l->rdata;
	r.rdlen = (uint16_t)rdlen;
	if (!records_add(l->out, &r))
		return complain(l, "too many records, or out of memory");
	return true;
}

static bool entry(struct loader *l, const struct zone_text *t)
{
	const struct token *first = &t->tokens[0];
	size_t skip = t->starts_blank ? 0 : 1;

	l->at_line = t->entry_line;
	if (!t->starts_blank && !first->quoted && first->s.n > 0 && first->s.p[0] == '$')
		return directive(l, t->tokens, t->count);
	if (skip > 0 &&
	    (first->quoted || !zone_name(first->s, l->origin, l->owner, &l->owner_len)))
		return complain(l, "'%.*s' is no name", STR_ARG(first->s));
	return record(l, t->tokens + skip, t->count - skip);
}

/* ---- files ---- */

static bool read_file(struct loader *l, const char *path, struct buf *text)
{
	FILE *f = fopen(path, "re");
	size_t n = 0;
	char *room;

	if (f == NULL)
		return complain(l, "cannot be read: %s", strerror(errno));
	while ((room = buf_room(text, 64 << 10)) != NULL &&
	       (n = fread(room, 1, 64 << 10, f)) > 0)
		buf_took(text, n);
	if (ferror(f))
		complain(l, "cannot be read: %s", strerror(errno));
	else if (!buf_ok(text))
		complain(l, "is larger than %d octets", FILE_LIMIT);
	n = (size_t)ferror(f);
	fclose(f);
	return n == 0 && buf_ok(text);
}

static bool load_text(struct loader *l, struct str text)
{
	struct zone_text t;
	int more;

	if (str_starts(text, STR("\xef\xbb\xbf"))) { /* some editors begin so */
		text.p += 3;
		text.n -= 3;
	}
	zone_text_init(&t, text);
	while ((more = zone_text_next(&t)) > 0 && l->error_count <= ERRORS_MAX)
		entry(l, &t);
	l->at_line = t.entry_line;
	if (more < 0)
		complain(l, "%s", t.wrong);
	zone_text_fini(&t);
	return more == 0;
}

static bool begin_file(struct loader *l, const char *path)
{
	const uint8_t *kept = records_keep(l->out, path, strlen(path) + 1);

	if (kept == NULL)
		return complain(l, "out of memory");
	l->file = (const char *)kept;
	l->at_line = 0;
	return true;
}

/* called: how complaints name it. */
static bool load_file(struct loader *l, const char *path, const char *called)
{
	struct buf text;
	bool ok;

	if (!begin_file(l, called))
		return false;
	buf_init(&text, FILE_LIMIT);
	l->depth++;
	ok = read_file(l, path, &text) && load_text(l, buf_get(&text));
	l->depth--;
	buf_fini(&text);
	return ok;
}

static struct loader *loader_new(const char *path, const uint8_t *apex,
				 struct records *ret, struct buf *errors)
{
	struct loader *l = calloc(1, sizeof(*l));
	const char *slash = strrchr(path, '/');

	if (l == NULL) {
		buf_fmt(errors, "%s: out of memory\n", path);
		return NULL;
	}
	/* ldns takes and gives back some 64 KiB for each record: not from and to the
	 * system, each time */
	mallopt(M_TRIM_THRESHOLD, HEAP_SPARE);
	l->out = ret;
	l->errors = errors;
	l->folder = path;
	l->folder_len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	l->origin_len = name_length(apex, NAME_WIRE);
	memcpy(l->origin, apex, l->origin_len);
	buf_init(&l->line, RDATA_TEXT);
	return l;
}

static bool loader_end(struct loader *l, const char *path)
{
	bool ok = l->error_count == 0;

	if (l->error_count > ERRORS_MAX)
		buf_fmt(l->errors, "%s: and more\n", path);
	buf_fini(&l->line);
	free(l);
	return ok;
}

bool zone_load(const char *path, const uint8_t *apex, struct records *ret,
	       struct buf *errors)
{
	return zone_load_as(path, path, apex, ret, errors);
}

bool zone_load_as(const char *path, const char *called, const uint8_t *apex,
		  struct records *ret, struct buf *errors)
{
	struct loader *l = loader_new(called, apex, ret, errors);

	if (l == NULL)
		return false;
	load_file(l, path, called);
	return loader_end(l, called);
}

bool zone_load_text(struct str text, const char *path, const uint8_t *apex,
		    struct records *ret, struct buf *errors)
{
	struct loader *l = loader_new(path, apex, ret, errors);

	if (l == NULL)
		return false;
	if (begin_file(l, path))
		load_text(l, text);
	return loader_end(l, path);
}
