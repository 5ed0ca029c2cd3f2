/* guard.c -- see guard.h: limits, the refusal under way, and the syntax checks that both
 * protocols share. */
#include "webd/guard.h"

#include <dlfcn.h>

#include "common/err.h"
#include "common/log.h"

/* The interposed functions are given no context; see guard.h. Of this thread. */
static _Thread_local struct guard_limits limits = {
	.head = 64 << 10,
	.target = 8 << 10,
	.body = 1 << 20,
	.fields = 100,
	.resets = 100,
};
static _Thread_local const struct guard_refusal *refusal;

void guard_set_limits(const struct guard_limits *l)
{
	limits = *l;
}

const struct guard_limits *guard_limits(void)
{
	return &limits;
}

void guard_refuse(const struct guard_refusal *r)
{
	refusal = r;
}

const struct guard_refusal *guard_refused(void)
{
	const struct guard_refusal *r = refusal;

	refusal = NULL;
	return r;
}

void *guard_real(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		fatal(EXIT_SYSTEM,
		      "libh2o_has_no function=%s remedy=\"install libh2o-evloop0.13 of "
		      "Debian 12\"",
		      name);
	return p;
}

enum { PATH = 1, QUERY = 2, TOKEN = 4, NAME = 8, HEX = 16 };

/* What each byte may stand in. Queries are given the few bytes that browsers send there
 * although RFC 3986 forbids them; quotes, angles and backslashes nowhere. */
static const uint8_t class_of[256] = {
	['!'] = PATH | QUERY | TOKEN,
	['#'] = TOKEN,
	['$'] = PATH | QUERY | TOKEN,
	['%'] = PATH | QUERY | TOKEN,
	['&'] = PATH | QUERY | TOKEN,
	['\''] = PATH | QUERY | TOKEN,
	['('] = PATH | QUERY,
	[')'] = PATH | QUERY,
	['*'] = PATH | QUERY | TOKEN,
	['+'] = PATH | QUERY | TOKEN,
	[','] = PATH | QUERY,
	['-'] = PATH | QUERY | TOKEN | NAME,
	['.'] = PATH | QUERY | TOKEN | NAME,
	['/'] = PATH | QUERY,
	['0' ... '9'] = PATH | QUERY | TOKEN | NAME | HEX,
	[':'] = PATH | QUERY,
	[';'] = PATH | QUERY,
	['='] = PATH | QUERY,
	['?'] = QUERY,
	['@'] = PATH | QUERY,
	['A' ... 'F'] = PATH | QUERY | TOKEN | NAME | HEX,
	['G' ... 'Z'] = PATH | QUERY | TOKEN | NAME,
	['['] = PATH | QUERY,
	[']'] = PATH | QUERY,
	['^'] = QUERY | TOKEN,
	['_'] = PATH | QUERY | TOKEN | NAME,
	['`'] = QUERY | TOKEN,
	['a' ... 'f'] = PATH | QUERY | TOKEN | NAME | HEX,
	['g' ... 'z'] = PATH | QUERY | TOKEN | NAME,
	['{'] = QUERY,
	['|'] = QUERY | TOKEN,
	['}'] = QUERY,
	['~'] = PATH | QUERY | TOKEN,
};

static bool is(char c, uint8_t class)
{
	return (class_of[(unsigned char)c] & class) != 0;
}

static bool all(struct str s, uint8_t class)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i], class))
			return false;
	return true;
}

/* %XX with two hex digits, and not the end of a C string. */
static bool escape_ok(struct str s, size_t at)
{
	return at + 2 < s.n && is(s.p[at + 1], HEX) && is(s.p[at + 2], HEX) &&
	       !(s.p[at + 1] == '0' && s.p[at + 2] == '0');
}

bool guard_target_ok(struct str target)
{
	struct str query = target, path = str_cut(&query, '?');

	if (str_eq(target, STR("*")))
		return true;
	if (target.n == 0 || target.p[0] != '/')
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (!is(path.p[i], PATH) || (path.p[i] == '%' && !escape_ok(path, i)))
			return false;
	return all(query, QUERY);
}

static bool port_ok(struct str port)
{
	uint64_t n;

	return port.n > 0 && port.n <= 5 && str_to_u64(port, &n) && n <= 65535;
}

bool guard_host_ok(struct str host)
{
	struct str rest = host, name;

	if (host.n == 0 || host.n > 255)
		return false;
	if (host.p[0] == '[') {
		name = str_cut(&rest, ']');
		name.p++, name.n--;
		if (rest.p == NULL || name.n < 2)
			return false;
		for (size_t i = 0; i < name.n; i++)
			if (!is(name.p[i], HEX) && name.p[i] != ':' && name.p[i] != '.')
				return false;
		return rest.n == 0 || (rest.p[0] == ':' &&
				       port_ok((struct str){ rest.p + 1, rest.n - 1 }));
	}
	name = str_cut(&rest, ':');
	return name.n > 0 && all(name, NAME) && (rest.p == NULL || port_ok(rest));
}

bool guard_token_ok(struct str token)
{
	return token.n > 0 && all(token, TOKEN);
}
