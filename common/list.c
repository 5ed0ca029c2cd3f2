/* list.c -- see list.h. */
#include "common/list.h"

struct list *list_take(struct list *head)
{
	struct list *l = list_first(head);

	if (l != NULL)
		list_remove(l);
	return l;
}
