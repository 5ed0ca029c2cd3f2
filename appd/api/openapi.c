/* openapi.c -- /api/openapi.json: the API described by the tables it runs on. Paths, who
 * may, bodies and answers come from appd/route.c and what its rows point to; nothing is
 * said here twice. */
#include "appd/api/api.h"
#include "appd/api/shape.h"
#include "appd/request.h"
#include "common/version.h"

enum { SHAPES_MAX = 32 };

/* ---- pieces ---- */

static void put(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, text);
}

static void open(struct json *j, const char *key)
{
	json_key(j, key);
	json_open(j, '{');
}

static void reference(struct json *j, const char *name)
{
	json_key(j, "$ref");
	json_join(j, "#/components/schemas/", name);
}

static void type(struct json *j, const char *name)
{
	put(j, "type", name);
}

static void texts(struct json *j)
{
	type(j, "array");
	open(j, "items");
	type(j, "string");
	json_close(j, '}');
}

/* ---- answers ---- */

static void field_schema(struct json *j, const struct shape_field *f)
{
	switch (f->type) {
	case SHAPE_TEXT:
		type(j, "string");
		break;
	case SHAPE_TEXT_OR_NULL:
		json_key(j, "type");
		json_open(j, '[');
		json_text(j, "string");
		json_text(j, "null");
		json_close(j, ']');
		break;
	case SHAPE_TEXTS:
		texts(j);
		break;
	case SHAPE_TIME:
		type(j, "string");
		put(j, "format", "date-time");
		break;
	case SHAPE_INT:
		type(j, "integer");
		break;
	case SHAPE_BOOL:
		type(j, "boolean");
		break;
	case SHAPE_OBJECT:
		reference(j, f->of->name);
		break;
	case SHAPE_OBJECTS:
		type(j, "array");
		open(j, "items");
		reference(j, f->of->name);
		json_close(j, '}');
		break;
	}
}

static void shape_schema(struct json *j, const struct shape *s)
{
	open(j, s->name);
	type(j, "object");
	json_key(j, "required");
	json_open(j, '[');
	for (size_t i = 0; i < SHAPE_FIELDS_MAX && s->fields[i].name != NULL; i++)
		json_text(j, s->fields[i].name);
	json_close(j, ']');
	json_key(j, "additionalProperties");
	json_bool(j, false);
	open(j, "properties");
	for (size_t i = 0; i < SHAPE_FIELDS_MAX && s->fields[i].name != NULL; i++) {
		open(j, s->fields[i].name);
		field_schema(j, &s->fields[i]);
		json_close(j, '}');
	}
	json_close(j, '}');
	json_close(j, '}');
}

/* Every shape that can be reached from s, once. */
static void collect(const struct shape *s, const struct shape **all, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (all[i] == s)
			return;
	if (*count == SHAPES_MAX)
		return;
	all[(*count)++] = s;
	for (size_t i = 0; i < SHAPE_FIELDS_MAX && s->fields[i].name != NULL; i++)
		if (s->fields[i].of != NULL)
			collect(s->fields[i].of, all, count);
}

/* ---- bodies ---- */

static void body_field(struct json *j, const struct field *f)
{
	open(j, f->name);
	if (f->type == FIELD_TEXTS) {
		type(j, "array");
		json_key(j, "maxItems");
		json_int(j, BODY_TEXTS_MAX);
		open(j, "items");
	}
	type(j, "string");
	json_key(j, "maxLength");
	json_int(j, f->max);
	if (f->min > 0) {
		json_key(j, "minLength");
		json_int(j, f->min);
	}
	if (f->type == FIELD_TEXTS)
		json_close(j, '}');
	json_close(j, '}');
}

static void body_schema(struct json *j, const struct body_spec *b)
{
	open(j, b->name);
	type(j, "object");
	json_key(j, "required");
	json_open(j, '[');
	for (size_t i = 0; i < BODY_FIELDS_MAX && b->fields[i].name != NULL; i++)
		if (b->fields[i].flags & FIELD_REQUIRED)
			json_text(j, b->fields[i].name);
	json_close(j, ']');
	open(j, "properties");
	for (size_t i = 0; i < BODY_FIELDS_MAX && b->fields[i].name != NULL; i++)
		body_field(j, &b->fields[i]);
	json_close(j, '}');
	json_close(j, '}');
}

static void request_body(struct json *j, const struct body_spec *b)
{
	open(j, "requestBody");
	json_key(j, "required");
	json_bool(j, true);
	open(j, "content");
	open(j, "application/json");
	open(j, "schema");
	type(j, "object");
	json_key(j, "required");
	json_open(j, '[');
	json_text(j, b->object);
	json_close(j, ']');
	open(j, "properties");
	open(j, b->object);
	reference(j, b->name);
	for (int i = 0; i < 6; i++)
		json_close(j, '}');
}

/* ---- operations ---- */

static void parameter(struct json *j, struct str name, const char *in, bool number)
{
	json_open(j, '{');
	json_key(j, "name");
	json_str(j, name);
	put(j, "in", in);
	json_key(j, "required");
	json_bool(j, strcmp(in, "path") == 0);
	open(j, "schema");
	type(j, number ? "integer" : "string");
	json_close(j, '}');
	json_close(j, '}');
}

static void parameters(struct json *j, const struct route *r)
{
	struct str rest = str_of(r->path + 1);

	json_key(j, "parameters");
	json_open(j, '[');
	while (rest.n > 0) {
		struct str s = str_cut(&rest, '/');

		if (s.p[0] == ':')
			parameter(j, (struct str){ s.p + 1, s.n - 1 }, "path",
				  str_eq(s, STR(":id")));
	}
	for (const char *const *q = r->query; q != NULL && *q != NULL; q++)
		parameter(j, str_of(*q), "query",
			  strcmp(*q, "limit") == 0 || strcmp(*q, "offset") == 0);
	json_close(j, ']');
}

static void response(struct json *j, const char *status, const char *description,
		     const char *shape)
{
	open(j, status);
	put(j, "description", description);
	if (shape != NULL) {
		open(j, "content");
		open(j, "application/json");
		open(j, "schema");
		reference(j, shape);
		for (int i = 0; i < 3; i++)
			json_close(j, '}');
	}
	json_close(j, '}');
}

static void responses(struct json *j, const struct route *r)
{
	const char status[4] = { (char)('0' + r->status / 100),
				 (char)('0' + r->status / 10 % 10),
				 (char)('0' + r->status % 10), '\0' };

	open(j, "responses");
	response(j, status, "Done", r->reply != NULL ? r->reply->name : NULL);
	if (r->who != WHO_ANYONE)
		response(j, "401", "No token, or one that is void", shape_errors.name);
	response(j, "default", "What is wrong, field by field", shape_errors.name);
	json_close(j, '}');
}

static void operation(struct json *j, const struct route *r)
{
	char method[8];
	size_t n = 0;

	for (const char *w = method_word(r->method); *w != '\0' && n + 1 < sizeof(method);
	     w++)
		method[n++] = (char)(*w | 0x20);
	method[n] = '\0';
	open(j, method);
	put(j, "summary", r->summary);
	parameters(j, r);
	if (r->body != NULL)
		request_body(j, r->body);
	responses(j, r);
	if (r->who != WHO_ANYONE) {
		json_key(j, "security");
		json_open(j, '[');
		if (r->who == WHO_READER) { /* or without */
			json_open(j, '{');
			json_close(j, '}');
		}
		json_open(j, '{');
		json_key(j, "Token");
		json_open(j, '[');
		json_close(j, ']');
		json_close(j, '}');
		json_close(j, ']');
	}
	json_close(j, '}');
}

/* "/articles/:slug" is "/articles/{slug}". */
static struct str braces(struct request *q, const char *path)
{
	struct buf *b = request_scratch(q, 256);
	struct str rest = str_of(path + 1);

	while (rest.n > 0) {
		struct str s = str_cut(&rest, '/');

		if (s.p[0] == ':')
			buf_fmt(b, "/{%.*s}", (int)s.n - 1, s.p + 1);
		else
			buf_fmt(b, "/%.*s", STR_ARG(s));
	}
	return buf_get(b);
}

/* The rows of one path stand together. */
static void paths(struct request *q, struct json *j)
{
	const char *open_path = NULL;

	open(j, "paths");
	for (const struct route *r = routes; r->path != NULL; r++) {
		if (r->summary == NULL)
			continue;
		if (open_path == NULL || strcmp(open_path, r->path) != 0) {
			if (open_path != NULL)
				json_close(j, '}');
			json_str_key(j, braces(q, r->path));
			json_open(j, '{');
			open_path = r->path;
		}
		operation(j, r);
	}
	json_close(j, '}');
	json_close(j, '}');
}

static void schemas(struct json *j)
{
	const struct shape *shapes[SHAPES_MAX];
	const struct body_spec *seen[SHAPES_MAX];
	size_t shape_count = 0, count = 0;

	open(j, "schemas");
	for (const struct route *r = routes; r->path != NULL; r++) {
		bool known = r->summary == NULL || r->body == NULL;

		if (r->reply != NULL)
			collect(r->reply, shapes, &shape_count);
		for (size_t i = 0; i < count; i++)
			known = known || seen[i] == r->body;
		if (known || count == SHAPES_MAX)
			continue;
		seen[count++] = r->body;
		body_schema(j, r->body);
	}
	for (size_t i = 0; i < shape_count; i++)
		shape_schema(j, shapes[i]);
	open(j, shape_errors.name);
	type(j, "object");
	json_key(j, "required");
	json_open(j, '[');
	json_text(j, shape_errors.fields[0].name);
	json_close(j, ']');
	open(j, "properties");
	open(j, shape_errors.fields[0].name);
	type(j, "object");
	open(j, "additionalProperties");
	texts(j);
	for (int i = 0; i < 5; i++)
		json_close(j, '}');
}

void api_openapi(struct request *q)
{
	struct json j = json_of(&q->out);

	reply_json(q);
	json_open(&j, '{');
	put(&j, "openapi", "3.1.0");
	open(&j, "info");
	put(&j, "title", "Onebox");
	put(&j, "description", "A RealWorld (Conduit) API, made from its route table.");
	put(&j, "version", ONEBOX_VERSION);
	json_close(&j, '}');
	paths(q, &j);
	open(&j, "components");
	schemas(&j);
	open(&j, "securitySchemes");
	open(&j, "Token");
	put(&j, "type", "apiKey");
	put(&j, "in", "header");
	put(&j, "name", "Authorization");
	put(&j, "description", "Token x, with the x that signing in gave");
	for (int i = 0; i < 4; i++)
		json_close(&j, '}');
}
