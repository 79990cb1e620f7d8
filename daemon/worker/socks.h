// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client's side of SOCKS 5 (RFC 1928, RFC 1929) on a connection to the
 * proxy. The name of the host is given to the proxy as it is: nothing about
 * it is looked up here, as Tor wants it.
 */
#ifndef MASQMAIL_WORKER_SOCKS_H
#define MASQMAIL_WORKER_SOCKS_H

#include "daemon/worker/stream.h"

#define SOCKS_ERROR (socks_error_quark())

GQuark socks_error_quark(void);

typedef enum {
	SOCKS_ERROR_ADDRESS,  /* Proxy= cannot be read */
	SOCKS_ERROR_PROTOCOL, /* what answers is no SOCKS proxy */
	SOCKS_ERROR_LOGIN,    /* it wants another login */
	SOCKS_ERROR_NETWORK,  /* it has no network itself */
	SOCKS_ERROR_HOST,     /* it could not reach the host */
} SocksError;

typedef struct {
	char *host;  /* the proxy's */
	guint16 port;
	char *user;  /* (nullable): no login */
} SocksProxy;

/* (transfer full). "socks5://[USER@]HOST[:PORT]"; NULL with ..._ADDRESS. */
SocksProxy *socks_proxy_parse(const char *text, GError **error);
void socks_proxy_free(SocksProxy *proxy);

/*
 * Have the proxy at the other end of @stream connect to @host, a name or an
 * address. From then on @stream is a connection to it. Errors are of
 * SOCKS_ERROR, or of the stream. @password (nullable) goes with the user.
 */
gboolean socks_connect(Stream *stream, const SocksProxy *proxy,
		       const char *password, const char *host, guint16 port,
		       GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SocksProxy, socks_proxy_free)

#endif
