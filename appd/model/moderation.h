/* moderation.h -- reporting, hiding and restoring, suspending and lifting, roles. Whoever
 * may not ends by 403, here and once more in the statements; what is not there by 404. An
 * act that has been done already is done: nothing happens, and nothing is logged. */
#ifndef APPD_MODEL_MODERATION_H
#define APPD_MODEL_MODERATION_H

#include "common/str.h"
#include "gen/sql.h"

struct request;

enum { REPORTS_A_DAY = 20, REPORTS_SHOWN = 100 };

/* What an act is about: one of the three. */
struct subject {
	struct str slug; /* of an article; p == NULL: it is none */
	int64_t comment; /* 0: it is none */
	struct str name; /* of a person; p == NULL: it is none */
};

/* Of an address: an id that is no number is nobody's. */
int64_t moderation_comment_id(struct str text);

/* Any member; what one may see. */
const struct sql_reportable_row *moderation_reportable(struct request *q,
						       const struct subject *s);
void moderation_report(struct request *q, const struct subject *s, struct str why);

/* What a moderator may act on: 403 and 404 as above, also for whoever stands too high. */
const struct sql_moderated_row *moderation_find(struct request *q,
						const struct subject *s);
/* An article or a comment. */
void moderation_hide(struct request *q, const struct subject *s, struct str why);
void moderation_restore(struct request *q, const struct subject *s);
/* A person. hides: and all that they wrote. */
void moderation_suspend(struct request *q, struct str name, struct str why, bool hides);
void moderation_lift(struct request *q, struct str name);
void moderation_role(struct request *q, struct str name, struct str role);
void moderation_close(struct request *q, struct str report);

#endif
