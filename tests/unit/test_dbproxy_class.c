/* test_dbproxy_class.c -- error numbers into classes, and names out of messages. */
#include "dbproxy/class.h"
#include "tests/unit/check.h"

TEST(numbers_have_classes)
{
	CHECK(class_of(0) == CLASS_OK);
	CHECK(class_of(1062) == CLASS_DUPLICATE);
	CHECK(class_of(1213) == CLASS_CONFLICT);
	CHECK(class_of(2013) == CLASS_LOST);
	CHECK(class_of(2002) == CLASS_UNAVAILABLE);
	CHECK(class_of(31337) == CLASS_BROKEN);
	CHECK_STR(class_word(CLASS_TOO_LONG), STR("too_long"));
	CHECK(class_action(CLASS_LOST) == ACTION_UNKNOWN);
	CHECK(class_status(CLASS_DUPLICATE) == STATUS_FAIL);
}

TEST(no_number_stands_twice)
{
	static const unsigned codes[] = {
#define CODE(number, class, name) number,
#include "dbproxy/class.def"
#undef CODE
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		for (size_t j = 0; j < i; j++)
			CHECK(codes[i] != codes[j]);
}

TEST(a_lost_connection_ends_it_and_a_refusal_does_not)
{
	CHECK(class_ends_connection(2013));
	CHECK(class_ends_connection(1927));
	CHECK(!class_ends_connection(2057));
	CHECK(!class_ends_connection(1062));
	CHECK(!class_ends_connection(3819));
	CHECK(!class_ends_connection(4025));
	CHECK(!class_ends_connection(901));
}

TEST(the_message_names_the_key_column_or_constraint)
{
	CHECK_STR(class_detail(CLASS_DUPLICATE,
			       "Duplicate entry 'a' for key 'b' for key 'email'"),
		  STR("email")); /* and not what the value says */
	CHECK_STR(
	    class_detail(CLASS_DUPLICATE, "Duplicate entry 'x' for key 'users.name'"),
	    STR("name"));
	CHECK_STR(
	    class_detail(CLASS_TOO_LONG, "Data too long for column 'title' at row 1"),
	    STR("title"));
	CHECK_STR(class_detail(CLASS_NULL, "Column 'name' cannot be null"), STR("name"));
	CHECK_STR(class_detail(CLASS_BAD_TEXT,
			       "Incorrect string value: '\\xFF' for column "
			       "`onebox`.`users`.`bio` at row 1"),
		  STR("bio"));
	CHECK_STR(
	    class_detail(CLASS_FOREIGN_KEY,
			 "Cannot add or update a child row: a foreign key constraint "
			 "fails (`o`.`c`, CONSTRAINT `child_of` FOREIGN KEY (`a`) "
			 "REFERENCES `b` (`id`))"),
	    STR("child_of"));
	CHECK_STR(class_detail(CLASS_CHECK, "CONSTRAINT `n_is_small` failed for `o`.`t`"),
		  STR("n_is_small"));
	CHECK_STR(class_detail(CLASS_DUPLICATE, "something else"), STR("something else"));
	CHECK_STR(class_detail(CLASS_DUPLICATE, "for key 'never closed"),
		  STR("for key 'never closed"));
	CHECK_STR(class_detail(CLASS_BROKEN, "whatever it is"), STR("whatever it is"));
}
