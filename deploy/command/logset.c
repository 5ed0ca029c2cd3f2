/* logset.c -- see logset.h. */
#include "deploy/command/logset.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static int64_t micros(struct tm *t, int us)
{
	t->tm_year -= 1900;
	return (int64_t)timegm(t) * 1000000 + us;
}

static bool access_stamp(const char *line, int64_t *ret_us)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *at = strchr(line, '['), *month;
	struct tm t = { 0 };
	char name[4], sign;
	int hours, minutes;

	if (at == NULL || sscanf(at, "[%2d/%3[A-Za-z]/%4d:%2d:%2d:%2d %c%2d%2d]",
				 &t.tm_mday, name, &t.tm_year, &t.tm_hour, &t.tm_min,
				 &t.tm_sec, &sign, &hours, &minutes) != 9)
		return false;
	month = strstr(months, name);
	if (month == NULL)
		return false;
	t.tm_mon = (int)(month - months) / 3;
	/* it has whole seconds: late in that second, so that it follows what led to it */
	*ret_us = micros(&t, 999999) -
		  (sign == '-' ? -1 : 1) * (int64_t)(hours * 60 + minutes) * 60000000;
	return true;
}

bool logset_stamp(const char *line, int64_t *ret_us)
{
	struct tm t = { 0 };
	int us = 0;

	if (!isdigit((unsigned char)line[0]))
		return access_stamp(line, ret_us);
	if (sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ ", &t.tm_year, &t.tm_mon,
		   &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec, &us) != 7 &&
	    sscanf(line, "%4d-%2d-%2d %2d:%2d:%2d ", &t.tm_year, &t.tm_mon, &t.tm_mday,
		   &t.tm_hour, &t.tm_min, &t.tm_sec) != 6)
		return access_stamp(line, ret_us);
	t.tm_mon--;
	*ret_us = micros(&t, us);
	return true;
}

/* "webd.log" or, with rotated, "webd.log.3": the daemon's name into ret. */
static bool is_log(const char *file, bool rotated, char ret[64])
{
	const char *dot = strstr(file, ".log");

	if (dot == NULL || dot == file || dot - file >= 64)
		return false;
	str_copy(ret, 64, (struct str){ file, (size_t)(dot - file) });
	return dot[4] == '\0' ||
	       (rotated && dot[4] == '.' && isdigit((unsigned char)dot[5]));
}

static bool add_file(struct logset *s, const char *name, const char *file)
{
	struct logset_file *l = &s->files[s->count];
	char path[PATH_MAX];
	struct stat st;

	if (s->count == LOGSET_FILES)
		return false;
	*l = (struct logset_file){ .f = NULL };
	str_copy(l->name, sizeof(l->name), str_of(name));
	snprintf(path, sizeof(path), "%.3800s/%.200s", s->folder, file);
	str_copy(l->path, sizeof(l->path), str_of(path));
	l->f = fopen(l->path, "re");
	if (l->f == NULL)
		return false;
	l->inode = fstat(fileno(l->f), &st) == 0 ? st.st_ino : 0;
	s->count++;
	return true;
}

static bool is_open(const struct logset *s, uint64_t inode)
{
	for (int i = 0; i < s->count; i++)
		if (s->files[i].f != NULL && s->files[i].inode == inode)
			return true;
	return false;
}

static void scan(struct logset *s, const char *only, bool rotated)
{
	DIR *d = opendir(s->folder);
	char name[64];

	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (is_log(e->d_name, rotated, name) &&
		    (only == NULL || strcmp(only, name) == 0) && !is_open(s, e->d_ino))
			add_file(s, name, e->d_name);
	closedir(d);
}

bool logset_open(struct logset *s, const char *folder, const char *only, bool rotated)
{
	*s = (struct logset){ .count = 0 };
	str_copy(s->folder, sizeof(s->folder), str_of(folder));
	errno = 0;
	scan(s, only, rotated);
	return s->count > 0;
}

static int in_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void logset_names(const struct logset *s, const char *ret[LOGSET_FILES + 1])
{
	size_t n = 0, kept = 0;

	for (int i = 0; i < s->count; i++)
		ret[n++] = s->files[i].name;
	qsort(ret, n, sizeof(ret[0]), in_order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(ret[kept - 1], ret[i]) != 0)
			ret[kept++] = ret[i];
	ret[kept] = NULL;
}

static void close_file(struct logset_file *l)
{
	if (l->f != NULL)
		fclose(l->f);
	free(l->line);
	*l = (struct logset_file){ .f = NULL };
}

void logset_close(struct logset *s)
{
	for (int i = 0; i < s->count; i++)
		close_file(&s->files[i]);
	free(s->out);
	*s = (struct logset){ .count = 0 };
}

/* A line that is still being written is left for later. */
static void fetch(struct logset_file *l)
{
	off_t before;
	ssize_t n;

	if (l->has_line || l->f == NULL)
		return;
	clearerr(l->f);
	before = ftello(l->f);
	n = getline(&l->line, &l->size, l->f);
	if (n <= 0)
		return;
	if (l->line[n - 1] != '\n') {
		fseeko(l->f, before, SEEK_SET);
		return;
	}
	l->line[n - 1] = '\0';
	l->has_line = true;
	/* one without a time belongs to the line before it */
	if (!logset_stamp(l->line, &l->stamp_us) && l->stamp_us == 0)
		l->stamp_us = 1;
}

/* Ours name their daemon; the others get the file's name in front. */
static const char *give_out(struct logset *s, struct logset_file *l)
{
	size_t need = strlen(l->line) + sizeof(l->name) + 3;

	l->has_line = false;
	if (need > s->out_size) {
		char *more = realloc(s->out, need);

		if (more == NULL)
			return NULL;
		s->out = more;
		s->out_size = need;
	}
	if (strcmp(l->name, "access") == 0 || strcmp(l->name, "mariadb") == 0)
		snprintf(s->out, s->out_size, "%s: %s", l->name, l->line);
	else
		snprintf(s->out, s->out_size, "%s", l->line);
	return s->out;
}

const char *logset_next(struct logset *s)
{
	struct logset_file *first = NULL;

	for (int i = 0; i < s->count; i++) {
		struct logset_file *l = &s->files[i];

		fetch(l);
		if (l->has_line && (first == NULL || l->stamp_us < first->stamp_us))
			first = l;
	}
	return first == NULL ? NULL : give_out(s, first);
}

void logset_refresh(struct logset *s, const char *only)
{
	int kept = 0;

	/* files moved aside were read to their end before; let them go */
	for (int i = 0; i < s->count; i++) {
		struct logset_file *l = &s->files[i];
		struct stat st;

		fetch(l);
		if (!l->has_line && (stat(l->path, &st) < 0 || st.st_ino != l->inode)) {
			close_file(l);
			continue;
		}
		if (kept != i) {
			s->files[kept] = *l;
			*l = (struct logset_file){ .f = NULL };
		}
		kept++;
	}
	s->count = kept;
	scan(s, only, false);
}
