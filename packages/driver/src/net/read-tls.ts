/** What the option `tls` names as PEM texts: checked here, where the user can be told what is wrong, and not in a handshake. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { Tls } from "@volley/engine/wire/tls.js";

/** Each is a PEM text or the path of a file with one. Throws INVALID_OPTION; no message has anything of the key. */
export function readTls(given: Tls, now = Date.now()): Tls {
  const tls = { key: pemOf("key", given.key), cert: pemOf("cert", given.cert), ca: pemOf("ca", given.ca) };
  const cert = certificateOf("cert", tls.cert);
  const ca = certificateOf("ca", tls.ca);
  for (const [name, certificate] of [
    ["cert", cert],
    ["ca", ca],
  ] as const) {
    if (now < Date.parse(certificate.validFrom)) throw invalid(`${name} is not valid before ${certificate.validFrom}`);
    if (now > Date.parse(certificate.validTo)) throw invalid(`${name} has expired on ${certificate.validTo}`);
  }
  if (!fits(cert, tls.key)) throw invalid("key is not the private key of cert");
  return Object.freeze(tls);
}

function pemOf(name: string, given: string): string {
  if (given.includes("-----BEGIN ")) return given;
  try {
    return readFileSync(given, "utf8");
  } catch (cause) {
    throw invalid(`${name} is neither a PEM text nor a file that can be read`, cause);
  }
}

function certificateOf(name: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw invalid(`${name} holds no certificate`, cause);
  }
}

function fits(cert: X509Certificate, key: string): boolean {
  try {
    return cert.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw invalid("key holds no private key that can be read without a passphrase");
  }
}

function invalid(why: string, cause?: unknown): VolleyError {
  return new VolleyError("INVALID_OPTION", `the option tls is not valid: ${why}`, cause === undefined ? {} : { cause });
}
