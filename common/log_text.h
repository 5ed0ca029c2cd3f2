/* log_text.h -- printf for lines of key=value pairs, in which no argument can pass for
 * more than the value that it is.
 *
 * Of a string between quotes (why="%s"), quotes become apostrophes. Of one right after a
 * '=' (name=%s), blanks become '_' as well. Any other is the program's own words and
 * stays as it is. Control characters become '?' everywhere. */
#ifndef COMMON_LOG_TEXT_H
#define COMMON_LOG_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include "common/str.h"

/* Bytes written, at most size; no NUL at the end. Whatever printf knows, but %n. */
size_t log_text(char *ret, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* What may be told of an address that was asked for or came from (a path or a whole URL):
 * links that open something, a new password or an invitation, end before what opens. */
struct str log_target(struct str target);

#endif
