/* keeping.c -- see keeping.h. */
#include "appd/model/keeping.h"

#include "appd/json.h"
#include "appd/messages.h"
#include "appd/model/role.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "appd/utf8.h"

enum { LENGTH_MAX = 10000, ARTICLES_MAX_A_DAY = 10000 };

const struct sql_site_settings_row *keeping_read(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_site_settings settings;

	sql_site_settings(b, &settings);
	sql_run(b);
	role_need(q, ROLE_KEEPER);
	if (settings.count == 0)
		fail(q, 500, "site", "The site has no row.");
	return settings.rows;
}

/* ---- what is pinned ---- */

/* A slug, or the address of an article as one copies it: what stands behind the last
 * slash. */
static struct str slug_of(struct str line)
{
	line = str_trim(line);
	for (size_t i = line.n; i > 0; i--)
		if (line.p[i - 1] == '/')
			return (struct str){ line.p + i, line.n - i };
	return line;
}

struct slugs {
	struct str at[PINS_MAX];
	size_t count;
};

static void read_slugs(struct request *q, const char *key, struct str lines,
		       struct slugs *ret)
{
	while (lines.p != NULL) {
		struct str slug = slug_of(str_cut(&lines, '\n'));

		if (slug.n == 0)
			continue;
		if (ret->count == PINS_MAX) {
			body_problem(
			    q, key,
			    message_english(&q->arena, MESSAGE_has_too_many, PINS_MAX));
			return;
		}
		ret->at[ret->count++] = slug;
	}
}

static struct str as_json(struct request *q, const struct slugs *a, const struct slugs *b)
{
	struct buf *text = request_scratch(q, 64 << 10);
	struct json j = json_of(text);

	json_open(&j, '[');
	for (size_t i = 0; i < a->count; i++)
		json_str(&j, a->at[i]);
	for (size_t i = 0; b != NULL && i < b->count; i++)
		json_str(&j, b->at[i]);
	json_close(&j, ']');
	return arena_str(&q->arena, buf_get(text));
}

static void need_known(struct request *q, const char *key, const struct slugs *s,
		       const struct sql_slugs_known *known)
{
	for (size_t i = 0; i < s->count; i++) {
		bool found = false;

		for (size_t n = 0; n < known->count && !found; n++)
			found = str_eq(known->rows[n].slug, s->at[i]);
		if (!found)
			body_problem(q, key,
				     arena_fmt(&q->arena, "there is no article \"%.*s\"",
					       STR_ARG(s->at[i])));
	}
}

/* ---- saving ---- */

static bool is_one_of(struct str word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_eq(word, str_of(*words)))
			return true;
	return false;
}

static void check(struct request *q, const struct keeping *k)
{
	static const char *const registrations[] = { "open", "invitation", "closed",
						     NULL };
	static const char *const inviters[] = { "keeper", "moderator", "member", NULL };

	if (!is_one_of(k->registration, registrations))
		body_problem(q, "registration", STR("is invalid"));
	if (!is_one_of(k->inviters, inviters))
		body_problem(q, "inviters", STR("is invalid"));
	if (language_find(k->language) == NULL)
		body_problem(q, "language", STR("is invalid"));
	if (k->articles_a_day < 0 || k->articles_a_day > ARTICLES_MAX_A_DAY)
		body_problem(q, "articles_a_day", STR("is out of range"));
	if (k->comment_length < 1 || k->comment_length > LENGTH_MAX)
		body_problem(q, "comment_length", STR("is out of range"));
}

void keeping_save(struct request *q, const struct keeping *k)
{
	struct slugs home = { 0 }, foot = { 0 };
	struct sql_slugs_known known;
	struct sql_batch *b;
	struct sql_done done;

	role_need(q, ROLE_KEEPER);
	check(q, k);
	read_slugs(q, "home", k->home, &home);
	read_slugs(q, "foot", k->foot, &foot);
	b = sql_batch(q);
	sql_slugs_known(b, &known, as_json(q, &home, &foot));
	sql_run(b);
	need_known(q, "home", &home, &known);
	need_known(q, "foot", &foot, &known);
	body_check(q);
	b = sql_batch(q);
	sql_site_keep(b, &done, q->me.id, q->me.epoch, k->name, k->description,
		      k->language, k->registration, k->inviters, k->articles_a_day,
		      k->comment_length);
	sql_site_log(b, &done, q->me.id);
	sql_pins_clear(b, &done, q->me.id, q->me.epoch);
	sql_pins_set(b, &done, q->me.id, q->me.epoch, STR("home"),
		     as_json(q, &home, NULL));
	sql_pins_set(b, &done, q->me.id, q->me.epoch, STR("foot"),
		     as_json(q, &foot, NULL));
	sql_run(b);
}

/* ---- limits ---- */

void keeping_fail_comment(struct request *q, const struct sql_site_limits *limits,
			  struct str comment)
{
	if (limits->count > 0 &&
	    (int64_t)utf8_length(comment) > limits->rows->comment_length)
		fail_count(q, 422, "body", MESSAGE_is_too_long,
			   limits->rows->comment_length);
}

void keeping_fail_author(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_site_limits limits;

	sql_site_limits(b, &limits, q->me.id);
	sql_run(b); /* a void token ends it here */
	reply_retry_after(q, 3600);
	fail_count(q, 429, "article", MESSAGE_has_to_wait,
		   limits.count > 0 ? limits.rows->today : 0);
}
