import { travel } from "@volley/driver/closure/testing/round-trip.js";
import { expect, it, vi } from "vitest";
import { clamp, lower } from "./fixtures/helper.js";

vi.mock("./fixtures/helper.js", async (original) => ({
  ...(await original<object>()),
  lower: (text: string) => `mocked ${text}`,
}));

it("functions that a test puts into a module travel as what it put there", () => {
  expect(travel(() => [lower("A"), clamp(5, 0, 3)])()).toEqual(["mocked A", 3]);
});
