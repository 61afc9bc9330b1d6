#include "saved.h"

#include "json/jstring.h"

#include <errno.h>
#include <stdlib.h>

struct val saved_member(struct val v, const char *name)
{
	struct val *found = NULL;

	if (v.tag == VAL_OBJ)
		found = obj_get(v.obj, (struct slice){ name, strlen(name) });
	return found ? *found : val_of(VAL_NONE);
}

uint64_t saved_number(struct val v, const char *name, uint64_t otherwise)
{
	struct val n = saved_member(v, name);
	char text[24], *end;
	uint64_t got;

	if (n.tag == VAL_NUM && n.num >= 0 && n.num < 0x1p53)
		return (uint64_t)n.num;
	if (n.tag != VAL_LIT || n.len >= sizeof text || *n.text == '-')
		return otherwise;
	memcpy(text, n.text, n.len);
	text[n.len] = '\0';
	errno = 0;
	got = strtoull(text, &end, 10);
	return *end || errno ? otherwise : got;
}

struct slice saved_text(struct heap *h, struct val v, const char *name)
{
	struct val s = saved_member(v, name);

	return val_type(s) == TYPE_STRING ? val_slice(h, s) : (struct slice){ NULL, 0 };
}

void saved_add_text(struct buf *json, const char *name, struct slice text)
{
	buf_addc(json, '"');
	buf_add(json, name, strlen(name));
	buf_add(json, "\":", 2);
	jstring_write_bytes(json, text);
}
