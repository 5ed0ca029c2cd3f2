/* messages.h -- the words of the pages, in each language: one file for each under
 * messages/, with the same names. A name that does not exist does not compile, and
 * test_appd_messages says when one is missing.
 *
 * What takes an argument has {} for it. If that is a number, {one|more} is the form that
 * goes with it, of as many as the language has, and # in a form is the number again. */
#ifndef APPD_MESSAGES_H
#define APPD_MESSAGES_H

#include "common/arena.h"

enum message {
#define MESSAGE(name, text) MESSAGE_##name,
#include "appd/messages/en.def"
#undef MESSAGE
	MESSAGE_COUNT
};

enum { LANGUAGES = 3, MESSAGE_SIZE = 300 };

struct language {
	const char *code, *name, *direction; /* "ar", in its own words, "rtl" */
	unsigned forms;                      /* that counted things have */
	unsigned (*form)(uint64_t n); /* the one for so many (CLDR's plural rules) */
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

/* A message with its number, into the caller's room. */
struct str message_fill(const struct language *l, const char *text, int64_t n,
			char room[MESSAGE_SIZE]);
/* The same for the model, which speaks English. */
struct str message_english(struct arena *a, enum message m, int64_t n);
/* A sentence of the model in this language; one with a number is made in the room. */
struct str message_sentence(const struct language *l, struct str english,
			    char room[MESSAGE_SIZE]);

/* In templates, where f is the frame: T(sign_in). */
#define T(name) message(f->language, MESSAGE_##name)

#endif
