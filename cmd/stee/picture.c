/*
 * stee -o chart: the picture of one destination. On a terminal it is drawn while the stream runs,
 * and updated in place: the cursor is at the beginning of the line below it, and before anything
 * else is written there it is erased. The terminal is never put into a state of its own.
 */
#include "stee.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/screen.h"
#include "base/stamp.h"
#include "record/chart.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_EVERY (NS_PER_SEC / 4)
#define WIDTH      80 /* where nothing says more */

struct picture {
	const struct args *args;
	const struct points *points;
	bool color, on_stdout, live;
	struct chart *chart; /* NULL before the first point */
	/* of a live one */
	bool news;    /* points came that are not on the screen */
	int64_t next; /* monotonic: not drawn again before */
	struct buf drawn, out, text;
};

struct picture *picture_new(const struct args *a, const struct points *points, bool color,
                            bool on_stdout)
{
	struct picture *p = alloc_zero(1, sizeof *p);
	const char *term = getenv("TERM");

	p->args = a;
	p->points = points;
	p->color = color;
	p->on_stdout = on_stdout;
	p->live = on_stdout && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
	return p;
}

void picture_free(struct picture *p)
{
	if (!p)
		return;
	chart_free(p->chart);
	buf_free(&p->drawn);
	buf_free(&p->out);
	buf_free(&p->text);
	free(p);
}

/* ---- size */

/* The terminal's, without its last column, which some do not leave before they break the line. */
static bool screen_size(const struct picture *p, size_t *width, size_t *height)
{
	struct winsize size;

	if (!p->on_stdout || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col ||
	    !size.ws_row)
		return false;
	*width = size.ws_col - 1U;
	*height = size.ws_row - 1U;
	return true;
}

/* Returns whether it fits on the screen, if there is one. */
static bool look_at_size(const struct picture *p, size_t *width, size_t *height)
{
	const char *columns = getenv("COLUMNS");
	char *end;
	size_t rows = SIZE_MAX;
	unsigned long n;

	*height = p->args->height;
	if (!screen_size(p, width, &rows)) {
		n = columns ? strtoul(columns, &end, 10) : 0;
		*width = n > 0 && n < 10000 && *end == '\0' ? n : WIDTH;
	}
	if (p->live && rows < *height)
		*height = rows;
	return rows >= CHART_HEIGHT && *width >= CHART_WIDTH;
}

/* ---- the screen */

static void send(struct picture *p)
{
	for (size_t done = 0; done < p->out.n;) {
		ssize_t n = write(STDOUT_FILENO, p->out.p + done, p->out.n - done);

		if (n < 0 && errno != EINTR)
			break; /* it will be said when the picture is written at the end */
		done += n > 0 ? (size_t)n : 0;
	}
	buf_clear(&p->out);
}

/* Columns of a line, escape sequences aside. */
static size_t columns_of(struct picture *p, const char *line, const char *end)
{
	struct buf shown = { 0 };
	size_t n;

	buf_clear(&p->text);
	for (; line < end; line++) {
		while (*line == '\033' && (line = memchr(line, 'm', (size_t)(end - line))))
			if (++line == end)
				break;
		if (!line || line == end)
			break;
		buf_addc(&p->text, *line);
	}
	n = screen_text(true, &shown, buf_slice(&p->text), SIZE_MAX);
	buf_free(&shown);
	return n;
}

/* Lead the cursor to where the picture begins, and erase it. */
static void put_erase(struct picture *p)
{
	size_t width = WIDTH, height, rows = 0;
	const char *line = p->drawn.p, *end;

	(void)!screen_size(p, &width, &height);
	width++;
	/* a terminal that became narrower has broken lines that were longer */
	for (; p->drawn.n && line < p->drawn.p + p->drawn.n; line = end + 1) {
		size_t n;

		end = memchr(line, '\n', (size_t)(p->drawn.p + p->drawn.n - line));
		n = columns_of(p, line, end);
		rows += n > width ? (n + width - 1) / width : 1;
	}
	/* the keys of a signal are echoed; line by line, since some terminals keep a screen that is
	 * cleared from its top as history */
	if (rows)
		buf_adds(&p->out, "\r\033[2K");
	for (; rows; rows--)
		buf_adds(&p->out, "\033[A\033[2K");
	buf_clear(&p->drawn);
}

void picture_erase(struct picture *p)
{
	if (!p || !p->drawn.n)
		return;
	put_erase(p);
	send(p);
	p->news = true;
}

/* ---- drawing */

static void add_point(struct chart *c, const struct point *at)
{
	if (at->timed)
		chart_time(c, at->series, at->time, at->y);
	else
		chart_label(c, at->series, at->label, at->y);
}

void picture_add(struct picture *p, const struct point *at)
{
	if (!p->chart) {
		struct chart_opts opts = { .unicode = screen_utf8(),
			                   .color = p->color,
			                   .by_time = at->timed };

		buf_clear(&p->text);
		points_title(p->points, &p->text);
		buf_addc(&p->text, '\0');
		opts.title = p->text.p;
		p->chart = chart_new(&opts);
	}
	add_point(p->chart, at);
	p->news = true;
}

void picture_draw(struct picture *p, struct buf *to)
{
	size_t width, height;

	picture_erase(p);
	if (!p->chart)
		return;
	(void)!look_at_size(p, &width, &height);
	chart_resize(p->chart, width, height);
	chart_draw(p->chart, to);
	p->news = false;
}

int64_t picture_due(const struct picture *p)
{
	int64_t now;

	if (!p || !p->live || !p->news)
		return -1;
	now = stamp_monotonic();
	return p->next > now ? p->next - now : 0;
}

void picture_look(struct picture *p)
{
	size_t width, height;

	if (picture_due(p) != 0)
		return;
	p->next = stamp_monotonic() + DRAW_EVERY;
	if (!look_at_size(p, &width, &height))
		return;
	put_erase(p);
	picture_draw(p, &p->drawn);
	buf_add_slice(&p->out, buf_slice(&p->drawn));
	send(p);
}
