/* article.c -- articles, favourites and tags in the API. */
#include "appd/model/article.h"
#include "appd/api/api.h"
#include "appd/api/shape.h"
#include "appd/html.h"
#include "appd/model/tag.h"
#include "appd/request.h"

static void reply_article(struct request *q, int status,
			  const struct sql_article_recent_row *a)
{
	struct json j = json_of(&q->out);

	reply_json(q);
	q->reply.status = status;
	json_open(&j, '{');
	json_key(&j, "article");
	write_article(&j, a);
	json_close(&j, '}');
}

/* ---- lists ---- */

static int64_t number(struct request *q, const char *name, int64_t least, int64_t usual)
{
	struct str s = request_query(q, str_of(name));
	int64_t v;

	if (s.p == NULL)
		return usual;
	if (!str_to_i64(s, &v) || v < least) {
		member_check(q);
		fail(q, 422, name, "must be a number from %lld", (long long)least);
	}
	return v;
}

static void list(struct request *q, struct article_filter f)
{
	struct article_page page;
	struct json j = json_of(&q->out);

	f.limit = number(q, "limit", 1, ARTICLES_DEFAULT);
	f.offset = number(q, "offset", 0, 0);
	if (f.limit > ARTICLES_MAX)
		f.limit = ARTICLES_MAX;
	article_list(q, &f, &page);
	reply_json(q);
	json_open(&j, '{');
	json_key(&j, "articles");
	json_open(&j, '[');
	for (size_t i = 0; i < page.list.count; i++)
		write_article(&j, &page.list.rows[i]);
	json_close(&j, ']');
	json_key(&j, "articlesCount");
	json_int(&j, article_count(&page));
	json_close(&j, '}');
}

void api_articles(struct request *q)
{
	list(q, (struct article_filter){
		    .tag = request_query(q, STR("tag")),
		    .author = request_query(q, STR("author")),
		    .fan = request_query(q, STR("favorited")),
		});
}

void api_feed(struct request *q)
{
	list(q, (struct article_filter){ .feed = true });
}

void api_tags(struct request *q)
{
	struct json j = json_of(&q->out);
	struct sql_tag_popular tags;

	tag_popular(q, &tags);
	reply_json(q);
	json_open(&j, '{');
	json_key(&j, "tags");
	json_open(&j, '[');
	for (size_t i = 0; i < tags.count; i++)
		json_str(&j, tags.rows[i].name);
	json_close(&j, ']');
	json_close(&j, '}');
}

/* ---- one ---- */

/* One that has moved is where its title says. */
void api_article(struct request *q)
{
	const struct sql_article_recent_row *a = article_find(q, request_arg(q, 0));

	if (str_eq(a->slug, request_arg(q, 0)))
		reply_article(q, 200, a);
	else
		reply_moved(q,
			    arena_fmt(&q->arena, "/api/articles/%.*s", STR_ARG(a->slug)));
}

static struct article_draft draft(struct request *q)
{
	const struct value *tags = body_value(q, "tagList");

	return (struct article_draft){
		.title = body_value(q, "title")->text,
		.description = body_value(q, "description")->text,
		.body = body_value(q, "body")->text,
		.set_tags = tags->given,
		.tags = tags->texts,
		.tag_count = tags->count,
	};
}

void api_article_add(struct request *q)
{
	const struct article_draft d = draft(q);

	reply_article(q, 201, article_add(q, &d));
}

void api_article_change(struct request *q)
{
	const struct article_draft d = draft(q);

	reply_article(q, 200, article_change(q, request_arg(q, 0), &d));
}

void api_article_delete(struct request *q)
{
	article_delete(q, request_arg(q, 0));
	reply_nothing(q);
}

void api_favorite(struct request *q)
{
	reply_article(q, 200, article_favorite(q, request_arg(q, 0), true));
}

void api_unfavorite(struct request *q)
{
	reply_article(q, 200, article_favorite(q, request_arg(q, 0), false));
}
