/* statements.c -- finding a statement by the name and signature that a caller gave. */
#include "dbproxy/statements.h"

enum { SLOTS = 4096 }; /* the generator allows a quarter of that */

static uint16_t slots[SLOTS]; /* index + 1, at the signature or after it */

void statements_init(void)
{
	for (size_t i = 0; i < statement_count; i++) {
		size_t at = statements[i].signature % SLOTS;

		while (slots[at] != 0)
			at = (at + 1) % SLOTS;
		slots[at] = (uint16_t)(i + 1);
	}
}

const struct statement *statement_find(struct str name, uint64_t signature)
{
	for (size_t at = signature % SLOTS; slots[at] != 0; at = (at + 1) % SLOTS) {
		const struct statement *s = &statements[slots[at] - 1];

		if (s->signature == signature && str_eq(str_of(s->name), name))
			return s;
	}
	return NULL;
}

bool statement_exists(struct str name)
{
	for (size_t i = 0; i < statement_count; i++)
		if (str_eq(str_of(statements[i].name), name))
			return true;
	return false;
}
