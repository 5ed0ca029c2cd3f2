/* keeping.c -- the settings of the site, for its keepers. */
#include "appd/model/keeping.h"

#include "appd/model/role.h"
#include "appd/pages/forms.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"

const struct body_spec form_keeping = {
	"Keeping",
	"site",
	{
	    { "name", FIELD_TEXT, FIELD_REQUIRED, 1, 100 },
	    { "description", FIELD_TEXT, 0, 0, 500 },
	    { "articles_a_day", FIELD_TEXT, FIELD_REQUIRED, 1, 6 },
	    { "comment_length", FIELD_TEXT, FIELD_REQUIRED, 1, 6 },
	    { "home", FIELD_TEXT, FIELD_LINES, 0, 4000 },
	    { "foot", FIELD_TEXT, FIELD_LINES, 0, 4000 },
	},
};

static void show(struct request *q, const struct view_keeping *v)
{
	struct view_frame f;

	page_frame(q, &f);
	f.nav = NAV_SETTINGS;
	f.here = STR("/settings/site");
	f.title = str_of(message(f.language, MESSAGE_keeping_title));
	template_keeping(&q->out, &f, v);
	page_end(q);
}

static struct str number(struct request *q, int64_t n)
{
	return arena_fmt(&q->arena, "%lld", (long long)n);
}

void page_keeping(struct request *q)
{
	const struct sql_site_settings_row *s = keeping_read(q);

	show(q, &(struct view_keeping){
		    .name = s->name,
		    .description = s->description,
		    .language = s->language,
		    .registration = s->registration,
		    .inviters = s->inviters,
		    .articles_a_day = number(q, s->articles_a_day),
		    .comment_length = number(q, s->comment_length),
		    .home = s->home,
		    .foot = s->foot,
		});
}

static void again(struct request *q)
{
	role_need(q, ROLE_KEEPER);
	show(q, &(struct view_keeping){
		    .name = page_field(q, "name"),
		    .description = page_field(q, "description"),
		    .language = page_field(q, "language"),
		    .registration = page_field(q, "registration"),
		    .inviters = page_field(q, "inviters"),
		    .articles_a_day = page_field(q, "articles_a_day"),
		    .comment_length = page_field(q, "comment_length"),
		    .home = page_field(q, "home"),
		    .foot = page_field(q, "foot"),
		});
}

/* What is no number is none that is permitted. */
static int64_t count(struct request *q, const char *name)
{
	int64_t n;

	return str_to_i64(body_value(q, name)->text, &n) ? n : -1;
}

static struct str text(struct request *q, const char *name)
{
	struct str s = body_value(q, name)->text;

	return s.p == NULL ? STR("") : s;
}

void page_keeping_post(struct request *q)
{
	role_need(q, ROLE_KEEPER);
	page_of(q)->again = again;
	keeping_save(q, &(struct keeping){
			    .name = text(q, "name"),
			    .description = text(q, "description"),
			    .language = page_field(q, "language"),
			    .registration = page_field(q, "registration"),
			    .inviters = page_field(q, "inviters"),
			    .articles_a_day = count(q, "articles_a_day"),
			    .comment_length = count(q, "comment_length"),
			    .home = text(q, "home"),
			    .foot = text(q, "foot"),
			});
	redirect(q, STR("/settings/site"));
}
