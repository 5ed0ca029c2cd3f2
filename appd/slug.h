/* slug.h -- the part of an address that is made of a title: small ASCII letters, digits
 * and single dashes. */
#ifndef APPD_SLUG_H
#define APPD_SLUG_H

#include "common/arena.h"

enum { SLUG_MAX = 80 };

/* Of valid UTF-8. Letters lose their marks and their case, other scripts fall away; what
 * may be left is nothing at all. */
struct str slug_of_title(struct arena *a, struct str title);
/* The slug with a few random letters after it, for when it is taken or empty. */
struct str slug_with_suffix(struct arena *a, struct str slug);

#endif
