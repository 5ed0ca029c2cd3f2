/* str.c -- see str.h. */
#include "common/str.h"

#include <strings.h>

bool str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_cut(struct str *s, char at)
{
	const char *hit = s->n == 0 ? NULL : memchr(s->p, at, s->n);
	struct str before = *s;

	if (hit == NULL) {
		*s = (struct str){ NULL, 0 };
		return before;
	}
	before.n = (size_t)(hit - s->p);
	s->p = hit + 1;
	s->n -= before.n + 1;
	return before;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v;

	if (minus)
		s.p++, s.n--;
	if (!str_to_u64(s, &v) || v > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	*ret = (int64_t)(minus ? -v : v);
	return true;
}

unsigned str_distance(struct str a, struct str b)
{
	unsigned row[65];

	if (a.n > 64)
		a.n = 64;
	if (b.n > 64)
		b.n = 64;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned change = corner + (a.p[i - 1] != b.p[j - 1]);
			unsigned best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			corner = row[j];
			row[j] = change < best ? change : best;
		}
	}
	return row[b.n];
}

bool str_copy(char *ret, size_t size, struct str s)
{
	size_t n = s.n < size ? s.n : size - 1;

	if (n > 0)
		memcpy(ret, s.p, n);
	ret[n] = '\0';
	return n == s.n;
}
