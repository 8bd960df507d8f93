import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Departure, type Push, type PushOutcome } from "./departure.js";

const all = (departure: Departure): Push[] => {
  const pushes: Push[] = [];
  for (let push = departure.next(); push !== undefined; push = departure.next()) pushes.push(push);
  return pushes;
};

describe("an executor that leaves", () => {
  it("pushes each block once, a few at a time", () => {
    const departure = new Departure();
    departure.holds(Array.from({ length: 6 }, (_, index) => `rdd_1_${index}`));
    departure.knows(["b", "c"]);
    const first = all(departure);
    expect(first).toHaveLength(4);
    expect(departure.isSettled).toBe(false);
    for (const push of first) departure.ended(push, "kept");
    const second = all(departure);
    expect(second).toHaveLength(2);
    for (const push of second) departure.ended(push, "kept");
    expect(new Set([...first, ...second].map(({ name }) => name)).size).toBe(6);
    expect(new Set([...first, ...second].map(({ peerId }) => peerId))).toEqual(new Set(["b", "c"]));
    expect([departure.isSettled, departure.count("moved")]).toEqual([true, 6]);
  });

  it("waits for a peer as long as there is none", () => {
    const departure = new Departure();
    departure.holds(["rdd_1_0"]);
    departure.knows([]);
    expect([departure.next(), departure.isSettled]).toEqual([undefined, false]);
    departure.knows(["b"]);
    expect(departure.next()).toEqual({ name: "rdd_1_0", peerId: "b" });
  });

  it("asks another when one has no room, and gives a block up when nobody has", () => {
    const departure = new Departure();
    departure.holds(["rdd_1_0"]);
    departure.knows(["b", "c"]);
    const first = departure.next() as Push;
    departure.ended(first, "full");
    const second = departure.next() as Push;
    expect(new Set([first.peerId, second.peerId])).toEqual(new Set(["b", "c"]));
    departure.ended(second, "failed");
    expect([departure.next(), departure.isSettled, departure.count("stuck")]).toEqual([undefined, true, 1]);
    departure.knows(["b", "c", "d"]);
    expect(departure.next()).toEqual({ name: "rdd_1_0", peerId: "d" });
  });

  it("asks one that leaves too for nothing more", () => {
    const departure = new Departure();
    departure.holds(["rdd_1_0", "rdd_1_1"]);
    departure.knows(["b"]);
    const [first, second] = all(departure) as [Push, Push];
    departure.ended(first, "leaving");
    departure.ended(second, "leaving");
    expect([departure.next(), departure.isSettled]).toEqual([undefined, false]);
    departure.knows(["b", "c"]);
    expect(all(departure).map(({ peerId }) => peerId)).toEqual(["c", "c"]);
  });

  it("forgets what was removed meanwhile, and takes what came", () => {
    const departure = new Departure();
    departure.holds(["rdd_1_0", "shuffle_1_0_0"]);
    departure.knows([]);
    departure.holds(["shuffle_1_0_0", "shuffle_1_1_0"]);
    departure.knows(["b"]);
    const names = all(departure).map(({ name }) => name);
    expect(names.sort()).toEqual(["shuffle_1_0_0", "shuffle_1_1_0"]);
  });
});

it("whatever peers answer, it comes to an end: each block is moved, was refused by all, or all leave", () => {
  const outcomes = fc.array(fc.constantFrom<PushOutcome>("kept", "full", "leaving", "failed", "gone"), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(outcomes, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 12 }), (answers, peers, blocks) => {
      const departure = new Departure();
      departure.holds(Array.from({ length: blocks }, (_, index) => `rdd_1_${index}`));
      departure.knows(Array.from({ length: peers }, (_, index) => `peer ${index}`));
      const underWay: Push[] = [];
      const pushed = new Set<string>();
      let steps = 0;
      for (let at = 0; ; at++) {
        const pushes = all(departure);
        if (pushes.length + underWay.length === 0) break;
        for (const push of pushes) {
          const key = `${push.name} ${push.peerId}`;
          expect(pushed.has(key) || pushed.add(key)).not.toBe(true);
          underWay.push(push);
        }
        departure.validate();
        const push = underWay.splice(at % Math.max(1, underWay.length), 1)[0];
        if (push !== undefined) departure.ended(push, answers[at % answers.length] as PushOutcome);
        expect(++steps).toBeLessThan(blocks * peers * 2 + 10);
      }
      expect(departure.count("pushing")).toBe(0);
      expect(departure.isSettled || answers.includes("leaving")).toBe(true);
    }),
    { seed: 20260101, numRuns: 500 },
  );
});
