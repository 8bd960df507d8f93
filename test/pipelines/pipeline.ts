/** A random pipeline: a source, steps, and actions at its end, each against arrays. The seed is all that is needed to have it again. */

import type { VolleyContext } from "volley";
import { actionsOf, ROW_ACTIONS } from "./actions.ts";
import { pairSteps } from "./pair-steps.ts";
import { anyKindSteps, rowSteps } from "./row-steps.ts";
import type { Kind, Point, Step, World } from "./step.ts";
import { byText, type Pair, Random, textOf } from "./values.ts";

const ROWS_MAX = 3000;

export interface Difference {
  readonly seed: number;
  readonly story: readonly string[];
  readonly action: string;
  readonly got: string;
  readonly expected: string;
}

function source(vc: VolleyContext, random: Random, kind: Kind): Point {
  const count = random.once(6) ? 0 : random.once(8) ? 300 : random.int(25);
  const rows: unknown[] = {
    number: () => random.list(count, () => random.number()),
    text: () => random.list(count, () => random.text()),
    item: () => random.list(count, () => random.item()),
    any: () => random.keys(count),
    pair: () => {
      const [keys, values] = [random.keys(count), random.values(count)];
      return keys.map((key, at): Pair => [key, values[at]]);
    },
  }[kind]();
  return { kind, rdd: vc.parallelize(rows, 1 + random.int(6)) as never, rows: rows as never, ordered: true };
}

/** Runs the pipeline of a seed; `undefined` when all agree. */
export async function runSeed(vc: VolleyContext, seed: number, stepsMax = 8): Promise<Difference | undefined> {
  const random = new Random(seed);
  const kinds: readonly Kind[] = ["number", "text", "item", "any", "pair", "pair"];
  let point = source(vc, random, random.pick(kinds));
  const story = [`${point.rows.length} rows of ${point.kind} ${textOf(point.rows.slice(0, 40))}`];
  const past: Point[] = [point];
  const world: World = {
    vc,
    random,
    other: (kind) => {
      const known = past.filter((one) => one.kind === kind && one.rows.length < 200);
      const other = known.length > 0 && !random.once(2) ? random.pick(known) : source(vc, random, kind);
      story.push(`  other: ${past.indexOf(other)} ${textOf(other.rows.slice(0, 40))}`);
      return other as never;
    },
  };
  for (let count = 1 + random.int(stepsMax); count > 0; count--) {
    const choices = [
      ...(point.kind === "pair" ? pairSteps(random) : rowSteps(random)),
      ...(random.once(2) ? anyKindSteps(point.kind, random) : []),
    ];
    const fitting = choices.filter((one) => one.from === point.kind && (point.ordered || !one.needsOrder));
    const next: Step = random.pick(fitting);
    story.push(`${past.length}: ${next.name}`);
    const before = point;
    try {
      point = next.take(before, world);
    } catch (error) {
      return { seed, story, action: "step", got: String(error), expected: "no error" };
    }
    if (point.rows.length > ROWS_MAX || textOf(point.rows).length > 300_000) {
      point = before;
      break;
    }
    past.push(point);
  }
  return (
    (await ends(point, random, { seed, story })) ??
    (random.once(3) ? ends(random.pick(past), random, { seed, story }) : undefined)
  );
}

async function ends(
  point: Point,
  random: Random,
  about: Pick<Difference, "seed" | "story">,
): Promise<Difference | undefined> {
  const settle = (rows: readonly unknown[]) => (point.ordered ? [...rows] : byText(rows));
  for (const [action, take, expected] of actionsOf(point, random, settle)) {
    // Where nothing has merged rows, -0 is still -0.
    const zeros = point.ordered && ROW_ACTIONS.has(action);
    const got = await take().then(
      (answer) => textOf(answer, zeros),
      (error: Error) => `error ${error.stack}`,
    );
    const wanted = textOf(expected, zeros);
    if (got !== wanted) return { ...about, action, got, expected: wanted };
  }
  return undefined;
}
