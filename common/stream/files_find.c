#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "files_in.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void say(const struct files *s, const char *name, const char *what)
{
	if (!s->opts.feed.quiet)
		fprintf(stderr, "%s: %s %s\n", s->opts.feed.tool, name, what);
}

/*
 * The clock that files get their times from. Those of this tick may bear it too: they are taken for
 * news, lest lines be lost.
 */
static int64_t kernel_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec * NS_PER_SEC + now.tv_nsec - 1;
}

/* ---- logs */

static struct log *log_of(const struct files *s, const char *name, size_t n)
{
	return (struct log *)(void *)map_find(&s->logs, (struct slice){ name, n },
	                                      hash_bytes(name, n));
}

static size_t free_part(struct files *s)
{
	for (size_t i = 0; i < s->parts; i++)
		if (!s->log[i])
			return i;
	s->log = alloc_grow(s->log, &s->parts_cap, s->parts + 1, sizeof(struct log *));
	s->log[s->parts] = NULL;
	return s->parts++;
}

/* Where it is a symbolic link, the folder it leads to is watched too. */
static void watch_target(struct files *s, struct log *l)
{
	char *target = NULL;
	struct stat st;

	if (lstat(l->name, &st) == 0 && S_ISLNK(st.st_mode))
		target = realpath(l->name, NULL);
	if (target && l->target && strcmp(target, l->target) == 0) {
		free(target);
		return;
	}
	if (l->target)
		dirs_remove(s->dirs, l->target, l);
	free(l->target);
	l->target = target;
	if (target)
		l->told = dirs_add(s->dirs, target, l) && l->told;
}

struct log *files_log(struct files *s, const char *name, bool matched)
{
	size_t n = strlen(name);
	struct log *l = log_of(s, name, n);

	if (l)
		return l;
	l = alloc_zero(1, sizeof *l);
	l->name = alloc_copy(name, n);
	l->item = (struct map_item){ hash_bytes(name, n), l->name, (uint32_t)n };
	map_add(&s->logs, &l->item);
	l->part = free_part(s);
	s->log[l->part] = l;
	l->matched = matched;
	l->mtime = kernel_now();
	l->told = dirs_add(s->dirs, l->name, l);
	watch_target(s, l);
	s->untold = s->untold || !l->told;
	files_debug(s, name,
	            l->told ? "the kernel tells of changes in its folder (inotify)"
	                    : "it is looked at every %g s",
	            (double)s->opts.interval / 1e9);
	return l;
}

void files_drop_log(struct files *s, struct log *l)
{
	dirs_remove(s->dirs, l->name, l);
	if (l->target)
		dirs_remove(s->dirs, l->target, l);
	s->strays -= l->straying;
	map_remove(&s->logs, &l->item);
	s->log[l->part] = NULL;
	free(l->target);
	free(l->done);
	free(l->name);
	free(l);
}

void files_restray(struct files *s, struct log *l)
{
	bool now = l->gone;

	for (const struct file *f = l->oldest; f && f->newer; f = f->newer)
		now = now || !f->over;
	now = now && l->oldest;
	if (now != l->straying)
		s->strays = now ? s->strays + 1 : s->strays - 1;
	l->straying = now;
}

/* ---- opening */

uint64_t files_lines_before(const struct file *f, uint64_t at)
{
	char p[65536];
	uint64_t lines = 0, done = 0;
	ssize_t n;

	while (done < at &&
	       (n = pread(f->content.fd, p, at - done < sizeof p ? (size_t)(at - done) : sizeof p,
	                  (off_t)done)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			lines += p[i] == '\n';
		done += (uint64_t)n;
	}
	return lines;
}

/* Where to begin in a file that was there at first. -1 with *e set. */
static int64_t begin_of(const struct files *s, const struct file *f, struct err *e)
{
	int64_t at;

	if (f->content.packed)
		return 0;
	if (s->opts.begin)
		return s->opts.begin(s->opts.context, f->content.fd, f->path, e);
	at = start_offset(f->content.fd, &s->opts.start);
	if (at < 0)
		return err_set(e, FAIL_IO, "cannot read %s:", f->path);
	return at;
}

/* How far a file was read that lost the name before, and has it again; 0: it is another one. */
static uint64_t read_before(const struct log *l, const struct seen *seen, struct content *c)
{
	for (size_t i = 0; seen->born && i < l->done_cap && i < l->dones; i++) {
		const struct done *d = &l->done[i];

		if (d->id.dev == seen->id.dev && d->id.ino == seen->id.ino &&
		    d->born == seen->born && print_fits(&d->print, d->at, c))
			return d->at;
	}
	return 0;
}

/* A file that has L's name is read already. */
static int is_read(struct files *s, struct log *l, struct file *f)
{
	if (f->log != l)
		files_debug(s, l->name, "it is followed as %s", f->log->name);
	else
		f->replaced = false; /* it has its name again */
	return 0;
}

static int adopt(struct files *s, struct log *l, struct content *c, const struct seen *seen,
                 bool first, struct err *e)
{
	struct file *f = files_add(s, l, l->newest, l->name, seen);
	int64_t at;

	f->content = *c;
	files_held(s, f);
	at = first ? begin_of(s, f, e) : (int64_t)read_before(l, seen, &f->content);
	if (at < 0) {
		files_discard(s, f);
		return -1;
	}
	files_begin_at(f, (uint64_t)at,
	               s->opts.numbered && at ? files_lines_before(f, (uint64_t)at) : 0);
	l->gone = l->refused = false;
	files_debug(s, l->name, "device %lu inode %lu, from byte %lld%s", (unsigned long)f->id.dev,
	            (unsigned long)f->id.ino, (long long)at,
	            f->content.packed ? ", compressed" : "");
	files_queue(s, f);
	return 1;
}

/* Is that what is written? Then reading it would never end. */
static bool is_output(const char *name)
{
	struct stat out, st;

	return fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode) && stat(name, &st) == 0 &&
	       out.st_dev == st.st_dev && out.st_ino == st.st_ino;
}

int files_open_newest(struct files *s, struct log *l, bool first, struct err *e)
{
	struct content c;
	struct stat st;
	struct seen seen;
	struct file *known;

	if (content_open(&c, l->name, &st, e) < 0)
		return -1;
	if (is_output(l->name)) {
		content_close(&c);
		return err_set(e, FAIL_OPEN, "cannot read %s: it is the output file too", l->name);
	}
	seen = files_see(c.fd);
	known = files_by_id(s, &seen);
	if (known) {
		content_close(&c);
		return is_read(s, l, known);
	}
	return adopt(s, l, &c, &seen, first, e);
}

/* ---- names */

/* A name that is no file's any more, and will be no more: forget it when its file is read. */
static void maybe_leave(struct files *s, struct log *l)
{
	l->leaving = l->matched;
	if (l->leaving && !l->oldest)
		files_drop_log(s, l);
}

static void name_gone(struct files *s, struct log *l)
{
	bool before = l->gone;

	l->gone = true;
	if (!before && !l->matched && !l->refused && s->opts.by_name)
		say(s, l->name, "is gone; it is waited for");
	if (l->newest)
		files_queue(s, l->newest);
	/* that its folder goes too is not told while the file is open */
	s->untold = s->untold || l->oldest;
	files_restray(s, l);
	if (!l->oldest)
		maybe_leave(s, l);
}

static void same_file(struct files *s, struct log *l, struct file *f, const struct stat *st)
{
	if (l->gone) {
		l->gone = l->leaving = false;
		files_restray(s, l);
	}
	if (strcmp(f->path, l->name) != 0)
		files_moved(f, l->name);
	if (f->content.packed || (uint64_t)st->st_size != f->at ||
	    st->st_mtim.tv_sec * NS_PER_SEC + st->st_mtim.tv_nsec != f->mtime)
		files_queue(s, f);
}

/* A file that cannot be opened is said once. */
static void refuse(struct files *s, struct log *l, const struct err *why)
{
	if (!l->refused && !s->opts.feed.quiet)
		fprintf(stderr, "%s: %s\n", s->opts.feed.tool, why->text);
	l->refused = true;
}

static void new_file(struct files *s, struct log *l)
{
	struct file *before = l->newest && !l->newest->over ? l->newest : NULL;
	bool waited = !before && (l->gone || l->refused);
	struct err why;
	int got;

	err_clear(&why);
	got = files_open_newest(s, l, false, &why);
	if (got < 0)
		refuse(s, l, &why);
	if (got <= 0 || !l->newest)
		return;
	if (before) {
		before->replaced = true;
		files_queue(s, before);
		say(s, l->name, "was replaced; the new one is followed");
	} else if (waited && !l->matched) {
		say(s, l->name, "has appeared; it is followed");
	}
	l->leaving = false;
	files_catch_up(s, l, l->newest->older);
	files_restray(s, l);
}

/* Does the kernel tell of it? Its folder may have gone, or be there by now. */
static void look_folder(struct files *s, struct log *l)
{
	l->told = dirs_tells(s->dirs, l->name);
	if (l->target)
		l->told = dirs_tells(s->dirs, l->target) && l->told;
	s->untold = s->untold || !l->told;
}

void files_look_name(struct files *s, struct log *l)
{
	struct file *f = l->newest;
	struct stat st;

	l->look = false;
	watch_target(s, l);
	look_folder(s, l);
	if (stat(l->name, &st) < 0) {
		name_gone(s, l);
		return;
	}
	if (f && !f->over && f->id.dev == st.st_dev && f->id.ino == st.st_ino) {
		same_file(s, l, f, &st);
		return;
	}
	if (s->opts.by_name || (s->opts.waits && l->refused))
		new_file(s, l);
	else
		name_gone(s, l);
}

void files_look_all(struct files *s)
{
	s->untold = false;
	for (size_t i = 0; i < s->parts; i++)
		if (s->log[i])
			files_look_name(s, s->log[i]);
	/* finds out whether folders of patterns are told of */
	s->match = true;
}

/* ---- patterns */

bool files_is_pattern(const char *name)
{
	struct stat st;

	return strpbrk(name, "*?[") && lstat(name, &st) < 0;
}

/* Is a log of this name followed, or about to be? */
static bool is_followed(const struct files *s, const glob_t *found, const char *folder,
                        size_t folder_n, const char *stem, size_t stem_n, const char *end)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%.*s%.*s%s", (int)folder_n, folder, (int)stem_n, stem,
	                 end);

	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	if (log_of(s, path, (size_t)n))
		return true;
	/* glob() gives them in order */
	for (size_t low = 0, high = found ? found->gl_pathc : 0; low < high;) {
		size_t mid = (low + high) / 2;
		int order = strcmp(path, found->gl_pathv[mid]);

		if (order == 0)
			return true;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

/* Is it a rotation of the log whose name is the first STEM_N bytes of its own, and END, if that is
 * followed? The first FOLDER_N bytes of its path are its folder. */
static bool is_rotation_of(const struct files *s, const glob_t *found, const char *path,
                           size_t folder_n, size_t stem_n, const char *end)
{
	const char *name = path + folder_n;
	char log[NAME_MAX + 1];
	int n = snprintf(log, sizeof log, "%.*s%s", (int)stem_n, name, end);

	return n > 0 && (size_t)n < sizeof log && rotated_is(log, name) &&
	       is_followed(s, found, path, folder_n, name, stem_n, end);
}

/* Is it what another log that is followed became when it was rotated? FOUND: names that are about
 * to be followed. */
static bool is_rotation(const struct files *s, const glob_t *found, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t folder = (size_t)(name - path);
	const char *dot = strrchr(name, '.');

	for (const char *p = name + 1; *p; p++) {
		size_t stem = (size_t)(p - name);

		if (!strchr(".-_", *p))
			continue;
		if (is_rotation_of(s, found, path, folder, stem, "") ||
		    (dot && p < dot && is_rotation_of(s, found, path, folder, stem, dot)))
			return true;
	}
	return false;
}

/* A name that a pattern matches: followed from its start, unless it was there at FIRST. */
static void follow_match(struct files *s, const glob_t *found, const char *path, bool first)
{
	struct err why;
	struct stat st;
	struct log *l;

	if (log_of(s, path, strlen(path)) || stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    is_rotation(s, found, path))
		return;
	l = files_log(s, path, true);
	err_clear(&why);
	if (files_open_newest(s, l, first, &why) < 0)
		refuse(s, l, &why);
	if (!l->oldest)
		files_drop_log(s, l);
}

static void watch_folders(struct files *s, const char *pattern)
{
	size_t wild = strcspn(pattern, "*?[");

	for (const char *slash = strchr(pattern, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *next = strchr(slash + 1, '/');
		char *prefix;
		glob_t found;

		if (next && (size_t)(next - pattern) <= wild)
			continue; /* nothing varies this far up */
		prefix = alloc_copy(pattern, slash == pattern ? 1 : (size_t)(slash - pattern));
		if (glob(prefix, GLOB_ONLYDIR | GLOB_NOSORT, NULL, &found) == 0) {
			for (size_t i = 0; i < found.gl_pathc; i++)
				s->untold =
					!dirs_add_folder(s->dirs, found.gl_pathv[i]) || s->untold;
			globfree(&found);
		} else {
			s->untold = true; /* it is not there yet */
		}
		free(prefix);
	}
	/* what varies in the working folder itself */
	if (wild < strcspn(pattern, "/"))
		s->untold = !dirs_add_folder(s->dirs, ".") || s->untold;
}

static void match(struct files *s, const char *pattern, bool first)
{
	glob_t found;

	watch_folders(s, pattern);
	if (glob(pattern, 0, NULL, &found) != 0) {
		if (first)
			say(s, pattern, "matches nothing yet; it is waited for");
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		follow_match(s, &found, found.gl_pathv[i], first);
	globfree(&found);
}

void files_match(struct files *s)
{
	s->match = false;
	for (size_t i = 0; i < s->names; i++)
		if (files_is_pattern(s->name[i]))
			match(s, s->name[i], false);
}

bool files_is_wanted(const struct files *s, const char *name, bool *matched)
{
	for (size_t i = 0; i < s->names; i++) {
		*matched = files_is_pattern(s->name[i]);
		if (*matched ? fnmatch(s->name[i], name, FNM_PATHNAME | FNM_PERIOD) == 0
		             : strcmp(s->name[i], name) == 0)
			return true;
	}
	return false;
}

/* A name came that nobody had asked for. */
static void maybe_match(struct files *s, const char *folder, const char *name)
{
	char path[4096];
	int n = strcmp(folder, ".") == 0 ? snprintf(path, sizeof path, "%s", name)
	                                 : snprintf(path, sizeof path, "%s/%s",
	                                            strcmp(folder, "/") ? folder : "", name);

	if (n < 0 || (size_t)n >= sizeof path)
		return;
	for (size_t i = 0; i < s->names; i++) {
		const char *pattern = s->name[i];
		size_t skip = strncmp(pattern, "./", 2) == 0 && strcmp(folder, ".") == 0 ? 2 : 0;

		if (files_is_pattern(pattern) &&
		    fnmatch(pattern + skip, path, FNM_PATHNAME | FNM_PERIOD) == 0) {
			if (skip) {
				memmove(path + 2, path, (size_t)n + 1);
				memcpy(path, "./", 2);
			}
			follow_match(s, NULL, path, false);
			return;
		}
	}
}

/* ---- events */

static void told_log(struct files *s, struct log *l, enum dirs_event what)
{
	struct err ignored;

	if (what != DIRS_WRITTEN || !l->newest || l->newest->over || l->refused) {
		l->look = s->some_look = true;
		return;
	}
	files_queue(s, l->newest);
	/* what has unread lines is held, so that it may be removed */
	err_clear(&ignored);
	if (l->newest->content.fd < 0 && s->held < s->opts.max_open)
		(void)!files_hold(s, l->newest, &ignored);
}

void files_told(void *context, void *owner, enum dirs_event what, const char *folder,
                const char *name)
{
	struct files *s = context;

	if (owner) {
		told_log(s, owner, what);
		return;
	}
	if (what == DIRS_LOST || what == DIRS_FOLDER)
		s->look_all = true;
	else if (what == DIRS_CAME)
		maybe_match(s, folder, name);
	/* it may be a file that is read under a name it had before */
	s->strayed = 0;
}

/* ---- the start */

static int find_one(struct files *s, const char *name, struct err *e)
{
	struct log *l = files_log(s, name, false);

	if (l->oldest || l->refused)
		return 0; /* named twice */
	if (files_open_newest(s, l, true, e) >= 0)
		return 0;
	if ((!s->opts.by_name && !s->opts.waits) || is_output(name))
		return -1;
	l->refused = l->gone = true;
	if (s->opts.ends) {
		/* rotated just now, perhaps; said if nothing of it was read */
		l->absent = true;
		err_clear(e);
		return 0;
	}
	fprintf(stderr, "%s: %s; it is waited for\n", s->opts.feed.tool, e->text);
	err_clear(e);
	return 0;
}

int files_find_all(struct files *s, struct err *e)
{
	s->since = kernel_now();
	for (size_t i = 0; i < s->names; i++)
		if (!files_is_pattern(s->name[i]) && find_one(s, s->name[i], e) < 0)
			return -1;
	for (size_t i = 0; i < s->names; i++)
		if (files_is_pattern(s->name[i]))
			match(s, s->name[i], true);
	return 0;
}
