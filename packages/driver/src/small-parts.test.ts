import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  applicationFolderName,
  makeApplicationFolder,
  removeApplicationFolder,
  removeStaleFolders,
} from "./application-folder.js";
import { LagFreeClock } from "./lag-free-clock.js";
import { onceAborted } from "./signal-fan-out.js";

describe("LagFreeClock", () => {
  it("leaves out the time in which nobody read it", () => {
    let real = 1000;
    const clock = new LagFreeClock(() => real, 500);
    real += 100;
    expect(clock.now()).toBe(100);
    real += 60_000;
    expect([clock.now(), clock.lagMs]).toEqual([600, 59_500]);
    expect(clock.now()).toBe(600);
  });
});

describe("onceAborted", () => {
  it("calls everybody once, and nobody who took it back", () => {
    const controller = new AbortController();
    const called: string[] = [];
    onceAborted(controller.signal, () => called.push("a"));
    const back = onceAborted(controller.signal, () => called.push("b"));
    onceAborted(controller.signal, () => called.push("c"));
    back();
    controller.abort();
    controller.abort();
    expect(called).toEqual(["a", "c"]);
  });

  it("listens again after everybody left", () => {
    const controller = new AbortController();
    onceAborted(controller.signal, () => {})();
    let called = 0;
    onceAborted(controller.signal, () => called++);
    controller.abort();
    expect(called).toBe(1);
  });
});

describe("the application's folder", () => {
  const parents: string[] = [];
  afterEach(() => {
    for (const parent of parents.splice(0)) rmSync(parent, { recursive: true });
  });
  const parent = () => {
    const path = mkdtempSync(join(tmpdir(), "folders-"));
    parents.push(path);
    return path;
  };

  it("is for its owner only", () => {
    const path = join(parent(), applicationFolderName());
    makeApplicationFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    removeApplicationFolder(path);
    expect(existsSync(path)).toBe(false);
  });

  it("goes when its owner is dead, and only then", () => {
    const root = parent();
    const alive = join(root, applicationFolderName());
    makeApplicationFolder(alive);
    // A process of this number that started at another time is another process.
    const dead = join(root, `volley-${process.pid}-1-0123456789ab`);
    const gone = join(root, "volley-999999999-5-0123456789ab");
    const foreign = join(root, "volley-notes");
    for (const path of [dead, gone, foreign]) mkdirSync(path);
    const outside = join(parent(), "precious");
    mkdirSync(outside);
    symlinkSync(outside, join(root, "volley-999999999-6-0123456789ab"));
    expect([...removeStaleFolders(root)].sort()).toEqual([dead, gone].sort());
    expect([alive, foreign, outside].map((path) => existsSync(path))).toEqual([true, true, true]);
  });
});
