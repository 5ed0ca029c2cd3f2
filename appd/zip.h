/* zip.h -- writing a ZIP archive into a buffer; files are stored as they are. */
#ifndef APPD_ZIP_H
#define APPD_ZIP_H

#include "common/arena.h"
#include "common/buf.h"

enum { ZIP_FILES_MAX = 5000 };

struct zip {
	struct buf *out;
	struct buf directory;
	unsigned count;
};

/* A request that ends early has to give the directory back: zip_fini in any case. */
void zip_init(struct zip *z, struct buf *out);
void zip_fini(struct zip *z);
/* False: there are ZIP_FILES_MAX already. Names are UTF-8. */
bool zip_add(struct zip *z, struct str name, struct str bytes)
    __attribute__((warn_unused_result));
/* After the last file. */
void zip_end(struct zip *z);

#endif
