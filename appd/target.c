/* target.c -- see target.h. */
#include "appd/target.h"

#include "appd/utf8.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(struct arena *a, struct str raw, bool form, struct str *ret)
{
	char *to = arena_take(a, raw.n + 1);
	size_t n = 0;

	if (to == NULL)
		return false;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '%') {
			int high = i + 2 < raw.n ? hex_digit(raw.p[i + 1]) : -1;
			int low = i + 2 < raw.n ? hex_digit(raw.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		to[n++] = c;
	}
	*ret = (struct str){ to, n };
	return utf8_is_valid(*ret) && !utf8_has_control(*ret, form);
}

bool pairs_parse(struct arena *a, struct str raw, struct pairs *ret)
{
	struct pair *at;

	*ret = (struct pairs){ NULL, 0 };
	if (raw.n == 0)
		return true;
	at = arena_array(a, TARGET_PAIRS_MAX, sizeof(*at));
	if (at == NULL)
		return false;
	ret->at = at;
	while (raw.p != NULL) {
		struct str value = str_cut(&raw, '&'), name = str_cut(&value, '=');

		if (name.n == 0)
			continue;
		if (ret->count == TARGET_PAIRS_MAX ||
		    !decode(a, name, true, &at[ret->count].name) ||
		    !decode(a, value, true, &at[ret->count].value))
			return false;
		ret->count++;
	}
	return true;
}

struct str pairs_find(const struct pairs *p, struct str name)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_eq(p->at[i].name, name))
			return p->at[i].value;
	return (struct str){ NULL, 0 };
}

static enum target_result parse_path(struct arena *a, struct target *t)
{
	struct str rest = t->raw_path;

	if (rest.n == 0 || rest.p[0] != '/')
		return TARGET_BAD;
	rest.p++, rest.n--;
	while (rest.p != NULL && rest.n > 0) {
		struct str segment = str_cut(&rest, '/');

		if (t->count == TARGET_SEGMENTS_MAX)
			return TARGET_DEEP;
		if (!decode(a, segment, false, &t->segments[t->count++]))
			return TARGET_BAD;
	}
	t->slash = t->count > 0 && t->raw_path.p[t->raw_path.n - 1] == '/';
	return TARGET_OK;
}

enum target_result target_parse(struct arena *a, struct str raw, struct target *ret)
{
	enum target_result result;

	*ret = (struct target){ .raw_query = raw };
	if (raw.n > TARGET_MAX)
		return TARGET_BAD;
	ret->raw_path = str_cut(&ret->raw_query, '?');
	result = parse_path(a, ret);
	if (result != TARGET_OK)
		return result;
	return pairs_parse(a, ret->raw_query, &ret->query) ? TARGET_OK : TARGET_BAD;
}
