/* role.h -- what a member may do to the site and to others. The statements ask again for
 * themselves, so that nothing depends on a page having asked here. */
#ifndef APPD_MODEL_ROLE_H
#define APPD_MODEL_ROLE_H

#include "common/str.h"

struct request;

/* Each may what those before it may. */
enum role { ROLE_MEMBER, ROLE_MODERATOR, ROLE_KEEPER };

bool role_is_known(struct str word);
/* Of a row's column; what is unknown is a member. */
enum role role_read(struct str word);
/* Who asks; asks the database if that is still open. A visitor is a member. */
enum role role_mine(struct request *q);
/* Ends the request by 403 where it is less than this. */
void role_need(struct request *q, enum role least);

#endif
