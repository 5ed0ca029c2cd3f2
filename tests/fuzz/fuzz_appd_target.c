/* fuzz_appd_target.c -- any bytes as the target of a request: refused, or taken apart
 * into pieces of valid UTF-8 that a route may be looked for with. */
#include "appd/route.h"
#include "appd/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void need(bool truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena;
	struct target t;

	arena_init(&arena, 1 << 20);
	if (target_parse(&arena, (struct str){ (const char *)bytes, n }, &t) ==
	    TARGET_OK) {
		struct route_match m = route_find(METHOD_GET, &t);

		need(m.route == NULL || (m.methods & METHOD_HEAD));
		for (size_t i = 0; i < t.count; i++)
			need(utf8_is_valid(t.segments[i]) &&
			     !utf8_has_control(t.segments[i], false));
		for (size_t i = 0; i < t.query.count; i++)
			need(utf8_is_valid(t.query.at[i].value));
	}
	arena_fini(&arena);
	return 0;
}
