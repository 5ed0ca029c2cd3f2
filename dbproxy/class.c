/* class.c -- see class.h. */
#include "dbproxy/class.h"

static const struct {
	const char *word, *mark;
	enum class_action action;
	enum msg_status status;
} classes[] = {
#define CLASS(name, word, action, status, mark, meaning) { word, mark, action, status },
#include "dbproxy/class.def"
#undef CLASS
};

static const struct {
	unsigned code;
	enum sql_class class;
} codes[] = {
#define CODE(number, class, name) { number, class },
#include "dbproxy/class.def"
#undef CODE
};

enum sql_class class_of(unsigned code)
{
	if (code == 0)
		return CLASS_OK;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].class;
	return CLASS_BROKEN;
}

struct str class_word(enum sql_class c)
{
	return str_of(classes[c].word);
}

enum class_action class_action(enum sql_class c)
{
	return classes[c].action;
}

enum msg_status class_status(enum sql_class c)
{
	return classes[c].status;
}

bool class_ends_connection(unsigned code)
{
	if (code >= 2000 && code < 3000)
		return code != 2057;
	return code == 1927 || code == 1053;
}

/* 'name', `name` or `schema`.`table`.`name`: the last name. */
static struct str quoted(const char *p)
{
	struct str name = { NULL, 0 };

	while (*p == '\'' || *p == '`') {
		char quote = *p++;
		const char *end = strchr(p, quote);

		if (end == NULL)
			break;
		name = (struct str){ p, (size_t)(end - p) };
		p = end[1] == '.' ? end + 2 : "";
	}
	return name;
}

struct str class_detail(enum sql_class c, const char *message)
{
	const char *mark = classes[c].mark, *at = NULL;
	struct str name;

	if (*mark == '\0')
		return str_of(message);
	/* the last one is the server's: one before it may be in a value */
	for (const char *p = message; (p = strstr(p, mark)) != NULL; p++)
		at = p;
	if (at == NULL)
		return str_of(message);
	name = quoted(at + strlen(mark));
	if (name.p == NULL)
		return str_of(message);
	for (size_t i = name.n; i > 0; i--) /* MySQL names a key table.key */
		if (name.p[i - 1] == '.')
			return (struct str){ name.p + i, name.n - i };
	return name;
}
