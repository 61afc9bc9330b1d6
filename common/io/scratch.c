#include "scratch.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name of a new file, to be freed, which is open as *FD; or NULL. */
static char *make(const char *dir, int *fd, struct err *e)
{
	struct buf b = { 0 };

	if (mkdir(dir, 0777) < 0 && errno != EEXIST) {
		err_set(e, FAIL_OPEN, "cannot make the folder %s:", dir);
		return NULL;
	}
	buf_addf(&b, "%s/scratch-XXXXXX%c", dir, 0);
	*fd = mkostemp(b.p, O_CLOEXEC);
	if (*fd >= 0)
		return b.p;
	err_set(e, FAIL_OPEN, "cannot make a file in %s:", dir);
	buf_free(&b);
	return NULL;
}

int scratch_open(const char *dir, struct err *e)
{
	int fd = -1;
	char *name = make(dir, &fd, e);

	if (!name)
		return -1;
	unlink(name);
	free(name);
	return fd;
}

char *scratch_name(const char *dir, struct err *e)
{
	int fd = -1;
	char *name = make(dir, &fd, e);

	if (name)
		close(fd);
	return name;
}
