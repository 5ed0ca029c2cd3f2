/* position.c -- see position.h. */
#include "dbproxy/position.h"

struct gtid {
	uint64_t domain, sequence;
};

static bool parse(struct str s, struct gtid *ret)
{
	struct str domain = str_cut(&s, '-'), server = str_cut(&s, '-');
	uint64_t unused;

	return s.p != NULL && str_to_u64(domain, &ret->domain) &&
	       str_to_u64(server, &unused) && str_to_u64(s, &ret->sequence);
}

static bool has(struct str have, const struct gtid *want)
{
	struct gtid g;

	while (have.p != NULL) {
		struct str one = str_trim(str_cut(&have, ','));

		if (parse(one, &g) && g.domain == want->domain &&
		    g.sequence >= want->sequence)
			return true;
	}
	return false;
}

bool position_covers(struct str have, struct str want)
{
	struct gtid g;

	want = str_trim(want);
	if (want.n == 0)
		return true;
	while (want.p != NULL) {
		struct str one = str_trim(str_cut(&want, ','));

		if (!parse(one, &g) || !has(have, &g))
			return false;
	}
	return true;
}
