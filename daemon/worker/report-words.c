// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/report-words.h"

#include <string.h>

static const ReportWords english = {
	.language = "en",
	.title = " “%s”",
	.several = "%s recipients",
	.days = "%s days",
	.hours = "%s hours",
	.minutes = "%s minutes",
	.said = "The server %s said: %s",
	.attached = { "The header of your message is attached.",
		      "Your message is attached." },
	.texts = {
		[REPORT_BOUNCE] =
"Subject: Not delivered${:subject}\n\n"
"Your message${title} of ${date} could not be delivered to ${to}.\n\n"
"${recipients}\n\n"
"${advice}\n\n"
"${attached}\n\n"
"-- \nmasqmail on ${host}, message ${id}\n",
		[REPORT_DOUBLE] =
"Subject: Nobody could be told${:subject}\n\n"
"This is for the postmaster of ${host}. The message${title} of ${date} could "
"not be delivered to ${to}, and its sender could not be told: it has none, "
"as the reports of mail systems have none, or none that takes mail.\n\n"
"${recipients}\n\n"
"${attached}\n\n"
"-- \nmasqmail on ${host}, message ${id}\n",
		[REPORT_DELAY] =
"Subject: Not delivered yet${:subject}\n\n"
"Your message${title} of ${date} could not be delivered to ${to} yet. It is "
"tried again by itself; you need not send it again.\n\n"
"${recipients}\n\n"
"It is returned to you if it cannot be delivered in another ${left} of time "
"with a working network.\n\n"
"${attached}\n\n"
"-- \nmasqmail on ${host}, message ${id}\n",
		[REPORT_STALE] =
"Subject: Still not delivered${:subject}\n\n"
"Your message${title} of ${date} has waited for 30 days and could not be "
"delivered to ${to}. It is kept, but not tried any more until you say so.\n\n"
"${recipients}\n\n"
"To let it go on waiting:\n\n"
"    masqctl release ${id}\n\n"
"To give it up:\n\n"
"    masqctl delete ${id}\n\n"
"${attached}\n\n"
"-- \nmasqmail on ${host}, message ${id}\n",
		[REPORT_RECEIPT] =
"Subject: Sent${:subject}\n\n"
"Your message${title} of ${date} has gone to ${to}, as you asked to be told. "
"What was delivered elsewhere is in the hands of a mail server there, which "
"tells no more of it.\n\n"
"${recipients}\n\n"
"-- \nmasqmail on ${host}, message ${id}\n",
	},
	.reasons = {
		[REASON_OTHER] = "The other side did not take it.",
		[REASON_ADDRESS] = "There is no such address.",
		[REASON_DOMAIN] = "There is no such domain, or it takes no "
				  "mail.",
		[REASON_MOVED] = "The recipient has moved to another address.",
		[REASON_SENDER] = "Your own address was refused.",
		[REASON_CLOSED] = "The mailbox takes no mail.",
		[REASON_FULL] = "The mailbox is full.",
		[REASON_LARGE] = "The message is larger than the other side "
				 "takes.",
		[REASON_LOOP] = "The message went round in a circle.",
		[REASON_EXPIRED] = "It could not be delivered in all the time "
				   "it was given.",
		[REASON_CONNECT] = "No mail server of the recipient answers.",
		[REASON_CONTENT] = "The other side does not take a message of "
				   "this form.",
		[REASON_POLICY] = "The rules of the other side forbid it.",
		[REASON_LOGIN] = "The mail server that sends your mail refuses "
				 "us, or cannot prove who it is.",
		[REASON_HAND] = "It was returned by hand before it could be "
				"delivered.",
		[REASON_WAITS] = "There is no way for it just now.",
	},
	.advice = {
		[REASON_OTHER] =
"Nothing more is tried by itself. If you think the trouble has passed, send "
"the message again; else ask the recipient, in another way, to show the "
"words above to whoever runs their mail.",
		[REASON_ADDRESS] =
"Please look for a slip in the address and send the message again. Nothing "
"more is tried by itself.",
		[REASON_DOMAIN] =
"Please look for a slip in what stands behind the @ and send the message "
"again. Nothing more is tried by itself.",
		[REASON_SENDER] =
"Please look at the address you send from, or ask whoever runs your mail. "
"Nothing more is tried by itself.",
		[REASON_FULL] =
"Nothing more is tried by itself. Tell the recipient in another way, and "
"send the message again later.",
		[REASON_LARGE] =
"Send it in smaller parts, or put large files where the recipient can fetch "
"them. Nothing more is tried by itself.",
		[REASON_EXPIRED] =
"Nothing more is tried by itself. Send the message again if you think the "
"trouble has passed.",
		[REASON_HAND] = "Nothing more is tried by itself.",
	},
};

static const ReportWords german = {
	.language = "de",
	.title = " „%s“",
	.several = "%s Empfänger",
	.date = "%d.%m.%Y, %H:%M Uhr",
	.days = "%s Tagen",
	.hours = "%s Stunden",
	.minutes = "%s Minuten",
	.said = "Der Server %s antwortete: %s",
	.attached = { "Der Kopf Ihrer Nachricht liegt bei.",
		      "Ihre Nachricht liegt bei." },
	.texts = {
		[REPORT_BOUNCE] =
"Subject: Nicht zugestellt${:subject}\n\n"
"Ihre Nachricht${title} vom ${date} konnte nicht an ${to} zugestellt "
"werden.\n\n"
"${recipients}\n\n"
"${advice}\n\n"
"${attached}\n\n"
"-- \nmasqmail auf ${host}, Nachricht ${id}\n",
		[REPORT_DOUBLE] =
"Subject: Niemand konnte benachrichtigt werden${:subject}\n\n"
"Dies ist für den Postmaster von ${host}. Die Nachricht${title} vom ${date} "
"konnte nicht an ${to} zugestellt werden, und ihr Absender war nicht zu "
"benachrichtigen: Sie hat keinen, wie die Berichte von Mailsystemen, oder "
"keinen, der Post annimmt.\n\n"
"${recipients}\n\n"
"${attached}\n\n"
"-- \nmasqmail auf ${host}, Nachricht ${id}\n",
		[REPORT_DELAY] =
"Subject: Noch nicht zugestellt${:subject}\n\n"
"Ihre Nachricht${title} vom ${date} konnte noch nicht an ${to} zugestellt "
"werden. Es wird von selbst weiter versucht; Sie müssen sie nicht noch "
"einmal senden.\n\n"
"${recipients}\n\n"
"Gelingt es in weiteren ${left} mit Netz nicht, so kommt sie an Sie "
"zurück.\n\n"
"${attached}\n\n"
"-- \nmasqmail auf ${host}, Nachricht ${id}\n",
		[REPORT_STALE] =
"Subject: Immer noch nicht zugestellt${:subject}\n\n"
"Ihre Nachricht${title} vom ${date} wartet seit 30 Tagen und konnte nicht an "
"${to} zugestellt werden. Sie wird aufbewahrt, aber erst wieder versucht, "
"wenn Sie es sagen.\n\n"
"${recipients}\n\n"
"Damit sie weiter wartet:\n\n"
"    masqctl release ${id}\n\n"
"Um sie aufzugeben:\n\n"
"    masqctl delete ${id}\n\n"
"${attached}\n\n"
"-- \nmasqmail auf ${host}, Nachricht ${id}\n",
		[REPORT_RECEIPT] =
"Subject: Gesendet${:subject}\n\n"
"Ihre Nachricht${title} vom ${date} ist an ${to} gegangen, wie Sie zu "
"erfahren wünschten. Was nicht auf diesem Rechner zugestellt wurde, hat nun "
"ein anderer Mailserver, der nichts Weiteres davon meldet.\n\n"
"${recipients}\n\n"
"-- \nmasqmail auf ${host}, Nachricht ${id}\n",
	},
	.reasons = {
		[REASON_OTHER] = "Die Gegenseite hat sie nicht angenommen.",
		[REASON_ADDRESS] = "Diese Adresse gibt es nicht.",
		[REASON_DOMAIN] = "Diese Domain gibt es nicht, oder sie nimmt "
				  "keine Post an.",
		[REASON_MOVED] = "Der Empfänger hat jetzt eine andere "
				 "Adresse.",
		[REASON_SENDER] = "Ihre eigene Adresse wurde abgelehnt.",
		[REASON_CLOSED] = "Das Postfach nimmt keine Post an.",
		[REASON_FULL] = "Das Postfach ist voll.",
		[REASON_LARGE] = "Die Nachricht ist größer, als die "
				 "Gegenseite annimmt.",
		[REASON_LOOP] = "Die Nachricht lief im Kreis.",
		[REASON_EXPIRED] = "Sie ließ sich in der ganzen Zeit, die sie "
				   "hatte, nicht zustellen.",
		[REASON_CONNECT] = "Kein Mailserver des Empfängers antwortet.",
		[REASON_CONTENT] = "Die Gegenseite nimmt keine Nachricht von "
				   "dieser Form an.",
		[REASON_POLICY] = "Die Regeln der Gegenseite verbieten es.",
		[REASON_LOGIN] = "Der Mailserver, der Ihre Post versendet, "
				 "weist uns ab oder kann sich nicht "
				 "ausweisen.",
		[REASON_HAND] = "Sie wurde von Hand zurückgegeben, bevor sie "
				"zugestellt werden konnte.",
		[REASON_WAITS] = "Zur Zeit gibt es keinen Weg für sie.",
	},
	.advice = {
		[REASON_OTHER] =
"Von selbst wird nichts mehr versucht. Wenn Sie glauben, dass die Störung "
"vorbei ist, senden Sie die Nachricht noch einmal; sonst bitten Sie den "
"Empfänger auf anderem Weg, die Worte oben den Betreibern seiner Post zu "
"zeigen.",
		[REASON_ADDRESS] =
"Bitte suchen Sie einen Tippfehler in der Adresse und senden Sie die "
"Nachricht noch einmal. Von selbst wird nichts mehr versucht.",
		[REASON_DOMAIN] =
"Bitte suchen Sie einen Tippfehler hinter dem @ und senden Sie die Nachricht "
"noch einmal. Von selbst wird nichts mehr versucht.",
		[REASON_SENDER] =
"Bitte prüfen Sie die Adresse, von der aus Sie senden, oder fragen Sie die "
"Betreiber Ihrer Post. Von selbst wird nichts mehr versucht.",
		[REASON_FULL] =
"Von selbst wird nichts mehr versucht. Sagen Sie es dem Empfänger auf "
"anderem Weg und senden Sie die Nachricht später noch einmal.",
		[REASON_LARGE] =
"Senden Sie sie in kleineren Teilen, oder legen Sie große Dateien dorthin, "
"wo der Empfänger sie abholen kann. Von selbst wird nichts mehr versucht.",
		[REASON_EXPIRED] =
"Von selbst wird nichts mehr versucht. Senden Sie die Nachricht noch einmal, "
"wenn Sie glauben, dass die Störung vorbei ist.",
		[REASON_HAND] = "Von selbst wird nichts mehr versucht.",
	},
};

static const ReportWords *const languages[] = { &english, &german };

const ReportWords *
report_words(const char *language)
{
	for (guint i = 0; i < G_N_ELEMENTS(languages); i++) {
		gsize length = strlen(languages[i]->language);

		if (g_ascii_strncasecmp(language, languages[i]->language,
					length) == 0 &&
		    !g_ascii_isalpha(language[length]))
			return languages[i];
	}
	return NULL;
}

const char *
report_kind_name(ReportKind kind)
{
	static const char *const names[REPORT_KINDS] = {
		[REPORT_BOUNCE] = "bounce",
		[REPORT_DOUBLE] = "double",
		[REPORT_DELAY] = "delay",
		[REPORT_STALE] = "stale",
		[REPORT_RECEIPT] = "receipt",
	};

	return names[kind];
}

/* Subject and detail of RFC 3463 codes; the longer ones come first. */
static const struct {
	const char *code;
	ReportReason reason;
} codes[] = {
	{ "1.2", REASON_DOMAIN },   { "1.6", REASON_MOVED },
	{ "1.7", REASON_SENDER },   { "1.8", REASON_SENDER },
	{ "1.10", REASON_DOMAIN },  { "1.", REASON_ADDRESS },
	{ "2.1", REASON_CLOSED },   { "2.2", REASON_FULL },
	{ "2.3", REASON_LARGE },    { "3.1", REASON_FULL },
	{ "3.4", REASON_LARGE },    { "4.4", REASON_DOMAIN },
	{ "4.6", REASON_LOOP },     { "4.7", REASON_EXPIRED },
	{ "4.", REASON_CONNECT },   { "6.", REASON_CONTENT },
	{ "7.", REASON_POLICY },
};

static gboolean
is_code(const char *is, const char *code)
{
	gsize length = strlen(code);

	return strncmp(is, code, length) == 0 &&
	       (code[length - 1] == '.' || !is[length]);
}

ReportReason
report_reason(const Status *status, const char *wait)
{
	const char *detail = strchr(status->enhanced, '.');

	if (g_str_equal(wait, "paused") || status->fault == FAULT_ROUTE)
		return REASON_LOGIN;
	if (*wait && status->outcome == OUTCOME_NONE)
		return g_str_equal(wait, "host") ? REASON_CONNECT :
						   REASON_WAITS;
	if (!status->code && g_str_equal(status->enhanced, "5.0.0"))
		return REASON_HAND;
	for (guint i = 0; detail && i < G_N_ELEMENTS(codes); i++)
		if (is_code(detail + 1, codes[i].code))
			return codes[i].reason;
	return REASON_OTHER;
}
