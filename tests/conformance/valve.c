/*
 * valve N - what a valve of N inputs makes of the commands on stdin, one a line: `mark I W`,
 * `idle I`, `active I`. Behind each that changes something `K watermark W`, then `K idle` or
 * `K active`, K its number from 1. Exit status 2 where a command is none.
 */
#include "window/valve.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One command: 1 the merged watermark has risen, 0 it has not, -1 it is none. */
static int obey(struct valve *v, const char *line)
{
	char what[8];
	size_t i;
	int64_t w;
	int n = sscanf(line, "%7s %zu %" SCNd64, what, &i, &w);

	if (n < 2 || i >= v->n)
		return -1;
	if (n == 3 && strcmp(what, "mark") == 0)
		return valve_mark(v, i, w);
	if (n == 2 && strcmp(what, "idle") == 0)
		return valve_idle(v, i);
	if (n == 2 && strcmp(what, "active") == 0)
		return valve_active(v, i);
	return -1;
}

int main(int argc, char **argv)
{
	size_t n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct valve_input *input;
	struct valve v;
	char line[64];
	int rose = 0;

	if (!n)
		return 2;
	input = alloc_array(n, sizeof *input);
	valve_init(&v, input, n);
	for (int k = 1; rose >= 0 && fgets(line, sizeof line, stdin); k++) {
		bool idle = v.idle;

		rose = obey(&v, line);
		if (rose > 0)
			printf("%d watermark %" PRId64 "\n", k, v.w);
		if (v.idle != idle)
			printf("%d %s\n", k, v.idle ? "idle" : "active");
	}
	free(input);
	return rose < 0 ? 2 : 0;
}
