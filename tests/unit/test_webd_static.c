/* test_webd_static.c -- which files a folder gives, and under which paths. */
#include <sys/stat.h>

#include "tests/unit/check.h"
#include "webd/static_files.h"

static char folder[] = "/tmp/onebox-static-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	if (f == NULL || fputs(text, f) < 0)
		abort();
	fclose(f);
}

static void fill_folder(void)
{
	char path[512];

	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/docs", folder);
	mkdir(path, 0755);
	put("a.css", "aaaaaaaaaaaaaaaaaaaa");
	put("a.css.gz", "gz");
	put("a.css.br", "larger than the file itself, so of no use");
	put("docs/index.html", "<p>docs");
	put("docs/app.0123abcd.js", "1");
	put("alone.tar.gz", "tar");
	put(".hidden", "secret");
	snprintf(path, sizeof(path), "%s/link.txt", folder);
	if (symlink("/etc/passwd", path) != 0)
		abort();
	snprintf(path, sizeof(path), "%s/up", folder);
	if (symlink("/etc", path) != 0)
		abort();
}

static void empty_folder(void)
{
	static const char *const names[] = { "a.css",
					     "a.css.gz",
					     "a.css.br",
					     "docs/index.html",
					     "docs/app.0123abcd.js",
					     "alone.tar.gz",
					     ".hidden",
					     "link.txt",
					     "up",
					     "docs",
					     "." };
	char path[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (remove(path) != 0 && i + 1 < sizeof(names) / sizeof(names[0]))
			abort();
	}
	rmdir(folder);
}

TEST(files_are_found_by_their_paths)
{
	struct static_files *s;
	const struct static_file *f;
	struct buf why;

	fill_folder();
	buf_init(&why, 1000);
	s = static_files_read(folder, 1 << 20, &why);
	if (!CHECK(s != NULL))
		return;
	CHECK_INT(static_files_count(s), 4);
	f = static_files_find(s, STR("/a.css"));
	if (CHECK(f != NULL)) {
		CHECK_STR(f->type, STR("text/css; charset=utf-8"));
		CHECK_STR(f->as[CODING_NONE].bytes, STR("aaaaaaaaaaaaaaaaaaaa"));
		CHECK_STR(f->as[CODING_GZIP].bytes, STR("gz"));
		CHECK_INT(f->codings, 1 << CODING_GZIP);
		CHECK(strcmp(f->as[CODING_NONE].etag, f->as[CODING_GZIP].etag) != 0);
		CHECK_INT(strlen(f->as[CODING_NONE].etag), ETAG_SIZE - 1);
		CHECK(!f->immutable);
	}
	f = static_files_find(s, STR("/docs/"));
	CHECK(f != NULL && f == static_files_find(s, STR("/docs/index.html")));
	f = static_files_find(s, STR("/docs/app.0123abcd.js"));
	CHECK(f != NULL && f->immutable);
	f = static_files_find(s, STR("/alone.tar.gz"));
	CHECK(f != NULL && f->codings == 0);
	for (const char *const *p =
		 (const char *const[]){ "/a.css.gz", "/a.css.br", "/.hidden", "/link.txt",
					"/up/passwd", "/docs", "/", "", "a.css", "/A.css",
					"/docs/../a.css", "//a.css", NULL };
	     *p != NULL; p++)
		if (static_files_find(s, str_of(*p)) != NULL)
			CHECK_FAIL("%s was found", *p);
	static_files_free(s);

	CHECK(static_files_read(folder, 10, &why) == NULL);
	CHECK_HAS(buf_get(&why), "static_memory");
	buf_fini(&why);
	empty_folder();
}

TEST(a_folder_that_is_not_there_is_empty)
{
	struct buf why;
	struct static_files *s;

	buf_init(&why, 1000);
	s = static_files_read("/nowhere/at/all", 1000, &why);
	if (CHECK(s != NULL))
		CHECK(static_files_find(s, STR("/")) == NULL);
	static_files_free(s);
	buf_fini(&why);
}
