/* dbproxy.h -- the only process that talks SQL. */
#ifndef DBPROXY_DBPROXY_H
#define DBPROXY_DBPROXY_H

#include "common/daemon.h"

extern const struct daemon_manifest dbproxy_manifest;

#endif
