import { FRONT_DOOR } from "./script-process.js";

/** A job of a second or two whose tasks go on while the driver cannot listen. `between` stands between its start and its end. */
export const busyDriverScript = (options: string, between: string) => `
import { VolleyContext } from ${JSON.stringify(FRONT_DOOR)};
const vc = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: false${options} });
let lost = 0;
vc.addListener({ onExecutorRemoved: () => lost++ });
const block = (ms) => { const until = Date.now() + ms; while (Date.now() < until); };
const slowly = (x) => { const until = Date.now() + 150; while (Date.now() < until); return x; };
if ((await vc.range(0, 8, 1, 8).sum()) !== 28) throw new Error("wrong");
${between}
if ((await vc.range(0, 8, 1, 8).map((x) => [x % 2, x]).reduceByKey((a, b) => a + b).count()) !== 2) throw new Error("wrong");
console.log("lost " + lost);
await vc.stop();
`;
