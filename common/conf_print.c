/* conf_print.c -- what is in force with its origins, and the commented sample file. */
#include "common/conf_rows.h"

#include <assert.h>
#include <stdlib.h>

static union conf_value value_of(const struct conf *c, const struct conf_row *r)
{
	const char *at = (const char *)c + r->offset;
	union conf_value v = { 0 };

	if (conf_is_text(r->type))
		memcpy(&v.text, at, sizeof(v.text));
	else if (r->type == BOOL)
		v.i = *(const bool *)(const void *)at;
	else
		memcpy(&v.i, at, sizeof(v.i));
	return v;
}

static void print_value(FILE *to, const struct conf_row *r, union conf_value v)
{
	if (conf_is_text(r->type))
		fputs(v.text, to);
	else
		conf_print_number(to, r->type, v.i);
}

static void print_row(FILE *to, const struct conf_row *r, union conf_value v,
		      const char *origin)
{
	fprintf(to, "%s = ", r->key);
	print_value(to, r, v);
	if (origin != NULL)
		fprintf(to, "\n    # from %s", origin);
	fputc('\n', to);
}

void conf_print(const struct conf *c, FILE *to)
{
	const char *section = "";

	for (size_t i = 0; i < CONF_ROWS; i++) {
		const char *origin = c->hidden->origins[i];

		if (conf_rows[i].named)
			continue;
		if (strcmp(section, conf_rows[i].section) != 0)
			fprintf(to, "%s[%s]\n", *section == '\0' ? "" : "\n",
				conf_rows[i].section);
		section = conf_rows[i].section;
		print_row(to, &conf_rows[i], value_of(c, &conf_rows[i]),
			  origin ? origin : "default");
	}
	for (const struct conf_named *n = c->hidden->named; n != NULL; n = n->next) {
		fprintf(to, "\n[%s %s]\n", n->section, n->name);
		for (size_t i = 0; i < CONF_ROWS; i++)
			if (conf_rows[i].named &&
			    strcmp(conf_rows[i].section, n->section) == 0)
				print_row(to, &conf_rows[i], n->values[i],
					  n->origins[i] ? n->origins[i] : "default");
	}
}

static char *text_of(const struct conf *c, const struct conf_row *r)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	print_value(f, r, value_of(c, r));
	fclose(f);
	return text;
}

void conf_differences(const struct conf *is, const struct conf *asked,
		      conf_difference_fn each, void *ctx)
{
	for (size_t i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *r = &conf_rows[i];
		char *a, *b;

		if (r->named || asked->hidden->origins[i] == NULL)
			continue;
		a = text_of(is, r);
		b = text_of(asked, r);
		if (a != NULL && b != NULL && strcmp(a, b) != 0)
			each(ctx, r->section, r->key, a, b);
		free(a);
		free(b);
	}
}

/* "section.key" */
static const struct conf_row *row_of(const char *path)
{
	struct str key = str_of(path), section = str_cut(&key, '.');

	for (size_t i = 0; i < CONF_ROWS; i++)
		if (!conf_rows[i].named &&
		    str_eq(section, str_of(conf_rows[i].section)) &&
		    str_eq(key, str_of(conf_rows[i].key)))
			return &conf_rows[i];
	assert(!"an option of conf.def");
	return NULL;
}

bool conf_changed(const struct conf *before, const struct conf *now, const char *path)
{
	const struct conf_row *r = row_of(path);
	union conf_value a = value_of(before, r), b = value_of(now, r);

	return conf_is_text(r->type) ? strcmp(a.text, b.text) != 0 : a.i != b.i;
}

void conf_print_sample(FILE *to)
{
	const char *section = "";

	fputs("# Onebox: every option at its default.\n", to);
	for (size_t i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *r = &conf_rows[i];

		if (strcmp(section, r->section) != 0)
			fprintf(to, r->named ? "\n#[%s NAME]\n" : "\n[%s]\n", r->section);
		section = r->section;
		fprintf(to, "\n# %s\n#%s = %s\n", r->help, r->key, r->def);
	}
}
