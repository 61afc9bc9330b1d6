#include "bound.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int socket_for(const struct address *a, int type)
{
	return socket(a->at.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Is the file of this name a socket's that nobody has open? */
static bool is_stale(const struct address *a, int type)
{
	struct stat st;
	int fd, got, why;

	if (lstat(a->at.un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket_for(a, type);
	if (fd < 0)
		return false;
	got = connect(fd, &a->at.any, a->size);
	why = errno;
	close(fd);
	return got < 0 && why == ECONNREFUSED;
}

static int bind_path(struct bound *b, int type, const struct params *p, struct err *e)
{
	const struct address *a = &b->address;
	mode_t before = umask(0777 & ~p->mode);
	int got = bind(b->fd, &a->at.any, a->size);
	struct stat st;

	if (got < 0 && errno == EADDRINUSE && is_stale(a, type) && unlink(a->at.un.sun_path) == 0)
		got = bind(b->fd, &a->at.any, a->size);
	umask(before);
	if (got < 0 && errno == EADDRINUSE)
		return lstat(a->at.un.sun_path, &st) == 0 && !S_ISSOCK(st.st_mode)
		               ? err_set(e, FAIL_OPEN,
		                         "there is a file of that name that is no socket")
		               : err_set(e, FAIL_OPEN, "another process listens on it");
	if (got < 0 || lstat(a->at.un.sun_path, &st) < 0)
		return err_set(e, FAIL_OPEN, "cannot make the socket:");
	b->dev = st.st_dev;
	b->ino = st.st_ino;
	return 0;
}

static int bind_port(struct bound *b, int type, const struct params *p, struct err *e)
{
	struct address *a = &b->address;
	char text[ADDRESS_TEXT];
	int on = 1;

	b->picked = address_number(a) == 0;
	if (!a->loopback && !p->remote)
		return err_set(e, FAIL_USAGE,
		               "other machines can reach %s; if that is meant, say ?remote=yes",
		               address_text(a, text));
	if (type == SOCK_STREAM)
		setsockopt(b->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(b->fd, &a->at.any, a->size) < 0)
		return err_set(e, FAIL_OPEN, "cannot listen:");
	if (getsockname(b->fd, &a->at.any, &a->size) < 0)
		return err_set(e, FAIL_OPEN, "cannot tell the port:");
	return 0;
}

int bound_open(struct bound *b, const struct address *a, int type, const struct params *p,
               struct err *e)
{
	int done;

	*b = (struct bound){ .address = *a, .fd = socket_for(a, type) };
	if (b->fd < 0)
		return err_set(e, FAIL_OPEN, "cannot make a socket:");
	done = a->at.any.sa_family == AF_UNIX ? bind_path(b, type, p, e) : bind_port(b, type, p, e);
	if (done == 0 && type == SOCK_STREAM && listen(b->fd, SOMAXCONN) < 0)
		done = err_set(e, FAIL_OPEN, "cannot listen:");
	if (done < 0)
		bound_close(b);
	return done;
}

char *bound_name(const struct bound *b, const char *tool, const char *url)
{
	size_t n = strcspn(url, "?"), room;
	char text[ADDRESS_TEXT], *name;

	if (!b->picked)
		return alloc_copy(url, n);
	fprintf(stderr, "%s: %.*s: port %d was picked\n", tool, (int)n, url,
	        address_number(&b->address));
	n = strcspn(url, ":") + 1;
	address_text(&b->address, text);
	room = n + strlen(text) + 1;
	name = alloc_array(room, 1);
	snprintf(name, room, "%.*s%s", (int)n, url, text);
	return name;
}

void bound_close(struct bound *b)
{
	const char *path = b->address.at.un.sun_path;
	struct stat st;

	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	if (b->ino && lstat(path, &st) == 0 && st.st_dev == b->dev && st.st_ino == b->ino)
		unlink(path);
	b->ino = 0;
}
