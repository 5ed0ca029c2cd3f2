/* release.h -- copies of builds, in STATE/releases, from which the daemons run. */
#ifndef DEPLOY_COMMAND_RELEASE_H
#define DEPLOY_COMMAND_RELEASE_H

#include <limits.h>

/* Copies the build if it is not there yet, makes it the current one, gives its place. One
 * that is a release already stays where it is. Returns an exit code, after a sentence. */
int release_make(const char *state, const char *build, char ret[PATH_MAX]);

#endif
