/* addresses.c -- see addresses.h. Read from the metrics, which say it already. */
#include "deploy/command/addresses.h"

#include "deploy/command/ask.h"

enum { BUDGET_US = 1000000 };

/* The row of the address in: metric{address="ADDRESS"} VALUE */
static struct address *row_of(struct addresses *all, struct str line, uint64_t *ret)
{
	struct str name, value;

	str_cut(&line, '"');
	name = str_cut(&line, '"');
	str_cut(&line, ' ');
	value = str_trim(line);
	if (name.n == 0 || !str_to_u64(value, ret))
		return NULL;
	for (size_t i = 0; i < all->count; i++)
		if (str_eq(name, str_of(all->list[i].text)))
			return &all->list[i];
	if (all->count == ADDRESSES_MAX ||
	    !str_copy(all->list[all->count].text, sizeof(all->list[0].text), name))
		return NULL;
	return &all->list[all->count++];
}

static void take_line(struct addresses *all, struct str line)
{
	bool is_up = str_starts(line, STR("onebox_dnsd_address_up{"));
	struct address *a = NULL;
	uint64_t n = 0;

	if (is_up || str_starts(line, STR("onebox_dnsd_address_seconds{")))
		a = row_of(all, line, &n);
	if (a == NULL)
		return;
	if (!is_up) {
		a->seconds = (int64_t)n;
		return;
	}
	a->is_up = n == 1;
	all->up += a->is_up;
}

static void take_stats(void *ctx, const char *instance, enum msg_status status,
		       struct str text)
{
	(void)instance;
	while (status == STATUS_OK && text.n > 0)
		take_line(ctx, str_cut(&text, '\n'));
}

void addresses_get(const char *state, struct addresses *ret)
{
	const struct question q = { .type = MSG_STATS, .budget_us = BUDGET_US };

	*ret = (struct addresses){ 0 };
	ask_any(state, "dnsd", q, take_stats, ret);
}

const char *addresses_word(const struct addresses *all, const struct address *a)
{
	if (a->is_up)
		return "alive";
	return all->up > 0 ? "dead, left out of answers"
			   : "dead, given still: all are dead";
}
