import { VolleyContext, VolleyError } from "volley";

const vc = await VolleyContext.create({ master: "local[2]" });
const factor = 3;
const rows = await vc
  .parallelize([1, 2, 3, 4], 2)
  .map((n) => [n % 2 === 0 ? "even" : "odd", n * factor])
  .reduceByKey((a, b) => a + b)
  .sortBy(([word]) => word)
  .collect();
const failure = await vc
  .parallelize([1])
  .map(() => {
    throw new RangeError("mine");
  })
  .collect()
  .catch((error) => error);
await vc.stop();
console.log(JSON.stringify({ rows, failed: failure instanceof VolleyError ? failure.code : String(failure) }));
