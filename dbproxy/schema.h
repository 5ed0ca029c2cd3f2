/* schema.h -- the database as the statements expect it: made, brought up to date, and
 * checked, before dbproxy is ready. */
#ifndef DBPROXY_SCHEMA_H
#define DBPROXY_SCHEMA_H

#include "dbproxy/once.h"
#include "dbproxy/session.h"

/* The server that this session is with may be written to. */
bool schema_writable(struct session *s) __attribute__((warn_unused_result));

/* Makes the database if it is missing, then applies what migrations are missing, each
 * recorded, under a lock that keeps other instances out. False: *why says so in one
 * sentence, and *exit_code which. An applied migration that was edited afterwards, or one
 * that this build does not know, is refused. */
bool schema_migrate(struct session *s, const char *database, struct buf *why,
		    int *exit_code) __attribute__((warn_unused_result));

/* Prepares every statement, compares its row with its header, and has the server explain
 * it. One that fails is named with file and line. A read that goes through a whole large
 * table is told by log_warn unless its header says `scan`. */
bool schema_check(struct session *s, const struct once *once, bool plain, struct buf *why)
    __attribute__((warn_unused_result));

#endif
