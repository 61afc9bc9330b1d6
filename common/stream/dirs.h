/*
 * dirs.h - what happens to names in folders, as the kernel tells it (inotify): one watch a folder,
 * however many files are in it.
 *
 * Who adds a name is told of whatever happens to it; names nobody added are told with no owner.
 * File systems over a network do not tell what other machines do: those are recognised, and have to
 * be looked at now and then. So are folders that cannot be watched. Floor: 7 (stream)
 */
#ifndef STREAM_DIRS_H
#define STREAM_DIRS_H

#include <stdbool.h>
#include <stdint.h>

enum dirs_event {
	DIRS_WRITTEN, /* its contents or attributes changed */
	DIRS_CAME,    /* the name was made, or another file has it now */
	DIRS_WENT,    /* the name is gone, or another's */
	DIRS_FOLDER,  /* a folder of that name came, or the watched one itself went */
	DIRS_LOST,    /* events were lost: anything may have happened (no owner, no name) */
};

/* OWNER is NULL where nobody added the name; NAME without its folder. */
typedef void dirs_tell(void *context, void *owner, enum dirs_event what, const char *folder,
                       const char *name);

struct dirs;

/* POLL: nothing is watched, all has to be looked at. */
struct dirs *dirs_new(bool poll);

/* The descriptor that becomes readable with events; -1: there is none. */
int dirs_fd(const struct dirs *d);

/*
 * Tell OWNER of the file at PATH, from now on. True if the kernel tells; false if it has to be
 * looked at. Several owners may add one name.
 */
bool dirs_add(struct dirs *d, const char *path, void *owner);

/*
 * Does the kernel tell of the file at PATH, which was added? A folder that was not there, or went,
 * is watched by this once there is one of its name.
 */
bool dirs_tells(struct dirs *d, const char *path);

/* Undo dirs_add(); a folder without names is not watched any more, unless it was added for itself.
 */
void dirs_remove(struct dirs *d, const char *path, void *owner);

/* Tell of all names in this folder. As dirs_add(). */
bool dirs_add_folder(struct dirs *d, const char *folder);

/* Hand out the events there are. TELL may add names, not remove any. */
void dirs_read(struct dirs *d, dirs_tell *tell, void *context);

void dirs_free(struct dirs *d);

#endif
