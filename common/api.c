// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Types are GVariant's: s string, u 32 bits, t and x 64 bits unsigned and
 * signed, b boolean, d double, a array, v any, a{sv} a dictionary whose
 * keys may grow: unknown ones are ignored, missing ones take the default.
 * Times are Unix seconds by the wall clock, 0 for none; message ids are in
 * the short form of text.h.
 *
 * An error packet's body is (ss): an enhanced status code (RFC 3463) and a
 * plain sentence. A class 4 code says: try again, 5: do not.
 *
 * Submit options   key s: the same key and uid again is the same message,
 *                  acknowledged once more and not kept twice; subject s,
 *                  from s: display fields; authors s: the addresses of
 *                  the From header, ", " between; body s: 7bit, 8bitmime;
 *                  smtputf8 b; requiretls b: RFC 8689; envid s;
 *                  ret s: full, hdrs; language s;
 *                  queue-only b: wait for the next run; size t: declared;
 *                  helo s, from smtp-in only.
 *                  not-before x: send later, at most a year.
 * Describe         subject, from, authors, body, smtputf8 of Submit: in an
 *                  SMTP dialogue the header comes after MAIL. Optional,
 *                  once, before Commit.
 * Recipient        notify s: DSN NOTIFY words; orcpt s.
 * List query       filter s: the words of the filter language, empty for
 *                  all; order s: a column; reverse b.
 * Act verbs        hold release retry delete restore bounce edit reroute
 *                  undo later; ids empty means all one may act on (but for
 *                  edit; of undo the last one);
 *                  options: reason s, filter s, route s; of hold: until x;
 *                  of later: at x; of edit: add as,
 *                  remove as, sender s; of reroute: to s, "" for the usual
 *                  choice. Returns done as; refused a(ss): id, sentence.
 * UndoWindow       seconds x: choose it, -1: the machine's again. Returns
 *                  seconds x: the caller's; usual x: the machine's; own b.
 * Status           version s, host s, mode s: system, user; profile s: ""
 *                  while offline; profile-why s; pinned s; pin-until s:
 *                  network, time, changed; pin-ends x; online b; network s:
 *                  one line; portal s: why routes wait for a sign-in;
 *                  metered b; waiting active held failed u: messages;
 *                  bytes t; queue-state s: "" or why it is read-only;
 *                  last-sent x; last-sent-to s; errors as: broken files of
 *                  the configuration; since x; minute u: sent in the last;
 *                  roles s; uid u: the caller's own; routes u: configured.
 * Show             every column of List, and: recipient-list aa{sv}:
 *                  number u, address s, state s, route s, profile s,
 *                  tries u, next-try x, last-try x, and the keys of a
 *                  Status (status.h); options a{ss}.
 * Transcript       time x, route s, host s, tls s, lines as: "MS > TEXT",
 *                  "MS < TEXT", "MS * TEXT" for said, heard and remarked,
 *                  MS milliseconds since the attempt began; empty when none
 *                  is kept.
 * Profile options  until s: network, time, changed; seconds x with time.
 * Profiles row     name s, routes as, trust b, priority i, active b,
 *                  matched b, score i, summary s: its way out, in words,
 *                  recognised s: by which signs, error s, would-go u,
 *                  would-wait u: messages, were this the profile.
 * Routes row       name s; kind s: smarthost, local; server s; state s:
 *                  up, untried, paused, off, broken; why s: one sentence;
 *                  sent t; queued u; tls s, auth s, login s: as
 *                  configured; session s: TLS and mechanism last used;
 *                  last-ok x; last-error x; last-answer s; extensions as;
 *                  speed t: bytes a second; connect u: milliseconds;
 *                  of a direct route hosts u: met since the start, and
 *                  resting u of them for they do not answer;
 *                  profiles as: which use it; match as: its conditions in
 *                  words; owner s; file s.
 * Hosts row        name s: "host:port" of a smart host, or a domain; used x;
 *                  last-ok x; last-error x; last-answer s; sent t; faults u:
 *                  in a row; until x: left in peace, why s; host s: last
 *                  connected to, session s, extensions as, connect u: ms;
 *                  speed t: bytes a second; tls-seen a(sbx): hosts that spoke
 *                  TLS, whether ever verified, when last.
 * Networks         description s: one line; usable b; settled-in x: ms;
 *                  links aa{sv}: name s, kind s: wired wifi vpn tunnel
 *                  other, up b, ssid s: harmless, security s, bssid s,
 *                  addresses as, gateway s, gateway-mac s, metric u;
 *                  candidates aa{sv}: profile s, fingerprint s, learned b,
 *                  matched b, score i, conditions a(sbi): words, matches,
 *                  weight; chosen s; why as: sentences; switched x; from s:
 *                  the profile before; known aa{sv}: name s, profile s,
 *                  learned x: 0 of a file, recognised s, matched b,
 *                  visits u, last-seen x; hints as: sentences, what the
 *                  desktop says of it.
 * Learn            name "" is a suggestion's; options: profile s, else the
 *                  active one, or the one called as the network; signs as:
 *                  keys, else those advised; any b: one of them is enough;
 *                  try b: change nothing. Returns name s, profile s, score
 *                  u, signs a(ssbus): key, value, taken, weight, note;
 *                  clashes as: sentences.
 * Explain          "address" or message id; options: profile s, sender s,
 *                  "<>" for the null sender; authors s, size t.
 *                  Rows: recipient s, route s: "" if it waits, state s,
 *                  why s, answer s, steps as, next-try x.
 * Log query        limit u; since x; message s; follow is Watch.
 * History query    words s: all of them, anywhere; from s, to s: parts of
 *                  the sender and of the recipients; route s; message s;
 *                  since x; limit u; skip u: of the newest.
 * History row      time x: of its end; arrived x; id s; size t; uid u;
 *                  result s: delivered, bounced, removed, mixed; sender s;
 *                  recipients s: each with its state; subject s; of the
 *                  last attempt route s, profile s, host s, tls s, answer
 *                  s, remote-id s; network s: where we were at the end.
 * Log row          time x, event s, id s, text s, answer s, problem b.
 * Job              id s, size t, sender s, recipients a(usa{ss}): number,
 *                  address, options; route s; options a{ss}: the
 *                  message's; trusted b: the profile is; empty when there
 *                  is nothing more to do. For report also: kind s: bounce;
 *                  host s; arrived x; statuses aa{sv}: of those to report,
 *                  keys of Show's recipient-list and orcpt s; recipients
 *                  is empty there. For far mail also: tls-seen as:
 *                  "host:port" of this next hop that spoke TLS before, not
 *                  to be believed in clear; trace b: report each line of
 *                  the transcript as it comes, as trace s.
 * Ahead            as Job; empty when nothing more is there now. The next
 *                  Job may still say something else: a hand held it.
 * Verdict          the keys of a Status (status.h); confirm b: the next hop
 *                  gives no receipts, so the engine does.
 * Expand           instead of a verdict: the recipient's number, then for
 *                  each of its .forward an address, or "" with an option:
 *                  mailbox b: the recipient's own, without a .forward;
 *                  target s: a "|command" or a file of theirs. None at
 *                  all: it is thrown away.
 * Report           host s: "host:port" it speaks to, tls s, verified b,
 *                  login s, extensions as, connect u: ms; speed t: bytes a
 *                  second;
 *                  sent t: bytes of the running message so far; id s and
 *                  transcript as: what was said about that message, as in
 *                  Transcript, with peer s, security s; with
 *                  fault s: the keys of a Status, for a fault of host,
 *                  route or network met before any recipient was judged;
 *                  sign s: what a sign-in page may have done: name,
 *                  handshake, stripped, closed, garbage, one-address; that
 *                  one also without fault, with why s.
 * Hint             sleep b: about to, answered when the last delivery is
 *                  through, at most after four seconds; or awake again;
 *                  connectivity s: unknown none portal limited full;
 *                  portal-at s: of the sign-in page; metered b; domains as:
 *                  search domains of the links. A script may say of
 *                  connectivity, portal-at and metered; mservdetect of
 *                  online s: the profile, or "" with why s.
 */
#include "common/api.h"

#define USERS (ROLE_USER | ROLE_ADMIN)

const ApiMethod api_methods[] = {
	{ "Hello", "(u)", "(us)", ROLE_ANY,
	  "say the protocol's version; learn the engine's and your roles" },
	{ "Submit", "(sa{sv})", "()", ROLE_SUBMIT,
	  "begin a message: reverse-path and options" },
	{ "Recipient", "(sa{sv})", "()", ROLE_SUBMIT,
	  "add one recipient, or hear why not" },
	{ "Describe", "(a{sv})", "()", ROLE_SUBMIT,
	  "options of Submit that only the data told" },
	{ "Commit", "(t)", "(s)", ROLE_SUBMIT,
	  "after the data: its size; the id is answered once it is durable" },
	{ "Reset", "()", "()", ROLE_SUBMIT, "forget the begun message" },
	{ "List", "(asa{sv}su)", "(uav)", USERS,
	  "columns, query, after this id, at most n: how many match, rows" },
	{ "Show", "(s)", "(a{sv})", USERS, "all that is known of a message" },
	{ "Transcript", "(s)", "(a{sv})", USERS,
	  "what was said when a message was last tried" },
	{ "Act", "(sasa{sv})", "(a{sv})", USERS,
	  "hold, release, retry, delete, restore, bounce, edit, reroute, undo "
	  "or send later" },
	{ "Status", "()", "(a{sv})", USERS,
	  "network, profile and the queue in numbers" },
	{ "Profile", "(sa{sv})", "()", ROLE_ADMIN,
	  "pin a profile, or \"\" to follow the network again" },
	{ "Profiles", "()", "(aa{sv})", USERS, "the profiles there are" },
	{ "Routes", "()", "(aa{sv})", USERS, "the routes and their health" },
	{ "Hosts", "(s)", "(aa{sv})", USERS,
	  "what is known of this next hop or host, or of all for \"\"" },
	{ "PurgeHosts", "(s)", "(u)", ROLE_ADMIN,
	  "drop what is known of it, or of all for \"\": of how many" },
	{ "Networks", "()", "(a{sv})", USERS,
	  "what is seen of the network, and why this profile" },
	{ "Learn", "(sa{sv})", "(a{sv})", ROLE_ADMIN,
	  "know this network from now on, as this name" },
	{ "Forget", "(s)", "()", ROLE_ADMIN, "a learned network" },
	{ "Rename", "(ss)", "()", ROLE_ADMIN,
	  "a learned network: its name, its new one" },
	{ "Online", "(s)", "()", ROLE_ADMIN,
	  "a script's word: online as this profile, offline, or \"\" for "
	  "none" },
	{ "Explain", "(sa{sv})", "(aa{sv})", USERS,
	  "which way a message or address goes, and why not yet" },
	{ "Log", "(a{sv})", "(aa{sv})", USERS, "what happened lately" },
	{ "History", "(a{sv})", "(aa{sv})", USERS,
	  "mail that is finished, the oldest first" },
	{ "UndoWindow", "(a{sv})", "(a{sv})", USERS,
	  "for how long the caller can take mail back; choose it" },
	{ "Reload", "()", "(as)", ROLE_ADMIN,
	  "read the configuration anew; what is wrong with it" },
	{ "Watch", "()", "()", USERS, "be told of every change from now on" },
	{ "Job", "()", "(a{sv})", ROLE_DELIVER, "what to deliver next" },
	{ "Ahead", "()", "(a{sv})", ROLE_DELIVER,
	  "what the next Job will say, most likely; nothing changes hands" },
	{ "Fetch", "(st)", API_DATA, ROLE_DELIVER | ROLE_USER | ROLE_ADMIN,
	  "up to 64 KiB of a message from an offset; empty at its end" },
	{ "Verdict", "(ua{sv})", "()", ROLE_DELIVER,
	  "what became of a recipient of the job" },
	{ "Expand", "(ua(sa{sv}))", "()", ROLE_DELIVER,
	  "the recipient's .forward: who gets it instead" },
	{ "Report", "(a{sv})", "()", ROLE_DELIVER,
	  "facts of the next hop, progress, or a fault that stops the batch" },
	{ "Hint", "(a{sv})", "()", ROLE_HINT | ROLE_ADMIN,
	  "what the desktop says of the place; answered when it may sleep" },
	{ NULL, NULL, NULL, 0, NULL },
};

const ApiNotice api_notices[] = {
	{ "Message", "(a{sv})",
	  "a message came or changed: all columns; gone b when it left" },
	{ "Status", "(a{sv})", "as the reply of Status" },
	{ "Routes", "(aa{sv})", "as the reply of Routes" },
	{ "Networks", "(a{sv})", "as the reply of Networks" },
	{ "Log", "(a{sv})", "one new row of Log" },
	{ NULL, NULL, NULL },
};

const ApiColumn api_columns[] = {
	{ "id", "s", "the message's id" },
	{ "state", "s",
	  "sending undo queued waits retry held failed sent trash" },
	{ "arrived", "x", "when it was handed in" },
	{ "next-try", "x", "when it is tried next, 0 when that is unknown" },
	{ "last-try", "x", "when it was tried last, 0 for never" },
	{ "tries", "u", "attempts that counted" },
	{ "size", "t", "bytes" },
	{ "progress", "u", "per cent sent of a running delivery" },
	{ "sender", "s", "reverse-path, empty for the null sender" },
	{ "to", "s", "the first recipient that is still owed" },
	{ "recipients", "u", "all recipients" },
	{ "pending", "u", "recipients still owed" },
	{ "subject", "s", "as its author's program told it" },
	{ "from", "s", "as its author's program told it" },
	{ "why", "s", "one sentence: why it is still here" },
	{ "answer", "s", "the raw answer behind that sentence" },
	{ "wait", "s", "for whom it waits: a profile, a time, a hand" },
	{ "route", "s", "the route it goes or last went by" },
	{ "host", "s", "who gave the answer" },
	{ "tls", "s", "how that connection was secured" },
	{ "origin", "s", "how it came: sendmail, esmtp, drop, report" },
	{ "uid", "u", "who handed it in" },
	{ "gives-up", "x", "when it would be returned, were we online" },
	{ NULL, NULL, NULL },
};

const ApiMethod *
api_method(const char *name)
{
	for (const ApiMethod *row = api_methods; row->name; row++)
		if (g_str_equal(row->name, name))
			return row;
	return NULL;
}

const ApiNotice *
api_notice(const char *name)
{
	for (const ApiNotice *row = api_notices; row->name; row++)
		if (g_str_equal(row->name, name))
			return row;
	return NULL;
}

const ApiColumn *
api_column(const char *name)
{
	for (const ApiColumn *row = api_columns; row->name; row++)
		if (g_str_equal(row->name, name))
			return row;
	return NULL;
}

char *
api_roles_text(guint roles)
{
	static const struct {
		guint role;
		const char *word;
	} words[] = {
		{ ROLE_SUBMIT, "submit" },
		{ ROLE_USER, "user" },
		{ ROLE_ADMIN, "admin" },
		{ ROLE_DELIVER, "deliver" },
		{ ROLE_HINT, "hint" },
	};
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (!(roles & words[i].role))
			continue;
		if (text->len)
			g_string_append_c(text, ' ');
		g_string_append(text, words[i].word);
	}
	return g_string_free(text, FALSE);
}
