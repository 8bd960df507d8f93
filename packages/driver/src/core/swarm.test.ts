import { Prng } from "@volley/engine/lib/prng.js";
import { describe, expect, it } from "vitest";
import { Swarm, type SwarmMember } from "./swarm.js";

class Downloader {
  readonly has = new Set<number>();
  readonly fetching = new Map<number, string | undefined>();
  readonly distrusts = new Set<string>();
  isDone = false;
  readonly executorId: string;

  constructor(executorId: string) {
    this.executorId = executorId;
  }

  told(): SwarmMember {
    return {
      executorId: this.executorId,
      has: [...this.has],
      fetching: [...this.fetching].map(([piece, from]) => ({ piece, from })),
      distrusts: [...this.distrusts],
    };
  }
}

/** Virtual executors that fetch in any order; returns how many pieces left the driver. `fails`: does a fetch fail? */
function spread(
  executors: number,
  pieces: number,
  seed: number,
  fails: (from: string | undefined, random: Prng) => boolean = () => false,
): number {
  const random = new Prng(seed);
  const swarm = new Swarm(pieces);
  const all = Array.from({ length: executors }, (_, index) => new Downloader(`e${index}`));
  let fromDriver = 0;
  for (let step = 0; all.some(({ isDone }) => !isDone); step++) {
    expect(step).toBeLessThan(executors * pieces * 60 + 1000);
    const one = all[random.nextInt(executors)] as Downloader;
    const arrives = random.nextDouble() < 0.5 && one.fetching.size > 0;
    if (arrives) {
      const places = [...one.fetching.entries()];
      const [piece, from] = places[random.nextInt(places.length)] as [number, string | undefined];
      one.fetching.delete(piece);
      const holder = all.find(({ executorId }) => executorId === from);
      expect(holder === undefined || holder.has.has(piece)).toBe(true);
      if (!fails(from, random)) one.has.add(piece);
      else if (from !== undefined) one.distrusts.add(from);
    } else if (one.fetching.size < 3) {
      const assignment = swarm.next(one.told(), step);
      if (assignment.kind === "piece") {
        expect(one.has.has(assignment.piece) || one.fetching.has(assignment.piece)).toBe(false);
        one.fetching.set(assignment.piece, assignment.from);
        if (assignment.from === undefined) fromDriver++;
      }
      if (one.has.size === pieces) one.isDone = true;
    }
  }
  for (const { has } of all) expect(has.size).toBe(pieces);
  return fromDriver;
}

describe("a broadcast among executors", () => {
  it.each([1, 2, 5, 20])("leaves the driver once, to %i of them", (executors) => {
    for (let seed = 0; seed < 10; seed++) expect(spread(executors, 25, seed)).toBe(25);
  });

  it("of one piece, or of fewer than there are executors", () => {
    for (let seed = 0; seed < 40; seed++) expect([spread(6, 1, seed), spread(9, 4, seed)]).toEqual([1, 4]);
  });

  it("gets everywhere though fetches fail, and from the driver when nobody else is trusted", () => {
    for (let seed = 0; seed < 15; seed++) {
      const flaky = (_: string | undefined, random: Prng) => random.nextDouble() < 0.2;
      expect(spread(5, 20, seed, flaky)).toBeLessThanOrEqual(5 * 20 * 2);
      expect(spread(5, 20, seed, (from) => from !== undefined)).toBe(100);
    }
  });

  it("does not wait for one that hangs", () => {
    const swarm = new Swarm(1);
    const idle = (executorId: string): SwarmMember => ({ executorId, has: [], fetching: [], distrusts: [] });
    expect(swarm.next(idle("a"), 0)).toEqual({ kind: "piece", piece: 0, from: undefined });
    expect(swarm.next(idle("b"), 1_000)).toEqual({ kind: "wait" });
    expect(swarm.next(idle("b"), 3_000)).toEqual({ kind: "piece", piece: 0, from: undefined });
  });

  it("is done for one that has all, and begins again for one that dropped it", () => {
    const swarm = new Swarm(2);
    const told = { executorId: "a", fetching: [], distrusts: [] };
    expect(swarm.next({ ...told, has: [0, 1] }, 0)).toEqual({ kind: "done" });
    expect(swarm.next({ ...told, executorId: "b", has: [1] }, 0)).toEqual({ kind: "piece", piece: 0, from: "a" });
    expect(swarm.next({ ...told, has: [] }, 0)).toMatchObject({ kind: "piece" });
    swarm.forget("a");
    expect(swarm.next({ ...told, executorId: "b", has: [1] }, 0)).toEqual({
      kind: "piece",
      piece: 0,
      from: undefined,
    });
  });
});
