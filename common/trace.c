/* trace.c -- see trace.h. */
#include "common/trace.h"

#include <stdio.h>
#include <sys/random.h>

#include "common/clock.h"

uint64_t trace_random(void)
{
	static _Thread_local uint64_t state;
	uint64_t z;

	while (state == 0)
		if (getrandom(&state, sizeof(state), 0) != sizeof(state))
			state = (uint64_t)clock_wall_us();
	/* splitmix64 */
	state += 0x9e3779b97f4a7c15u;
	z = state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return z != 0 ? z : 1;
}

void trace_new(struct fabric_context *ret)
{
	uint64_t high = trace_random(), low = trace_random();

	memcpy(ret->trace, &high, 8);
	memcpy(ret->trace + 8, &low, 8);
	ret->span = trace_random();
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *p, size_t bytes, uint8_t *ret)
{
	for (size_t i = 0; i < bytes; i++) {
		int high = hex_digit(p[2 * i]), low = hex_digit(p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool is_zero(const uint8_t *p, size_t n) /* which is no id */
{
	uint8_t any = 0;

	while (n > 0)
		any |= p[--n];
	return any == 0;
}

bool trace_parse(struct str s, struct fabric_context *ret)
{
	uint8_t version, flags, trace[FABRIC_TRACE_SIZE], span[8];

	if (s.n < 55 || (s.n > 55 && s.p[55] != '-') || s.p[2] != '-' || s.p[35] != '-' ||
	    s.p[52] != '-' || !read_hex(s.p, 1, &version) || version == 0xff ||
	    (version == 0 && s.n > 55) || !read_hex(s.p + 3, 16, trace) ||
	    !read_hex(s.p + 36, 8, span) || !read_hex(s.p + 53, 1, &flags) ||
	    is_zero(trace, sizeof(trace)) || is_zero(span, sizeof(span)))
		return false;
	memcpy(ret->trace, trace, sizeof(trace));
	ret->span = trace_random();
	return true;
}

char *trace_hex(const uint8_t trace[FABRIC_TRACE_SIZE], char ret[TRACE_HEX_SIZE])
{
	for (int i = 0; i < FABRIC_TRACE_SIZE; i++) {
		ret[2 * i] = "0123456789abcdef"[trace[i] >> 4];
		ret[2 * i + 1] = "0123456789abcdef"[trace[i] & 15];
	}
	ret[32] = '\0';
	return ret;
}

char *trace_parent(const struct fabric_context *c, char ret[TRACEPARENT_SIZE])
{
	char hex[TRACE_HEX_SIZE];

	snprintf(ret, TRACEPARENT_SIZE, "00-%s-%016llx-01", trace_hex(c->trace, hex),
		 (unsigned long long)c->span);
	return ret;
}
