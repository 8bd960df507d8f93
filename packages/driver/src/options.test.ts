import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { parseMaster } from "./master.js";
import { explainOptions, resolveOptions } from "./options.js";
import type { VolleyOptions } from "./volley-options.js";

describe("options", () => {
  it("fills in defaults", () => {
    expect(resolveOptions({}, {})).toMatchObject({
      master: "local[*]",
      appName: "volley",
      taskAttemptsMax: 4,
      secret: undefined,
    });
  });

  it("takes a value from the call before one from the environment", () => {
    const env = { VOLLEY_MASTER: "local[3]", VOLLEY_TASK_ATTEMPTS_MAX: "7", VOLLEY_SPECULATION: "false" };
    expect(resolveOptions({ master: "local" }, env)).toMatchObject({
      master: "local",
      taskAttemptsMax: 7,
      speculation: false,
    });
    const sources = Object.fromEntries(
      explainOptions({ master: "local" }, env).map(({ name, source }) => [name, source]),
    );
    expect(sources).toMatchObject({ master: "call", taskAttemptsMax: "environment", appName: "default" });
  });

  it("names the nearest option", () => {
    expect(() => resolveOptions({ appname: "x" } as VolleyOptions, {})).toThrow(
      /there is no option "appname"; did you mean appName\?/,
    );
    expect(() => resolveOptions({ zzzzzzzz: 1 } as VolleyOptions, {})).toThrow(/there are master, /);
  });

  it.each<[VolleyOptions, Record<string, string>, RegExp]>([
    [{ taskAttemptsMax: 0 }, {}, /the option taskAttemptsMax is not valid/],
    [{ master: 3 as unknown as string }, {}, /the option master is not valid/],
    [{}, { VOLLEY_TASK_ATTEMPTS_MAX: "many" }, /the environment variable VOLLEY_TASK_ATTEMPTS_MAX is not valid/],
    [{}, { VOLLEY_SPECULATION: "maybe" }, /VOLLEY_SPECULATION/],
    [[] as VolleyOptions, {}, /as an object/],
  ])("refuses %j", (given, env, message) => {
    expect(() => resolveOptions(given, env)).toThrow(message);
  });

  it("does not show a secret", () => {
    expect(() => resolveOptions({ secret: "short" }, {})).toThrow(/^(?!.*"short")/);
  });
});

describe("masters", () => {
  it.each([
    ["local", { kind: "local", slots: 1 }],
    ["local[4]", { kind: "local", slots: 4 }],
    ["local[*]", { kind: "local", slots: availableParallelism() }],
    ["local-cluster[2, 3,512]", { kind: "local-cluster", executors: 2, slots: 3, memoryMiB: 512 }],
    [
      "volley://a.example:7077,10.0.0.1:7078",
      {
        kind: "cluster",
        addresses: [
          { host: "a.example", port: 7077 },
          { host: "10.0.0.1", port: 7078 },
        ],
      },
    ],
    ["volley://[::1]:1", { kind: "cluster", addresses: [{ host: "[::1]", port: 1 }] }],
  ])("reads %s", (text, master) => {
    expect(parseMaster(text)).toEqual(master);
  });

  it.each([
    "",
    "locl",
    "local[0]",
    "local[x]",
    "local[-1]",
    "local[99999]",
    "local-cluster[1,2]",
    "local-cluster[0,1,1]",
    "volley://",
    "volley://host",
    "volley://host:0",
    "volley://host:99999",
    "volley://user@host:1",
    "yarn",
    "spark://a:1",
  ])("refuses %j", (text) => {
    expect(() => parseMaster(text)).toThrow(expect.objectContaining({ code: "INVALID_MASTER" }));
  });
});
