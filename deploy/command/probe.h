/* probe.h -- asks as a user would: the name over UDP and TCP, the page over HTTP. */
#ifndef DEPLOY_COMMAND_PROBE_H
#define DEPLOY_COMMAND_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum probe_result { PROBE_OK, PROBE_WARN, PROBE_WRONG, PROBE_UNKNOWN };

struct probe {
	enum probe_result result;
	char words[200]; /* what was found, as a sentence's end */
	bool answered;   /* properly, if not as hoped */
	double ms;
};

struct probe_question {
	const char *address; /* whom to ask */
	int port;
	const char *name; /* for its A record, or AAAA */
	bool tcp, v6;
};

void probe_name(const struct probe_question *q, struct probe *ret);
enum { PROBE_PATH_MAX = 2000 };

/* A page asked for once, with the times of its parts. */
struct probe_visit {
	enum probe_result result;
	char words[200];
	char trace[40]; /* its X-Request-Id; "": it has none */
	double connect_ms, answer_ms;
	size_t bytes;
};

void probe_visit(const char *address, int port, const char *path,
		 struct probe_visit *ret);
/* GET / there. */
void probe_page(const char *address, int port, struct probe *ret);

#endif
