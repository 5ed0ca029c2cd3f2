/* fabric_frame.h -- private to the fabric: the header, and ZeroMQ with our manners. */
#ifndef COMMON_FABRIC_FRAME_H
#define COMMON_FABRIC_FRAME_H

#include <stdatomic.h>
#include <zmq.h>

#include "common/fabric.h"

/* Frame 1 of every message, little-endian. A message is this, then at most one frame of
 * values (wire.h), then at most one attachment. */
struct fabric_header {
	uint8_t version;
	uint8_t kind;  /* enum msg_kind */
	uint8_t flags; /* of KIND_REQUEST: FLAG_AGAIN; of KIND_REPLY: enum msg_status */
	uint8_t attempt;
	uint32_t budget_us; /* time left, not a clock: machines' clocks differ */
	uint64_t id;
	uint8_t trace[FABRIC_TRACE_SIZE];
	uint64_t span;
	uint8_t key[FABRIC_KEY_SIZE];
	uint32_t credit; /* READY, BEAT: requests this caller may have here at once */
	uint32_t load;   /* BEAT: requests in flight; REPLY: service time in us */
	uint16_t type;   /* enum msg_type */
	uint8_t speaks;  /* READY: the newest version this server understands */
	uint8_t zero[5];
};
_Static_assert(sizeof(struct fabric_header) == 72, "the header is a wire format");

enum { FLAG_AGAIN = 1 };

struct fabric {
	void *zmq;
};

enum fabric_counter {
	COUNT_BAD_FRAME,
	COUNT_UNKNOWN_KIND,
	COUNT_STALE_REPLY,
	COUNT_LOST_REPLY,
	COUNT_REFUSED_CLIENT,
	COUNT_DIED_PEER,
	COUNT_RESENT,
	COUNT_FULL,
	COUNT_LATE,
	COUNT_LOST,
	COUNT_KINDS,
};
void fabric_count(enum fabric_counter what);

/* A socket with our limits set. NULL with errno. */
void *fabric_socket(struct fabric *f, int type);
void fabric_socket_set(void *socket, int option, int value);
int fabric_socket_fd(void *socket);

struct fabric_frames {
	zmq_msg_t part[4]; /* [router's address,] header, values, attachment */
	unsigned count;    /* all that came, kept or not */
};
/* One whole message, never blocking; false: none there. Then fabric_frames_close. */
bool fabric_receive(void *socket, struct fabric_frames *ret);
void fabric_frames_close(struct fabric_frames *m);
/* The header in part `at`; an empty part is HELLO. False: not ours. */
bool fabric_header_read(struct fabric_frames *m, unsigned at, struct fabric_header *ret);
struct str fabric_part(struct fabric_frames *m,
		       unsigned at); /* empty if it did not come */

/* Sends header, then body and attachment if not NULL (both consumed either way). */
bool fabric_send(void *socket, const struct fabric_header *h, zmq_msg_t *body,
		 zmq_msg_t *attachment);

/* The message that carries an attachment without copying; false: out of memory, freed. */
bool fabric_attachment_message(const struct fabric_attachment *a, zmq_msg_t *ret);

#endif
