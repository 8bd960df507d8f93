/** The executors of a driver: those that were asked for, those that registered, and the fenced incarnations that nobody listens to any more. */

import { VolleyError } from "@volley/engine/wire/errors.js";
import type { RegisterRequest } from "@volley/engine/wire/messages.js";
import type { CoreEvent } from "./core/events.js";
import { ExecutorLink, type LinkHost } from "./executor-link.js";
import type { ExecutorDeath, ExecutorSource } from "./executor-source.js";
import type { ExecutorAddress, ExecutorClient } from "./net/executor-client.js";
import { RefusedRequest } from "./net/refused-request.js";

/** Fenced incarnations remembered; what an older one says is refused as unknown instead, which is answered alike. */
const FENCED_KEPT_MAX = 10_000;

export interface RosterParts {
  readonly applicationId: string;
  readonly secret: string;
  readonly source: ExecutorSource | undefined;
  readonly linkHost: LinkHost;
  readonly now: () => number;
  readonly post: (event: CoreEvent) => void;
}

export class ExecutorRoster {
  /** Set before the first executor can register. */
  makeClient: ((address: ExecutorAddress) => ExecutorClient) | undefined;
  driverUrl = "";
  readonly #parts: RosterParts;
  readonly #links = new Map<string, ExecutorLink>();
  /** Started by the source and not registered yet: id to incarnation. */
  readonly #starting = new Map<string, string>();
  readonly #fenced = new Set<string>();
  #executorIds = 0;
  #epochs = 0;
  #stopping = false;

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#links.size;
  }

  links(): Iterable<ExecutorLink> {
    return this.#links.values();
  }

  get(executorId: string, incarnation?: string): ExecutorLink | undefined {
    const link = this.#links.get(executorId);
    return link === undefined || (incarnation !== undefined && link.identity.incarnation !== incarnation)
      ? undefined
      : link;
  }

  startExecutors(count: number): void {
    const { source } = this.#parts;
    if (source === undefined || this.#stopping) return;
    for (let started = 0; started < count; started++) this.#startOne(source);
  }

  #startOne(source: ExecutorSource): void {
    const executorId = String(this.#executorIds++);
    const incarnation = `${this.#parts.applicationId}-${executorId}`;
    const { applicationId, secret } = this.#parts;
    this.#starting.set(executorId, incarnation);
    let said = "";
    try {
      source.start(
        { executorId, incarnation, driverUrl: this.driverUrl, applicationId, secret },
        {
          exited: (death) => {
            const detail = said === "" ? death.detail : `${said} (${death.detail})`;
            this.#exited(executorId, incarnation, { ...death, detail });
          },
          failed: (code, message) => {
            said = `${code}: ${message}`;
          },
        },
      );
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#exited(executorId, incarnation, { detail, isOutOfMemory: false });
    }
  }

  #exited(executorId: string, incarnation: string, { detail, isOutOfMemory, lastWords }: ExecutorDeath): void {
    if (this.#stopping) return;
    const now = this.#parts.now();
    if (this.#starting.delete(executorId)) {
      this.#parts.post({ type: "executorStartFailed", detail: `executor ${executorId} did not start: ${detail}`, now });
      return;
    }
    this.#drop(executorId, incarnation);
    const reason = isOutOfMemory ? "outOfMemory" : "exited";
    this.#parts.post({ type: "executorLost", executorId, incarnation, reason, detail, lastWords, now });
  }

  /** The link of an executor that registers; the same again when it says so twice. */
  register(request: RegisterRequest): ExecutorLink {
    const { executorId, incarnation } = request;
    if (this.#stopping) throw new RefusedRequest(410, "CONTEXT_STOPPED", "the application is over");
    if (this.#fenced.has(key(executorId, incarnation)))
      throw new RefusedRequest(410, "EXECUTOR_LOST", "this incarnation was given up");
    const present = this.#links.get(executorId);
    if (present?.identity.incarnation === incarnation) return present;
    if (this.#parts.source !== undefined && this.#starting.get(executorId) !== incarnation) {
      throw new RefusedRequest(409, "PROTOCOL", "nobody started an executor of this name");
    }
    if (present !== undefined) this.#replace(present);
    this.#starting.delete(executorId);
    const { host, port, slots, memoryBytes, pid } = request;
    const client = this.makeClient?.({ executorId, host, port });
    if (client === undefined) throw new VolleyError("INTERNAL", "an executor registered before the driver was ready");
    const link = new ExecutorLink(
      { executorId, incarnation, epoch: ++this.#epochs, slots, memoryBytes, host, port, pid },
      client,
      this.#parts.linkHost,
    );
    this.#links.set(executorId, link);
    this.#parts.post({ type: "executorRegistered", executorId, incarnation, slots, host, now: this.#parts.now() });
    return link;
  }

  #replace(link: ExecutorLink): void {
    const { executorId, incarnation } = link.identity;
    this.#drop(executorId, incarnation);
    this.#parts.post({
      type: "executorLost",
      executorId,
      incarnation,
      reason: "replaced",
      detail: "another incarnation registered",
      now: this.#parts.now(),
    });
  }

  fence(executorId: string, incarnation: string): void {
    this.#fenced.add(key(executorId, incarnation));
    if (this.#fenced.size > FENCED_KEPT_MAX) {
      for (const oldest of this.#fenced) {
        this.#fenced.delete(oldest);
        break;
      }
    }
    this.#drop(executorId, incarnation);
  }

  /** Ends the process, if it is one of the source's. */
  end(executorId: string, incarnation: string): void {
    this.#drop(executorId, incarnation);
    this.#parts.source?.end(executorId);
  }

  #drop(executorId: string, incarnation: string): void {
    const link = this.get(executorId, incarnation);
    if (link === undefined) return;
    this.#links.delete(executorId);
    link.close();
  }

  async stopAll(reason: string): Promise<void> {
    this.#stopping = true;
    if (this.#parts.source === undefined) {
      const told = Array.from(this.#links.values(), (link) => link.client.stop({ epoch: link.identity.epoch, reason }));
      await Promise.allSettled(told);
    } else {
      await this.#parts.source.stopAll(reason);
    }
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }
}

function key(executorId: string, incarnation: string): string {
  return `${executorId}\n${incarnation}`;
}
