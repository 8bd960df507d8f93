import { VolleyError } from "@volley/engine/wire/errors.js";
import { isLoopback } from "@volley/engine/wire/loopback.js";

let hasWarned = false;

/** An address that others can reach needs TLS, or somebody who says that it need not: throws INVALID_OPTION. */
export function checkBind(host: string, hasTls: boolean, insecure: boolean): void {
  if (isLoopback(host) || hasTls) return;
  if (!insecure) {
    throw new VolleyError(
      "INVALID_OPTION",
      `driverHost is ${host}, which other machines can reach: give tls, or insecure: true if whoever is on that network may run code here`,
    );
  }
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(`Volley listens on ${host} without TLS: secrets, functions and data can be read on the way`, {
    code: "VOLLEY_INSECURE",
  });
}
