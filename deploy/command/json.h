/* json.h -- writes JSON: enough for what the commands print. */
#ifndef DEPLOY_COMMAND_JSON_H
#define DEPLOY_COMMAND_JSON_H

#include "common/buf.h"

struct json {
	struct buf text;
	bool first; /* nothing yet in what was opened last */
};

void json_init(struct json *j);
/* key NULL: inside a list, or the outermost. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *value);
void json_int(struct json *j, const char *key, int64_t value);
void json_int_or_null(struct json *j, const char *key, int64_t value, bool known);
void json_real(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
/* To stdout with a newline; ends it. */
void json_print(struct json *j);

#endif
