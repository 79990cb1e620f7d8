// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/config.h"

#define MAIN CONFIG_MAIN
#define ROUTE CONFIG_ROUTE
#define PROFILE CONFIG_PROFILE
#define NETWORK CONFIG_NETWORK

const ConfigKey config_keys[] = {
	{ MAIN, "General", "HostName", CONFIG_STRING, NULL, NULL,
	  "this machine's mail name; else /etc/mailname, else the host name" },
	{ MAIN, "General", "LocalHosts", CONFIG_LIST, NULL, NULL,
	  "further names whose mail is delivered on this machine" },
	{ MAIN, "General", "LocalAddresses", CONFIG_LIST, NULL, NULL,
	  "addresses elsewhere that are delivered on this machine; globs" },
	{ MAIN, "General", "NotLocalAddresses", CONFIG_LIST, NULL, NULL,
	  "addresses of this machine's names that are elsewhere; globs" },
	{ MAIN, "General", "LocalNets", CONFIG_LIST, NULL, NULL,
	  "domains of the LAN, as *.lan, or subnets for addresses such as "
	  "ada@[10.0.0.2]" },
	{ MAIN, "General", "PermanentRoutes", CONFIG_LIST, NULL, NULL,
	  "the routes for mail to LocalNets, in order; they never wait for "
	  "the online state" },
	{ MAIN, "General", "Language", CONFIG_STRING, NULL, NULL,
	  "language of bounces and warnings to those whose programs tell "
	  "none: en, de; default: the daemon's own" },
	{ MAIN, "General", "Admins", CONFIG_LIST, NULL, NULL,
	  "users who may see and act on all mail, beside root and the group "
	  "masqmail" },
	{ MAIN, "General", "Aliases", CONFIG_STRING, "/etc/aliases", NULL,
	  "the system's aliases file, in /etc or beside this one; \"none\" "
	  "for none" },
	{ MAIN, "General", "Listen", CONFIG_LIST, NULL, NULL,
	  "where SMTP is served: loopback:PORT, lan:PORT or ADDRESS:PORT; the "
	  "system's "
	  "daemon serves loopback:25 by default, a user's none; \"none\" for "
	  "none" },
	{ MAIN, "General", "SizeLimit", CONFIG_SIZE, "50M", NULL,
	  "the largest message that is accepted" },
	{ MAIN, "General", "Lifetime", CONFIG_DURATION, "5d", NULL,
	  "how much time with a usable route a message gets before it is "
	  "returned" },
	{ MAIN, "General", "UndoWindow", CONFIG_DURATION, "0", NULL,
	  "how long mail of people waits before it leaves, so that they can "
	  "take it back; masqctl undo-window chooses another for oneself" },
	{ MAIN, "General", "WarnAfter", CONFIG_LIST, "1h;4h;8h;1d;2d;3d;4d",
	  NULL, "when the sender of late mail is told, in time with a usable "
	  "route; \"none\" for never" },
	{ MAIN, "General", "RetryFirst", CONFIG_DURATION, "1m", NULL,
	  "the wait after the first failed attempt; it doubles from there" },
	{ MAIN, "General", "RetryMax", CONFIG_DURATION, "90m", NULL,
	  "the longest wait between two attempts" },

	{ MAIN, "General", "Archive", CONFIG_STRING, NULL, NULL,
	  "an address, or a Maildir by its path, that gets a copy of all "
	  "mail" },
	{ MAIN, "General", "RootMail", CONFIG_STRING, NULL, NULL,
	  "who reads root's mail: a user or an address; default: the first "
	  "user who can log in" },
	{ MAIN, "General", "Separator", CONFIG_STRING, "+", NULL,
	  "what ends the user's name in a sub-address as ada+lists; each "
	  "character is one; empty for none" },

	{ MAIN, "General", "HistoryDays", CONFIG_NUMBER, "90", NULL,
	  "for how many days masqctl log can tell of finished mail; 0: not "
	  "at all" },
	{ MAIN, "General", "HistorySubjects", CONFIG_BOOLEAN, "yes", NULL,
	  "whether the subjects of finished mail are kept with it" },

	{ MAIN, "Online", "File", CONFIG_STRING, NULL, NULL,
	  "a file whose first word is the profile while we are online; it is "
	  "watched" },
	{ MAIN, "Online", "Command", CONFIG_STRING, NULL, NULL,
	  "a command that prints the profile while we are online" },
	{ MAIN, "Online", "User", CONFIG_STRING, NULL, NULL,
	  "the user as whom the command runs; default nobody, or the owner of "
	  "a user's own agent" },
	{ MAIN, "Online", "Sandbox", CONFIG_BOOLEAN, "no", NULL,
	  "take rights from the command that most need not" },
	{ MAIN, "Online", "Mserver", CONFIG_STRING, NULL, NULL,
	  "HOST or HOST:PORT of a masqdialer mserver that tells the profile; "
	  "the default port is 224" },

	{ MAIN, "Local*", "Delivery", CONFIG_CHOICE, NULL, "maildir mbox",
	  "kind of mailbox; default: a user's daemon maildir, the system's "
	  "mbox" },
	{ MAIN, "Local*", "Maildir", CONFIG_STRING, "Maildir", NULL,
	  "the Maildir, relative to the recipient's home" },
	{ MAIN, "Local*", "Mbox", CONFIG_STRING, NULL, NULL,
	  "the mbox file, relative to the recipient's home, %u being the "
	  "user; default: the recipient's file in /var/mail" },

	{ MAIN, "Local*", "SentCopy", CONFIG_STRING, NULL, NULL,
	  "a Maildir below the sender's home that keeps a copy of their mail "
	  "once it was sent" },
	{ MAIN, "Local*", "EnvelopeTo", CONFIG_BOOLEAN, "no", NULL,
	  "write an Envelope-To field: the address as it was handed in" },
	{ MAIN, "Local*", "Mda", CONFIG_STRING, NULL, NULL,
	  "a command that takes each message on its standard input, run as "
	  "the recipient" },
	{ MAIN, "Local", "PipeUser", CONFIG_STRING, "nobody", NULL,
	  "the user as whom the commands of aliases run and their files are "
	  "written" },
	{ MAIN, "Local", "Sandbox", CONFIG_BOOLEAN, "no", NULL,
	  "keep the commands of this group and of aliases from writing "
	  "anywhere but in their user's home and /tmp, and from more rights" },

	{ ROUTE, "Match", "Senders", CONFIG_LIST, NULL, NULL,
	  "only mail with one of these reverse-paths; globs as "
	  "*@uni.example" },
	{ ROUTE, "Match", "NotSenders", CONFIG_LIST, NULL, NULL,
	  "no mail with one of these reverse-paths; globs, <> is the null "
	  "sender" },
	{ ROUTE, "Match", "From", CONFIG_LIST, NULL, NULL,
	  "only mail with one of these addresses in its From header; globs" },
	{ ROUTE, "Match", "NotFrom", CONFIG_LIST, NULL, NULL,
	  "no mail with one of these addresses in its From header; globs" },
	{ ROUTE, "Match", "Recipients", CONFIG_LIST, NULL, NULL,
	  "only mail to one of these addresses; globs" },
	{ ROUTE, "Match", "NotRecipients", CONFIG_LIST, NULL, NULL,
	  "no mail to one of these addresses; globs" },
	{ ROUTE, "Match", "Users", CONFIG_LIST, NULL, NULL,
	  "only mail handed in by these users, @ before a group, or * for "
	  "all; default: the owner of the route if it has one" },
	{ ROUTE, "Match", "NotUsers", CONFIG_LIST, NULL, NULL,
	  "no mail handed in by these users or groups" },
	{ ROUTE, "Match", "MinSize", CONFIG_SIZE, NULL, NULL,
	  "only mail of at least this size" },
	{ ROUTE, "Match", "MaxSize", CONFIG_SIZE, NULL, NULL,
	  "only mail of at most this size" },
	{ ROUTE, "Match", "Vpn", CONFIG_LIST, NULL, NULL,
	  "only while one of these VPN interfaces is up; globs as tun*" },
	{ ROUTE, "Match", "Profiles", CONFIG_LIST, NULL, NULL,
	  "only while one of these profiles is active; globs" },
	{ ROUTE, "Match", "Needs", CONFIG_LIST, NULL, NULL,
	  "only while all of these are present: vpn:INTERFACE, network:NAME" },
	{ ROUTE, "Match", "LastRoute", CONFIG_BOOLEAN, "no", NULL,
	  "mail that fits waits for this route and goes by no later one" },

	{ ROUTE, "Relay", "Host", CONFIG_STRING, NULL, NULL,
	  "the smart host's name or address; srv:DOMAIN: the one that DOMAIN "
	  "names in the DNS; none or \"mx\": each recipient's own (MX)" },
	{ ROUTE, "Relay", "Protocol", CONFIG_CHOICE, "smtp", "smtp lmtp",
	  "lmtp: the host delivers and answers for each recipient; it may "
	  "be the path of a socket, Host=/run/dovecot/lmtp" },
	{ ROUTE, "Relay", "Port", CONFIG_NUMBER, NULL, NULL,
	  "its port; default 465 with Tls=implicit, else 587; without a Host "
	  "25" },
	{ ROUTE, "Relay", "Resolver", CONFIG_LIST, NULL, NULL,
	  "where names of hosts are looked up, in order: hosts (the file), "
	  "dns, system; default: hosts dns" },
	{ ROUTE, "Relay", "Proxy", CONFIG_STRING, NULL, NULL,
	  "connect by this proxy, which finds the host: "
	  "socks5://[USER@]HOST:PORT; a password for it is the second line "
	  "of secrets/NAME" },
	{ ROUTE, "Relay", "SourceAddress", CONFIG_LIST, NULL, NULL,
	  "own addresses to connect from, one of each family" },
	{ ROUTE, "Relay", "Tls", CONFIG_CHOICE, "required",
	  "never if-possible required implicit",
	  "required: STARTTLS and a verified certificate, or nothing is sent; "
	  "implicit: TLS from the first byte; without a Host if-possible, "
	  "unless DANE demands it" },
	{ ROUTE, "Relay", "CaFile", CONFIG_STRING, NULL, NULL,
	  "certificates to trust instead of the system's, PEM" },
	{ ROUTE, "Relay", "Fingerprint", CONFIG_STRING, NULL, NULL,
	  "SHA-256 of the one certificate to accept instead of any check by "
	  "name" },
	{ ROUTE, "Relay", "Auth", CONFIG_LIST, NULL, NULL,
	  "SASL mechanisms to use, the best first; default: the strongest "
	  "offered; \"none\" for no login" },
	{ ROUTE, "Relay", "User", CONFIG_STRING, NULL, NULL,
	  "login name; its password stands in secrets/NAME" },
	{ ROUTE, "Relay", "Certificate", CONFIG_STRING, NULL, NULL,
	  "the certificate to show to a server that asks for one, PEM" },
	{ ROUTE, "Relay", "Key", CONFIG_STRING, NULL, NULL,
	  "its key, PEM; default: it stands in the same file" },
	{ ROUTE, "Relay", "TlsMinimum", CONFIG_CHOICE, "1.2", "1.2 1.3",
	  "the oldest version of TLS to speak" },
	{ ROUTE, "Relay", "PasswordCommand", CONFIG_STRING, NULL, NULL,
	  "a command that prints the password, run as the owner" },
	{ ROUTE, "Relay", "TokenCommand", CONFIG_STRING, NULL, NULL,
	  "a command that prints an OAuth access token, run as the owner" },
	{ ROUTE, "Relay", "Wrapper", CONFIG_STRING, NULL, NULL,
	  "a command whose standard input and output is the server, instead "
	  "of a connection" },
	{ ROUTE, "Relay", "Sandbox", CONFIG_BOOLEAN, "no", NULL,
	  "keep these commands from writing anywhere but in their user's "
	  "home and /tmp, and from more rights" },
	{ ROUTE, "Relay", "Owner", CONFIG_STRING, NULL, NULL,
	  "the user to whom the login belongs" },
	{ ROUTE, "Relay", "Helo", CONFIG_STRING, NULL, NULL,
	  "the name to greet with; default: the HostName" },
	{ ROUTE, "Relay", "Insecure", CONFIG_BOOLEAN, "no", NULL,
	  "allow Tls=never and passwords in clear, on trusted networks only" },
	{ ROUTE, "Relay", "InstantHelo", CONFIG_BOOLEAN, "no", NULL,
	  "do not wait for the server's greeting: for wrappers that eat it" },
	{ ROUTE, "Relay", "Messages", CONFIG_NUMBER, "200", NULL,
	  "how many messages over one connection; 0: any number" },
	{ ROUTE, "Relay", "Connections", CONFIG_NUMBER, "2", NULL,
	  "how many connections to this host at most" },
	{ ROUTE, "Relay", "OnConnectError", CONFIG_CHOICE, "defer",
	  "defer bounce",
	  "bounce: mail is returned at once when the host does not answer "
	  "and no other route takes it" },
	{ ROUTE, "Relay", "Timeout", CONFIG_DURATION, NULL, NULL,
	  "the longest wait for any answer; default: RFC 5321's for each "
	  "step" },

	{ ROUTE, "Pipe", "Command", CONFIG_STRING, NULL, NULL,
	  "a command that takes each message on its standard input" },
	{ ROUTE, "Pipe", "FromLine", CONFIG_BOOLEAN, "no", NULL,
	  "begin the message with a line \"From SENDER DATE\", as UUCP wants "
	  "it" },
	{ ROUTE, "Pipe", "Timeout", CONFIG_DURATION, "10m", NULL,
	  "how long the command may take for one recipient" },
	{ ROUTE, "Pipe", "User", CONFIG_STRING, NULL, NULL,
	  "the user as whom it runs; default: nobody" },
	{ ROUTE, "Pipe", "Sandbox", CONFIG_BOOLEAN, "no", NULL,
	  "keep it from writing anywhere but in its user's home and /tmp, "
	  "and from more rights" },

	{ ROUTE, "Rewrite", "From", CONFIG_LIST, NULL, NULL,
	  "own addresses in From and Resent-From: ada@laptop:ada@uni.example; "
	  "globs, *@ keeps the local part" },
	{ ROUTE, "Rewrite", "Sender", CONFIG_LIST, NULL, NULL,
	  "the same in Sender and Resent-Sender" },
	{ ROUTE, "Rewrite", "ReplyTo", CONFIG_LIST, NULL, NULL,
	  "the same in Reply-To and Resent-Reply-To" },
	{ ROUTE, "Rewrite", "MailFollowupTo", CONFIG_LIST, NULL, NULL,
	  "the same in Mail-Followup-To" },
	{ ROUTE, "Rewrite", "ReturnPath", CONFIG_LIST, NULL, NULL,
	  "the same for the reverse-path of the envelope" },
	{ ROUTE, "Rewrite", "Addresses", CONFIG_LIST, NULL, NULL,
	  "the same in all of these, behind their own rules" },
	{ ROUTE, "Rewrite", "Domain", CONFIG_STRING, NULL, NULL,
	  "the domain of all own addresses there that no rule changes" },

	{ PROFILE, "Match*", "Ssid", CONFIG_STRING, NULL, NULL,
	  "Wi-Fi name" },
	{ PROFILE, "Match*", "Security", CONFIG_CHOICE, NULL,
	  "open owe wep psk sae 802.1x", "how the Wi-Fi is secured" },
	{ PROFILE, "Match*", "Bssid", CONFIG_LIST, NULL, NULL,
	  "access points; one of them adds to the score, none takes away" },
	{ PROFILE, "Match*", "Gateway", CONFIG_LIST, NULL, NULL,
	  "the default gateway: its address, its MAC, or both with a blank "
	  "between" },
	{ PROFILE, "Match*", "Subnet", CONFIG_LIST, NULL, NULL,
	  "an own address lies in one of these, as 10.1.0.0/16" },
	{ PROFILE, "Match*", "Domain", CONFIG_LIST, NULL, NULL,
	  "the network's DNS search domain is one of these" },
	{ PROFILE, "Match*", "Vpn", CONFIG_LIST, NULL, NULL,
	  "one of these VPN interfaces is up; globs as tun*" },
	{ PROFILE, "Match*", "Interface", CONFIG_LIST, NULL, NULL,
	  "the link with the default route has one of these names; globs" },
	{ PROFILE, "Match*", "Type", CONFIG_CHOICE, NULL, "wired wifi",
	  "the kind of the link with the default route" },
	{ PROFILE, "Match*", "Mode", CONFIG_CHOICE, "all", "all any",
	  "whether all conditions must hold, or any one will do" },

	{ PROFILE, "Use", "Routes", CONFIG_LIST, NULL, NULL,
	  "the routes for mail that goes out from here, in order" },
	{ PROFILE, "Use", "Trust", CONFIG_BOOLEAN, "no", NULL,
	  "whether this place may be told things in clear: a wire, or a "
	  "Wi-Fi with a key" },
	{ PROFILE, "Use", "Priority", CONFIG_SIGNED, "0", NULL,
	  "of two matching profiles the higher wins, before any score" },
	{ PROFILE, "Use", "SizeLimit", CONFIG_SIZE, NULL, NULL,
	  "larger mail for elsewhere waits for another place" },
	{ PROFILE, "Use", "MeteredLimit", CONFIG_SIZE, NULL, NULL,
	  "the same, only where the way out is said to be metered" },

	{ NETWORK, "Network", "Profile", CONFIG_STRING, NULL, NULL,
	  "the profile that applies here" },
	{ NETWORK, "Network", "Learned", CONFIG_STRING, NULL, NULL,
	  "when it was learned, in seconds since 1970" },
	{ MAIN, NULL, NULL, CONFIG_STRING, NULL, NULL, NULL },
};
