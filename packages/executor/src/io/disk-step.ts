/** One operation on a file of a task: again when the disk was full and room was made, else an error with a name. */

import { VolleyError } from "@volley/engine/wire/errors.js";
import { isDiskFull } from "./disk-full.js";

/** `makeRoom` is called when the disk is full; true when it may be tried again. `what`: what cannot be done, for the message. */
export function diskStep<T>(what: string, makeRoom: () => boolean, step: () => T): T {
  for (;;) {
    try {
      return step();
    } catch (cause) {
      if (isDiskFull(cause) && makeRoom()) continue;
      throw new VolleyError("OUTPUT_FAILED", `cannot ${what}: ${(cause as Error).message}`, { cause });
    }
  }
}
