/* fuzz_webd_hpack.c -- any bytes as header blocks of HTTP/2, one after another on one
 * table, through the guard and the real decoder. The first byte says where to split. */
#include "webd/guard.h"
#include "webd/h2o.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* As libh2o does: a request inside its stream. */
static bool parse(h2o_hpack_header_table_t *table, const uint8_t *bytes, size_t n)
{
	h2o_http2_stream_t *stream = calloc(1, sizeof(*stream));
	size_t content_length = SIZE_MAX, total = 0;
	const char *why = NULL;
	int map = 0, ret;

	h2o_init_request(&stream->req, NULL, NULL);
	ret = h2o_hpack_parse_headers(&stream->req, table, bytes, n, &map,
				      &content_length, NULL, &why);
	if (ret == 0) {
		for (size_t i = 0; i < stream->req.headers.size; i++)
			total += stream->req.headers.entries[i].value.len;
		if (stream->req.headers.size > 100 || total > 64 << 10)
			abort();
		if ((map & H2O_HPACK_PARSE_HEADERS_PATH_EXISTS) &&
		    (map & H2O_HPACK_PARSE_HEADERS_METHOD_EXISTS) &&
		    !guard_target_ok((struct str){ stream->req.input.path.base,
						   stream->req.input.path.len }))
			abort();
	}
	h2o_mem_clear_pool(&stream->req.pool);
	free(stream);
	return ret == 0 || ret == H2O_HTTP2_ERROR_INVALID_HEADER_CHAR;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	h2o_hpack_header_table_t table = { .hpack_capacity = 4096,
					   .hpack_max_capacity = 4096 };
	size_t cut;

	if (n < 2)
		return 0;
	cut = bytes[0] % n;
	if (parse(&table, bytes + 1, cut > 0 ? cut - 1 : 0) && cut > 0)
		parse(&table, bytes + cut, n - cut);
	h2o_hpack_dispose_header_table(&table);
	return 0;
}
