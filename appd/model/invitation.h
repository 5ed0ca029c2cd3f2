/* invitation.h -- invitations to sign up: single-use links, of which the database has
 * only a hash. */
#ifndef APPD_MODEL_INVITATION_H
#define APPD_MODEL_INVITATION_H

#include "common/str.h"

struct request;

/* What the database knows one by; of none, what is no invitation's. */
struct str invitation_hash(struct request *q, struct str token);
/* A new one's token. 403 for whoever may not invite; 429 for who has too many open. */
struct str invitation_make(struct request *q);
void invitation_revoke(struct request *q, struct str name);
/* May this role (a column of users) invite, as the site says? */
bool invitation_may(struct str role, struct str inviters);

#endif
