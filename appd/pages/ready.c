/* ready.c -- what webd's /-/ready asks: whether the database answers through dbproxy. Not
 * reached from outside; webd answers everything under /-/ by itself. */
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

void page_ready(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_site site;

	sql_site(b, &site);
	sql_run(b);
	reply_json(q);
	buf_text(&q->out, "{\"ready\":true}\n");
}
