/* mail.h -- sending mail: to a sendmail-compatible command or an SMTP relay, as [mail] in
 * the configuration says. All of it runs in a task and parks while it waits. */
#ifndef APPD_MAIL_MAIL_H
#define APPD_MAIL_MAIL_H

#include <sys/types.h>

#include "common/str.h"

struct appd;
struct buf;
struct conf;
struct request;

enum { MAIL_WHY_SIZE = 200, MAIL_TIME_US = 30000000 };

struct mail {
	struct str from, to;      /* addresses */
	struct str name, subject; /* of the site; what it is about: any text */
	struct str id;            /* of this mail, in hex */
	struct str text;          /* UTF-8, lines end with LF */
};

/* outbox.c: false, with a sentence: [mail] cannot be right. */
bool mail_right(const struct conf *c, struct buf *why);
/* outbox.c: sends what waits in the database. Begins when dbproxy is there; while nothing
 * is configured it only says so. */
void outbox_start(struct appd *a);
void outbox_stop(struct appd *a);

/* compose.c: as bytes, lines ending with eol. False: an address cannot be written
 * safely. */
bool mail_compose(struct buf *out, const struct mail *m, const char *eol);
/* Printable ASCII without what headers and SMTP give a meaning to. */
bool mail_address_is_plain(struct str address);

/* smtp.c: ADDRESS:PORT; localhost is one. */
bool mail_relay_is_right(struct str relay);

/* command.c, smtp.c: true when it was taken over; else why says what went wrong. */
bool mail_by_command(struct request *q, const char *command, const struct mail *m,
		     char why[MAIL_WHY_SIZE]);
bool mail_by_relay(struct request *q, const char *relay, const struct mail *m,
		   char why[MAIL_WHY_SIZE]);

/* wait.c: what is given back when the request ends while it waits. */
struct mail_hold {
	int fd;      /* -1: none */
	pid_t child; /* 0: none */
	int64_t deadline_us;
};

/* Parks until the descriptor is ready. False: the deadline is over. */
bool mail_wait(struct request *q, struct mail_hold *h, uint32_t events);
void mail_release(struct mail_hold *h);

#endif
