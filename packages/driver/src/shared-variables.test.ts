import type { ClassRegistry } from "@volley/engine/columnar/types.js";
import { expect, it } from "vitest";
import type { Driver } from "./driver.js";
import { SharedVariables } from "./shared-variables.js";

const classes: ClassRegistry = {
  idOf: () => undefined,
  byId: () => {
    throw new Error("should not be reached");
  },
};

function sharedVariables(): SharedVariables {
  const driver = { putBlock: () => {} } as Partial<Driver> as Driver;
  return new SharedVariables(driver, classes, () => new Uint8Array());
}

it("a broadcast of another context is refused: here its number means another one", () => {
  const [one, other] = [sharedVariables(), sharedVariables()];
  const broadcast = one.broadcast([1, 2]);
  other.broadcast("of the same number");
  expect(one.handle(broadcast)).toEqual({ type: "broadcast", data: { id: 0 } });
  expect(() => other.handle(broadcast)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});
