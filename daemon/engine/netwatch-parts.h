// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sources of netwatch share. netwatch.c owns the life and the one
 * event socket, -table the links, addresses and routes as the kernel tells
 * them, -neighbour the gateways' MACs, -wifi nl80211, -resolv resolv.conf;
 * -read understands single messages, and like -table does it without a
 * socket. Each part marks what is dirty; netwatch_update() reads and
 * compares.
 */
#ifndef MASQMAIL_ENGINE_NETWATCH_PARTS_H
#define MASQMAIL_ENGINE_NETWATCH_PARTS_H

#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "daemon/engine/netwatch.h"

/* How long a dump may take before it is tried again later. */
#define NETWATCH_DUMP_SECONDS 2
#define NETWATCH_DUMP_TRIES 5 /* when the kernel says it was interrupted */
#define NETWATCH_RETRY_MS 1000

typedef struct {
	int index;
	char name[NETWORK_NAME_SIZE];
	char kind[NETWORK_NAME_SIZE]; /* IFLA_INFO_KIND, "" for hardware */
	guint flags;       /* IFF_* */
	guint8 operstate;  /* IF_OPER_* */
	guint16 hardware;  /* ARPHRD_* */
	gboolean is_wifi;
	NetWifi wifi;
	GArray *addresses; /* of NetAddress, usable ones */
} WatchedLink;

/* The kernel's tables as far as they matter to us. */
typedef struct {
	GHashTable *links; /* index -> WatchedLink, owned */
	GArray *routes;    /* of NetRoute; their MACs are not set here */
} Table;

typedef struct Gateways Gateways;
typedef struct Wifi Wifi;
typedef struct Resolv Resolv;

struct Netwatch {
	NetwatchChanged changed;
	gpointer user_data;
	struct nl_sock *events;
	struct nl_sock *dumps;
	guint source;
	guint update; /* idle or retry source; 0: none */
	gboolean all_dirty;
	gboolean routes_dirty;
	gboolean wifi_dirty;
	Table table;
	Gateways *gateways;
	Wifi *wifi;
	Resolv *resolv;
	char **domains; /* (nullable) told by others */
	NetworkState *state;
};

/* Have netwatch_update() run soon, once, from the main loop. */
void netwatch_schedule(Netwatch *netwatch, guint after_ms);

/*
 * Send @message (transfer full) on @socket and feed every answer to
 * @handle; FALSE on a timeout, an error, or after too many interrupted
 * dumps (@reset, nullable, is called before each new try).
 */
typedef void (*NetwatchHandle)(struct nl_msg *message, gpointer data);
gboolean netwatch_dump(struct nl_sock *socket, struct nl_msg *message,
		       NetwatchHandle handle, void (*reset)(gpointer data),
		       gpointer data);

/* A socket of @protocol as all ours are; NULL with errno. */
struct nl_sock *netwatch_socket(int protocol, gboolean blocking);

/* -table */
void table_init(Table *table);
void table_clear(Table *table);
/*
 * One rtnetlink message applied to the table. FALSE when it is none of our
 * business. @ret_routes is set TRUE when the routes have to be read again:
 * a default route came or went, or something happened that takes routes
 * away without a word.
 */
gboolean table_apply(Table *table, struct nlmsghdr *header,
		     gboolean *ret_routes);
/* One default route of a dump, added to the table. */
void table_apply_route(Table *table, struct nlmsghdr *header);
gboolean table_dump_all(Netwatch *netwatch);
gboolean table_dump_routes(Netwatch *netwatch);
/* (transfer full): without MACs and DNS. */
NetworkState *table_to_state(const Table *table);

/* -read; of any bytes that come as a message with a whole header. */
/* Whether a generic netlink family was registered. */
gboolean netwatch_read_family(struct nlmsghdr *header);
/* Of nl80211: another network may be joined now, or none. */
gboolean netwatch_read_move(struct nlmsghdr *header);
/* An answer to GET_INTERFACE: marks the link in the table as Wi-Fi. */
void netwatch_read_interface(struct nlmsghdr *header, Table *table);
/* An answer to GET_SCAN: if we are joined to it, all about it. */
void netwatch_read_bss(struct nlmsghdr *header, NetWifi *wifi);
/* What is said of the neighbour @address on @link; FALSE if nothing new. */
gboolean netwatch_read_neighbour(struct nlmsghdr *header, int link,
				 const NetAddress *address,
				 MacState *ret_state,
				 guint8 ret_mac[NETWORK_MAC_SIZE]);

/* -neighbour */
Gateways *gateways_new(Netwatch *netwatch);
void gateways_free(Gateways *gateways);
/* Fill in the MACs of @state's routes; ask for those that are missing. */
void gateways_fill(Gateways *gateways, NetworkState *state);
/* A neighbour message; TRUE when it answered one of our questions. */
gboolean gateways_hear(Gateways *gateways, struct nlmsghdr *header);
void gateways_forget(Gateways *gateways);

/* -wifi; never NULL, also without a Wi-Fi subsystem. */
Wifi *wifi_new(Netwatch *netwatch);
void wifi_free(Wifi *wifi);
/* Read all associations into the table. */
void wifi_read(Wifi *wifi, Table *table);

/* -resolv */
Resolv *resolv_new(Netwatch *netwatch);
void resolv_free(Resolv *resolv);
/* Read the file, if it may have changed, and add it to @state. */
void resolv_fill(Resolv *resolv, NetworkState *state);

#endif
