/*
 * newfile.h - files that take another one's place: made beside it, and renamed when they are whole.
 *
 * Memory: names returned are the caller's to free. Errors: FAIL_OPEN, FAIL_IO.
 * Floor: 2 (io)
 */
#ifndef IO_NEWFILE_H
#define IO_NEWFILE_H

#include "base/err.h"

#include <sys/stat.h>

/*
 * Where a file of the name PATH is, or will be: symbolic links at its end are followed, also to
 * what is not there. The links of a loop are left as they are.
 */
char *newfile_target(const char *path) __attribute__((returns_nonnull, warn_unused_result));

/*
 * A new file in the folder of PATH, for writing and appending: .NAME.XXXXXX, of which NAME is cut
 * where it is too long. Mode 0666 & ~umask. Returns its descriptor and *NAME, or -1.
 */
int newfile_beside(const char *path, char **name, struct err *e)
	__attribute__((warn_unused_result));

/* What a file may have from the one whose place it takes. */
struct newfile_like {
	mode_t mode;
	uid_t owner;
	gid_t group;
};

static inline struct newfile_like newfile_like(const struct stat *other)
{
	return (struct newfile_like){ other->st_mode & 07777, other->st_uid, other->st_gid };
}

/* Give a file that mode, and that owner and group as far as it is allowed. */
void newfile_make_like(int fd, const struct newfile_like *other);

/* What was made, renamed or removed in the folder of PATH is not lost with the system. */
int newfile_sync_folder(const char *path, struct err *e) __attribute__((warn_unused_result));

#endif
