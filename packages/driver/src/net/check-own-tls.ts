import { VolleyError } from "@volley/engine/wire/errors.js";
import { CLOSED_HINT, clientTls, type Tls, tlsRefusal } from "@volley/engine/wire/tls.js";
import { Pool } from "undici";

/** A handshake and an answer that is none: on one machine there is nothing to wait for. */
const LIMIT_MS = 5_000;

/**
 * Dials the driver's own server as an executor will, so that a certificate that nobody can accept (another authority's, another name's, not for clients)
 * is an error where the user can see it. Throws TLS_REFUSED.
 */
export async function checkOwnTls(url: string, tls: Tls): Promise<void> {
  const pool = new Pool(url, { connect: { ...clientTls(tls), timeout: LIMIT_MS }, headersTimeout: LIMIT_MS });
  try {
    const answer = await pool.request({ method: "GET", path: "/" });
    await answer.body.dump();
  } catch (cause) {
    const why = tlsRefusal(cause) ?? `${CLOSED_HINT} (${(cause as Error).message})`;
    throw new VolleyError("TLS_REFUSED", `with this tls nobody can connect to the driver at ${url}: ${why}`, { cause });
  } finally {
    await pool.destroy();
  }
}
