/* test_dnsd_svcb.c -- SVCB and HTTPS records: the examples of RFC 9460 appendix D, and
 * what else their notation allows and forbids. */
#include "dnsd/svcb.h"

#include "dnsd/name.h"
#include "tests/unit/check.h"

enum { ROOM = 65000 };

#define FOO_COM "03666f6f076578616d706c6503636f6d00"
#define FOO_ORG "03666f6f076578616d706c65036f726700"

static uint8_t rdata[SVCB_MAX];

/* Reads what follows the type; the origin is "a". */
static bool reads(struct svcb *s, struct buf *room, struct str text)
{
	static const uint8_t origin[] = "\1a";
	struct zone_text t;
	bool ok;

	buf_init(room, ROOM);
	*s = (struct svcb){ .origin = origin, .room = room, .rdata = rdata };
	zone_text_init(&t, text);
	if (zone_text_next(&t) <= 0)
		abort();
	ok = svcb_read(s, t.tokens, t.count);
	zone_text_fini(&t);
	return ok;
}

static void gives(const char *text, const char *should)
{
	char hex[2048] = "";
	struct svcb s;
	struct buf room;

	if (!reads(&s, &room, str_of(text)))
		CHECK_FAIL("%s: %s", text, s.why);
	else
		for (size_t i = 0; i < s.n && 2 * i + 2 < sizeof(hex); i++)
			snprintf(hex + 2 * i, 3, "%02x", rdata[i]);
	CHECK_TEXT(hex, should);
	buf_fini(&room);
}

static void refuses(const char *text, const char *why)
{
	struct svcb s;
	struct buf room;

	if (reads(&s, &room, str_of(text)))
		CHECK_FAIL("%s is taken", text);
	else
		CHECK_TEXT(s.why, why);
	buf_fini(&room);
}

TEST(examples_of_the_rfc)
{
	gives("0 foo.example.com.", "0000" FOO_COM);
	gives("1 .", "000100");
	gives("16 foo.example.com. port=53", "0010" FOO_COM "000300020035");
	gives("1 foo.example.com. key667=hello", "0001" FOO_COM "029b000568656c6c6f");
	gives("1 foo.example.com. key667=\"hello\\210qoo\"",
	      "0001" FOO_COM "029b000968656c6c6fd2716f6f");
	gives("1 foo.example.com. (\n ipv6hint=\"2001:db8::1,2001:db8::53:1\"\n )",
	      "0001" FOO_COM
	      "0006002020010db800000000000000000000000120010db8000000000000000000530001");
	gives("1 example.com. (\n ipv6hint=\"2001:db8:122:344::192.0.2.33\"\n )",
	      "0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221");
	gives("16 foo.example.org. (\n alpn=h2,h3-19 mandatory=ipv4hint,alpn\n"
	      " ipv4hint=192.0.2.1\n )",
	      "0010" FOO_ORG "000000040001000400010009026832056833"
	      "2d313900040004c0000201");
	gives("16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
	      "0010" FOO_ORG "0001000c08665c6f6f2c626172026832");
	gives("16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
	      "0010" FOO_ORG "0001000c08665c6f6f2c626172026832");
}

TEST(failures_of_the_rfc)
{
	refuses("1 foo.example.com. (\n key123=abc key123=def\n )",
		"key123: it is there twice");
	refuses("1 foo.example.com. mandatory", "mandatory: it has no value");
	refuses("1 foo.example.com. alpn", "alpn: it has no value");
	refuses("1 foo.example.com. port", "port: it has no value");
	refuses("1 foo.example.com. ipv4hint", "ipv4hint: it has no value");
	refuses("1 foo.example.com. ipv6hint", "ipv6hint: it has no value");
	refuses("1 foo.example.com. no-default-alpn=abc",
		"no-default-alpn: it takes no value");
	refuses("1 foo.example.com. mandatory=key123",
		"key123 is mandatory, but not there");
	refuses("1 foo.example.com. mandatory=mandatory",
		"mandatory: it does not name itself");
	refuses("1 foo.example.com. (\n mandatory=key123,key123 key123=abc\n )",
		"mandatory: key123 is there twice");
}

TEST(targets_and_priorities)
{
	gives("65535 b.c", "ffff0162016301"
			   "6100");
	gives("1 @", "0001016100");
	gives("0 . key9999", "000000270f0000");
	refuses("1", "a priority and a target are needed");
	refuses("65536 .", "the priority '65536' is no number up to 65535");
	refuses("-1 .", "the priority '-1' is no number up to 65535");
	refuses("alpn=h2 .", "the priority 'alpn=h2' is no number up to 65535");
	refuses("1 a..b", "the target 'a..b' is no name");
}

TEST(keys)
{
	/* in any order; each once, by whichever name */
	gives("1 . key5000=c port=1 key65534 key4=\\192\\000\\002\\001 alpn=a",
	      "000100"
	      "00010002016100030002000100040004c00002011388000163fffe0000");
	gives("1 . key667= key668=\"\" key669", "000100029b0000029c0000029d0000");
	gives("1 . key3=\"\\000\\053\"", "000100000300020035");
	gives("1 . key0=\\000\\003 key3=\\000\\053", "0001000000000200030003"
						     "00020035");
	gives("1 . alpn=h2 no-default-alpn=\"\"", "000100000100030268320002"
						  "0000");
	gives("1 . dohpath=/q{?dns} ohttp tls-supported-groups=29,23",
	      "000100000700082f717b3f646e737d0008000000090004001d0017");
	refuses("1 . port=1 key3=\\000\\001", "key3: it is there twice");
	refuses("1 . port=1 alpn=h2 port=1", "port: it is there twice");
	refuses("1 . key3=1", "key3: its value is 1 octets, not 2");
	refuses("1 . key4=12345", "key4: its value is 5 octets, not a multiple of 4");
	refuses("1 . key1=\\003h2", "key1: these octets are no list of protocols");
	refuses("1 . key1=\\000", "key1: these octets are no list of protocols");
	refuses("1 . key0=\\000\\004\\000\\003 port=1 ipv4hint=1.2.3.4",
		"key0: these octets are no keys in ascending order");
	refuses("1 . key0667=a", "key0667: no parameter has this name");
	refuses("1 . key65535=a", "key65535: no parameter has this name");
	refuses("1 . key=a", "key: no parameter has this name");
	refuses("1 . PORT=1", "PORT: no parameter has this name");
	refuses("1 . xy", "xy: no parameter has this name");
	refuses("1 . p\\111rt=1", "p\\111rt: no parameter has this name");
	refuses("1 . no-default-alpn", "no-default-alpn is there without alpn");
	refuses("1 . mandatory=port,alpn alpn=h2", "port is mandatory, but not there");
	refuses("1 . mandatory=x", "mandatory: 'x' is no key");
	refuses("1 . mandatory=alpn, alpn=h2", "mandatory: '' is no key");
}

TEST(values)
{
	gives("1 . key667=\"a;b \\\"c\\\\\" key668=a=b\\ \\;\\\"",
	      "000100029b0007613b6220"
	      "22635c029c0006613d62203b22");
	gives("1 . alpn=\\097,b\\044c", "00010000010006016101620163");
	gives("1 . mandatory=key668,port,alpn key668 port=0 alpn=\"x\"",
	      "0001000000000600010003029c0001000201780003000200"
	      "00029c0000");
	gives("1 . ech=AEX+DQ==", "0001000005000400"
				  "45fe0d");
	gives("1 . ech=\"AEX+\"", "000100000500030045fe");
	gives("1 . ipv4hint=192.0.2.1,192.0.2.2", "00010000040008c0000201c0000202");
	refuses("1 . key667=\\256",
		"key667: a backslash takes one octet or three digits up "
		"to 255");
	refuses("1 . alpn=h2,,h3", "alpn: each has 1 to 255 octets, not 0");
	refuses("1 . alpn=h2,", "alpn: each has 1 to 255 octets, not 0");
	refuses("1 . alpn=\"a\\\\\"", "alpn: nothing follows the last backslash");
	refuses("1 . port=65536", "port: '65536' is no number up to 65535");
	refuses("1 . port=1,2", "port: its value is 4 octets, not 2");
	refuses("1 . port=1x", "port: '1x' is no number up to 65535");
	refuses("1 . ipv4hint=1.2.3", "ipv4hint: '1.2.3' is no IPv4 address");
	refuses("1 . ipv4hint=1.2.3.4\\000", "ipv4hint: '1.2.3.4' is no IPv4 address");
	refuses("1 . ipv4hint=\"1.2.3.4, 1.2.3.5\"",
		"ipv4hint: ' 1.2.3.5' is no IPv4 address");
	refuses("1 . ipv6hint=1.2.3.4", "ipv6hint: '1.2.3.4' is no IPv6 address");
	refuses("1 . ech", "ech: it has no value");
	refuses("1 . ech=AEX", "ech: it is not base64");
	refuses("1 . ech=\"AEX \"", "ech: it is not base64");
	refuses("1 . ech=A=X=", "ech: it is not base64");
	refuses("1 . ech=====", "ech: it is not base64");
	refuses("1 . ech=\"    \"", "ech: it is not base64");
	refuses("1 . ech=AE_-", "ech: it is not base64");
	refuses("1 . ohttp=1", "ohttp: it takes no value");
	refuses("1 . dohpath", "dohpath: it has no value");
	refuses("1 . tls-supported-groups=29,29",
		"tls-supported-groups: 29 is there twice");
}

TEST(quotes_are_around_values)
{
	static const char should[] = ": a parameter is key, key=value or key=\"value\"";
	static const char *const wrong[][2] = {
		{ "1 . \"port=1\"", "port" },        { "1 . port= \"1\"", "port" },
		{ "1 . alpn=h\"2\"", "alpn" },       { "1 . alpn\"h2\"", "alpn" },
		{ "1 . alpn=\"h2\"port=1", "alpn" }, { "1 . alpn=\"h2\"\"h3\"", "alpn" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char why[100];

		snprintf(why, sizeof(why), "%s%s", wrong[i][1], should);
		refuses(wrong[i][0], i == 1 ? "port: it has no value" : why);
	}
	refuses("1 . =x", "a parameter is key, key=value or key=\"value\"");
	refuses("1 . \"\"", "a parameter is key, key=value or key=\"value\"");
}

/* What is written and read stays within the octets of a record. */
TEST(sizes)
{
	static char text[1 << 20];
	struct svcb s;
	struct buf room;
	size_t n = 0;

	memset(text, 'x', sizeof(text));
	memcpy(text, "1 . alpn=", 9);
	CHECK(reads(&s, &room, (struct str){ text, 9 + 255 }));
	CHECK_INT(s.n, 3 + 4 + 256);
	buf_fini(&room);
	CHECK(!reads(&s, &room, (struct str){ text, 9 + 256 }));
	CHECK_TEXT(s.why, "alpn: each has 1 to 255 octets, not 256");
	buf_fini(&room);
	memcpy(text, "1 . key99=", 10);
	CHECK(reads(&s, &room, (struct str){ text, 10 + ROOM }));
	CHECK_INT(s.n, 3 + 4 + ROOM);
	buf_fini(&room);
	CHECK(!reads(&s, &room, (struct str){ text, sizeof(text) }));
	CHECK_TEXT(s.why, "key99: its value is too long");
	buf_fini(&room);
	/* from the last key to the first: more of them than there is room for */
	n = (size_t)snprintf(text, sizeof(text), "1 .");
	for (unsigned key = 29999; key >= 10000; key--)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " key%u", key);
	CHECK(!reads(&s, &room, (struct str){ text, n }));
	CHECK_HAS(str_of(s.why), "the record's data is over 65535 octets");
	buf_fini(&room);
	n = 3 + sizeof(" key10000") * 16383 - 16383;
	CHECK(reads(&s, &room, (struct str){ text, n }));
	CHECK_INT(s.n, 3 + 4 * 16383);
	CHECK(rdata[3] < rdata[s.n - 4]);
	buf_fini(&room);
}
