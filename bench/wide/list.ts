import { GROUP_JOBS } from "./groups.ts";
import { JOIN_JOBS } from "./joins.ts";
import { KEY_JOBS } from "./keys.ts";
import { LOOP_JOBS } from "./loops.ts";
import { SORT_JOBS } from "./sorts.ts";
import { TEXT_JOBS } from "./texts.ts";
import { VALUE_JOBS } from "./values.ts";
import type { TextJob, WideJob } from "./wide-job.ts";

export const WIDE_JOBS: readonly (TextJob | WideJob)[] = [
  ...TEXT_JOBS,
  ...KEY_JOBS,
  ...VALUE_JOBS,
  ...GROUP_JOBS,
  ...JOIN_JOBS,
  ...SORT_JOBS,
  ...LOOP_JOBS,
];
