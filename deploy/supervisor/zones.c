/* zones.c -- see zones.h. What was written is remembered by a hash beside it, so that a
 * file edited by hand is told from our own and left alone. */
#include "deploy/supervisor/zones.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include "deploy/supervisor/files.h"
#include "deploy/supervisor/say.h"

#define PATTERN_DOMAIN  "foobar.com"
#define PATTERN_ADDRESS "8.8.8.8"

enum { ZONE_MAX = 1 << 20 };

static uint64_t hash_of(struct str s)
{
	uint64_t h = 14695981039346656037U;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
	return h;
}

static bool is_v6(const char *address)
{
	struct in6_addr a;

	return inet_pton(AF_INET6, address, &a) == 1;
}

/* "A" of the address record becomes "AAAA" when the address is of the other kind. */
static void fix_type(struct buf *b)
{
	size_t at = b->n;

	while (at > 0 && (b->p[at - 1] == ' ' || b->p[at - 1] == '\t'))
		at--;
	if (at > 1 && b->p[at - 1] == 'A' &&
	    (b->p[at - 2] == ' ' || b->p[at - 2] == '\t')) {
		b->n = at;
		buf_text(b, "AAA ");
	}
}

bool zones_fill_in(struct str pattern, const char *domain, const char *address,
		   struct buf *ret)
{
	bool v6 = is_v6(address);

	for (size_t i = 0; i < pattern.n;) {
		struct str rest = { pattern.p + i, pattern.n - i };

		if (str_starts(rest, STR(PATTERN_ADDRESS))) {
			if (v6)
				fix_type(ret);
			buf_text(ret, address);
			i += sizeof(PATTERN_ADDRESS) - 1;
		} else if (str_starts(rest, STR(PATTERN_DOMAIN))) {
			buf_text(ret, domain);
			i += sizeof(PATTERN_DOMAIN) - 1;
		} else {
			buf_char(ret, pattern.p[i++]);
		}
	}
	return buf_ok(ret);
}

/* Is that the text that we wrote last? */
static bool is_marked(const char *mark, struct str text)
{
	struct buf said;
	char now[24];
	bool same;

	buf_init(&said, 8192);
	snprintf(now, sizeof(now), "%016llx", (unsigned long long)hash_of(text));
	same = files_read(mark, &said) && str_eq(str_trim(buf_get(&said)), str_of(now));
	buf_fini(&said);
	return same;
}

/* Was it written by us and not touched since? One that is not there counts as ours. */
static bool is_ours(const char *zone, const char *mark)
{
	struct buf text;
	bool ours;

	buf_init(&text, ZONE_MAX);
	errno = 0;
	if (files_read(zone, &text))
		ours = is_marked(mark, buf_get(&text));
	else
		ours = errno == ENOENT; /* one that cannot be read, or is large, is not */
	buf_fini(&text);
	return ours;
}

/* Only if it is another: a full disk is no reason against what changes nothing. */
static bool write_zone(const char *zone, const char *mark, struct str text)
{
	char hash[24];

	if (is_marked(mark, text) && access(zone, F_OK) == 0)
		return true;
	snprintf(hash, sizeof(hash), "%016llx\n", (unsigned long long)hash_of(text));
	return files_write(mark, str_of(hash), 0644, (gid_t)-1) &&
	       files_write(zone, text, 0644, (gid_t)-1);
}

static bool is_address(const char *text)
{
	struct in_addr v4;

	return inet_pton(AF_INET, text, &v4) == 1 || is_v6(text);
}

/* False, with a sentence in why. */
static bool seed(const struct super *s, const struct conf *c, struct buf *text,
		 struct buf *why)
{
	char pattern[PATH_MAX], zone[PATH_MAX], mark[PATH_MAX];
	struct buf from;

	snprintf(pattern, sizeof(pattern), "%s/zones/" PATTERN_DOMAIN ".zone",
		 super_crew((struct super *)(uintptr_t)s, STR("dnsd"))->release);
	snprintf(zone, sizeof(zone), "%s/zones/%s.zone", s->place.state, c->domain);
	snprintf(mark, sizeof(mark), "%s/zones/.%s.seeded", s->place.state, c->domain);
	buf_init(&from, ZONE_MAX);
	if (!files_read(pattern, &from))
		buf_fmt(why, "cannot read %s: %s\n", pattern, strerror(errno));
	else if (!zones_fill_in(buf_get(&from), c->domain, c->address, text))
		buf_fmt(why, "%s is too large\n", pattern);
	else if (!is_ours(zone, mark)) {
		/* made one's own: news only when other things are asked for than then */
		if (!is_marked(mark, buf_get(text)))
			say("%s was edited by hand and is left as it is; its www record "
			    "may not say %s",
			    zone, c->address);
	} else if (!write_zone(zone, mark, buf_get(text)))
		buf_fmt(why, "cannot write %s: %s\n", zone, strerror(errno));
	buf_fini(&from);
	return why->n == 0;
}

bool zones_seed(const struct super *s, const struct conf *c, struct buf *why)
{
	struct buf text;
	bool ok;

	if (!is_address(c->address)) {
		buf_fmt(why, "[onebox] address: '%s' is not an IPv4 or IPv6 address\n",
			c->address);
		return false;
	}
	if (*c->dnsd_zones != '\0' || c->dnsd_instances == 0)
		return true;
	buf_init(&text, ZONE_MAX);
	ok = seed(s, c, &text, why);
	buf_fini(&text);
	return ok;
}
