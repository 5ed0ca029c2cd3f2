/* fuzz_dnsd_query.c -- any octets as a question, over UDP and TCP, to a zone with one of
 * everything. Whatever comes in: no answer to an answer, the same id, never more octets
 * than asked for, and every name in the answer can be read. */
#include "dnsd/answer.h"
#include "dnsd/rrtype.h"
#include "dnsd/zone_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char zone[] =
    "$TTL 3600\n"
    "@ SOA ns1 hostmaster 1 3600 900 1209600 300\n"
    "  NS ns1\n  NS ns2.elsewhere.net.\n  MX 10 mx\n  MX 20 mx2.elsewhere.net.\n"
    "  TXT \"v=spf1 -all\" \"more\"\n  CAA 0 issue \"ca.example.net\"\n  HTTPS 1 . "
    "alpn=h2\n"
    "ns1 A 192.0.2.1\n  AAAA 2001:db8::1\nmx A 192.0.2.6\nwww 60 A 192.0.2.2\nwww 60 A "
    "192.0.2.12\n"
    "alias CNAME www\nout CNAME www.elsewhere.net.\nl1 CNAME l2\nl2 CNAME l1\n"
    "c1 CNAME c2\nc2 CNAME c3\nc3 CNAME c4\nc4 CNAME c5\nc5 CNAME *.w\n"
    "deep.empty A 192.0.2.3\n*.w A 192.0.2.4\n*.w MX 5 q.w\n*.wa CNAME x.wa\n"
    "sub NS ns.sub\nsub NS ns1\nsub DS 1 13 2 "
    "0000000000000000000000000000000000000000000000000000000000000000\n"
    "ns.sub A 192.0.2.5\nold DNAME w\ndl DNAME a.dl\n_s._tcp SRV 0 0 80 www\n"
    "n NAPTR 1 1 \"s\" \"x\" \"\" _s._tcp\nbig TXT \"";

#define SIG(type, zone)                                                                  \
	" RRSIG " type " 13 2 60 20400101000000 20200101000000 1 " zone " AAAA\n"

static const char nsec[] = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n" SIG(
    "SOA", "nsec.example.") "@ NS ns.a\n"
			    "@ NSEC a NS SOA RRSIG NSEC\n" SIG("NSEC", "nsec.example.") "a NS ns.a\na NSEC *.w NS RRSIG NSEC\n" SIG(
				"NSEC",
				"nsec.example.") "ns.a A 192.0.2.1\n*.w A "
						 "192.0.2.2\n" SIG(
						     "A",
						     "nsec.example.") "*.w "
								      "NSEC"
								      " c."
								      "w A "
								      "RRSI"
								      "G "
								      "NSEC"
								      "\nc."
								      "w "
								      "CNAM"
								      "E "
								      "x."
								      "w"
								      "\n" SIG("CNAME",
									       "nsec."
									       "example"
									       ".") "c."
										    "w "
										    "NSE"
										    "C "
										    "@ "
										    "CNA"
										    "ME "
										    "RRS"
										    "IG "
										    "NSE"
										    "C\n"
										    "d "
										    "DNA"
										    "ME "
										    "w\n"
										    "d "
										    "NSE"
										    "C "
										    "@ "
										    "DNA"
										    "ME"
										    "\n";

static const char nsec3[] = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n" SIG(
    "SOA",
    "nsec3.example.") "@ NS ns.a\n"
		      "@ NSEC3PARAM 1 0 0 ABCD\na NS ns.a\nns.a A 192.0.2.1\n*.w A "
		      "192.0.2.2\n" SIG(
			  "A",
			  "nsec3.example.") "c.w CNAME x.w\ndeep.e A 192.0.2.3\n"
					    "2c0q25snubhc90k1u6bbu97utfavarkf NSEC3 1 1 "
					    "0 ABCD 2chh0lmaivastrsmdki2unl9e99c461e A "
					    "RRSIG\n"
					    "2c0q25snubhc90k1u6bbu97utfavarkf RRSIG "
					    "NSEC3 13 3 60 20400101000000 20200101000000 "
					    "1 nsec3.example. AAAA\n"
					    "2chh0lmaivastrsmdki2unl9e99c461e NSEC3 1 1 "
					    "0 ABCD 6tchfv1famm22t4dctq8h4kc1f416i9h A "
					    "RRSIG\n"
					    "2chh0lmaivastrsmdki2unl9e99c461e RRSIG "
					    "NSEC3 13 3 60 20400101000000 20200101000000 "
					    "1 nsec3.example. AAAA\n"
					    "6tchfv1famm22t4dctq8h4kc1f416i9h NSEC3 1 1 "
					    "0 ABCD b7c23gs6gg5tnnrcnik4kkvck5dml83h A "
					    "RRSIG\n"
					    "6tchfv1famm22t4dctq8h4kc1f416i9h RRSIG "
					    "NSEC3 13 3 60 20400101000000 20200101000000 "
					    "1 nsec3.example. AAAA\n"
					    "b7c23gs6gg5tnnrcnik4kkvck5dml83h NSEC3 1 1 "
					    "0 ABCD 2c0q25snubhc90k1u6bbu97utfavarkf A "
					    "RRSIG\n"
					    "b7c23gs6gg5tnnrcnik4kkvck5dml83h RRSIG "
					    "NSEC3 13 3 60 20400101000000 20200101000000 "
					    "1 nsec3.example. AAAA\n";

static struct snapshot *snapshot;
static struct scratch *scratch;

static void add_zone(const char *name, struct str text)
{
	uint8_t apex[NAME_WIRE];
	struct complaints c;
	struct records r;
	struct zone *z;
	size_t len;

	complaints_init(&c);
	records_init(&r, 1000);
	if (!zone_name(str_of(name), NULL, apex, &len) ||
	    !zone_load_text(text, "zone", apex, &r, &c.wrong) ||
	    (z = zone_build(&r, apex, 1, &c)) == NULL || !answer_prepare(z) ||
	    !snapshot_add(snapshot, z, NULL)) {
		fprintf(stderr, "%.*s", STR_ARG(buf_get(&c.wrong)));
		abort();
	}
	records_fini(&r);
	complaints_fini(&c);
}

/* 192.0.2.2, which is dead now and then. */
static void set_health(struct peer_list *list)
{
	const struct peers_text text = { .list = STR("192.0.2.2") };
	struct buf why;

	buf_init(&why, 100);
	if (!peers_read(&text, list, &why))
		abort();
	buf_fini(&why);
}

static void set_up(void)
{
	struct server_facts facts = {
		.udp_size = 1232,
		.cookies.count = 1,
		.nsid_len = 2,
		.version = { 3, "one" },
	};
	struct buf text;

	set_health(&facts.health);
	buf_init(&text, 1 << 16);
	buf_text(&text, zone);
	for (int i = 0; i < 2000; i++) /* the rest of "big", larger than any datagram */
		buf_text(&text, i % 200 == 199 ? "\" \"" : "x");
	buf_text(&text, "\"\n");
	snapshot = snapshot_new(1, &facts);
	scratch = calloc(1, sizeof(*scratch));
	add_zone("example.com", buf_get(&text));
	add_zone("nsec.example", str_of(nsec));
	add_zone("nsec3.example", str_of(nsec3));
	buf_fini(&text);
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Octets passed over. Pointers must go backwards, so that every name ends. */
static size_t name_at(const uint8_t *p, size_t n, size_t at)
{
	size_t start = at, passed = 0, length = 0;

	for (must(at < n); p[at] != 0; must(at < n)) {
		if (p[at] >= 0xc0) {
			size_t to = get16(p + at) & 0x3fffu;

			must(at + 1 < n && to < at);
			passed = passed != 0 ? passed : at + 2 - start;
			at = to;
			continue;
		}
		must(p[at] <= 63);
		length += 1u + p[at];
		must(length < NAME_WIRE);
		at += 1u + p[at];
	}
	return passed != 0 ? passed : at + 1 - start;
}

static void check_answer(const uint8_t *p, size_t n)
{
	size_t at = DNS_HEADER;
	unsigned records = (unsigned)get16(p + 6) + get16(p + 8) + get16(p + 10);

	must(get16(p + 4) <= 1);
	if (get16(p + 4) == 1)
		at += name_at(p, n, at) + 4;
	for (; records > 0; records--) {
		at += name_at(p, n, at);
		must(at + 10 <= n);
		if (get16(p + at) == RR_CNAME || get16(p + at) == RR_NS)
			must(name_at(p, n, at + 10) == get16(p + at + 8));
		at += 10u + get16(p + at + 8);
		must(at <= n);
	}
	must(at == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static uint8_t out[DNS_MAX];

	if (snapshot == NULL)
		set_up();
	atomic_store(&snapshot->dead, n & 1);
	for (int tcp = 0; tcp < 2; tcp++) {
		const struct client client = {
			.transport = tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
			.address = (const uint8_t *)"abcd",
			.address_len = 4,
		};
		const struct asked asked = { snapshot, scratch, &client };
		size_t got = answer(&asked, bytes, n, out);

		if (got == 0)
			continue;
		must(n >= DNS_HEADER && (bytes[2] & 0x80) == 0);
		must(got >= DNS_HEADER && memcmp(bytes, out, 2) == 0);
		must((out[2] & 0x80) != 0);
		must(tcp || got <= 1232);
		must(tcp || get16(bytes + 10) != 0 || got <= UDP_PLAIN);
		check_answer(out, got);
	}
	return 0;
}
