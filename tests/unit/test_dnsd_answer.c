/* test_dnsd_answer.c -- the pure function: what it says to each kind of question. */
#include "tests/unit/dnsd_world.h"

static const char zone[] = "$TTL 3600\n"
			   "@ SOA ns1 hostmaster 1 3600 900 1209600 300\n"
			   "  NS ns1\n"
			   "  NS ns2.elsewhere.net.\n"
			   "ns1 A 192.0.2.1\n"
			   "www 60 A 192.0.2.2\n"
			   "alias CNAME www\n"
			   "out CNAME www.elsewhere.net.\n"
			   "loop1 CNAME loop2\n"
			   "loop2 CNAME loop1\n"
			   "deep.empty A 192.0.2.3\n"
			   "*.wild A 192.0.2.4\n"
			   "*.wildalias CNAME www\n"
			   "sub NS ns.sub\n"
			   "sub NS ns1\n"
			   "ns.sub A 192.0.2.5\n"
			   "old DNAME wild\n"
			   "toolong DNAME "
			   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
			   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
			   "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc."
			   "dddddddddddddddddddddddddddddddddddddddddddddddddd.example.\n"
			   "mail MX 10 mx\n"
			   "mx A 192.0.2.6\n";

#define SOA "example.com 300 SOA ns1.example.com"

static void says(const char *name, uint16_t type, const char *should)
{
	struct world *w = world_new("example.com", zone);

	CHECK_TEXT(world_ask(w, name, type), should);
	world_free(w);
}

TEST(an_address)
{
	says("www.example.com", RR_A, "NOERROR aa; www.example.com 60 A 192.0.2.2;;;");
}

TEST(the_spelling_of_the_question_is_kept)
{
	says("wWw.eXample.COM", RR_A, "NOERROR aa; wWw.eXample.COM 60 A 192.0.2.2;;;");
}

TEST(no_data_and_no_name)
{
	says("www.example.com", RR_AAAA, "NOERROR aa;; " SOA ";;");
	says("nope.example.com", RR_A, "NXDOMAIN aa;; " SOA ";;");
	says("empty.example.com", RR_A, "NOERROR aa;; " SOA ";;");
	says("x.www.example.com", RR_A, "NXDOMAIN aa;; " SOA ";;");
}

TEST(outside_is_refused)
{
	says("example.org", RR_A, "REFUSED;;;;");
	says("com", RR_A, "REFUSED;;;;");
	says(".", RR_NS, "REFUSED;;;;");
}

TEST(aliases)
{
	says("alias.example.com", RR_A,
	     "NOERROR aa; alias.example.com 3600 CNAME www.example.com,"
	     " www.example.com 60 A 192.0.2.2;;;");
	says("alias.example.com", RR_CNAME,
	     "NOERROR aa; alias.example.com 3600 CNAME www.example.com;;;");
	says("alias.example.com", RR_MX,
	     "NOERROR aa; alias.example.com 3600 CNAME www.example.com; " SOA ";;");
	says("out.example.com", RR_A,
	     "NOERROR aa; out.example.com 3600 CNAME www.elsewhere.net;;;");
	says("loop1.example.com", RR_A,
	     "NOERROR aa; loop1.example.com 3600 CNAME loop2.example.com,"
	     " loop2.example.com 3600 CNAME loop1.example.com;;;");
}

TEST(wildcards)
{
	says("a.b.wild.example.com", RR_A,
	     "NOERROR aa; a.b.wild.example.com 3600 A 192.0.2.4;;;");
	says("a.wild.example.com", RR_MX, "NOERROR aa;; " SOA ";;");
	says("wild.example.com", RR_A, "NOERROR aa;; " SOA ";;");
	says("q.wildalias.example.com", RR_A,
	     "NOERROR aa; q.wildalias.example.com 3600 CNAME www.example.com,"
	     " www.example.com 60 A 192.0.2.2;;;");
}

TEST(referrals)
{
	static const char to_sub[] =
	    "NOERROR;; sub.example.com 3600 NS ns.sub.example.com,"
	    " sub.example.com 3600 NS ns1.example.com;"
	    " ns.sub.example.com 3600 A 192.0.2.5, ns1.example.com 3600 A 192.0.2.1;";

	says("sub.example.com", RR_A, to_sub);
	says("sub.example.com", RR_NS, to_sub);
	says("x.y.sub.example.com", RR_A, to_sub);
	says("ns.sub.example.com", RR_A, to_sub);
	says("sub.example.com", RR_DS, "NOERROR aa;; " SOA ";;");
}

TEST(dname)
{
	says("q.old.example.com", RR_A,
	     "NOERROR aa; old.example.com 3600 DNAME wild.example.com,"
	     " q.old.example.com 3600 CNAME q.wild.example.com,"
	     " q.wild.example.com 3600 A 192.0.2.4;;;");
	says("old.example.com", RR_A, "NOERROR aa;; " SOA ";;");
	says("old.example.com", RR_DNAME,
	     "NOERROR aa; old.example.com 3600 DNAME wild.example.com;;;");
}

TEST(a_name_that_dname_makes_too_long)
{
	struct world *w = world_new("example.com", zone);
	const char *text =
	    world_ask(w, "aaaaaaaaaaaaaaaaaaaaaaa.toolong.example.com", RR_A);

	CHECK(str_starts(str_of(text),
			 STR("YXDOMAIN aa; toolong.example.com 3600 DNAME ")));
	CHECK(get16(w->out + 6) == 1);
	world_free(w);
}

TEST(the_address_of_a_mail_server_comes_along)
{
	says("mail.example.com", RR_MX,
	     "NOERROR aa; mail.example.com 3600 MX 000a026d78c011;;"
	     " mx.example.com 3600 A 192.0.2.6;");
}

TEST(a_zone_below_another_answers_for_itself_but_its_ds_is_above)
{
	struct world *w = world_new("example.com", zone);

	CHECK(world_add(w, "sub.example.com",
			"@ 60 SOA ns m 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.9\n"));
	CHECK_TEXT(world_ask(w, "ns.sub.example.com", RR_A),
		   "NOERROR aa; ns.sub.example.com 60 A 192.0.2.9;;;");
	CHECK_TEXT(world_ask(w, "sub.example.com", RR_DS), "NOERROR aa;; " SOA ";;");
	world_free(w);
}

TEST(what_is_no_question_gets_no_answer)
{
	static const struct world_question response = { "www.example.com", .type = RR_A,
							.flags = FLAG_QR };
	struct world *w = world_new("example.com", zone);
	uint8_t p[600];
	size_t n = world_packet(&response, p);

	CHECK(world_send(w, p, n, false) == 0);
	for (n = 0; n < DNS_HEADER; n++)
		CHECK(world_send(w, p, n, false) == 0);
	world_free(w);
}

TEST(nonsense_is_a_format_error)
{
	static const struct world_question q = { "www.example.com", .type = RR_A,
						 .edns_size = 1232 };
	struct world *w = world_new("example.com", zone);
	uint8_t p[600];
	size_t n = world_packet(&q, p);

	for (size_t cut = DNS_HEADER; cut < n; cut++) {
		world_send(w, p, cut, false);
		CHECK((w->out[3] & 15) == RCODE_FORMERR);
	}
	put16(p + 4, 2);
	world_send(w, p, n, false);
	CHECK_TEXT(world_text(w), "FORMERR;;;;");
	CHECK(w->out_n == DNS_HEADER);
	world_free(w);
}

TEST(a_newer_edns_is_told_our_version)
{
	static const struct world_question q = { "www.example.com", .type = RR_A,
						 .edns_size = 1232 };
	struct world *w = world_new("example.com", zone);
	uint8_t p[600];
	size_t n = world_packet(&q, p);

	p[n - 5] = 1;
	world_send(w, p, n, false);
	CHECK_TEXT(world_text(w), "NOERROR;;;;");
	CHECK(w->out_n == n && w->out[n - 6] == 1 && w->out[n - 5] == 0);
	world_free(w);
}

TEST(an_answer_is_never_larger_than_asked_for)
{
	struct world_question q = { "many.example.com", .type = RR_A };
	struct buf text;
	struct world *w;

	buf_init(&text, 1 << 20);
	buf_text(&text, zone);
	for (int i = 0; i < 100; i++)
		buf_fmt(&text, "many A 10.0.0.%d\n", i);
	buf_char(&text, '\0');
	w = world_new("example.com", text.p);
	CHECK_TEXT(world_ask_with(w, &q), "NOERROR aa tc;;;;");
	CHECK(w->out_n <= 512);
	q.edns_size = 4096;
	CHECK_TEXT(world_ask_with(w, &q), "NOERROR aa tc;;;;");
	CHECK(w->out_n <= 1232);
	q.tcp = true;
	world_ask_with(w, &q);
	CHECK(get16(w->out + 6) == 100);
	buf_fini(&text);
	world_free(w);
}

/* ---- EDNS options ---- */

static size_t question_with_option(uint8_t *p, uint16_t code, const void *data, size_t n)
{
	static const struct world_question q = { "www.example.com", .type = RR_A,
						 .edns_size = 1232 };
	size_t at = world_packet(&q, p);

	put16(p + at - 2, (unsigned)(4 + n));
	put16(p + at, code);
	put16(p + at + 2, (unsigned)n);
	memcpy(p + at + 4, data, n);
	return at + 4 + n;
}

/* The data of the only option of the answer, which ends it. */
static const uint8_t *option_of(const struct world *w, uint16_t code, size_t n)
{
	const uint8_t *p = w->out + w->out_n - n - 4;

	CHECK(get16(p) == code && get16(p + 2) == n && get16(p - 2) == n + 4);
	return p + 4;
}

TEST(a_cookie_is_given_and_known_again)
{
	struct world *w = world_new("example.com", zone);
	uint8_t p[600], mine[24] = "12345678", given[24];
	struct cookie_holder h = { mine, (const uint8_t *)"\300\0\2\143", 4, 1000000 };
	const struct cookie_secrets *s = &w->snapshot->facts.cookies;

	world_send(w, p, question_with_option(p, 10, mine, 8), false);
	memcpy(given, option_of(w, 10, 24), 24);
	CHECK(memcmp(given, mine, 8) == 0);
	CHECK(cookie_is_good(s, &h, given + 8, 16));
	h.now_s += 3601;
	CHECK(!cookie_is_good(s, &h, given + 8, 16));
	h.now_s -= 3601 + 301;
	CHECK(!cookie_is_good(s, &h, given + 8, 16));
	h.now_s += 301;
	given[20] ^= 1;
	CHECK(!cookie_is_good(s, &h, given + 8, 16));
	given[20] ^= 1;
	h.address = (const uint8_t *)"\300\0\2\144";
	CHECK(!cookie_is_good(s, &h, given + 8, 16));
	world_free(w);
}

TEST(a_cookie_of_a_wrong_length_is_a_format_error)
{
	struct world *w = world_new("example.com", zone);
	uint8_t p[600], mine[64] = { 0 };

	for (size_t n = 0; n <= 44; n++) {
		bool right = n == 8 || (n >= 16 && n <= 40);

		world_send(w, p, question_with_option(p, 10, mine, n), false);
		CHECK_INT(w->out[3] & 15, right ? RCODE_NOERROR : RCODE_FORMERR);
	}
	world_free(w);
}

TEST(the_hash_of_cookies_is_siphash)
{
	uint8_t key[16], input[15];

	/* the example of the paper, appendix A */
	for (uint8_t i = 0; i < 16; i++)
		key[i] = i;
	memcpy(input, key, sizeof(input));
	CHECK(siphash(key, input, sizeof(input)) == 0xa129ca6149be45e5u);
}

TEST(a_cookie_as_in_the_example_of_its_rfc)
{
	/* RFC 9018 A.1 */
	static const uint8_t client[] = {
		0x24, 0x64, 0xc4, 0xab, 0xcf, 0x10, 0xc9, 0x57
	};
	static const uint8_t address[] = { 198, 51, 100, 100 };
	static const uint8_t should[] = {
		0x01, 0x00, 0x00, 0x00, 0x5c, 0xf7, 0x9f, 0x11,
		0x1f, 0x81, 0x30, 0xc3, 0xee, 0xe2, 0x94, 0x80
	};
	static const struct cookie_secrets s = {
		.bytes = { { 0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f, 0x48, 0xe7,
			     0xdc, 0x84, 0x9e, 0x37, 0xbf, 0xcf } },
		.count = 1,
	};
	const struct cookie_holder h = { client, address, 4, 1559731985 };
	uint8_t made[COOKIE_SERVER];

	cookie_make(&s, &h, made);
	CHECK(memcmp(made, should, sizeof(should)) == 0);
}

TEST(identity_and_keepalive_when_asked_for)
{
	struct world *w = world_new("example.com", zone);
	uint8_t p[600];
	size_t n;

	world_send(w, p, question_with_option(p, 3, "", 0), false);
	CHECK(memcmp(option_of(w, 3, 2), "me", 2) == 0);
	n = question_with_option(p, 11, "", 0);
	world_send(w, p, n, true);
	CHECK_INT(get16(option_of(w, 11, 2)), 100);
	world_send(w, p, n, false);
	CHECK_INT(get16(w->out + w->out_n - 2), 0); /* not over UDP */
	world_free(w);
}

TEST(the_version_is_told_and_the_rest_is_not)
{
	struct world_question q = { "version.bind", .type = RR_TXT, .class = CLASS_CH };
	struct world *w = world_new("example.com", zone);

	CHECK_TEXT(world_ask_with(w, &q), "NOERROR; version.bind 0 TXT 036f6e65;;;");
	q.name = "id.server";
	CHECK_TEXT(world_ask_with(w, &q), "REFUSED;;;;");
	q.name = "www.example.com";
	CHECK_TEXT(world_ask_with(w, &q), "REFUSED;;;;");
	world_free(w);
}

TEST(a_refusal_says_why)
{
	static const struct world_question q = { "example.org", .type = RR_A,
						 .edns_size = 1232 };
	struct world *w = world_new("example.com", zone);

	CHECK_TEXT(world_ask_with(w, &q), "REFUSED;;;;");
	CHECK_INT(get16(option_of(w, 15, 2)), 20);
	world_free(w);
}
