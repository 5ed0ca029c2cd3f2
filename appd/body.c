/* body.c -- see body.h. jansson parses; what it gives is copied into the arena and freed
 * at once, so that nothing of it is left when a request ends early. */
#include "appd/body.h"

#include <assert.h>
#include <jansson.h>

#include "appd/member.h"
#include "appd/messages.h"
#include "appd/request.h"
#include "appd/utf8.h"

static const struct str blank = { "can't be blank", 14 };

void body_problem(struct request *q, const char *key, struct str sentence)
{
	struct body *b = q->body;

	for (size_t i = 0; i < b->problem_count; i++)
		if (strcmp(b->problems[i].key, key) == 0)
			return; /* one sentence for each field is enough */
	if (b->problem_count < BODY_PROBLEMS_MAX)
		b->problems[b->problem_count++] = (struct problem){ key, sentence };
}

/* jansson recurses once for each level; a task's stack is small. */
static bool is_shallow(struct str s)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{') && ++depth > BODY_DEPTH)
			return false;
		else if (!quoted && (c == ']' || c == '}'))
			depth--;
	}
	return true;
}

/* ---- one value ---- */

static void check_text(struct request *q, const struct field *f, struct str s)
{
	size_t n = utf8_length(s);

	if (utf8_has_control(s, f->flags & FIELD_LINES))
		body_problem(q, f->name, STR("has characters that cannot be shown"));
	else if (n > f->max)
		body_problem(q, f->name,
			     message_english(&q->arena, MESSAGE_is_too_long, f->max));
	else if (n < f->min)
		body_problem(q, f->name,
			     message_english(&q->arena, MESSAGE_is_too_short, f->min));
}

static void take_string(struct request *q, const struct field *f, struct str s,
			struct value *v)
{
	if (utf8_is_blank(s) && (f->flags & (FIELD_REQUIRED | FIELD_FILLED))) {
		body_problem(q, f->name, blank);
		return;
	}
	v->text = arena_str(&q->arena, f->flags & FIELD_RAW ? s : str_trim(s));
	check_text(q, f, v->text);
}

static void take_text(struct request *q, const struct field *f, const json_t *j,
		      struct value *v)
{
	if (json_is_null(j)) {
		if (f->flags & (FIELD_REQUIRED | FIELD_FILLED))
			body_problem(q, f->name, blank);
		return;
	}
	if (!json_is_string(j)) {
		body_problem(q, f->name, STR("must be a string"));
		return;
	}
	take_string(q, f, (struct str){ json_string_value(j), json_string_length(j) }, v);
}

/* Blank ones are passed over, and so is a second of the same. */
static void take_item(struct request *q, const struct field *f, struct str s,
		      struct str *texts, size_t *count)
{
	s = str_trim(s);
	for (size_t i = 0; i < *count; i++)
		if (str_eq(texts[i], s))
			return;
	if (s.n == 0)
		return;
	texts[*count] = arena_str(&q->arena, s);
	check_text(q, f, texts[(*count)++]);
}

static void too_many(struct request *q, const struct field *f)
{
	body_problem(q, f->name,
		     message_english(&q->arena, MESSAGE_has_too_many, BODY_TEXTS_MAX));
}

static void take_texts(struct request *q, const struct field *f, const json_t *j,
		       struct value *v)
{
	struct str *texts;

	if (!json_is_array(j)) {
		body_problem(q, f->name, STR("must be a list of strings"));
		return;
	}
	if (json_array_size(j) > BODY_TEXTS_MAX) {
		too_many(q, f);
		return;
	}
	texts = arena_array(&q->arena, BODY_TEXTS_MAX, sizeof(*texts));
	v->texts = texts;
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *item = json_array_get(j, i);

		if (!json_is_string(item)) {
			body_problem(q, f->name, STR("must be a list of strings"));
			return;
		}
		take_item(
		    q, f,
		    (struct str){ json_string_value(item), json_string_length(item) },
		    texts, &v->count);
	}
}

static void take_field(struct request *q, const struct field *f, const json_t *j,
		       struct value *v)
{
	v->given = j != NULL;
	if (j == NULL) {
		if (f->flags & FIELD_REQUIRED)
			body_problem(q, f->name, blank);
	} else if (f->type == FIELD_TEXTS) {
		take_texts(q, f, j, v);
	} else {
		take_text(q, f, j, v);
	}
}

/* ---- the whole ---- */

static json_t *parse(struct request *q)
{
	json_error_t error;
	json_t *root;

	if (!is_shallow(q->raw_body)) {
		body_problem(q, "body", STR("is not JSON of a sensible depth"));
		return NULL;
	}
	root = json_loadb(q->raw_body.p, q->raw_body.n, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		body_problem(
		    q, "body",
		    arena_fmt(&q->arena, "is not valid JSON at line %d", error.line));
	return root;
}

void body_read(struct request *q, const struct body_spec *spec)
{
	const json_t *object;
	json_t *root;

	q->body = ARENA_NEW(&q->arena, struct body);
	root = parse(q);
	if (root == NULL)
		return;
	object = json_object_get(root, spec->object);
	if (!json_is_object(object))
		body_problem(q, spec->object, STR("must be an object"));
	for (size_t i = 0; i < BODY_FIELDS_MAX && spec->fields[i].name != NULL; i++)
		take_field(q, &spec->fields[i],
			   json_object_get(object, spec->fields[i].name),
			   &q->body->values[i]);
	json_decref(root);
}

/* ---- of a form ---- */

/* A browser sends line breaks as CR LF. */
static struct str with_lines(struct request *q, struct str s)
{
	char *to = arena_take(&q->arena, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			to[n++] = s.p[i];
	return (struct str){ to, n };
}

static void form_text(struct request *q, const struct field *f, struct value *v)
{
	struct str s = pairs_find(&q->form, str_of(f->name));

	if (s.p == NULL || (s.n == 0 && (f->flags & FIELD_OPTIONAL))) {
		take_field(q, f, NULL, v);
		return;
	}
	v->given = true;
	take_string(q, f, f->flags & FIELD_LINES ? with_lines(q, s) : s, v);
}

static void form_texts(struct request *q, const struct field *f, struct value *v)
{
	struct str *texts = arena_array(&q->arena, BODY_TEXTS_MAX, sizeof(*texts));

	v->given = true;
	v->texts = texts;
	for (size_t i = 0; i < q->form.count; i++) {
		if (!str_eq(q->form.at[i].name, str_of(f->name)))
			continue;
		if (v->count == BODY_TEXTS_MAX) {
			too_many(q, f);
			return;
		}
		take_item(q, f, q->form.at[i].value, texts, &v->count);
	}
}

void body_read_form(struct request *q, const struct body_spec *spec)
{
	q->body = ARENA_NEW(&q->arena, struct body);
	for (size_t i = 0; i < BODY_FIELDS_MAX && spec->fields[i].name != NULL; i++) {
		const struct field *f = &spec->fields[i];

		if (f->type == FIELD_TEXTS)
			form_texts(q, f, &q->body->values[i]);
		else
			form_text(q, f, &q->body->values[i]);
	}
}

const struct value *body_value(struct request *q, const char *name)
{
	const struct body_spec *spec = q->match.route->body;

	for (size_t i = 0; i < BODY_FIELDS_MAX && spec->fields[i].name != NULL; i++)
		if (strcmp(spec->fields[i].name, name) == 0)
			return &q->body->values[i];
	assert(!"a field of the route's specification");
	return NULL;
}

void body_forgive_blank(struct request *q)
{
	struct body *b = q->body;
	size_t n = 0;

	for (size_t i = 0; i < b->problem_count; i++)
		if (!str_eq(b->problems[i].sentence, blank))
			b->problems[n++] = b->problems[i];
	b->problem_count = n;
}

void body_check(struct request *q)
{
	if (q->body == NULL || q->body->problem_count == 0)
		return;
	member_check(q);
	fail_problems(q, 422, q->body->problems, q->body->problem_count);
}
