/* positions.h: what is kept in the file, when, and what becomes of output behind it. */
#include "feed.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "io/writer.h"
#include "stream/intake.h"
#include "stream/mux.h"
#include "stream/positions.h"
#include "stream/saved.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- a feed of the lines of the file "log", one a batch, with its offset as position */

struct one {
	FILE *f;
	char line[FEED_MAX + LINES_PAD];
	uint64_t at, out, written; /* handed out, let out, written */
};

static enum got one_next(void *self, struct batch *b, struct err *e)
{
	struct one *o = self;

	(void)e;
	if (!o->f) {
		o->f = fopen("log", "r");
		assert_non_null(o->f);
		assert_int_equal(fseek(o->f, (long)o->at, SEEK_SET), 0);
		b->begins = true;
	}
	if (!fgets(o->line, FEED_MAX, o->f))
		return GOT_END;
	b->lines = slice_from(o->line);
	b->place = (struct place){ .offset = o->at, .time = STAMP_NONE };
	b->upto = o->at += b->lines.n;
	return GOT_LINES;
}

static size_t one_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	(void)self, (void)p, (void)room, (void)timeout;
	return 0;
}

static void one_free(void *self)
{
	struct one *o = self;

	if (o->f)
		fclose(o->f);
	free(o);
}

static const char *one_name(const void *self, size_t part)
{
	(void)self, (void)part;
	return "log";
}

static void one_let_out(void *self, size_t unit, uint64_t upto)
{
	assert_int_equal(unit, 0);
	((struct one *)self)->out = upto;
}

static int one_written(void *self, struct err *e)
{
	struct one *o = self;

	(void)e;
	o->written = o->out;
	return 0;
}

static void one_save(const void *self, struct buf *json)
{
	buf_addf(json, "{\"at\":%llu}", (unsigned long long)((const struct one *)self)->written);
}

static int one_seek(void *self, struct val value, struct heap *h, struct err *e)
{
	struct one *o = self;

	(void)h;
	o->at = saved_number(value, "at", UINT64_MAX);
	if (o->at == UINT64_MAX)
		return err_set(e, FAIL_STATE, "no position");
	o->out = o->written = o->at;
	return 0;
}

static const struct feed_ops one_ops = {
	.flow = { .next = one_next, .wait = one_wait, .free = one_free },
	.name = one_name,
	.let_out = one_let_out,
	.written = one_written,
	.save = one_save,
	.seek = one_seek,
};

static struct feed one_new(void)
{
	return (struct feed){ &one_ops, alloc_zero(1, sizeof(struct one)) };
}

/* ---- opening, and what is said on stderr */

struct open {
	struct feed feed;
	struct one *one;
	struct positions *p; /* NULL: refused, as E says */
	struct err e;
	int out;
};

/* Positions in FILE, for output that is appended to OUT (NULL: a pipe). */
static struct open begin(const char *file, const char *out)
{
	struct open o = { .feed = one_new(), .out = -1 };
	struct positions_opts opts = { .tool = "tool", .path = file };
	int pipes[2];

	err_clear(&o.e);
	o.one = o.feed.self;
	if (out) {
		o.out = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);
	} else {
		assert_int_equal(pipe(pipes), 0);
		o.out = pipes[1];
		close(pipes[0]);
	}
	assert_true(o.out >= 0);
	opts.out = o.out;
	o.p = positions_open(&opts, o.feed, &o.e);
	return o;
}

static void leave(struct open *o)
{
	o->feed.ops->flow.free(o->feed.self);
	close(o->out);
}

/* An orderly end, or as it is where the process has to give up. */
static void end(struct open *o, bool in_order)
{
	assert_int_equal(positions_close(o->p, in_order, &o->e), 0);
	leave(o);
}

static void refused(const char *label, const char *file, const char *out, const char *want)
{
	struct open o = begin(file, out);

	if (o.p)
		fail_msg("%s: not refused", label);
	assert_slice(label, slice_from(o.e.text), slice_from(want));
	assert_int_equal(o.e.kind, FAIL_STATE);
	leave(&o);
}

static char *text_of(const char *file, size_t *n)
{
	static char text[4096];
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	*n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[*n] = '\0';
	return text;
}

static void has(const char *label, const char *file, const char *want)
{
	size_t n;
	char *text = text_of(file, &n);

	assert_slice(label, ((struct slice){ text, n }), slice_from(want));
}

static int stderr_was = -1;

static void catch_stderr(void)
{
	int fd = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	stderr_was = dup(2);
	dup2(fd, 2);
	close(fd);
}

static void said(const char *label, const char *want)
{
	dup2(stderr_was, 2);
	close(stderr_was);
	has(label, "err", want);
}

/* The lines of the log up to here have been let out, and written to the output. */
static void wrote(struct open *o, const char *text, uint64_t *bytes)
{
	feed_write(o->out, text, strlen(text));
	*bytes += strlen(text);
	one_let_out(o->one, 0, o->one->out + strlen(text));
	assert_int_equal(positions_written(o->p, *bytes, &o->e), 0);
	assert_true(positions_due(o->p, true));
}

/* ---- the file */

static void test_positions_open__makes_the_file(void **state)
{
	struct open o = begin("p", NULL);
	struct stat st;
	size_t n;
	char *text;

	(void)state;
	assert_non_null(o.p);
	text = text_of("p", &n);
	/* the checksum is XXH3 of what is before it, as python's xxhash has it */
	assert_slice("text", ((struct slice){ text, n }),
	             SLICE("{\"stail\":1,\"ended\":false,\"stdout\":null,\"feed\":{\"at\":0}"
	                   ",\"sum\":\"bf9ebc5e6b33fc36\"}\n"));
	assert_int_equal(stat("p", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	end(&o, true);
	assert_int_equal(access("p.lock", F_OK), -1);
	assert_int_equal(access("p.new", F_OK), -1);
}

static void test_positions_open__goes_on(void **state)
{
	struct open o = begin("p", NULL);
	uint64_t bytes = 0;

	(void)state;
	one_let_out(o.one, 0, 12);
	assert_int_equal(positions_written(o.p, bytes, &o.e), 0);
	one_let_out(o.one, 0, 20); /* and that was not written */
	end(&o, false);
	o = begin("p", NULL);
	assert_int_equal(o.one->at, 12);
	end(&o, true);
	feed_run("ln -s p link");
	o = begin("link", NULL);
	assert_int_equal(o.one->at, 12);
	end(&o, true);
	feed_run("test -L link && test -f p && ! test -L p");
}

/* Cut at any place, or changed in any byte, it is refused; and it stays as it is. */
static void test_positions_open__refuses_what_is_damaged(void **state)
{
	struct open o = begin("p", NULL);
	char text[4096], label[32];
	size_t n;

	(void)state;
	end(&o, true);
	memcpy(text, text_of("p", &n), sizeof text);
	for (size_t i = 0; i < 2 * n; i++) {
		size_t len = i < n ? i : n;

		if (i >= n)
			text[i - n] ^= 1;
		feed_file("p", "w", (struct slice){ text, len });
		o = begin("p", NULL);
		snprintf(label, sizeof label, "%s at %zu", i < n ? "cut" : "changed", i % n);
		assert_row(label, !o.p && o.e.kind == FAIL_STATE);
		assert_row(label, strncmp(o.e.text, "p ", 2) == 0 &&
		                          strstr(o.e.text, "remove it to begin anew"));
		leave(&o);
		assert_slice(label, ((struct slice){ text_of("p", &len), len }),
		             ((struct slice){ text, i < n ? i : n }));
		if (i >= n)
			text[i - n] ^= 1;
	}
}

static void test_positions_open__refuses_what_is_not_ours(void **state)
{
	static const struct {
		const char *make, *want;
	} rows[] = {
		{ "seq 9 >p", "p does not hold positions" },
		{ ": >p", "p is empty" },
		{ "mkdir p", "p is no regular file" },
		{ "mkfifo p", "p is no regular file" },
		{ "echo '{\"stail\":2,\"of\":[]}' >p", "p holds positions of version 2, not 1" },
		{ "echo '{\"stail\":1}' >p", "p is damaged: it is cut short" },
	};
	char want[200], command[80];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(command, sizeof command, "rm -rf p; %s", rows[i].make);
		feed_run(command);
		snprintf(want, sizeof want,
		         "%s; remove it to begin anew, or give another file for positions",
		         rows[i].want);
		refused(rows[i].make, "p", NULL, want);
		assert_int_equal(access("p.lock", F_OK), -1);
	}
}

static void test_positions_open__where_it_cannot_be(void **state)
{
	struct open o = begin("nowhere/p", NULL);

	(void)state;
	assert_null(o.p);
	assert_int_equal(o.e.kind, FAIL_OPEN);
	assert_string_equal(o.e.text, "cannot open nowhere/p.lock: No such file or directory");
	leave(&o);
}

/* ---- one run at a time */

static void test_positions_open__locks(void **state)
{
	int ready[2], status;
	char c;
	pid_t pid;
	struct open o;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		o = begin("p", "out");
		feed_write(ready[1], o.p ? "y" : "n", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	refused("the file", "p", NULL, "p is in use by another run: positions are one run's own");
	refused("the output", "q", "out",
	        "another run that keeps positions appends to stdout's file: give each its own, or "
	        "a pipe");
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	o = begin("p", "out");
	assert_non_null(o.p);
	end(&o, true);
}

/* ---- output behind the position */

#define ANOTHER                                                                                    \
	"tool: p: stdout is not the file that was appended to at the last save: it is not cut "    \
	"back, and lines may come twice\n"

/* "0" was there, "1" and "2" are kept; then an end, behind "3" if IN_ORDER, else before it. */
static void keep_two(bool in_order)
{
	uint64_t bytes = 0;
	struct open o;

	feed_run("rm -rf p out out2; echo 0 >out");
	o = begin("p", "out");
	assert_non_null(o.p);
	assert_false(positions_appends(o.p));
	wrote(&o, "1\n", &bytes);
	wrote(&o, "2\n", &bytes);
	assert_int_equal(positions_save(o.p, &o.e), 0);
	if (in_order)
		wrote(&o, "3\n", &bytes);
	end(&o, in_order);
	if (!in_order)
		feed_run("echo 3 >>out");
}

static void test_positions_open__cuts_output_back(void **state)
{
	static const struct {
		const char *label;
		bool in_order;
		const char *change, *out; /* what happens between the runs, where the next writes */
		const char *want;         /* that file then; NULL: refused */
		bool appends;
		const char *said;
	} rows[] = {
		{ "killed", false, ":", "out", "0\n1\n2\n", true, "" },
		{ "killed in a line", false, "printf 4 >>out", "out", "0\n1\n2\n", true, "" },
		{ "killed, nothing behind", false, "truncate -s 6 out", "out", "0\n1\n2\n", true,
		  "" },
		{ "killed, shorter", false, "truncate -s 5 out", "out", NULL, false, "" },
		{ "killed, emptied", false, ": >out", "out", NULL, false, "" },
		{ "killed, another file", false, "echo 9 >out2", "out2", "9\n", false, ANOTHER },
		{ "killed, renamed", false, "mv out out2", "out2", "0\n1\n2\n", true, "" },
		{ "killed, made anew", false, "mv out out2; echo 012345678 >out", "out",
		  "012345678\n", false, ANOTHER },
		{ "in order", true, ":", "out", "0\n1\n2\n3\n", true, "" },
		{ "in order, others appended", true, "echo 4 >>out", "out", "0\n1\n2\n3\n4\n", true,
		  "" },
		{ "in order, another file", true, "echo 9 >out2", "out2", "9\n", false, "" },
		{ "in order, emptied", true, ": >out", "out", "", false, "" },
		{ "in order, shorter", true, "truncate -s 7 out", "out", NULL, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *label = rows[i].label;
		struct open o;

		keep_two(rows[i].in_order);
		feed_run(rows[i].change);
		catch_stderr();
		o = begin("p", rows[i].out);
		said(label, rows[i].said);
		assert_row(label, !o.p == !rows[i].want);
		if (!o.p) {
			assert_row(label, o.e.kind == FAIL_STATE);
			assert_row(label, strstr(o.e.text, ": output was lost; "));
			leave(&o);
			continue;
		}
		has(label, rows[i].out, rows[i].want);
		assert_int_equal(o.one->at, rows[i].in_order ? 6 : 4);
		assert_row(label, positions_appends(o.p) == rows[i].appends);
		end(&o, true);
	}
}

/* Killed before the first save of a run that followed an orderly one. */
static void test_positions_open__an_orderly_end_counts_once(void **state)
{
	int status;
	pid_t pid;
	struct open o;

	(void)state;
	keep_two(true);
	pid = fork();
	if (pid == 0) {
		o = begin("p", "out");
		feed_write(o.out, "4\n", 2);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	has("before", "out", "0\n1\n2\n3\n4\n");
	o = begin("p", "out");
	has("after", "out", "0\n1\n2\n3\n");
	end(&o, true);
}

static void test_positions_written__others_append(void **state)
{
	uint64_t bytes = 0;
	struct open o = begin("p", "out");

	(void)state;
	catch_stderr();
	wrote(&o, "1\n", &bytes);
	feed_run("echo theirs >>out");
	wrote(&o, "2\n", &bytes);
	wrote(&o, "3\n", &bytes);
	assert_int_equal(positions_save(o.p, &o.e), 0);
	end(&o, false);
	said("once", "tool: p: others append to stdout's file too: it will not be cut back, and "
	             "lines may come twice after a crash\n");
	feed_run("echo theirs >>out");
	o = begin("p", "out");
	has("out", "out", "1\ntheirs\n2\n3\ntheirs\n");
	end(&o, true);
}

/* ---- when it is written */

static void test_positions_save__only_what_is_new(void **state)
{
	struct open o = begin("p", NULL);
	struct stat before, after;
	int64_t timeout = -1;

	(void)state;
	positions_wait(o.p, &timeout);
	assert_int_equal(timeout, -1);
	assert_int_equal(stat("p", &before), 0);
	assert_int_equal(positions_save(o.p, &o.e), 0);
	assert_int_equal(stat("p", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof after.st_mtim);
	assert_true(positions_due(o.p, true));
	positions_wait(o.p, &timeout);
	assert_int_equal(timeout, 0);
	timeout = -1;
	assert_int_equal(positions_save(o.p, &o.e), 0);
	positions_wait(o.p, &timeout);
	assert_int_equal(timeout, -1);
	end(&o, true);
}

static void test_positions_due__at_intervals(void **state)
{
	struct positions_opts opts = { "tool", "p", NS_PER_HOUR, STDOUT_FILENO };
	struct feed feed = one_new();
	int64_t timeout = -1;
	struct positions *p;
	struct err e;

	(void)state;
	err_clear(&e);
	p = positions_open(&opts, feed, &e);
	assert_non_null(p);
	assert_false(positions_due(p, true));
	positions_wait(p, &timeout);
	assert_true(timeout > NS_PER_HOUR - NS_PER_MIN && timeout <= NS_PER_HOUR);
	timeout = 5;
	positions_wait(p, &timeout);
	assert_int_equal(timeout, 5);
	assert_int_equal(positions_close(p, true, &e), 0);
	feed.ops->flow.free(feed.self);
}

/* The folder goes away and comes back. */
static void test_positions_save__where_it_cannot_be_written(void **state)
{
	uint64_t bytes = 0;
	struct open o;

	(void)state;
	feed_run("mkdir d");
	o = begin("d/p", "out");
	wrote(&o, "1\n", &bytes);
	assert_int_equal(positions_save(o.p, &o.e), 0);
	feed_run("mv d e");
	catch_stderr();
	for (int i = 0; i < 3; i++) {
		int64_t timeout = -1;

		wrote(&o, "2\n", &bytes);
		assert_int_equal(positions_save(o.p, &o.e), 0);
		positions_wait(o.p, &timeout);
		assert_int_equal(timeout, 0);
	}
	said("once", "tool: positions are not kept: cannot write d/p.new: No such file or "
	             "directory; it is tried again\n");
	feed_run("mv e d");
	catch_stderr();
	assert_int_equal(positions_save(o.p, &o.e), 0);
	said("again", "tool: d/p: positions are kept again\n");
	wrote(&o, "3\n", &bytes);
	feed_run("mv d e");
	assert_int_equal(positions_close(o.p, true, &o.e), -1);
	assert_int_equal(o.e.kind, FAIL_IO);
	assert_string_equal(o.e.text, "the last positions are not kept: cannot write d/p.new: No "
	                              "such file or directory");
	leave(&o);
	o = begin("e/p", "out");
	assert_non_null(o.p);
	assert_int_equal(o.one->at, 8);
	has("cut back to what was kept", "out", "1\n2\n2\n2\n");
	end(&o, true);
}

/* ---- a tool that is killed */

struct tool {
	struct positions *p;
	struct writer out;
	int steps;      /* that it has left to live */
	int boundaries; /* every other one is due for a save */
};

static void step(struct tool *t)
{
	if (t->steps-- == 0)
		raise(SIGKILL);
}

static bool boundary(void *context, bool lines, int64_t *timeout)
{
	struct tool *t = context;
	bool due = positions_due(t->p, lines) && t->boundaries++ % 2;
	struct err e;

	err_clear(&e);
	step(t);
	if (due)
		assert_int_equal(writer_flush(&t->out, &e), 0);
	step(t);
	if (!writer_pending(&t->out))
		assert_int_equal(positions_written(t->p, t->out.bytes, &e), 0);
	step(t);
	if (due)
		assert_int_equal(positions_save(t->p, &e), 0);
	step(t);
	positions_wait(t->p, timeout);
	return true;
}

/* Copy the log to OUT; dies after so many steps. The exit status. */
static int copy(int steps, bool each)
{
	struct open o = begin("p", "out");
	struct tool t = { .p = o.p, .steps = steps };
	struct intake_opts opts = { .boundary = boundary, .context = &t };
	struct lines in = intake_new(feed_flow(o.feed), o.feed, &opts);
	struct slice lines;

	if (!o.p)
		return 1;
	writer_init(&t.out, o.out, "out", each);
	while (in.ops->next(in.self, false, -1, &lines, &o.e) == GOT_LINES) {
		buf_add_slice(writer_buf(&t.out), lines);
		if (writer_check(&t.out, &o.e) < 0)
			return 2;
		step(&t);
	}
	if (writer_flush(&t.out, &o.e) < 0 || positions_written(o.p, t.out.bytes, &o.e) < 0)
		return 3;
	step(&t);
	if (positions_close(o.p, true, &o.e) < 0)
		return 4;
	in.ops->free(in.self);
	writer_free(&t.out);
	close(o.out);
	return 0;
}

/* A child copies, and lives for so many steps. Was it killed? */
static bool copy_killed(int steps, bool each)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(copy(steps, each));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

/* Killed at each of its steps, and again and again until it gets through; the log grows. */
static void test_positions__each_line_once(void **state)
{
	(void)state;
	for (int life = 0; life < 40; life += 3) {
		bool each = life % 2;
		int killed = 0;

		feed_run("rm -f p p.lock out; seq 6 >log");
		while (copy_killed(life + killed, each))
			killed++;
		feed_run("seq 7 12 >>log");
		while (copy_killed(life + killed, each))
			killed++;
		assert_true(killed > 0 || life > 32);
		if (system("seq 12 | cmp -s - out") != 0)
			fail_msg("life %d: not each line once", life);
	}
}

/* ---- which feeds can */

static void test_feed_saves__of_a_mux_all(void **state)
{
	static const struct feed_ops none = { .flow = { .free = one_free } };
	struct mux_part part[2] = { { one_new(), "a" }, { one_new(), "b" } };
	struct feed m;

	(void)state;
	assert_true(feed_saves(part[0].feed));
	m = mux_new(part, 2, false);
	assert_true(feed_saves(m));
	m.ops->flow.free(m.self);
	part[0].feed = one_new();
	part[1].feed = (struct feed){ &none, alloc_zero(1, sizeof(struct one)) };
	assert_false(feed_saves(part[1].feed));
	m = mux_new(part, 2, false);
	assert_false(feed_saves(m));
	m.ops->flow.free(m.self);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_positions_open__makes_the_file),
		TEST(test_positions_open__goes_on),
		TEST(test_positions_open__refuses_what_is_damaged),
		TEST(test_positions_open__refuses_what_is_not_ours),
		TEST(test_positions_open__where_it_cannot_be),
		TEST(test_positions_open__locks),
		TEST(test_positions_open__cuts_output_back),
		TEST(test_positions_open__an_orderly_end_counts_once),
		TEST(test_positions_written__others_append),
		TEST(test_positions_save__only_what_is_new),
		TEST(test_positions_due__at_intervals),
		TEST(test_positions_save__where_it_cannot_be_written),
		TEST(test_positions__each_line_once),
		TEST(test_feed_saves__of_a_mux_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
