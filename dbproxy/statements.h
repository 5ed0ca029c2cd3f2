/* statements.h -- the statements and the schema, as dbproxy/sql/generate.c made them of
 * the files in dbproxy/sql/. Read-only tables compiled into the program. */
#ifndef DBPROXY_STATEMENTS_H
#define DBPROXY_STATEMENTS_H

#include "common/str.h"

enum statement_type {
	TYPE_INT,
	TYPE_FLOAT,
	TYPE_BOOL,
	TYPE_TEXT,
	TYPE_BYTES,
	TYPE_TIME, /* microseconds since 1970 on the wire, DATETIME in the database */
};

struct statement_field {
	const char *name;
	enum statement_type type;
	bool null; /* it may be */
};

struct statement {
	const char *name, *sql, *file;
	const char *explain; /* the SQL with a sample of each value in it */
	int line;
	uint64_t signature; /* of the name, parameters and row: not of the SQL */
	bool write;
	bool scan; /* reading a whole table is meant */
	bool each; /* read in pieces: the last two parameters are after and limit */
	const struct statement_field *params, *columns;
	unsigned param_count, column_count;
	const uint8_t *binds; /* the n-th ? of the SQL is params[binds[n]] */
	unsigned bind_count;
};

extern const struct statement statements[];
extern const size_t statement_count;

/* Once, before the first look-up. */
void statements_init(void);
/* NULL: there is none with this name and this signature. */
const struct statement *statement_find(struct str name, uint64_t signature);
/* With another signature, then. */
bool statement_exists(struct str name);

/* One file of dbproxy/sql/migrations/; number is its place, from 1. */
struct migration_step {
	int line;
	const char *sql; /* NULL ends the steps */
};

struct migration {
	unsigned number;
	const char *file;
	const struct migration_step *steps;
	uint64_t checksum; /* of the SQL without comments and layout */
};

extern const struct migration migrations[];
extern const size_t migration_count;

#endif
