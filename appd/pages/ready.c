/* ready.c -- what webd's /-/ready asks: whether the database answers through dbproxy. Not
 * reached from outside; webd answers everything under /-/ by itself. */
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

void page_ready(struct request *q)
{
	sql_run(sql_batch(q)); /* the site's own row rides along */
	reply_json(q);
	buf_text(&q->out, "{\"ready\":true}\n");
}
