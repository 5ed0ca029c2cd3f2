/* json.h -- writing JSON straight into a buffer; the comma is put where it belongs.
 *
 *     json_open(j, '{'); json_key(j, "slug"); json_str(j, slug); json_close(j, '}');
 *
 * Strings must be valid UTF-8, which everything in the database and in a request is. */
#ifndef APPD_JSON_H
#define APPD_JSON_H

#include "common/buf.h"

struct json {
	struct buf *out;
	bool comma; /* the next value or key needs one before it */
};

static inline struct json json_of(struct buf *out)
{
	return (struct json){ out, false };
}

void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);
/* The key of the value that follows; a word of ours, not escaped. */
void json_key(struct json *j, const char *key);
/* The same of any text. */
void json_str_key(struct json *j, struct str key);

void json_str(struct json *j, struct str s); /* p == NULL: null */
void json_text(struct json *j, const char *z);
/* Without what turns the direction of other words. */
void json_plain(struct json *j, struct str s);
/* Two texts of ours as one. */
void json_join(struct json *j, const char *a, const char *b);
void json_int(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);

#endif
