/* share.c -- see share.h. */
#include "dbproxy/share.h"

void share_init(struct share *s)
{
	for (int i = 0; i < SHARE_BUCKETS; i++)
		list_init(&s->buckets[i]);
}

static struct list *bucket(struct share *s, struct str message)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < message.n; i++)
		h = (h ^ (unsigned char)message.p[i]) * 1099511628211u;
	return &s->buckets[(h >> 32) % SHARE_BUCKETS];
}

void share_open(struct share *s, struct job *j)
{
	if (!j->writes && list_empty(&j->same))
		list_push(bucket(s, j->message), &j->same);
}

void share_close(struct job *j)
{
	list_remove(&j->same);
}

bool share_join(struct share *s, struct job *j)
{
	struct list *b;

	if (j->writes)
		return false;
	b = bucket(s, j->message);
	LIST_EACH(link, b) {
		struct job *leader = LIST_OF(link, struct job, same);

		if (!str_eq(leader->message, j->message))
			continue;
		list_append(&leader->sharers, &j->shared);
		j->leader = leader;
		return true;
	}
	return false;
}

void share_leave(struct job *j)
{
	list_remove(&j->shared);
	j->leader = NULL;
}

struct job *share_succeed(struct job *leader)
{
	struct list *first = list_first(&leader->sharers), *link;
	struct job *heir;

	if (first == NULL)
		return NULL;
	heir = LIST_OF(first, struct job, shared);
	share_leave(heir);
	while ((link = list_first(&leader->sharers)) != NULL) {
		struct job *j = LIST_OF(link, struct job, shared);

		list_remove(link);
		list_append(&heir->sharers, link);
		j->leader = heir;
	}
	return heir;
}
