import { type RDD, VolleyContext, VolleyError } from "volley";

export async function counts(lines: readonly string[]): Promise<[string, number][]> {
  await using vc = await VolleyContext.create({ master: "local[2]", appName: "typed" });
  const pairs: RDD<[string, number]> = vc
    .parallelize(lines)
    .flatMap((line) => line.split(" "))
    .map((word) => [word, 1]);
  // @ts-expect-error: a row has no such field
  pairs.map((row) => row.nothing);
  // @ts-expect-error: only pairs have keys
  vc.parallelize([1, 2]).reduceByKey((a: number, b: number) => a + b);
  const code: string = new VolleyError("INTERNAL", "a test").code;
  if (code !== "INTERNAL") throw new Error(code);
  return pairs.reduceByKey((a, b) => a + b).collect();
}
