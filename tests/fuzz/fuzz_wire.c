/* fuzz_wire.c -- the value decoder of the fabric over any bytes: it reads them as what
 * they say they are, skips them, and writes what it read; the copy must be the original.
 */
#include "common/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void copy_value(struct wire *w, struct buf *b, int depth)
{
	switch (wire_peek(w)) {
	case 'n':
		if (!wire_null(w))
			abort();
		wire_put_null(b);
		break;
	case 't':
	case 'f':
		wire_put_bool(b, wire_bool(w));
		break;
	case 'i':
		wire_put_int(b, wire_int(w));
		break;
	case 'd':
		wire_put_float(b, wire_float(w));
		break;
	case 's':
		wire_put_bytes(b, wire_bytes(w));
		break;
	case '[':
		if (depth == 0) {
			w->bad = true;
			break;
		}
		{
			uint32_t count = wire_list(w);

			wire_put_list(b, count);
			while (count-- > 0 && !w->bad)
				copy_value(w, b, depth - 1);
		}
		break;
	default:
		w->bad = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct str all = { (const char *)bytes, n };
	struct wire skipping = wire_of(all), reading = wire_of(all);
	struct buf copy;

	buf_init(&copy, 2 * n + 64);
	while (wire_peek(&skipping) != 0)
		wire_skip(&skipping);
	while (wire_peek(&reading) != 0)
		copy_value(&reading, &copy, WIRE_DEPTH);
	if (skipping.bad != reading.bad)
		abort();
	if (wire_end(&reading) && !(buf_ok(&copy) && str_eq(buf_get(&copy), all)))
		abort();
	/* once bad, every read gives nothing */
	if (reading.bad && (wire_int(&reading) != 0 || wire_bytes(&reading).n != 0 ||
			    wire_list(&reading) != 0 || wire_end(&reading)))
		abort();
	buf_fini(&copy);
	return 0;
}
