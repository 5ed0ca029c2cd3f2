/* comment.c -- comments in the API. */
#include "appd/model/comment.h"
#include "appd/api/api.h"
#include "appd/api/shape.h"
#include "appd/request.h"

void api_comments(struct request *q)
{
	struct json j = json_of(&q->out);
	struct sql_comment_list comments;

	comment_list(q, request_arg(q, 0), &comments);
	reply_json(q);
	json_open(&j, '{');
	json_key(&j, "comments");
	json_open(&j, '[');
	for (size_t i = 0; i < comments.count; i++)
		if (comments.rows[i].hidden_why.p == NULL)
			write_comment(&j, &comments.rows[i]);
	json_close(&j, ']');
	json_close(&j, '}');
}

void api_comment_add(struct request *q)
{
	const struct sql_comment_list_row *c =
	    comment_add(q, request_arg(q, 0), body_value(q, "body")->text);
	struct json j = json_of(&q->out);

	reply_json(q);
	q->reply.status = 201;
	json_open(&j, '{');
	json_key(&j, "comment");
	write_comment(&j, c);
	json_close(&j, '}');
}

void api_comment_delete(struct request *q)
{
	comment_delete(q, request_arg(q, 0), request_arg(q, 1));
	reply_nothing(q);
}
