/** 100 MB of strings to cached blocks and back: how often the whole lies in memory at once, beside the array that the script itself made. */
import { VolleyContext } from "volley";
import { printFigure } from "../kit/figure.ts";
import { usageOfTree } from "../kit/process-tree.ts";

const ROWS = 1_000_000;
const WIDTH = 100;
const PARTITIONS = 16;

const vc = await VolleyContext.create();
await vc.range(0, 4, 1, 4).count();
const rows = Array.from({ length: ROWS }, (_, i) => String(i).padStart(WIDTH, "x"));
// `padStart` makes ropes; reading a character makes them the flat strings that they count as.
for (const row of rows) row.charCodeAt(WIDTH - 1);
const before = usageOfTree(process.pid).peakBytes;
const start = performance.now();
const cached = vc.parallelize(rows, PARTITIONS).cache();
const count = await cached.count();
const back = await cached.collect();
const seconds = (performance.now() - start) / 1000;
if (count !== ROWS || back.length !== ROWS || back[ROWS - 1] !== rows[ROWS - 1]) throw new Error("wrong rows");
const bytes = ROWS * WIDTH;
printFigure({
  name: "100 MB of strings cached and collected: memory at the peak, over what was there before",
  value: (usageOfTree(process.pid).peakBytes - before) / bytes,
  unit: "times the data",
  // The cached blocks and the collected strings must both be there; beside them two copies of the whole at most.
  goal: 4,
  note: `${seconds.toFixed(1)} s; includes the cached blocks and the collected array`,
});
await vc.stop();
