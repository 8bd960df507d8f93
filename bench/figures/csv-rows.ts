/** What a cached row of the CSV workload (W11) takes: seven columns, of which four are strings. */
import { VolleyContext } from "volley";
import { dataPath, makeData } from "../kit/data-set.ts";
import { printFigure } from "../kit/figure.ts";
import { parseOrder } from "../workloads/csv-scan.ts";

const SCALE = 1;

await makeData("orders", SCALE);
const vc = await VolleyContext.create();
const orders = vc
  .textFile(dataPath("orders", SCALE))
  .map((line) => parseOrder(line))
  .cache();
const rows = await orders.count();
printFigure({
  name: "W11: a cached row of a CSV file of 64 bytes a line",
  value: vc.summary().cachedBytes / rows,
  unit: "bytes",
  goal: 90,
  note: `${rows} rows`,
});
await vc.stop();
