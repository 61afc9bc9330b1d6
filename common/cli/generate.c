/* Help, the page's OPTIONS, and completions, all printed from the option table. */
#include "generate.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 79

static const struct {
	enum status status;
	bool with_e; /* only where there is an option -e */
	const char *text;
} statuses[] = {
	{ STATUS_OK, false, "done" },
	{ STATUS_FALSE, true, "with -e and -m: the last output was false or null" },
	{ STATUS_TROUBLE, false, "a usage, input or output error" },
	{ STATUS_COMPILE, false, "an expression does not compile" },
	{ STATUS_NOTHING, true, "with -e: nothing was written" },
	{ STATUS_BAD_RECORDS, false, "some records were bad" },
};
#define STATUSES (sizeof statuses / sizeof statuses[0])

/* Can this tool end so? */
static bool has_status(const struct tool *t, size_t i)
{
	for (size_t k = 0; k < options_count(t); k++)
		if (options_at(t, k)->name && strcmp(options_at(t, k)->name, "exit-status") == 0)
			return true;
	return !statuses[i].with_e;
}

/* ---- --help */

/* "-i, --from FMT", "-f, --follow[=HOW]" */
static int label(const struct option_def *o, char *to, size_t size)
{
	int n = 0;

	n += snprintf(to, size, o->letter ? "-%c" : "  ", o->letter);
	if (o->name)
		n += snprintf(to + n, size - (size_t)n, "%s--%s", o->letter ? ", " : "  ", o->name);
	if (o->arg)
		n += snprintf(to + n, size - (size_t)n, o->implied ? "[=%s]" : " %s", o->arg);
	return n;
}

/* Wrap TEXT in columns FROM to WIDTH; the cursor is at column AT. */
static void wrap(const char *text, int at, int from)
{
	while (*text) {
		int word = (int)strcspn(text, " ");

		if (at > from && at + 1 + word > WIDTH) {
			putchar('\n');
			at = 0;
		} else if (at > from) {
			putchar(' ');
			at++;
		}
		for (; at < from; at++)
			putchar(' ');
		printf("%.*s", word, text);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_option(const struct option_def *o)
{
	char left[80], help[600];
	int n = label(o, left, sizeof left), k;

	printf("  %s", left);
	k = snprintf(help, sizeof help, "%s", o->help);
	if (o->choices)
		k += snprintf(help + k, sizeof help - (size_t)k, "; one of %s", o->choices);
	if (o->def)
		snprintf(help + k, sizeof help - (size_t)k, " (default %s)", o->def);
	if (n > 24) {
		putchar('\n');
		n = -2;
	}
	wrap(help, n + 2, 28);
}

static void print_help(const struct tool *t)
{
	size_t i, n = options_count(t);

	for (i = 0; t->synopsis[i]; i++)
		printf("%s %s %s\n", i ? "      " : "usage:", t->name, t->synopsis[i]);
	printf("\n%s\n\n", t->purpose);
	for (i = 0; i < n; i++)
		print_option(options_at(t, i));
	printf("\nExit status:\n");
	for (i = 0; i < STATUSES; i++)
		if (has_status(t, i)) {
			printf("  %d ", statuses[i].status);
			wrap(statuses[i].text, 4, 4);
		}
	if (t->example)
		printf("\nExample:\n  %s\n", t->example);
	printf("\nThe manual: man %s\n", t->name);
}

/* ---- the page */

/* Text for mdoc: a leading '.' or "'" and backslashes are masked, a hyphen of an option is a minus.
 */
static void man_text(const char *s)
{
	for (bool start = true; *s; s++, start = false) {
		if (start && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-' && s[1] == '-')
			fputs("\\-", stdout);
		else if (*s == '.' && s[1] == ' ' && s[2] >= 'A' && s[2] <= 'Z')
			putchar(*s), putchar('\n'), s++; /* each sentence on a line of its own */
		else
			putchar(*s);
	}
}

static void man_option(const struct option_def *o)
{
	fputs(".It", stdout);
	if (o->letter)
		printf(" Fl %c", o->letter);
	if (o->name)
		printf("%s Fl -%s", o->letter ? " ," : "", o->name);
	if (o->arg)
		printf(o->implied ? " Ns Oo = Ns Ar %s Oc" : " Ar %s", o->arg);
	putchar('\n');
	man_text(o->help);
	if (o->choices) {
		fputs("; one of ", stdout);
		man_text(o->choices);
	}
	puts(".");
	if (o->def)
		printf("The default is\n.Cm %s .\n", o->def);
}

static void print_statuses(const struct tool *t)
{
	puts(".Bl -tag -width 3n");
	for (size_t i = 0; i < STATUSES; i++)
		if (has_status(t, i)) {
			printf(".It %d\n", statuses[i].status);
			man_text(statuses[i].text);
			puts(".");
		}
	puts(".It 130 , 143");
	puts("the run was ended in order by SIGINT or SIGTERM; 0 with\n.Fl -graceful .");
	puts(".El");
}

static void print_man(const struct tool *t)
{
	size_t i, n = options_count(t);

	puts(".Bl -tag -width indent");
	for (i = 0; i < n; i++)
		man_option(options_at(t, i));
	puts(".El");
}

/* ---- completions */

static void bash_words(const struct tool *t)
{
	size_t i, n = options_count(t);

	for (i = 0; i < n; i++) {
		const struct option_def *o = options_at(t, i);

		if (o->letter)
			printf(" -%c", o->letter);
		if (o->name)
			printf(" --%s", o->name);
	}
}

static void bash_case(const struct option_def *o)
{
	const char *p;

	if (!o->arg || (o->kind != OPTION_FILE && !o->choices))
		return;
	printf("\t");
	if (o->letter && !o->implied)
		printf("-%c%s", o->letter, o->name ? "|" : "");
	if (o->name && !o->implied)
		printf("--%s|", o->name);
	if (o->name)
		printf("--%s=", o->name);
	printf(")\n\t\t");
	if (o->kind == OPTION_FILE) {
		printf("COMPREPLY=($(compgen -f -- \"$cur\"))");
	} else {
		printf("COMPREPLY=($(compgen -W \"");
		for (p = o->choices; *p; p++)
			putchar(*p == '|' ? ' ' : *p);
		printf("\" -- \"$cur\"))");
	}
	printf("\n\t\treturn\n\t\t;;\n");
}

static void print_bash(const struct tool *t)
{
	size_t i, n = options_count(t);

	printf("# bash completion for %s; made by %s --generate=bash\n_%s()\n{\n", t->name, t->name,
	       t->name);
	printf("\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n");
	/* bash makes --color=auto three words */
	printf("\tif [[ $cur == = ]]; then\n\t\tcur='' prev+==\n\telif [[ $prev == = ]]; then\n"
	       "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}=\n\tfi\n\tcase $prev in\n");
	for (i = 0; i < n; i++)
		bash_case(options_at(t, i));
	printf("\tesac\n\tif [[ $cur == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W \"");
	bash_words(t);
	printf("\" -- \"$cur\"))\n");
	if (t->operands)
		printf("\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n");
	printf("\tfi\n}\ncomplete -o filenames -F _%s %s\n", t->name, t->name);
}

/* Help in single quotes, brackets and colons masked for _arguments. */
static void zsh_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '[' || *s == ']' || *s == ':')
			putchar('\\');
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	}
}

static void zsh_spec(const struct option_def *o, const char *flag, char dash2)
{
	bool takes = o->arg && !(o->implied && !dash2);
	bool again = o->kind == OPTION_LIST || o->kind == OPTION_PAIR || o->kind == OPTION_NEXT;
	const char *p;

	printf("\t'%s%s%s%s[", again ? "*" : "", flag, takes ? dash2 ? "=" : "+" : "",
	       takes && o->implied ? "-" : "");
	zsh_text(o->help);
	putchar(']');
	if (takes) {
		fputs(o->implied ? "::" : ":", stdout);
		zsh_text(o->arg);
		putchar(':');
		if (o->choices) {
			putchar('(');
			for (p = o->choices; *p; p++)
				putchar(*p == '|' ? ' ' : *p);
			putchar(')');
		} else if (o->kind == OPTION_FILE) {
			printf("_files");
		} else {
			putchar(' ');
		}
	}
	if (o->kind == OPTION_PAIR)
		printf(":value: ");
	printf("' \\\n");
}

static void print_zsh(const struct tool *t)
{
	size_t i, n = options_count(t);
	char flag[80];

	printf("#compdef %s\n# made by %s --generate=zsh\n_arguments -s -S \\\n", t->name, t->name);
	for (i = 0; i < n; i++) {
		const struct option_def *o = options_at(t, i);

		if (o->letter) {
			snprintf(flag, sizeof flag, "-%c", o->letter);
			zsh_spec(o, flag, 0);
		}
		if (o->name) {
			snprintf(flag, sizeof flag, "--%s", o->name);
			zsh_spec(o, flag, 1);
		}
	}
	printf("\t'*:%s'\n", t->operands ? "file:_files" : "operand: ");
}

static void fish_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
}

static void print_fish(const struct tool *t)
{
	size_t i, n = options_count(t);
	const char *p;

	printf("# fish completion for %s; made by %s --generate=fish\n", t->name, t->name);
	if (!t->operands)
		printf("complete -c %s -f\n", t->name);
	for (i = 0; i < n; i++) {
		const struct option_def *o = options_at(t, i);

		printf("complete -c %s", t->name);
		if (o->letter)
			printf(" -s %c", o->letter);
		if (o->name)
			printf(" -l %s", o->name);
		if (o->choices) {
			printf(o->implied ? " -f -a '" : " -x -a '");
			for (p = o->choices; *p; p++)
				putchar(*p == '|' ? ' ' : *p);
			putchar('\'');
		} else if (o->kind == OPTION_FILE) {
			printf(" -r -F");
		} else if (o->arg) {
			printf(" -x");
		}
		printf(" -d '");
		fish_text(o->help);
		printf("'\n");
	}
}

int options_generate(const struct tool *t, const char *kind)
{
	static const struct {
		const char *kind;
		void (*print)(const struct tool *t);
	} kinds[] = { { "help", print_help }, { "man", print_man }, { "statuses", print_statuses },
		      { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i].kind) == 0) {
			kinds[i].print(t);
			return 0;
		}
	return -1;
}
