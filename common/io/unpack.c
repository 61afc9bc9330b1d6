#include "unpack.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define ROOM ((size_t)64 << 10)

struct unpack {
	int fd;
	bool zstd;
	bool between; /* at the end of a member or frame: the input may end here */
	bool ended;   /* fd has */
	bool full;    /* the last output filled its room: there may be more without input */
	size_t at, n, total;
	z_stream gzip;
	ZSTD_DStream *frames;
	char in[];
};

static const char gzip_magic[] = "\x1F\x8B", zstd_magic[] = "\x28\xB5\x2F\xFD";

static int begins_with(const char *p, size_t n, const char *magic, size_t len)
{
	if (memcmp(p, magic, n < len ? n : len) != 0)
		return 0;
	return n < len ? -1 : 1;
}

int unpack_wanted(const char *p, size_t n)
{
	int gzip = begins_with(p, n, gzip_magic, 2);

	return gzip ? gzip : begins_with(p, n, zstd_magic, 4);
}

struct unpack *unpack_new(int fd, const char *p, size_t n)
{
	struct unpack *u = alloc_zero(1, sizeof *u + ROOM);

	u->fd = fd;
	u->n = u->total = n;
	memcpy(u->in, p, n);
	u->zstd = memcmp(p, zstd_magic, 2) == 0;
	u->between = true;
	if (u->zstd) {
		u->frames = ZSTD_createDStream();
		if (!u->frames)
			alloc_failed();
		ZSTD_initDStream(u->frames);
	} else if (inflateInit2(&u->gzip, 15 + 16) != Z_OK) {
		alloc_failed();
	}
	return u;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	if (u->zstd)
		ZSTD_freeDStream(u->frames);
	else
		inflateEnd(&u->gzip);
	free(u);
}

size_t unpack_consumed(const struct unpack *u)
{
	return u->total - (u->n - u->at);
}

bool unpack_ready(const struct unpack *u)
{
	return u->at < u->n || u->full;
}

/* 1 if there is something to unpack, 0 at the end of the input, -1 on error, -2 interrupted */
static int more_input(struct unpack *u, struct err *e)
{
	ssize_t n;

	if (unpack_ready(u))
		return 1;
	if (u->ended)
		return 0;
	n = read(u->fd, u->in, ROOM);
	if (n < 0)
		return errno == EINTR ? -2 : err_set(e, FAIL_IO, "cannot read:");
	u->at = 0;
	u->n = (size_t)n;
	u->total += (size_t)n;
	u->ended = n == 0;
	return n > 0;
}

static int step_gzip(struct unpack *u, char *to, size_t room, size_t *got, struct err *e)
{
	int r;

	if (u->between) {
		/* padding behind the last member is passed over, as gzip does */
		while (u->at < u->n && u->in[u->at] == '\0')
			u->at++;
		if (u->at == u->n)
			return 0;
		inflateReset(&u->gzip);
		u->between = false;
	}
	u->gzip.next_in = (Bytef *)u->in + u->at;
	u->gzip.avail_in = (uInt)(u->n - u->at);
	u->gzip.next_out = (Bytef *)to;
	u->gzip.avail_out = (uInt)(room > 1 << 30 ? 1 << 30 : room);
	r = inflate(&u->gzip, Z_NO_FLUSH);
	u->at = u->n - u->gzip.avail_in;
	*got = (size_t)((char *)u->gzip.next_out - to);
	u->between = r == Z_STREAM_END;
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return err_set(e, FAIL_DATA, "damaged gzip data (%s)",
		               u->gzip.msg ? u->gzip.msg : "unknown");
	return 0;
}

static int step_zstd(struct unpack *u, char *to, size_t room, size_t *got, struct err *e)
{
	ZSTD_inBuffer in = { u->in, u->n, u->at };
	ZSTD_outBuffer out = { to, room, 0 };
	size_t r = ZSTD_decompressStream(u->frames, &out, &in);

	if (ZSTD_isError(r))
		return err_set(e, FAIL_DATA, "damaged zstd data (%s)", ZSTD_getErrorName(r));
	u->at = in.pos;
	*got = out.pos;
	u->between = r == 0;
	return 0;
}

long unpack_read(struct unpack *u, char *to, size_t n, struct err *e)
{
	size_t got = 0;
	int r = more_input(u, e);

	if (r < 0)
		return r;
	if (r == 0 && u->between)
		return 0;
	if (r == 0)
		return err_set(e, FAIL_DATA, "the compressed data end too early");
	r = u->zstd ? step_zstd(u, to, n, &got, e) : step_gzip(u, to, n, &got, e);
	if (r < 0)
		return -1;
	u->full = got == n && !u->between;
	return got ? (long)got : -2;
}
