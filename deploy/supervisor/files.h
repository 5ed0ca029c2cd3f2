/* files.h -- small files, whole. */
#ifndef DEPLOY_SUPERVISOR_FILES_H
#define DEPLOY_SUPERVISOR_FILES_H

#include <sys/types.h>

#include "common/buf.h"

/* false with errno; a file larger than the buffer's limit is an error too. */
bool files_read(const char *path, struct buf *ret);
/* Complete or not at all: another name first, then renamed. group -1: as it comes. */
bool files_write(const char *path, struct str text, mode_t mode, gid_t group);

#endif
