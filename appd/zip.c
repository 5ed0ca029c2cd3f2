/* zip.c -- see zip.h; APPNOTE.TXT 4.3. */
#include "appd/zip.h"

enum { UTF8 = 1 << 11, DATE_1980 = 0x21 };

/* Four bits at a time. */
static uint32_t crc32(struct str s)
{
	static const uint32_t step[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.p[i];
		crc = (crc >> 4) ^ step[crc & 15];
		crc = (crc >> 4) ^ step[crc & 15];
	}
	return ~crc;
}

static void put(struct buf *b, uint32_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		buf_char(b, (char)(v & 0xff));
}

struct zip zip_of(struct buf *out, struct buf *directory)
{
	return (struct zip){ .out = out, .directory = directory };
}

/* What the file's own header and its line of the directory share. */
static void put_common(struct buf *b, struct str name, struct str bytes)
{
	put(b, 20, 2); /* version 2.0 unpacks it */
	put(b, UTF8, 2);
	put(b, 0, 2); /* stored */
	put(b, 0, 2); /* midnight: the archive of the same account is the same */
	put(b, DATE_1980, 2);
	put(b, crc32(bytes), 4);
	put(b, (uint32_t)bytes.n, 4);
	put(b, (uint32_t)bytes.n, 4);
	put(b, (uint32_t)name.n, 2);
	put(b, 0, 2); /* nothing extra */
}

bool zip_add(struct zip *z, struct str name, struct str bytes)
{
	uint32_t at = (uint32_t)z->out->n;

	if (z->count == ZIP_FILES_MAX)
		return false;
	z->count++;
	put(z->out, 0x04034b50, 4);
	put_common(z->out, name, bytes);
	buf_str(z->out, name);
	buf_str(z->out, bytes);
	put(z->directory, 0x02014b50, 4);
	put(z->directory, 20, 2); /* made by */
	put_common(z->directory, name, bytes);
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
