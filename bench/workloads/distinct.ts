import type { Workload } from "../kit/workload.ts";
import { sized } from "../kit/workload.ts";

/** W13: strings without their doubles. */
export const distinct: Workload = {
  id: "w13",
  name: "distinct",
  title: "W13 distinct of 2 M strings, 1 M distinct",
  goal: 0.4,
  async volley({ vc, scale }) {
    const keyCount = sized(1_000_000, scale);
    const count = await vc
      .range(0, keyCount * 2, 1, 2)
      .map((i) => `user-${(i * 7919) % keyCount}`)
      .distinct()
      .count();
    return String(count);
  },
  node({ scale }) {
    const keyCount = sized(1_000_000, scale);
    const found = new Set<string>();
    for (let i = 0; i < keyCount * 2; i++) found.add(`user-${(i * 7919) % keyCount}`);
    return String(found.size);
  },
};
