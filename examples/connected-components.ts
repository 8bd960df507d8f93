/**
 * Connected components: families of WordNet's adjectives that are linked by "similar to" and "opposite of".
 *
 * GraphX's ConnectedComponents on RDDs: every vertex starts with its own name as its label and takes the smallest label among its neighbours' until nothing
 * changes. All sides of the joins share one partitioner, so a round shuffles its messages and nothing else.
 */
import { fileURLToPath } from "node:url";
import { HashPartitioner, type RDD, VolleyContext } from "volley";
import { isEntry, wordnetFile } from "./data/wordnet.ts";

type Label = [vertex: string, label: string];

const smaller = (a: string, b: string) => (a < b ? a : b);

/** The smallest vertex of each vertex's component. Every edge must be there in both directions. */
export async function connectedComponents(edges: RDD<[string, string]>, partitions = 4): Promise<RDD<Label>> {
  const by = new HashPartitioner(partitions);
  const neighbours = edges.groupByKey(by).cache();
  // The keys stay as they are, which only we know: `true` keeps the partitioner.
  let labels = neighbours
    .mapPartitions(function* (rows): Iterable<Label> {
      for (const [vertex] of rows) yield [vertex, vertex];
    }, true)
    .cache();
  for (let changed = 1; changed > 0; ) {
    const messages = neighbours
      .join(labels)
      .flatMap(([, [vertices, label]]) => vertices.map((vertex): Label => [vertex, label]))
      .reduceByKey(smaller, by);
    const next = labels
      .join(messages)
      .mapValues(([own, smallest]) => smaller(own, smallest))
      .cache();
    changed = await next
      .join(labels)
      .filter(([, [after, before]]) => after !== before)
      .count();
    await labels.unpersist();
    labels = next;
  }
  await neighbours.unpersist();
  return labels;
}

/** Pairs of adjectives that are similar (`&`) or opposites (`!`), as `offset`s, in both directions. */
export function linkedAdjectives(vc: VolleyContext, path: string): RDD<[string, string]> {
  return vc
    .textFile(path)
    .filter(isEntry)
    .flatMap((line) => {
      const from = line.slice(0, 8);
      const links = line.slice(0, line.indexOf(" | ")).matchAll(/ [&!] (\d{8}) a/g);
      return Array.from(links, ([, to = ""]): [string, string] => [from, to]);
    })
    .flatMap(([from, to]): [string, string][] => [
      [from, to],
      [to, from],
    ])
    .distinct();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "connected components" });
  const path = wordnetFile("data.adj");
  const labels = await connectedComponents(linkedAdjectives(vc, path));
  const sizes = labels.map(([, label]) => [label, 1]).reduceByKey((a, b) => a + b);
  const names = vc
    .textFile(path)
    .filter(isEntry)
    .map((line) => [line.slice(0, 8), line.split(" ", 5)[4]!]);
  console.log(`${await sizes.count()} families of adjectives; the largest begin with`);
  for (const [, [size, name]] of await sizes.join(names).top(5, (a, b) => a[1][0] - b[1][0])) {
    console.log(`${String(size).padStart(5)}  ${name}`);
  }
  await vc.stop();
}
