/** What capture and revival cost: microseconds for a function with 0, 1 and 5 captured primitives, cold and warm, and a long lineage. */

import { captureEnvelope } from "@volley/driver/closure/capture.js";
import { captureOptions, reviveHost } from "@volley/driver/closure/testing/round-trip.js";
import { openEnvelope } from "@volley/engine/closure/revive.js";

const options = captureOptions();
/** Processor time of this process in ms: holds on a busy machine too. */
const now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function timed(label: string, count: number, run: () => void): void {
  const start = now();
  for (let round = 0; round < count; round++) run();
  console.log(`${label.padEnd(52)} ${(((now() - start) / count) * 1000).toFixed(1).padStart(9)} us`);
}

const makers: Record<string, (n: number) => (x: number) => number> = {
  "0 captured": () => (x) => x + 1,
  "1 captured": (k) => (x) => x * k,
  "5 captured": (a) => {
    const [b, c, d, e] = [a + 1, a + 2, a + 3, a + 4];
    return (x) => x * a + b + c + d + e;
  },
};

timed("first capture of the process", 1, () => captureEnvelope([(x: number) => x + options.classId.length], options));
for (const [label, make] of Object.entries(makers)) {
  timed(`${label}, cold`, 1, () => captureEnvelope([make(1)], options));
  timed(`${label}, warm, an envelope for each`, 500, () => captureEnvelope([make(Math.random())], options));
  const roots = Array.from({ length: 500 }, (_, index) => make(index));
  timed(`${label}, warm, 500 in one envelope`, 1, () => captureEnvelope(roots, options));
  const envelope = openEnvelope(captureEnvelope([make(3)], options).bytes);
  const host = reviveHost();
  timed(`${label}, revival, first`, 1, () => envelope.revive([0], host));
  timed(`${label}, revival, again`, 2000, () => envelope.revive([0], host));
}
const lineage = Array.from({ length: 100_000 }, () => (x: number) => x + 1);
timed("a lineage of 100,000 functions, all", 1, () => captureEnvelope(lineage, options));
const big = Array.from({ length: 1_000_000 }, (_, index) => index * 0.5);
timed("an array of a million numbers", 1, () => captureEnvelope([() => big.length], options));
const floats = new Float64Array(1_250_000);
timed("a typed array of 10 MB", 1, () => captureEnvelope([() => floats.length], options));
