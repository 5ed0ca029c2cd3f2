/* conf_value.c -- the table of options, and its values as text. */
#include "common/conf_rows.h"

const struct conf_row conf_rows[CONF_ROWS] = {
#define OPT(field, type, section, key, def, min, max, help)                              \
	{ type, false, section, key, def, min, max, help, offsetof(struct conf, field) },
#include "common/conf.def"
#undef OPT
#define NAMED(type, section, key, def, min, max, help)                                   \
	{ type, true, section, key, def, min, max, help, 0 },
#include "common/conf.def"
#undef NAMED
};
static bool parse_unit(struct str v, const char *const *units, const int64_t *factors,
		       int64_t *ret)
{
	size_t digits = 0;
	struct str unit;
	uint64_t n;

	while (digits < v.n && v.p[digits] >= '0' && v.p[digits] <= '9')
		digits++;
	unit = (struct str){ v.p + digits, v.n - digits };
	if (!str_to_u64((struct str){ v.p, digits }, &n) || n > INT64_MAX)
		return false;
	for (size_t i = 0; units[i] != NULL; i++)
		if (str_eq(unit, str_of(units[i])))
			return !__builtin_mul_overflow((int64_t)n, factors[i], ret);
	return false;
}

bool conf_parse_number(enum conf_type type, struct str v, int64_t *ret)
{
	static const char *const sizes[] = { "", "k", "m", "g", NULL };
	static const int64_t size_factors[] = { 1, 1 << 10, 1 << 20, 1 << 30 };
	static const char *const times[] = { "us", "ms", "s", "min", "h", "d", NULL };
	static const int64_t time_factors[] = { 1,        1000,       1000000,
						60000000, 3600000000, 86400000000 };

	switch (type) {
	case BOOL:
		*ret = str_eq(v, STR("yes"));
		return *ret || str_eq(v, STR("no"));
	case INT:
		return str_to_i64(v, ret);
	case SIZE:
		return parse_unit(v, sizes, size_factors, ret);
	case TIME:
		if (str_eq(v, STR("0"))) {
			*ret = 0;
			return true;
		}
		return parse_unit(v, times, time_factors, ret);
	default:
		break;
	}
	return false;
}

const char *conf_type_wanted(enum conf_type type)
{
	switch (type) {
	case BOOL:
		return "yes or no";
	case INT:
		return "a whole number";
	case SIZE:
		return "a size such as 64k, 10m or 1g";
	case TIME:
		return "a time with its unit, such as 500ms, 30s, 5min or 1h";
	case DOMAIN:
		return "a domain name such as foobar.com (letters, digits and - between "
		       "dots; other letters as xn--...)";
	case ADDRESS:
		return "an IPv4 or IPv6 address";
	case ADDRESSES:
		return "IPv4 or IPv6 addresses with commas";
	case NETWORKS:
		return "addresses and networks such as 10.0.0.0/8 with commas";
	case NAME:
		return "a name of letters, digits, - and _";
	case LEVEL:
		return "error, warn, info or debug";
	case TEXT:
		break;
	}
	return "one line of text";
}

void conf_print_number(FILE *to, enum conf_type type, int64_t v)
{
	static const struct {
		int64_t factor;
		const char *unit;
	} times[] = { { 86400000000, "d" }, { 3600000000, "h" }, { 60000000, "min" },
		      { 1000000, "s" },     { 1000, "ms" },      { 1, "us" } },
	  sizes[] = { { 1 << 30, "g" }, { 1 << 20, "m" }, { 1 << 10, "k" }, { 1, "" } };
	size_t i = 0;

	if (type == BOOL) {
		fputs(v ? "yes" : "no", to);
	} else if (type == TIME && v != 0) {
		while (v % times[i].factor != 0)
			i++;
		fprintf(to, "%lld%s", (long long)(v / times[i].factor), times[i].unit);
	} else if (type == SIZE && v != 0) {
		while (v % sizes[i].factor != 0)
			i++;
		fprintf(to, "%lld%s", (long long)(v / sizes[i].factor), sizes[i].unit);
	} else {
		fprintf(to, "%lld", (long long)v);
	}
}
