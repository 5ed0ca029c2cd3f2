/* fuzz_appd_body.c -- any bytes as the body of each request of the API: every field is
 * either named among the problems, or absent, or what its specification says. */
#include "appd/api/body_specs.h"
#include "appd/request.h"
#include "appd/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct body_spec *const specs[] = {
	&body_new_user,    &body_login,          &body_user_change,
	&body_new_article, &body_article_change, &body_new_comment,
};

static void need(bool truth)
{
	if (!truth)
		abort();
}

static bool is_problem(const struct body *b, const char *name)
{
	for (size_t i = 0; i < b->problem_count; i++)
		if (strcmp(b->problems[i].key, name) == 0)
			return true;
	return false;
}

static void check_text(const struct field *f, struct str s)
{
	need(utf8_is_valid(s));
	need(utf8_length(s) >= f->min && utf8_length(s) <= f->max);
	need(!utf8_has_control(s, f->flags & FIELD_LINES));
}

static void check_field(const struct body *b, const struct field *f,
			const struct value *v)
{
	if (b->problem_count > 0)
		return; /* nothing of it is used */
	need(v->given || !(f->flags & FIELD_REQUIRED));
	need(v->count <= BODY_TEXTS_MAX);
	if (v->text.p != NULL)
		check_text(f, v->text);
	else
		need(!v->given || f->type == FIELD_TEXTS ||
		     !(f->flags & (FIELD_REQUIRED | FIELD_FILLED)));
	for (size_t i = 0; i < v->count; i++)
		check_text(f, v->texts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	for (size_t s = 0; s < sizeof(specs) / sizeof(specs[0]); s++) {
		struct request q = { .raw_body = { (const char *)bytes, n } };

		arena_init(&q.arena, 64 << 20);
		body_read(&q, specs[s]);
		for (size_t i = 0;
		     i < BODY_FIELDS_MAX && specs[s]->fields[i].name != NULL; i++)
			check_field(q.body, &specs[s]->fields[i], &q.body->values[i]);
		for (size_t i = 0; i < q.body->problem_count; i++)
			need(q.body->problems[i].sentence.n > 0 &&
			     is_problem(q.body, q.body->problems[i].key));
		arena_fini(&q.arena);
	}
	return 0;
}
