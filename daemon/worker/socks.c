// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/socks.h"

#include <string.h>

#include "daemon/worker/dns-order.h"

#define SCHEME "socks5://"
#define PORT_SOCKS 1080
#define VERSION 5
#define METHOD_NONE 0x00
#define METHOD_PASSWORD 0x02
#define LOGIN_VERSION 1
#define CONNECT 1
#define KIND_IPV4 1
#define KIND_NAME 3
#define KIND_IPV6 4
#define MAX_STRING 255 /* its length is one byte */

G_DEFINE_QUARK(masqmail-socks-error, socks_error)

void
socks_proxy_free(SocksProxy *proxy)
{
	if (!proxy)
		return;
	g_free(proxy->host);
	g_free(proxy->user);
	g_free(proxy);
}

/* "HOST", "HOST:PORT", "[2001:db8::1]:PORT" */
static gboolean
take_place(SocksProxy *proxy, const char *text)
{
	const char *end = strrchr(text, ']');
	const char *colon = strrchr(end ? end : text, ':');
	guint64 port = PORT_SOCKS;

	if (colon && !g_ascii_string_to_unsigned(colon + 1, 10, 1,
						 G_MAXUINT16, &port, NULL))
		return FALSE;
	proxy->port = port;
	proxy->host = g_strndup(text, colon ? (gsize)(colon - text)
					    : strlen(text));
	return *proxy->host != '\0';
}

SocksProxy *
socks_proxy_parse(const char *text, GError **error)
{
	g_autoptr(SocksProxy) proxy = g_new0(SocksProxy, 1);
	const char *at = text, *user_end;

	if (g_ascii_strncasecmp(text, SCHEME, strlen(SCHEME)) == 0) {
		at += strlen(SCHEME);
		user_end = strrchr(at, '@');
		if (user_end) {
			proxy->user = g_strndup(at, user_end - at);
			at = user_end + 1;
		}
		if (take_place(proxy, at) &&
		    (!proxy->user || strlen(proxy->user) <= MAX_STRING))
			return g_steal_pointer(&proxy);
	}
	g_set_error(error, SOCKS_ERROR, SOCKS_ERROR_ADDRESS,
		    "Proxy= should be " SCHEME "[USER@]HOST[:PORT]");
	return NULL;
}

static gboolean
set_protocol(GError **error)
{
	g_set_error(error, SOCKS_ERROR, SOCKS_ERROR_PROTOCOL,
		    "what answers does not speak SOCKS 5");
	return FALSE;
}

static gboolean
read_all(Stream *stream, guint8 *buffer, gsize size, GError **error)
{
	while (size > 0) {
		gssize got = stream_read(stream, buffer, size, error);

		if (got < 0)
			return FALSE;
		if (got == 0)
			return set_protocol(error);
		buffer += got;
		size -= got;
	}
	return TRUE;
}

static void
append_string(GByteArray *bytes, const char *text)
{
	guint8 size = MIN(strlen(text), MAX_STRING);

	g_byte_array_append(bytes, &size, 1);
	g_byte_array_append(bytes, (const guint8 *)text, size);
}

/* RFC 1929 */
static gboolean
log_in(Stream *stream, const char *user, const char *password, GError **error)
{
	const guint8 version = LOGIN_VERSION;
	GByteArray *bytes = g_byte_array_new();
	guint8 reply[2];
	gboolean sent;

	g_byte_array_append(bytes, &version, 1);
	append_string(bytes, user);
	append_string(bytes, password ? password : "");
	sent = stream_write(stream, bytes->data, bytes->len, error);
	explicit_bzero(bytes->data, bytes->len);
	g_byte_array_unref(bytes);
	if (!sent || !read_all(stream, reply, sizeof(reply), error))
		return FALSE;
	if (reply[0] == LOGIN_VERSION && reply[1] == 0)
		return TRUE;
	g_set_error(error, SOCKS_ERROR, SOCKS_ERROR_LOGIN,
		    "the proxy refuses the login of %s", user);
	return FALSE;
}

static gboolean
agree_on_login(Stream *stream, const SocksProxy *proxy, const char *password,
	       GError **error)
{
	const guint8 hello[] = { VERSION, 1, proxy->user ? METHOD_PASSWORD
							 : METHOD_NONE };
	guint8 reply[2];

	if (!stream_write(stream, hello, sizeof(hello), error) ||
	    !read_all(stream, reply, sizeof(reply), error))
		return FALSE;
	if (reply[0] != VERSION)
		return set_protocol(error);
	if (reply[1] == METHOD_PASSWORD && proxy->user)
		return log_in(stream, proxy->user, password, error);
	if (reply[1] == METHOD_NONE && !proxy->user)
		return TRUE;
	g_set_error(error, SOCKS_ERROR, SOCKS_ERROR_LOGIN,
		    proxy->user ? "the proxy knows no login by password"
				: "the proxy wants a login");
	return FALSE;
}

static void
append_place(GByteArray *bytes, const char *host, guint16 port)
{
	const guint8 number[] = { port >> 8, port & 0xff };
	DnsAddress address;
	guint8 kind = KIND_NAME;

	if (!dns_address_parse(host, &address)) {
		g_byte_array_append(bytes, &kind, 1);
		append_string(bytes, host);
	} else if (address.socket.any.sa_family == AF_INET) {
		kind = KIND_IPV4;
		g_byte_array_append(bytes, &kind, 1);
		g_byte_array_append(
			bytes, (guint8 *)&address.socket.in.sin_addr, 4);
	} else {
		kind = KIND_IPV6;
		g_byte_array_append(bytes, &kind, 1);
		g_byte_array_append(
			bytes, (guint8 *)&address.socket.in6.sin6_addr, 16);
	}
	g_byte_array_append(bytes, number, sizeof(number));
}

/* RFC 1928, 6: what the proxy says to our wish. */
static gboolean
judge(guint8 code, GError **error)
{
	static const char *const words[] = {
		"", "it failed", "its rules do not allow it",
		"it has no network", "it cannot reach the host",
		"the host refuses the connection", "the host is too far away",
		"it does not know CONNECT", "it does not know such addresses",
	};

	if (code == 0)
		return TRUE;
	g_set_error(error, SOCKS_ERROR,
		    code == 3 ? SOCKS_ERROR_NETWORK : SOCKS_ERROR_HOST,
		    "the proxy says: %s",
		    code < G_N_ELEMENTS(words) ? words[code]
					       : "it failed, in its own way");
	return FALSE;
}

/* What the proxy is bound to comes with its answer, and is not needed. */
static gboolean
skip_place(Stream *stream, guint8 kind, GError **error)
{
	guint8 buffer[MAX_STRING + 2], size;

	switch (kind) {
	case KIND_IPV4:
		return read_all(stream, buffer, 4 + 2, error);
	case KIND_IPV6:
		return read_all(stream, buffer, 16 + 2, error);
	case KIND_NAME:
		return read_all(stream, &size, 1, error) &&
		       read_all(stream, buffer, size + 2, error);
	default:
		return set_protocol(error);
	}
}

gboolean
socks_connect(Stream *stream, const SocksProxy *proxy, const char *password,
	      const char *host, guint16 port, GError **error)
{
	g_autoptr(GByteArray) wish = g_byte_array_new();
	const guint8 begin[] = { VERSION, CONNECT, 0 };
	guint8 reply[4];

	if (!agree_on_login(stream, proxy, password, error))
		return FALSE;
	g_byte_array_append(wish, begin, sizeof(begin));
	append_place(wish, host, port);
	if (!stream_write(stream, wish->data, wish->len, error) ||
	    !read_all(stream, reply, sizeof(reply), error))
		return FALSE;
	if (reply[0] != VERSION)
		return set_protocol(error);
	return judge(reply[1], error) &&
	       skip_place(stream, reply[3], error);
}
