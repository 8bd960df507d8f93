/**
 * Transitive closure: which vertices of a graph can be reached from which, over any number of edges.
 *
 * Spark's SparkTC. Each round joins the known paths with the edges until no round finds another path. Paths are kept turned round, as `[end, start]`, since a
 * join is by key and a path grows at its end.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { seededRandom } from "./data/seeded-random.ts";

export type Edge = [from: number, to: number];

export async function transitiveClosure(vc: VolleyContext, graph: readonly Edge[]): Promise<Edge[]> {
  const edges = vc.parallelize(graph).cache();
  const numPartitions = await edges.getNumPartitions();
  let paths = edges
    .map(([from, to]): Edge => [to, from])
    .distinct()
    .cache();
  for (let before = 0, count = await paths.count(); count > before; ) {
    const longer = paths.join(edges).map(([, [start, end]]): Edge => [end, start]);
    paths = paths.union(longer).distinct(numPartitions).cache();
    [before, count] = [count, await paths.count()];
  }
  return paths.map(([end, start]): Edge => [start, end]).collect();
}

export function randomGraph(edges: number, vertices: number, seed: number): Edge[] {
  const random = seededRandom(seed);
  const vertex = () => Math.floor(random() * vertices);
  return Array.from({ length: edges }, (): Edge => [vertex(), vertex()]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "transitive closure" });
  const graph = randomGraph(200, 100, 42);
  const closure = await transitiveClosure(vc, graph);
  console.log(`${graph.length} edges make ${closure.length} pairs of vertices of which one is reached from the other`);
  await vc.stop();
}
