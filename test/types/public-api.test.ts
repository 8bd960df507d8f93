/**
 * The names that users write, pinned: a name that goes away or comes in by accident shows in the difference. To take a change over on purpose:
 * `npx vitest run test/types/public-api.test.ts -u`.
 */

import { expect, test } from "vitest";
import * as volley from "volley";

function membersOf(target: object): string[] {
  const names = new Set<string>();
  for (let at = target; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== "constructor") names.add("value" in property ? `${name}()` : name);
    }
  }
  return [...names].sort();
}

test("what the package exports, and what RDDs can do", async () => {
  const lines = ["volley", ...Object.keys(volley).sort(), "", "RDD", ...membersOf(volley.RDD.prototype)];
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("public-api.txt");
});
