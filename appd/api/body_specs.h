/* body_specs.h -- what the API's requests bring; see appd/body.h. */
#ifndef APPD_API_BODY_SPECS_H
#define APPD_API_BODY_SPECS_H

#include "appd/body.h"

extern const struct body_spec body_new_user, body_login, body_user_change,
    body_new_article, body_article_change, body_new_comment;

#endif
