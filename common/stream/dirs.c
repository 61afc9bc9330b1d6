#include "dirs.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define EVENTS                                                                                     \
	(IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |             \
	 IN_MOVE_SELF | IN_ONLYDIR)

struct folder {
	struct map_item item; /* by its path */
	char *path;
	int wd;    /* -1: not watched */
	dev_t dev; /* of the folder that is watched */
	ino_t ino;
	size_t names;  /* that were added in it */
	bool for_self; /* it was added itself */
};

/* A name somebody wants to hear of. */
struct entry {
	struct map_item item; /* by folder and name: struct key */
	struct folder *folder;
	struct entry *next; /* another owner of the same name; only the first is in the map */
	void *owner;
	size_t key_len;
	char key[]; /* the folder's address, then the name */
};

struct dirs {
	int fd; /* -1: nothing is watched */
	struct map folders, entries;
	struct folder **by_wd;
	size_t wds;
};

struct dirs *dirs_new(bool poll)
{
	struct dirs *d = alloc_zero(1, sizeof *d);

	d->fd = poll ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return d;
}

int dirs_fd(const struct dirs *d)
{
	return d->fd;
}

/* ---- folders */

/* Does that file system tell what other machines do in it? Numbers as in statfs(2). */
static bool tells(const char *path)
{
	static const unsigned long silent[] = {
		NFS_SUPER_MAGIC,
		SMB_SUPER_MAGIC,
		CIFS_SUPER_MAGIC,
		SMB2_SUPER_MAGIC,
		CODA_SUPER_MAGIC,
		AFS_SUPER_MAGIC,
		V9FS_MAGIC,
		FUSE_SUPER_MAGIC,
		CEPH_SUPER_MAGIC,
		PROC_SUPER_MAGIC,
		SYSFS_MAGIC,
		0x0BD00BD0 /* Lustre */,
		0x47504653 /* GPFS */,
		0x01161970 /* GFS2 */,
		0x7461636F /* OCFS2 */,
	};
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return true;
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
		if ((unsigned long)fs.f_type == silent[i])
			return false;
	return true;
}

static void watch(struct dirs *d, struct folder *f)
{
	struct stat st;

	if (d->fd < 0 || stat(f->path, &st) < 0 || !tells(f->path))
		return;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->wd = inotify_add_watch(d->fd, f->path, EVENTS);
	if (f->wd < 0)
		return;
	if ((size_t)f->wd >= d->wds) {
		size_t before = d->wds;

		d->by_wd =
			alloc_grow(d->by_wd, &d->wds, (size_t)f->wd + 1, sizeof(struct folder *));
		memset(d->by_wd + before, 0, (d->wds - before) * sizeof(struct folder *));
	}
	if (d->by_wd[f->wd]) {
		/* the same folder under another name: its events go to the first */
		f->wd = -1;
		return;
	}
	d->by_wd[f->wd] = f;
}

static struct folder *folder_of(struct dirs *d, const char *path, size_t n)
{
	struct slice key = n ? (struct slice){ path, n } : (struct slice){ ".", 1 };
	uint64_t hash = hash_bytes(key.p, key.n);
	struct folder *f = (struct folder *)(void *)map_find(&d->folders, key, hash);

	if (!f) {
		f = alloc_zero(1, sizeof *f);
		f->path = alloc_copy(key.p, key.n);
		f->wd = -1;
		f->item = (struct map_item){ hash, f->path, (uint32_t)key.n };
		map_add(&d->folders, &f->item);
	}
	if (f->wd < 0)
		watch(d, f);
	return f;
}

static void unwatch(struct dirs *d, struct folder *f)
{
	if (f->wd < 0)
		return;
	inotify_rm_watch(d->fd, f->wd);
	d->by_wd[f->wd] = NULL;
	f->wd = -1;
}

static void drop_folder(struct dirs *d, struct folder *f)
{
	if (f->names || f->for_self)
		return;
	unwatch(d, f);
	map_remove(&d->folders, &f->item);
	free(f->path);
	free(f);
}

bool dirs_add_folder(struct dirs *d, const char *path)
{
	struct folder *f = folder_of(d, path, strlen(path));

	f->for_self = true;
	return f->wd >= 0;
}

/* ---- names */

static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	/* the root keeps its slash */
	return !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static struct entry *entry_new(struct folder *f, const char *name)
{
	size_t n = strlen(name);
	struct entry *x = alloc_zero(1, sizeof *x + sizeof f + n);

	memcpy(x->key, &f, sizeof f);
	memcpy(x->key + sizeof f, name, n);
	x->folder = f;
	x->key_len = sizeof f + n;
	x->item = (struct map_item){ hash_bytes(x->key, x->key_len), x->key, (uint32_t)x->key_len };
	return x;
}

static struct entry *find(const struct dirs *d, struct folder *f, const char *name)
{
	char key[sizeof f + NAME_MAX + 1];
	size_t n = strnlen(name, NAME_MAX + 1);

	memcpy(key, &f, sizeof f);
	memcpy(key + sizeof f, name, n);
	n += sizeof f;
	return (struct entry *)(void *)map_find(&d->entries, (struct slice){ key, n },
	                                        hash_bytes(key, n));
}

bool dirs_add(struct dirs *d, const char *path, void *owner)
{
	struct folder *f = folder_of(d, path, folder_len(path));
	struct entry *x = entry_new(f, base_name(path)), *first = find(d, f, base_name(path));

	x->owner = owner;
	if (first) {
		x->next = first->next;
		first->next = x;
	} else {
		map_add(&d->entries, &x->item);
	}
	f->names++;
	return f->wd >= 0;
}

bool dirs_tells(struct dirs *d, const char *path)
{
	struct folder *f = folder_of(d, path, folder_len(path));
	struct stat st;

	/* that it was removed is not told while a file that was in it is open */
	if (f->wd >= 0 && (stat(f->path, &st) < 0 || st.st_dev != f->dev || st.st_ino != f->ino)) {
		unwatch(d, f);
		watch(d, f);
	}
	return f->wd >= 0;
}

void dirs_remove(struct dirs *d, const char *path, void *owner)
{
	struct folder *f = folder_of(d, path, folder_len(path));
	struct entry *first = find(d, f, base_name(path)), *x = first, *before = NULL;

	while (x && x->owner != owner) {
		before = x;
		x = x->next;
	}
	if (x && before) {
		before->next = x->next;
	} else if (x) {
		map_remove(&d->entries, &x->item);
		if (x->next)
			map_add(&d->entries, &x->next->item);
	}
	f->names -= x != NULL;
	free(x);
	drop_folder(d, f);
}

/* ---- events */

static enum dirs_event meaning(const struct inotify_event *ev)
{
	if (ev->mask & IN_Q_OVERFLOW)
		return DIRS_LOST;
	if (ev->mask & (IN_IGNORED | IN_UNMOUNT | IN_MOVE_SELF))
		return DIRS_FOLDER;
	if (ev->mask & IN_ISDIR && ev->mask & (IN_CREATE | IN_MOVED_TO))
		return DIRS_FOLDER;
	if (ev->mask & (IN_CREATE | IN_MOVED_TO))
		return DIRS_CAME;
	if (ev->mask & (IN_DELETE | IN_MOVED_FROM))
		return DIRS_WENT;
	return DIRS_WRITTEN;
}

static void tell_all(struct dirs *d, struct folder *f, enum dirs_event what, const char *name,
                     dirs_tell *tell, void *context)
{
	struct entry *x = find(d, f, name), *next;

	if (!x)
		tell(context, NULL, what, f->path, name);
	for (; x; x = next) {
		next = x->next;
		tell(context, x->owner, what, f->path, name);
	}
}

static void one_event(struct dirs *d, const struct inotify_event *ev, dirs_tell *tell,
                      void *context)
{
	enum dirs_event what = meaning(ev);
	struct folder *f = ev->wd >= 0 && (size_t)ev->wd < d->wds ? d->by_wd[ev->wd] : NULL;

	if (what == DIRS_LOST) {
		tell(context, NULL, what, "", "");
		return;
	}
	if (!f)
		return;
	if (ev->mask & IN_IGNORED) {
		d->by_wd[f->wd] = NULL;
		f->wd = -1;
	}
	/* another folder may come by its name */
	if (ev->mask & IN_MOVE_SELF)
		unwatch(d, f);
	if (ev->len)
		tell_all(d, f, what, ev->name, tell, context);
	else if (what == DIRS_FOLDER)
		tell(context, NULL, what, f->path, "");
}

void dirs_read(struct dirs *d, dirs_tell *tell, void *context)
{
	alignas(struct inotify_event) char events[16384];
	ssize_t n;

	while (d->fd >= 0 && (n = read(d->fd, events, sizeof events)) > 0) {
		for (char *p = events; p < events + n;) {
			const struct inotify_event *ev = (const struct inotify_event *)(void *)p;

			one_event(d, ev, tell, context);
			p += sizeof *ev + ev->len;
		}
		if ((size_t)n < sizeof events / 2)
			break;
	}
}

void dirs_free(struct dirs *d)
{
	for (size_t i = 0; i < map_slots(&d->entries); i++) {
		struct entry *x = (struct entry *)(void *)map_at(&d->entries, i), *next;

		for (; x; x = next) {
			next = x->next;
			free(x);
		}
	}
	for (size_t i = 0; i < map_slots(&d->folders); i++) {
		struct folder *f = (struct folder *)(void *)map_at(&d->folders, i);

		if (f) {
			free(f->path);
			free(f);
		}
	}
	map_free(&d->entries);
	map_free(&d->folders);
	free(d->by_wd);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}
