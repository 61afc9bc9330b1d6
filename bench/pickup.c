/*
 * pickup RATE COUNT FILE COMMAND - how long a line takes from its being appended to FILE until it
 * comes out of COMMAND, which follows FILE (run by sh; FILE is there, with one line, when it
 * starts).
 *
 * COUNT lines "N STAMP", a line every 1/RATE s; the first tenth is warming up. Prints the median,
 * p99, p99.9 and the most in microseconds, of the monotonic clock: from before write() to after the
 * read() that had the line. The writer is a process of its own, as in life; so with one core the
 * figures say little. Exit status 1 if a line is lost, repeated or out of order.
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
	fprintf(stderr, "pickup: cannot %s: %s\n", what, strerror(errno));
	exit(2);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Append the lines, each when it is due. */
static void append(const char *file, long rate, long count)
{
	int fd = open(file, O_WRONLY | O_APPEND);
	int64_t start = now();
	char line[64];

	if (fd < 0)
		die("open the file");
	for (long i = 0; i < count; i++) {
		int64_t due = start + i * (SECOND / rate);
		struct timespec until = { due / SECOND, due % SECOND };
		int n;

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		n = snprintf(line, sizeof line, "%ld %" PRId64 "\n", i, now());
		if (write(fd, line, (size_t)n) != n)
			die("append");
	}
	close(fd);
}

static pid_t follow(const char *command, int *out)
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
 * Read what there is, and note the times of whole lines: of those from number *got on. Returns
 * false at the end or if a line is not the one that was due.
 */
static bool take(struct output *o, int64_t *took, long *got, long count)
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
		char *end;
		long number = strtol(from, &end, 10);

		if (number != *got || *got == count) {
			printf("line %ld came when %ld was due\n", number, *got);
			return false;
		}
		if (number >= 0)
			took[number] = at - strtoll(end, NULL, 10);
		++*got;
		from = nl + 1;
	}
	o->n -= (size_t)(from - o->buf);
	memmove(o->buf, from, o->n);
	return true;
}

static double us(const int64_t *took, long count, double share)
{
	long i = (long)((double)count * share);

	return (double)took[i < count ? i : count - 1] / 1e3;
}

int main(int argc, char **argv)
{
	static struct output out;
	long rate, count, got = -1, warm;
	pid_t child, writer;
	int64_t *took;
	FILE *f;

	if (argc != 5 || (rate = atol(argv[1])) < 1 || (count = atol(argv[2])) < 100) {
		fprintf(stderr, "usage: pickup RATE COUNT FILE COMMAND\n");
		return 2;
	}
	took = calloc((size_t)count, sizeof *took);
	f = fopen(argv[3], "w");
	if (!took || !f || fputs("-1 0\n", f) < 0 || fclose(f) != 0)
		die("create the file");
	child = follow(argv[4], &out.fd);
	/* it follows when the first line has come */
	while (got < 0 && take(&out, took, &got, count)) {
	}
	writer = got < 0 ? -1 : fork();
	if (writer == 0) {
		close(out.fd);
		append(argv[3], rate, count);
		_exit(0);
	}
	while (writer > 0 && got < count && take(&out, took, &got, count)) {
	}
	kill(-child, SIGTERM);
	close(out.fd);
	if (writer > 0)
		waitpid(writer, NULL, 0);
	waitpid(child, NULL, 0);
	if (got < count) {
		printf("%ld of %ld lines came\n", got < 0 ? 0 : got, count);
		return 1;
	}
	warm = count / 10;
	count -= warm;
	qsort(took + warm, (size_t)count, sizeof *took, by_value);
	printf("median %.1f us, p99 %.1f us, p99.9 %.1f us, most %.1f us\n",
	       us(took + warm, count, 0.5), us(took + warm, count, 0.99),
	       us(took + warm, count, 0.999), us(took + warm, count, 1));
	free(took);
	return 0;
}
