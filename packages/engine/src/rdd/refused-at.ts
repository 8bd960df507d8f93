/** Errors that know which of the user's calls they are about. */

import { VolleyError } from "../wire/errors.js";
import type { CallSite } from "./call-site.js";

/**
 * An error with the place of a call in its message, details and stack; as it is when it names a place already, or is none of Volley's. Behind an
 * `await` the stack of an error has lost the user's line: what is refused later than at the call goes through here.
 */
export function refusedAt(error: unknown, site: CallSite): unknown {
  if (!VolleyError.is(error) || error.details.place !== undefined) return error;
  const { place } = site;
  if (place.file === "") return error;
  const at = `${place.file}:${place.line}:${place.column}`;
  const placed = new VolleyError(error.code, `${error.message}\n  at ${at}`, {
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    details: { ...error.details, operator: error.details.operator ?? site.operator, place },
  });
  placed.stack = `VolleyError [${placed.code}]: ${placed.message}\n    at ${site.operator} (${at})`;
  return placed;
}

/** Runs a check whose refusal shall name the call. */
export function checkedAt<T>(site: CallSite, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw refusedAt(error, site);
  }
}
