#include "newfile.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define HOPS_MAX  40  /* symbolic links: as many as the kernel follows */
#define NAME_KEPT 240 /* bytes of NAME, so that all of it is at most NAME_MAX */
#define ENDING    6
#define TRIES     100

/* Bytes of PATH up to its last '/', which is one of them. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

char *newfile_target(const char *path)
{
	char *at = alloc_copy(path, strlen(path));
	char link[PATH_MAX];

	for (int hops = 0; hops < HOPS_MAX; hops++) {
		ssize_t n = readlink(at, link, sizeof link);
		struct buf b = { 0 };

		if (n <= 0 || (size_t)n == sizeof link)
			return at;
		if (*link != '/')
			buf_add(&b, at, folder_len(at));
		buf_add(&b, link, (size_t)n);
		buf_addc(&b, '\0');
		free(at);
		at = b.p;
	}
	free(at);
	return alloc_copy(path, strlen(path));
}

static void put_random(char *to, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char r[ENDING] = { 0 };

	if (getrandom(r, n, 0) < 0)
		return; /* then the name may be taken, and open() says so */
	for (size_t i = 0; i < n; i++)
		to[i] = letters[r[i] & 31];
}

int newfile_beside(const char *path, char **name, struct err *e)
{
	size_t folder = folder_len(path);
	struct buf b = { 0 };
	int fd = -1;

	buf_addf(&b, "%.*s.%.*s.XXXXXX", (int)folder, path, NAME_KEPT, path + folder);
	buf_addc(&b, '\0');
	for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EEXIST); i++) {
		put_random(b.p + b.n - 1 - ENDING, ENDING);
		fd = open(b.p, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	if (fd < 0) {
		err_set(e, FAIL_OPEN, "cannot make a file beside %s:", path);
		buf_free(&b);
		return -1;
	}
	*name = b.p;
	return fd;
}

void newfile_make_like(int fd, const struct newfile_like *other)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	if ((st.st_uid != other->owner || st.st_gid != other->group) &&
	    fchown(fd, other->owner, other->group) < 0)
		errno = 0; /* only root may; then it is ours */
	if ((st.st_mode & 07777) != other->mode)
		fchmod(fd, other->mode);
}

int newfile_sync_folder(const char *path, struct err *e)
{
	size_t n = folder_len(path);
	char *folder = n ? alloc_copy(path, n) : alloc_copy(".", 1);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int did = fd < 0 ? -1 : fsync(fd);

	if (did < 0 && fd >= 0 && errno == EINVAL) /* what has no such thing */
		did = 0;
	if (did < 0)
		err_set(e, FAIL_IO, "cannot sync the folder %s:", folder);
	if (fd >= 0)
		close(fd);
	free(folder);
	return did;
}
