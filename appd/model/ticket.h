/* ticket.h -- links that come by mail: a new password, a confirmed address. Each is good
 * once and for a while. Whether an address is known here nobody learns. */
#ifndef APPD_MODEL_TICKET_H
#define APPD_MODEL_TICKET_H

#include "common/str.h"

struct request;
struct sql_batch;
struct sql_done;

enum { SEED_SIZE = 16 };

/* The token of a link, of its seed in the outbox. */
struct str ticket_token(struct request *q, struct str seed);
/* Is any way to send mail configured? */
bool ticket_possible(const struct request *q);

/* Puts ticket and mail into a batch of the caller's: what is "reset" or "email". Nothing
 * where mail is not possible. */
void ticket_ask(struct request *q, struct sql_batch *b, struct str email,
		const char *what, struct sql_done *done);
/* The same by itself, not too often for one address; 429 for a network that asks for too
 * many. */
void ticket_send(struct request *q, struct str email, const char *what);

/* 410 where the link is none any more. */
void ticket_check(struct request *q, struct str token, const char *what);
void ticket_reset(struct request *q, struct str token, struct str password);
void ticket_confirm(struct request *q, struct str token);

#endif
