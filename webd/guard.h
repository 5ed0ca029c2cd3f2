/* guard.h -- what stands between the internet and libh2o's parsers.
 *
 * libh2o 2.2.5 is fast and no longer maintained: it accepts requests that other programs
 * read differently (smuggling), unfolds a small HPACK block into gigabytes, and never
 * counts the streams that a peer opens and resets. It calls its own parsers through the
 * dynamic linker, so a function of the same name in the program is called instead. Each
 * guard_*.c defines such functions, looks at what passes, and forwards to the real one:
 *
 *     guard_request.c  phr_parse_request          request line and headers of HTTP/1
 *     guard_chunked.c  phr_decode_chunked         chunked bodies (a decoder of our own)
 *     guard_hpack.c    h2o_hpack_parse_headers    header blocks of HTTP/2
 *     guard_frame.c    h2o_http2_decode_frame, h2o_buffer_consume
 *                                                 frames that nobody knows or needs
 *     guard_brake.c    (the same)                 requests when memory is short
 *     guard_reset.c    h2o_http2_stream_reset     streams that ended before their time
 *     guard_flood.c    h2o_http2_encode_ping_frame, h2o_http2_update_peer_settings,
 *                      h2o_http2__encode_rst_stream_frame
 *                                                 answers to frames that cost nothing
 *     guard_body.c     h2o_http2_decode_data_payload, h2o_buffer_reserve
 *                                                 bodies that are larger than allowed
 *     guard_stream.c   h2o_http2_conn_unregister_stream
 *                                                 streams of a connection that broke
 *     guard_write.c    h2o_socket_write           answers whose beginning is sent early
 *     guard_error.c    h2o_send_error_generic     libh2o's own refusals
 *
 * guard_test.c proves at start that they are called. They have no context argument, so
 * the limits are the process's and a refusal waits on its thread for the handler, which
 * libh2o calls next. */
#ifndef WEBD_GUARD_H
#define WEBD_GUARD_H

#include "common/stat.h"
#include "common/str.h"

#define GUARD_EXPORT __attribute__((visibility("default")))

struct guard_limits {
	size_t head;     /* bytes of request line and headers together */
	size_t target;   /* bytes of the request target */
	size_t body;     /* bytes of a request's body */
	unsigned fields; /* headers of one request; libh2o's own limit is 100 */
	unsigned resets; /* streams of one connection reset before suspicion */
};

/* Once, before the first connection. */
void guard_hpack_prepare(void);
/* Of the calling thread, and so of its connections. */
void guard_set_limits(const struct guard_limits *limits);
const struct guard_limits *guard_limits(void);

/* Why a request was refused before it became one. */
struct guard_refusal {
	int status;
	const char *why; /* a sentence for the client */
};

/* Of the request that libh2o is handing over right now; NULL: none. Asking takes it. */
const struct guard_refusal *guard_refused(void);
void guard_refuse(const struct guard_refusal *r);

/* What the guard remembers of a connection: its owner keeps it as the first member of the
 * struct that h2o_socket_t.on_close.data points to. */
struct st_h2o_socket_t;
struct guard_conn {
	unsigned long resets;   /* streams ended before their time */
	unsigned long finished; /* requests answered in full */
	bool ended;             /* shut down; takes no more streams */
	bool said_beginning;    /* see guard_write.c */

	/* see guard_flood.c */
	unsigned answers;   /* to control frames, in the output buffer of now */
	size_t answered_at; /* how full it was at the last */

	/* see guard_frame.c; bytes */
	uint64_t empty, data; /* of frames that carry nothing, of bodies */
	uint64_t answered;    /* acknowledged by the client, when last asked */

	/* see guard_brake.c */
	void (*held)(struct st_h2o_socket_t *, const char *); /* NULL: it is read from */
	size_t expects; /* the body of HTTP/1 that is on its way; SIZE_MAX: of any size */
	bool waits;     /* held for a HEADERS frame */
	bool passes;    /* the next such frame is let through */
	int64_t held_us; /* its owner's note: since when */
};

struct st_h2o_http2_conn_t;
/* From inside libh2o's parser: nothing more is taken or sent, the kernel's memory for it
 * goes too, and libh2o frees the connection when it reads the end. */
void guard_end(struct st_h2o_http2_conn_t *conn, enum stat_row why);

/* The first bytes of the answer that is being waited for: HTTP/1 without TLS. False: they
 * are there already, or cannot be sent now. */
bool guard_say_beginning(struct st_h2o_socket_t *sock);

/* ---- memory that is short: see guard_brake.c ---- */

enum { GUARD_STREAM_SIZE = 8 << 10 }; /* libh2o's struct and the first of its pool */

struct st_h2o_buffer_t;
struct st_h2o_http2_frame_t;
/* What is decoded next is read into this. */
void guard_reads(struct st_h2o_buffer_t **input);
/* This frame is for later. */
bool guard_must_wait(const struct st_h2o_http2_frame_t *frame, const uint8_t *src);
/* The request whose head begins there has so large a body. */
void guard_expect(const char *bytes, size_t length);
/* So much memory was taken for a request. */
void guard_grew(size_t n);
/* Enough that somebody should look how much there is. */
bool guard_is_braking(void);
/* Somebody did, and it is short, or not. */
void guard_brake(bool on);
/* Nothing is read from a connection; and goes on to be, which can free it. */
void guard_hold(struct st_h2o_socket_t *sock);
void guard_go_on(struct st_h2o_socket_t *sock, bool http2);

/* A connection's memory is about to be freed: what was noted about it is void. */
void guard_forget(void);

/* The DATA frame in hand is not going to be put into a body; see guard_body.c. */
void guard_no_body(void);

/* ---- syntax that HTTP/1 and HTTP/2 share ---- */

bool guard_target_ok(struct str target); /* origin-form, or "*" */
bool guard_host_ok(struct str host);     /* name, address or [address], and a port */
bool guard_token_ok(struct str token);   /* a method, a header's name */

/* ---- the proof ---- */

/* What plain libh2o accepts and the function in question counts. */
struct guard_probe {
	const char *function;
	bool http2;
	struct str sent;
	enum stat_row counted;
};
extern const struct guard_probe guard_request_probe, guard_chunked_probe,
    guard_hpack_probe, guard_frame_probe, guard_reset_probe, guard_error_probe,
    guard_ping_probe, guard_settings_probe, guard_rst_probe, guard_consume_probe,
    guard_stream_probe, guard_write_probe, guard_body_probe;

#define GUARD_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
/* GET, http, / and the authority "a", in six bytes */
#define GUARD_FIELDS "\x82\x86\x84\x01\x01\x61"

/* The real function, from the library. */
void *guard_real(const char *name);

/* Sends the probes through libh2o over a socketpair, in a loop of its own; before any
 * other. NULL, or the function that libh2o did not call. */
const char *guard_test(void) __attribute__((warn_unused_result));

#endif
