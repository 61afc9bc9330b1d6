#include "sinks.h"

#include "base/duration.h"
#include "command.h"
#include "dial.h"
#include "io/stop.h"
#include "open.h"
#include "scheme.h"
#include "sinkfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK (20 * NS_PER_MS) /* how often a FIFO is tried until it has a reader */

struct sinking {
	const struct filesink_opts *files;
	struct sink *sink;
};

/* A descriptor of our own becomes the sink. */
static int made(const struct sinking *how, int fd, const char *name, pid_t command)
{
	struct sinkfd_opts o = { .name = name,
		                 .command = command,
		                 .head = how->files->head,
		                 .context = how->files->context };

	*how->sink = sinkfd_new(fd, &o);
	return 0;
}

static int connect_to(const struct opening *o, const struct address *a, struct err *e)
{
	struct dial d;

	dial_init(&d, a);
	if (dial_now(&d, e) < 0)
		return -1;
	if (d.connected)
		return made(o->context, d.fd, o->url, 0);
	dial_hang_up(&d);
	return err_set(e, FAIL_OPEN, "the end came before the connection");
}

static int open_unix(const struct opening *o, struct err *e)
{
	struct address a;

	return scheme_to_unix(o, &a, e) < 0 ? -1 : connect_to(o, &a, e);
}

static int open_tcp(const struct opening *o, struct err *e)
{
	struct address a;

	return scheme_to_tcp(o, &a, e) < 0 ? -1 : connect_to(o, &a, e);
}

static int open_exec(const struct opening *o, struct err *e)
{
	sigset_t all, mask;
	int in[2];
	pid_t pid;

	if (command_check(o->rest, "gzip >log.gz", e) < 0)
		return -1;
	if (pipe2(in, O_CLOEXEC) < 0)
		return err_set(e, FAIL_OPEN, "cannot run it:");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid = fork();
	if (pid == 0)
		command_become(o->rest, in[0], -1, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (pid < 0)
		err_set(e, FAIL_OPEN, "cannot run it:");
	else
		setpgid(pid, pid);
	close(in[0]);
	if (pid >= 0)
		return made(o->context, in[1], o->url, pid);
	close(in[1]);
	return -1;
}

static const struct scheme schemes[] = {
	{ "unix", open_unix, false },
	{ "tcp", open_tcp, false },
	{ "exec", open_exec, true },
	{ NULL, NULL, false },
};

static int open_fifo(const char *path, const struct sinking *how, struct err *e)
{
	int fd;

	while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO &&
	       !stop_signal())
		stop_poll(NULL, 0, LOOK);
	if (fd < 0 && errno == ENXIO)
		return err_set(e, FAIL_OPEN, "cannot open %s: nobody reads that FIFO", path);
	if (fd < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", path);
	return made(how, fd, path, 0);
}

bool sink_is_url(const char *text)
{
	/* what only a source has is no file, either */
	return scheme_is_url(schemes, text) || feed_is_url(text);
}

int sink_open(const char *text, const struct filesink_opts *files, struct sink *s, struct err *e)
{
	struct sinking how = { files, s };
	struct stat st;

	if (sink_is_url(text))
		return scheme_open(schemes, text, &how, e);
	if (stat(text, &st) == 0 && S_ISFIFO(st.st_mode))
		return open_fifo(text, &how, e);
	return filesink_open(text, files, s, e);
}

struct sink sink_of_fd(int fd, const char *name)
{
	return sinkfd_new(fd, &(struct sinkfd_opts){ .name = name, .shared = true });
}
