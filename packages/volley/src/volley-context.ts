/** The front door: a driver with its executors as one object. */

import { mapPosition } from "@volley/driver/closure/source-position.js";
import { ContextControl } from "@volley/driver/context-control.js";
import { DriverCore } from "@volley/driver/core/driver-core.js";
import { coreLimits } from "@volley/driver/core-limits.js";
import { parseMaster } from "@volley/driver/master.js";
import { resolveOptions } from "@volley/driver/options.js";
import type { VolleyOptions } from "@volley/driver/volley-options.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { startLocal } from "./local/start-local.js";

/**
 * Where a program begins: makes RDDs, and runs them on executors of this machine. Source: Spark's SparkContext.
 *
 * @example
 * const vc = await VolleyContext.create({ master: "local[*]" });
 * const sum = await vc.parallelize([1, 2, 3]).map((x) => x * 2).sum();
 * await vc.stop();
 */
export class VolleyContext extends ContextControl {
  /**
   * Starts a driver and its executors. Resolves at once; the first job waits until an executor is there. Without options: `local[*]`, one executor
   * process with a slot for each core. Rejects with INVALID_OPTION, INVALID_MASTER or NO_EXECUTORS.
   *
   * @example await using vc = await VolleyContext.create({ master: "local-cluster[2,1,512]", appName: "words" })
   * @see Spark's SparkContext's constructor
   */
  static async create(given: VolleyOptions = {}): Promise<VolleyContext> {
    const options = resolveOptions(given, process.env);
    const master = parseMaster(options.master);
    if (master.kind === "cluster") {
      throw new VolleyError(
        "INVALID_MASTER",
        `${options.master}: there is no master service yet; use local[n] or local-cluster[executors,cores,memoryMiB]`,
      );
    }
    const core = new DriverCore(coreLimits(options, master));
    const local = await startLocal({
      options,
      master,
      core,
      mapPlace: (place) => ({ ...place, ...mapPosition(place.file, place.line, place.column) }),
    });
    const slots = master.kind === "local" ? master.slots : master.executors * master.slots;
    return new VolleyContext({
      driver: local.driver,
      appName: options.appName,
      master: options.master,
      defaultParallelism: options.defaultParallelism ?? (master.kind === "local" ? slots : Math.max(2, slots)),
      stop: (reason) => local.stop(reason),
    });
  }
}
