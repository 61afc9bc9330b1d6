/* outlets.h: who gets what when one of several is slow, or fails. */
#include "feed.h"

#include "base/stamp.h"
#include "io/stop.h"
#include "stream/outlets.h"
#include "stream/sinks.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- a sink that a test holds in its hands */

struct fake {
	struct buf got;  /* what is out; "{KEY@TIME}" before a parcel that has them */
	struct buf rest; /* what is kept of a parcel, until it is pushed */
	size_t room;     /* parcels that it takes yet */
	size_t more;     /* that it takes when it has been waited for */
	bool keeps;      /* parcels go by way of REST */
	enum fail fails; /* what put() fails with; FAIL_NONE: not */
	bool fails_to_finish;
	int puts, pushes, waits, ticks, finished, freed;
	size_t out_at_finish;
};

static enum took fake_put(void *self, const struct parcel *p, struct err *e)
{
	struct fake *f = self;

	if (f->fails) {
		err_set(e, f->fails, "cannot write to fake: it says so");
		return SINK_FAILED;
	}
	if (f->rest.n || f->room == 0)
		return SINK_FULL;
	f->room--;
	f->puts++;
	if (p->key.p)
		buf_addf(&f->got, "{%.*s@%d}", (int)p->key.n, p->key.p, (int)p->time);
	else
		assert_true(p->time == STAMP_NONE);
	buf_add_slice(f->keeps ? &f->rest : &f->got, p->lines);
	return SINK_TOOK;
}

static enum took fake_push(void *self, struct err *e)
{
	struct fake *f = self;

	(void)e;
	f->pushes++;
	buf_add_slice(&f->got, buf_slice(&f->rest));
	buf_clear(&f->rest);
	return SINK_TOOK;
}

static size_t fake_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct fake *f = self;

	(void)p, (void)room;
	f->waits++;
	f->room += f->more;
	if (f->more)
		*timeout = 0;
	return 0;
}

static int fake_tick(void *self, struct err *e)
{
	(void)e;
	((struct fake *)self)->ticks++;
	return 0;
}

static int fake_finish(void *self, struct err *e)
{
	struct fake *f = self;

	f->finished++;
	f->out_at_finish = f->got.n;
	return f->fails_to_finish ? err_set(e, FAIL_IO, "cannot finish fake") : 0;
}

static uint64_t fake_bytes(const void *self)
{
	return ((const struct fake *)self)->got.n;
}

static void fake_free(void *self)
{
	((struct fake *)self)->freed++;
}

static const struct sink_ops fake_ops = {
	.put = fake_put,
	.push = fake_push,
	.wait = fake_wait,
	.finish = fake_finish,
	.bytes = fake_bytes,
	.free = fake_free,
};

static const struct sink_ops ticking_ops = {
	.put = fake_put,
	.push = fake_push,
	.wait = fake_wait,
	.tick = fake_tick,
	.bytes = fake_bytes,
	.free = fake_free,
};

#define ANY_ROOM SIZE_MAX

static struct sink fake_sink(struct fake *f)
{
	return (struct sink){ &fake_ops, f };
}

static void fake_over(struct fake *f)
{
	assert_int_equal(f->freed, 1);
	buf_free(&f->got);
	buf_free(&f->rest);
}

static struct outlets *outlets_of(struct fake *f, size_t n, enum on_slow slow, size_t queue)
{
	struct outlets_opts opts = { .tool = "test", .queue = queue, .spill_dir = "." };
	struct outlets *o = outlets_new(&opts);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(outlets_add(o, fake_sink(&f[i]), "fake", slow), i);
	return o;
}

/* Pass on TEXT, and write it. */
static void pass(struct outlets *o, size_t i, struct slice text)
{
	struct err e;

	assert_int_equal(writer_pass(outlets_writer(o, i), text, &e), 0);
	assert_int_equal(outlets_flush(o, &e), 0);
}

static void finish(struct outlets *o)
{
	struct err e;

	assert_int_equal(outlets_finish(o, &e), 0);
}

/* ---- in order */

static void test_outlets__each_has_its_own(void **state)
{
	static const char text[] = "one\ntwo\nthree\n";
	struct fake f[2] = { { .room = ANY_ROOM }, { .room = ANY_ROOM, .keeps = true } };
	struct outlets *o = outlets_of(f, 2, SLOW_BLOCK, 0);
	struct err e;

	(void)state;
	assert_int_equal(writer_pass(outlets_writer(o, 0), (struct slice){ text, 4 }, &e), 0);
	assert_int_equal(writer_pass(outlets_writer(o, 1), (struct slice){ text, 4 }, &e), 0);
	assert_int_equal(writer_pass(outlets_writer(o, 0), (struct slice){ text + 4, 10 }, &e), 0);
	buf_adds(writer_buf(outlets_writer(o, 1)), "made\n");
	assert_int_equal(writer_check(outlets_writer(o, 1), &e), 0);
	assert_int_equal(outlets_settle(o, &e), 0);
	assert_int_equal(f[0].puts + f[1].puts, 0); /* gathered */
	assert_int_equal(outlets_flush(o, &e), 0);
	assert_slice("0", buf_slice(&f[0].got), SLICE("one\ntwo\nthree\n"));
	assert_slice("1", buf_slice(&f[1].got), SLICE("one\nmade\n")); /* it was pushed */
	finish(o);
	assert_int_equal(f[0].finished, 1);
	assert_int_equal(f[1].finished, 1);
	assert_true(outlets_any(o));
	assert_false(outlets_sum(o).failed);
	outlets_free(o);
	fake_over(&f[0]);
	fake_over(&f[1]);
}

/* A long run reaches every sink from where it lies, in one piece. */
static void test_outlets__long_runs_are_handed_over_whole(void **state)
{
	struct fake f[2] = { { .room = 1 }, { .room = 1 } };
	struct outlets *o = outlets_of(f, 2, SLOW_BLOCK, 0);
	struct buf text = { 0 };
	struct err e;

	(void)state;
	while (text.n < 200000)
		buf_addf(&text, "%zu\n", text.n);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(writer_pass(outlets_writer(o, i), buf_slice(&text), &e), 0);
	assert_int_equal(outlets_settle(o, &e), 0);
	assert_slice("0", buf_slice(&f[0].got), buf_slice(&text));
	assert_slice("1", buf_slice(&f[1].got), buf_slice(&text));
	outlets_free(o);
	assert_int_equal(f[0].finished, 0); /* it was not asked for */
	fake_over(&f[0]);
	fake_over(&f[1]);
	buf_free(&text);
}

static void put_key(struct outlets *o, const char *lines, size_t n, const char *key, int64_t time)
{
	char own[10];
	struct parcel p = { .lines = { lines, n }, .key = { own, strlen(key) }, .time = time };
	struct err e;

	strcpy(own, key);
	assert_int_equal(outlets_put(o, 0, &p, &e), 0);
	memset(own, '!', sizeof own); /* the key need not stay */
}

static void test_put__joins_neighbours_of_one_key(void **state)
{
	static const char text[] = "1\n2\n3\n4\n5\n6\n7\n";
	struct fake f = { .room = ANY_ROOM };
	struct outlets *o = outlets_of(&f, 1, SLOW_BLOCK, 0);
	struct err e;

	(void)state;
	put_key(o, text, 2, "a", 1);
	put_key(o, text + 2, 2, "a", 1);
	put_key(o, text + 4, 2, "b", 1);
	put_key(o, text + 6, 2, "b", 2);
	put_key(o, text + 10, 2, "b", 2); /* no neighbour */
	put_key(o, text + 12, 2, "", 2);
	assert_int_equal(outlets_settle(o, &e), 0);
	assert_slice("keys", buf_slice(&f.got),
	             SLICE("{a@1}1\n2\n{b@1}3\n{b@2}4\n{b@2}6\n{@2}7\n"));
	outlets_free(o);
	fake_over(&f);
}

/* ---- slow ones */

/* A slow one is waited for; what the others have kept goes out meanwhile. */
static void test_block__serves_the_others(void **state)
{
	struct fake f[2] = { { .room = 1, .more = 1 }, { .room = ANY_ROOM, .keeps = true } };
	struct outlets *o = outlets_of(f, 2, SLOW_BLOCK, 0);
	struct err e;

	(void)state;
	pass(o, 0, SLICE("a\n"));
	assert_int_equal(writer_pass(outlets_writer(o, 1), SLICE("other\n"), &e), 0);
	assert_int_equal(writer_flush(outlets_writer(o, 1), &e), 0);
	assert_int_equal(f[1].got.n, 0);
	assert_int_equal(writer_pass(outlets_writer(o, 0), SLICE("b\n"), &e), 0);
	assert_int_equal(writer_flush(outlets_writer(o, 0), &e), 0);
	assert_slice("slow", buf_slice(&f[0].got), SLICE("a\nb\n"));
	assert_int_equal(f[0].waits, 1);
	assert_slice("other", buf_slice(&f[1].got), SLICE("other\n"));
	outlets_free(o);
	fake_over(&f[0]);
	fake_over(&f[1]);
}

/* Over a pipe with a reader of its own pace: nothing is lost, nothing is torn. */
static void test_block__over_a_pipe(void **state)
{
	struct outlets *o = outlets_new(&(struct outlets_opts){ .tool = "test" });
	struct buf text = { 0 }, got = { 0 };
	struct err e;
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	(void)state;
	while (text.n < 5000000)
		buf_addf(&text, "{\"n\":%zu}\n", text.n);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fd[0]);
		outlets_add(o, sink_of_fd(fd[1], "pipe"), "pipe", SLOW_BLOCK);
		close(fd[1]);
		for (size_t at = 0, step = 1; at < text.n; at += step) {
			step = text.n - at < 300000 ? text.n - at : 300000;
			if (writer_pass(outlets_writer(o, 0), (struct slice){ text.p + at, step },
			                &e) < 0 ||
			    outlets_settle(o, &e) < 0)
				_exit(1);
		}
		_exit(outlets_finish(o, &e) < 0 || outlets_sum(o).failed);
	}
	close(fd[1]);
	while ((n = read(fd[0], buf_room(&got, 10000), 10000)) > 0)
		got.n += (size_t)n;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_slice("all", buf_slice(&got), buf_slice(&text));
	close(fd[0]);
	outlets_free(o);
	buf_free(&text);
	buf_free(&got);
}

static void test_drop__leaves_out_and_counts_whole_records(void **state)
{
	struct fake f = { .room = 0 };
	struct outlets *o = outlets_of(&f, 1, SLOW_DROP, 10);
	struct err e;

	(void)state;
	pass(o, 0, SLICE("aaa\nbbb\nccc\nddd\n")); /* 8 bytes of 10 */
	assert_int_equal(outlets_sum(o).dropped, 2);
	pass(o, 0, SLICE("e\n"));
	assert_int_equal(outlets_sum(o).dropped, 2);
	pass(o, 0, SLICE("f\ng")); /* no room; the last one has no newline */
	assert_int_equal(outlets_sum(o).dropped, 4);
	assert_int_equal(f.puts, 0);
	f.room = ANY_ROOM;
	assert_int_equal(outlets_push(o, &e), 0);
	assert_slice("kept", buf_slice(&f.got), SLICE("aaa\nbbb\ne\n"));
	pass(o, 0, SLICE("longer than the queue\n")); /* goes straight on */
	finish(o);
	assert_slice("and on", buf_slice(&f.got), SLICE("aaa\nbbb\ne\nlonger than the queue\n"));
	assert_int_equal(outlets_sum(o).dropped, 4);
	assert_int_equal(outlets_sum(o).spilled, 0);
	assert_false(outlets_sum(o).failed);
	outlets_free(o);
	fake_over(&f);
}

/* The key counts, too: 1 byte and 4 of lines are one too many. */
static void test_drop__with_keys(void **state)
{
	struct fake f = { .room = 0 };
	struct outlets *o = outlets_of(&f, 1, SLOW_DROP, 9);
	struct err e;

	(void)state;
	put_key(o, "aaa\n", 4, "k", 1);
	put_key(o, "bbb\n", 4, "l", 1);
	put_key(o, "c\n", 2, "m", 1);
	assert_int_equal(outlets_flush(o, &e), 0);
	assert_int_equal(outlets_sum(o).dropped, 1);
	f.room = ANY_ROOM;
	finish(o);
	assert_slice("kept", buf_slice(&f.got), SLICE("{k@1}aaa\n{m@1}c\n"));
	outlets_free(o);
	fake_over(&f);
}

/* A queue that was emptied in part: what comes joins what is left, where it has the same key. */
static void test_drop__with_some_gone(void **state)
{
	struct fake f = { .room = 0 };
	struct outlets *o = outlets_of(&f, 1, SLOW_DROP, 100);
	struct err e;

	(void)state;
	put_key(o, "1\n", 2, "a", 1);
	put_key(o, "2\n", 2, "b", 1);
	put_key(o, "3\n", 2, "c", 1);
	assert_int_equal(outlets_flush(o, &e), 0);
	f.room = 2;
	assert_int_equal(outlets_push(o, &e), 0);
	assert_slice("two", buf_slice(&f.got), SLICE("{a@1}1\n{b@1}2\n"));
	put_key(o, "4\n", 2, "c", 1);
	put_key(o, "5\n", 2, "d", 1);
	assert_int_equal(outlets_flush(o, &e), 0);
	f.room = ANY_ROOM;
	finish(o);
	assert_slice("all", buf_slice(&f.got), SLICE("{a@1}1\n{b@1}2\n{c@1}3\n4\n{d@1}5\n"));
	outlets_free(o);
	fake_over(&f);
}

/* The end waits for what the queue holds, and comes behind it. */
static void test_finish__empties_the_queue(void **state)
{
	struct fake f = { .room = 0 };
	struct outlets *o = outlets_of(&f, 1, SLOW_DROP, 100);

	(void)state;
	pass(o, 0, SLICE("a\n"));
	f.keeps = true;
	f.more = 1;
	finish(o);
	assert_slice("all", buf_slice(&f.got), SLICE("a\n"));
	assert_int_equal(f.finished, 1);
	assert_int_equal(f.out_at_finish, 2);
	outlets_free(o);
	fake_over(&f);
}

/* How much the only file without name in the test's folder takes on disk; 0 where there is none. */
static off_t spilled_bytes(void)
{
	struct stat st;
	char path[40], target[200];

	for (int fd = 3; fd < 64; fd++) {
		ssize_t n;

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof target - 1);
		if (n > 0 && memmem(target, (size_t)n, "scratch-", 8) && fstat(fd, &st) == 0)
			return st.st_size;
	}
	return 0;
}

/* Records of several keys and lengths, among them some longer than all buffers. */
static void add_records(struct outlets *o, struct buf *expected, int from, int to)
{
	static struct buf line;
	static char filler[150000];
	struct err e;

	memset(filler, 'x', sizeof filler);
	for (int i = from; i < to; i++) {
		int n = i % 500 == 77 ? 150000 : i % 100;
		char key[2] = { (char)('a' + i / 3 % 3), 0 };
		struct parcel p = { .time = i / 9 };

		buf_clear(&line);
		buf_addf(&line, "%d %.*s\n", i, n, filler);
		p.lines = buf_slice(&line);
		p.key = slice_from(key);
		assert_int_equal(outlets_put(o, 0, &p, &e), 0);
		assert_int_equal(outlets_settle(o, &e), 0);
		buf_add_slice(expected, p.lines);
	}
}

/* What is out, without the keys; that they are the records' own is looked at here. */
static void strip_keys(struct buf *got)
{
	char *to = got->p, *p = got->p, *end = got->p + got->n, key = 0;
	int time = -1;

	while (p < end) {
		char *newline;
		int i;

		if (*p == '{') {
			key = p[1];
			time = atoi(p + 3);
			p = memchr(p, '}', (size_t)(end - p));
			p++;
		}
		i = atoi(p);
		assert_int_equal(key, 'a' + i / 3 % 3);
		assert_int_equal(time, i / 9);
		newline = memchr(p, '\n', (size_t)(end - p));
		assert_non_null(newline);
		memmove(to, p, (size_t)(newline + 1 - p));
		to += newline + 1 - p;
		p = newline + 1;
	}
	got->n = (size_t)(to - got->p);
}

static void test_spill__keeps_the_order(void **state)
{
	struct fake f = { .room = 3 };
	struct outlets *o = outlets_of(&f, 1, SLOW_SPILL, 200000);
	struct buf expected = { 0 };
	struct err e;
	uint64_t spilled;

	(void)state;
	add_records(o, &expected, 0, 20000);
	assert_int_equal(f.puts, 3);
	/* there are 40 of 150,000 bytes, and 20,000 of 50 at least; not all of them go there */
	assert_true(spilled_bytes() > 6500000);
	spilled = outlets_sum(o).spilled;
	assert_in_range(spilled, 17500, 19900);
	f.room = 4000; /* parcels of three records, so a part of it */
	assert_int_equal(outlets_push(o, &e), 0);
	assert_int_equal(f.room, 0);
	assert_true(spilled_bytes() > 0);
	add_records(o, &expected, 20000, 21000);
	f.room = ANY_ROOM;
	assert_int_equal(outlets_push(o, &e), 0);
	assert_int_equal(spilled_bytes(), 0);
	strip_keys(&f.got);
	assert_slice("order", buf_slice(&f.got), buf_slice(&expected));
	spilled = outlets_sum(o).spilled;
	f.room = 0;
	buf_clear(&f.got);
	buf_clear(&expected);
	add_records(o, &expected, 1, 9); /* there is room in memory again */
	assert_int_equal(outlets_sum(o).spilled, spilled);
	f.more = 1;
	finish(o);
	strip_keys(&f.got);
	assert_slice("again", buf_slice(&f.got), buf_slice(&expected));
	assert_int_equal(outlets_sum(o).dropped, 0);
	outlets_free(o);
	fake_over(&f);
	buf_free(&expected);
}

/* What was said on stderr while F ran. */
static void said(const char *expected, void (*f)(void))
{
	FILE *file;
	char got[300];
	int was = dup(STDERR_FILENO), fd = open("said", O_CREAT | O_TRUNC | O_WRONLY, 0600);
	size_t n;

	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	close(fd);
	f();
	fflush(stderr);
	dup2(was, STDERR_FILENO);
	close(was);
	file = fopen("said", "r");
	n = fread(got, 1, sizeof got, file);
	fclose(file);
	assert_slice("said", ((struct slice){ got, n }), slice_from(expected));
}

static void spill_to_nowhere(void)
{
	struct outlets_opts opts = { .tool = "test", .spill_dir = "/dev/null/nowhere" };
	struct outlets *o = outlets_new(&opts);
	struct fake f = { .more = 1 };
	struct buf expected = { 0 };

	outlets_add(o, fake_sink(&f), "fake", SLOW_SPILL);
	add_records(o, &expected, 0, 5000);
	finish(o);
	strip_keys(&f.got);
	assert_slice("all", buf_slice(&f.got), buf_slice(&expected));
	assert_int_equal(outlets_sum(o).spilled, 0);
	outlets_free(o);
	fake_over(&f);
	buf_free(&expected);
}

static void test_spill__that_cannot_waits(void **state)
{
	(void)state;
	said("test: fake: cannot make the folder /dev/null/nowhere: Not a directory; it is waited "
	     "for from now on\n",
	     spill_to_nowhere);
}

static void test_check_spill__wants_a_folder(void **state)
{
	static const struct {
		const char *dir, *says;
	} rows[] = {
		{ ".", "" },
		{ "nowhere", "cannot make files in nowhere: No such file or directory" },
		{ "/dev/null", "cannot make files in /dev/null: Not a directory" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outlets *o = outlets_new(
			&(struct outlets_opts){ .tool = "test", .spill_dir = rows[i].dir });
		struct err e;

		err_clear(&e);
		assert_int_equal(outlets_check_spill(o, &e), *rows[i].says ? -1 : 0);
		assert_string_equal(e.text, rows[i].says);
		outlets_free(o);
	}
	assert_int_equal(access("nowhere", F_OK), -1);
}

static void drop_of_two(void)
{
	struct fake f[3] = { { .room = 0 }, { .room = ANY_ROOM }, { .room = 0 } };
	struct outlets *o = outlets_of(f, 2, SLOW_DROP, 4);

	assert_int_equal(outlets_add(o, fake_sink(&f[2]), "slow", SLOW_DROP), 2);
	pass(o, 0, SLICE("a\nb\nc\n"));
	pass(o, 1, SLICE("a\nb\nc\n"));
	pass(o, 2, SLICE("a\nb\nc\nd\n"));
	f[0].room = f[2].room = ANY_ROOM;
	finish(o);
	outlets_free(o);
	for (size_t i = 0; i < 3; i++)
		fake_over(&f[i]);
}

static void test_drop__is_said_at_the_end(void **state)
{
	(void)state;
	said("test: fake: it was too slow, 1 record was left out\n"
	     "test: slow: it was too slow, 2 records were left out\n",
	     drop_of_two);
}

/* ---- failing ones */

static bool is_output; /* the one that fails is standard output */

static struct {
	enum output_error how;
	enum fail kind;
	bool ends, failed;
	const char *said;
} row;

static void fail_as_row(void)
{
	struct outlets_opts opts = { .tool = "test", .on_error = row.how };
	struct outlets *o = outlets_new(&opts);
	struct fake f[2] = { { .fails = row.kind }, { .room = ANY_ROOM } };
	struct err e;

	err_clear(&e);
	outlets_add(o, fake_sink(&f[0]), "fake", SLOW_BLOCK);
	outlets_add(o, fake_sink(&f[1]), "other", SLOW_BLOCK);
	if (is_output)
		outlets_is_output(o, 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(writer_pass(outlets_writer(o, i), SLICE("a\n"), &e), 0);
	assert_int_equal(outlets_flush(o, &e), row.ends ? -1 : 0);
	assert_int_equal(e.kind, row.ends ? row.kind : FAIL_NONE);
	assert_int_equal(f[0].freed, 1);
	assert_int_equal(outlets_sum(o).failed, row.failed);
	if (!row.ends) {
		assert_true(outlets_any(o));
		pass(o, 0, SLICE("b\n")); /* is nowhere */
		pass(o, 1, SLICE("b\n"));
		finish(o);
		assert_slice("other", buf_slice(&f[1].got), SLICE("a\nb\n"));
		assert_int_equal(f[1].finished, 1);
	}
	assert_int_equal(f[0].finished, 0);
	outlets_free(o);
	fake_over(&f[0]);
	fake_over(&f[1]);
}

/* As GNU tee's manual has it, section "tee invocation". */
static void test_error__goes_as_the_mode_says(void **state)
{
	static const char text[] = "test: cannot write to fake: it says so\n";
	static const struct {
		enum output_error how;
		bool io_ends, pipe_ends, pipe_said;
	} rows[] = {
		{ OUTPUT_WARN, false, false, true },
		{ OUTPUT_WARN_NOPIPE, false, false, false },
		{ OUTPUT_EXIT, true, true, false },
		{ OUTPUT_EXIT_NOPIPE, true, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row.how = rows[i].how;
		row.kind = FAIL_IO;
		row.ends = rows[i].io_ends;
		row.failed = true;
		said(row.ends ? "" : text, fail_as_row);
		row.kind = FAIL_EPIPE;
		row.ends = rows[i].pipe_ends;
		row.failed = rows[i].pipe_ends || rows[i].pipe_said;
		said(rows[i].pipe_said ? text : "", fail_as_row);
	}
}

static void be_killed_as_row(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		fail_as_row();
		_exit(100);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

static void pass_over_as_row(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		fail_as_row();
		_exit(100);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 100);
}

/* Without a mode a pipe without reader ends by SIGPIPE, and is passed over where that is ignored.
 */
static void test_error__without_a_mode(void **state)
{
	(void)state;
	row.how = OUTPUT_SIGPIPE;
	row.kind = FAIL_IO;
	row.ends = false;
	row.failed = true;
	said("test: cannot write to fake: it says so\n", fail_as_row);
	row.kind = FAIL_EPIPE;
	row.failed = false;
	said("test: fake: its reader went away, which ends the run\n", be_killed_as_row);
	said("", pass_over_as_row);
	is_output = true;
	said("", be_killed_as_row);
	is_output = false;
}

/* The same with a pipe, whose SIGPIPE would be the kernel's. */
static void test_error__of_a_pipe(void **state)
{
	int status, fd[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	for (int warn = 0; warn < 2; warn++) {
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct outlets_opts opts = { .tool = "test",
				                     .on_error =
				                             warn ? OUTPUT_WARN : OUTPUT_SIGPIPE };
			struct outlets *o = outlets_new(&opts);
			struct err e;

			signal(SIGPIPE, SIG_DFL);
			close(STDERR_FILENO);
			outlets_add(o, sink_of_fd(fd[1], "pipe"), "pipe", SLOW_BLOCK);
			if (writer_pass(outlets_writer(o, 0), SLICE("a\n"), &e) < 0 ||
			    outlets_flush(o, &e) < 0)
				_exit(1);
			_exit(outlets_sum(o).failed && !outlets_any(o) ? 100 : 2);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (warn)
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 100);
		else
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	}
	close(fd[1]);
}

static void fail_to_finish(void)
{
	struct outlets_opts opts = { .tool = "test", .on_error = OUTPUT_WARN };
	struct outlets *o = outlets_new(&opts);
	struct fake f[2] = { { .fails_to_finish = true }, { .room = ANY_ROOM } };

	outlets_add(o, fake_sink(&f[0]), "fake", SLOW_BLOCK);
	outlets_add(o, fake_sink(&f[1]), "other", SLOW_BLOCK);
	finish(o);
	assert_int_equal(f[1].finished, 1);
	assert_true(outlets_sum(o).failed);
	outlets_free(o);
	fake_over(&f[0]);
	fake_over(&f[1]);
}

static void test_finish__says_what_failed_and_goes_on(void **state)
{
	(void)state;
	said("test: cannot finish fake\n", fail_to_finish);
}

/* ---- waiting with others */

static size_t waits_of(struct outlets *o, struct pollfd *p, int64_t *timeout)
{
	*timeout = -1;
	return outlets_wait(o, p, 1, timeout);
}

/*
 * A pipe that has nothing waiting is waited for in the nopipe modes alone: tee -p ends when its
 * last pipe has no reader, without being written to.
 */
static void test_wait__for_readers_to_go(void **state)
{
	(void)state;
	for (int watches = 0; watches < 2; watches++) {
		struct outlets_opts opts = { .tool = "test",
			                     .on_error =
			                             watches ? OUTPUT_WARN_NOPIPE : OUTPUT_WARN };
		struct outlets *o = outlets_new(&opts);
		struct pollfd p;
		int64_t timeout;
		struct err e;
		int fd[2];

		assert_int_equal(pipe(fd), 0);
		outlets_add(o, sink_of_fd(fd[1], "pipe"), "pipe", SLOW_BLOCK);
		pass(o, 0, SLICE("a\n"));
		assert_int_equal(waits_of(o, &p, &timeout), watches);
		close(fd[0]);
		assert_int_equal(timeout, -1);
		if (watches)
			assert_int_equal(poll(&p, 1, 0), 1);
		assert_int_equal(outlets_push(o, &e), 0);
		assert_int_equal(outlets_any(o), !watches);
		assert_int_equal(waits_of(o, &p, &timeout), 0);
		assert_false(outlets_sum(o).failed);
		outlets_free(o);
		close(fd[1]);
	}
}

static void test_wait__for_room_while_there_is_none(void **state)
{
	struct outlets *o = outlets_new(&(struct outlets_opts){ .tool = "test", .queue = 100 });
	struct buf text = { 0 };
	struct pollfd p;
	int64_t timeout;
	char got[70000];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	outlets_add(o, sink_of_fd(fd[1], "pipe"), "pipe", SLOW_DROP);
	assert_int_equal(fcntl(fd[1], F_SETPIPE_SZ, 65536), 65536);
	while (text.n < 65536)
		buf_adds(&text, "0123456789abcde\n");
	pass(o, 0, buf_slice(&text));
	assert_int_equal(waits_of(o, &p, &timeout), 0);
	pass(o, 0, SLICE("more\n"));
	assert_int_equal(waits_of(o, &p, &timeout), 1);
	assert_int_equal(p.events, POLLOUT);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(read(fd[0], got, sizeof got), 65536);
	assert_int_equal(poll(&p, 1, 0), 1);
	finish(o);
	assert_int_equal(read(fd[0], got, sizeof got), 5);
	assert_memory_equal(got, "more\n", 5);
	outlets_free(o);
	close(fd[0]);
	close(fd[1]);
	buf_free(&text);
}

/* What is due by the clock is done at each push, also of a sink that has nothing waiting. */
static void test_push__ticks(void **state)
{
	struct fake f = { .room = ANY_ROOM, .more = 1 };
	struct outlets *o = outlets_new(&(struct outlets_opts){ .tool = "test" });
	struct pollfd p;
	int64_t timeout;
	struct err e;

	(void)state;
	outlets_add(o, (struct sink){ &ticking_ops, &f }, "fake", SLOW_BLOCK);
	assert_int_equal(waits_of(o, &p, &timeout), 0);
	assert_int_equal(timeout, 0); /* the sink's */
	assert_int_equal(outlets_push(o, &e), 0);
	assert_int_equal(f.ticks, 1);
	outlets_free(o);
	fake_over(&f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_outlets__each_has_its_own),
		TEST(test_outlets__long_runs_are_handed_over_whole),
		TEST(test_put__joins_neighbours_of_one_key),
		TEST(test_block__serves_the_others),
		TEST(test_drop__leaves_out_and_counts_whole_records),
		TEST(test_drop__with_keys),
		TEST(test_drop__with_some_gone),
		TEST(test_finish__empties_the_queue),
		TEST(test_spill__keeps_the_order),
		TEST(test_spill__that_cannot_waits),
		TEST(test_check_spill__wants_a_folder),
		TEST(test_drop__is_said_at_the_end),
		TEST(test_error__goes_as_the_mode_says),
		TEST(test_error__without_a_mode),
		TEST(test_finish__says_what_failed_and_goes_on),
		TEST(test_push__ticks),
		/* those with pipes, which take SIGPIPE, last */
		TEST(test_error__of_a_pipe),
		TEST(test_block__over_a_pipe),
		TEST(test_wait__for_readers_to_go),
		TEST(test_wait__for_room_while_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
