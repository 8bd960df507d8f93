/** Contexts of every kind that operators must behave alike on. */

import { afterAll, beforeAll, describe } from "vitest";
import { VolleyContext } from "volley";

/** The embedded engine, and executor processes that share nothing. */
export const MASTERS = ["local[2]", "local-cluster[2,1,256]"] as const;

/** Runs a suite once for each master, with one context each. What ends on the driver needs one of them only. */
export function onEveryMaster(
  name: string,
  suite: (context: () => VolleyContext) => void,
  masters: readonly string[] = MASTERS,
): void {
  describe.each(masters)(`${name} on %s`, (master) => {
    let vc: VolleyContext;
    beforeAll(async () => {
      vc = await VolleyContext.create({ master, appName: name, defaultParallelism: 3 });
    });
    afterAll(async () => {
      await vc.stop();
    });
    suite(() => vc);
  });
}
