/**
 * One context, all workloads, a network that fails in the ways that a seed draws. The law: the right answer, or a VolleyError with a code, and that in bounded time: what the faults of
 * the run may cost at most, one after the other, and the work itself.
 */

import { Prng } from "@volley/engine/lib/prng.js";
import { VolleyError } from "volley";
import { BadNetwork } from "../kit/bad-network.js";
import type { NetworkFault, ProxiedRequest } from "../kit/http-proxy.js";
import { NETWORK_WORKLOADS } from "./workloads.js";

export const KINDS = [
  "delay",
  "double",
  "cutRequest",
  "tearRequest",
  "cutAnswer",
  "swallowRequest",
  "swallowAnswer",
] as const satisfies readonly NetworkFault["kind"][];
export type FaultKind = (typeof KINDS)[number];

/** Faults that somebody notices by a time-out only. */
const SILENT: readonly FaultKind[] = ["swallowRequest", "swallowAnswer"];
/** The longest time-out of any request: an executor's, for its driver, which may be busy with the script. */
export const TIMEOUT_MS = 30_000;
/** For the work of a run without faults, on a machine with much else to do. */
const WORK_MS = 30_000;
const DELAY_MS_MAX = 400;
const ANSWER_BYTES_MAX = 4_096;

export interface NetworkRunOptions {
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  /** Of the requests, those that something befalls. */
  readonly share: number;
  /** Faults of which only a time-out tells. */
  readonly silentMax: number;
}

export interface NetworkRun {
  readonly seed: number;
  /** How often each kind struck. */
  readonly struck: ReadonlyMap<FaultKind, number>;
  readonly lost: number;
  /** What came of each workload: "answer" or an error's code. */
  readonly outcomes: readonly string[];
  /** What is against the law; empty when all is well. */
  readonly violations: readonly string[];
  readonly tookMs: number;
}

export async function networkRun(options: NetworkRunOptions): Promise<NetworkRun> {
  const weather = new Weather(options);
  const outcomes: string[] = [];
  const violations: string[] = [];
  const { vc, network } = await BadNetwork.context(
    { fault: (request) => weather.fault(request), idleResetMs: 100 + (options.seed % 5) * 300 },
    { master: "local-cluster[2,1,256]", progress: false, executorLossTimeoutMs: 5_000, heartbeatIntervalMs: 500 },
  );
  let lost = 0;
  vc.addListener({ onExecutorRemoved: () => lost++ });
  const startedAt = performance.now();
  for (const [name, workload] of Object.entries(NETWORK_WORKLOADS)) {
    const jobAt = performance.now();
    const silentBefore = weather.silent;
    const outcome = await workload(vc).then(
      (isRight) => (isRight ? "answer" : "wrong"),
      (error: unknown) => (VolleyError.is(error) ? error.code : `no VolleyError: ${error}`),
    );
    outcomes.push(outcome);
    const took = performance.now() - jobAt;
    const limit = WORK_MS + (weather.silent - silentBefore) * (TIMEOUT_MS + 1_000);
    if (took > limit) violations.push(`${name} took ${Math.round(took)} ms`);
    if (outcome === "wrong" || outcome.startsWith("no VolleyError") || outcome === "INTERNAL")
      violations.push(`${name}: ${outcome}`);
  }
  const stopAt = performance.now();
  await vc.stop();
  if (performance.now() - stopAt > 5_000) violations.push("stop() was slow");
  const tookMs = performance.now() - startedAt;
  await network.close();
  return { seed: options.seed, struck: weather.struck, lost, outcomes, violations, tookMs };
}

/** Which requests are struck, drawn from the seed. */
class Weather {
  readonly struck = new Map<FaultKind, number>();
  silent = 0;
  readonly #options: NetworkRunOptions;
  readonly #random: Prng;

  constructor(options: NetworkRunOptions) {
    this.#options = options;
    this.#random = new Prng(options.seed);
  }

  fault(_request: ProxiedRequest): NetworkFault | undefined {
    const { kinds, share, silentMax } = this.#options;
    const draw = this.#random.nextDouble();
    const kind = kinds[Math.floor(this.#random.nextDouble() * kinds.length)] as FaultKind;
    const amount = this.#random.nextDouble();
    if (draw >= share) return undefined;
    if (SILENT.includes(kind)) {
      if (this.silent === silentMax) return undefined;
      this.silent++;
    }
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    const afterBytes = Math.floor(amount * ANSWER_BYTES_MAX);
    switch (kind) {
      case "delay":
        return { kind, ms: amount * DELAY_MS_MAX };
      case "tearRequest":
        return { kind, share: amount };
      case "cutAnswer":
      case "swallowAnswer":
        return { kind, afterBytes };
      default:
        return { kind };
    }
  }
}
