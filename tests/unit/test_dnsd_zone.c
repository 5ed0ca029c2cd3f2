/* test_dnsd_zone.c -- zone files: what the notation allows, and what is refused, with the
 * line. */
#include "tests/unit/dnsd_world.h"

#define HEAD "$TTL 3600\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n"

static void answers(const char *zone, const char *name, uint16_t type, const char *should)
{
	struct world *w = world_new("example.com", zone);

	CHECK_TEXT(world_ask(w, name, type), should);
	world_free(w);
}

/* What is wrong (or odd) with it begins with this line. */
static void says(const char *zone, const char *wrong, const char *odd)
{
	struct complaints c;
	struct zone *z;

	complaints_init(&c);
	z = world_zone(&c, "example.com", zone);
	if (CHECK((z == NULL) == (wrong != NULL)) && wrong != NULL)
		CHECK(str_starts(buf_get(&c.wrong), str_of(wrong)) ||
		      check_failed(__FILE__, __LINE__, "%s: %.*s", wrong,
				   STR_ARG(buf_get(&c.wrong))));
	if (odd != NULL)
		CHECK_HAS(buf_get(&c.odd), odd);
	else
		CHECK_INT(c.odd.n, 0);
	zone_unref(z);
	complaints_fini(&c);
}

TEST(owners_are_inherited_and_origins_changed)
{
	static const char zone[] = HEAD "a A 192.0.2.2\n"
					"  AAAA ::1\n"
					"$ORIGIN sub.example.com.\n"
					"@ A 192.0.2.3\n"
					"b.example.com. A 192.0.2.4\n"
					"c 60 IN A 192.0.2.5\n"
					"d IN 60 A 192.0.2.6\n";

	answers(
	    zone, "a.example.com", RR_AAAA,
	    "NOERROR aa; a.example.com 3600 AAAA 00000000000000000000000000000001;;;");
	answers(zone, "sub.example.com", RR_A,
		"NOERROR aa; sub.example.com 3600 A 192.0.2.3;;;");
	answers(zone, "b.example.com", RR_A,
		"NOERROR aa; b.example.com 3600 A 192.0.2.4;;;");
	answers(zone, "c.sub.example.com", RR_A,
		"NOERROR aa; c.sub.example.com 60 A 192.0.2.5;;;");
	answers(zone, "d.sub.example.com", RR_A,
		"NOERROR aa; d.sub.example.com 60 A 192.0.2.6;;;");
}

TEST(parentheses_comments_quotes_and_escapes)
{
	answers("@ 1h SOA ns1 h ( 1 ; serial\n 2 3 ;;;(\n4\n\n\n 5 ) ; end\n@ 1m NS ns1\n"
		"ns1 1w A 192.0.2.1\nt 1 TXT ( \"a;b\" \"c d\"\n e\\ f \"\" )\n",
		"t.example.com", RR_TXT,
		"NOERROR aa; t.example.com 1 TXT 03613b6203632064036520660"
		"0;;;");
	answers(HEAD "a\\.b A 192.0.2.2\n", "a\\.b.example.com", RR_A,
		"NOERROR aa; a\\.b.example.com 3600 A 192.0.2.2;;;");
	answers(HEAD "\\065bc A 192.0.2.2\n", "abc.example.com", RR_A,
		"NOERROR aa; abc.example.com 3600 A 192.0.2.2;;;");
	answers(HEAD "crlf A 192.0.2.2\r\n", "crlf.example.com", RR_A,
		"NOERROR aa; crlf.example.com 3600 A 192.0.2.2;;;");
	answers(HEAD "end A 192.0.2.2", "end.example.com", RR_A,
		"NOERROR aa; end.example.com 3600 A 192.0.2.2;;;");
}

TEST(octets_that_no_master_file_has)
{
	char long_text[70000] = HEAD "x TXT ";
	size_t n = strlen(long_text);

	answers("\xef\xbb\xbf" HEAD "bom A 192.0.2.2\n", "bom.example.com", RR_A,
		"NOERROR aa; bom.example.com 3600 A 192.0.2.2;;;");
	/* more than ldns reads, which would leave out the rest */
	while (n < 66000)
		n += (size_t)snprintf(long_text + n, sizeof(long_text) - n, "abcdefghi ");
	says(long_text, "zone:5: the record's text is over 65000 octets", NULL);
}

TEST(types_that_nobody_knows)
{
	answers(HEAD "x TYPE65280 \\# 4 0A00 0001\n", "x.example.com", 65280,
		"NOERROR aa; x.example.com 3600 TYPE65280 0a000001;;;");
	answers(HEAD "x TYPE1 \\# 4 c0000263\n", "x.example.com", RR_A,
		"NOERROR aa; x.example.com 3600 A 192.0.2.99;;;");
	answers(HEAD "x TYPE65281 \\# 0\n", "x.example.com", 65281,
		"NOERROR aa; x.example.com 3600 TYPE65281 ;;;");
	says(HEAD "x TYPE65280 \\# 4 0A0000\n", "zone:5: \\# 4 is followed by 6", NULL);
	says(HEAD "x A \\# 3 0A0000\n", "zone:5: these octets are no A", NULL);
}

/* RFC 9460 2.1: a value may stand in quotes, which are not around the whole word */
TEST(parameters_in_quotes)
{
	answers(HEAD "x HTTPS 1 . alpn=\"h2,h3\" port=\"443\" key700=\"a b;c\"\n",
		"x.example.com", RR_HTTPS,
		"NOERROR aa; x.example.com 3600 HTTPS 0001000001000602683202683300030002"
		"01bb02bc00056120623b63;;;");
	answers(HEAD "$ORIGIN b.example.com.\nx SVCB \\# 3 000100\ny SVCB 1 x port=1\n",
		"y.b.example.com", RR_SVCB,
		"NOERROR aa; y.b.example.com 3600 SVCB 0001017801620765"
		"78616d706c6503636f6d00000300020001;;;");
	answers(HEAD "x SVCB \\# 3 000100\n", "x.example.com", RR_SVCB,
		"NOERROR aa; x.example.com 3600 SVCB 000100;;;");
	answers(HEAD "x TXT a\"b\"c\n", "x.example.com", RR_TXT,
		"NOERROR aa; x.example.com 3600 TXT 016101620163;;;");
}

TEST(every_type_there_is)
{
	static const char *const records[] = {
		"HINFO \"a\" \"b\"",
		"MINFO a b",
		"RP a b",
		"AFSDB 1 a",
		"X25 \"311\"",
		"ISDN \"1\" \"2\"",
		"RT 1 a",
		"KX 1 a",
		"SRV 1 2 3 a",
		"NAPTR 1 2 \"\" \"\" \"\" a",
		"LOC 1 N 2 E 3m",
		"APL 1:192.0.2.0/24",
		"SSHFP 1 1 00",
		"TLSA 1 1 1 00",
		"SMIMEA 1 1 1 00",
		"CAA 0 issue \"x\"",
		"URI 1 2 \"http://x\"",
		"DNAME a",
		"SVCB 1 . alpn=h2",
		"HTTPS 0 a",
		"OPENPGPKEY AAAA",
		"EUI48 00-00-00-00-00-01",
		"EUI64 00-00-00-00-00-00-00-01",
		"NID 1 0:0:0:1",
		"L32 1 1.2.3.4",
		"L64 1 0:0:0:1",
		"LP 1 a",
		"CSYNC 1 0 A NS",
		"ZONEMD 1 1 1 00",
		"DHCID AAAA",
		"IPSECKEY ( 10 1 2 192.0.2.1 AQNR U3mG )",
		"CERT 1 2 3 AAAA",
		"DNSKEY 256 3 13 AAAA AAAA",
		"DS 1 13 2 00 00",
	};

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		char zone[300];

		snprintf(zone, sizeof(zone), "%sx %s\n", HEAD, records[i]);
		says(zone, NULL, NULL);
	}
}

TEST(times)
{
	uint32_t v = 7;

	CHECK(zone_ttl(STR("0"), &v) && v == 0);
	CHECK(zone_ttl(STR("1h30m"), &v) && v == 5400);
	CHECK(zone_ttl(STR("1W2D3H4M5S"), &v) && v == 788645);
	CHECK(zone_ttl(STR("2147483647"), &v) && v == 2147483647);
	CHECK(!zone_ttl(STR("2147483648"), &v));
	CHECK(!zone_ttl(STR("99999999999999999999"), &v));
	CHECK(!zone_ttl(STR("9999999w"), &v));
	CHECK(!zone_ttl(STR(""), &v));
	CHECK(!zone_ttl(STR("h"), &v));
	CHECK(!zone_ttl(STR("1x"), &v));
	CHECK(!zone_ttl(STR("-1"), &v));
}

TEST(names)
{
	uint8_t name[NAME_WIRE];
	size_t n;

	CHECK(zone_name(STR("."), NULL, name, &n) && n == 1);
	CHECK(zone_name(STR("a.b."), NULL, name, &n) && n == 5 &&
	      memcmp(name, "\1a\1b", 5) == 0);
	CHECK(zone_name(STR("a"), (const uint8_t *)"\1b", name, &n) && n == 5);
	CHECK(zone_name(STR("@"), (const uint8_t *)"\1b", name, &n) && n == 3);
	CHECK(zone_name(STR("\\001\\.x"), NULL, name, &n) && n == 5);
	CHECK(!zone_name(STR(""), NULL, name, &n));
	CHECK(!zone_name(STR(".a"), NULL, name, &n));
	CHECK(!zone_name(STR("a..b"), NULL, name, &n));
	CHECK(!zone_name(STR("a\\"), NULL, name, &n));
	CHECK(!zone_name(STR("a\\25"), NULL, name, &n));
	CHECK(!zone_name(STR("a\\256"), NULL, name, &n));
	CHECK(zone_name(
		  STR("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"),
		  NULL, name, &n) &&
	      n == 65);
	CHECK(!zone_name(
	    STR("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd"), NULL,
	    name, &n));
}

TEST(the_longest_name)
{
	char text[300] = "";
	uint8_t name[NAME_WIRE];
	size_t n;

	for (int i = 0; i < 127; i++)
		snprintf(text + 2 * i, sizeof(text) - 2 * (size_t)i, "a.");
	CHECK(zone_name(str_of(text), NULL, name, &n) && n == 255);
	snprintf(text + 254, sizeof(text) - 254, "a.");
	CHECK(!zone_name(str_of(text), NULL, name, &n));
}

TEST(what_is_wrong_is_said_with_its_line)
{
	says("", "zone: no record has the name example.com", NULL);
	says("x 60 A 192.0.2.1\n", "zone: no record has the name example.com", NULL);
	says("@ 60 NS a.\n",
	     "zone:1: example.com NS is at the zone's name, but an SOA is not", NULL);
	says("@ 60 SOA a b 1 2 3 4 5\n",
	     "zone:1: example.com SOA is at the zone's name, but an NS is not", NULL);
	says(HEAD "@ SOA ns1 h 2 2 3 4 5\n",
	     "zone:2: example.com SOA is there more than once", NULL);
	says(HEAD "a CNAME b\na A 192.0.2.1\n",
	     "zone:5: a.example.com CNAME stands beside a A", NULL);
	says(HEAD "a CNAME b\na CNAME c\n",
	     "zone:5: a.example.com CNAME is there more than", NULL);
	says(HEAD "a DNAME b\na DNAME c\n",
	     "zone:5: a.example.com DNAME is there more than", NULL);
	says(HEAD "a SOA ns1 h 2 2 3 4 5\n",
	     "zone:5: a.example.com SOA is not at the zone's", NULL);
	says(HEAD "a.example.org. A 192.0.2.1\n", "zone:5: a.example.org A is outside",
	     NULL);
	says(HEAD "\n\na A 192.0.2\n", "zone:7: A: ", NULL);
	says(HEAD "a HTTPS 1 . port=1 (\n port=2 )\n",
	     "zone:5: HTTPS: port: it is there twice", NULL);
	says(HEAD "a FOO 1\n", "zone:5: unknown record type 'FOO'", NULL);
	says(HEAD "a CH A 192.0.2.1\n", "zone:5: class CH", NULL);
	says(HEAD "a\n", "zone:5: a record without a type", NULL);
	says(HEAD "a TXT \"x\n", "zone:5: a quoted string does not end", NULL);
	says(HEAD "a TXT ( x\n", "zone:6: a '(' is never closed", NULL);
	says(HEAD "a TXT ) x\n", "zone:5: a ')' without its '('", NULL);
	says(HEAD "a..b A 192.0.2.1\n", "zone:5: 'a..b' is no name", NULL);
	says(HEAD "$FOO 1\n", "zone:5: '$FOO' is not understood", NULL);
	says(HEAD "$INCLUDE ../x\n", "zone:5: $INCLUDE '../x' leaves", NULL);
	says(HEAD "$INCLUDE /etc/passwd\n", "zone:5: $INCLUDE '/etc/passwd' leaves",
	     NULL);
	says(HEAD "$INCLUDE nothing.here\n", "nothing.here: cannot be read", NULL);
	says("@ NS a\n", "zone:1: no TTL", NULL);
	says(HEAD "a 99999999999 A 192.0.2.1\n", "zone:5: '99999999999' is no TTL", NULL);
	says(HEAD "a ANY 1\n", "zone:5: ANY is for questions", NULL);
	says("  A 192.0.2.1\n", "zone:1: the first record has no name", NULL);
}

TEST(what_is_only_odd_is_served)
{
	says(HEAD "sub NS ns.sub\n", NULL,
	     "zone:5: sub.example.com NS names ns.sub.example.com, which needs");
	says(HEAD "a 60 A 192.0.2.1\na 61 A 192.0.2.2\n", NULL,
	     "zone:5: a.example.com A has more than one TTL");
	says(HEAD "sub NS ns1\nsub A 192.0.2.1\n", NULL,
	     "zone:6: sub.example.com A is below a delegation");
	says(HEAD "d DNAME x\na.d A 192.0.2.1\n", NULL,
	     "zone:6: a.d.example.com A is below a DNAME");
}

TEST(a_record_that_is_there_twice_is_there_once)
{
	answers(HEAD "a A 192.0.2.2\na A 192.0.2.2\n", "a.example.com", RR_A,
		"NOERROR aa; a.example.com 3600 A 192.0.2.2;;;");
}
