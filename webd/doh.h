/* doh.h -- DNS over HTTPS (RFC 8484): /dns-query, asked of dnsd over the fabric, which
 * knows DNS (dnsd/doh.h has the message's form); here is only what HTTP makes of it. */
#ifndef WEBD_DOH_H
#define WEBD_DOH_H

#include "webd/exchange.h"

/* False: not this address. */
bool doh_serve(struct exchange *e);

/* ---- for tests ---- */

enum { DOH_MESSAGE_MIN = 12, DOH_MESSAGE_MAX = 65535 };

/* The question in a request target's query, decoded into ret, which has room for as many
 * bytes as the target has. False: there is none, or not one. */
bool doh_question_of(struct str target, struct buf *ret)
    __attribute__((warn_unused_result));

#endif
