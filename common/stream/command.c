#include "command.h"

#include "io/stop.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int command_check(const char *text, const char *example, struct err *e)
{
	if (text[strspn(text, " \t\n")] == '\0')
		return err_set(e, FAIL_USAGE, "the command is missing (like exec:'%s')", example);
	return 0;
}

_Noreturn void command_become(const char *command, int in, int out, const sigset_t *mask)
{
	setpgid(0, 0);
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	stop_give_back_sigpipe();
	sigprocmask(SIG_SETMASK, mask, NULL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

int command_status(int waited)
{
	return WIFEXITED(waited) ? WEXITSTATUS(waited) : 128 + WTERMSIG(waited);
}
