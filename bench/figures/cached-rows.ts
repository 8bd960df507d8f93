/** What cached rows cost over their Arrow size, and that counting them reads only what the closure reads. */
import { VolleyContext } from "volley";
import { printFigure } from "../kit/figure.ts";
import { median } from "../kit/median.ts";

const ROWS = 1_000_000;

const vc = await VolleyContext.create();
const rows = vc
  .range(0, ROWS)
  .map((i) => ({ price: i * 0.25, weight: i / 3, label: `item ${i % 1000}` }))
  .cache();
await rows.count();
const labels = await rows.map((row) => row.label.length).reduce((a, b) => a + b);
// Two doubles, an offset of 32 bits, and the label's bytes; validity is left out where nothing is null.
const arrowBytes = ROWS * (8 + 8 + 4) + labels;
printFigure({
  name: "cached {two numbers, a short string}, against its Arrow size",
  value: vc.summary().cachedBytes / arrowBytes,
  unit: "times",
  goal: 1.3,
  note: `${(vc.summary().cachedBytes / ROWS).toFixed(1)} bytes a row`,
});

async function timeOf(job: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 7; run++) {
    const start = performance.now();
    await job();
    times.push(performance.now() - start);
  }
  return median(times);
}

const oneField = await timeOf(() => rows.filter((row) => row.price > 1000).count());
const allFields = await timeOf(() => rows.filter((row) => JSON.stringify(row) !== "").count());
printFigure({
  name: "counting cached rows by one field, against reading all fields",
  value: oneField / allFields,
  unit: "times",
  goal: 0.5,
  note: `${oneField.toFixed(0)} ms for 1 M rows`,
});
await vc.stop();
