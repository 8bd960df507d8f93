/**
 * Job groups, tags and local properties. They belong to the async context in which they were set: two requests that a server handles
 * at once do not see each other's. What counts for a job is how they stood when its action was called.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { refuse } from "@volley/engine/rdd/arguments.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { JobLabels } from "./job/job-runner.js";

interface Scope {
  readonly group: string | undefined;
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

const EMPTY: Scope = Object.freeze({ group: undefined, tags: [], properties: {} });
/** Spark's names of the properties that the scheduler reads. */
const POOL_PROPERTY = "spark.scheduler.pool";
const DEFAULT_POOL = "default";

export class JobScope {
  readonly #storage = new AsyncLocalStorage<Scope>();

  #get(): Scope {
    return this.#storage.getStore() ?? EMPTY;
  }

  #set(change: Partial<Scope>): void {
    this.#storage.enterWith(Object.freeze({ ...this.#get(), ...change }));
  }

  labels(): JobLabels {
    const { group, tags, properties } = this.#get();
    return { group, tags, pool: properties[POOL_PROPERTY] ?? DEFAULT_POOL };
  }

  setGroup(group: string | undefined): void {
    this.#set({ group });
  }

  addTag(tag: string): void {
    this.#set({ tags: [...new Set([...this.#get().tags, checkTag(tag)])] });
  }

  removeTag(tag: string): void {
    this.#set({ tags: this.#get().tags.filter((known) => known !== checkTag(tag)) });
  }

  clearTags(): void {
    this.#set({ tags: [] });
  }

  get tags(): readonly string[] {
    return this.#get().tags;
  }

  setProperty(name: string, value: string | undefined): void {
    if (typeof name !== "string" || (value !== undefined && value !== null && typeof value !== "string"))
      refuse("setLocalProperty takes the property's name and its value as text, or undefined to remove it");
    const { [name]: _, ...rest } = this.#get().properties;
    this.#set({ properties: value === undefined || value === null ? rest : { ...rest, [name]: value } });
  }

  property(name: string): string | undefined {
    return this.#get().properties[name];
  }
}

function checkTag(tag: string): string {
  if (typeof tag !== "string" || tag === "" || tag.includes(",")) {
    throw new VolleyError("INVALID_ARGUMENT", `a job tag must be text without commas, not ${JSON.stringify(tag)}`);
  }
  return tag;
}
