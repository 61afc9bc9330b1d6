#include "pack.h"

#include "base/alloc.h"
#include "newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define ROOM       ((size_t)64 << 10)
#define GZIP_LEVEL 6
#define ZSTD_LEVEL 3

struct packer {
	enum pack_how how;
	int out;
	z_stream gzip;
	ZSTD_CCtx *frame;
	char in[ROOM], to[ROOM];
};

const char *pack_ending(enum pack_how how)
{
	static const char *const ending[] = { "", ".gz", ".zst" };

	return ending[how];
}

static struct packer *begin(enum pack_how how, int out)
{
	struct packer *p = alloc_zero(1, sizeof *p);

	p->how = how;
	p->out = out;
	if (how == PACK_GZIP) {
		if (deflateInit2(&p->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8,
		                 Z_DEFAULT_STRATEGY) != Z_OK)
			alloc_failed();
		return p;
	}
	p->frame = ZSTD_createCCtx();
	if (!p->frame)
		alloc_failed();
	ZSTD_CCtx_setParameter(p->frame, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(p->frame, ZSTD_c_checksumFlag, 1);
	return p;
}

static void packer_free(struct packer *p)
{
	if (p->how == PACK_GZIP)
		deflateEnd(&p->gzip);
	else
		ZSTD_freeCCtx(p->frame);
	free(p);
}

static int write_out(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* The next N bytes of the input. -1 with errno. */
static int step_gzip(struct packer *p, size_t n, bool last)
{
	p->gzip.next_in = (Bytef *)p->in;
	p->gzip.avail_in = (uInt)n;
	do {
		p->gzip.next_out = (Bytef *)p->to;
		p->gzip.avail_out = ROOM;
		deflate(&p->gzip, last ? Z_FINISH : Z_NO_FLUSH);
		if (write_out(p->out, p->to, ROOM - p->gzip.avail_out) < 0)
			return -1;
	} while (p->gzip.avail_out == 0);
	return 0;
}

static int step_zstd(struct packer *p, size_t n, bool last)
{
	ZSTD_inBuffer in = { p->in, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { p->to, ROOM, 0 };

		left = ZSTD_compressStream2(p->frame, &out, &in,
		                            last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left)) {
			errno = ENOMEM; /* of its errors the one that can be met here */
			return -1;
		}
		if (write_out(p->out, p->to, out.pos) < 0)
			return -1;
	} while (last ? left > 0 : in.pos < n);
	return 0;
}

/* All of IN. -1 with *e. */
static int pack_all(struct packer *p, int in, const char *from, const char *to, struct err *e)
{
	ssize_t n;

	do {
		do
			n = read(in, p->in, ROOM);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return err_set(e, FAIL_IO, "cannot read %s:", from);
		if ((p->how == PACK_GZIP ? step_gzip : step_zstd)(p, (size_t)n, n == 0) < 0)
			return err_set(e, FAIL_IO, "cannot write to %s:", to);
	} while (n > 0);
	return 0;
}

/* From IN to OUT, whose name is FRESH. */
static int pack_into(int in, int out, enum pack_how how, const char *from, const char *to,
                     struct err *e)
{
	struct packer *p = begin(how, out);
	int did = pack_all(p, in, from, to, e);
	struct newfile_like like;
	struct stat st;

	packer_free(p);
	if (did < 0)
		return -1;
	if (fstat(in, &st) < 0)
		return err_set(e, FAIL_IO, "cannot look at %s:", from);
	like = newfile_like(&st);
	newfile_make_like(out, &like);
	futimens(out, (struct timespec[2]){ st.st_atim, st.st_mtim });
	return 0;
}

/* FRESH is whole: it gets its name, and FROM goes. */
static int take_place(const char *fresh, const char *from, const char *to, bool durable,
                      struct err *e)
{
	if (rename(fresh, to) < 0)
		return err_set(e, FAIL_IO, "cannot rename %s to %s:", fresh, to);
	if (durable && newfile_sync_folder(to, e) < 0)
		return -1;
	if (unlink(from) < 0)
		return err_set(e, FAIL_IO, "cannot remove %s:", from);
	return 0;
}

int pack_file(const char *from, const char *to, enum pack_how how, bool durable, struct err *e)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, did;
	char *fresh = NULL;

	if (in < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", from);
	out = newfile_beside(to, &fresh, e);
	if (out < 0) {
		close(in);
		return -1;
	}
	did = pack_into(in, out, how, from, to, e);
	if (did == 0 && durable && fsync(out) < 0)
		did = err_set(e, FAIL_IO, "cannot sync %s:", to);
	if (close(out) < 0 && did == 0)
		did = err_set(e, FAIL_IO, "cannot write to %s:", to);
	close(in);
	if (did == 0)
		did = take_place(fresh, from, to, durable, e);
	if (did < 0)
		unlink(fresh);
	free(fresh);
	return did;
}
