/* messages.h -- the words of the pages, in each language: one file for each under
 * messages/, with the same names. A name that does not exist does not compile, and
 * test_appd_messages says when one is missing.
 *
 * What takes an argument has {} for it. */
#ifndef APPD_MESSAGES_H
#define APPD_MESSAGES_H

#include "common/str.h"

enum message {
#define MESSAGE(name, text) MESSAGE_##name,
#include "appd/messages/en.def"
#undef MESSAGE
	MESSAGE_COUNT
};

enum { LANGUAGES = 3 };

struct language {
	const char *code, *name, *direction; /* "ar", in its own words, "rtl" */
	const char *texts[MESSAGE_COUNT];
};

extern const struct language languages[LANGUAGES];

/* By code; NULL: we do not speak it. */
const struct language *language_find(struct str code);
/* The first of an Accept-Language header that we speak; NULL: none. */
const struct language *language_accepted(struct str header);

static inline const char *message(const struct language *l, enum message m)
{
	return l->texts[m];
}

/* A sentence of the model, which speaks English, in this language. */
struct str message_sentence(const struct language *l, struct str english);

/* In templates, where f is the frame: T(sign_in). */
#define T(name) message(f->language, MESSAGE_##name)

#endif
