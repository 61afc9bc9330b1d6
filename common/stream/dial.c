#include "dial.h"

#include "base/duration.h"
#include "io/stop.h"

#include <errno.h>
#include <unistd.h>

#define FIRST   (100 * NS_PER_MS)
#define MOST    (10 * NS_PER_SEC)
#define CONNECT (10 * NS_PER_SEC) /* how long a connection is waited for */

void dial_init(struct dial *d, const struct address *to)
{
	*d = (struct dial){ .to = *to, .fd = -1, .again = { .first = FIRST, .most = MOST } };
}

void dial_hang_up(struct dial *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->connected = false;
}

static int connected(struct dial *d)
{
	d->connected = true;
	return 1;
}

/* Begin to connect. 1 it is, 0 not yet, -1 with errno. */
static int begin(struct dial *d)
{
	int on = 1;

	d->fd = socket(d->to.at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -1;
	setsockopt(d->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (connect(d->fd, &d->to.at.any, d->to.size) == 0)
		return connected(d);
	return errno == EINPROGRESS || errno == EINTR ? 0 : -1;
}

/* Has the connection come about? As begin(). */
static int look(struct dial *d)
{
	struct pollfd p = { .fd = d->fd, .events = POLLOUT };
	socklen_t size = sizeof errno;
	int why = 0;

	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &why, &size) < 0)
		return -1;
	errno = why;
	return why ? -1 : connected(d);
}

int dial_go_on(struct dial *d)
{
	int got, why;

	if (d->fd < 0 && again_in(&d->again) > 0)
		return 0;
	got = d->fd < 0 ? begin(d) : look(d);
	if (got >= 0)
		return got;
	why = errno;
	dial_hang_up(d);
	again_later(&d->again);
	errno = why;
	return -1;
}

size_t dial_wait(const struct dial *d, struct pollfd *p, size_t room, int64_t *timeout)
{
	int64_t left = d->fd < 0 ? again_in(&d->again) : -1;

	if (left >= 0 && (*timeout < 0 || *timeout > left))
		*timeout = left;
	if (d->fd < 0)
		return 0;
	if (room)
		*p = (struct pollfd){ .fd = d->fd, .events = POLLOUT };
	return 1;
}

int dial_now(struct dial *d, struct err *e)
{
	int64_t end = stamp_monotonic() + CONNECT, now;
	struct pollfd p;
	int got;

	while ((got = dial_go_on(d)) <= 0 && !stop_signal()) {
		int64_t left;

		/* EAGAIN: more wait to be accepted than may; that passes */
		if (got < 0 && errno != EAGAIN)
			return err_set(e, FAIL_OPEN, "cannot connect:");
		now = stamp_monotonic();
		if (now >= end) {
			dial_hang_up(d);
			return err_set(e, FAIL_OPEN, "cannot connect within 10 s");
		}
		left = end - now;
		stop_poll(&p, dial_wait(d, &p, 1, &left), left);
	}
	return 0;
}
