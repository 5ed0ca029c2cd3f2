/* chaos.c -- see chaos.h. */
#include "dnsd/chaos.h"

#include "dnsd/rrtype.h"

enum { HEAD = 12 };

static const struct {
	const char *name; /* in wire form */
	bool is_version;
} rows[] = {
	{ "\7version\4bind", true },
	{ "\7version\6server", true },
	{ "\2id\6server", false },
	{ "\10hostname\4bind", false },
};

static const struct fact *find(const struct server_facts *facts, const struct query *q)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (q->name.len == strlen(rows[i].name) + 1 &&
		    memcmp(q->name.lower, rows[i].name, q->name.len) == 0)
			return rows[i].is_version ? &facts->version : &facts->identity;
	return NULL;
}

bool chaos_answer(const struct server_facts *facts, const struct query *q, uint8_t *out,
		  size_t *n)
{
	const struct fact *f = find(facts, q);
	uint8_t *p = out + *n;

	if (f == NULL || f->len == 0 || (q->type != RR_TXT && q->type != RR_ANY))
		return false;
	put16(p, 0xc000 | DNS_HEADER);
	put16(p + 2, RR_TXT);
	put16(p + 4, CLASS_CH);
	put32(p + 6, 0);
	put16(p + 10, f->len + 1u);
	p[HEAD] = f->len;
	memcpy(p + HEAD + 1, f->text, f->len);
	*n += HEAD + 1u + f->len;
	return true;
}
