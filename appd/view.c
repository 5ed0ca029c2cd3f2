/* view.c -- what templates print with; declared in templates/templates.h. */
#include <time.h>

#include "appd/html.h"
#include "appd/json.h"
#include "appd/templates/templates.h"
#include "gen/sql.h"

/* Writes what stands before the next "{" and gives what stands after its "}"; the name
 * between them goes into *ret. NULL at the end. */
static const char *to_hole(struct buf *out, const char *text, struct str *ret)
{
	const char *open = strchr(text, '{'), *close;

	if (open == NULL || (close = strchr(open, '}')) == NULL) {
		html_text(out, text);
		return NULL;
	}
	html_str(out, (struct str){ text, (size_t)(open - text) });
	*ret = (struct str){ open + 1, (size_t)(close - open - 1) };
	return close + 1;
}

void say_str(struct buf *out, const char *text, struct str arg)
{
	struct str hole;

	while ((text = to_hole(out, text, &hole)) != NULL) {
		buf_text(out, "<bdi>");
		html_str(out, arg);
		buf_text(out, "</bdi>");
	}
}

void say_plain(struct buf *out, const char *text, struct str arg)
{
	struct str hole;

	while ((text = to_hole(out, text, &hole)) != NULL)
		html_plain(out, plain(arg));
}

void say_count(struct buf *out, const struct view_frame *f, const char *text, int64_t n)
{
	char room[MESSAGE_SIZE];

	html_str(out, message_fill(f->language, text, n, room));
}

void say_sentence(struct buf *out, const struct view_frame *f, struct str english)
{
	char room[MESSAGE_SIZE];

	html_str(out, message_sentence(f->language, english, room));
}

static void say_time(struct buf *out, const struct view_frame *f, int64_t us, bool clock)
{
	time_t seconds = us / 1000000;
	const char *text = T(date);
	struct str hole;
	struct tm t;

	gmtime_r(&seconds, &t);
	buf_fmt(out, "<time datetime=\"%04d-%02d-%02dT%02d:%02d:%02dZ\">",
		t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
	while ((text = to_hole(out, text, &hole)) != NULL) {
		if (str_eq(hole, STR("month")))
			html_text(out, message(f->language, MESSAGE_month_1 + t.tm_mon));
		else if (str_eq(hole, STR("day")))
			html_int(out, t.tm_mday);
		else
			html_int(out, t.tm_year + 1900);
	}
	if (clock)
		buf_fmt(out, " <bdi>%02d:%02d:%02d UTC</bdi>", t.tm_hour, t.tm_min,
			t.tm_sec);
	buf_text(out, "</time>");
}

void say_date(struct buf *out, const struct view_frame *f, int64_t us)
{
	say_time(out, f, us, false);
}

void say_moment(struct buf *out, const struct view_frame *f, int64_t us)
{
	say_time(out, f, us, true);
}

struct str decimal(int64_t n, char room[24])
{
	snprintf(room, 24, "%lld", (long long)n);
	return str_of(room);
}

static void json_time(struct json *j, const char *key, int64_t us)
{
	struct buf text;

	json_key(j, key);
	buf_init(&text, 32);
	xml_time(&text, us);
	json_str(j, buf_get(&text));
	buf_fini(&text);
}

void say_article(struct buf *out, const struct view_frame *f)
{
	const struct sql_article_recent_row *a = f->article;
	struct json j = json_of(out);

	json_open(&j, '{');
	json_key(&j, "@context");
	json_text(&j, "https://schema.org");
	json_key(&j, "@type");
	json_text(&j, "Article");
	json_key(&j, "headline");
	json_plain(&j, a->title);
	json_key(&j, "description");
	json_plain(&j, a->description);
	json_time(&j, "datePublished", a->created_at);
	json_time(&j, "dateModified", a->updated_at);
	json_key(&j, "author");
	json_open(&j, '{');
	json_key(&j, "@type");
	json_text(&j, "Person");
	json_key(&j, "name");
	json_plain(&j, a->author);
	json_close(&j, '}');
	json_close(&j, '}');
}

struct str picture(struct str image)
{
	bool ok = str_starts(image, STR("https://")) || str_starts(image, STR("http://"));

	for (size_t i = 0; i < image.n && ok; i++)
		ok = (unsigned char)image.p[i] > ' ' && image.p[i] != 0x7f &&
		     strchr("\"'<>`\\", image.p[i]) == NULL;
	return ok && image.n > 8 ? image : STR("/default-avatar.svg");
}

const char *when(bool yes, const char *text)
{
	return yes ? text : "";
}

const char *field_name(const struct view_frame *f, const char *key)
{
	static const struct {
		const char *key;
		enum message message;
	} names[] = {
		{ "credentials", MESSAGE_key_credentials },
		{ "username", MESSAGE_username },
		{ "email", MESSAGE_email },
		{ "password", MESSAGE_password },
		{ "title", MESSAGE_key_title },
		{ "description", MESSAGE_key_description },
		{ "body", MESSAGE_key_body },
		{ "tagList", MESSAGE_tags },
		{ "image", MESSAGE_key_image },
		{ "bio", MESSAGE_key_bio },
		{ "article", MESSAGE_key_article },
		{ "revision", MESSAGE_key_revision },
		{ "drafts", MESSAGE_drafts },
		{ "draft", MESSAGE_key_draft },
		{ "comment", MESSAGE_key_comment },
		{ "profile", MESSAGE_key_profile },
		{ "reason", MESSAGE_reason },
		{ "registration", MESSAGE_key_registration },
		{ "role", MESSAGE_role },
		{ "account", MESSAGE_key_account },
		{ "name", MESSAGE_site_name },
		{ "articles_a_day", MESSAGE_articles_a_day },
		{ "comment_length", MESSAGE_comment_length },
		{ "home", MESSAGE_pins_home },
		{ "foot", MESSAGE_pins_foot },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(key, names[i].key) == 0)
			return message(f->language, names[i].message);
	return "";
}
