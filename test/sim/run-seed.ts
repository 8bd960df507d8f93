/** One seed from beginning to end: chaos, then healing; all jobs must end, and nothing must be left. */

import type { TransitionProbe } from "@volley/driver/core/transitions.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { SimOptions } from "./faults.js";
import { World } from "./world.js";

/** After the last job: ticks in which stopped tasks and late messages come in. */
const DRAIN_TICKS = 400;

export interface SeedResult {
  readonly options: SimOptions;
  readonly error: Error | undefined;
  readonly outcomes: ReadonlyMap<number, string>;
  readonly faultCounts: Readonly<Record<string, number>>;
  readonly steps: number;
}

export function runSeed(options: SimOptions, probe?: TransitionProbe, log?: string[]): SeedResult {
  const world = new World(options, probe, log);
  let error: Error | undefined;
  try {
    run(world);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  return { options, error, outcomes: world.oracle.outcomes, faultCounts: world.faults.counts, steps: world.stepCount };
}

function run(world: World): void {
  const { chaosTicks, healTicks } = world.options;
  for (let tick = 0; tick < chaosTicks; tick++) world.advance();
  world.heal();
  for (let tick = 0; tick < healTicks && !world.isDone; tick++) world.advance();
  assert(
    world.isDone,
    `all jobs end within ${healTicks} ticks of the healing; ended: ${JSON.stringify([...world.oracle.outcomes])}`,
  );
  world.release();
  for (let tick = 0; tick < DRAIN_TICKS && world.core.snapshot().attempts > 0; tick++) world.advance();
  world.core.validate();
  const { executors, ...left } = world.core.snapshot();
  for (const [what, count] of Object.entries(left)) assert(count === 0, `nothing is left at the end: ${count} ${what}`);
}
