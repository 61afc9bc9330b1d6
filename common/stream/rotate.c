#include "rotate.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "io/newfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMS 3 /* of a name: each enum pack_how */

struct packing {
	pthread_t thread;
	char *from, *to;
	enum pack_how how;
	bool durable;
	int did;
	struct err e;
};

/* PATH.N as HOW has it, to be freed. */
static char *name_of(const struct rotation *r, uint64_t n, enum pack_how how)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s.%" PRIu64 "%s", r->path, n, pack_ending(how));
	buf_addc(&b, '\0');
	return b.p;
}

static bool is_there(const struct rotation *r, uint64_t n)
{
	bool there = false;

	for (int how = 0; how < FORMS && !there; how++) {
		char *name = name_of(r, n, (enum pack_how)how);
		struct stat st;

		there = lstat(name, &st) == 0;
		free(name);
	}
	return there;
}

/* What has number N gets number TO, or goes if that is 0. */
static int move(const struct rotation *r, uint64_t n, uint64_t to, struct err *e)
{
	int did = 0;

	for (int how = 0; how < FORMS && did == 0; how++) {
		char *name = name_of(r, n, (enum pack_how)how);
		char *other = to ? name_of(r, to, (enum pack_how)how) : NULL;

		if ((other ? rename(name, other) : unlink(name)) < 0 && errno != ENOENT)
			did = err_set(e, FAIL_IO,
			              other ? "cannot rename %s:" : "cannot remove %s:", name);
		free(name);
		free(other);
	}
	return did;
}

/* The number that OTHER, a name in the folder of NAME, says that it has; 0 for none. */
static uint64_t number_of(const char *name, const char *other)
{
	size_t len = strlen(name);
	const char *digits = other + len + 1, *end = digits;
	uint64_t n = 0;

	if (strncmp(other, name, len) != 0 || other[len] != '.' || *digits == '0')
		return 0;
	while (*end >= '0' && *end <= '9' && end - digits < ROTATION_DIGITS)
		n = n * 10 + (uint64_t)(*end++ - '0');
	for (int how = 0; how < FORMS; how++)
		if (strcmp(end, pack_ending((enum pack_how)how)) == 0)
			return n;
	return 0;
}

static int remove_beyond(const struct rotation *r, DIR *folder, const char *name, struct err *e)
{
	int fd = dirfd(folder);
	struct dirent *d;
	struct stat st;

	while ((d = readdir(folder))) {
		if (number_of(name, d->d_name) <= r->keep ||
		    fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (unlinkat(fd, d->d_name, 0) < 0 && errno != ENOENT)
			return err_set(e, FAIL_IO,
			               "cannot remove %s (older than those kept):", d->d_name);
	}
	return 0;
}

/* Those of an earlier run that kept more: none has a higher number than is kept. */
static int clear_beyond(struct rotation *r, struct err *e)
{
	const char *slash = strrchr(r->path, '/');
	const char *name = slash ? slash + 1 : r->path;
	char *path = slash ? alloc_copy(r->path, (size_t)(name - r->path)) : NULL;
	DIR *folder;
	int did = 0;

	if (r->keep && !r->cleared) {
		folder = opendir(path ? path : ".");
		/* one that cannot be listed may be written to all the same */
		if (folder) {
			did = remove_beyond(r, folder, name, e);
			closedir(folder);
		}
		r->cleared = did == 0;
	}
	free(path);
	return did;
}

/* Nothing has number 1 any more. */
static int make_room(const struct rotation *r, struct err *e)
{
	uint64_t n = 1;

	while (is_there(r, n))
		n++;
	for (; n > 1; n--) {
		uint64_t to = r->keep && n > r->keep ? 0 : n;

		if (move(r, n - 1, to, e) < 0)
			return -1;
	}
	return 0;
}

static void *run(void *arg)
{
	struct packing *p = arg;

	p->did = pack_file(p->from, p->to, p->how, p->durable, &p->e);
	return NULL;
}

static void packing_free(struct packing *p)
{
	free(p->from);
	free(p->to);
	free(p);
}

static void said_failed(struct rotation *r, const struct err *e)
{
	if (r->failed++ == 0)
		fprintf(stderr, "%s: %s\n", r->tool, e->text);
}

/* Compress PATH.1. Signals are for the threads that there were. */
static void start_packing(struct rotation *r)
{
	struct packing *p = alloc_zero(1, sizeof *p);
	sigset_t all, mask;
	int failed;

	p->from = name_of(r, 1, PACK_NONE);
	p->to = name_of(r, 1, r->pack);
	p->how = r->pack;
	p->durable = r->durable;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	failed = pthread_create(&p->thread, NULL, run, p);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (failed == 0) {
		r->packing = p;
		return;
	}
	run(p); /* without another thread, then */
	if (p->did < 0)
		said_failed(r, &p->e);
	packing_free(p);
}

void rotation_join(struct rotation *r)
{
	struct packing *p = r->packing;

	if (!p)
		return;
	pthread_join(p->thread, NULL);
	if (p->did < 0)
		said_failed(r, &p->e);
	packing_free(p);
	r->packing = NULL;
}

int rotation_turn(struct rotation *r, const char *from, struct err *e)
{
	char *first;
	int did;

	rotation_join(r);
	if (clear_beyond(r, e) < 0 || make_room(r, e) < 0)
		return -1;
	first = name_of(r, 1, PACK_NONE);
	did = rename(from, first);
	if (did < 0)
		err_set(e, FAIL_IO, "cannot rename %s to %s:", from, first);
	free(first);
	if (did == 0 && r->durable)
		did = newfile_sync_folder(r->path, e);
	if (did == 0 && r->pack != PACK_NONE)
		start_packing(r);
	return did;
}
