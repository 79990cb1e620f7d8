// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/message.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/engine/change.h"

#define STATES (RECIPIENT_REMOVED + 1)

/* From each state (line) to each state (column), in the enum's order. */
static const char legal[STATES][STATES + 1] = {
	/*               WADFBR */
	[RECIPIENT_WAITING] = ".x.x.x",
	[RECIPIENT_ACTIVE] = "x.xx..",
	[RECIPIENT_DELIVERED] = "......",
	[RECIPIENT_FAILED] = "....x.",
	[RECIPIENT_BOUNCED] = "......",
	[RECIPIENT_REMOVED] = "......",
};

/* The same for what the log may say, where "active" is never said. */
static const char logged[STATES][STATES + 1] = {
	[RECIPIENT_WAITING] = "x.xx.x",
	[RECIPIENT_ACTIVE] = "x.xx..",
	[RECIPIENT_DELIVERED] = "......",
	[RECIPIENT_FAILED] = "....x.",
	[RECIPIENT_BOUNCED] = "......",
	[RECIPIENT_REMOVED] = "......",
};

START_TEST(only_legal_moves_are_made)
{
	RecipientState from = _i / STATES, to = _i % STATES;

	ck_assert_int_eq(recipient_may_move(from, to),
			 legal[from][to] == 'x');
}
END_TEST

START_TEST(only_legal_changes_are_applied)
{
	RecipientState from = _i / STATES, to = _i % STATES;
	g_autoptr(Recipient) recipient = recipient_new("a@b");
	RecipientChange change = { .state = to, .tries = 5, .route = "isp" };
	gboolean done;

	if (to == RECIPIENT_ACTIVE)
		return;
	recipient->state = from;
	done = recipient_apply(recipient, &change);
	ck_assert_int_eq(done, logged[from][to] == 'x');
	ck_assert_int_eq(recipient->state, done ? to : from);
	ck_assert_uint_eq(recipient->tries, done ? 5 : 0);
	ck_assert_str_eq(recipient->route, done ? "isp" : "");
}
END_TEST

START_TEST(state_words_are_read_back)
{
	RecipientState state = STATES;

	ck_assert(recipient_state_from_name(recipient_state_name(_i),
					    &state));
	ck_assert_int_eq(state, _i);
	ck_assert(!recipient_state_from_name("nonsense", &state));
	ck_assert_int_eq(state, _i);
}
END_TEST

START_TEST(action_words_are_read_back)
{
	ActionKind kind = ACTION_KINDS;

	ck_assert(action_from_name(action_name(_i), &kind));
	ck_assert_int_eq(kind, _i);
	ck_assert(!action_from_name("nonsense", &kind));
}
END_TEST

START_TEST(a_move_keeps_a_copy_of_the_status)
{
	g_autoptr(Recipient) recipient = recipient_new("a@b");
	Status *status = status_new(OUTCOME_DEFERRED, FAULT_HOST, 450, NULL,
				    "later", NULL);

	recipient_move(recipient, RECIPIENT_ACTIVE, NULL);
	recipient_move(recipient, RECIPIENT_WAITING, status);
	status_free(status);
	ck_assert_str_eq(recipient->status->text, "later");
	recipient_move(recipient, RECIPIENT_ACTIVE, NULL);
	ck_assert_str_eq(recipient->status->text, "later");
}
END_TEST

START_TEST(a_message_counts_its_recipients)
{
	g_autoptr(Message) message = message_new(1, "", 0);
	Recipient *recipients[STATES];

	for (guint i = 0; i < STATES; i++) {
		recipients[i] = message_add_recipient(message, "a@b");
		recipients[i]->state = i;
	}
	ck_assert_uint_eq(message_count(message, RECIPIENT_FAILED), 1);
	ck_assert_uint_eq(message_pending(message), 2);
	ck_assert(!message_is_done(message));
	recipients[0]->state = RECIPIENT_DELIVERED;
	recipients[1]->state = RECIPIENT_REMOVED;
	ck_assert_uint_eq(message_pending(message), 0);
	ck_assert(!message_is_done(message));
	recipients[3]->state = RECIPIENT_BOUNCED;
	ck_assert(message_is_done(message));
}
END_TEST

START_TEST(options_come_and_go)
{
	g_autoptr(Message) message = message_new(1, "", 0);

	ck_assert_ptr_null(message_option(message, "key"));
	message_set_option(message, "key", "");
	ck_assert_ptr_null(message_option(message, "key"));
	message_set_option(message, "key", "value");
	ck_assert_str_eq(message_option(message, "key"), "value");
	message_set_option(message, "second", "2");
	message_set_option(message, "third", "3");
	message_set_option(message, "second", message_option(message, "third"));
	ck_assert_str_eq(message_option(message, "second"), "3");
	message_set_option(message, "key", NULL);
	ck_assert_ptr_null(message_option(message, "key"));
	ck_assert_str_eq(message_option(message, "third"), "3");
	message_set_option(message, "third", NULL);
	ck_assert_ptr_null(message_option(message, "third"));
	ck_assert_str_eq(message_option(message, "second"), "3");
}
END_TEST

static gboolean
do_action(Message *message, ActionKind kind, gint64 number)
{
	g_autoptr(Action) action = action_new(kind, 1000, 77, "because");

	action->number = number;
	return message_act(message, action);
}

START_TEST(actions_do_what_they_say)
{
	g_autoptr(Message) message = message_new(1, "", 0);
	Recipient *waiting = message_add_recipient(message, "a@b");
	Recipient *done = message_add_recipient(message, "c@d");

	done->state = RECIPIENT_DELIVERED;
	ck_assert(do_action(message, ACTION_HELD, 0));
	ck_assert(message->held);
	ck_assert_str_eq(message->held_why, "because");
	ck_assert(do_action(message, ACTION_RELEASED, 0));
	ck_assert(!message->held);
	ck_assert_str_eq(message->held_why, "");
	ck_assert(do_action(message, ACTION_TRASHED, 0));
	ck_assert(message->trashed && message->trashed_at == 77);
	ck_assert(do_action(message, ACTION_RESTORED, 0));
	ck_assert(!message->trashed && message->trashed_at == 0);
	ck_assert(do_action(message, ACTION_NOT_BEFORE, 99));
	ck_assert(waiting->next_try == 99 && done->next_try == 0);
	ck_assert(do_action(message, ACTION_METER, 12));
	ck_assert(message->meter == 12);
	ck_assert(!do_action(message, ACTION_OPTION, 0));
}
END_TEST

static Action *
expansion(guint recipient, guint children)
{
	Action *action = action_new(ACTION_EXPANDED, 1000, 77, "");

	action->recipient = recipient;
	for (guint i = 0; i < children; i++)
		action_add_child(action, "child@example.org");
	return action;
}

START_TEST(an_expansion_gives_children)
{
	g_autoptr(Message) message = message_new(1, "", 0);
	g_autoptr(Action) action = expansion(1, 2);
	g_autoptr(Action) absent = expansion(9, 1);
	Recipient *child;

	message_add_recipient(message, "a@b");
	message_add_recipient(message, "list@b");
	ck_assert(!message_act(message, absent));
	ck_assert(message_act(message, action));
	ck_assert(!message_act(message, action));
	ck_assert_uint_eq(message->recipients->len, 4);
	ck_assert_int_eq(((Recipient *)message->recipients->pdata[1])->state,
			 RECIPIENT_DELIVERED);
	child = message->recipients->pdata[3];
	ck_assert_int_eq(child->state, RECIPIENT_WAITING);
	ck_assert_str_eq(recipient_option(child, "parent"), "1");
}
END_TEST

START_TEST(an_expansion_is_bounded)
{
	g_autoptr(Message) message = message_new(1, "", 0);
	g_autoptr(Action) most = expansion(0, MESSAGE_MAX_RECIPIENTS - 1);
	g_autoptr(Action) more = expansion(0, MESSAGE_MAX_RECIPIENTS);

	message_add_recipient(message, "a@b");
	ck_assert(!message_act(message, more));
	ck_assert(message_act(message, most));
}
END_TEST

static Suite *
make_message_suite(void)
{
	Suite *suite = suite_create("message");
	TCase *tc = tcase_create("message");

	tcase_add_loop_test(tc, only_legal_moves_are_made, 0,
			    STATES * STATES);
	tcase_add_loop_test(tc, only_legal_changes_are_applied, 0,
			    STATES * STATES);
	tcase_add_loop_test(tc, state_words_are_read_back, 0, STATES);
	tcase_add_loop_test(tc, action_words_are_read_back, 0, ACTION_KINDS);
	tcase_add_test(tc, a_move_keeps_a_copy_of_the_status);
	tcase_add_test(tc, a_message_counts_its_recipients);
	tcase_add_test(tc, options_come_and_go);
	tcase_add_test(tc, actions_do_what_they_say);
	tcase_add_test(tc, an_expansion_gives_children);
	tcase_add_test(tc, an_expansion_is_bounded);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_message_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
