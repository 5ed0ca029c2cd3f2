/* query.h -- a question as it came in, checked and taken apart. Pure; allocates nothing.
 */
#ifndef DNSD_QUERY_H
#define DNSD_QUERY_H

#include "dnsd/name.h"

enum { DNS_HEADER = 12, DNS_MAX = 65535, EDNS_FIXED = 11, UDP_PLAIN = 512 };

enum dns_flag {
	FLAG_QR = 0x8000,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_CD = 0x0010,
	FLAG_OPCODE = 0x7800,
	FLAG_RCODE = 0x000f,
};

enum opcode { OPCODE_QUERY = 0, OPCODE_NOTIFY = 4, OPCODE_UPDATE = 5 };

enum rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6,
	RCODE_NOTAUTH = 9,
	RCODE_BADVERS = 16,
};

enum { CLASS_IN = 1, CLASS_CH = 3, CLASS_NONE = 254, CLASS_ANY = 255 };

struct query {
	const uint8_t *p; /* the message, borrowed */
	size_t n;
	uint16_t id, flags, type, class;
	unsigned opcode;
	struct name_key name;
	size_t question_end; /* DNS_HEADER if the question is not to be repeated */
	bool has_edns, wants_dnssec;
	uint8_t edns_version;
	uint16_t edns_size;
	bool wants_nsid, wants_keepalive, wants_padding, bad_option;
	bool has_tsig;      /* as the last record */
	bool has_records;   /* beside OPT and TSIG */
	uint8_t cookie_len; /* 0: none; else 8, or 16 to 40 */
	const uint8_t *cookie;
};

enum query_verdict {
	QUERY_DROP,   /* no question at all: no answer */
	QUERY_ANSWER, /* look at it; rcode is RCODE_NOERROR */
	QUERY_NOTIFY, /* a primary says that its zone has changed */
	QUERY_REFUSE, /* answer with *ret_rcode at once */
};

enum query_verdict query_read(const uint8_t *p, size_t n, struct query *ret,
			      enum rcode *ret_rcode);

/* One record of a message. */
struct other {
	size_t owner_len, rdlen;
	uint16_t type, class;
	uint32_t ttl;
	const uint8_t *rdata;
};

/* Passes over a name, compressed or not. */
bool query_skip_name(const uint8_t *p, size_t n, size_t *at);
/* Reads the record at *at and passes over it; false if there is none. */
bool query_record(const uint8_t *p, size_t n, size_t *at, struct other *ret)
    __attribute__((warn_unused_result));

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

#endif
