/** Actions that write files. A folder appears whole or not at all; `_SUCCESS` is written last. */

import { saveObjects } from "../actions/save-objects.js";
import { saveText } from "../actions/save-text.js";
import { refuse, requireActionOptions, requireOptions } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";

/** How `saveAsTextFile` writes. */
export interface SaveTextOptions extends ActionOptions {
  /** Compress each file; it is named part-00000.gz. */
  readonly codec?: "gzip" | undefined;
}

export function requirePath(path: unknown, method: string): asserts path is string {
  if (typeof path !== "string" || path === "") refuse(`${method} takes the path of a folder that does not exist yet`);
}

export abstract class Saving extends RddBase {
  /**
   * Writes each partition as a text file of the folder `path` (part-00000, ...; empty ones too), a row a line: strings as they are, numbers, booleans
   * and bigint by `String`, Dates as ISO text, arrays and objects as JSON.
   *
   * @example await counts.saveAsTextFile("out/texts", { codec: "gzip" })
   * @throws OUTPUT_EXISTS when the folder exists: nothing is overwritten
   * @see Spark's RDD.saveAsTextFile
   */
  async saveAsTextFile(path: string, options: SaveTextOptions = {}): Promise<void> {
    requirePath(path, "saveAsTextFile");
    requireOptions(options, "saveAsTextFile", ["codec", "signal"]);
    const { codec, signal } = options;
    if (codec !== undefined && codec !== "gzip")
      refuse(`saveAsTextFile: codec is "gzip" or left out, not ${String(codec)}`);
    const site = new CallSite("saveAsTextFile");
    await this.context.saveOutput({
      node: this.node,
      path,
      sink: (folder) => saveText(folder, codec),
      site,
      options: { signal },
    });
  }

  /**
   * Writes the rows, whatever they hold, as files of the folder `path`; `vc.objectFile(path)` reads them. Instances of classes are refused
   * (ROW_NOT_TRANSFERABLE): another application would not know them.
   *
   * @example await rows.saveAsObjectFile("out/rows"); const again = vc.objectFile("out/rows")
   * @throws OUTPUT_EXISTS
   * @see Spark's RDD.saveAsObjectFile
   */
  async saveAsObjectFile(path: string, options: ActionOptions = {}): Promise<void> {
    requirePath(path, "saveAsObjectFile");
    requireActionOptions(options, "saveAsObjectFile");
    const site = new CallSite("saveAsObjectFile");
    await this.context.saveOutput({ node: this.node, path, sink: (folder) => saveObjects(folder), site, options });
  }
}
