/* operator.h -- what the operator of the machine may say to the site, past all roles: who
 * can open the run directory is asked nothing more. It is how a site gets its first
 * keeper.
 *
 *     role NAME member|moderator|keeper */
#ifndef APPD_OPERATOR_H
#define APPD_OPERATOR_H

struct appd;
struct fabric_incoming;

/* Answers MSG_SITE: one text in, one out; STATUS_FAIL says why not. */
void operator_serve(struct appd *a, const struct fabric_incoming *in);

#endif
