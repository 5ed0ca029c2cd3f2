/* conf_rows.h -- private to the configuration: the table of options and the values in it.
 *
 *     conf.c        reading a file and --set, complaining
 *     conf_value.c  numbers with units
 *     conf_text.c   texts that have a grammar
 *     conf_print.c  what is in force, and the sample file */
#ifndef COMMON_CONF_ROWS_H
#define COMMON_CONF_ROWS_H

#include <stddef.h>

#include "common/arena.h"
#include "common/conf.h"

enum conf_type {
	BOOL,
	INT,
	SIZE,
	TIME,
	TEXT, /* and kinds of it: */
	DOMAIN,
	ADDRESS,
	ADDRESSES,
	NETWORKS,
	NAME,
	LEVEL,
};

struct conf_row {
	enum conf_type type;
	bool named;
	const char *section, *key, *def;
	int64_t min, max;
	const char *help;
	size_t offset; /* in struct conf; of a named row unused */
};

enum {
	CONF_ROWS = 0
#define OPT(field, type, section, key, def, min, max, help) +1
#define NAMED(type, section, key, def, min, max, help)      +1
#include "common/conf.def"
#undef OPT
#undef NAMED
};
extern const struct conf_row conf_rows[CONF_ROWS];

union conf_value {
	int64_t i;
	const char *text;
};

struct conf_named {
	struct conf_named *next;
	const char *section, *name;
	unsigned line;
	union conf_value values[CONF_ROWS];
	const char *origins[CONF_ROWS]; /* NULL: default */
};

struct conf_hidden {
	struct arena arena;
	const char *origins[CONF_ROWS];
	struct conf_named *named, **named_end;
};

bool conf_parse_number(enum conf_type type, struct str v, int64_t *ret)
    __attribute__((warn_unused_result));
void conf_print_number(FILE *to, enum conf_type type, int64_t v);
static inline bool conf_is_text(enum conf_type type)
{
	return type >= TEXT;
}
/* Of a kind of text: does it keep to its grammar? */
bool conf_text_right(enum conf_type type, struct str v);
/* May a [section NAME] be called so? */
bool conf_name_right(struct str section, struct str name);
/* "a size such as 64k", for complaints. */
const char *conf_type_wanted(enum conf_type type);

#endif
