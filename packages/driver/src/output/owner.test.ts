import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { isOwnerAlive, newOwnerName, type Owner, parseOwnerName } from "./owner.js";

it("names this process, differently each time", () => {
  const [a, b] = [newOwnerName(), newOwnerName()];
  expect(a).not.toBe(b);
  const owner = parseOwnerName(a) as Owner;
  expect(owner.pid).toBe(process.pid);
  expect(isOwnerAlive(owner)).toBe(true);
});

it.runIf(process.platform === "linux")("tells a process from a later one with the same id", () => {
  const owner = parseOwnerName(newOwnerName()) as Owner;
  expect(owner.start).not.toBe("0");
  expect(isOwnerAlive({ ...owner, start: `${owner.start}0` })).toBe(false);
});

it("knows that an ended process is gone, and nothing of other hosts", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const owner = { ...(parseOwnerName(newOwnerName()) as Owner), pid: child.pid as number };
  expect(isOwnerAlive(owner)).toBe(false);
  expect(isOwnerAlive({ ...owner, host: "00000000" })).toBe(true);
});

it("takes no other name for an owner", () => {
  for (const name of ["0", "attempt_0001", "12-ab-00000000-short", ""]) expect(parseOwnerName(name)).toBeUndefined();
});
