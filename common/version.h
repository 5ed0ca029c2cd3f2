/* version.h -- what --version and `onebox status` say. */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#define ONEBOX_VERSION "0.1.0"

#endif
