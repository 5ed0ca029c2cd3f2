/* fuzz_webd_request.c -- any bytes as the head of an HTTP/1 request, through the guard
 * and the real parser. What passes must be what the guard promises. */
#include "webd/guard.h"

struct phr_header {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};
int phr_parse_request(const char *, size_t, const char **, size_t *, const char **,
		      size_t *, int *, struct phr_header *, size_t *, size_t);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static bool is(const struct phr_header *h, struct str name)
{
	return str_eq_nocase((struct str){ h->name, h->name_len }, name);
}

static void check(struct str method, struct str target, const struct phr_header *fields,
		  size_t count)
{
	unsigned hosts = 0, lengths = 0, codings = 0;

	if (!guard_token_ok(method) || !guard_target_ok(target) || count > 100)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (!guard_token_ok((struct str){ fields[i].name, fields[i].name_len }))
			abort();
		for (size_t k = 0; k < fields[i].value_len; k++)
			if (strchr("\r\n", fields[i].value[k]) != NULL)
				abort(); /* a NUL too */
		hosts += is(&fields[i], STR("host"));
		lengths += is(&fields[i], STR("content-length"));
		codings += is(&fields[i], STR("transfer-encoding"));
	}
	if (hosts > 1 || lengths + codings > 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct phr_header fields[100];
	struct str method, target;
	size_t count = 100;
	int minor, used;

	if (n == 0)
		return 0;
	used = phr_parse_request((const char *)bytes, n, &method.p, &method.n, &target.p,
				 &target.n, &minor, fields, &count, 0);
	if (guard_refused() != NULL) {
		/* handed on as an empty GET that swallows everything */
		if (used != (int)n || count != 1 || !str_eq(method, STR("GET")))
			abort();
	} else if (used > 0) {
		if ((size_t)used > n)
			abort();
		check(method, target, fields, count);
	}
	return 0;
}
