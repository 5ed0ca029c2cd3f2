/* json.c -- see json.h. */
#include "deploy/command/json.h"

enum { TEXT_MAX = 4 << 20 };

void json_init(struct json *j)
{
	buf_init(&j->text, TEXT_MAX);
	j->first = true;
}

static void put_string(struct json *j, const char *value)
{
	buf_char(&j->text, '"');
	for (; *value != '\0'; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '"' || c == '\\')
			buf_fmt(&j->text, "\\%c", c);
		else if (c < ' ')
			buf_fmt(&j->text, "\\u%04x", c);
		else
			buf_char(&j->text, (char)c);
	}
	buf_char(&j->text, '"');
}

static void begin(struct json *j, const char *key)
{
	if (!j->first)
		buf_text(&j->text, ", ");
	j->first = false;
	if (key != NULL) {
		put_string(j, key);
		buf_text(&j->text, ": ");
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	buf_char(&j->text, bracket);
	j->first = true;
}

void json_close(struct json *j, char bracket)
{
	buf_char(&j->text, bracket);
	j->first = false;
}

void json_text(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	put_string(j, value);
}

void json_int(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	buf_int(&j->text, value);
}

void json_int_or_null(struct json *j, const char *key, int64_t value, bool known)
{
	begin(j, key);
	if (known)
		buf_int(&j->text, value);
	else
		buf_text(&j->text, "null");
}

void json_real(struct json *j, const char *key, double value)
{
	begin(j, key);
	buf_fmt(&j->text, "%.3f", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	buf_text(&j->text, value ? "true" : "false");
}

void json_print(struct json *j)
{
	printf("%.*s\n", (int)j->text.n, j->text.p);
	buf_fini(&j->text);
}
