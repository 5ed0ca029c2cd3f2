/* account.h -- whom the daemons run as: the system user `onebox` when we are root, else
 * whoever we are. */
#ifndef DEPLOY_SUPERVISOR_ACCOUNT_H
#define DEPLOY_SUPERVISOR_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

struct account {
	char name[64];
	uid_t uid;
	gid_t gid;
	bool other; /* than ourselves: children change to it */
};

/* Makes the user if it is missing, and says so. Ends the program when it cannot. */
void account_find(struct account *ret);
/* In a child: become it for good. false with errno. */
bool account_become(const struct account *a);
/* May it read the file, or enter and read the folder? Asked by trying, in a child. */
bool account_reads(const struct account *a, const char *path);

#endif
