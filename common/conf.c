/* conf.c -- reading the configuration: a file, then --set, with every complaint there is.
 * Every option is a row of conf_rows; nothing here knows one by name. */
#include "common/conf_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 20, ARENA_LIMIT = 8 << 20, ERRORS_MAX = 20 };

struct parser {
	struct conf *conf;
	struct arena *arena;
	struct buf *errors;
	unsigned error_count;
	const char *file;
	unsigned line;
	bool full;                /* no more is taken */
	struct str section;       /* where we are; p == NULL: before the first */
	struct conf_named *named; /* when in a named section */
};

/* ---- complaints ---- */

static void complain(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(struct parser *p, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	if (++p->error_count > ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (p->line > 0)
		buf_fmt(p->errors, "%s:%u: %s\n", p->file, p->line, text);
	else
		buf_fmt(p->errors, "%s: %s\n", p->file, text);
}

/* The row whose section (key == NULL) or key is nearest to what was written. */
static const struct conf_row *nearest(struct str section, struct str key, bool by_key)
{
	const struct conf_row *best = NULL;
	unsigned best_distance = 4;

	for (size_t i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *r = &conf_rows[i];
		unsigned d;

		if (by_key && !str_eq(section, str_of(r->section)))
			continue;
		d = by_key ? str_distance(key, str_of(r->key))
			   : str_distance(section, str_of(r->section));
		if (d < best_distance) {
			best_distance = d;
			best = r;
		}
	}
	return best;
}

static const struct conf_row *section_of_key(struct str key)
{
	for (size_t i = 0; i < CONF_ROWS; i++)
		if (str_eq(key, str_of(conf_rows[i].key)))
			return &conf_rows[i];
	return NULL;
}

static void complain_section(struct parser *p, struct str section)
{
	const struct conf_row *near = nearest(section, section, false);

	if (near != NULL)
		complain(p, "unknown section [%.*s]; did you mean [%s]?",
			 STR_ARG(section), near->section);
	else
		complain(p, "unknown section [%.*s]", STR_ARG(section));
}

static void complain_key(struct parser *p, struct str section, struct str key)
{
	const struct conf_row *near = nearest(section, key, true);
	const struct conf_row *elsewhere = section_of_key(key);

	if (near != NULL)
		complain(p, "unknown key '%.*s' in [%.*s]; did you mean '%s'?",
			 STR_ARG(key), STR_ARG(section), near->key);
	else if (elsewhere != NULL)
		complain(p, "unknown key '%.*s' in [%.*s]; it belongs into [%s]",
			 STR_ARG(key), STR_ARG(section), elsewhere->section);
	else
		complain(p, "unknown key '%.*s' in [%.*s]", STR_ARG(key),
			 STR_ARG(section));
}

/* ---- taking values over ---- */

static const struct conf_row *find_row(struct str section, struct str key, bool named)
{
	for (size_t i = 0; i < CONF_ROWS; i++)
		if (conf_rows[i].named == named &&
		    str_eq(section, str_of(conf_rows[i].section)) &&
		    str_eq(key, str_of(conf_rows[i].key)))
			return &conf_rows[i];
	return NULL;
}

static void store(struct conf *c, struct conf_named *n, const struct conf_row *r,
		  union conf_value v)
{
	char *at = (char *)c + r->offset;

	if (n != NULL) {
		n->values[r - conf_rows] = v;
	} else if (conf_is_text(r->type)) {
		memcpy(at, &v.text, sizeof(v.text));
	} else if (r->type == BOOL) {
		bool b = v.i != 0;

		memcpy(at, &b, sizeof(b));
	} else {
		memcpy(at, &v.i, sizeof(v.i));
	}
}

static bool parse_value(struct parser *p, const struct conf_row *r, struct str text,
			union conf_value *ret)
{
	if (conf_is_text(r->type)) {
		if ((int64_t)text.n < r->min || (int64_t)text.n > r->max) {
			complain(p, "%s takes %lld to %lld characters, not %zu", r->key,
				 (long long)r->min, (long long)r->max, text.n);
			return false;
		}
		if (!conf_text_right(r->type, text)) {
			complain(p, "%s takes %s, not '%.*s'", r->key,
				 conf_type_wanted(r->type), STR_ARG(text));
			return false;
		}
		ret->text = arena_text(p->arena, text);
		return ret->text != NULL;
	}
	if (!conf_parse_number(r->type, text, &ret->i)) {
		complain(p, "%s takes %s, not '%.*s'", r->key, conf_type_wanted(r->type),
			 STR_ARG(text));
		return false;
	}
	if (ret->i < r->min || ret->i > r->max) {
		char *range = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&range, &n);

		if (f != NULL) {
			conf_print_number(f, r->type, r->min);
			fputs(" to ", f);
			conf_print_number(f, r->type, r->max);
			fclose(f);
		}
		complain(p, "%s = %.*s is out of range; it may be %s", r->key,
			 STR_ARG(text), range == NULL ? "less" : range);
		free(range);
		return false;
	}
	return true;
}

/* The arena's limit was met; said once, whatever did not fit. */
static void complain_full(void *ctx)
{
	struct parser *p = ctx;

	p->arena->full = NULL;
	p->full = true;
	complain(p, "holds more than %d bytes of settings; that is no configuration",
		 ARENA_LIMIT);
}

static void set_key(struct parser *p, struct str section, struct str key, struct str text)
{
	struct conf_named *n = p->named;
	const struct conf_row *r = find_row(section, key, n != NULL);
	const char **origin;
	union conf_value v;

	if (r == NULL) {
		complain_key(p, section, key);
		return;
	}
	origin = n != NULL ? &n->origins[r - conf_rows]
			   : &p->conf->hidden->origins[r - conf_rows];
	if (*origin != NULL && p->line > 0) {
		complain(p, "%s is given twice; first at %s", r->key, *origin);
		return;
	}
	if (!parse_value(p, r, text, &v))
		return;
	store(p->conf, n, r, v);
	if (p->line > 0)
		*origin = arena_fmt(p->arena, "%s:%u", p->file, p->line).p;
	else
		*origin = p->file;
}

/* ---- the file ---- */

static bool known_section(struct str section, bool named)
{
	for (size_t i = 0; i < CONF_ROWS; i++)
		if (conf_rows[i].named == named &&
		    str_eq(section, str_of(conf_rows[i].section)))
			return true;
	return false;
}

static void open_named(struct parser *p, struct str section, struct str name)
{
	struct conf_hidden *h = p->conf->hidden;
	struct conf_named *n;

	if (!conf_name_right(section, name))
		complain(p, "[%.*s NAME]: '%.*s' cannot be its name", STR_ARG(section),
			 STR_ARG(name));
	for (n = h->named; n != NULL; n = n->next)
		if (str_eq(section, str_of(n->section)) && str_eq(name, str_of(n->name)))
			complain(p, "[%.*s %.*s] is there twice", STR_ARG(section),
				 STR_ARG(name));
	n = ARENA_NEW(p->arena, struct conf_named);
	if (n == NULL)
		return;
	n->section = arena_text(p->arena, section);
	n->name = arena_text(p->arena, name);
	n->line = p->line;
	if (n->section == NULL || n->name == NULL)
		return;
	for (size_t i = 0; i < CONF_ROWS; i++) {
		if (!conf_rows[i].named)
			continue;
		if (conf_is_text(conf_rows[i].type))
			n->values[i].text = conf_rows[i].def;
		else if (!conf_parse_number(conf_rows[i].type, str_of(conf_rows[i].def),
					    &n->values[i].i))
			abort(); /* conf.def has a default that does not parse */
	}
	*h->named_end = n;
	h->named_end = &n->next;
	p->named = n;
}

static void open_section(struct parser *p, struct str inside)
{
	struct str name = str_trim(inside);
	struct str section = str_cut(&name, ' ');

	p->named = NULL;
	p->section = (struct str){ NULL, 0 };
	name = str_trim(name);
	if (!known_section(section, name.n > 0)) {
		if (known_section(section, name.n == 0))
			complain(p,
				 name.n > 0 ? "[%.*s] takes no name"
					    : "[%.*s NAME] needs a name",
				 STR_ARG(section));
		else
			complain_section(p, section);
		return;
	}
	p->section = section;
	if (name.n > 0)
		open_named(p, section, name);
}

static void parse_line(struct parser *p, struct str line)
{
	struct str value, key;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (line.p[0] == '[') {
		if (line.p[line.n - 1] != ']')
			complain(
			    p,
			    "a section is [name] or [kind name], with nothing after it");
		else
			open_section(p, (struct str){ line.p + 1, line.n - 2 });
		return;
	}
	value = line;
	key = str_trim(str_cut(&value, '='));
	if (value.p == NULL)
		complain(p, "expected 'key = value' or '[section]', found '%.*s'",
			 STR_ARG(line));
	else if (p->section.p != NULL)
		set_key(p, p->section, key, str_trim(value));
	else if (p->error_count == 0)
		complain(p, "'%.*s' stands before the first [section]", STR_ARG(key));
}

/* A named text whose default is shorter than allowed has none: it must be given. */
static void need_keys(struct parser *p)
{
	for (struct conf_named *n = p->conf->hidden->named; n != NULL; n = n->next) {
		p->line = n->line;
		for (size_t i = 0; i < CONF_ROWS; i++) {
			const struct conf_row *r = &conf_rows[i];

			if (r->named && conf_is_text(r->type) && n->origins[i] == NULL &&
			    strcmp(r->section, n->section) == 0 &&
			    (int64_t)strlen(r->def) < r->min)
				complain(p, "[%s %s] needs '%s'", n->section, n->name,
					 r->key);
		}
	}
}

/* A pipe could be read once only, and waited for without end. */
static FILE *open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *f = NULL;
	int saved;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		errno = EMEDIUMTYPE;
	else
		f = fdopen(fd, "r");
	saved = errno;
	if (f == NULL)
		close(fd);
	errno = saved;
	return f;
}

static bool read_file(struct parser *p, struct buf *text)
{
	FILE *f = open_regular(p->file);
	size_t n = 0;
	char *room;

	buf_init(text, FILE_LIMIT);
	if (f == NULL) {
		complain(p, "cannot be read: %s",
			 errno == EMEDIUMTYPE ? "it is not an ordinary file"
					      : strerror(errno));
		return false;
	}
	while ((room = buf_room(text, 4096)) != NULL && (n = fread(room, 1, 4096, f)) > 0)
		buf_took(text, n);
	if (ferror(f))
		complain(p, "cannot be read: %s", strerror(errno));
	else if (!buf_ok(text))
		complain(p, "is larger than %d bytes; that is no configuration",
			 FILE_LIMIT);
	else if (text->n > 0 && memchr(text->p, '\0', text->n) != NULL)
		complain(p, "holds a zero byte; that is no configuration");
	fclose(f);
	return p->error_count == 0;
}

static void parse_file(struct parser *p)
{
	struct buf text;

	if (read_file(p, &text)) {
		for (struct str rest = buf_get(&text); rest.p != NULL && !p->full;) {
			struct str line = str_cut(&rest, '\n');

			p->line++;
			parse_line(p, line);
		}
		if (p->error_count == 0)
			need_keys(p);
	}
	buf_fini(&text);
}

static void parse_set(struct parser *p, const char *set)
{
	struct str value = str_of(set);
	struct str path = str_cut(&value, '=');
	struct str key = path;
	struct str section = str_trim(str_cut(&key, '.'));

	p->file = "--set";
	p->line = 0;
	p->named = NULL;
	if (value.p == NULL || key.p == NULL)
		complain(p, "expected section.key=value, found '%s'", set);
	else if (!known_section(section, false))
		complain_section(p, section);
	else
		set_key(p, section, str_trim(key), str_trim(value));
}

static void take_defaults(struct parser *p)
{
	for (size_t i = 0; i < CONF_ROWS; i++) {
		union conf_value v;

		if (conf_rows[i].named)
			continue;
		if (conf_is_text(conf_rows[i].type))
			v.text = conf_rows[i].def;
		else if (!conf_parse_number(conf_rows[i].type, str_of(conf_rows[i].def),
					    &v.i))
			abort(); /* conf.def has a default that does not parse */
		store(p->conf, NULL, &conf_rows[i], v);
	}
}

struct conf *conf_load(const struct conf_source *from, struct buf *errors)
{
	struct conf *c = calloc(1, sizeof(*c));
	struct conf_hidden *h = calloc(1, sizeof(*h));
	struct parser p = { .conf = c, .errors = errors };

	if (c == NULL || h == NULL) {
		free(c);
		free(h);
		buf_text(errors, "out of memory\n");
		return NULL;
	}
	c->hidden = h;
	h->named_end = &h->named;
	arena_init(&h->arena, ARENA_LIMIT);
	p.arena = &h->arena;
	h->arena.full = complain_full;
	h->arena.ctx = &p;
	take_defaults(&p);
	if (from->file != NULL) {
		p.file = arena_text(&h->arena, str_of(from->file));
		parse_file(&p);
	}
	for (size_t i = 0; i < from->set_count; i++)
		parse_set(&p, from->sets[i]);
	if (p.error_count > ERRORS_MAX)
		buf_fmt(errors, "and %u more\n", p.error_count - ERRORS_MAX);
	if (p.error_count > 0) {
		conf_free(c);
		return NULL;
	}
	h->arena.full = NULL;
	return c;
}

void conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	arena_fini(&c->hidden->arena);
	free(c->hidden);
	free(c);
}

/* ---- named sections ---- */

const struct conf_named *conf_named(const struct conf *c, const char *section, size_t n)
{
	for (const struct conf_named *s = c->hidden->named; s != NULL; s = s->next)
		if (strcmp(s->section, section) == 0 && n-- == 0)
			return s;
	return NULL;
}

const char *conf_named_name(const struct conf_named *s)
{
	return s->name;
}

static union conf_value named_value(const struct conf_named *s, const char *key,
				    bool text)
{
	const struct conf_row *r = find_row(str_of(s->section), str_of(key), true);

	if (r == NULL || conf_is_text(r->type) != text)
		abort();
	return s->values[r - conf_rows];
}

const char *conf_named_text(const struct conf_named *s, const char *key)
{
	return named_value(s, key, true).text;
}

int64_t conf_named_int(const struct conf_named *s, const char *key)
{
	return named_value(s, key, false).i;
}
