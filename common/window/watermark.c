#include "watermark.h"

#include "base/stamp.h"
#include "window.h"

void watermark_init(struct watermark *m, int64_t delay, int64_t max_ahead)
{
	*m = (struct watermark){
		.delay = delay, .max_ahead = max_ahead, .w = STAMP_NONE, .greatest = STAMP_NONE
	};
}

bool watermark_believes(struct watermark *m, int64_t time)
{
	int64_t apart;

	if (!m->max_ahead || m->greatest == STAMP_NONE ||
	    time <= win_plus(m->greatest, m->max_ahead)) {
		m->odds = 0;
		return true;
	}
	apart = time > m->odd ? win_plus(time, -m->odd) : win_plus(m->odd, -time);
	m->odds = m->odds && apart <= m->max_ahead ? m->odds + 1 : 1;
	m->odd = time;
	return m->odds >= 3;
}

static bool rise(struct watermark *m, int64_t w)
{
	if (w <= m->w)
		return false;
	m->w = w;
	return true;
}

bool watermark_see(struct watermark *m, int64_t time)
{
	if (time <= m->greatest)
		return false;
	m->greatest = time;
	return !m->marks && rise(m, win_plus(time, -m->delay));
}

bool watermark_mark(struct watermark *m, int64_t time)
{
	m->marks = true;
	return rise(m, time);
}

bool watermark_wait(struct watermark *m, int64_t silence)
{
	return m->greatest != STAMP_NONE &&
	       rise(m, win_plus(win_plus(m->greatest, silence), -m->delay));
}
