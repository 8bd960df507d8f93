/**
 * Disks that are really full, or may not be written to: small file systems in memory, mounted where nobody else sees them. Each job that cannot go on says so by a code; what can
 * go on does; nothing of a half-done file stays; and the next job works.
 */

import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRONT_DOOR } from "../kit/script-process.js";

/** A name space of its own: the mounts go with the process. Not every machine lets a user make one. */
const UNSHARE = ["-rm", "sh", "-c"];
const canMount = spawnSync("unshare", [...UNSHARE, "mount -t tmpfs tmpfs /tmp && umount /tmp"]).status === 0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "full-disk-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a script with these disks (name to mount options) in its folder; answers what it printed, a JSON value a line. */
async function onDisks(disks: Readonly<Record<string, string>>, body: string): Promise<unknown[]> {
  const script = `
import { readdirSync, existsSync, statfsSync, writeFileSync, rmSync, readFileSync } from "node:fs";
import { StorageLevel, VolleyContext, VolleyError } from ${JSON.stringify(FRONT_DOOR)};
const say = (...what) => console.log(JSON.stringify(what));
const disk = (name) => ${JSON.stringify(folder)} + "/" + name;
const outcome = (job) => job.then((value) => value ?? "done", (error) => VolleyError.is(error) ? error.code + (/ENOSPC|EROFS/.test(error.message) ? " named" : " " + error.message) : String(error));
const start = (options) => VolleyContext.create({ master: "local-cluster[1,1,16]", progress: false, ...options });
const text = (x) => x + "-" + "abcdefghij".repeat(20);
${body}`;
  writeFileSync(join(folder, "script.mjs"), script);
  for (const name of Object.keys(disks)) mkdirSync(join(folder, name));
  const mounts = Object.entries(disks).map(
    ([name, options]) => `mount -t tmpfs -o ${options} tmpfs ${join(folder, name)}`,
  );
  const command = [...mounts, `exec "$0" ${join(folder, "script.mjs")}`].join(" && ");
  const { stdout } = await promisify(execFile)("unshare", [...UNSHARE, command, process.execPath], {
    env: { ...process.env, TMPDIR: folder },
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

describe.runIf(canMount)("a disk that is full", () => {
  it("drops cached partitions for a job that must spill, fails one that must and cannot, and lets all others go on", async () => {
    const said = await onDisks(
      { local: "size=40m" },
      `
const vc = await start({ localDir: disk("local") });
const rows = (count) => vc.range(0, count, 1, 8).map((x) => [x % 1000, text(x)]);
const free = () => { const { bavail, bsize } = statfsSync(disk("local")); return bavail * bsize; };
const cached = rows(240_000).persist(StorageLevel.DISK_ONLY);
say("cache", await cached.count(), await cached.count());
say("disk is full", free() < 8 << 20);
say("pushes the cache out", await outcome(rows(45_000).sortBy(([, value]) => value, { numPartitions: 2 }).count()));
say("cache again", await cached.count());
await cached.unpersist();
say("too much", await outcome(rows(500_000).groupByKey(2).map(([, values]) => values.length).sum()));
say("other job", await vc.range(0, 100, 1, 4).map((x) => [x % 3, x]).reduceByKey((a, b) => a + b).count());
await vc.stop();
say("left", readdirSync(disk("local")), free() > 39 << 20);
`,
    );
    expect(said).toEqual([
      ["cache", 240_000, 240_000],
      ["disk is full", true],
      ["pushes the cache out", 45_000],
      ["cache again", 240_000],
      ["too much", "OUTPUT_FAILED named"],
      ["other job", 3],
      ["left", [], true],
    ]);
  }, 120_000);

  it("fails a save and a checkpoint and leaves nothing of them", async () => {
    const said = await onDisks(
      { out: "size=3m" },
      `
const vc = await start({});
const rows = vc.range(0, 40_000, 1, 4).map(text);
say("text", await outcome(rows.saveAsTextFile(disk("out/text"))), readdirSync(disk("out")));
say("objects", await outcome(rows.map((x) => ({ x })).saveAsObjectFile(disk("out/objects"))), readdirSync(disk("out")));
vc.setCheckpointDir(disk("out"));
const checkpointed = vc.range(0, 40_000, 1, 4).map((x) => text(x * 7 % 40_000));
checkpointed.checkpoint();
say("checkpoint", await outcome(checkpointed.count()), readdirSync(disk("out"), { recursive: true }).filter((name) => /part|_/.test(name)));
say("lineage is there", checkpointed.isCheckpointed, (await vc.range(0, 10, 1, 2).sum()));
const few = vc.range(0, 1_000, 1, 2).map(text);
say("small", await outcome(few.saveAsTextFile(disk("out/text"))), await vc.textFile(disk("out/text")).count());
await vc.stop();
`,
    );
    expect(said).toEqual([
      ["text", "OUTPUT_FAILED named", []],
      ["objects", "OUTPUT_FAILED named", []],
      ["checkpoint", "OUTPUT_FAILED named", []],
      ["lineage is there", false, 45],
      ["small", "done", 1_000],
    ]);
  }, 120_000);

  it("costs the event log its end, and no job anything", async () => {
    const said = await onDisks(
      { log: "size=64k" },
      `
let warnings = 0;
process.on("warning", () => warnings++);
const vc = await start({ eventLogDir: disk("log") });
for (let round = 0; round < 12; round++) if ((await vc.range(0, 400, 1, 40).map((x) => x + round).count()) !== 400) throw new Error("wrong");
await vc.stop();
const [name] = readdirSync(disk("log"));
say("told", warnings, readFileSync(disk("log/" + name)).length <= 64 << 10);
`,
    );
    expect(said).toEqual([["told", 1, true]]);
  }, 60_000);

  it("or may not be written to fails a save at once, and a context that should live there", async () => {
    const said = await onDisks(
      { out: "ro,size=1m" },
      `
const vc = await start({});
say("save", await outcome(vc.range(0, 10, 1, 2).map(text).saveAsTextFile(disk("out/text"))));
await vc.stop();
say("local", await outcome(start({ localDir: disk("out") }).then(async (vc) => { const sum = await vc.range(0, 10, 1, 2).sum(); await vc.stop(); return sum; })));
`,
    );
    expect(said[0]).toEqual(["save", "OUTPUT_FAILED named"]);
    expect((said[1] as string[])[1]).toMatch(/^(INVALID_OPTION|NO_EXECUTORS)/);
  }, 60_000);
});
