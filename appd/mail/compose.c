/* compose.c -- a mail as bytes (RFC 5322, MIME). Everything that people chose is encoded
 * or checked, so that nothing of it can be a header of its own. */
#include <sodium.h>
#include <time.h>

#include "appd/mail/mail.h"
#include "common/buf.h"
#include "common/clock.h"

/* An encoded word holds 75 characters at most (RFC 2047), a line of base64 76. */
enum { WORD_BYTES = 42, LINE_BYTES = 57, LINE_TEXT = 80 };

bool mail_address_is_plain(struct str address)
{
	size_t ats = 0;

	for (size_t i = 0; i < address.n; i++) {
		char c = address.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("<>()[]\\,;:\"", c) != NULL)
			return false;
		ats += c == '@';
	}
	return ats == 1 && address.p[0] != '@' && address.p[0] != '-' &&
	       address.p[address.n - 1] != '@';
}

static void base64(struct buf *out, struct str s)
{
	char text[LINE_TEXT];

	sodium_bin2base64(text, sizeof(text), (const unsigned char *)s.p, s.n,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_text(out, text);
}

/* In words that end between letters, where there are letters. */
static void put_words(struct buf *out, struct str s, const char *eol)
{
	while (s.n > 0) {
		size_t n = s.n < WORD_BYTES ? s.n : WORD_BYTES;

		while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
		if (n == 0)
			n = WORD_BYTES;
		buf_text(out, "=?UTF-8?B?");
		base64(out, (struct str){ s.p, n });
		buf_text(out, "?=");
		s.p += n, s.n -= n;
		if (s.n > 0)
			buf_fmt(out, "%s ", eol);
	}
}

/* The line breaks of text in mails are CR LF, within base64 too. */
static void put_text(struct buf *out, struct str s, const char *eol)
{
	struct buf lines;
	struct str rest;

	buf_init(&lines, 64 << 10);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_char(&lines, '\r');
		buf_char(&lines, s.p[i]);
	}
	rest = buf_get(&lines);
	while (rest.n > 0) {
		size_t n = rest.n < LINE_BYTES ? rest.n : LINE_BYTES;

		base64(out, (struct str){ rest.p, n });
		buf_text(out, eol);
		rest.p += n, rest.n -= n;
	}
	buf_fini(&lines);
}

static void put_date(struct buf *out)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
					    "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = clock_wall_us() / 1000000;
	struct tm t;

	gmtime_r(&now, &t);
	buf_fmt(out, "%s, %02d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
		months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

bool mail_compose(struct buf *out, const struct mail *m, const char *eol)
{
	struct str domain = m->from;

	if (!mail_address_is_plain(m->from) || !mail_address_is_plain(m->to))
		return false;
	str_cut(&domain, '@');
	buf_text(out, "From: ");
	put_words(out, m->name, eol);
	buf_fmt(out, " <%.*s>%sTo: <%.*s>%sSubject: ", STR_ARG(m->from), eol,
		STR_ARG(m->to), eol);
	put_words(out, m->subject, eol);
	buf_fmt(out, "%sDate: ", eol);
	put_date(out);
	buf_fmt(out,
		"%sMessage-ID: <%.*s@%.*s>%sMIME-Version: 1.0%s"
		"Auto-Submitted: auto-generated%s"
		"Content-Type: text/plain; charset=utf-8%s"
		"Content-Transfer-Encoding: base64%s%s",
		eol, STR_ARG(m->id), STR_ARG(domain), eol, eol, eol, eol, eol, eol);
	put_text(out, m->text, eol);
	return buf_ok(out);
}
