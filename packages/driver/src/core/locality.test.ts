import { describe, expect, it } from "vitest";
import { type Executor, Executors } from "./executors.js";
import { PENDING, PendingTasks, type Preference, type Reach } from "./locality.js";

const LIMITS = { localityWaitMs: 300, retryElsewhereMs: 1000 };
const registry = new Executors();
const a = registry.add("a", "1", 1, "host-1", 0);
const b = registry.add("b", "1", 1, "host-2", 0);

class Pending {
  readonly states: Uint8Array;
  readonly tasks: PendingTasks;

  constructor(size: number, preferenceOf?: (index: number) => Preference) {
    this.states = new Uint8Array(size);
    this.tasks = new PendingTasks(this.states, LIMITS, preferenceOf);
  }

  take(executor: Executor, now = 0, reach: Reach = "any", isOnly = false): number {
    const index = this.tasks.take(executor, now, reach, isOnly);
    if (index >= 0) this.states[index] = 1;
    return index;
  }

  reopen(index: number): void {
    this.states[index] = PENDING;
  }
}

const at = (...executors: Executor[]): Preference => ({ executors, hosts: [] });
const near = (...hosts: string[]): Preference => ({ executors: [], hosts });
const anywhere: Preference = { executors: [], hosts: [] };

describe("without preferences", () => {
  it("hands out each partition once, in order", () => {
    const pending = new Pending(3);
    expect([pending.take(a), pending.take(b), pending.take(a), pending.take(a)]).toEqual([0, 1, 2, -1]);
  });

  it("hands out again what was put back", () => {
    const pending = new Pending(3);
    pending.take(a);
    pending.reopen(0);
    pending.tasks.requeue(0);
    expect([pending.take(a), pending.take(a), pending.take(a), pending.take(a)]).toEqual([0, 1, 2, -1]);
  });
});

describe("preferences", () => {
  it("put the executor that holds the block before the host, the host before the homeless", () => {
    const pending = new Pending(4, (index) => [anywhere, near("host-1"), at(a), at(b)][index] as Preference);
    expect([pending.take(a), pending.take(a), pending.take(a)]).toEqual([2, 1, 0]);
    expect(pending.take(b)).toBe(3);
  });

  it("are waited for, once a stage", () => {
    const pending = new Pending(3, () => at(b));
    expect(pending.take(a, 1000, "local")).toBe(-1);
    expect(pending.take(a, 1000)).toBe(-1);
    expect(pending.take(a, 1299)).toBe(-1);
    expect(pending.take(a, 1300)).toBe(0);
    expect(pending.take(b, 1300)).toBe(1);
    expect(pending.take(a, 1301)).toBe(2);
  });

  it("are not waited for when all is asked for", () => {
    const pending = new Pending(1, () => at(b));
    expect(pending.take(a, 0, "all")).toBe(0);
  });

  it("end with the executor", () => {
    const pending = new Pending(2, (index) => (index === 0 ? at(b) : near("host-2")));
    pending.tasks.evict(b, true);
    expect(pending.take(a)).toBe(0);
    expect(pending.take(a)).toBe(-1);
    pending.tasks.evict(b, false);
    expect(pending.take(a)).toBe(1);
  });

  it("are asked again for what is put back", () => {
    let home = at(a);
    const pending = new Pending(1, () => home);
    expect(pending.take(a)).toBe(0);
    home = at(b);
    pending.reopen(0);
    pending.tasks.requeue(0);
    expect(pending.take(a)).toBe(-1);
    expect(pending.take(b)).toBe(0);
  });
});

describe("a retry", () => {
  it("goes elsewhere, unless nobody else comes for a second", () => {
    const pending = new Pending(1);
    pending.take(a);
    pending.reopen(0);
    pending.tasks.retry(0, a, 500);
    expect(pending.take(a, 600)).toBe(-1);
    expect(pending.take(a, 1499)).toBe(-1);
    expect(pending.take(a, 1500)).toBe(0);
    pending.reopen(0);
    pending.tasks.retry(0, a, 1600);
    expect(pending.take(b, 1600)).toBe(0);
  });

  it("stays when there is nowhere else", () => {
    const pending = new Pending(1);
    pending.take(a);
    pending.reopen(0);
    pending.tasks.retry(0, a, 0);
    expect(pending.take(a, 0, "any", true)).toBe(0);
  });

  it("is not handed out as if it were new", () => {
    const pending = new Pending(2, (index) => (index === 0 ? at(a) : anywhere));
    expect(pending.take(a)).toBe(0);
    pending.reopen(0);
    pending.tasks.retry(0, a, 0);
    expect(pending.take(a, 0, "all")).toBe(1);
    expect(pending.take(a, 0, "all")).toBe(-1);
    expect(pending.take(b, 0, "all")).toBe(0);
  });
});
