/* error_page.c -- what a client sees when there is nothing better: a small page, or
 * application/problem+json (RFC 9457), with the id to give to whoever runs the site. */
#include <stdio.h>

#include "webd/answer.h"

static const char page[] =
    "<!doctype html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<title>%d %s</title>"
    "<style>body{font:1rem/1.5 system-ui,sans-serif;margin:12vh auto;max-width:34rem;"
    "padding:0 1rem;color:#222;background:#fff}h1{font-size:1.5rem}"
    "code{color:#555}@media(prefers-color-scheme:dark){body{color:#ddd;"
    "background:#181818}code{color:#aaa}}</style></head>\n"
    "<body><main><h1>%s</h1><p>%s</p>"
    "<p>If you report this, please give its number: <code>%s</code></p>"
    "</main></body></html>\n";

/* With the member "errors" that clients of the API know from appd's own refusals. */
static const char problem[] =
    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\","
    "\"errors\":{\"request\":[\"%s\"]},\"trace\":\"%s\"}\n";

static bool names(struct str list, struct str type)
{
	for (struct str rest = list; rest.p != NULL;) {
		struct str one = str_cut(&rest, ',');

		if (str_eq_nocase(str_trim(str_cut(&one, ';')), type))
			return true;
	}
	return false;
}

/* Who names JSON and not HTML, and of the API whoever does not name HTML. Everybody else,
 * "star/star" included, gets the page. */
static bool wants_json(const struct exchange *e)
{
	struct str accept = exchange_header(e, STR("accept"));

	if (accept.p != NULL && names(accept, STR("text/html")))
		return false;
	return str_starts(str_of_iovec(e->req->path), STR("/api/")) ||
	       (accept.p != NULL && (names(accept, STR("application/json")) ||
				     names(accept, STR("application/problem+json"))));
}

void answer_error(struct exchange *e, int status, const char *why)
{
	const char *reason = answer_reason(status);
	char body[sizeof(page) + 512];
	int n;

	answer_header(e, STR("cache-control"), STR("no-store"));
	if (wants_json(e)) {
		n = snprintf(body, sizeof(body), problem, reason, status, why, why,
			     e->trace);
		answer_text(e, status, STR("application/problem+json"),
			    (struct str){ body, (size_t)n });
		return;
	}
	n = snprintf(body, sizeof(body), page, status, reason, reason, why, e->trace);
	answer_text(e, status, STR("text/html; charset=utf-8"),
		    (struct str){ body, (size_t)n });
}
