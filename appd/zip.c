/* zip.c -- see zip.h; APPNOTE.TXT 4.3. */
#include "appd/zip.h"

enum { UTF8 = 1 << 11, DATE_1980 = 0x21 };

static uint32_t crc32(const struct zip *z, struct str s)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < s.n; i++)
		crc = (crc >> 8) ^ z->crc_step[(crc ^ (unsigned char)s.p[i]) & 0xff];
	return ~crc;
}

/* What each byte does to the CRC of section 4.4.7. */
static void make_steps(struct zip *z)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
		z->crc_step[i] = crc;
	}
}

static void put(struct buf *b, uint32_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		buf_char(b, (char)(v & 0xff));
}

struct zip zip_of(struct buf *out, struct buf *directory)
{
	struct zip z = { .out = out, .directory = directory };

	make_steps(&z);
	return z;
}

/* What the file's own header and its line of the directory share. */
static void put_common(struct buf *b, struct str name, size_t size, uint32_t crc)
{
	put(b, 20, 2); /* version 2.0 unpacks it */
	put(b, UTF8, 2);
	put(b, 0, 2); /* stored */
	put(b, 0, 2); /* midnight: the archive of the same account is the same */
	put(b, DATE_1980, 2);
	put(b, crc, 4);
	put(b, (uint32_t)size, 4);
	put(b, (uint32_t)size, 4);
	put(b, (uint32_t)name.n, 2);
	put(b, 0, 2); /* nothing extra */
}

bool zip_add(struct zip *z, struct str name, struct str bytes)
{
	uint32_t at = (uint32_t)z->out->n, crc;

	if (z->count == ZIP_FILES_MAX)
		return false;
	z->count++;
	crc = crc32(z, bytes);
	put(z->out, 0x04034b50, 4);
	put_common(z->out, name, bytes.n, crc);
	buf_str(z->out, name);
	buf_str(z->out, bytes);
	put(z->directory, 0x02014b50, 4);
	put(z->directory, 20, 2); /* made by */
	put_common(z->directory, name, bytes.n, crc);
	put(z->directory, 0, 2); /* no comment, first disk, */
	put(z->directory, 0, 2);
	put(z->directory, 0, 2);
	put(z->directory, 0, 4); /* no attributes */
	put(z->directory, at, 4);
	buf_str(z->directory, name);
	return true;
}

void zip_end(struct zip *z)
{
	uint32_t at = (uint32_t)z->out->n;

	buf_str(z->out, buf_get(z->directory));
	put(z->out, 0x06054b50, 4);
	put(z->out, 0, 4); /* one disk */
	put(z->out, z->count, 2);
	put(z->out, z->count, 2);
	put(z->out, (uint32_t)z->directory->n, 4);
	put(z->out, at, 4);
	put(z->out, 0, 2);
	if (!buf_ok(z->directory))
		z->out->failed = true;
}
