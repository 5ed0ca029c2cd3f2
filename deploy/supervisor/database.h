/* database.h -- the private MariaDB: its files and its command line.
 *
 * Unix socket only, its own user, durable, small. Made in mysql/data.new and renamed, so
 * that a half-made database is never taken for a whole one. */
#ifndef DEPLOY_SUPERVISOR_DATABASE_H
#define DEPLOY_SUPERVISOR_DATABASE_H

#include "deploy/supervisor/child.h"
#include "deploy/supervisor/super.h"

#define DATABASE_SERVER "/usr/sbin/mariadbd"

/* What a new database takes from the disk at the least, and what it should have. */
enum { DATABASE_LEAST = 64 << 20, DATABASE_ROOM = 120 << 20 };

bool database_missing(const struct super *s);
/* Fill in a child that makes it, or that serves it. false with errno. */
bool database_install(const struct super *s, struct child *c);
bool database_serve(const struct super *s, struct child *c);
/* After the installer ended well: into place. false with errno. */
bool database_installed(const struct super *s);

#endif
