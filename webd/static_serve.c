/* static_serve.c -- see static_serve.h. The bytes are sent from where they were read to
 * at start; they live as long as the process. */
#include "webd/static_serve.h"

#include <stdio.h>

#include "webd/answer.h"
#include "webd/static_files.h"
#include "webd/worker.h"

static const struct str coding_names[CODINGS] = {
	[CODING_GZIP] = { "gzip", 4 },
	[CODING_BROTLI] = { "br", 2 },
};

/* On 200, 206 and 304 alike (RFC 9110 15.4.5). */
static void cache_headers(struct exchange *e, const struct static_file *f,
			  const struct static_variant *v)
{
	const struct settings *s = &e->worker->settings;

	answer_header(e, STR("etag"), str_of(v->etag));
	answer_header(e, STR("cache-control"),
		      f->immutable ? STR("max-age=31536000, immutable")
				   : str_of(s->static_cache));
	if (f->codings != 0)
		answer_header(e, STR("vary"), STR("accept-encoding"));
}

static void content_headers(struct exchange *e, const struct static_file *f,
			    enum coding coding)
{
	answer_header(e, STR("content-type"), f->type);
	answer_header(e, STR("accept-ranges"), STR("bytes"));
	if (coding != CODING_NONE)
		answer_header(e, STR("content-encoding"), coding_names[coding]);
}

/* part == 0: there is no such part. */
static void content_range(struct exchange *e, size_t from, size_t part, size_t size)
{
	char text[80];
	int n = part == 0 ? snprintf(text, sizeof(text), "bytes */%zu", size)
			  : snprintf(text, sizeof(text), "bytes %zu-%zu/%zu", from,
				     from + part - 1, size);

	answer_header_copy(e, STR("content-range"), (struct str){ text, (size_t)n });
}

static void send_file(struct exchange *e, const struct static_file *f, enum coding coding)
{
	const struct static_variant *v = &f->as[coding];
	struct str bytes = v->bytes;
	struct range range = { RANGE_ALL, 0, bytes.n };

	if (!exchange_is_head(e)) /* ranges are for GET only (RFC 9110 14.2) */
		range = range_of(exchange_header(e, STR("range")),
				 exchange_header(e, STR("if-range")), str_of(v->etag),
				 bytes.n);
	if (range.kind == RANGE_UNSATISFIABLE) {
		content_range(e, 0, 0, bytes.n);
		answer_error(e, 416, "The file has no such part.");
		return;
	}
	cache_headers(e, f, v);
	content_headers(e, f, coding);
	if (range.kind == RANGE_PART)
		content_range(e, range.from, range.n, bytes.n);
	answer_send(e, range.kind == RANGE_PART ? 206 : 200,
		    (struct str){ bytes.p + range.from, range.n });
}

static void serve(struct exchange *e, const struct static_file *f)
{
	enum coding coding =
	    coding_choose(exchange_header(e, STR("accept-encoding")), f->codings);
	const struct static_variant *v = &f->as[coding];
	const struct condition_headers conditions = {
		.if_match = exchange_header(e, STR("if-match")),
		.if_none_match = exchange_header(e, STR("if-none-match")),
	};

	switch (condition_of(&conditions, str_of(v->etag))) {
	case CONDITION_NOT_MODIFIED:
		cache_headers(e, f, v);
		answer_empty(e, 304);
		break;
	case CONDITION_FAILED:
		answer_error(e, 412, "The file is another one by now.");
		break;
	case CONDITION_NONE:
		send_file(e, f, coding);
		break;
	}
}

bool static_serve(struct exchange *e)
{
	const struct static_file *f = static_files_find(
	    e->worker->webd->files, str_of_iovec(e->req->path_normalized));
	struct str method = exchange_method(e);

	if (f == NULL)
		return false;
	if (str_eq(method, STR("GET")) || exchange_is_head(e)) {
		serve(e, f);
		return true;
	}
	answer_header(e, STR("allow"), STR("GET, HEAD, OPTIONS"));
	if (str_eq(method, STR("OPTIONS")))
		answer_empty(e, 204);
	else
		answer_error(e, 405, "This is a file; it can only be read.");
	return true;
}
