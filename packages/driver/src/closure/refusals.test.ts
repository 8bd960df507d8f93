import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { createRequire } from "node:module";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { describe, expect, it, vi } from "vitest";
import { captureEnvelope } from "./capture.js";
import { Inspector } from "./inspector.js";
import { captureOptions } from "./testing/round-trip.js";

/** Where a text first stands in this file, from 1. */
function lineOf(text: string): number {
  const lines = readFileSync(fileURLToPath(import.meta.url), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

function refused(root: unknown, options = captureOptions()): VolleyError {
  try {
    captureEnvelope([root], options);
  } catch (error) {
    if (VolleyError.is(error)) return error;
    throw error;
  }
  throw new Error("it was captured");
}

/** What is refused: how to make it, the path that the message names, a word that says what it is. */
const table: Record<string, { make: () => unknown; path: string; says: RegExp }> = {
  promise: { make: () => ({ db: { ready: Promise.resolve(1) } }), path: "cfg.db.ready", says: /a promise.*Await it/ },
  socket: { make: () => ({ db: { socket: new Socket() } }), path: "cfg.db.socket", says: /a Socket.*mapPartitions/ },
  server: { make: () => [createServer()], path: "cfg[0]", says: /a Server/ },
  stream: { make: () => new Map([["in", Readable.from([1])]]), path: 'cfg.get("in")', says: /a Readable/ },
  interface: { make: () => createInterface({ input: Readable.from([]) }), path: "cfg", says: /Interface/ },
  timer: {
    make: () => {
      const timer = setTimeout(() => undefined, 1);
      clearTimeout(timer);
      return { timer };
    },
    path: "cfg.timer",
    says: /a Timeout/,
  },
  generator: {
    make: () =>
      (function* () {
        yield 1;
      })(),
    path: "cfg",
    says: /a running generator.*Collect/,
  },
  iterator: { make: () => ({ rows: new Map([[1, 2]]).entries() }), path: "cfg.rows", says: /an iterator.*Collect/ },
  weakMap: { make: () => new WeakMap([[{}, 1]]), path: "cfg", says: /a WeakMap.*Map/ },
  proxy: { make: () => new Proxy({}, {}), path: "cfg", says: /a Proxy/ },
  signal: { make: () => ({ s: new AbortController().signal }), path: "cfg.s", says: /an AbortSignal.*signal/ },
  proxyOfFunction: { make: () => new Proxy(() => 1, {}), path: "cfg", says: /a Proxy around a function.*behind it/ },
  mock: { make: () => ({ f: vi.fn() }), path: "cfg.f", says: /a mock function.*plain function/ },
  native: { make: () => Proxy.revocable({}, {}).revoke, path: "cfg", says: /native function/ },
};

describe("what cannot travel", () => {
  for (const [name, { make, path, says }] of Object.entries(table)) {
    it(`${name}: named with variable, path, place and cure`, () => {
      const cfg = make();
      const error = refused(() => cfg);
      expect(error.code).toBe("CLOSURE_CAPTURE");
      expect(error.details.variable).toBe("cfg");
      expect(error.details.path).toBe(path);
      expect(error.message).toContain(`\`${path}\``);
      expect(error.message).toMatch(says);
      expect(error.details.place?.file).toMatch(/refusals\.test\.ts$/);
      const line = lineOf("const error = refused(() => cfg);");
      expect(error.details.place?.line).toBe(line);
      expect(error.message).toContain(`refusals.test.ts:${line}:`);
    });
  }

  it("says to take apart what is captured for the sake of one field", () => {
    const request = { id: 7, socket: new Socket() };
    expect(refused((x: number) => x + request.id).message).toMatch(
      /captures `request\.socket`.*reads `request\.id` only: put that in a variable outside/,
    );
    expect(refused(() => [request.id, request.socket.readable]).message).toMatch(/Open it where it is used/);
    class Service {
      socket = new Socket();
      rate = 3;
      scale = (x: number) => x * this.rate;
    }
    expect(refused(new Service().scale).message).toMatch(/`this\.socket`.*reads `this\.rate` only/);
  });

  it("names the function between, where a helper captures the culprit", () => {
    const socket = new Socket();
    const send = (text: string) => socket.write(text);
    const error = refused((text: string) => send(text));
    const line = lineOf("const send = (text");
    expect(error.message).toMatch(
      new RegExp(
        `^\`send\` \\(used by the function given to map\\) at .*refusals\\.test\\.ts:${line}:\\d+ captures \`socket\``,
      ),
    );
    expect(error.details.path).toBe("socket");
  });

  it("refuses `super` torn off its object, and a private name without its class", () => {
    class Base {
      hello() {
        return 1;
      }
    }
    class Child extends Base {
      #n = 1;
      override hello() {
        return super.hello();
      }
      secret() {
        return this.#n;
      }
    }
    const { hello, secret } = Child.prototype;
    expect(refused(() => hello()).message).toMatch(/super.*torn off/);
    expect(refused(() => secret()).message).toMatch(/#n/);
  });

  it("refuses a weak map that is looked up in but not filled, however it is reached", () => {
    const ages = new WeakMap([[{}, 1]]);
    const ageOf = (row: object) => ages.get(row);
    expect(refused((row: object) => ageOf(row)).message).toMatch(/`ageOf`.*captures `ages`, which is a WeakMap/);
    expect(refused((row: object) => Reflect.get(ages, "get").call(ages, row)).message).toMatch(/captures `ages`/);
  });

  it("refuses an instance of a class that a package keeps to itself, by the user's variable", () => {
    const folder = mkdtempSync(join(tmpdir(), "volley-inner-"));
    try {
      const root = join(folder, "node_modules", "wraps");
      mkdirSync(root, { recursive: true });
      writeFileSync(
        join(root, "index.js"),
        `function wraps(value) { return new Wrapper(value); }
        function Wrapper(value) { this.held = value; }
        Wrapper.prototype = Object.create(wraps.prototype, { constructor: { value: Wrapper } });
        wraps.later = function (value) { const own = wraps(value); return () => wraps.open(own); };
        wraps.open = function (value) { return value instanceof Wrapper ? value.held : undefined; };
        module.exports = wraps;`,
      );
      const wraps = createRequire(join(folder, "script.js"))("wraps") as {
        (value: number): object;
        later(value: number): () => number;
      };
      const wrapped = wraps(1);
      expect(refused(() => wrapped).message).toMatch(
        /captures `wrapped`, which is an instance of Wrapper, a class that/,
      );
      const later = wraps.later(1);
      expect(refused(() => later()).message).toMatch(
        /captures `later`, whose `own` \(at .*wraps\/index\.js:4:\d+\) is an instance of Wrapper/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("passes on what a handle refuses, with the path", () => {
    class Context {}
    const vc = { inner: new Context() };
    const options = captureOptions({
      handle: (value) => {
        if (value instanceof Context)
          throw new VolleyError("CONTEXT_IN_CLOSURE", "the context is used inside a function");
        return undefined;
      },
    });
    const error = refused(() => vc.inner, options);
    expect(error.code).toBe("CONTEXT_IN_CLOSURE");
    expect(error.details.path).toBe("vc.inner");
    expect(error.message).toMatch(
      /the context is used inside a function \(vc\.inner, captured at .*refusals\.test\.ts/,
    );
  });

  it("says what is missing in a process that may not use the inspector", () => {
    const connect = vi.spyOn(Session.prototype, "connect").mockImplementation(() => {
      throw Object.assign(new Error("Access to this API has been restricted"), { code: "ERR_ACCESS_DENIED" });
    });
    // Sessions that stand ready are used first: so many captures within captures need one more.
    const held = [1, 2, 3].map(() => {
      try {
        return Inspector.open(() => undefined);
      } catch (error) {
        return error;
      }
    });
    connect.mockRestore();
    const failed = held.filter((one) => VolleyError.is(one, "CLOSURE_CAPTURE"));
    for (const one of held) if (one instanceof Inspector) one.close();
    expect(String(failed[0])).toMatch(/read through node:inspector.*restricted.*without Node's permission model/);
  });

  it("does not refuse an emitter with listeners", () => {
    const emitter = new EventEmitter();
    emitter.on("x", () => undefined);
    expect(captureEnvelope([() => emitter], captureOptions()).rootCount).toBe(1);
  });

  it("warns of a counter that the driver will not see", () => {
    let counter = 0;
    const seen: number[] = [];
    const { warnings } = captureEnvelope(
      [
        (x: number) => {
          counter += x;
          seen.push(x);
        },
      ],
      captureOptions(),
    );
    expect(warnings.map(({ variable }) => variable)).toEqual(["counter", "seen"]);
    expect(warnings[0]?.message).toContain("longAccumulator");
    expect(counter + seen.length).toBe(0);
  });
});
