import { Session } from "node:inspector";
import { openEnvelope } from "@volley/engine/closure/revive.js";
import { describe, expect, it } from "vitest";
import { captureEnvelope } from "./capture.js";
import { mapStack } from "./source-position.js";
import { captureOptions, envelopeOf, reviveHost, travel } from "./testing/round-trip.js";

class Scale {
  factor = 5;
  by = (x: number) => x * this.factor;
}

describe("capture leaves the process as it was", () => {
  it("has no global left, and other globals untouched", () => {
    // Node's fetch puts symbols of its own there when one of its classes is first looked at.
    expect(globalThis.Headers).toBeTypeOf("function");
    const before = Reflect.ownKeys(globalThis);
    travel(new Scale().by);
    expect(Reflect.ownKeys(globalThis)).toEqual(before);
  });

  it("does not call the function whose `this` it reads", () => {
    const called: string[] = [];
    const make = function (this: { v: number }) {
      return (x = called.push("default")) => {
        called.push("body");
        return [this.v, x];
      };
    };
    const f = make.call({ v: 1 });
    captureEnvelope([f], captureOptions());
    expect(called).toEqual([]);
  });

  it("works while another session has a breakpoint, which stays", () => {
    const session = new Session();
    session.connect();
    const paused: string[] = [];
    session.on("Debugger.paused", ({ params }) => {
      paused.push(params.callFrames[0]?.functionName ?? "");
      session.post("Debugger.resume");
    });
    session.post("Debugger.enable");
    const watched = () => 42;
    (globalThis as Record<string, unknown>)["watchedForTest"] = watched;
    let objectId = "";
    session.post("Runtime.evaluate", { expression: "watchedForTest" }, (_error, { result }) => {
      objectId = result.objectId ?? "";
    });
    session.post("Debugger.setBreakpointOnFunctionCall" as never, { objectId } as never);
    try {
      expect(travel(new Scale().by)(2)).toBe(10);
      watched();
      expect(paused).toContain("watched");
    } finally {
      session.post("Debugger.disable");
      session.disconnect();
      Reflect.deleteProperty(globalThis, "watchedForTest");
    }
  });

  it("writes a mark into a shared variable and takes it back", () => {
    const make = () => {
      let n = 0;
      return [() => ++n, () => n] as const;
    };
    const [up, now] = make();
    captureEnvelope([up, now], captureOptions());
    expect(now()).toBe(0);
    expect(up()).toBe(1);
  });
});

describe("revival", () => {
  it("gives each call its own copies, and one call shared ones", () => {
    const list: number[] = [];
    const push = (x: number) => list.push(x);
    const envelope = envelopeOf([push, list, () => list]);
    const host = reviveHost();
    const [push1, list1, get1] = envelope.revive([0, 1, 2], host) as [typeof push, number[], () => number[]];
    const [list2] = envelope.revive([1], host) as [number[]];
    push1(7);
    expect(list1).toEqual([7]);
    expect(get1()).toBe(list1);
    expect(list2).toEqual([]);
  });

  it("compiles a text once, whatever it captures", () => {
    let compiled = 0;
    const host = reviveHost();
    const counting = {
      ...host,
      compile: (...args: Parameters<typeof host.compile>) => {
        compiled++;
        return host.compile(...args);
      },
    };
    for (let k = 0; k < 10; k++) {
      const { bytes } = captureEnvelope([(x: number) => x * k], captureOptions());
      const [f] = openEnvelope(bytes).revive([0], counting) as [(x: number) => number];
      expect(f(2)).toBe(2 * k);
    }
    expect(compiled).toBe(1);
  });

  it("tells the host of classes", () => {
    class Row {}
    const registered: [number, string][] = [];
    const host = reviveHost({ registerClass: (id, constructor) => registered.push([id, constructor.name]) });
    envelopeOf([() => new Row()]).revive([0], host);
    expect(registered).toEqual([[0, "Row"]]);
  });

  it("names the user's file and line in stacks", () => {
    const boom = () => {
      throw new Error("boom");
    };
    const here = new Error("here").stack?.split("\n")[1];
    const revived = travel(boom);
    const stack = stackOf(revived);
    const line = (text: string | undefined) => Number(/manners\.test\.ts:(\d+):/.exec(text ?? "")?.[1]);
    expect(line(mapStack(stack.split("\n")[1] ?? ""))).toBe(line(here) - 2);
    expect(stack).toContain("boom");
  });
});

function stackOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return (error as Error).stack ?? "";
  }
  return "";
}

describe("data that looks like a function", () => {
  it("stays data", () => {
    const data = { kind: 17, text: "() => process.exit(1)", numbers: [0, -1], slots: [] };
    expect(travel(data)).toEqual(data);
  });
});
