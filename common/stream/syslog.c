#include "syslog.h"

#define DIGITS   9          /* of a length */
#define KEEP_MAX (64 << 10) /* room that is kept for the next message */

static bool ends_with_nothing(struct slice s)
{
	char c = s.n ? s.p[s.n - 1] : 'x';

	return c == '\n' || c == '\r' || c == '\0';
}

bool syslog_line(struct buf *lines, struct slice message)
{
	while (ends_with_nothing(message))
		message.n--;
	if (message.n == 0)
		return false;
	for (size_t i = 0, plain = 0; i <= message.n; i++) {
		unsigned char c = i < message.n ? (unsigned char)message.p[i] : 0;

		if (i < message.n && ((c >= ' ' && c != 0x7F) || c == '\t'))
			continue;
		buf_add(lines, message.p + plain, i - plain);
		plain = i + 1;
		if (i < message.n)
			buf_addf(lines, "#%03o", c);
	}
	buf_addc(lines, '\n');
	return true;
}

void syslog_framer_free(struct syslog_framer *f)
{
	buf_free(&f->held);
	f->state = SYSLOG_START;
}

static void hold(struct syslog_framer *f, const char *p, size_t n)
{
	size_t room = f->max + 1 - f->held.n;

	buf_add(&f->held, p, n < room ? n : room);
}

static enum syslog_got end_message(struct syslog_framer *f, struct buf *lines)
{
	f->state = SYSLOG_START;
	if (f->held.n > f->max)
		return SYSLOG_LONG;
	syslog_line(lines, buf_slice(&f->held));
	return SYSLOG_MORE;
}

/* The first byte of a message. Returns the bytes used. */
static size_t start(struct syslog_framer *f, char c)
{
	struct slice one = { &c, 1 };

	if (ends_with_nothing(one))
		return 1;
	buf_clear(&f->held);
	buf_trim(&f->held, KEEP_MAX);
	f->left = 0;
	f->state = c >= '1' && c <= '9' ? SYSLOG_COUNT : SYSLOG_LINE;
	return 0;
}

static size_t count(struct syslog_framer *f, char c)
{
	if (c >= '0' && c <= '9' && f->held.n < DIGITS) {
		f->left = 10 * f->left + (uint64_t)(c - '0');
		hold(f, &c, 1);
		return 1;
	}
	f->state = c == ' ' ? SYSLOG_SPACE : SYSLOG_LINE;
	return c == ' ';
}

/* Behind "31 ". */
static size_t space(struct syslog_framer *f, char c)
{
	if (c == '<') {
		buf_clear(&f->held);
		f->state = SYSLOG_OCTETS;
	} else {
		hold(f, " ", 1);
		f->state = SYSLOG_LINE;
	}
	return 0;
}

/* More of a message. Returns the bytes used; *ENDS: those end it. */
static size_t more(struct syslog_framer *f, struct slice s, bool *ends)
{
	const char *newline;
	size_t n = s.n;

	if (f->state == SYSLOG_OCTETS) {
		if (n > f->left)
			n = (size_t)f->left;
		f->left -= n;
		*ends = f->left == 0;
		hold(f, s.p, n);
		return n;
	}
	newline = memchr(s.p, '\n', n);
	*ends = newline;
	if (newline)
		n = (size_t)(newline - s.p);
	hold(f, s.p, n);
	return n + *ends;
}

enum syslog_got syslog_frame(struct syslog_framer *f, struct slice *bytes, struct buf *lines)
{
	enum syslog_got got = SYSLOG_MORE;

	while (bytes->n && got == SYSLOG_MORE) {
		bool ends = false;
		size_t used;

		switch (f->state) {
		case SYSLOG_START:
			used = start(f, *bytes->p);
			break;
		case SYSLOG_COUNT:
			used = count(f, *bytes->p);
			break;
		case SYSLOG_SPACE:
			used = space(f, *bytes->p);
			break;
		default:
			used = more(f, *bytes, &ends);
		}
		bytes->p += used;
		bytes->n -= used;
		if (ends)
			got = end_message(f, lines);
	}
	return got;
}

enum syslog_got syslog_frame_end(struct syslog_framer *f, struct buf *lines)
{
	if (f->state == SYSLOG_SPACE)
		hold(f, " ", 1);
	return f->state == SYSLOG_START ? SYSLOG_MORE : end_message(f, lines);
}
