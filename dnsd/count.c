/* count.c -- see count.h. */
#include "dnsd/count.h"

#include "common/stat.h"
#include "dnsd/query.h"

static enum stat_row row_of(unsigned rcode)
{
	switch (rcode) {
	case RCODE_NOERROR:
		return STAT_DNSD_NOERROR;
	case RCODE_FORMERR:
		return STAT_DNSD_FORMERR;
	case RCODE_SERVFAIL:
		return STAT_DNSD_SERVFAIL;
	case RCODE_NXDOMAIN:
		return STAT_DNSD_NXDOMAIN;
	case RCODE_NOTIMP:
		return STAT_DNSD_NOTIMP;
	case RCODE_REFUSED:
		return STAT_DNSD_REFUSED;
	}
	return STAT_DNSD_OTHER;
}

void count_answer(const uint8_t *message)
{
	stat_one(row_of(message[3] & 0xf));
	if ((message[2] & (FLAG_TC >> 8)) != 0)
		stat_one(STAT_DNSD_TRUNCATED);
}
