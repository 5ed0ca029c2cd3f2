/* test_dnsd_doh.c -- questions that webd hands on. */
#include "dnsd/doh.h"
#include "tests/unit/dnsd_world.h"

static const char zone[] = "@ 60 SOA ns1 h 1 2 3 4 5\n@ 60 NS ns1\nns1 30 A 192.0.2.1\n"
			   "ns1 40 AAAA ::1\n";

struct doh {
	struct world *w;
	struct buf request, reply;
	uint8_t out[DNS_MAX];
};

static struct doh *doh_new(void)
{
	struct doh *d = calloc(1, sizeof(*d));

	d->w = world_new("example.com", zone);
	buf_init(&d->request, 1 << 17);
	buf_init(&d->reply, 1 << 17);
	return d;
}

static void doh_free(struct doh *d)
{
	buf_fini(&d->request);
	buf_fini(&d->reply);
	world_free(d->w);
	free(d);
}

static bool ask(struct doh *d, const char *name, uint16_t type, bool padding)
{
	static const struct client client = { .now_s = 1 };
	const struct asked asked = { d->w->snapshot, d->w->scratch, &client };
	struct world_question q = { name, .type = type, .edns_size = padding ? 1232 : 0 };
	uint8_t p[600];
	size_t n = world_packet(&q, p);

	if (padding) {
		put16(p + n - 2, 4);
		put16(p + n, 12);
		put16(p + n + 2, 0);
		n += 4;
	}
	buf_reset(&d->request);
	buf_reset(&d->reply);
	wire_put_bytes(&d->request, (struct str){ "\300\0\2\1", 4 });
	wire_put_bytes(&d->request, (struct str){ (char *)p, n });
	return doh_answer(&asked, buf_get(&d->request), d->out, &d->reply);
}

static int64_t cached_for(struct doh *d)
{
	struct wire w = wire_of(buf_get(&d->reply));
	struct str answer = wire_bytes(&w);
	int64_t s = wire_int(&w);

	CHECK(wire_end(&w) && answer.n > DNS_HEADER);
	return s;
}

TEST(an_answer_may_be_cached_for_its_shortest_ttl)
{
	struct doh *d = doh_new();

	CHECK(ask(d, "ns1.example.com", RR_A, false));
	CHECK_INT(cached_for(d), 30);
	CHECK(ask(d, "nope.example.com", RR_A, false));
	CHECK_INT(cached_for(d), 5);
	CHECK(ask(d, "example.org", RR_A, false));
	CHECK_INT(cached_for(d), 0);
	doh_free(d);
}

TEST(padding_is_for_those_who_pad)
{
	struct doh *d = doh_new();
	struct wire w;

	CHECK(ask(d, "ns1.example.com", RR_A, true));
	w = wire_of(buf_get(&d->reply));
	CHECK_INT(wire_bytes(&w).n % 468, 0);
	CHECK(ask(d, "ns1.example.com", RR_A, false));
	w = wire_of(buf_get(&d->reply));
	CHECK(wire_bytes(&w).n < 100);
	doh_free(d);
}

TEST(what_is_no_request_is_refused)
{
	static const struct client client = { .now_s = 1 };
	struct doh *d = doh_new();
	const struct asked asked = { d->w->snapshot, d->w->scratch, &client };

	CHECK(ask(d, "ns1.example.com", RR_A, false));
	for (size_t n = 0; n < d->request.n; n++)
		CHECK(!doh_answer(&asked, (struct str){ d->request.p, n }, d->out,
				  &d->reply));
	buf_reset(&d->request);
	wire_put_bytes(&d->request, STR("abc"));
	wire_put_bytes(&d->request, STR("abcdefghijklmnop"));
	CHECK(!doh_answer(&asked, buf_get(&d->request), d->out, &d->reply));
	doh_free(d);
}
