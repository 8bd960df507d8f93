/** User functions that are called on the driver, to merge what tasks have sent: their errors look like those from tasks. */

import { VolleyError } from "../wire/errors.js";
import type { CallSite } from "./call-site.js";

type Merge = (a: never, b: never) => unknown;

function placeText({ place }: CallSite): string {
  return place.file === "" ? "" : `\n  at ${place.file}:${place.line}:${place.column}`;
}

/** `f`, whose errors become USER_FUNCTION_FAILED at the action's line and whose promises are refused. */
export function onDriver(f: Merge, site: CallSite): (a: unknown, b: unknown) => unknown {
  const details = () => ({ operator: site.operator, place: site.place });
  return (a, b) => {
    let merged: unknown;
    try {
      merged = f(a as never, b as never);
    } catch (cause) {
      if (VolleyError.is(cause)) throw cause;
      const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      const message = `the function given to ${site.operator} threw ${thrown}\n  on the driver, during ${site.toString()}${placeText(site)}`;
      throw new VolleyError("USER_FUNCTION_FAILED", message, { cause, details: details() });
    }
    if (typeof merged === "object" && merged !== null && typeof (merged as { then?: unknown }).then === "function") {
      throw new VolleyError(
        "PROMISE_IN_SYNC_FUNCTION",
        `the function given to ${site.operator} returned a promise; it must be synchronous${placeText(site)}`,
        { details: details() },
      );
    }
    return merged;
  };
}

/** The same for a user's order: what gives no number (`a > b`, say) would sort nothing, and nobody would notice. */
export function orderOnDriver(compare: Merge, site: CallSite): (a: unknown, b: unknown) => number {
  const order = onDriver(compare, site);
  return (a, b) => {
    const sign = order(a, b);
    if (typeof sign === "number") return sign;
    const message = `the order given to ${site.operator} must give a number, negative where a comes before b, but gave ${String(sign)}`;
    throw new VolleyError("INVALID_ARGUMENT", `${message}${placeText(site)}`, {
      details: { operator: site.operator, place: site.place },
    });
  };
}
