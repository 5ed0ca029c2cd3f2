/* role.c -- see role.h. */
#include "appd/model/role.h"

#include "appd/request.h"
#include "gen/sql.h"

static const char *const words[] = { "member", "moderator", "keeper" };

enum { ROLES = sizeof(words) / sizeof(words[0]) };

bool role_is_known(struct str word)
{
	for (size_t i = 0; i < ROLES; i++)
		if (str_eq(word, str_of(words[i])))
			return true;
	return false;
}

enum role role_read(struct str word)
{
	for (size_t i = 0; i < ROLES; i++)
		if (str_eq(word, str_of(words[i])))
			return (enum role)i;
	return ROLE_MEMBER;
}

enum role role_mine(struct request *q)
{
	member_check(q);
	return q->me.row == NULL ? ROLE_MEMBER : role_read(q->me.row->role);
}

void role_need(struct request *q, enum role least)
{
	if (role_mine(q) < least)
		fail(q, 403, "role", "forbidden");
}
