/*
 * torture-judge [--repeats] LEDGER OUTPUT .. - are all lines of the writer's ledger in the outputs
 * together, each once?
 *
 * Prints a line of numbers: lines asked for, missing, repeated, out of order, torn; on stderr the
 * first of each kind. Order is asked within a generation and within an output. Lines that no file
 * had after a rotation may be there or not, whole or not. With --repeats, lines may be repeated,
 * and of an output whose last line has no newline that line is not looked at: its reader was
 * killed. Exit status 1 if something is wrong, 2 if it could not be found out.
 */
#include "line.h"

#define SHOWN 10 /* of each kind */

struct generation {
	uint64_t first, last;
	char ended_by[32];
};

struct judge {
	bool repeats;
	uint64_t lines;
	unsigned char *seen, *lost; /* bool, by line */
	struct generation *generations;
	uint64_t generation_count;
	uint64_t asked, missing, repeated, disordered, torn;
};

static _Noreturn void die(const char *what, const char *name)
{
	fprintf(stderr, "torture-judge: cannot %s %s\n", what, name);
	exit(2);
}

/* ---- what there was */

static void *grown(void *p, size_t n)
{
	p = realloc(p, n);
	if (!p)
		die("get", "memory");
	return p;
}

static void read_ledger(struct judge *j, const char *name)
{
	FILE *f = fopen(name, "r");
	char line[256], word[32];
	uint64_t a, b, number;
	bool ended = false;

	if (!f)
		die("open", name);
	while (fgets(line, sizeof line, f))
		ended = sscanf(line, "lines %" SCNu64, &j->lines) == 1;
	if (!ended)
		die("find the end of", name);
	j->seen = calloc(j->lines + 1, 1);
	j->lost = calloc(j->lines + 1, 1);
	if (!j->seen || !j->lost)
		die("get", "memory");
	rewind(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "generation %" SCNu64 " %" SCNu64 " %" SCNu64 " %31s", &number, &a,
		           &b, word) == 4) {
			struct generation *g;

			j->generations = grown(j->generations,
			                       (j->generation_count + 1) * sizeof *j->generations);
			g = &j->generations[j->generation_count++];
			g->first = a;
			g->last = b;
			strcpy(g->ended_by, word);
		} else if (sscanf(line, "lost %" SCNu64 " %" SCNu64, &a, &b) == 2 && b < j->lines) {
			memset(j->lost + a, 1, b - a + 1);
		}
	}
	fclose(f);
}

/* The generation that has the line; of many files there are none in the ledger. */
static const char *where(const struct judge *j, uint64_t seq, char text[80])
{
	text[0] = '\0';
	for (uint64_t i = 0; i < j->generation_count; i++)
		if (seq >= j->generations[i].first && seq <= j->generations[i].last)
			snprintf(text, 80, " (generation %" PRIu64 ", ended by %s)", i,
			         j->generations[i].ended_by);
	return text;
}

static void show(const struct judge *j, uint64_t which, const char *what, uint64_t first,
                 uint64_t last)
{
	char text[80];

	if (which == SHOWN)
		fprintf(stderr, "  and more\n");
	else if (which < SHOWN && first == last)
		fprintf(stderr, "  %s: line %" PRIu64 "%s\n", what, first, where(j, first, text));
	else if (which < SHOWN)
		fprintf(stderr, "  %s: lines %" PRIu64 " to %" PRIu64 "%s\n", what, first, last,
		        where(j, first, text));
}

/* ---- what came */

/* REACHED has, by generation, the highest line of this output so far, plus 1. */
static void judge_line(struct judge *j, uint64_t **reached, uint64_t *room, const char *line,
                       size_t n)
{
	uint64_t seq, generation;
	bool again;

	if (!line_read(line, n, &seq, &generation) || seq >= j->lines) {
		if (seq < j->lines && j->lost[seq])
			return;
		if (j->torn++ < SHOWN)
			fprintf(stderr, "  torn: %.*s%s\n", (int)(n < 60 ? n : 60), line,
			        n < 60 ? "" : "..");
		return;
	}
	again = j->seen[seq];
	if (again && !j->repeats)
		show(j, j->repeated, "repeated", seq, seq);
	j->repeated += again;
	j->seen[seq] = 1;
	if (generation >= *room) {
		uint64_t more = generation * 2 + 64;

		*reached = grown(*reached, more * sizeof **reached);
		memset(*reached + *room, 0, (more - *room) * sizeof **reached);
		*room = more;
	}
	if (seq >= (*reached)[generation])
		(*reached)[generation] = seq + 1;
	else if (!again)
		show(j, j->disordered++, "out of order", seq, seq);
}

static void judge_output(struct judge *j, const char *name)
{
	FILE *f = fopen(name, "r");
	uint64_t *reached = NULL, room = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		die("open", name);
	while ((n = getline(&line, &size, f)) > 0) {
		bool whole = line[n - 1] == '\n';

		if (whole || !j->repeats)
			judge_line(j, &reached, &room, line, (size_t)(n - whole));
	}
	free(line);
	free(reached);
	fclose(f);
}

static void find_missing(struct judge *j)
{
	uint64_t ranges = 0, i, from;

	for (i = 0; i < j->lines; i++) {
		j->asked += !j->lost[i];
		if (j->lost[i] || j->seen[i])
			continue;
		from = i;
		while (i + 1 < j->lines && !j->lost[i + 1] && !j->seen[i + 1]) {
			i++;
			j->asked++;
		}
		j->missing += i - from + 1;
		show(j, ranges++, "missing", from, i);
	}
}

int main(int argc, char **argv)
{
	struct judge j = { 0 };
	int i = 1;
	bool wrong;

	if (i < argc && strcmp(argv[i], "--repeats") == 0) {
		j.repeats = true;
		i++;
	}
	if (argc - i < 2)
		die("do without", "a ledger and outputs");
	read_ledger(&j, argv[i]);
	while (++i < argc)
		judge_output(&j, argv[i]);
	find_missing(&j);
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", j.asked, j.missing,
	       j.repeated, j.disordered, j.torn);
	wrong = j.missing || (j.repeated && !j.repeats) || j.disordered || j.torn || !j.asked;
	free(j.seen);
	free(j.lost);
	free(j.generations);
	return wrong;
}
