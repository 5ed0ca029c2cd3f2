/* trace.h -- the ids that follow one request through every log. W3C trace context. */
#ifndef COMMON_TRACE_H
#define COMMON_TRACE_H

#include "common/fabric.h"

enum { TRACE_HEX_SIZE = 33, TRACEPARENT_SIZE = 56 };

/* Never zero. Not for secrets. */
uint64_t trace_random(void);
/* A new trace with a new span. */
void trace_new(struct fabric_context *ret);
/* "00-<32 hex>-<16 hex>-<2 hex>": takes the trace over and makes a span of our own. */
bool trace_parse(struct str traceparent, struct fabric_context *ret)
    __attribute__((warn_unused_result));
/* 32 hex digits; returns ret. */
char *trace_hex(const uint8_t trace[FABRIC_TRACE_SIZE], char ret[TRACE_HEX_SIZE]);
char *trace_parent(const struct fabric_context *c, char ret[TRACEPARENT_SIZE]);

#endif
