/* position.c -- see position.h. */
#include "dbproxy/position.h"

struct gtid {
	uint64_t domain, server, sequence;
};

static bool parse(struct str s, struct gtid *ret)
{
	struct str domain = str_cut(&s, '-'), server = str_cut(&s, '-');
	return s.p != NULL && str_to_u64(domain, &ret->domain) &&
	       str_to_u64(server, &ret->server) && str_to_u64(s, &ret->sequence);
}

static bool has(struct str have, const struct gtid *want, bool same_server)
{
	struct gtid g;

	while (have.p != NULL) {
		struct str one = str_trim(str_cut(&have, ','));

		if (parse(one, &g) && g.domain == want->domain &&
		    (!same_server || g.server == want->server) &&
		    g.sequence >= want->sequence)
			return true;
	}
	return false;
}

static bool has_all(struct str have, struct str want, bool same_server)
{
	struct gtid g;

	want = str_trim(want);
	if (want.n == 0)
		return true;
	while (want.p != NULL) {
		struct str one = str_trim(str_cut(&want, ','));

		if (!parse(one, &g) || !has(have, &g, same_server))
			return false;
	}
	return true;
}

bool position_covers(struct str have, struct str want)
{
	return has_all(have, want, false);
}

bool position_in_history(struct str position, struct str history)
{
	return has_all(history, position, true);
}
