#include "rotated.h"

#include "base/alloc.h"
#include "base/duration.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define NUMBER_MAX 4 /* digits of a number that counts rotations; longer ones are dates */
/* Listings of a folder whose files are being renamed meanwhile: some at once, the others by and by
 */
#define TRIES_AT_ONCE 5
#define TRIES         50

/* ---- names */

static bool ends_with(const char *name, size_t n, const char *ending)
{
	size_t len = strlen(ending);

	return n > len && memcmp(name + n - len, ending, len) == 0;
}

/* The name without what says how it is compressed. */
static size_t unpacked_len(const char *name, size_t n)
{
	static const char *const ending[] = { ".gz", ".zst", ".gzip", ".zstd" };

	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (ends_with(name, n, ending[i]))
			return n - strlen(ending[i]);
	return n;
}

/* Does the name say that it is compressed in a way that is not read here? */
static bool is_unreadable(const char *name)
{
	static const char *const ending[] = { ".xz", ".bz2", ".lz4", ".lzma", ".lzo",
		                              ".lz", ".br",  ".Z",   ".zip",  ".7z" };

	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (ends_with(name, strlen(name), ending[i]))
			return true;
	return false;
}

/* Is that what a rotation adds, with the sign before it? */
static bool is_suffix(const char *p, size_t n)
{
	bool digit = false;

	if (n < 2 || !strchr(".-_", *p))
		return false;
	if (n == 4 && memcmp(p + 1, "old", 3) == 0)
		return true;
	for (size_t i = 1; i < n; i++) {
		digit = digit || isdigit((unsigned char)p[i]);
		if (!isalnum((unsigned char)p[i]) && !strchr(".-_:+", p[i]))
			return false;
	}
	return digit;
}

/* Where in OTHER (N bytes) the part is that a rotation of NAME added, and its length; 0 if it is
 * none. */
static size_t suffix_of(const char *name, const char *other, size_t n, const char **at)
{
	const char *dot = strrchr(name, '.');
	size_t len = strlen(name), stem = dot && dot > name ? (size_t)(dot - name) : len;
	size_t end = len - stem;

	if (n > len && memcmp(other, name, len) == 0 && is_suffix(other + len, n - len)) {
		*at = other + len;
		return n - len;
	}
	if (end && n > len && memcmp(other, name, stem) == 0 &&
	    memcmp(other + n - end, dot, end) == 0 && is_suffix(other + stem, n - end - stem)) {
		*at = other + stem;
		return n - end - stem;
	}
	return 0;
}

bool rotated_is(const char *name, const char *other)
{
	const char *at;

	return suffix_of(name, other, unpacked_len(other, strlen(other)), &at) > 0;
}

/* Do the names agree but for their digits? */
static bool same_shape(const char *a, const char *b, size_t bn)
{
	const char *end = b + bn;

	while (*a && b < end) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			while (isdigit((unsigned char)*a))
				a++;
			while (b < end && isdigit((unsigned char)*b))
				b++;
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return !*a && b == end;
}

static bool has_digit(const char *name)
{
	return name[strcspn(name, "0123456789")] != '\0';
}

/* ---- the folder */

static void clear(struct rotations *r)
{
	while (r->n) {
		free(r->at[--r->n].path);
		free(r->at[r->n].suffix);
	}
}

void rotations_free(struct rotations *r)
{
	clear(r);
	free(r->at);
	*r = (struct rotations){ 0 };
}

/* What the part that was added says of its order. */
static void read_suffix(struct rotation *f, const char *p, size_t n)
{
	size_t digits = 1;

	while (digits < n && isdigit((unsigned char)p[digits]))
		digits++;
	f->numbered = n > 1 && *p == '.' && digits == n && n - 1 <= NUMBER_MAX;
	f->suffix = alloc_copy(p, n);
}

static int64_t instant(const struct statx_timestamp *t)
{
	return t->tv_sec * NS_PER_SEC + t->tv_nsec;
}

static void add(struct rotations *r, int dir, const char *folder, const char *name,
                const char *suffix, size_t n)
{
	struct rotation *f;
	struct statx st;

	if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &st) < 0 ||
	    !S_ISREG(st.stx_mode))
		return;
	r->at = alloc_grow(r->at, &r->cap, r->n + 1, sizeof *r->at);
	f = &r->at[r->n++];
	*f = (struct rotation){ .dev = makedev(st.stx_dev_major, st.stx_dev_minor),
		                .ino = st.stx_ino,
		                .mtime = instant(&st.stx_mtime) };
	if (st.stx_mask & STATX_BTIME)
		f->born = instant(&st.stx_btime);
	f->path = alloc_array(strlen(folder) + strlen(name) + 2, 1);
	stpcpy(stpcpy(stpcpy(f->path, folder), "/"), name);
	read_suffix(f, suffix, n);
	f->packed = unpacked_len(name, strlen(name)) < strlen(name);
}

/* Rotations of NAME in FOLDER; LINKED: and those that have its shape. */
static void list(struct rotations *r, const char *folder, const char *name, bool linked)
{
	DIR *d = opendir(*folder ? folder : "/");
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const char *other = entry->d_name, *at = other;
		size_t n = unpacked_len(other, strlen(other));
		size_t found = suffix_of(name, other, n, &at);

		if (!found && linked && has_digit(name) && same_shape(name, other, n))
			found = n;
		if (found && !is_unreadable(other))
			add(r, dirfd(d), folder, other, at, found);
	}
	if (d)
		closedir(d);
}

static void list_path(struct rotations *r, const char *path, bool linked)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? alloc_copy(path, (size_t)(slash - path)) : alloc_copy(".", 1);

	list(r, folder, slash ? slash + 1 : path, linked);
	free(folder);
}

/* By numbers and dates in names, as far as they say it, else by when they were written. */
static int compare(const void *a, const void *b)
{
	const struct rotation *x = a, *y = b;
	int by_name = x->numbered && y->numbered ? strverscmp(x->suffix, y->suffix) : 0;

	if (!by_name && !x->numbered && !y->numbered &&
	    same_shape(x->suffix, y->suffix, strlen(y->suffix)))
		by_name = strverscmp(x->suffix, y->suffix);
	return by_name ? by_name : (x->mtime > y->mtime) - (x->mtime < y->mtime);
}

/*
 * Numbers: mostly the newest file is .1 and the others are renamed; some count up. What the times
 * of two files say of it decides, by the majority of pairs.
 */
static bool counts_up(const struct rotations *r)
{
	long up = 0;

	for (size_t i = 0; i + 1 < r->n; i++) {
		const struct rotation *x = &r->at[i], *y = &r->at[i + 1];

		if (x->numbered && y->numbered)
			up += (x->mtime < y->mtime) - (x->mtime > y->mtime);
	}
	return up > 0;
}

static void turn_round(struct rotation *at, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct rotation x = at[i];

		at[i] = at[n - 1 - i];
		at[n - 1 - i] = x;
	}
}

static int compare_mtime(const void *a, const void *b)
{
	const struct rotation *x = a, *y = b;

	return x->mtime != y->mtime ? (x->mtime > y->mtime) - (x->mtime < y->mtime) : compare(a, b);
}

/* From old to new. */
static void sort(struct rotations *r)
{
	size_t first = 0, end, numbered = 0;

	for (size_t i = 0; i < r->n; i++)
		numbered += r->at[i].numbered;
	/* names of two kinds tell nothing of one another */
	if (numbered && numbered < r->n) {
		qsort(r->at, r->n, sizeof *r->at, compare_mtime);
		return;
	}

	if (r->n)
		qsort(r->at, r->n, sizeof *r->at, compare);
	if (counts_up(r))
		return;
	while (first < r->n && !r->at[first].numbered)
		first++;
	end = first;
	while (end < r->n && r->at[end].numbered)
		end++;
	turn_round(r->at + first, end - first);
}

/* A file comes before what it is being compressed to. */
static void plain_first(struct rotations *r)
{
	for (size_t i = 0; i + 1 < r->n; i++) {
		struct rotation x = r->at[i];

		if (!x.packed || r->at[i + 1].packed || strcmp(x.suffix, r->at[i + 1].suffix) != 0)
			continue;
		r->at[i] = r->at[i + 1];
		r->at[i + 1] = x;
	}
}

static bool equal(const struct rotations *a, const struct rotations *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->at[i].ino != b->at[i].ino || strcmp(a->at[i].path, b->at[i].path) != 0)
			return false;
	return true;
}

static void find_once(struct rotations *r, const char *path)
{
	char *target = realpath(path, NULL);
	struct stat st;

	clear(r);
	list_path(r, path, false);
	if (target && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		list_path(r, target, true);
	free(target);
	sort(r);
	plain_first(r);
}

void rotations_find(struct rotations *r, const char *path)
{
	const struct timespec pause = { .tv_nsec = NS_PER_MS };
	struct rotations before = { 0 }, now;

	find_once(r, path);
	/*
	 * A listing is no snapshot: files may be renamed meanwhile, each of them when one is added,
	 * which takes some ms where they are many.
	 */
	for (int i = 0; i < TRIES && !equal(&before, r); i++) {
		if (i >= TRIES_AT_ONCE)
			nanosleep(&pause, NULL);
		now = before;
		before = *r;
		*r = now;
		find_once(r, path);
	}
	rotations_free(&before);
}
