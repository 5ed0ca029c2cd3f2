/* count.h -- what is counted of every answer, over UDP and TCP alike. */
#ifndef DNSD_COUNT_H
#define DNSD_COUNT_H

#include <stdint.h>

void count_answer(const uint8_t *message);

#endif
