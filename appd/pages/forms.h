/* forms.h -- what the pages' forms bring, where it is not what the API's requests do; see
 * appd/body.h. */
#ifndef APPD_PAGES_FORMS_H
#define APPD_PAGES_FORMS_H

#include "appd/body.h"

extern const struct body_spec form_settings, form_leave, form_keeping, form_report,
    form_moderate, form_reset, form_new_password;

#endif
