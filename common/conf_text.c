/* conf_text.c -- texts that have a grammar: names of domains and others, addresses. What
 * is wrong with one is told when the configuration is read, by whoever reads it, and not
 * first by the daemon that trips over it. */
#include "common/conf_rows.h"

#include <arpa/inet.h>

#include "common/log.h"

enum { LABEL_MAX = 63, DOMAIN_MAX = 253 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_among(struct str s, const char *others)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && strchr(others, s.p[i]) == NULL)
			return false;
	return s.n > 0;
}

/* others: what may stand in a label beside letters and digits. */
static bool is_domain(struct str s, const char *others)
{
	if (s.n == 0 || s.n > DOMAIN_MAX)
		return false;
	for (struct str rest = s; rest.p != NULL;) {
		struct str label = str_cut(&rest, '.');

		if (label.n > LABEL_MAX || !all_among(label, others) ||
		    label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
	}
	return true;
}

static bool is_address(struct str s)
{
	unsigned char bytes[16];
	char z[64];

	return str_copy(z, sizeof(z), s) &&
	       (inet_pton(AF_INET, z, bytes) == 1 || inet_pton(AF_INET6, z, bytes) == 1);
}

static bool is_network(struct str s)
{
	struct str bits = s, address = str_cut(&bits, '/');
	unsigned most = memchr(address.p, ':', address.n) != NULL ? 128 : 32;
	uint64_t n;

	return is_address(address) &&
	       (bits.p == NULL || (str_to_u64(bits, &n) && n <= most));
}

static bool are_all(struct str list, bool (*is_one)(struct str))
{
	while (list.p != NULL)
		if (!is_one(str_trim(str_cut(&list, ','))))
			return false;
	return true;
}

static bool is_level(struct str s)
{
	enum log_level level;

	return log_level_parse(s, &level);
}

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

bool conf_text_right(enum conf_type type, struct str v)
{
	switch (type) {
	case DOMAIN:
		return is_domain(v, "-_");
	case ADDRESS:
		return is_address(v);
	case ADDRESSES:
		return are_all(v, is_address);
	case NETWORKS:
		return v.n == 0 || are_all(v, is_network);
	case NAME:
		return all_among(v, "-_$");
	case LEVEL:
		return is_level(v);
	default:
		return is_printable(v);
	}
}

/* Of a zone also 0/25.2.0.192.in-addr.arpa (RFC 2317), the root, a dot at the end. */
bool conf_name_right(struct str section, struct str name)
{
	if (str_eq(section, STR("server")))
		return all_among(name, "-_.");
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	return str_eq(name, STR(".")) || is_domain(name, "-_/\\*");
}
