/* say.h -- sentences for the person who started us, until everything is ready.
 *
 * Each goes to the terminal (or wherever stderr was) as "onebox: sentence" and into
 * onebox.log. Once say_done was called there is only the log. */
#ifndef DEPLOY_SUPERVISOR_SAY_H
#define DEPLOY_SUPERVISOR_SAY_H

#include "common/err.h"

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A sentence and the end. Only before any child runs. */
_Noreturn void refuse(enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Goes on in a process of its own, away from the terminal. The one that called stays
 * until say_done (and then exits with 0) or the end (and then with the same code). */
void say_from_background(void);
/* From here on stderr is the log: fd becomes it. */
void say_log_to(int fd);
/* Lets go of the terminal. */
void say_done(void);

/* For handing them to another image of this program; -1: none. */
int say_terminal_fd(void);
int say_starter_fd(void);
void say_to_terminal(int fd);
void say_to_starter(int fd);

#endif
