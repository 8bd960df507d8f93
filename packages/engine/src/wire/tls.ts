/**
 * TLS between driver and executors: both ends show a certificate and check the other's against one authority, and whoever dials also checks that
 * the name it dialled is the certificate's. The secrets are asked for all the same.
 */

import { z } from "zod";

const pem = z
  .string()
  .min(1)
  .max(1 << 18);

/** PEM texts: this end's private key and certificate, and the authority that signed both ends' certificates. */
export const TlsSchema = z.strictObject({ key: pem, cert: pem, ca: pem });
export type Tls = z.infer<typeof TlsSchema>;

/** Every Node that Volley runs on has it, and it leaves nothing to choose wrongly. */
const VERSION_MIN = "TLSv1.3";
/** A connection that says nothing during its handshake is dropped after so long, as one that is slow with its headers. */
const HANDSHAKE_TIMEOUT_MS = 8_000;

/** For `tls.connect`. */
export function clientTls({ key, cert, ca }: Tls) {
  return { key, cert, ca, minVersion: VERSION_MIN, rejectUnauthorized: true } as const;
}

/** For `https.createServer`. */
export function serverTls({ key, cert, ca }: Tls) {
  const asked = { requestCert: true, rejectUnauthorized: true } as const;
  return { key, cert, ca, minVersion: VERSION_MIN, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...asked } as const;
}

/** Of Node's codes for certificates that do not verify: how many there are is not fixed, their beginnings are. */
const REFUSED =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|INVALID_CA|PATH_LENGTH_|CRL_|HOSTNAME_MISMATCH|EPROTO$)/;

/** Why the other end's certificate, or its way to speak, was refused; undefined for any other error. */
export function tlsRefusal(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === "string" && REFUSED.test(code) ? `${code}: ${String(message)}` : undefined;
}

/** What is known of a socket that the other end closes without a word: under TLS that is how a certificate is refused. */
export const CLOSED_HINT = "the connection was closed without an answer, as it is when a certificate is not accepted";
