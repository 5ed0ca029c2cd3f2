/* fuzz_conf.c -- any bytes as a configuration file: refused with sentences, or printed
 * and read again to the same thing. */
#include "common/conf.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static struct conf *load(const char *text, size_t n, struct buf *errors)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	char path[64];
	struct conf *c;

	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	c = conf_load(&(struct conf_source){ .file = path }, errors);
	close(fd);
	return c;
}

static char *print(const struct conf *c, size_t *ret_n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_n);

	if (f == NULL)
		abort();
	conf_print(c, f);
	fclose(f);
	return text;
}

/* Comments say where a value came from, which differs; the values must not. */
static void drop_comments(char *text)
{
	char *to = text;

	for (char *line = text; *line != '\0';) {
		char *end = strchrnul(line, '\n');
		size_t n = (size_t)(end - line) + (*end == '\n');

		if (strncmp(line, "    #", 5) != 0) {
			memmove(to, line, n);
			to += n;
		}
		line += n;
	}
	*to = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct buf errors;
	struct conf *c, *again;

	buf_init(&errors, 64 << 10);
	c = load((const char *)bytes, n, &errors);
	if (c == NULL && errors.n == 0)
		abort(); /* refused without a word */
	if (c != NULL) {
		size_t size, size_again;
		char *text = print(c, &size), *text_again;

		again = load(text, size, &errors);
		if (again == NULL) {
			fprintf(stderr, "%.*s\nof\n%s", STR_ARG(buf_get(&errors)), text);
			abort();
		}
		text_again = print(again, &size_again);
		drop_comments(text);
		drop_comments(text_again);
		if (strcmp(text, text_again) != 0)
			abort();
		free(text);
		free(text_again);
		conf_free(again);
	}
	conf_free(c);
	buf_fini(&errors);
	return 0;
}
