import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Workload } from "../kit/workload.ts";

/** W3: how often each word of a text occurs. */
export const wordCount: Workload = {
  id: "w3",
  name: "word-count",
  title: "W3 word count, 100 MB text, 300 k distinct",
  goal: 0.4,
  dataSets: ["words"],
  async volley({ vc, file }) {
    const counts = vc
      .textFile(file("words"))
      .flatMap((line) => line.split(" "))
      .map((word) => [word, 1])
      .reduceByKey((a, b) => a + b);
    const [words, score] = await counts
      .map(([word, count]) => [1, count * word.length])
      .reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
    return `${words} ${score}`;
  },
  async node({ file }) {
    const counts = new Map<string, number>();
    for await (const line of createInterface({ input: createReadStream(file("words")) })) {
      for (const word of line.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    let score = 0;
    for (const [word, count] of counts) score += count * word.length;
    return `${counts.size} ${score}`;
  },
};
