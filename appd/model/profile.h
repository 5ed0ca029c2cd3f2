/* profile.h -- what others see of a person, and following. */
#ifndef APPD_MODEL_PROFILE_H
#define APPD_MODEL_PROFILE_H

#include "common/str.h"

struct request;
struct sql_profile_row;

/* As the asking member sees it; 404 if there is no such person. */
const struct sql_profile_row *profile_find(struct request *q, struct str name);
/* Twice is as good as once; following oneself does nothing. */
const struct sql_profile_row *profile_follow(struct request *q, struct str name,
					     bool follow);

#endif
