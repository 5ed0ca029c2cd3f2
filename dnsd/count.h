/* count.h -- what is counted, and if wished logged, of every answer, over UDP and TCP
 * alike. The line goes to the log's own thread. */
#ifndef DNSD_COUNT_H
#define DNSD_COUNT_H

#include "dnsd/answer.h"

/* scratch->query is still that of this answer. */
void count_answer(const struct asked *a, const uint8_t *answer, size_t n);

#endif
