/**
 * Matrix factorization by alternating least squares: guesses the ratings that users did not give from those that they did.
 *
 * Spark's SparkALS, for ratings that are mostly missing. Users and items have a few hidden factors each; with those of the items held fast, the users' follow
 * from small systems of equations, one a user, and the other way round. The fixed side is a broadcast: each executor gets it once a round.
 */
import { fileURLToPath } from "node:url";
import { type RDD, VolleyContext } from "volley";
import { gaussian, seededRandom } from "./data/seeded-random.ts";

export interface Rating {
  readonly user: number;
  readonly item: number;
  readonly stars: number;
}

/** The hidden factors of users, or of items. */
export type Factors = ReadonlyMap<number, number[]>;

type Known = readonly [id: number, stars: number][];

/** The x with `A x = b`, by elimination; `A` is symmetric and positive definite. Both are written to. */
function solve(A: number[][], b: number[]): number[] {
  const n = b.length;
  for (let column = 0; column < n; column++) {
    for (let row = column + 1; row < n; row++) {
      const factor = A[row]![column]! / A[column]![column]!;
      for (let k = column; k < n; k++) A[row]![k]! -= factor * A[column]![k]!;
      b[row]! -= factor * b[column]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let row = n - 1; row >= 0; row--) {
    let rest = b[row]!;
    for (let k = row + 1; k < n; k++) rest -= A[row]![k]! * x[k]!;
    x[row] = rest / A[row]![row]!;
  }
  return x;
}

/** The factors that fit the known ratings best, those of the other side being given. `lambda` keeps them small. */
function bestFactors(known: Known, others: Factors, rank: number, lambda: number): number[] {
  const A = Array.from({ length: rank }, (_, i) => Array.from({ length: rank }, (_, j) => (i === j ? lambda : 0)));
  const b = new Array<number>(rank).fill(0);
  for (const [id, stars] of known) {
    const factors = others.get(id)!;
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j < rank; j++) A[i]![j]! += factors[i]! * factors[j]!;
      b[i]! += factors[i]! * stars;
    }
  }
  return solve(A, b);
}

export function predict(users: Factors, items: Factors, user: number, item: number): number {
  const ofItem = items.get(item)!;
  return users.get(user)!.reduce((sum, factor, i) => sum + factor * ofItem[i]!, 0);
}

export async function factorize(
  vc: VolleyContext,
  data: readonly Rating[],
  { rank, rounds, lambda = 0.05, seed = 1 }: { rank: number; rounds: number; lambda?: number; seed?: number },
): Promise<{ users: Factors; items: Factors; rmse: number }> {
  const ratings = vc.parallelize(data).cache();
  const byUser = ratings
    .map(({ user, item, stars }) => [user, [item, stars]])
    .groupByKey()
    .cache();
  const byItem = ratings
    .map(({ user, item, stars }) => [item, [user, stars]])
    .groupByKey()
    .cache();

  const improve = async (side: RDD<[number, [number, number][]]>, others: Factors): Promise<Factors> => {
    const fixed = vc.broadcast(others);
    const factors = await side.mapValues((known) => bestFactors(known, fixed.value, rank, lambda)).collectAsMap();
    await fixed.destroy();
    return factors;
  };

  const random = seededRandom(seed);
  let users: Factors = new Map();
  let items: Factors = new Map(
    (await byItem.keys().collect())
      .sort((a, b) => a - b)
      .map((item) => [item, Array.from({ length: rank }, () => gaussian(random))]),
  );
  for (let round = 0; round < rounds; round++) {
    users = await improve(byUser, items);
    items = await improve(byItem, users);
  }
  const squares = ratings.map(({ user, item, stars }) => (stars - predict(users, items, user, item)) ** 2);
  return { users, items, rmse: Math.sqrt(await squares.mean()) };
}

/** Ratings that `rank` hidden factors explain, but for a little noise; a user rates about a tenth of the items. */
export function randomRatings(users: number, items: number, rank: number, seed: number): Rating[] {
  const random = seededRandom(seed);
  const factors = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: rank }, () => gaussian(random)));
  const [ofUsers, ofItems] = [factors(users), factors(items)];
  const ratings: Rating[] = [];
  for (const [user, mine] of ofUsers.entries()) {
    for (const [item, its] of ofItems.entries()) {
      if (random() >= 0.1) continue;
      ratings.push({ user, item, stars: mine.reduce((sum, x, i) => sum + x * its[i]!, 0.1 * gaussian(random)) });
    }
  }
  return ratings;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "matrix factorization" });
  const ratings = randomRatings(1000, 500, 4, 11);
  const { users, items, rmse } = await factorize(vc, ratings, { rank: 4, rounds: 8 });
  console.log(`${ratings.length} ratings are explained up to ${rmse.toFixed(3)} stars (the noise in them is 0.1)`);
  console.log(`user 0 would give item 0 ${predict(users, items, 0, 0).toFixed(2)}`);
  await vc.stop();
}
