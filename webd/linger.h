/* linger.h -- connections that were refused while their client was still sending.
 *
 * Closing a socket with unread data resets it, and the reset can overtake the answer that
 * says why. So the last word is followed by the end of our side only, and what the client
 * still sends is read and thrown away for a moment (RFC 9112 9.6). */
#ifndef WEBD_LINGER_H
#define WEBD_LINGER_H

#include <stddef.h>
#include <stdint.h>

enum { LINGER_MAX = 256 };

struct linger_list {
	struct lingering {
		int fd;
		int64_t until_us;
	} at[LINGER_MAX];
	size_t count;
};

/* Takes the descriptor; with no room left it is closed at once. */
void linger_add(struct linger_list *l, int fd);
/* Now and then. */
void linger_run(struct linger_list *l);
/* Closes them all. */
void linger_end(struct linger_list *l);

#endif
