/* dnsd.h -- the authoritative name server, as a manifest. */
#ifndef DNSD_DNSD_H
#define DNSD_DNSD_H

#include "common/daemon.h"

extern const struct daemon_manifest dnsd_manifest;

#endif
