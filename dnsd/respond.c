/* respond.c -- see respond.h. */
#include "dnsd/respond.h"

size_t respond_refusal(const uint8_t *question, size_t n, enum rcode rcode, uint8_t *out)
{
	size_t at = DNS_HEADER, len;

	if (n < DNS_HEADER)
		return 0;
	memcpy(out, question, 4);
	memset(out + 4, 0, DNS_HEADER - 4);
	put16(out + 2, FLAG_QR | (get16(question + 2) & (FLAG_OPCODE | FLAG_RD)) |
			   ((unsigned)rcode & 0xf));
	len = name_length(question + at, n - at);
	if (get16(question + 4) != 1 || len == 0 || n - at - len < 4)
		return at;
	put16(out + 4, 1);
	memcpy(out + at, question + at, len + 4);
	return at + len + 4;
}

static size_t respond_signed(const struct asked *a, uint8_t *p, size_t n, uint8_t *out)
{
	struct client signer = *a->client;
	const struct asked reserved = { a->snapshot, a->scratch, &signer };
	struct tsig t = { .later = false };
	size_t len;

	signer.reserve = TSIG_ROOM;
	switch (tsig_check(a->snapshot->keys, p, &n, signer.now_s, &t)) {
	case TSIG_GOOD:
		break;
	case TSIG_WRONG:
		signer.refusal = RCODE_NOTAUTH;
		break;
	default:
		return respond_refusal(p, n, RCODE_FORMERR, out);
	}
	len = answer(&reserved, p, n, out);
	return len == 0 ? 0 : tsig_sign(&t, out, len, signer.now_s);
}

size_t respond(const struct asked *a, uint8_t *question, size_t n, uint8_t *out)
{
	size_t len = answer(a, question, n, out);

	if (len == 0 || !a->scratch->query.has_tsig)
		return len;
	return respond_signed(a, question, n, out);
}
