import type { Workload } from "../kit/workload.ts";
import { closures } from "./closures.ts";
import { collect } from "./collect.ts";
import { csvScan } from "./csv-scan.ts";
import { distinct } from "./distinct.ts";
import { emptyJob } from "./empty-job.ts";
import { groupByKey } from "./group-by-key.ts";
import { join } from "./join.ts";
import { kMeans } from "./k-means.ts";
import { logisticRegression, logisticRegressionInPlace, logisticRegressionTyped } from "./logistic-regression.ts";
import { pageRank } from "./page-rank.ts";
import { reduceByKey } from "./reduce-by-key.ts";
import { smallMemory } from "./small-memory.ts";
import { sortBy } from "./sort-by.ts";
import { sortLines } from "./sort-lines.ts";
import { wholeProcess } from "./whole-process.ts";
import { wordCount } from "./word-count.ts";

/** In the order of the table. */
export const WORKLOADS: readonly Workload[] = [
  wholeProcess,
  emptyJob,
  closures,
  wordCount,
  reduceByKey,
  groupByKey,
  sortBy,
  sortLines,
  join,
  logisticRegression,
  logisticRegressionInPlace,
  logisticRegressionTyped,
  pageRank,
  kMeans,
  csvScan,
  collect,
  distinct,
  smallMemory,
];
