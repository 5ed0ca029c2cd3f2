/* log_text.c -- see log_text.h. The format is walked one directive at a time: printf does
 * the numbers, strings are copied here. */
#include "common/log_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SPEC_SIZE = 48, NUMBER_SIZE = 512 };

enum place { FREE, VALUE, QUOTED };

struct text {
	char *bytes;
	size_t n, size;
	enum place place; /* of the next directive */
};

/* "%-08.3lld" without the l's, '*' replaced by its number, and what it ends with. */
struct spec {
	char text[SPEC_SIZE];
	int precision; /* -1: none */
	unsigned longs;
	char size, type;
};

static void put(struct text *t, char c)
{
	if (t->n < t->size)
		t->bytes[t->n++] = (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
}

static void put_literal(struct text *t, char c)
{
	if (c == '"')
		t->place = t->place == QUOTED ? FREE : QUOTED;
	else if (t->place != QUOTED)
		t->place = c == '=' ? VALUE : FREE;
	put(t, c);
}

static void put_string(struct text *t, const char *s, int precision)
{
	size_t n;

	if (s == NULL)
		s = "(null)";
	n = precision >= 0 ? strnlen(s, (size_t)precision) : strlen(s);
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '"' && t->place != FREE)
			c = '\'';
		else if (c == ' ' && t->place == VALUE)
			c = '_';
		put(t, c);
	}
}

/* Digits, or '*' and the next argument; -1: neither. */
static int take_number(const char **p, va_list *ap)
{
	int n = -1;

	if (**p == '*') {
		++*p;
		return va_arg(*ap, int);
	}
	for (; **p >= '0' && **p <= '9'; ++*p)
		n = (n < 0 ? 0 : n) * 10 + (**p - '0');
	return n;
}

/* From behind the '%'. */
static const char *take_spec(const char *p, struct spec *s, va_list *ap)
{
	size_t flags = strspn(p, "-+ #0");
	int width, n;

	*s = (struct spec){ .precision = -1 };
	n = (int)(flags < 5 ? flags : 5);
	s->text[0] = '%';
	memcpy(s->text + 1, p, (size_t)n++);
	p += flags;
	width = take_number(&p, ap);
	if (width > 0)
		n += snprintf(s->text + n, sizeof(s->text) - (size_t)n, "%d",
			      width < 200 ? width : 200);
	if (*p == '.') {
		p++;
		s->precision = take_number(&p, ap);
		if (s->precision < 0)
			s->precision = p[-1] == '*' ? -1 : 0;
		if (s->precision >= 0)
			snprintf(s->text + n, sizeof(s->text) - (size_t)n, ".%d",
				 s->precision < 200 ? s->precision : 200);
	}
	for (; *p != '\0' && strchr("hljzt", *p) != NULL; p++) {
		s->longs += *p == 'l';
		s->size = *p;
	}
	s->type = *p;
	return s->type == '\0' ? p : p + 1;
}

static intmax_t take_signed(const struct spec *s, va_list *ap)
{
	if (s->longs >= 2)
		return va_arg(*ap, long long);
	if (s->longs == 1)
		return va_arg(*ap, long);
	if (s->size == 'j')
		return va_arg(*ap, intmax_t);
	if (s->size == 'z' || s->size == 't')
		return va_arg(*ap, ptrdiff_t);
	return va_arg(*ap, int);
}

static uintmax_t take_unsigned(const struct spec *s, va_list *ap)
{
	if (s->longs >= 2)
		return va_arg(*ap, unsigned long long);
	if (s->longs == 1)
		return va_arg(*ap, unsigned long);
	if (s->size == 'j')
		return va_arg(*ap, uintmax_t);
	if (s->size == 'z' || s->size == 't')
		return va_arg(*ap, size_t);
	return va_arg(*ap, unsigned);
}

/* Most numbers are plain, and printf is dear: it is asked for the others only. */
static void put_digits(struct text *t, uintmax_t v, bool negative)
{
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	if (negative)
		digits[--at] = '-';
	while (at < sizeof(digits))
		put(t, digits[at++]);
}

static bool put_plain(struct text *t, const struct spec *s, va_list *ap)
{
	bool is_signed = s->type == 'd' || s->type == 'i';
	intmax_t v;

	if (s->text[1] != '\0' || (!is_signed && s->type != 'u'))
		return false;
	if (!is_signed) {
		put_digits(t, take_unsigned(s, ap), false);
		return true;
	}
	v = take_signed(s, ap);
	put_digits(t, v < 0 ? -(uintmax_t)v : (uintmax_t)v, v < 0);
	return true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* made here, of checked parts */
static void put_other(struct text *t, struct spec *s, va_list *ap)
{
	char number[NUMBER_SIZE];
	size_t n = strlen(s->text);

	if (strchr("diuxXo", s->type) != NULL)
		s->text[n++] = 'j';
	s->text[n] = s->type;
	switch (s->type) {
	case 'd':
	case 'i':
		snprintf(number, sizeof(number), s->text, take_signed(s, ap));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		snprintf(number, sizeof(number), s->text, take_unsigned(s, ap));
		break;
	case 'c':
		snprintf(number, sizeof(number), "%c", va_arg(*ap, int));
		break;
	case 'p':
		snprintf(number, sizeof(number), "%p", va_arg(*ap, void *));
		break;
	case 'e':
	case 'f':
	case 'g':
		snprintf(number, sizeof(number), s->text, va_arg(*ap, double));
		break;
	default:
		snprintf(number, sizeof(number), "%%%c", s->type);
	}
	put_string(t, number, -1);
}
#pragma GCC diagnostic pop

size_t log_text(char *ret, size_t size, const char *fmt, va_list ap)
{
	struct text t = { .bytes = ret, .size = size };
	struct spec s;
	va_list args;

	va_copy(args, ap);
	for (const char *p = fmt; *p != '\0';) {
		if (*p != '%') {
			put_literal(&t, *p++);
			continue;
		}
		p = take_spec(p + 1, &s, &args);
		if (s.type == '%') {
			put_literal(&t, '%');
			continue;
		}
		if (s.type == 's')
			put_string(&t, va_arg(args, const char *), s.precision);
		else if (!put_plain(&t, &s, &args))
			put_other(&t, &s, &args);
		/* name=%s%s: one value */
		if (t.place == VALUE && (s.type != 's' || *p != '%'))
			t.place = FREE;
	}
	va_end(args);
	return t.n;
}

struct str log_target(struct str target)
{
	static const char *const opens[] = { "/reset/", "/confirm/", "invitation=" };

	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		size_t n = strlen(opens[i]);
		const char *at =
		    target.n >= n ? memmem(target.p, target.n, opens[i], n) : NULL;

		if (at != NULL)
			target.n = (size_t)(at - target.p) + n;
	}
	return target;
}
