/**
 * A script that does everything at once: actions on a pool of datasets, several in flight, some of them aborted; meanwhile it persists, unpersists and
 * checkpoints what the actions read, derives more from it, and kills executors or has them leave. Each answer is held against arrays. Prints a JSON line
 * for each thing that is wrong, and how often it did what.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Prng } from "@volley/engine/lib/prng.js";
import { StorageLevel, VolleyContext, VolleyError } from "volley";
import { ACTIONS } from "./mixed-actions.js";
import { type Dataset, derive, pick, sources } from "./mixed-datasets.js";

const MASTERS = ["local-cluster[3,1,64]", "local-cluster[2,2,64]", "local-cluster[3,1,16]"];
const LEVELS = [StorageLevel.MEMORY_ONLY, StorageLevel.DISK_ONLY, StorageLevel.MEMORY_AND_DISK_2];
const POOL_MAX = 14;
const IN_FLIGHT_MAX = 6;
const KILLS_MAX = 8;
const ABORTED_SHARE = 0.2;
const ABORT_WITHIN_MS = 200;
const PAUSE_MS_MAX = 60;

class Script {
  readonly #vc: VolleyContext;
  readonly #random: Prng;
  readonly #pool: Dataset[];
  readonly #inFlight = new Set<Promise<void>>();
  readonly counts = new Map<string, number>();
  readonly problems: string[] = [];
  #kills = 0;

  constructor(vc: VolleyContext, random: Prng) {
    this.#vc = vc;
    this.#random = random;
    this.#pool = sources(vc, random);
  }

  /** One more thing, drawn by its share. */
  async step(): Promise<void> {
    const at = this.#random.nextDouble();
    if (at < 0.25) this.#derive();
    else if (at < 0.6) await this.#act();
    else if (at < 0.7) this.#persist();
    else if (at < 0.78) this.#unpersist();
    else if (at < 0.83) this.#checkpoint();
    else if (at < 0.86) this.#kill();
    else await new Promise((resolve) => setTimeout(resolve, this.#random.nextInt(PAUSE_MS_MAX)));
  }

  async finish(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #derive(): void {
    const derived = derive(this.#pool, this.#random);
    if (derived === undefined) return;
    if (this.#pool.length >= POOL_MAX) this.#pool.splice(2 + this.#random.nextInt(this.#pool.length - 2), 1);
    this.#pool.push(derived);
  }

  async #act(): Promise<void> {
    if (this.#inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
    const dataset = pick(this.#pool, this.#random);
    const name = pick(Object.keys(ACTIONS), this.#random);
    const abort = new AbortController();
    const isAborted = this.#random.nextDouble() < ABORTED_SHARE;
    if (isAborted) setTimeout(() => abort.abort(), this.#random.nextInt(ABORT_WITHIN_MS));
    const action = ACTIONS[name] as (typeof ACTIONS)[string];
    const ended = action(dataset, { signal: abort.signal }).then(
      (wrong) => {
        this.#count(wrong === undefined ? "right" : "wrong");
        if (wrong !== undefined) this.problems.push(`${name} of ${dataset.name}: ${wrong}`);
      },
      (error: unknown) => {
        if (isAborted && VolleyError.is(error, "CANCELLED")) return this.#count("cancelled");
        this.problems.push(`${name} of ${dataset.name}: ${error instanceof Error ? error.stack : String(error)}`);
      },
    );
    this.#inFlight.add(ended);
    void ended.finally(() => this.#inFlight.delete(ended));
  }

  #persist(): void {
    const { rdd } = pick(this.#pool, this.#random);
    if (rdd.getStorageLevel() !== StorageLevel.NONE) return;
    rdd.persist(pick(LEVELS, this.#random));
    this.#count("persist");
  }

  #unpersist(): void {
    const { rdd, name } = pick(this.#pool, this.#random);
    rdd.unpersist().catch((error: unknown) => this.problems.push(`unpersist of ${name}: ${String(error)}`));
    this.#count("unpersist");
  }

  #checkpoint(): void {
    pick(this.#pool, this.#random).rdd.checkpoint();
    this.#count("checkpoint");
  }

  #kill(): void {
    const executors = this.#vc.driver.executors();
    if (this.#kills >= KILLS_MAX || executors.length < 2) return;
    this.#kills++;
    const signal = this.#random.nextDouble() < 0.7 ? "SIGKILL" : "SIGTERM";
    try {
      process.kill(pick(executors, this.#random).pid, signal);
      this.#count(signal);
    } catch (error) {
      // It went by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function main(seed: number, forMs: number): Promise<void> {
  const random = new Prng(seed);
  const folder = mkdtempSync(join(tmpdir(), "mixed-"));
  const vc = await VolleyContext.create({
    master: pick(MASTERS, random),
    progress: false,
    logLevel: "error",
    speculation: random.nextDouble() < 0.3,
  });
  vc.setCheckpointDir(folder);
  const script = new Script(vc, random);
  const until = performance.now() + forMs;
  while (performance.now() < until && script.problems.length === 0) await script.step();
  await script.finish();
  await vc.stop();
  rmSync(folder, { recursive: true });
  for (const problem of script.problems) console.log(JSON.stringify({ problem }));
  console.log(JSON.stringify({ counts: Object.fromEntries(script.counts) }));
}

await main(Number(process.argv[2]), Number(process.argv[3]));
