/* zones.c -- see zones.h. What was written is remembered by a hash beside it, so that a
 * file edited by hand is told from our own and left alone. */
#include "deploy/supervisor/zones.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
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

static bool read_file(const char *path, struct buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	char *room;

	if (fd < 0)
		return false;
	while ((room = buf_room(ret, 4096)) != NULL && (n = read(fd, room, 4096)) > 0)
		buf_took(ret, (size_t)n);
	close(fd);
	return n == 0;
}

/* Complete or not at all: another name first, then renamed. */
static bool write_file(const char *path, struct str text)
{
	char temporary[PATH_MAX];
	int fd, n = snprintf(temporary, sizeof(temporary), "%s.new", path);
	bool ok;

	if (n < 0 || n >= PATH_MAX)
		return false;
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	ok = write(fd, text.p, text.n) == (ssize_t)text.n && fchmod(fd, 0644) == 0;
	close(fd);
	return ok && rename(temporary, path) == 0;
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

/* Was it written by us and not touched since? One that is not there counts as ours. */
static bool is_ours(const char *zone, const char *mark)
{
	struct buf text, said;
	char now[24];
	bool ours = true;

	buf_init(&text, ZONE_MAX);
	buf_init(&said, 64);
	if (read_file(zone, &text)) {
		snprintf(now, sizeof(now), "%016llx",
			 (unsigned long long)hash_of(buf_get(&text)));
		ours = read_file(mark, &said) &&
		       str_eq(str_trim(buf_get(&said)), str_of(now));
	}
	buf_fini(&text);
	buf_fini(&said);
	return ours;
}

static void write_zone(const char *zone, const char *mark, struct str text)
{
	char hash[24];

	snprintf(hash, sizeof(hash), "%016llx\n", (unsigned long long)hash_of(text));
	if (!write_file(mark, str_of(hash)) || !write_file(zone, text))
		refuse(EXIT_WRITE, "cannot write %s: %s", zone, strerror(errno));
}

static void check_address(const struct conf *c)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, c->address, &v4) != 1 && !is_v6(c->address))
		refuse(EXIT_CONFIG,
		       "[onebox] address: '%s' is not an IPv4 or IPv6 address",
		       c->address);
}

void zones_seed(struct super *s)
{
	const struct conf *c = s->conf;
	char pattern[PATH_MAX], zone[PATH_MAX], mark[PATH_MAX];
	struct buf from, text;

	check_address(c);
	if (*c->dnsd_zones != '\0')
		return;
	snprintf(pattern, sizeof(pattern), "%s/zones/" PATTERN_DOMAIN ".zone",
		 s->place.release);
	snprintf(zone, sizeof(zone), "%s/zones/%s.zone", s->place.state, c->domain);
	snprintf(mark, sizeof(mark), "%s/zones/.%s.seeded", s->place.state, c->domain);
	buf_init(&from, ZONE_MAX);
	buf_init(&text, ZONE_MAX);
	if (!read_file(pattern, &from)) {
		say("cannot read %s: %s", pattern, strerror(errno));
	} else if (!zones_fill_in(buf_get(&from), c->domain, c->address, &text)) {
		say("%s is too large", pattern);
	} else if (is_ours(zone, mark)) {
		write_zone(zone, mark, buf_get(&text));
	} else {
		say("%s was edited by hand and is left as it is; its www record may not "
		    "say "
		    "%s",
		    zone, c->address);
	}
	buf_fini(&from);
	buf_fini(&text);
}
