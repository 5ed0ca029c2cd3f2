/* generate_calls.c -- writes what appd calls: for each statement a function that puts its
 * values into a message, and one that takes its rows from the answer. */
#include "dbproxy/sql/generate.h"

static const char *c_type(const struct field *f)
{
	return f->null ? f->type->c_null : f->type->c;
}

/* What its row is called in C. */
static const char *row_name(const struct statement *s)
{
	return s->write ? "done" : s->row != NULL ? s->row->name : s->name;
}

static void print_call(const struct statement *s)
{
	printf("void sql_%s(struct sql_batch *b, struct sql_%s *ret", s->name,
	       row_name(s));
	for (int i = 0; i < s->param_count; i++)
		printf(", %s%s", c_type(&s->params[i]), s->params[i].name);
	printf(")");
}

static void print_next(const struct statement *s)
{
	printf("bool sql_%s_next(struct sql_each *e, struct sql_%s *ret", s->name,
	       row_name(s));
	for (int i = 0; i < s->param_count - 2; i++)
		printf(", %s%s", c_type(&s->params[i]), s->params[i].name);
	printf(")");
}

void print_header(const struct statements *all)
{
	printf("/* Made by dbproxy/sql/generate.c: one call for each statement. */\n"
	       "#ifndef GEN_SQL_H\n#define GEN_SQL_H\n\n"
	       "#include \"common/sql_msg.h\"\n\nstruct sql_batch;\nstruct sql_each;\n");
	for (int i = 0; i < all->count; i++) {
		const struct statement *s = all->at[i];

		printf("\n/* %s:%d */\n", s->file, s->line);
		if (!s->write && s->row == NULL) {
			printf("struct sql_%s_row {\n", s->name);
			for (int n = 0; n < s->column_count; n++)
				printf("\t%s%s;\n", c_type(&s->columns[n]),
				       s->columns[n].name);
			printf("};\nstruct sql_%s {\n\tsize_t count;\n"
			       "\tstruct sql_%s_row *rows;\n};\n",
			       s->name, s->name);
		}
		print_call(s);
		printf(";\n");
		if (s->each) {
			print_next(s);
			printf(";\n");
		}
	}
	printf("\n#endif\n");
}

static void print_decoder(const struct statement *s)
{
	printf("\nstatic void decode_%s(struct sql_batch *b, struct wire *w,\n"
	       "\t\t\tconst struct sql_result_head *head, void *ret)\n{\n"
	       "\tstruct sql_%s *r = ret;\n\n"
	       "\tif (head->columns != %d) {\n\t\tw->bad = true;\n\t\treturn;\n\t}\n"
	       "\tr->count = head->cells / %d;\n"
	       "\tr->rows = sql_array(b, r->count, sizeof(*r->rows));\n"
	       "\tfor (size_t i = 0; i < r->count; i++) {\n"
	       "\t\tstruct sql_%s_row *row = &r->rows[i];\n\n",
	       s->name, s->name, s->column_count, s->column_count, s->name);
	for (int i = 0; i < s->column_count; i++) {
		const struct field *f = &s->columns[i];

		if (!f->null)
			printf("\t\trow->%s = wire_%s(w);\n", f->name, f->type->get);
		else if (strcmp(f->type->get, "bytes") == 0)
			printf("\t\tif (!wire_null(w))\n\t\t\trow->%s = "
			       "wire_bytes(w);\n",
			       f->name);
		else
			printf("\t\trow->%s.null = wire_null(w);\n"
			       "\t\tif (!row->%s.null)\n\t\t\trow->%s.v = wire_%s(w);\n",
			       f->name, f->name, f->name, f->type->get);
	}
	printf("\t}\n}\n");
}

static void print_encoder(const struct statement *s)
{
	putchar('\n');
	print_call(s);
	printf("\n{\n");
	printf("\tstatic const struct sql_call call = { \"%s\", 0x%016llxu, %d, "
	       "decode_%s };\n"
	       "\n\tsql_add(b, &call, ret);\n",
	       s->name, (unsigned long long)signature(s), s->param_count, row_name(s));
	for (int i = 0; i < s->param_count; i++) {
		const struct field *f = &s->params[i];
		bool bytes = strcmp(f->type->put, "bytes") == 0;

		if (f->null)
			printf("\tif (%s%s)\n\t\twire_put_null(sql_values(b));\n"
			       "\telse\n\t",
			       f->name, bytes ? ".p == NULL" : ".null");
		printf("\twire_put_%s(sql_values(b), %s%s);\n", f->type->put, f->name,
		       f->null && !bytes ? ".v" : "");
	}
	printf("}\n");
}

static void print_iterator(const struct statement *s)
{
	putchar('\n');
	print_next(s);
	printf("\n{\n\tstruct sql_batch *b = sql_each_batch(e);\n\n"
	       "\tif (b == NULL)\n\t\treturn false;\n"
	       "\tsql_%s(b, ret",
	       s->name);
	for (int i = 0; i < s->param_count - 2; i++)
		printf(", %s", s->params[i].name);
	printf(", sql_each_after(e), sql_each_limit(e));\n"
	       "\tsql_each_run(e, b);\n"
	       "\tfor (size_t i = 0; i < ret->count; i++)\n"
	       "\t\tsql_each_took(e, ret->rows[i].%s);\n"
	       "\treturn ret->count > 0;\n}\n",
	       s->columns[0].name);
}

void print_calls(const struct statements *all)
{
	bool any_write = false;

	printf("/* Made by dbproxy/sql/generate.c. */\n"
	       "#include \"gen/sql.h\"\n\n#include \"appd/sql.h\"\n");
	for (int i = 0; i < all->count; i++)
		any_write = any_write || all->at[i]->write;
	if (any_write)
		printf("\nstatic void decode_done(struct sql_batch *b, struct wire *w,\n"
		       "\t\t\tconst struct sql_result_head *head, void *ret)\n{\n"
		       "\tstruct sql_done *r = ret;\n\n\t(void)b;\n"
		       "\tif (head->columns != 0)\n\t\tw->bad = true;\n"
		       "\tr->affected = head->affected;\n"
		       "\tr->insert_id = head->insert_id;\n}\n");
	for (int i = 0; i < all->count; i++) {
		if (!all->at[i]->write && all->at[i]->row == NULL)
			print_decoder(all->at[i]);
		print_encoder(all->at[i]);
		if (all->at[i]->each)
			print_iterator(all->at[i]);
	}
}
