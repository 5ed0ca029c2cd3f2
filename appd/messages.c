/* messages.c -- see messages.h. */
#include "appd/messages.h"

#include "common/buf.h"

/* ---- how many: one, two, a few ---- */

static unsigned form_en(uint64_t n)
{
	return n != 1;
}

static unsigned form_pl(uint64_t n)
{
	uint64_t ten = n % 10, hundred = n % 100;

	if (n == 1)
		return 0;
	return ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14) ? 1 : 2;
}

static unsigned form_ar(uint64_t n)
{
	uint64_t hundred = n % 100;

	if (n <= 2)
		return (unsigned)n;
	return hundred < 3 ? 5 : hundred <= 10 ? 3 : 4;
}

/* ---- the languages ---- */

#define MESSAGE(name, text) [MESSAGE_##name] = (text),
/* clang-format off */
const struct language languages[LANGUAGES] = {
	{ "en", "English", "ltr", 2, form_en, {
#include "appd/messages/en.def"
	} },
	{ "pl", "Polski", "ltr", 3, form_pl, {
#include "appd/messages/pl.def"
	} },
	{ "ar", "العربية", "rtl", 6, form_ar, {
#include "appd/messages/ar.def"
	} },
};
/* clang-format on */
#undef MESSAGE

const struct language *language_find(struct str code)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (str_eq_nocase(code, str_of(languages[i].code)))
			return &languages[i];
	return NULL;
}

/* Browsers send them best first; the weights say the same again. */
const struct language *language_accepted(struct str header)
{
	while (header.p != NULL) {
		struct str item = str_trim(str_cut(&header, ','));
		struct str tag = str_cut(&item, ';'), rest = tag;
		const struct language *l = language_find(str_trim(str_cut(&rest, '-')));

		if (l != NULL)
			return l;
	}
	return NULL;
}

/* ---- sentences with a number ---- */

struct room {
	char *p;
	size_t n;
};

static void put(struct room *r, struct str s)
{
	size_t n = s.n < MESSAGE_SIZE - r->n ? s.n : MESSAGE_SIZE - r->n;

	memcpy(r->p + r->n, s.p, n);
	r->n += n;
}

static void put_number(struct room *r, int64_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)n);
	put(r, str_of(digits));
}

static void put_form(struct room *r, const struct language *l, struct str forms,
		     int64_t n)
{
	unsigned skip = l->form(n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
	struct str form = str_cut(&forms, '|');

	while (skip-- > 0 && forms.p != NULL)
		form = str_cut(&forms, '|');
	while (form.p != NULL) {
		put(r, str_cut(&form, '#'));
		if (form.p != NULL)
			put_number(r, n);
	}
}

struct str message_fill(const struct language *l, const char *text, int64_t n,
			char room[MESSAGE_SIZE])
{
	struct str rest = str_of(text);
	struct room r = { room, 0 };

	while (rest.p != NULL) {
		struct str hole;

		put(&r, str_cut(&rest, '{'));
		if (rest.p == NULL)
			break;
		hole = str_cut(&rest, '}');
		if (hole.n == 0)
			put_number(&r, n);
		else
			put_form(&r, l, hole, n);
	}
	return (struct str){ room, r.n };
}

struct str message_english(struct arena *a, enum message m, int64_t n)
{
	char room[MESSAGE_SIZE];

	return arena_str(a,
			 message_fill(&languages[0], message(&languages[0], m), n, room));
}

/* The first number in it. */
static int64_t number_in(struct str s)
{
	int64_t n = 0;
	size_t i = 0;

	while (i < s.n && (s.p[i] < '0' || s.p[i] > '9'))
		i++;
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && n < INT64_MAX / 20; i++)
		n = 10 * n + (s.p[i] - '0');
	return n;
}

struct str message_sentence(const struct language *l, struct str english,
			    char room[MESSAGE_SIZE])
{
	int64_t n = number_in(english);

	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		const char *text = languages[0].texts[i];

		if (str_eq(english, message_fill(&languages[0], text, n, room)))
			return message_fill(l, l->texts[i], n, room);
	}
	return english;
}
