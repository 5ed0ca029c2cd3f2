/* outbox.c -- sends what waits in the outbox: each mail is claimed in the database for a
 * while before it is sent, so that of several instances one has it. What fails is tried
 * again later and later, and at last given up, which the log says. A claim counts as a
 * try, so that a mail whose sending ends the process is given up as well. */
#include <sodium.h>

#include "appd/appd.h"
#include "appd/mail/mail.h"
#include "appd/messages.h"
#include "appd/model/ticket.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "common/clock.h"
#include "gen/sql.h"

enum {
	LOOK_US = 2000000,
	LEASE_S = 120, /* longer than sending may take */
	BUDGET_US = 60000000,
	TRIES_MAX = 8,
	WAIT_FIRST_S = 30,
	DEAD_KEPT_S = 7 * 86400,
};

static const char *configured(const struct conf *c)
{
	return c->mail_command[0] != '\0' ? c->mail_command : c->mail_relay;
}

bool mail_right(const struct conf *c, struct buf *why)
{
	struct str relay = str_of(c->mail_relay), from = str_of(c->mail_from),
		   site = str_of(c->mail_site);

	if (relay.n > 0 && !mail_relay_is_right(relay))
		buf_fmt(why,
			"[mail] relay is '%.*s'; it takes an address and a port, such as "
			"127.0.0.1:25 or [::1]:25\n",
			STR_ARG(relay));
	if (from.n > 0 && !mail_address_is_plain(from))
		buf_fmt(why, "[mail] from is '%.*s'; it takes the address of a mail\n",
			STR_ARG(from));
	if (site.n > 0 && !str_starts(site, STR("https://")) &&
	    !str_starts(site, STR("http://")))
		buf_fmt(why,
			"[mail] site is '%.*s'; it begins with https:// or http://\n",
			STR_ARG(site));
	return why->n == 0;
}

static struct str link_of(struct request *q, const struct sql_outbox_claimed_row *row)
{
	const struct conf *c = q->appd->daemon->conf;
	struct str token = ticket_token(q, row->seed);
	const char *path = str_eq(row->what, STR("reset")) ? "reset" : "confirm";

	if (c->mail_site[0] != '\0')
		return arena_fmt(&q->arena, "%s/%s/%.*s", c->mail_site, path,
				 STR_ARG(token));
	return arena_fmt(&q->arena, "https://www.%s/%s/%.*s", c->domain, path,
			 STR_ARG(token));
}

/* All of it is the request's: sending parks, and a reload frees the configuration. */
static struct mail mail_of(struct request *q, const struct sql_outbox_claimed_row *row,
			   struct str site)
{
	const struct conf *c = q->appd->daemon->conf;
	const struct language *l = language_find(row->language);
	bool reset = str_eq(row->what, STR("reset"));
	struct str link = link_of(q, row);
	char id[2 * SEED_SIZE + 1];

	if (l == NULL)
		l = &languages[0];
	sodium_bin2hex(id, sizeof(id), (const unsigned char *)row->seed.p, row->seed.n);
	return (struct mail){
		.from = c->mail_from[0] != '\0'
			    ? arena_str(&q->arena, str_of(c->mail_from))
			    : arena_fmt(&q->arena, "no-reply@%s", c->domain),
		.to = row->recipient,
		.name = site,
		.subject = arena_fmt(
		    &q->arena, "%.*s: %s", STR_ARG(site),
		    message(l, reset ? MESSAGE_reset_title : MESSAGE_confirm_title)),
		.id = arena_fmt(&q->arena, "%lld.%.8s", (long long)row->id, id),
		.text = arena_fmt(
		    &q->arena, "%s\n\n%.*s\n\n%s\n",
		    message(l, reset ? MESSAGE_mail_reset : MESSAGE_mail_confirm),
		    STR_ARG(link), message(l, MESSAGE_mail_ignore)),
	};
}

enum outcome { SENT, FAILED, DEAD };

static enum outcome send_one(struct request *q, const struct sql_outbox_claimed_row *row,
			     struct str site, char why[MAIL_WHY_SIZE])
{
	const struct conf *c = q->appd->daemon->conf;
	struct mail m = mail_of(q, row, site);
	bool sent;

	if (!mail_address_is_plain(m.to)) {
		snprintf(why, MAIL_WHY_SIZE, "%s",
			 "the recipient's address is odd: mail goes to printable ASCII "
			 "without brackets and quotes");
		return DEAD;
	}
	if (row->tries > TRIES_MAX) {
		snprintf(why, MAIL_WHY_SIZE, "%s", "the last try did not come to an end");
		return DEAD;
	}
	sent = c->mail_command[0] != '\0' ? mail_by_command(q, c->mail_command, &m, why)
					  : mail_by_relay(q, c->mail_relay, &m, why);
	if (sent)
		return SENT;
	return row->tries >= TRIES_MAX ? DEAD : FAILED;
}

static void settle(struct request *q, const struct sql_outbox_claimed_row *row,
		   int64_t claim, enum outcome outcome)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	if (outcome == SENT)
		sql_outbox_sent(b, &done, row->id, claim);
	else
		sql_outbox_failed(b, &done, row->id, claim,
				  outcome == DEAD ? DEAD_KEPT_S
						  : WAIT_FIRST_S << (row->tries - 1),
				  outcome == DEAD);
	sql_outbox_trim(b, &done);
	sql_run(b);
}

static void run(struct request *q)
{
	char why[MAIL_WHY_SIZE] = "";
	struct sql_batch *b = sql_batch(q);
	struct sql_outbox_claimed mine;
	struct sql_site_settings site;
	struct sql_outbox_due due;
	struct sql_done done;
	enum outcome outcome;
	int64_t claim;

	q->reply.status = 204;
	sql_outbox_due(b, &due);
	sql_run(b);
	if (due.count == 0 || !due.rows->due)
		return;
	randombytes_buf(&claim, sizeof(claim));
	claim = (claim & INT64_MAX) | 1;
	b = sql_batch(q);
	sql_outbox_claim(b, &done, claim, LEASE_S);
	sql_outbox_claimed(b, &mine, claim);
	sql_site_settings(b, &site);
	sql_run(b);
	if (mine.count == 0)
		return; /* another instance was quicker */
	outcome = send_one(q, mine.rows,
			   site.count > 0 ? site.rows->name
					  : str_of(q->appd->daemon->conf->domain),
			   why);
	if (outcome == SENT)
		log_info("mail_sent id=%lld what=%.*s try=%lld", (long long)mine.rows->id,
			 STR_ARG(mine.rows->what), (long long)mine.rows->tries);
	else
		log_warn("mail_failed id=%lld what=%.*s try=%lld of=%d%s why=\"%s\"",
			 (long long)mine.rows->id, STR_ARG(mine.rows->what),
			 (long long)mine.rows->tries, TRIES_MAX,
			 outcome == DEAD ? " dead=yes" : "", why);
	settle(q, mine.rows, claim, outcome);
	q->reply.status = 200; /* there may be more */
}

static void done(void *ctx, int status)
{
	struct appd *a = ctx;

	if (!a->daemon->draining)
		loop_timer_in(a->daemon->loop, &a->post, status == 200 ? 0 : LOOK_US);
}

/* A reload may set or take away [mail]: the log says each change. */
static bool is_off(struct appd *a)
{
	bool off = configured(a->daemon->conf)[0] == '\0';

	if (off && !a->mail_off)
		log_info("mail_off why=\"[mail] has neither command nor relay: nobody "
			 "can get a new password or confirm an address\"");
	else if (!off && a->mail_off)
		log_info("mail_on");
	a->mail_off = off;
	return off;
}

static void on_look(void *ctx)
{
	struct appd *a = ctx;
	const struct errand e = { run, done, a, BUDGET_US };

	if (a->daemon->draining)
		return;
	if (is_off(a) || a->daemon->server == NULL ||
	    fabric_caller_ready(a->dbproxy) == 0)
		loop_timer_in(a->daemon->loop, &a->post, LOOK_US);
	else
		request_serve_errand(a, &e);
}

void outbox_start(struct appd *a)
{
	a->post = (struct timer){ .run = on_look, .ctx = a };
	is_off(a);
	loop_timer_in(a->daemon->loop, &a->post, LOOK_US);
}

void outbox_stop(struct appd *a)
{
	loop_timer_stop(a->daemon->loop, &a->post);
}
