/* fuzz_dnsd_svcb.c -- any octets as the text of an SVCB record: what is taken has keys
 * that ascend and lengths that end where the record does; what is not is refused for a
 * reason. */
#include "dnsd/name.h"
#include "dnsd/query.h"
#include "dnsd/svcb.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must_be_right(const struct svcb *s)
{
	size_t at = 2 + name_length(s->rdata + 2, s->n - 2);
	int last = -1;

	if (at == 2)
		abort();
	while (at < s->n) {
		if (s->n - at < 4 || get16(s->rdata + at) <= last)
			abort();
		last = get16(s->rdata + at);
		at += 4u + get16(s->rdata + at + 2);
	}
	if (at != s->n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const uint8_t origin[] = "\1a";
	static uint8_t rdata[SVCB_MAX];
	struct zone_text t;
	struct buf room;

	buf_init(&room, 65000);
	zone_text_init(&t, (struct str){ (const char *)bytes, n });
	while (zone_text_next(&t) > 0) {
		struct svcb s = { .origin = origin, .room = &room, .rdata = rdata };

		if (svcb_read(&s, t.tokens, t.count))
			must_be_right(&s);
		else if (s.why[0] == '\0')
			abort();
	}
	zone_text_fini(&t);
	buf_fini(&room);
	return 0;
}
