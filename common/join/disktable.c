#include "disktable.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "io/scratch.h"
#include "keysort.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX  ((size_t)511)      /* LMDB's own limit */
#define TXN_SIZE ((size_t)4 << 20)  /* bytes that a transaction writes, about */
#define AHEAD    ((size_t)2 << 20)  /* bytes read together where rows are read in order */
#define MAP_MIN  ((size_t)16 << 20) /* bytes of addresses */

/* What stands before a row's members, its key and its text. */
struct stored {
	uint64_t line;
	uint32_t members;
	uint32_t key; /* bytes; 0 unless keys are to be unique */
};

/* A row's key in its form in the file. */
struct numbered {
	struct slice key;
	size_t number;
};

struct disktable {
	struct disktable_opts opts;
	const char *dir;
	MDB_env *env;
	MDB_dbi rows; /* by number, from 1 */
	MDB_dbi keys; /* numbers of rows, by what file_key() makes of a key */
	size_t map_size;
	size_t n; /* rows written */
	uint64_t gone;
	struct keysort *sort;
	size_t twice[2]; /* rows of one key, or 0 */
	/* a transaction that writes; NULL: none is begun */
	MDB_txn *writer;
	size_t written; /* bytes */
	/* the one that reads */
	MDB_txn *reader;
	MDB_cursor *by_key, *by_number;
	uintptr_t ahead; /* where look_ahead() last began */
	struct row row;  /* found */
	struct row_member *member;
	size_t member_cap;
	unsigned char *mark; /* a bit for each row, in a file of their own; or NULL */
	size_t mark_size;    /* bytes */
};

/* ---- errors */

/* Of a write that was cut short LMDB only knows that it was: what another one says. */
static int reason(struct disktable *t, int rc)
{
	static const char page[4096];
	struct stat s;
	int fd;

	if (rc != EIO || mdb_env_get_fd(t->env, &fd) || fstat(fd, &s) < 0)
		return rc;
	return pwrite(fd, page, sizeof page, s.st_size) < 0 ? errno : rc;
}

static int failed(struct disktable *t, int rc, struct err *e)
{
	return err_set(e, FAIL_STATE, "cannot keep the table in %s: %s", t->dir,
	               mdb_strerror(reason(t, rc)));
}

/* ---- the file */

static int open_databases(struct disktable *t, MDB_txn *txn)
{
	int rc = mdb_dbi_open(txn, "rows", MDB_CREATE | MDB_INTEGERKEY, &t->rows);

	return rc ? rc
	          : mdb_dbi_open(txn, "keys",
	                         MDB_CREATE | MDB_DUPSORT | MDB_DUPFIXED | MDB_INTEGERDUP,
	                         &t->keys);
}

static int open_file(struct disktable *t, const char *name)
{
	/* the process is alone with the file, and rows are looked up in no order */
	const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NORDAHEAD;
	MDB_txn *txn;
	int rc;

	if ((rc = mdb_env_create(&t->env)) || (rc = mdb_env_set_maxdbs(t->env, 2)) ||
	    (rc = mdb_env_set_mapsize(t->env, t->map_size)) ||
	    (rc = mdb_env_open(t->env, name, flags, 0600)) ||
	    (rc = mdb_txn_begin(t->env, NULL, 0, &txn)))
		return rc;
	if ((rc = open_databases(t, txn)) == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

struct disktable *disktable_new(const char *dir, const struct disktable_opts *opts, struct err *e)
{
	char *name = scratch_name(dir, e);
	struct disktable *t;
	int rc;

	if (!name)
		return NULL;
	t = alloc_zero(1, sizeof *t);
	t->opts = *opts;
	t->dir = dir;
	t->map_size = MAP_MIN;
	t->sort = keysort_new(dir);
	rc = open_file(t, name);
	unlink(name);
	free(name);
	if (rc == 0)
		return t;
	failed(t, rc, e);
	disktable_free(t);
	return NULL;
}

/* Begin to write, unless it was begun: SIZE bytes at least, and what fits into a transaction. */
static int begin(struct disktable *t, size_t size)
{
	/* a row that does not share pages leaves half of its last one, a branch has less */
	size_t room = 2 * (TXN_SIZE + size) + ((size_t)1 << 20);
	MDB_envinfo info;
	MDB_stat stat;
	int rc;

	if (t->writer)
		return 0;
	if ((rc = mdb_env_info(t->env, &info)) || (rc = mdb_env_stat(t->env, &stat)))
		return rc;
	room += (info.me_last_pgno + 1) * stat.ms_psize;
	if (room > t->map_size) {
		t->map_size = room > 2 * t->map_size ? room : 2 * t->map_size;
		if ((rc = mdb_env_set_mapsize(t->env, t->map_size)))
			return rc;
	}
	t->written = 0;
	return mdb_txn_begin(t->env, NULL, 0, &t->writer);
}

static int commit(struct disktable *t)
{
	MDB_txn *txn = t->writer;

	t->writer = NULL;
	return txn ? mdb_txn_commit(txn) : 0;
}

/* SIZE bytes are about to be written. */
static int begin_or_go_on(struct disktable *t, size_t size)
{
	int rc = t->written + size > TXN_SIZE ? commit(t) : 0;

	if (rc == 0)
		rc = begin(t, size);
	t->written += size;
	return rc;
}

/* ---- rows */

static bool is_long(struct slice key)
{
	return key.n >= KEY_MAX;
}

/*
 * A key's form in the file, in TO: itself, or of a long one its beginning, by which such keys are
 * in order still, and its SHA-256, by which they are told apart.
 */
static struct slice file_key(struct slice key, char to[KEY_MAX])
{
	size_t n = is_long(key) ? KEY_MAX - SHA256_HEX : key.n;
	char hex[SHA256_HEX];

	to[0] = is_long(key) ? 'l' : 's';
	if (n)
		memcpy(to + 1, key.p, n);
	if (is_long(key)) {
		memcpy(to + 1 + n, digest_sha256(key, hex), SHA256_HEX - 1);
		n += SHA256_HEX - 1;
	}
	return (struct slice){ to, n + 1 };
}

static char *put(char *to, const void *p, size_t n)
{
	if (n)
		memcpy(to, p, n);
	return to + n;
}

int disktable_add(struct disktable *t, const struct row *row, struct slice key, struct err *e)
{
	size_t number = t->n + 1;
	size_t members = row->members * sizeof *row->member;
	struct stored head = { row->line, row->members, t->opts.unique ? (uint32_t)key.n : 0 };
	MDB_val k = { sizeof number, &number };
	MDB_val v = { sizeof head + members + head.key + row->json.n, NULL };
	char *to, room[KEY_MAX];
	int rc;

	if ((rc = begin_or_go_on(t, v.mv_size + 32)) ||
	    (rc = mdb_put(t->writer, t->rows, &k, &v, MDB_APPEND | MDB_RESERVE)))
		return failed(t, rc, e);
	to = put(v.mv_data, &head, sizeof head);
	to = put(to, row->member, members);
	to = put(to, key.p, head.key);
	put(to, row->json.p, row->json.n);
	t->n = number;
	return key.p ? keysort_add(t->sort, file_key(key, room), number, e) : 0;
}

uint64_t disktable_rows(const struct disktable *t)
{
	return t->n - t->gone;
}

/* ---- marks */

/* None is set. */
static int make_marks(struct disktable *t, struct err *e)
{
	static const char zeros[64 << 10];
	int fd = scratch_open(t->dir, e);
	ssize_t wrote = 1;

	if (fd < 0)
		return -1;
	/* written, so that there is room when they are set */
	while (t->mark_size <= t->n / 8 && (wrote = write(fd, zeros, sizeof zeros)) > 0)
		t->mark_size += (size_t)wrote;
	if (wrote > 0)
		t->mark = mmap(NULL, t->mark_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (wrote <= 0 || t->mark == MAP_FAILED) {
		err_set(e, FAIL_STATE, "cannot keep the table in %s:", t->dir);
		t->mark = NULL;
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

static void set_mark(struct disktable *t, size_t number)
{
	if (t->mark)
		t->mark[number / 8] |= (unsigned char)(1 << number % 8);
}

static bool has_mark(const struct disktable *t, size_t number)
{
	return t->mark && t->mark[number / 8] >> number % 8 & 1;
}

/* ---- keys */

/* AGAIN: it is the key that was put before. */
static int put_key(struct disktable *t, const struct numbered *x, bool again)
{
	/* beside both a node's head and place, twice for the page that many of a key begin */
	int rc = begin_or_go_on(t, x->key.n + 64);
	size_t number = x->number;
	MDB_val k = { x->key.n, (void *)(uintptr_t)x->key.p };
	MDB_val v = { sizeof number, &number };

	return rc ? rc : mdb_put(t->writer, t->keys, &k, &v, again ? MDB_APPENDDUP : MDB_APPEND);
}

/* Two rows of a key, the first two that there are: are they the first in the table? */
static void note_twice(struct disktable *t, size_t first, size_t second)
{
	if (t->twice[1] && t->twice[1] < second)
		return;
	t->twice[0] = first;
	t->twice[1] = second;
}

static int put_keys(struct disktable *t)
{
	struct numbered x, next;
	bool again = false, same, more = keysort_next(t->sort, &x.key, &x.number);
	int rc = 0;

	for (; more && rc == 0; x = next, again = same) {
		more = keysort_next(t->sort, &next.key, &next.number);
		same = more && slice_same(x.key, next.key);
		if (same && !again)
			note_twice(t, x.number, next.number);
		if ((t->opts.matches == MATCHES_FIRST && again) ||
		    (t->opts.matches == MATCHES_LAST && same)) {
			t->gone++;
			set_mark(t, x.number);
		} else {
			rc = put_key(t, &x, again && t->opts.matches == MATCHES_ALL);
		}
	}
	return rc ? rc : commit(t);
}

static int start_reading(struct disktable *t)
{
	int rc = mdb_txn_begin(t->env, NULL, MDB_RDONLY, &t->reader);

	if (rc == 0)
		rc = mdb_cursor_open(t->reader, t->keys, &t->by_key);
	return rc ? rc : mdb_cursor_open(t->reader, t->rows, &t->by_number);
}

int disktable_loaded(struct disktable *t, struct err *e)
{
	int rc;

	if (keysort_added(t->sort, e) < 0 || (t->opts.marks && make_marks(t, e) < 0))
		return -1;
	if ((rc = put_keys(t)) || (rc = start_reading(t)))
		return failed(t, rc, e);
	keysort_free(t->sort);
	t->sort = NULL;
	return 0;
}

/* ---- finding */

/* The row that is stored as V. */
static struct row *unpack(struct disktable *t, MDB_val v)
{
	struct row *row = &t->row;
	const char *p = v.mv_data;
	struct stored head;
	size_t n;

	memcpy(&head, p, sizeof head);
	n = head.members * sizeof *t->member;
	t->member =
		alloc_grow(t->member, &t->member_cap, head.members + (size_t)1, sizeof *t->member);
	put((char *)t->member, p + sizeof head, n);
	n += sizeof head + head.key;
	*row = (struct row){ .json = { p + n, v.mv_size - n },
		             .line = head.line,
		             .members = head.members,
		             .member = t->member };
	row->object = row->json.p[0] == '{';
	return row;
}

static int get(struct disktable *t, size_t number, MDB_val *v, struct err *e)
{
	MDB_val k = { sizeof number, &number };
	int rc = mdb_get(t->reader, t->rows, &k, v);

	return rc ? failed(t, rc, e) : 0;
}

/* The row whose number the cursor is at, or OP brings it to. */
static int find(struct disktable *t, MDB_val *k, MDB_cursor_op op, struct row **row, struct err *e)
{
	MDB_val v;
	int rc = mdb_cursor_get(t->by_key, k, &v, op);
	size_t number;

	*row = NULL;
	if (rc)
		return rc == MDB_NOTFOUND ? 0 : failed(t, rc, e);
	memcpy(&number, v.mv_data, sizeof number);
	if (get(t, number, &v, e) < 0)
		return -1;
	set_mark(t, number);
	*row = unpack(t, v);
	return 0;
}

int disktable_find(struct disktable *t, struct slice key, struct row **row, struct err *e)
{
	char room[KEY_MAX];
	struct slice s = file_key(key, room);
	MDB_val k = { s.n, room };

	return find(t, &k, MDB_SET_KEY, row, e);
}

int disktable_next(struct disktable *t, struct row **row, struct err *e)
{
	MDB_val k;

	return find(t, &k, MDB_NEXT_DUP, row, e);
}

/* Rows lie one behind the other, mostly: have those behind P read, which is the caller's next. */
static void look_ahead(struct disktable *t, const void *p)
{
	uintptr_t at = (uintptr_t)p;

	if (at - t->ahead < AHEAD / 2)
		return;
	t->ahead = at;
	at &= ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);
	madvise((void *)at, AHEAD, MADV_WILLNEED);
}

int disktable_rest(struct disktable *t, struct row **row, struct err *e)
{
	MDB_cursor_op op = *row ? MDB_NEXT : MDB_FIRST;
	MDB_val k, v;
	size_t number;
	int rc;

	do {
		rc = mdb_cursor_get(t->by_number, &k, &v, op);
		if (rc) {
			*row = NULL;
			return rc == MDB_NOTFOUND ? 0 : failed(t, rc, e);
		}
		memcpy(&number, k.mv_data, sizeof number);
		op = MDB_NEXT;
		look_ahead(t, v.mv_data);
	} while (has_mark(t, number));
	*row = unpack(t, v);
	return 0;
}

int disktable_twice(struct disktable *t, struct slice *key, uint64_t lines[2], struct err *e)
{
	struct stored head;
	MDB_val v;

	if (!t->twice[0])
		return 0;
	for (int i = 0; i < 2; i++) {
		if (get(t, t->twice[i], &v, e) < 0)
			return -1;
		memcpy(&head, v.mv_data, sizeof head);
		lines[i] = head.line;
	}
	*key = (struct slice){ (const char *)v.mv_data + sizeof head +
		                       head.members * sizeof(struct row_member),
		               head.key };
	return 1;
}

void disktable_free(struct disktable *t)
{
	if (!t)
		return;
	if (t->writer)
		mdb_txn_abort(t->writer);
	if (t->by_key)
		mdb_cursor_close(t->by_key);
	if (t->by_number)
		mdb_cursor_close(t->by_number);
	if (t->reader)
		mdb_txn_abort(t->reader);
	mdb_env_close(t->env);
	keysort_free(t->sort);
	if (t->mark)
		munmap(t->mark, t->mark_size);
	free(t->member);
	free(t);
}
