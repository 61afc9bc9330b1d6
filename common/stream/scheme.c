#include "scheme.h"

#include "base/near.h"

#include <stdio.h>

int scheme_path(const struct opening *o, struct address *a, struct err *e)
{
	if (o->parts.host.n)
		return err_set(e, FAIL_USAGE, "a path has no // before it, or three");
	return address_path(o->parts.path, a, e);
}

int scheme_to_unix(const struct opening *o, struct address *a, struct err *e)
{
	struct params p;

	return params_parse(o->parts.query, 0, &p, e) < 0 ? -1 : scheme_path(o, a, e);
}

int scheme_to_tcp(const struct opening *o, struct address *a, struct err *e)
{
	struct params p;

	return params_parse(o->parts.query, 0, &p, e) < 0 ? -1
	                                                  : address_port(&o->parts, false, a, e);
}

/* What stands before the first ':', if that can be a scheme: letters, digits, + - . */
static struct slice scheme_of(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return (struct slice){ text, text[n] == ':' && *text >= 'a' ? n : 0 };
}

/* The row of that name, or the end of the table. */
static const struct scheme *find(const struct scheme *table, struct slice name)
{
	while (table->name && !slice_same(name, slice_from(table->name)))
		table++;
	return table;
}

bool scheme_is_url(const struct scheme *table, const char *text)
{
	struct slice name = scheme_of(text);

	return name.n && (find(table, name)->name || strncmp(text + name.n, "://", 3) == 0);
}

static int unknown(const struct scheme *table, const char *url, struct slice name, struct err *e)
{
	char list[200] = "", meant[40] = "";
	struct near near;
	size_t n = 0;

	near_begin(&near, name);
	for (const struct scheme *s = table; s->name; s++) {
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", s->name);
		near_try(&near, slice_from(s->name));
	}
	if (near.best.p)
		snprintf(meant, sizeof meant, ", meant %.*s:", (int)near.best.n, near.best.p);
	return err_set(e, FAIL_USAGE, "%.100s: unknown scheme%s (there are %s; a file: ./%.*s..)",
	               url, meant, list, (int)(name.n > 40 ? 40 : name.n), name.p);
}

int scheme_open(const struct scheme *table, const char *url, void *context, struct err *e)
{
	struct slice name = scheme_of(url);
	const struct scheme *s = find(table, name);
	struct opening o = { .url = url, .rest = url + name.n + 1, .context = context };

	if (!s->name)
		return unknown(table, url, name, e);
	if (!s->opaque && url_parse(slice_from(url), &o.parts, e) < 0) {
		e->kind = FAIL_USAGE;
		return err_at(e, "%.200s", url);
	}
	if (!s->opaque && o.parts.fragment.p)
		return err_set(e, FAIL_USAGE, "%.200s: a '#' must be written as %%23", url);
	return s->open(&o, e) < 0 ? err_at(e, "%.200s", url) : 0;
}
