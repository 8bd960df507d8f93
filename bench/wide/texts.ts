/** Counting words in other ways than W3. */
import { readFileSync } from "node:fs";
import { byText, countIn, type TextJob } from "./wide-job.ts";

function* wordsOf(path: string): Generator<string> {
  for (const line of readFileSync(path, "utf8").split("\n")) yield* line.split(" ");
}

function counted(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) if (word !== "") countIn(counts, word);
  return counts;
}

function topTen(counts: Map<string, number>): [string, number][] {
  return [...counts].sort((a, b) => b[1] - a[1] || byText(a[0], b[0])).slice(0, 10);
}

export const TEXT_JOBS: readonly TextJob[] = [
  {
    name: "words-regex-lower-case",
    dataSet: "words",
    volley: (vc, path) =>
      vc
        .textFile(path)
        .flatMap((line) => line.toLowerCase().split(/\W+/))
        .filter((word) => word.length > 0)
        .map((word) => [word, 1] as const)
        .reduceByKey((a, b) => a + b)
        .filter(([, count]) => count > 5)
        .count(),
    node(path) {
      const counts = new Map<string, number>();
      for (const line of readFileSync(path, "utf8").split("\n"))
        for (const word of line.toLowerCase().split(/\W+/)) if (word.length > 0) countIn(counts, word);
      return [...counts.values()].filter((count) => count > 5).length;
    },
  },
  {
    name: "words-top-ten-sorted",
    dataSet: "words",
    volley: (vc, path) =>
      vc
        .textFile(path)
        .flatMap((line) => line.split(" "))
        .filter((word) => word !== "")
        .map((word): [string, number] => [word, 1])
        .reduceByKey((a, b) => a + b)
        .sortBy(([word, count]) => [-count, word])
        .take(10),
    node: (path) => topTen(counted(wordsOf(path))),
  },
  {
    name: "words-top-ten-ordered",
    dataSet: "words",
    volley: (vc, path) =>
      vc
        .textFile(path)
        .flatMap((line) => line.split(" "))
        .filter((word) => word !== "")
        .map((word): [string, number] => [word, 1])
        .reduceByKey((a, b) => a + b)
        .takeOrdered(10, (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
    node: (path) => topTen(counted(wordsOf(path))),
  },
  {
    name: "bigrams",
    dataSet: "words",
    volley: (vc, path) =>
      vc
        .textFile(path)
        .flatMap((line) => {
          const words = line.split(" ");
          const pairs: string[] = [];
          for (let i = 1; i < words.length; i++) pairs.push(`${words[i - 1]} ${words[i]}`);
          return pairs;
        })
        .map((pair): [string, number] => [pair, 1])
        .reduceByKey((a, b) => a + b)
        .map(([, count]) => count)
        .filter((count) => count > 1)
        .count(),
    node(path) {
      const counts = new Map<string, number>();
      for (const line of readFileSync(path, "utf8").split("\n")) {
        const words = line.split(" ");
        for (let i = 1; i < words.length; i++) countIn(counts, `${words[i - 1]} ${words[i]}`);
      }
      return [...counts.values()].filter((count) => count > 1).length;
    },
  },
  {
    name: "letters",
    dataSet: "words",
    volley: async (vc, path) =>
      (
        await vc
          .textFile(path)
          .flatMap((line) => [...line])
          .map((letter): [string, number] => [letter, 1])
          .reduceByKey((a, b) => a + b)
          .sortByKey()
          .collect()
      ).flat(),
    node(path) {
      const counts = new Map<string, number>();
      for (const line of readFileSync(path, "utf8").split("\n")) for (const letter of line) countIn(counts, letter);
      return [...counts].sort((a, b) => byText(a[0], b[0])).flat();
    },
  },
  {
    name: "words-count-by-value",
    dataSet: "words",
    volley: async (vc, path) =>
      (
        await vc
          .textFile(path)
          .flatMap((line) => line.split(" "))
          .filter((word) => word !== "")
          .map((word) => word.slice(0, 3))
          .countByValue()
      ).size,
    node(path) {
      const counts = new Map<string, number>();
      for (const word of wordsOf(path)) if (word !== "") countIn(counts, word.slice(0, 3));
      return counts.size;
    },
  },
  {
    name: "inverted-index",
    dataSet: "words",
    volley: (vc, path) =>
      vc
        .textFile(path)
        .zipWithIndex()
        .flatMap(([line, at]) => line.split(" ").map((word): [string, number] => [word, at]))
        .filter(([word]) => word !== "")
        .distinct()
        .groupByKey()
        .mapValues((lines) => lines.length)
        .filter(([, lines]) => lines > 10)
        .count(),
    node(path) {
      const index = new Map<string, Set<number>>();
      readFileSync(path, "utf8")
        .split("\n")
        .forEach((line, at) => {
          for (const word of line.split(" ")) {
            if (word === "") continue;
            const lines = index.get(word);
            if (lines === undefined) index.set(word, new Set([at]));
            else lines.add(at);
          }
        });
      return [...index.values()].filter((lines) => lines.size > 10).length;
    },
  },
];
