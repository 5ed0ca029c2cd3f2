/* messages.c -- see messages.h. */
#include "appd/messages.h"

#define MESSAGE(name, text) [MESSAGE_##name] = (text),
/* clang-format off */
const struct language languages[LANGUAGES] = {
	{ "en", "English", "ltr", {
#include "appd/messages/en.def"
	} },
	{ "pl", "Polski", "ltr", {
#include "appd/messages/pl.def"
	} },
	{ "ar", "العربية", "rtl", {
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

struct str message_sentence(const struct language *l, struct str english)
{
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		if (str_eq(english, str_of(languages[0].texts[i])))
			return str_of(l->texts[i]);
	return english;
}
