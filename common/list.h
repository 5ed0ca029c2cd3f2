/* list.h -- a doubly linked list whose links live inside the things listed.
 *
 * A head and an unlinked node both point at themselves; removing twice does no harm. */
#ifndef COMMON_LIST_H
#define COMMON_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

/* The struct that contains this link. */
#define LIST_OF(link, type, member)                                                      \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

#define LIST_EACH(at, head)                                                              \
	for (struct list *at = (head)->next, *at##_next = at->next; at != (head);        \
	     at = at##_next, at##_next = at->next)

static inline void list_init(struct list *l)
{
	l->prev = l->next = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

static inline void list_insert(struct list *after, struct list *l)
{
	l->prev = after;
	l->next = after->next;
	after->next->prev = l;
	after->next = l;
}

static inline void list_push(struct list *head, struct list *l) /* at the front */
{
	list_insert(head, l);
}

static inline void list_append(struct list *head, struct list *l) /* at the end */
{
	list_insert(head->prev, l);
}

static inline struct list *list_first(const struct list *head) /* NULL if empty */
{
	return list_empty(head) ? NULL : head->next;
}

/* Removes the first and returns it; NULL if empty. For emptying a list: not inline, so
 * that analysers do not take the next one for the one just freed. */
struct list *list_take(struct list *head);

#endif
