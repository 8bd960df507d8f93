import type { Workload } from "../kit/workload.ts";
import { rounded, sized } from "../kit/workload.ts";

const ROWS = 20_000_000;

/** W2: six cheap closures in a row, and a sum. */
export const closures: Workload = {
  id: "w2",
  name: "closures",
  title: "W2 range 20 M, six closures, sum",
  goal: 0.07,
  async volley({ vc, scale }) {
    const sum = await vc
      .range(0, sized(ROWS, scale), 1, 2)
      .map((x) => x + 1)
      .filter((x) => x % 3 !== 0)
      .map((x) => x * 2)
      .map((x) => x - 7)
      .filter((x) => x % 5 !== 0)
      .map((x) => x * 0.5)
      .reduce((a, b) => a + b);
    return rounded(sum);
  },
  node({ scale }) {
    const rows = sized(ROWS, scale);
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const x = i + 1;
      if (x % 3 === 0) continue;
      const y = x * 2 - 7;
      if (y % 5 !== 0) sum += y * 0.5;
    }
    return rounded(sum);
  },
};
