// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A walk through the aliases, depth first. It ends at the first thing that
 * does not work: half an alias is none.
 *
 * A name that lists itself means its own mailbox ("ada: ada, bob@far"), as
 * with a backslash; a name that comes back by way of others is a loop.
 */
#include "daemon/engine/alias.h"

#include <string.h>

#include "common/address.h"
#include "common/own.h"
#include "common/text.h"
#include "daemon/engine/alias-find.h"

#define ALIAS_SHOWN 400 /* characters of an alias in a sentence */

typedef struct {
	const AliasWorld *world;
	AliasResult *result;
	GPtrArray *chain; /* of char *, borrowed: the names that led here */
	GPtrArray *steps; /* of char *; (nullable) */
	const char *start; /* the name that was asked for */
	guint looked;
} Walk;

static void visit_name(Walk *walk, const char *name, const char *domain);
static void visit_address(Walk *walk, const char *address, gboolean exact);

void
alias_result_free(AliasResult *result)
{
	if (!result)
		return;
	g_ptr_array_unref(result->targets);
	g_free(result->why);
	g_free(result);
}

/* --- how a walk ends ------------------------------------------------------ */

static gboolean
is_over(const Walk *walk)
{
	return walk->result->outcome == ALIAS_WAITS ||
	       walk->result->outcome == ALIAS_FAILS;
}

/* "list -> staff -> list"; @last (nullable) */
static char *
chain_text(const Walk *walk, const char *last)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < walk->chain->len; i++)
		g_string_append_printf(text, "%s%s", i ? " -> " : "",
				       (char *)walk->chain->pdata[i]);
	if (last)
		g_string_append_printf(text, "%s%s", text->len ? " -> " : "",
				       last);
	return g_string_free(text, FALSE);
}

static void end_walk(Walk *walk, AliasOutcome outcome, const char *enhanced,
		     const char *format, ...) G_GNUC_PRINTF(4, 5);

static void
end_walk(Walk *walk, AliasOutcome outcome, const char *enhanced,
	 const char *format, ...)
{
	g_autofree char *raw = NULL;
	va_list arguments;

	if (is_over(walk))
		return;
	walk->result->outcome = outcome;
	walk->result->enhanced = enhanced;
	g_free(walk->result->why);
	va_start(arguments, format);
	raw = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	walk->result->why = text_harmless(raw);
	g_ptr_array_set_size(walk->result->targets, 0);
	if (walk->steps)
		g_ptr_array_add(walk->steps, g_strdup(walk->result->why));
}

static void
fail_loop(Walk *walk, const char *name)
{
	g_autofree char *chain = chain_text(walk, name);

	end_walk(walk, ALIAS_FAILS, "5.4.6",
		 "The aliases of this machine go round in a circle: %s.",
		 chain);
}

static void
fail_depth(Walk *walk, const char *name)
{
	g_autofree char *chain = chain_text(walk, name);

	end_walk(walk, ALIAS_FAILS, "5.4.6",
		 "More than %d aliases of this machine lead to one another: "
		 "%s.", ALIAS_MAX_DEPTH, chain);
}

static void
fail_size(Walk *walk)
{
	g_autofree char *chain = chain_text(walk, NULL);

	end_walk(walk, ALIAS_FAILS, "5.4.6",
		 "The alias stands for more than %d addresses: %s.",
		 ALIAS_MAX_TARGETS, chain);
}

static void
wait_for_line(Walk *walk, const Alias *alias, const char *what)
{
	end_walk(walk, ALIAS_WAITS, "",
		 "%s, line %u: \"%s\" %s. The mail goes once that is "
		 "mended.", walk->world->path, alias->line, alias->name,
		 what);
}

/* --- what it comes to ----------------------------------------------------- */

static gboolean
is_local(const AliasWorld *world, const char *address)
{
	const OwnAddresses own = { world->local_names, world->also_local,
				   world->not_local };

	return own_has(&own, address);
}

static char *
lower_case(const char *text)
{
	return g_utf8_validate(text, -1, NULL) ? g_utf8_strdown(text, -1)
					       : g_ascii_strdown(text, -1);
}

/* The name an address of this machine is looked up by. (transfer full) */
static char *
name_of(const char *address)
{
	g_autofree char *local = address_local(address);

	return lower_case(local);
}

/* Its domain, which is ours. (transfer full) */
static char *
domain_of(const AliasWorld *world, const char *address)
{
	const char *domain = address_domain(address);

	return lower_case(*domain ? domain : world->host);
}

static AliasGoal *
find_goal(const GPtrArray *goals, const char *address, const char *target)
{
	for (guint i = 0; i < goals->len; i++) {
		AliasGoal *goal = goals->pdata[i];

		if (address_equal(goal->address, address) &&
		    g_strcmp0(goal->target, target) == 0)
			return goal;
	}
	return NULL;
}

/* (nullable) (transfer none). What is there already is not there twice. */
static AliasGoal *
add_goal(Walk *walk, const char *address, const char *target)
{
	GPtrArray *goals = walk->result->targets;
	AliasGoal *goal = find_goal(goals, address, target);

	if (goal)
		return goal;
	if (goals->len >= ALIAS_MAX_TARGETS) {
		fail_size(walk);
		return NULL;
	}
	goal = g_new0(AliasGoal, 1);
	goal->address = g_strdup(address);
	goal->target = g_strdup(target);
	g_ptr_array_add(goals, goal);
	return goal;
}

static void
add_mailbox(Walk *walk, const char *name, gboolean direct)
{
	g_autofree char *user =
		mailbox_user(walk->world->mailboxes, walk->start);
	/* Who is asked for as user+x keeps that at home. */
	g_autofree char *address =
		address_join(g_str_equal(user, name) ? walk->start : name,
			     walk->world->host);
	AliasGoal *goal = add_goal(walk, address, NULL);

	if (goal)
		goal->direct |= direct;
}

/* A command or file of @alias; the mail was for @address. */
static void
add_target(Walk *walk, const Alias *alias, const char *address,
	   const AliasTarget *target)
{
	AliasGoal *goal = add_goal(walk, address, target->text);

	if (!goal || goal->alias)
		return;
	goal->alias = g_strdup(alias->name);
	goal->number = alias_command_number(alias, target);
}

/* Nothing is ever delivered as root: a human reads that mail. */
static void
visit_superuser(Walk *walk)
{
	const char *human = walk->world->human;

	if (!human) {
		end_walk(walk, ALIAS_WAITS, "",
			 "Nobody is known who reads root's mail. Write a "
			 "line \"root: NAME\" into %s, and it goes.",
			 walk->world->path);
		return;
	}
	if (walk->steps)
		g_ptr_array_add(walk->steps,
				g_strdup_printf("Root's mail goes to %s.",
						human));
	if (g_str_equal(human, ALIAS_ROOT))
		add_mailbox(walk, human, FALSE);
	else if (strchr(human, '@'))
		visit_address(walk, human, FALSE);
	else
		visit_name(walk, human, walk->world->host);
}

static void
visit_mailbox(Walk *walk, const char *name, gboolean direct)
{
	g_autofree char *user = mailbox_user(walk->world->mailboxes, name);

	if (g_str_equal(user, ALIAS_ROOT))
		visit_superuser(walk);
	else
		add_mailbox(walk, name, direct);
}

static void
visit_address(Walk *walk, const char *address, gboolean exact)
{
	g_autofree char *name = NULL;
	g_autofree char *domain = NULL;

	if (!is_local(walk->world, address)) {
		add_goal(walk, address, NULL);
		return;
	}
	name = name_of(address);
	domain = domain_of(walk->world, address);
	if (exact)
		visit_mailbox(walk, name, TRUE);
	else
		visit_name(walk, name, domain);
}

/* --- the aliases ---------------------------------------------------------- */

static void
visit_list(Walk *walk, const Alias *alias, const char *path)
{
	const Alias *list = walk->world->lists
		? g_hash_table_lookup(walk->world->lists, path) : NULL;
	g_autofree char *what = NULL;

	if (!list)
		what = g_strdup_printf("includes %s, which cannot be read",
				       path);
	else if (list->fault)
		what = g_strdup_printf("includes %s, whose %s", path,
				       list->fault);
	if (what) {
		wait_for_line(walk, alias, what);
		return;
	}
	for (guint i = 0; i < list->targets->len && !is_over(walk); i++) {
		const AliasTarget *target = list->targets->pdata[i];

		if (++walk->looked > ALIAS_MAX_LOOKED)
			fail_size(walk);
		else
			visit_address(walk, target->text,
				      target->kind == ALIAS_EXACT);
	}
}

static void
fail_by_will(Walk *walk, const char *text)
{
	end_walk(walk, ALIAS_FAILS, "5.1.1", "%s",
		 *text ? text : "This address takes no mail.");
}

static void
visit_target(Walk *walk, const Alias *alias, const char *address,
	     const AliasTarget *target)
{
	if (++walk->looked > ALIAS_MAX_LOOKED) {
		fail_size(walk);
		return;
	}
	switch (target->kind) {
	case ALIAS_ADDRESS:
		visit_address(walk, target->text, FALSE);
		break;
	case ALIAS_EXACT:
		visit_address(walk, target->text, TRUE);
		break;
	case ALIAS_INCLUDE:
		visit_list(walk, alias, target->text);
		break;
	case ALIAS_BLACKHOLE:
		break;
	case ALIAS_FAIL:
		fail_by_will(walk, target->text);
		break;
	case ALIAS_COMMAND:
	case ALIAS_PATH:
		add_target(walk, alias, address, target);
		break;
	}
}

static void
tell_alias(const Walk *walk, const Alias *alias)
{
	g_autofree char *targets = alias_targets_text(alias);
	g_autofree char *raw =
		g_strdup_printf("%s is an alias (%s, line %u): %s",
				alias->name, walk->world->path, alias->line,
				targets);

	g_ptr_array_add(walk->steps,
			text_harmless_clipped(raw, ALIAS_SHOWN));
}

static void
visit_alias(Walk *walk, const Alias *alias, const char *name,
	    const char *domain)
{
	g_autofree char *address = address_join(name, domain);

	if (alias->fault) {
		wait_for_line(walk, alias, alias->fault);
		return;
	}
	if (walk->steps)
		tell_alias(walk, alias);
	for (guint i = 0; i < alias->targets->len && !is_over(walk); i++)
		visit_target(walk, alias, address, alias->targets->pdata[i]);
}

/* Names without an alias: a mailbox, but for those two. */
static void
visit_unaliased(Walk *walk, const char *name)
{
	g_autofree char *user = mailbox_user(walk->world->mailboxes, name);

	if (!g_str_equal(user, ALIAS_POSTMASTER)) {
		visit_mailbox(walk, name, FALSE);
		return;
	}
	if (walk->steps)
		g_ptr_array_add(walk->steps,
				g_strdup("postmaster is root, as nothing "
					 "else is said."));
	visit_name(walk, ALIAS_ROOT, walk->world->host);
}

static gboolean
is_on_chain(const Walk *walk, const char *name)
{
	for (guint i = 0; i < walk->chain->len; i++)
		if (g_str_equal(walk->chain->pdata[i], name))
			return TRUE;
	return FALSE;
}

static void
visit_name(Walk *walk, const char *name, const char *domain)
{
	GPtrArray *chain = walk->chain;
	const Alias *alias = alias_find(walk->world, name, domain);
	const char *key = alias ? alias->name : name;

	if (chain->len > 0 &&
	    g_str_equal(chain->pdata[chain->len - 1], key)) {
		visit_mailbox(walk, name, FALSE);
		return;
	}
	if (is_on_chain(walk, key)) {
		fail_loop(walk, key);
		return;
	}
	if (chain->len >= ALIAS_MAX_DEPTH && alias) {
		fail_depth(walk, key);
		return;
	}
	g_ptr_array_add(chain, (gpointer)key);
	if (alias)
		visit_alias(walk, alias, name, domain);
	else
		visit_unaliased(walk, name);
	g_ptr_array_set_size(chain, chain->len - 1);
}

/* --- what others ask ------------------------------------------------------ */

/* Nothing but itself: no expansion at all. */
static void
settle_outcome(AliasResult *result, const AliasWorld *world,
	       const char *name)
{
	g_autofree char *self = address_join(name, world->host);
	const AliasGoal *only = result->targets->len == 1
		? result->targets->pdata[0] : NULL;

	if (result->outcome != ALIAS_NONE)
		return;
	if (only && !only->target && !only->direct &&
	    address_equal(only->address, self))
		g_ptr_array_set_size(result->targets, 0);
	else
		result->outcome = ALIAS_BECOMES;
}

AliasResult *
alias_resolve(const AliasWorld *world, const char *address, GPtrArray *steps)
{
	g_autofree char *name = name_of(address);
	g_autofree char *domain = domain_of(world, address);
	g_autoptr(GPtrArray) chain = g_ptr_array_new();
	Walk walk = { .world = world, .chain = chain, .steps = steps,
		      .start = name };

	walk.result = g_new0(AliasResult, 1);
	walk.result->targets = g_ptr_array_new_with_free_func(alias_goal_free);
	walk.result->why = g_strdup("");
	walk.result->enhanced = "";
	if (world->fault)
		end_walk(&walk, ALIAS_WAITS, "", "%s", world->fault);
	else
		visit_name(&walk, name, domain);
	settle_outcome(walk.result, world, name);
	return walk.result;
}

AliasOutcome
alias_outcome(const AliasWorld *world, const char *address)
{
	g_autofree char *name = NULL;
	g_autofree char *domain = NULL;
	g_autofree char *user = NULL;
	g_autoptr(AliasResult) result = NULL;

	if (world->fault)
		return ALIAS_WAITS;
	name = name_of(address);
	domain = domain_of(world, address);
	user = mailbox_user(world->mailboxes, name);
	if (!g_str_equal(user, ALIAS_ROOT) &&
	    !g_str_equal(user, ALIAS_POSTMASTER) &&
	    !alias_find(world, name, domain))
		return ALIAS_NONE;
	result = alias_resolve(world, address, NULL);
	return result->outcome;
}
