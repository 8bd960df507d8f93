/**
 * Large data in closures and broadcasts: what the call costs on the driver, what the first and the next jobs cost, and the bytes. Milliseconds
 * of the clock, the front door and a real executor: `node scripts/run-tool.mjs run bench/large-captures.ts`.
 */

import { captureEnvelope } from "@volley/driver/closure/capture.js";
import { captureOptions } from "@volley/driver/closure/testing/round-trip.js";
import { VolleyContext } from "volley";

const vc = await VolleyContext.create({ master: "local[2]" });
const options = captureOptions();
const figures: Record<string, Record<string, string>> = {};

async function timed(program: string, what: string, run: () => unknown): Promise<void> {
  const start = performance.now();
  await run();
  figures[program] = { ...figures[program], [what]: (performance.now() - start).toFixed(0) };
}

async function measure(program: string, value: object, make: () => () => Promise<unknown>): Promise<void> {
  const { bytes } = captureEnvelope([value], options);
  figures[program] = { bytes: bytes.length.toLocaleString("en") };
  let job: () => Promise<unknown> = async () => undefined;
  await timed(program, "call", () => {
    job = make();
  });
  for (const round of ["first job", "second job", "third job"]) await timed(program, round, () => job());
}

await vc.parallelize([1, 2], 2).count();

const objects = Array.from({ length: 200_000 }, (_, index) => ({ id: index, name: `n${index}` }));
await measure("broadcast of 200,000 objects", objects, () => {
  const shared = vc.broadcast(objects);
  return () =>
    vc
      .parallelize([1, 2], 2)
      .map((x) => shared.value.length + x)
      .collect();
});

const map = new Map(Array.from({ length: 300_000 }, (_, index) => [`key${index}`, index]));
await measure(
  "captured Map of 300,000 entries",
  map,
  () => () =>
    vc
      .parallelize([1, 2], 2)
      .map((x) => map.size + x)
      .collect(),
);

const floats = new Float64Array(5_000_000).map((_, index) => index * 0.5);
await measure("broadcast Float64Array of 40 MB", floats, () => {
  const shared = vc.broadcast(floats);
  return () =>
    vc
      .parallelize([1, 2], 2)
      .map((x) => (shared.value[5] ?? 0) + x)
      .collect();
});
await measure(
  "captured Float64Array of 40 MB",
  floats,
  () => () =>
    vc
      .parallelize([1, 2], 2)
      .map((x) => (floats[5] ?? 0) + x)
      .collect(),
);

console.table(figures);
await vc.stop();
