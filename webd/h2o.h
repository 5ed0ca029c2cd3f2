/* h2o.h -- libh2o's headers, with their warnings left out. The only way in to them. */
#ifndef WEBD_H2O_H
#define WEBD_H2O_H
#pragma GCC system_header

#include <h2o.h>
#include <h2o/http1.h>
#include <h2o/http2.h>
#include <h2o/http2_internal.h>

#endif
