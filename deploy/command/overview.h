/* overview.h -- the supervisor's status, read into a struct. */
#ifndef DEPLOY_COMMAND_OVERVIEW_H
#define DEPLOY_COMMAND_OVERVIEW_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "deploy/command/probe.h"

enum { OVERVIEW_INSTANCES = 256 };

struct overview_instance {
	char daemon[32], state[16], version[48], words[96];
	int slot, pid;
	double uptime_s;
	unsigned restarts;
	bool has_load;
	unsigned inflight, credit;
	int64_t pss_kib; /* -1: could not be read */
};

struct overview {
	bool ready;
	int supervisor_pid, guard_pid;
	char version[48];
	double uptime_s;
	int64_t supervisor_pss_kib; /* with its guard */
	char state[PATH_MAX], release[PATH_MAX], domain[256], zones[PATH_MAX],
	    address[64], listen[1024];
	int dns_port, http_port, https_port;
	struct overview_instance instances[OVERVIEW_INSTANCES];
	int count;
};

/* 0, or what link_ask gives. */
int overview_get(const char *state, struct overview *ret);
/* Proportional memory of a process, from smaps_rollup; -1: cannot be read. */
int64_t overview_pss_kib(int pid);
/* The host to browse to, and an address to ask: one that the sockets listen at. */
const char *overview_host(const struct overview *o, char ret[80]);
const char *overview_address(const struct overview *o, char ret[64]);

/* Does the name say an IPv6 address? */
bool overview_is_v6(const struct overview *o);
/* Asks dnsd for www of the domain, whose name is put into `name`. */
struct probe overview_ask_name(const struct overview *o, char name[300]);

#endif
