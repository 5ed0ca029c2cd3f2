/* zone_print.h -- zones and what differs between them, as text: `dnsd check` and
 * `dnsd diff`, and the zone
 * in force for those who ask over the fabric. */
#ifndef DNSD_ZONE_PRINT_H
#define DNSD_ZONE_PRINT_H

#include "common/buf.h"
#include "dnsd/zone.h"

/* All records, as a master file that no reader can misunderstand (RFC 3597). */
void zone_print(const struct zone *z, struct buf *b);

/* dnsd check FILE [TEXT]: is it right? Says so, or why not. With TEXT, as if FILE had the
 * text of that file. Returns the exit code. */
int zone_print_check(const char *file, const char *text);

/* dnsd diff BEFORE AFTER: prints "- record" and "+ record" for each that is only in one
 * of the two files. The zone's name is that of the file AFTER. Returns the exit code. */
int zone_print_diff(const char *before, const char *after);

#endif
