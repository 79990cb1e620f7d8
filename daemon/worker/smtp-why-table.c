// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtp-why-table.h"

#define ANY SMTP_AT_ANY
#define CONNECT SMTP_AT_CONNECT
#define EHLO SMTP_AT_EHLO
#define STARTTLS SMTP_AT_STARTTLS
#define AUTH SMTP_AT_AUTH
#define MAIL SMTP_AT_MAIL
#define RCPT SMTP_AT_RCPT
#define MESSAGE SMTP_AT_MESSAGE
#define LATER OUTCOME_DEFERRED
#define NEVER OUTCOME_FAILED
#define BOTH OUTCOME_NONE

const SmtpWhyRow smtp_why_rows[] = {
	/* About the server itself. */
	{ ANY, 421, NULL, LATER, FALSE,
	  "$host is too busy or is being restarted. This mostly passes; the "
	  "mail waits and is tried again." },
	{ CONNECT, 0, NULL, LATER, FALSE,
	  "$host does not want to talk to us from here. Some networks are "
	  "not let in; the mail waits, and goes when another network or a "
	  "later try has more luck." },
	{ EHLO, 0, NULL, LATER, FALSE,
	  "$host did not accept our greeting. Perhaps the name in Helo= is "
	  "not to its liking; the mail waits." },
	{ STARTTLS, 0, NULL, LATER, FALSE,
	  "$host offers TLS but did not begin it. Nothing was sent; the mail "
	  "waits." },

	/* About the login. */
	{ AUTH, 454, NULL, LATER, FALSE,
	  "$host cannot check logins just now. This mostly passes; the mail "
	  "waits and is tried again." },
	{ AUTH, 0, ".7.9", LATER, FALSE,
	  "$host does not allow this way to log in for $user. Ask your "
	  "provider, or set Auth= in the route $route." },
	{ AUTH, 534, NULL, LATER, FALSE,
	  "$host does not allow this way to log in for $user; some providers "
	  "want a password made for mail programs. The mail waits until the "
	  "route $route is changed." },
	{ AUTH, 535, NULL, LATER, FALSE,
	  "$host refused the login of $user: the name or the password is "
	  "wrong. The mail waits until User= or the password of the route "
	  "$route is put right." },
	{ AUTH, 0, NULL, LATER, FALSE,
	  "The login of $user at $host did not work. The mail waits until "
	  "the route $route is put right or the server has changed its "
	  "mind." },
	{ MAIL | RCPT | MESSAGE, 530, NULL, LATER, FALSE,
	  "$host wants a login before it takes mail. Set User= and a "
	  "password in the route $route; the mail waits." },
	{ MAIL | RCPT | MESSAGE, 535, NULL, LATER, FALSE,
	  "$host wants a login before it takes mail. Set User= and a "
	  "password in the route $route; the mail waits." },
	{ MAIL | RCPT | MESSAGE, 538, NULL, LATER, FALSE,
	  "$host wants a login over TLS before it takes mail. Set Tls= and "
	  "User= in the route $route; the mail waits." },
	{ MAIL, 503, NULL, LATER, FALSE,
	  "$host takes no mail yet: it seems to want a login first. Set "
	  "User= and a password in the route $route; the mail waits." },

	/* About the sender. */
	{ MAIL | RCPT | MESSAGE, 0, ".1.7", NEVER, FALSE,
	  "$host says that $sender is no valid sender address." },
	{ MAIL | RCPT | MESSAGE, 0, ".1.8", LATER, FALSE,
	  "$host could not check the sender's domain just now. The mail is "
	  "tried again." },
	{ MAIL | RCPT | MESSAGE, 0, ".1.8", NEVER, FALSE,
	  "$host refuses the sender $sender: its domain cannot be answered "
	  "to." },
	{ MAIL, 553, NULL, NEVER, FALSE,
	  "$host refuses $sender as the sender. Perhaps this login may send "
	  "only from its own address." },
	{ MAIL, 554, NULL, LATER, FALSE,
	  "$host takes no mail from us here. It may want a login, or serve "
	  "its own network only; the mail waits." },
	{ MAIL, 0, ".7.1", LATER, FALSE,
	  "$host does not let us send as $sender from here. The mail waits: "
	  "check the sender's address, or the login of the route $route." },

	/* Relaying. */
	{ MAIL | RCPT, 0, NULL, LATER, TRUE,
	  "$host does not pass mail on for us from here. It may want a "
	  "login, or serve its own network only; the mail waits for another "
	  "try." },

	/* About the recipient. */
	{ RCPT, 0, ".1.1", NEVER, FALSE,
	  "There is no mailbox $recipient. Check how the address is "
	  "written." },
	{ RCPT, 0, ".1.1", LATER, FALSE,
	  "Nobody could say yet whether there is a mailbox $recipient. The "
	  "mail is tried again." },
	{ RCPT, 0, ".1.2", NEVER, FALSE,
	  "There is no mail server for $domain. Check how the address is "
	  "written." },
	{ RCPT, 0, ".1.2", LATER, FALSE,
	  "Your provider could not look up $domain just now. This mostly "
	  "passes." },
	{ RCPT, 0, ".1.3", NEVER, FALSE,
	  "$host cannot read the address $recipient. Check how it is "
	  "written." },
	{ RCPT, 0, ".1.6", NEVER, FALSE,
	  "$recipient has moved and left no new address." },
	{ RCPT, 0, ".1.10", NEVER, FALSE,
	  "$domain takes no mail at all." },
	{ RCPT, 0, ".2.1", NEVER, FALSE,
	  "The mailbox $recipient is closed." },
	{ RCPT, 0, ".2.1", LATER, FALSE,
	  "The mailbox $recipient takes no mail just now. It is tried "
	  "again." },
	{ RCPT | MESSAGE, 0, ".2.2", NEVER, FALSE,
	  "The mailbox of $recipient is full." },
	{ RCPT | MESSAGE, 0, ".2.2", LATER, FALSE,
	  "The mailbox of $recipient is full just now. The mail is tried "
	  "again." },
	{ RCPT | MESSAGE, 0, ".2.3", NEVER, FALSE,
	  "The message is larger than $recipient may receive." },
	{ RCPT, 0, ".4.3", LATER, FALSE,
	  "Your provider could not look up $domain just now. This mostly "
	  "passes." },
	{ RCPT, 0, ".4.1", LATER, FALSE,
	  "The mail server of $domain does not answer just now. This mostly "
	  "passes." },
	{ RCPT | MESSAGE, 0, ".4.6", NEVER, FALSE,
	  "The message goes round in a loop between mail servers." },
	{ RCPT, 0, ".5.3", LATER, FALSE,
	  "$host takes no more recipients at once. The rest goes with the "
	  "next try." },
	{ RCPT, 452, NULL, LATER, FALSE,
	  "$host takes no more recipients at once, or has no room just now. "
	  "The rest goes with the next try." },
	{ RCPT, 0, ".7.1", LATER, FALSE,
	  "$host does not take mail for $recipient just now; many servers "
	  "do so when they see a sender for the first time. It is tried "
	  "again." },
	{ RCPT, 0, ".7.1", NEVER, FALSE,
	  "$host does not allow this mail to $recipient." },
	{ RCPT, 551, NULL, NEVER, FALSE,
	  "$recipient is not at this server; its answer may name another "
	  "address." },
	{ RCPT, 0, NULL, LATER, FALSE,
	  "$host cannot take mail for $recipient just now. This mostly "
	  "passes; it is tried again." },
	{ RCPT, 0, NULL, NEVER, FALSE,
	  "$host refuses mail for $recipient. Its answer says more." },

	/* About the message. */
	{ ANY, 552, NULL, NEVER, FALSE,
	  "The message is too large for $host, or the mailbox is full." },
	{ ANY, 0, ".3.4", NEVER, FALSE,
	  "The message is larger than $host takes." },
	{ ANY, 0, ".3.1", LATER, FALSE,
	  "$host has no room for mail just now. This mostly passes; the mail "
	  "is tried again." },
	{ ANY, 452, NULL, LATER, FALSE,
	  "$host has no room for mail just now. This mostly passes; the mail "
	  "is tried again." },
	{ MESSAGE, 0, ".6.0", NEVER, FALSE,
	  "$host says that the message is not well formed." },
	{ MESSAGE, 0, ".7.1", NEVER, FALSE,
	  "$host does not accept what the message contains: it may look "
	  "like spam or carry a forbidden attachment." },
	{ MESSAGE, 0, ".7.1", LATER, FALSE,
	  "$host does not accept the message yet. The mail is tried again." },
	{ ANY, 0, ".7.26", BOTH, FALSE,
	  "$host misses proof that the mail is from its sender's domain "
	  "(SPF, DKIM). Send it by the provider of that address." },

	/* All others. */
	{ ANY, 0, NULL, LATER, FALSE,
	  "$host could not take the mail just now. This mostly passes; it is "
	  "tried again." },
	{ ANY, 0, NULL, BOTH, FALSE,
	  "$host refuses the message. Its answer says more." },
};
const guint smtp_why_rows_count = G_N_ELEMENTS(smtp_why_rows);

const SmtpTroubleRow smtp_trouble_rows[] = {
	{ SMTP_NAME_BAD, LATER, FAULT_ROUTE, "4.3.5",
	  "Host= of the route $route is not the name of a host. The mail "
	  "waits until it is put right." },
	{ SMTP_NAME_MISSING, LATER, FAULT_HOST, "4.4.4",
	  "No address is known for $host. Check Host= of the route $route; "
	  "if it is right, the name service of this network is wrong. The "
	  "mail waits." },
	{ SMTP_NAME_TEMPORARY, LATER, FAULT_NETWORK, "4.4.3",
	  "The name service of this network does not answer, so $host cannot "
	  "be found. The mail waits." },
	{ SMTP_NAME_FAILED, LATER, FAULT_HOST, "4.4.3",
	  "The name servers cannot say where $host is: something is wrong "
	  "with its name there. The mail waits and is tried again." },
	{ SMTP_DOMAIN_BAD, NEVER, FAULT_RECIPIENT, "5.1.2",
	  "$domain is not the name of a domain. Check how the address is "
	  "written." },
	{ SMTP_DOMAIN_MISSING, NEVER, FAULT_RECIPIENT, "5.1.2",
	  "There is no mail server for $domain. Check how the address is "
	  "written." },
	{ SMTP_DOMAIN_NULL, NEVER, FAULT_RECIPIENT, "5.1.10",
	  "$domain takes no mail at all." },
	{ SMTP_DOMAIN_DOUBTED, LATER, FAULT_HOST, "4.4.3",
	  "The name service of this network says that no mail can go to "
	  "$domain. This network is not trusted with such an answer, so the "
	  "mail waits for another one." },
	{ SMTP_MX_IS_US, NEVER, FAULT_RECIPIENT, "5.4.6",
	  "The mail for $domain comes back to this machine: the name servers "
	  "say that this is its mail server, and this machine does not know "
	  "of it. If its mailboxes are here, add it to LocalHosts=." },
	{ SMTP_MX_NO_ADDRESS, LATER, FAULT_HOST, "4.4.4",
	  "None of the mail servers that $domain names has an address. The "
	  "mail waits and is tried again." },
	{ SMTP_SRV_MISSING, LATER, FAULT_HOST, "4.4.4",
	  "$host names no server for handing in mail in the DNS. Write the "
	  "name of the server as Host= of the route $route. The mail waits." },
	{ SMTP_TLSA_MISSING, LATER, FAULT_HOST, "4.7.5",
	  "It could not be learnt how $host proves itself: the name servers "
	  "fail for its TLSA records (DANE). Nothing was sent; the mail waits "
	  "and is tried again." },
	{ SMTP_PROXY_AWAY, LATER, FAULT_HOST, "4.4.1",
	  "The proxy of the route $route does not help to $host ($detail). "
	  "The mail waits and is tried again." },
	{ SMTP_PROXY_LOGIN, LATER, FAULT_ROUTE, "4.7.8",
	  "The proxy of the route $route cannot be used ($detail). Check "
	  "Proxy=, and the second line of the route's secret. The mail "
	  "waits." },
	{ SMTP_NO_NETWORK, LATER, FAULT_NETWORK, "4.4.1",
	  "There is no way to $host from this network. The mail waits." },
	{ SMTP_REFUSED, LATER, FAULT_HOST, "4.4.1",
	  "$host refused the connection: its mail service is down, or this "
	  "network blocks mail. The mail waits and is tried again." },
	{ SMTP_NO_ANSWER, LATER, FAULT_HOST, "4.4.1",
	  "$host does not answer: it is down, or this network blocks mail. "
	  "The mail waits and is tried again." },
	{ SMTP_UNREACHABLE, LATER, FAULT_HOST, "4.4.1",
	  "$host cannot be reached ($detail). The mail waits and is tried "
	  "again." },
	{ SMTP_SILENT, LATER, FAULT_HOST, "4.4.2",
	  "$host stopped answering. The mail waits and is tried again." },
	{ SMTP_CLOSED, LATER, FAULT_HOST, "4.4.2",
	  "The connection to $host broke off. The mail waits and is tried "
	  "again." },
	{ SMTP_CLOSED_AFTER_DOT, LATER, FAULT_HOST, "4.4.2",
	  "The connection to $host broke off after the whole message was "
	  "sent and before its answer. It is sent again: the recipient may "
	  "get it twice, but surely once." },
	{ SMTP_GARBAGE, LATER, FAULT_HOST, "4.5.0",
	  "What answers as $host does not speak the language of mail servers "
	  "($detail). Perhaps this network answers in its place; the mail "
	  "waits." },
	{ SMTP_TLS_MISSING, LATER, FAULT_ROUTE, "4.7.10",
	  "$host does not offer TLS, and the route $route sends nothing "
	  "without it. Perhaps this network hides it; nothing was sent, the "
	  "mail waits." },
	{ SMTP_TLS_DOWNGRADE, LATER, FAULT_HOST, "4.7.10",
	  "$host offered TLS before and does not now: perhaps somebody in "
	  "between took it away. Nothing was sent and the mail waits. If it "
	  "gave up TLS for good, \"purgestat\" forgets that it had it." },
	{ SMTP_TLS_EARLY, LATER, FAULT_ROUTE, "4.7.0",
	  "Somebody on the way to $host put words into the connection before "
	  "it was secure. Nothing was sent; the mail waits for another "
	  "network." },
	{ SMTP_TLS_FAILED, LATER, FAULT_HOST, "4.7.5",
	  "No secure connection to $host came about ($detail). Nothing was "
	  "sent; the mail waits and is tried again." },
	{ SMTP_TLS_UNTRUSTED, LATER, FAULT_ROUTE, "4.7.5", "$detail" },
	{ SMTP_TLS_SETUP, LATER, FAULT_ROUTE, "4.3.5",
	  "The route $route cannot be used: $detail. The mail waits until "
	  "that is put right." },
	{ SMTP_LOGIN_MISSING, LATER, FAULT_ROUTE, "4.7.4",
	  "$host offers no way to log in that the route $route may use "
	  "($detail). The mail waits until Auth= or Tls= is changed." },
	{ SMTP_LOGIN_CLEAR, LATER, FAULT_ROUTE, "4.7.11",
	  "The password for $host would go over a connection that is not "
	  "secure, so it was not sent. Use Tls=required, or on a trusted "
	  "network Insecure=yes, in the route $route. The mail waits." },
	{ SMTP_LOGIN_SECRET, LATER, FAULT_ROUTE, "4.3.5",
	  "The password for the route $route is not there ($detail). The "
	  "mail waits until it is." },
	{ SMTP_LOGIN_BROKEN, LATER, FAULT_ROUTE, "4.3.5",
	  "The login at $host cannot be made ($detail). The mail waits until "
	  "User=, Auth= or the password of the route $route is changed." },
	{ SMTP_LOGIN_UNPROVEN, LATER, FAULT_ROUTE, "4.7.0",
	  "What answers as $host could not prove that it knows the password "
	  "of $user ($detail). Nothing was sent; the mail waits." },
	{ SMTP_BYTES, NEVER, FAULT_MESSAGE, "5.6.0",
	  "The message has bare line ends or NUL bytes in it that no mail "
	  "server may be given. Send it again from a program that writes "
	  "proper mail." },
	{ SMTP_LOOP, NEVER, FAULT_MESSAGE, "5.4.6",
	  "The message has passed so many mail servers that it must be going "
	  "round in a loop." },
	{ SMTP_TOO_LARGE, NEVER, FAULT_MESSAGE, "5.3.4",
	  "The message is larger than $host takes (at most $detail)." },
	{ SMTP_NEEDS_UTF8, NEVER, FAULT_MESSAGE, "5.6.7",
	  "$host cannot handle addresses with letters beyond English ones, "
	  "which this message needs." },
	{ SMTP_WRAPPER_ENDED, LATER, FAULT_HOST, "4.4.1",
	  "The command of Wrapper= in the route $route ended before $host "
	  "said a word: $detail. The mail waits." },
	{ SMTP_NEEDS_TLS, NEVER, FAULT_MESSAGE, "5.7.30",
	  "The message may only travel by servers that promise to keep it "
	  "under TLS all the way, and $host does not promise it." },
	{ SMTP_8BIT_HEADER, NEVER, FAULT_MESSAGE, "5.6.3",
	  "$host takes plain ASCII only, and the header of this message has "
	  "other letters in it that nothing says how to read. Send it again "
	  "from a program that encodes them, or by another route." },
	{ SMTP_8BIT_SIGNED, NEVER, FAULT_MESSAGE, "5.6.2",
	  "$host takes plain ASCII only, and to make ASCII of this message "
	  "would break its signature. Sign it anew with quoted-printable or "
	  "base64, or send it by another route." },
	{ SMTP_8BIT_SEALED, NEVER, FAULT_MESSAGE, "5.6.3",
	  "$host takes plain ASCII only, and a part of this message cannot "
	  "be made ASCII: it says to be encoded already, or is of a kind "
	  "that must not be. Send it again with that part as an attachment, "
	  "or by another route." },
	{ SMTP_BAD_ADDRESS, NEVER, FAULT_RECIPIENT, "5.1.3",
	  "The address $recipient cannot be given to a mail server. Check "
	  "how it is written." },
	{ SMTP_BAD_SENDER, NEVER, FAULT_MESSAGE, "5.1.7",
	  "The sender's address $sender cannot be given to a mail server. "
	  "Check how it is written." },
	{ SMTP_OUR_FAULT, LATER, FAULT_NETWORK, "4.3.0",
	  "This machine could not go on ($detail). The mail waits." },
};
const guint smtp_trouble_rows_count = G_N_ELEMENTS(smtp_trouble_rows);
