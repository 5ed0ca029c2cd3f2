/* static_files.h -- the site's files, all read into memory at start.
 *
 * They are found beside the program (bin/webd uses ../static). A request is a look-up in
 * a table, so no path can leave the folder: symbolic links are not followed when it is
 * read, and nothing is opened later. name.gz and name.br beside name are its codings;
 * index.html also answers for its folder. */
#ifndef WEBD_STATIC_FILES_H
#define WEBD_STATIC_FILES_H

#include "common/buf.h"
#include "webd/conditions.h"

enum { ETAG_SIZE = 25 };

struct static_variant {
	struct str bytes; /* p == NULL: there is none */
	char etag[ETAG_SIZE];
};

struct static_file {
	char *path; /* "/assets/site.css" */
	struct str type;
	bool immutable; /* its name holds a hash of its content */
	bool joined;    /* while reading: it became a coding of another */
	unsigned codings;
	struct static_variant as[CODINGS];
};

struct static_files;

/* A folder that is not there is an empty one. NULL, with a sentence. */
struct static_files *static_files_read(const char *folder, size_t memory_max,
				       struct buf *why);
void static_files_free(struct static_files *s);
const struct static_file *static_files_find(const struct static_files *s,
					    struct str path); /* or NULL */
size_t static_files_count(const struct static_files *s);

#endif
