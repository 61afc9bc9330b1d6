#include "device.h"

#include "sinkfd.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor that a path is a name of; -1: it is none. */
static int named_fd(const char *path)
{
	static const char folder[] = "/dev/fd/";
	const char *digits = path + sizeof folder - 1;
	char *end;
	long fd;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(path, folder, sizeof folder - 1) != 0 || !isdigit((unsigned char)*digits))
		return -1;
	fd = strtol(digits, &end, 10);
	return *end || end - digits > 9 ? -1 : (int)fd;
}

bool device_is(const char *path)
{
	struct stat st;

	return named_fd(path) >= 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

int device_open(const char *path, const struct filesink_opts *opts, struct sink *s, struct err *e)
{
	struct sinkfd_opts o = {
		.name = path, .shared = true, .head = opts->head, .context = opts->context
	};
	int fd = named_fd(path);

	if (fd >= 0 && fcntl(fd, F_GETFD) < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", path);
	if (fd < 0) {
		o.shared = false;
		fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", path);
	*s = sinkfd_new(fd, &o);
	return 0;
}
