/* chaos.h -- what a server says of itself in class CH: version.bind, id.server and their
 * kin; refused unless configured. */
#ifndef DNSD_CHAOS_H
#define DNSD_CHAOS_H

#include "dnsd/answer.h"

/* Appends the TXT record behind the question at out + *n. False: refused. */
bool chaos_answer(const struct server_facts *facts, const struct query *q, uint8_t *out,
		  size_t *n) __attribute__((warn_unused_result));

#endif
