// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an owner changes of the envelope: as a change of the message, and
 * through the text of the log's record.
 */
#include "daemon/engine/change-edit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/record.h"
#include "daemon/engine/route.h"

#define NOW 1700000000

/* To bob and carol, who wait, and to dave, who has it. */
static Message *
make_message(void)
{
	Message *message = message_new(1, "ada@home.example", 1000);
	Recipient *dave;

	message_add_recipient(message, "bob@far.example");
	message_add_recipient(message, "carol@far.example");
	dave = message_add_recipient(message, "dave@far.example");
	dave->state = RECIPIENT_DELIVERED;
	return message;
}

/* "bob=waiting carol=removed ... from ada": all of it in one line. */
static char *
describe(const Message *message)
{
	GString *line = g_string_new(NULL);

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		const char *at = strchr(recipient->address, '@');

		g_string_append_printf(
			line, "%.*s=%s ", (int)(at - recipient->address),
			recipient->address,
			recipient_state_name(recipient->state));
	}
	g_string_append_printf(line, "from %s", message->sender);
	return g_string_free(line, FALSE);
}

#define BEFORE "bob=waiting carol=waiting dave=delivered "

static const struct {
	const char *added, *removed, *sender; /* blanks between; or NULL */
	gboolean done;
	const char *after;
} rows[] = {
	{ "eve@far.example", NULL, NULL, TRUE,
	  BEFORE "eve=waiting from ada@home.example" },
	{ NULL, "bob@far.example", NULL, TRUE,
	  "bob=removed carol=waiting dave=delivered from "
	  "ada@home.example" },
	{ "eve@x frank@x", "bob@far.example carol@FAR.example", "eve@home",
	  TRUE,
	  "bob=removed carol=removed dave=delivered eve=waiting "
	  "frank=waiting from eve@home" },
	{ NULL, NULL, "", TRUE, BEFORE "from " },
	/* All of it, or nothing. */
	{ "eve@x", "dave@far.example", NULL, FALSE,
	  BEFORE "from ada@home.example" },
	{ "eve@x", "bob@far.example nobody@x", "eve@home", FALSE,
	  BEFORE "from ada@home.example" },
	/* The local part of a stranger's address has its case. */
	{ NULL, "BOB@far.example", NULL, FALSE,
	  BEFORE "from ada@home.example" },
	/* Who was taken off may come back. */
	{ "bob@far.example", "bob@far.example", NULL, TRUE,
	  "bob=removed carol=waiting dave=delivered bob=waiting from "
	  "ada@home.example" },
};

static void
add_children(Action *action, const char *addresses, RecipientState state)
{
	g_auto(GStrv) words = g_strsplit(addresses ? addresses : "", " ", -1);

	for (char **word = words; *word; word++)
		if (**word)
			action_add_child(action, *word)->state = state;
}

static Action *
make_edit(const char *added, const char *removed, const char *sender)
{
	Action *action = action_new(ACTION_EDITED, 1000, NOW, "why");

	add_children(action, removed, RECIPIENT_REMOVED);
	add_children(action, added, RECIPIENT_WAITING);
	if (!sender)
		return action;
	g_free(action->key);
	action->key = g_strdup(CHANGE_SENDER);
	g_free(action->value);
	action->value = g_strdup(sender);
	return action;
}

static void
check_edit(const Action *action, gboolean done, const char *after)
{
	g_autoptr(Message) message = make_message();
	g_autofree char *line = NULL;

	ck_assert_int_eq(message_act(message, action), done);
	line = describe(message);
	ck_assert_str_eq(line, after);
}

START_TEST(an_edit_holds_as_a_whole)
{
	g_autoptr(Action) action = make_edit(rows[_i].added, rows[_i].removed,
					     rows[_i].sender);

	check_edit(action, rows[_i].done, rows[_i].after);
}
END_TEST

START_TEST(the_log_says_the_same)
{
	g_autoptr(Action) action = make_edit(rows[_i].added, rows[_i].removed,
					     rows[_i].sender);
	g_autoptr(GString) text = record_text_action(action);
	g_autoptr(Action) read = record_parse_action(text->str, text->len);

	ck_assert_ptr_nonnull(read);
	check_edit(read, rows[_i].done, rows[_i].after);
}
END_TEST

START_TEST(recipients_have_a_bound)
{
	g_autoptr(Message) message = make_message();
	g_autoptr(Action) action = make_edit("eve@x frank@x", NULL, NULL);

	while (message->recipients->len < MESSAGE_MAX_RECIPIENTS - 1)
		message_add_recipient(message, "x@y");
	ck_assert(!message_act(message, action));
	ck_assert_uint_eq(message->recipients->len,
			  MESSAGE_MAX_RECIPIENTS - 1);
	g_ptr_array_set_size(action->children, 1);
	ck_assert(message_act(message, action));
}
END_TEST

/* Another route is tried at once, but not before what was asked for. */
START_TEST(a_route_is_chosen_and_left)
{
	g_autoptr(Message) message = make_message();
	Recipient *tried = message->recipients->pdata[0];
	Recipient *later = message->recipients->pdata[1];
	g_autoptr(Action) action =
		action_new(ACTION_REROUTED, 1000, NOW, NULL);

	tried->last_try = NOW - 60;
	tried->next_try = NOW + 3600;
	later->next_try = NOW + 7200;
	g_free(action->value);
	action->value = g_strdup("isp");
	ck_assert(message_act(message, action));
	ck_assert_str_eq(message_option(message, ROUTE_ASKED), "isp");
	ck_assert_int_eq(tried->next_try, 0);
	ck_assert_int_eq(later->next_try, NOW + 7200);
	*action->value = '\0';
	ck_assert(message_act(message, action));
	ck_assert_ptr_null(message_option(message, ROUTE_ASKED));
}
END_TEST

static Suite *
make_change_edit_suite(void)
{
	Suite *suite = suite_create("change-edit");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, an_edit_holds_as_a_whole, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_loop_test(core, the_log_says_the_same, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_test(core, recipients_have_a_bound);
	tcase_add_test(core, a_route_is_chosen_and_left);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_change_edit_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
