/* test_appd_text.c -- appd/html.h, appd/json.h: nothing gets out unescaped. */
#include "appd/html.h"
#include "appd/json.h"

#include "tests/unit/check.h"

TEST(html_escapes_by_type)
{
	struct buf b;

	buf_init(&b, 4096);
	HTML_PUT(&b, STR("<b a='1' c=\"2\">&amp;"));
	CHECK_STR(buf_get(&b), STR("&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;"));
	buf_reset(&b);
	HTML_PUT(&b, "x<y");
	HTML_PUT(&b, 7);
	HTML_PUT(&b, (int64_t)-8);
	HTML_PUT(&b, (struct html){ STR("<i>") });
	CHECK_STR(buf_get(&b), STR("x&lt;y7-8<i>"));
	buf_reset(&b);
	HTML_PUT(&b, ((struct str){ NULL, 0 }));
	CHECK_INT(b.n, 0);
	buf_fini(&b);
}

TEST(url_parts_hold_anything)
{
	struct buf b;

	buf_init(&b, 4096);
	HTML_PUT(&b, url_part(STR("a/b?c=d&e #%\"<>\xc5\x82~-_.")));
	CHECK_STR(buf_get(&b), STR("a%2Fb%3Fc%3Dd%26e%20%23%25%22%3C%3E%C5%82~-_."));
	buf_fini(&b);
}

TEST(json_puts_commas_where_they_belong)
{
	struct buf b;
	struct json j;

	buf_init(&b, 4096);
	j = json_of(&b);
	json_open(&j, '{');
	json_key(&j, "a");
	json_int(&j, -1);
	json_key(&j, "b");
	json_open(&j, '[');
	json_close(&j, ']');
	json_key(&j, "c");
	json_open(&j, '[');
	json_str(&j, (struct str){ NULL, 0 });
	json_bool(&j, true);
	json_bool(&j, false);
	json_open(&j, '{');
	json_close(&j, '}');
	json_text(&j, "x");
	json_close(&j, ']');
	json_close(&j, '}');
	CHECK_STR(buf_get(&b),
		  STR("{\"a\":-1,\"b\":[],\"c\":[null,true,false,{},\"x\"]}"));
	buf_fini(&b);
}

TEST(json_escapes)
{
	struct buf b;
	struct json j;

	buf_init(&b, 4096);
	j = json_of(&b);
	json_str(&j, (struct str){ "\"\\\n\r\t\0\x1f</script>&\x7f\xc5\x82", 20 });
	CHECK_STR(
	    buf_get(&b),
	    STR("\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u003c/script\\u003e\\u0026\\u007f"
		"\xc5\x82\""));
	buf_fini(&b);
}
