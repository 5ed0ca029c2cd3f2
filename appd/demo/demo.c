/* demo.c -- see demo.h. All of it is one message, which is one transaction: of several
 * instances that start at once one does it, and the others meet its names and slugs. */
#include "appd/demo/demo.h"

#include "appd/json.h"
#include "appd/markdown.h"
#include "appd/request.h"
#include "appd/slug.h"
#include "appd/sql.h"
#include "gen/sql.h"

static const struct person {
	const char *name, *email, *bio;
} people[] = {
	{ "johndoe", "johndoe@example.com", "Writes about what happens on one machine." },
	{ "janeroe", "janeroe@example.com", "Names, tables, and what keeps them apart." },
};

enum { PEOPLE = sizeof(people) / sizeof(people[0]), JSON_MAX = 2 << 20 };

static void field(struct json *j, const char *name, struct str value)
{
	json_key(j, name);
	json_str(j, value);
}

static struct str people_json(struct request *q)
{
	struct buf *text = request_scratch(q, JSON_MAX);
	struct json j = json_of(text);

	json_open(&j, '[');
	for (size_t i = 0; i < PEOPLE; i++) {
		json_open(&j, '{');
		field(&j, "name", str_of(people[i].name));
		field(&j, "email", str_of(people[i].email));
		field(&j, "bio", str_of(people[i].bio));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	return arena_str(&q->arena, buf_get(text));
}

static struct str render(struct request *q, struct str markdown)
{
	struct buf *html = request_scratch(q, MARKDOWN_OUT_MAX);

	if (!markdown_render(html, markdown))
		fail(q, 500, "demo", "An article of the demonstration cannot be shown.");
	return arena_str(&q->arena, buf_get(html));
}

/* "a, b" -> "a\nb", which is how the table has them; the texts are sorted already. */
static struct str tag_lines(struct request *q, struct str tags)
{
	struct buf *text = request_scratch(q, 1000);

	while (tags.p != NULL) {
		struct str tag = str_trim(str_cut(&tags, ','));

		buf_fmt(text, "%s%.*s", text->n > 0 ? "\n" : "", STR_ARG(tag));
	}
	return arena_str(&q->arena, buf_get(text));
}

static struct str articles_json(struct request *q)
{
	struct str *html = arena_array(&q->arena, demo_article_count, sizeof(*html));
	struct str *tags = arena_array(&q->arena, demo_article_count, sizeof(*tags));
	struct buf *text;
	struct json j;

	for (size_t i = 0; i < demo_article_count; i++) {
		html[i] = render(q, demo_articles[i].text);
		tags[i] = tag_lines(q, demo_articles[i].tags);
	}
	text = request_scratch(q, JSON_MAX);
	j = json_of(text);
	json_open(&j, '[');
	for (size_t i = demo_article_count; i-- > 0;) { /* the newest comes last */
		const struct demo_article *a = &demo_articles[i];

		json_open(&j, '{');
		field(&j, "author", a->author);
		field(&j, "slug", slug_of_title(&q->arena, a->title));
		field(&j, "title", a->title);
		field(&j, "about", a->about);
		field(&j, "body", a->text);
		field(&j, "html", html[i]);
		field(&j, "tags", tags[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	return arena_str(&q->arena, buf_get(text));
}

static struct str tags_json(struct request *q)
{
	struct buf *text = request_scratch(q, JSON_MAX);
	struct json j = json_of(text);

	json_open(&j, '[');
	for (size_t i = 0; i < demo_article_count; i++)
		for (struct str rest = demo_articles[i].tags; rest.p != NULL;)
			json_str(&j, str_trim(str_cut(&rest, ',')));
	json_close(&j, ']');
	return arena_str(&q->arena, buf_get(text));
}

void demo_begin(struct request *q, bool wanted)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_refusal refusal;
	struct sql_site_begun begun;
	struct str persons, articles, tags;
	struct sql_done done;

	sql_site_begun(b, &begun);
	sql_run(b);
	if (begun.count == 0 || begun.rows->begun)
		return;
	persons = people_json(q);
	articles = articles_json(q);
	tags = tags_json(q);
	b = sql_batch(q);
	sql_site_begin(b, &done);
	if (wanted) {
		sql_demo_people(b, &done, persons);
		sql_demo_articles(b, &done, articles, MARKDOWN_VERSION);
		sql_tag_make(b, &done, tags);
		sql_demo_links(b, &done);
		sql_demo_count_tags(b, &done);
		sql_demo_count_people(b, &done);
		sql_demo_count_site(b, &done);
	}
	refusal = sql_try(b);
	/* another instance was quicker */
	if (refusal.class.n > 0 && !str_eq(refusal.class, STR("duplicate")))
		sql_fail(q, &refusal);
}
