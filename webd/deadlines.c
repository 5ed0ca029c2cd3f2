/* deadlines.c -- see deadlines.h. */
#include "webd/deadlines.h"

#include <string.h>

#include "common/conf_rows.h"

enum { LEAST_US = 1000, MOST_US = 600000000 };

/* "POST /api 10s" or "/api 10s" */
static bool parse_one(struct str one, struct deadline *ret)
{
	struct str rest = str_trim(one), first = str_cut(&rest, ' ');

	*ret = (struct deadline){ .us = 0 };
	if (first.n > 0 && first.p[0] != '/') {
		if (first.n >= sizeof(ret->method))
			return false;
		str_copy(ret->method, sizeof(ret->method), first);
		rest = str_trim(rest);
		first = str_cut(&rest, ' ');
	}
	while (first.n > 1 && first.p[first.n - 1] == '/')
		first.n--;
	if (first.n == 0 || first.p[0] != '/' || first.n >= sizeof(ret->prefix))
		return false;
	str_copy(ret->prefix, sizeof(ret->prefix), first);
	return conf_parse_number(TIME, str_trim(rest), &ret->us) && ret->us >= LEAST_US &&
	       ret->us <= MOST_US;
}

bool deadlines_parse(struct str text, struct deadlines *ret, struct str *ret_bad)
{
	struct str rest = str_trim(text);

	ret->count = 0;
	if (rest.n == 0)
		return true;
	while (rest.p != NULL) {
		struct str one = str_cut(&rest, ',');

		*ret_bad = one;
		if (ret->count == DEADLINES_MAX || !parse_one(one, &ret->at[ret->count]))
			return false;
		ret->count++;
	}
	return true;
}

/* How well it fits; 0: not at all. */
static size_t fit(const struct deadline *d, struct str method, struct str path)
{
	struct str prefix = str_of(d->prefix);

	if (*d->method != '\0' && !str_eq(str_of(d->method), method))
		return 0;
	if (!str_starts(path, prefix) ||
	    (prefix.n > 1 && path.n > prefix.n && path.p[prefix.n] != '/'))
		return 0;
	return prefix.n * 2 + (*d->method != '\0');
}

int64_t deadlines_find(const struct deadlines *d, struct str method, struct str path,
		       int64_t otherwise)
{
	size_t best = 0;

	for (size_t i = 0; i < d->count; i++) {
		size_t n = fit(&d->at[i], method, path);

		if (n > best) {
			best = n;
			otherwise = d->at[i].us;
		}
	}
	return otherwise;
}
