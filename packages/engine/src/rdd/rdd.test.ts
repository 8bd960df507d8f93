import { expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

test("a word count, typed and run", async () => {
  const vc = new LocalContext();
  vc.store.putText("in/a.txt", "a b a\nc a\n");
  vc.store.putText("in/b.txt", "b b\n");
  const counts = await vc
    .textFile("in", 3)
    .flatMap((line) => line.split(" "))
    .map((word) => [word, 1])
    .reduceByKey((a, b) => a + b)
    .sortBy(([, n]) => n, { ascending: false })
    .take(2);
  expect(counts.sort()).toEqual([
    ["a", 3],
    ["b", 3],
  ]);
});
