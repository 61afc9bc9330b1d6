/*
 * torture-writer LOG LEDGER [OPTIONS] - write numbered lines (line.h) to LOG and rotate it.
 *
 *   --method M       rename (the default), dated, create-first, delete, copytruncate,
 * copytruncate-race, symlink, gzip, gzip-now, zstd, zstd-now; several with commas: one of them each
 *                    time (symlink and others not together)
 *   --rotations N    so many (60)
 *   --lines N        about so many lines a generation (1000): half to one and a half of it
 *   --rate N         at most so many lines a second; by default as fast as they go
 *   --seed N         of all that is drawn (1)
 *   --keep N         so many old files (200)
 *   --while FILE     go on with rotations until FILE is gone
 *   --progress FILE  keeps the number of rotations so far
 *   --reader FILE    has the process number of who reads; with delete, a log is taken away only
 *                    after that process has it open (10 s at most): what nobody has open is lost
 *
 * Lines come in blocks of many, one by one, in two or three pieces, with pauses between pieces or
 * lines. In LEDGER is written what there was: "generation N FIRST LAST ENDED-BY" for each, "lost
 * FIRST LAST" for lines that were in no file after the rotation (copytruncate-race: those written
 * between copy and cut), "lines N" last.
 *
 * torture-writer --files N DIR LEDGER --seen OUTPUT [--seed N] [--lines N] - lines to N files
 * DIR/K.log (many.c).
 */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>

#define PATIENCE 10 /* s */

/* ---- drawing, waiting */

uint64_t draw(struct writer *w)
{
	/* xorshift64* */
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (w->random * UINT64_C(2685821657736338717)) >> 16;
}

unsigned below(struct writer *w, unsigned n)
{
	return (unsigned)(draw(w) % n);
}

void pause_for(int64_t ns)
{
	struct timespec t = { ns / 1000000000, ns % 1000000000 };

	if (ns > 0)
		nanosleep(&t, NULL);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* ---- lines */

static size_t padding(struct writer *w)
{
	unsigned kind = below(w, 10000);

	if (kind < 2)
		return below(w, LINE_MAX_PADDING);
	if (kind < 50)
		return below(w, 9000);
	return below(w, kind < 1000 ? 3 : 150);
}

void add_line(struct writer *w, const char *text)
{
	size_t n = text ? strlen(text) : padding(w);
	char *p = w->block + w->n;

	snprintf(p, LINE_FIXED + 1, "%010" PRIu64 " %07u ", w->seq++, w->generation);
	if (text)
		memcpy(p + LINE_FIXED, text, n);
	else
		for (size_t i = 0; i < n; i++)
			p[LINE_FIXED + i] = (char)('a' + (w->seq + i) % 26);
	n += LINE_FIXED;
	snprintf(p + LINE_HEAD, 9, "%08" PRIx32, line_sum(p, n));
	p[LINE_FIXED - 1] = ' ';
	p[n] = '\n';
	w->n += n + 1;
}

void put_bytes(struct writer *w, int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno != EINTR)
			die("write", w->log);
		if (put > 0) {
			p += put;
			n -= (size_t)put;
		}
	}
}

void put_block(struct writer *w, int fd)
{
	put_bytes(w, fd, w->block, w->n);
	w->n = 0;
}

/* A line in two or three pieces. */
static void put_pieces(struct writer *w, int64_t wait)
{
	size_t from = 0, at;

	add_line(w, NULL);
	for (unsigned pieces = 1 + below(w, 2); pieces; pieces--) {
		at = from + draw(w) % (w->n - from);
		put_bytes(w, w->log_files.fd, w->block + from, at - from);
		pause_for(wait);
		from = at;
	}
	put_bytes(w, w->log_files.fd, w->block + from, w->n - from);
	w->n = 0;
}

/* Lines of one manner, at most MOST. */
static void put_some(struct writer *w, uint64_t most)
{
	unsigned kind = below(w, 100);
	uint64_t n = kind < 60 ? 1 + below(w, 200) : 1 + below(w, 30);

	n = n < most ? n : most;
	if (kind < 60) {
		while (n-- && w->n < BLOCK / 2)
			add_line(w, NULL);
		put_block(w, w->log_files.fd);
	} else if (kind < 85) {
		for (; n; n--) {
			add_line(w, NULL);
			put_block(w, w->log_files.fd);
		}
	} else if (kind < 95) {
		for (; n; n--)
			put_pieces(w, 0);
	} else if (kind < 98) {
		put_pieces(w, 1000000);
	} else {
		pause_for(below(w, 2000000));
	}
}

static void keep_rate(struct writer *w)
{
	int64_t ahead;

	if (w->rate == 0)
		return;
	ahead = w->start + (int64_t)((double)w->seq * 1e9 / (double)w->rate) - now();
	if (ahead > 500000)
		pause_for(ahead);
}

/* ---- rotations */

/* Has the process the log open? */
static bool has_open(const char *pid, const struct stat *log)
{
	char dir[64], name[512];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *d;

	snprintf(dir, sizeof dir, "/proc/%.20s/fd", pid);
	d = opendir(dir);
	while (d && !found && (entry = readdir(d))) {
		snprintf(name, sizeof name, "%s/%s", dir, entry->d_name);
		found = stat(name, &st) == 0 && st.st_dev == log->st_dev &&
		        st.st_ino == log->st_ino;
	}
	if (d)
		closedir(d);
	return found;
}

static void wait_for_reader(struct writer *w)
{
	int64_t until = now() + PATIENCE * INT64_C(1000000000);
	char pid[32];
	struct stat st;

	if (!w->reader || fstat(w->log_files.fd, &st) < 0)
		return;
	do {
		FILE *f = fopen(w->reader, "r");
		bool open = f && fscanf(f, "%20s", pid) == 1 && has_open(pid, &st);

		if (f)
			fclose(f);
		if (open)
			return;
		pause_for(200000);
	} while (now() < until);
	fprintf(stderr, "torture-writer: generation %u was deleted before its reader had it open\n",
	        w->generation);
}

/* Lines while the log is being rotated: to the old file, or into nothing (lost). */
static void put_between(struct writer *w, enum method method)
{
	uint64_t first = w->seq;

	for (unsigned n = 1 + below(w, 20); n; n--) {
		add_line(w, NULL);
		put_block(w, w->log_files.fd);
	}
	if (method == COPY_RACE)
		fprintf(w->ledger, "lost %" PRIu64 " %" PRIu64 "\n", first, w->seq - 1);
	else
		pause_for(below(w, 2000000));
}

static void tell_progress(struct writer *w)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%010u\n", w->generation);

	if (w->progress >= 0 && pwrite(w->progress, text, (size_t)n, 0) != n)
		die("write", "the progress");
}

static void rotate(struct writer *w)
{
	enum method method = w->methods[below(w, w->method_count)];
	bool between =
		method == COPY_RACE || method == CREATE_FIRST || (method == SYMLINK && below(w, 2));
	size_t begun = 0;

	if (method == DELETE)
		wait_for_reader(w);
	if (method == CREATE_FIRST) {
		/* in the midst of a line */
		add_line(w, NULL);
		begun = draw(w) % w->n;
		put_bytes(w, w->log_files.fd, w->block, begun);
	}
	rotate_away(&w->log_files, method, w->generation + 1);
	put_bytes(w, w->log_files.fd, w->block + begun, w->n - begun);
	w->n = 0;
	if (between)
		put_between(w, method);
	rotate_reopen(&w->log_files, method);
	fprintf(w->ledger, "generation %u %" PRIu64 " %" PRIu64 " %s\n", w->generation, w->first,
	        w->seq - 1, method_names[method]);
	w->generation++;
	w->first = w->seq;
	tell_progress(w);
}

static void write_generation(struct writer *w)
{
	uint64_t last = w->seq + w->lines / 2 + below(w, w->lines + 1);

	while (w->seq < last) {
		put_some(w, last - w->seq);
		keep_rate(w);
	}
}

static void write_log(struct writer *w)
{
	w->log_files.log = w->log;
	rotate_start(&w->log_files, w->methods[0], w->generation);
	w->start = now();
	while (w->generation < w->rotations || (w->go_on && access(w->go_on, F_OK) == 0)) {
		write_generation(w);
		rotate(w);
	}
	write_generation(w);
	add_line(w, LINE_END);
	put_block(w, w->log_files.fd);
	fprintf(w->ledger, "generation %u %" PRIu64 " %" PRIu64 " end\n", w->generation, w->first,
	        w->seq - 1);
}

/* ---- options */

static _Noreturn void usage(const char *why, const char *what)
{
	fprintf(stderr, "torture-writer: %s %s; see the head of tests/torture/writer.c\n", why,
	        what);
	exit(2);
}

static void choose_methods(struct writer *w, char *list)
{
	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		unsigned m = 0;

		while (m < METHODS && strcmp(name, method_names[m]) != 0)
			m++;
		if (m == METHODS || w->method_count == METHODS)
			usage("unknown method", name);
		w->methods[w->method_count++] = m;
	}
}

static void parse(struct writer *w, int argc, char **argv)
{
	static const struct option known[] = {
		{ "method", 1, NULL, 'm' }, { "rotations", 1, NULL, 'n' },
		{ "lines", 1, NULL, 'l' },  { "rate", 1, NULL, 'r' },
		{ "seed", 1, NULL, 's' },   { "keep", 1, NULL, 'k' },
		{ "while", 1, NULL, 'w' },  { "progress", 1, NULL, 'p' },
		{ "reader", 1, NULL, 'R' }, { "files", 1, NULL, 'f' },
		{ "seen", 1, NULL, 'S' },   { 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'm':
			choose_methods(w, optarg);
			break;
		case 'n':
			w->rotations = (unsigned)atol(optarg);
			break;
		case 'l':
			w->lines = (unsigned)atol(optarg);
			break;
		case 'r':
			w->rate = (unsigned)atol(optarg);
			break;
		case 's':
			w->random = (uint64_t)atoll(optarg) * 2654435761u + 1;
			break;
		case 'k':
			w->log_files.keep = (unsigned)atol(optarg);
			break;
		case 'w':
			w->go_on = optarg;
			break;
		case 'p':
			w->progress = open(optarg, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			break;
		case 'R':
			w->reader = optarg;
			break;
		case 'f':
			w->files = (unsigned)atol(optarg);
			break;
		case 'S':
			w->seen = optarg;
			break;
		default:
			usage("unknown", "option");
		}
	}
	if (argc - optind != 2 || w->lines == 0 || (w->files && !w->seen))
		usage("two operands are needed,", "and some options");
	w->log = argv[optind];
	w->ledger = fopen(argv[optind + 1], "w");
	if (!w->ledger)
		die("create", argv[optind + 1]);
	if (w->method_count == 0)
		w->methods[w->method_count++] = RENAME;
}

int main(int argc, char **argv)
{
	static struct writer w = { .rotations = 60,
		                   .lines = 1000,
		                   .random = 1,
		                   .progress = -1,
		                   .log_files = { .keep = 200 } };

	parse(&w, argc, argv);
	w.block = malloc(BLOCK);
	if (!w.block)
		die("get", "memory");
	if (w.files)
		write_many(&w);
	else
		write_log(&w);
	fprintf(w.ledger, "lines %" PRIu64 "\n", w.seq);
	if (fclose(w.ledger) != 0)
		die("write", "the ledger");
	return 0;
}
