#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define OTHERS 64 /* descriptors for all but the files that were counted */
#define FEW    3  /* that opening a file may take */

void descriptors_allow(uint64_t files)
{
	struct rlimit limit;
	rlim_t want = files < UINT64_MAX - OTHERS ? files + OTHERS : UINT64_MAX;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
}

bool descriptors_short(void)
{
	int fd[FEW], n = 0;
	bool is_short = false;

	while (n < FEW && !is_short) {
		fd[n] = open("/", O_PATH | O_CLOEXEC);
		if (fd[n] >= 0)
			n++;
		else if (errno == EMFILE || errno == ENFILE)
			is_short = true;
		else
			break;
	}
	while (n)
		close(fd[--n]);
	return is_short;
}
