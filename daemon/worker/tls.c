// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/tls.h"

#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "common/text.h"
#include "daemon/worker/tls-dane.h"
#include "daemon/worker/tls-own.h"
#include "daemon/worker/tls-verify.h"

/* RFC 9266 section 2: the label, an empty context, 32 bytes. */
#define EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define EXPORTER_SIZE 32
#define FINISHED_MAX 64

struct Tls {
	SSL_CTX *context;
	SSL *ssl;
	TlsVerify *verify;
	SSL_SESSION *kept; /* to be taken up again, or NULL */
	gboolean done; /* the handshake is */
};

G_DEFINE_QUARK(masqmail-tls-error, tls_error)

void
tls_free(Tls *tls)
{
	if (!tls)
		return;
	if (tls->done)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	SSL_SESSION_free(tls->kept);
	SSL_CTX_free(tls->context);
	tls_verify_free(tls->verify);
	ERR_clear_error();
	g_free(tls);
}

/* The first thing OpenSSL has to say, in its own words. */
static void
set_library_error(GError **error, TlsError code, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	g_set_error(error, TLS_ERROR, code, "%s: %s", what,
		    reason ? reason : "no reason given");
}

static SSL_CTX *
make_context(const TlsRules *rules)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, rules->newest_only
						       ? TLS1_3_VERSION
						       : TLS1_2_VERSION);
	/* SMTP has its own end (QUIT); a line cut short is not taken. */
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_NO_COMPRESSION |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	return context;
}

static gboolean
make_connection(Tls *tls, int fd)
{
	const char *name = tls_verify_server_name(tls->verify);

	tls->ssl = SSL_new(tls->context);
	if (!tls->ssl || !SSL_set_fd(tls->ssl, fd))
		return FALSE;
	SSL_set_app_data(tls->ssl, tls->verify);
	SSL_set_connect_state(tls->ssl);
	return !name || SSL_set_tlsext_host_name(tls->ssl, name);
}

Tls *
tls_client_new(int fd, const TlsRules *rules, GError **error)
{
	g_autoptr(Tls) tls = g_new0(Tls, 1);

	tls->verify = tls_verify_new(rules, error);
	if (!tls->verify)
		return NULL;
	tls->context = make_context(rules);
	if (!tls->context) {
		set_library_error(error, TLS_ERROR_SETUP, "OpenSSL");
		return NULL;
	}
	tls_own_keep_session(tls->context, &tls->kept);
	if (!tls_own_install(tls->context, rules, error) ||
	    !tls_verify_install(tls->verify, tls->context, error))
		return NULL;
	if (!make_connection(tls, fd)) {
		set_library_error(error, TLS_ERROR_SETUP, "OpenSSL");
		return NULL;
	}
	if (!tls_dane_start(tls->context, tls->ssl, tls->verify, rules,
			    error))
		return NULL;
	if (rules->resume)
		tls_own_resume(tls->ssl, rules->resume);
	return g_steal_pointer(&tls);
}

/* A TLS server has nothing to say before it has seen the client's hello. */
static gboolean
is_early(gconstpointer layer)
{
	const Tls *tls = layer;
	char byte;

	return recv(SSL_get_fd(tls->ssl), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >
	       0;
}

/* "220 mail.example" makes a record of a strange version. */
static TlsError
protocol_error(void)
{
	return ERR_GET_REASON(ERR_peek_error()) == SSL_R_WRONG_VERSION_NUMBER
		       ? TLS_ERROR_CLEAR
		       : TLS_ERROR_PROTOCOL;
}

/* What a call that did not succeed asks for. */
static LayerResult
take_result(Tls *tls, int result, const char *what, GError **error)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return LAYER_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return LAYER_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return LAYER_CLOSED;
	case SSL_ERROR_SYSCALL:
		tls->done = FALSE; /* no goodbye on a broken connection */
		ERR_clear_error();
		return LAYER_CLOSED;
	default:
		tls->done = FALSE;
		set_library_error(error, protocol_error(), what);
		return LAYER_FAILED;
	}
}

static LayerResult
handshake(gpointer layer, GError **error)
{
	Tls *tls = layer;
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(tls->ssl);
	if (result == 1) {
		tls->done = TRUE;
		return LAYER_DONE;
	}
	if (tls->verify->failed && !tls->verify->optional) {
		ERR_clear_error();
		g_set_error_literal(error, TLS_ERROR, TLS_ERROR_CERTIFICATE,
				    tls->verify->why);
		return LAYER_FAILED;
	}
	return take_result(tls, result, "TLS handshake", error);
}

static LayerResult
read_some(gpointer layer, void *buffer, gsize size, gsize *ret_got,
	  GError **error)
{
	Tls *tls = layer;

	ERR_clear_error();
	if (SSL_read_ex(tls->ssl, buffer, size, ret_got))
		return LAYER_DONE;
	return take_result(tls, 0, "TLS", error);
}

static LayerResult
write_some(gpointer layer, const void *data, gsize size, gsize *ret_put,
	   GError **error)
{
	Tls *tls = layer;

	ERR_clear_error();
	if (SSL_write_ex(tls->ssl, data, size, ret_put))
		return LAYER_DONE;
	return take_result(tls, 0, "TLS", error);
}

static void
free_layer(gpointer layer)
{
	tls_free(layer);
}

const StreamLayer tls_layer = {
	.is_early = is_early,
	.handshake = handshake,
	.read = read_some,
	.write = write_some,
	.free = free_layer,
};

/* What was not demanded can still have been found good. */
gboolean
tls_is_verified(const Tls *tls)
{
	return tls->done && !tls->verify->failed;
}

/* Of a session by DANE the proof is in the DNS, which is asked anew. */
GBytes *
tls_session(const Tls *tls)
{
	if (!tls_is_verified(tls) || tls->verify->dane)
		return NULL;
	return tls_own_write_session(tls->kept);
}

gboolean
tls_is_resumed(const Tls *tls)
{
	return SSL_session_reused(tls->ssl);
}

char *
tls_describe(const Tls *tls)
{
	return g_strdup_printf("%s %s", SSL_get_version(tls->ssl),
			       !tls_is_verified(tls) ? "not verified"
			       : tls->verify->dane ? "verified by DANE"
						   : "verified");
}

static char *
exporter_binding(const Tls *tls)
{
	guint8 bytes[EXPORTER_SIZE];

	if (!SSL_export_keying_material(tls->ssl, bytes, sizeof(bytes),
					EXPORTER_LABEL, strlen(EXPORTER_LABEL),
					NULL, 0, 1))
		return NULL;
	return g_base64_encode(bytes, sizeof(bytes));
}

/* Without the extended master secret tls-unique binds nothing (RFC 7627);
 * sessions are never resumed, so the first Finished is the client's. */
static char *
unique_binding(const Tls *tls)
{
	guint8 bytes[FINISHED_MAX];
	size_t size;

	if (SSL_get_extms_support(tls->ssl) != 1)
		return NULL;
	size = SSL_get_finished(tls->ssl, bytes, sizeof(bytes));
	return size > 0 && size <= sizeof(bytes)
		       ? g_base64_encode(bytes, size)
		       : NULL;
}

char *
tls_channel_binding(const Tls *tls, TlsBinding *ret_kind)
{
	gboolean exporter = SSL_version(tls->ssl) >= TLS1_3_VERSION;
	char *binding;

	if (!tls->done)
		return NULL;
	binding = exporter ? exporter_binding(tls) : unique_binding(tls);
	if (binding)
		*ret_kind = exporter ? TLS_BINDING_EXPORTER
				     : TLS_BINDING_UNIQUE;
	return binding;
}
