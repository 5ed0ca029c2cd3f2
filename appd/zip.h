/* zip.h -- writing a ZIP archive into a buffer; files are stored as they are. */
#ifndef APPD_ZIP_H
#define APPD_ZIP_H

#include "common/arena.h"
#include "common/buf.h"

enum { ZIP_FILES_MAX = 5000 };

struct zip {
	struct buf *out, *directory; /* borrowed */
	unsigned count;
	uint32_t crc_step[256];
};

/* The directory grows beside the archive and becomes its end. */
struct zip zip_of(struct buf *out, struct buf *directory);
/* False: there are ZIP_FILES_MAX already. Names are UTF-8. */
bool zip_add(struct zip *z, struct str name, struct str bytes)
    __attribute__((warn_unused_result));
/* After the last file. */
void zip_end(struct zip *z);

#endif
