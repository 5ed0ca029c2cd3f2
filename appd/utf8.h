/* utf8.h -- is it UTF-8, and how many characters? Strict: no overlong forms, no
 * surrogates, nothing above U+10FFFF. */
#ifndef APPD_UTF8_H
#define APPD_UTF8_H

#include "common/str.h"

bool utf8_is_valid(struct str s);
/* Of valid UTF-8. */
size_t utf8_length(struct str s);
/* Any control character: C0 (except \t \n \r if `lines`), DEL, C1. Of valid UTF-8. */
bool utf8_has_control(struct str s, bool lines);
/* Nothing of it can be seen: blanks, joiners, direction marks and their like. Of valid
 * UTF-8. */
bool utf8_is_blank(struct str s);
/* Something in it cannot be seen, or turns what stands behind it: it may look like
 * another name. Joiners within other scripts and emoji are fine, which the database does
 * not tell names apart by. Of valid UTF-8. */
bool utf8_hides(struct str s);
/* Takes what stands before the next mark that changes the direction of what follows
 * (embeddings, overrides, isolates), and that mark with it. Of valid UTF-8. */
struct str utf8_cut_turn(struct str *rest);

#endif
