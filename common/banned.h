/* banned.h -- calls that go wrong too easily. The Makefile includes this into every file
 * (-include), so that using one does not compile. */
#ifndef COMMON_BANNED_H
#define COMMON_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef BANNED_AFTER /* a foreign header whose macros use them */
#include BANNED_AFTER
#endif

#undef sprintf /* a macro with clang and _FORTIFY_SOURCE; poisoning one is a warning */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol
#pragma GCC poison system mktemp tmpnam

#endif
