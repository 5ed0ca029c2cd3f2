/* access_line.h -- what is logged of a request.
 *
 *     ADDRESS - - [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT" SECONDS
 *     trace=ID upstream=appd.1
 *
 * (one line): Apache's combined format with what webd knows beside it; for GoAccess
 * `%h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T %^`. Or the same as one JSON object. A request
 * that never became one has "-" for REQUEST. */
#ifndef WEBD_ACCESS_LINE_H
#define WEBD_ACCESS_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "webd/settings.h"

enum { ACCESS_LINE_SIZE = 8192 };

struct exchange;

struct access_line {
	const struct exchange *e;
	int status;
	int64_t took_us;
};

/* Its length; 0 if nothing is to be logged. Long fields are cut. */
size_t access_line_format(const struct access_line *l, enum access_format format,
			  char ret[ACCESS_LINE_SIZE]);

#endif
