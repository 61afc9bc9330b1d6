/*
 * pacing RATE COUNT COMMAND [FILE] - how well COMMAND (run by sh) keeps to a pace of RATE lines a
 * second.
 *
 * It writes COUNT lines that end in ":N}", N from 0. With FILE (which is there, empty, when it
 * starts) the pace is a writer's, that appends these lines to FILE, and COMMAND passes them on.
 * Each line's arrival is taken from the monotonic clock, after the read() that had it. Line N is
 * due N/RATE s behind an origin that makes the earliest line be on time, so nothing is early and
 * what drifts away shows; the first tenth is warming up and left out. Prints the median, p99, p99.9
 * and the most of how late lines are, in microseconds. Exit status 1 if a line is lost, repeated or
 * out of order.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND   INT64_C(1000000000) /* ns */
#define PATIENCE 10000               /* ms without a line */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "pacing: cannot %s: %s\n", what, strerror(errno));
	exit(2);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Append the lines, each when it is due; half a second is for COMMAND to begin to follow. */
static void append(const char *file, long rate, long count)
{
	int fd = open(file, O_WRONLY | O_APPEND);
	int64_t start = now() + SECOND / 2;
	char line[64];

	if (fd < 0)
		die("open the file");
	for (long i = 0; i < count; i++) {
		int64_t due = start + i * SECOND / rate;
		struct timespec until = { due / SECOND, due % SECOND };
		int n;

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		n = snprintf(line, sizeof line, "{\"n\":%ld}\n", i);
		if (write(fd, line, (size_t)n) != n)
			die("append");
	}
	close(fd);
}

static pid_t start(const char *command, int *out)
{
	int ends[2];
	pid_t child;

	if (pipe(ends) < 0 || (child = fork()) < 0)
		die("start the command");
	if (child == 0) {
		setpgid(0, 0);
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	*out = ends[0];
	return child;
}

struct output {
	int fd;
	char buf[1 << 16];
	size_t n;
};

/*
 * Read what there is, and note when its whole lines came: those from number *got on. Returns false
 * at the end or if a line is not the one that was due.
 */
static bool take(struct output *o, int64_t *came, long *got, long count)
{
	struct pollfd p = { .fd = o->fd, .events = POLLIN };
	char *from = o->buf, *nl;
	ssize_t n;
	int64_t at;

	if (poll(&p, 1, PATIENCE) <= 0)
		return false;
	n = read(o->fd, o->buf + o->n, sizeof o->buf - o->n);
	at = now();
	if (n <= 0)
		return false;
	o->n += (size_t)n;
	while ((nl = memchr(from, '\n', o->n - (size_t)(from - o->buf)))) {
		const char *colon = memrchr(from, ':', (size_t)(nl - from));
		long number = colon ? strtol(colon + 1, NULL, 10) : -1;

		if (number != *got || *got == count) {
			printf("line %ld came when %ld was due\n", number, *got);
			return false;
		}
		came[(*got)++] = at;
		from = nl + 1;
	}
	o->n -= (size_t)(from - o->buf);
	memmove(o->buf, from, o->n);
	return true;
}

static double us(const int64_t *late, long count, double share)
{
	long i = (long)((double)count * share);

	return (double)late[i < count ? i : count - 1] / 1e3;
}

/* From when lines came to how late they were, in order of that. */
static void measure(int64_t *came, long rate, long from, long count)
{
	int64_t least = INT64_MAX;

	for (long i = from; i < count; i++) {
		came[i] -= i * SECOND / rate;
		least = came[i] < least ? came[i] : least;
	}
	for (long i = from; i < count; i++)
		came[i] -= least;
	qsort(came + from, (size_t)(count - from), sizeof *came, by_value);
}

int main(int argc, char **argv)
{
	static struct output out;
	long rate, count, got = 0, warm;
	pid_t child, writer = 0;
	int64_t *came;

	if (argc < 4 || argc > 5 || (rate = atol(argv[1])) < 1 || (count = atol(argv[2])) < 100) {
		fprintf(stderr, "usage: pacing RATE COUNT COMMAND [FILE]\n");
		return 2;
	}
	came = calloc((size_t)count, sizeof *came);
	if (!came)
		die("remember so many lines");
	if (argc == 5) {
		FILE *f = fopen(argv[4], "w");

		if (!f || fclose(f) != 0)
			die("create the file");
	}
	child = start(argv[3], &out.fd);
	if (argc == 5 && (writer = fork()) == 0) {
		close(out.fd);
		append(argv[4], rate, count);
		_exit(0);
	}
	while (got < count && take(&out, came, &got, count)) {
	}
	kill(-child, SIGTERM);
	close(out.fd);
	if (writer > 0)
		waitpid(writer, NULL, 0);
	waitpid(child, NULL, 0);
	if (got < count) {
		printf("%ld of %ld lines came\n", got, count);
		return 1;
	}
	warm = count / 10;
	measure(came, rate, warm, count);
	came += warm;
	count -= warm;
	printf("median %.1f us, p99 %.1f us, p99.9 %.1f us, most %.1f us\n", us(came, count, 0.5),
	       us(came, count, 0.99), us(came, count, 0.999), us(came, count, 1));
	free(came - warm);
	return 0;
}
