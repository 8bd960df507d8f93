import type { Workload } from "../kit/workload.ts";
import { closures } from "./closures.ts";
import { emptyJob } from "./empty-job.ts";
import { join } from "./join.ts";
import { pageRank } from "./page-rank.ts";
import { reduceByKey } from "./reduce-by-key.ts";

export const WORKLOADS: readonly Workload[] = [emptyJob, closures, reduceByKey, join, pageRank];
