/* conn.h -- one client connection, as webd sees it beside libh2o's own struct.
 *
 * Made at accept, freed when libh2o closes the socket; in its worker's list meanwhile. */
#ifndef WEBD_CONN_H
#define WEBD_CONN_H

#include "common/list.h"
#include "webd/address.h"
#include "webd/guard.h"
#include "webd/h2o.h"

struct worker;

struct conn {
	struct guard_conn guard; /* first: see guard.h */
	struct list link;
	struct worker *worker;
	h2o_socket_t *sock;
	struct address peer;
	char peer_text[ADDRESS_TEXT_SIZE];
	bool trusted;
	unsigned exchanges; /* requests being served */
	unsigned answering; /* of these, those whose answer is on its way */
	int64_t active_us;  /* when the last of them began or ended, or it was accepted */
	bool counted;       /* among its address's */
	int linger_fd;      /* -1, or a second descriptor: see conn_linger */

	int64_t rate_since_us, acked; /* the patrol's notes */

	/* see memory.c */
	size_t answers_size; /* what requests and answers hold until those are sent */
	size_t buffered;     /* that and the rest */
	size_t incoming;     /* of it, of requests that are not complete */
	bool uploads;        /* may go on to the end of its body */
	size_t upload_was;   /* incoming, then */
	int64_t upload_us;
	h2o_http2_conn_t *http2; /* libh2o's; NULL: HTTP/1, or never looked at */
};

/* Takes the socket, whatever happens. */
void conn_accept(struct worker *w, h2o_accept_ctx_t *how, h2o_socket_t *sock);
struct conn *conn_of(const h2o_req_t *req);
/* Its last answer is about to be sent, and the client may be in the middle of a sentence.
 */
void conn_linger(struct conn *c);
/* From outside libh2o's callbacks for it: libh2o frees it when it reads the end. What was
 * sent still arrives, */
void conn_shutdown(struct conn *c);
/* or is thrown away, with the kernel's memory for it. */
void conn_abort(struct conn *c);
/* Nothing asked, nothing half read. */
bool conn_is_idle(const struct conn *c);

#endif
