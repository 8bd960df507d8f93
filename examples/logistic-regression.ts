/**
 * Logistic regression: learns by gradient descent which side of a plane a point lies on.
 *
 * Spark's SparkLR. The observations stay cached on the executors; a round sends the weights out with the closure and brings one gradient back:
 * `treeAggregate` adds gradients up on the executors before the driver sees them.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { gaussian, seededRandom } from "./data/seeded-random.ts";

/** Typed arrays are rows like any others. */
export interface Observation {
  readonly features: Float64Array;
  /** 1 or -1. */
  readonly label: number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
  return a;
}

export async function logisticRegression(
  vc: VolleyContext,
  data: readonly Observation[],
  { rounds, rate }: { readonly rounds: number; readonly rate: number },
): Promise<Float64Array> {
  const observations = vc.parallelize(data).cache();
  const dimensions = data[0]?.features.length ?? 0;
  const zero: Float64Array = new Float64Array(dimensions);
  let weights = zero;
  for (let round = 0; round < rounds; round++) {
    const gradient = await observations.treeAggregate(
      zero,
      (sum, { features, label }) => {
        const factor = (1 / (1 + Math.exp(-label * dot(weights, features))) - 1) * label;
        const part = features.map((x) => x * factor);
        return add(sum, part);
      },
      add,
    );
    weights = weights.map((weight, i) => weight - (rate * gradient[i]!) / data.length);
  }
  await observations.unpersist();
  return weights;
}

/** Points of two clouds, labelled with the cloud that they belong to. */
export function twoClouds(count: number, dimensions: number, seed: number): Observation[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const label = index % 2 === 0 ? 1 : -1;
    return { label, features: Float64Array.from({ length: dimensions }, () => gaussian(random) + 0.7 * label) };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "logistic regression" });
  const data = twoClouds(100_000, 10, 42);
  const weights = await logisticRegression(vc, data, { rounds: 10, rate: 5 });
  const right = await vc
    .parallelize(data)
    .filter(({ features, label }) => label * dot(weights, features) > 0)
    .count();
  console.log(`weights: ${[...weights].map((weight) => weight.toFixed(3)).join(" ")}`);
  console.log(`${((100 * right) / data.length).toFixed(2)} % of the observations lie on their side of the plane`);
  await vc.stop();
}
