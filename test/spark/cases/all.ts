import type { Program } from "../kit/area.ts";
import { programs as action } from "./action.ts";
import { programs as edge } from "./edge.ts";
import { programs as files } from "./files.ts";
import { programs as join } from "./join.ts";
import { programs as keyvalue } from "./keyvalue.ts";
import { programs as narrow } from "./narrow.ts";
import { programs as numeric } from "./numeric.ts";
import { programs as partitions } from "./partitions.ts";
import { programs as random } from "./random.ts";
import { programs as sampling } from "./sampling.ts";
import { programs as shared } from "./shared.ts";
import { programs as sort } from "./sort.ts";
import { programs as source } from "./source.ts";

export const ALL_PROGRAMS: readonly Program[] = [
  ...action,
  ...edge,
  ...files,
  ...join,
  ...keyvalue,
  ...narrow,
  ...numeric,
  ...partitions,
  ...random,
  ...sampling,
  ...shared,
  ...sort,
  ...source,
];
