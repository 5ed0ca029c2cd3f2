/* control.h -- run/control.sock: one line in, lines out, the last of them "exit CODE".
 *
 * Words of the line are separated by blanks. Only our own user (or root) is heard. */
#ifndef DEPLOY_SUPERVISOR_CONTROL_H
#define DEPLOY_SUPERVISOR_CONTROL_H

#include "deploy/supervisor/super.h"

/* One conversation. A command that takes its time keeps it and says more later. */
struct visitor;

/* Makes the socket; -1 with errno. */
int control_bind(const struct place *p);
/* Listens at s->control_fd. NULL with errno. */
struct control *control_new(struct super *s);
void control_free(struct control *c);

void visitor_say(struct visitor *v, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The last line, and the end of the conversation. */
void visitor_end(struct visitor *v, int code);
/* For handing a conversation to the next image, which goes on with it. */
int visitor_fd(const struct visitor *v);
struct visitor *visitor_adopt(struct control *c, int fd);
/* Ends every conversation that is still open: we are leaving. */
void control_end_all(struct control *c, int code);

#endif
