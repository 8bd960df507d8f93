import type { Workload } from "../kit/workload.ts";
import { sized } from "../kit/workload.ts";

/** W12: a million pairs brought to the script. */
export const collect: Workload = {
  id: "w12",
  name: "collect",
  title: "W12 collect 1 M [string, number]",
  goal: 0.5,
  async volley({ vc, scale }) {
    const rows = await vc
      .range(0, sized(1_000_000, scale), 1, 2)
      .map((i): [string, number] => [`key-${i}`, i * 0.5])
      .collect();
    return `${rows.length} ${rows.at(-1)?.join(" ")}`;
  },
  node({ scale }) {
    const rows = Array.from({ length: sized(1_000_000, scale) }, (_, i): [string, number] => [`key-${i}`, i * 0.5]);
    return `${rows.length} ${rows.at(-1)?.join(" ")}`;
  },
};
