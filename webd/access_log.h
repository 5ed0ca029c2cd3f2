/* access_log.h -- one line per request in <state>/log/access.log, written by a thread of
 * its own. What a line says: access_line.h. */
#ifndef WEBD_ACCESS_LOG_H
#define WEBD_ACCESS_LOG_H

#include "webd/settings.h"

struct access_line;
struct access_log;

/* NULL with errno: the file cannot be written, or no thread. */
struct access_log *access_log_open(const char *state_dir);
/* Writes out what is left. */
void access_log_close(struct access_log *log);
/* The file was moved away. */
void access_log_reopen(struct access_log *log);

/* Any thread. Never waits for the disk: with no room left the line is counted instead. */
void access_log_write(struct access_log *log, const struct access_line *line,
		      enum access_format format);

#endif
