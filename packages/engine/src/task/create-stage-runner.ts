/** Compiles a stage's pipelines once and runs its tasks: the heart of every host. */

import { knownValueOf } from "../closure/known-classes.js";
import { type Envelope, openEnvelope } from "../closure/revive.js";
import type { ReviveHost } from "../closure/types.js";
import { assert } from "../lib/assert.js";
import { Prng } from "../lib/prng.js";
import { openShared } from "./shared-inputs.js";
import type { CodeHost, StageRunner, TaskOutcome } from "./stage-runner.js";
import { TaskClasses } from "./task-classes.js";
import { TaskHandles } from "./task-handles.js";
import type { MapOutput, TaskIo } from "./task-io.js";
import { type OpenPipeline, type RunningPipeline, TaskRuntime } from "./task-runtime.js";
import type { PipelineSpec, StageSpec, TaskInput, TaskSpec } from "./task-spec.js";

type Compiled = (t: TaskRuntime, bindings: readonly unknown[], pipeline: RunningPipeline) => unknown;

/** Compiled sources by text, so that a stage of the next round of a loop compiles nothing. Bounded: texts of ended stages are the oldest. */
const COMPILED_MAX = 2000;

export class ProgramCache {
  readonly #compiled = new Map<string, Compiled>();

  get(source: string, host: CodeHost): Compiled {
    let compiled = this.#compiled.get(source);
    if (compiled === undefined) {
      compiled = host.compile(source, "volley:stage", 0, 0) as Compiled;
      if (this.#compiled.size >= COMPILED_MAX) this.#compiled.delete(this.#compiled.keys().next().value as string);
      this.#compiled.set(source, compiled);
    }
    return compiled;
  }
}

/** `envelope(id)` gives an envelope's bytes. One `programs` serves all stages of a slot. */
export function createStageRunner(
  spec: StageSpec,
  envelope: (envelopeId: number) => Uint8Array,
  host: CodeHost,
  programs: ProgramCache = new ProgramCache(),
): StageRunner {
  const sources = new Map<number, Compiled>();
  const compiledOf = (pipeline: PipelineSpec): Compiled => {
    let compiled = sources.get(pipeline.source);
    if (compiled === undefined) {
      compiled = programs.get(spec.sources[pipeline.source] as string, host);
      sources.set(pipeline.source, compiled);
    }
    return compiled;
  };
  const envelopes = new Map<number, Envelope>();
  const envelopeOf = (id: number): Envelope => {
    let opened = envelopes.get(id);
    if (opened === undefined) {
      opened = openEnvelope(envelope(id));
      envelopes.set(id, opened);
    }
    return opened;
  };
  return { run: (task, io) => runTask(spec, task, io, host, compiledOf, envelopeOf) };
}

function runTask(
  spec: StageSpec,
  task: TaskSpec,
  io: TaskIo,
  host: CodeHost,
  compiledOf: (pipeline: PipelineSpec) => Compiled,
  envelopeOf: (id: number) => Envelope,
): TaskOutcome | Promise<TaskOutcome> {
  const handles = new TaskHandles(io);
  const reviveHost: ReviveHost = {
    known: knownValueOf,
    handle: (type, data) => handles.revive(type, data, reviveHost),
    requireFrom: (file) => host.requireFrom(file),
    importFrom: (file) => host.importFrom(file),
    resolveFrom: (file) => host.resolveFrom(file),
    compile: (text, file, line, column) => host.compile(text, file, line, column),
    registerClass: (classId, constructor) => classes.register(classId, constructor),
  };
  const classes = new TaskClasses((classId) => {
    openEnvelope(io.readBlock({ kind: "class", classId })).revive([0], reviveHost);
  });
  const used = pipelinesOf(task);
  const bindings = reviveBindings(spec, used, envelopeOf, reviveHost);
  const start = (pipeline: number, inputs: readonly TaskInput[]): unknown => {
    const program = spec.pipelines[pipeline];
    assert(program !== undefined, `pipeline ${pipeline} is in the stage`);
    const own = program.bindings.map((index) => bindings.get(index));
    return compiledOf(program)(runtime, own, { inputs, firstSite: program.firstSite });
  };
  const entry = (index: number) => runtime.entry(index);
  const runtime = new TaskRuntime(
    io,
    classes,
    task.inputs,
    openShared(
      task.inputs,
      task.roots,
      (input) => start(input.pipeline, input.inputs.map(entry)) as ReturnType<OpenPipeline>,
    ),
  );
  const restore = seedRandom(task.seed);
  const finish = (result: unknown): TaskOutcome => ({ ...outcomeOf(result), accumulators: handles.updates(classes) });
  let pending: Promise<TaskOutcome> | undefined;
  try {
    const result = start(task.pipeline, task.roots.map(entry));
    if (!(result instanceof Promise)) return finish(result);
    pending = result.then(finish).finally(restore);
    return pending;
  } finally {
    if (pending === undefined) restore();
  }
}

function outcomeOf(result: unknown): TaskOutcome {
  if (result instanceof Uint8Array) return { result };
  return { mapOutput: result as MapOutput };
}

/** Numbers of all pipelines that a task runs. */
function pipelinesOf(task: TaskSpec): ReadonlySet<number> {
  const used = new Set([task.pipeline]);
  for (const input of task.inputs) if (input.kind === "pipeline") used.add(input.pipeline);
  return used;
}

/** The bindings of these pipelines, fresh for this task; what two of them share stays shared. */
function reviveBindings(
  spec: StageSpec,
  used: ReadonlySet<number>,
  envelopeOf: (id: number) => Envelope,
  host: ReviveHost,
): ReadonlyMap<number, unknown> {
  const wanted = new Map<number, { index: number; root: number }[]>();
  const seen = new Set<number>();
  for (const pipeline of used) {
    for (const index of (spec.pipelines[pipeline] as PipelineSpec).bindings) {
      if (seen.has(index)) continue;
      seen.add(index);
      const [envelopeId, root] = spec.bindings[index] as readonly [number, number];
      const list = wanted.get(envelopeId);
      if (list === undefined) wanted.set(envelopeId, [{ index, root }]);
      else list.push({ index, root });
    }
  }
  const bindings = new Map<number, unknown>();
  for (const [envelopeId, list] of wanted) {
    const values = envelopeOf(envelopeId).revive(
      list.map(({ root }) => root),
      host,
    );
    for (const [at, { index }] of list.entries()) bindings.set(index, values[at]);
  }
  return bindings;
}

/** In a task, Math.random gives the same numbers in every attempt (D6). Returns what puts the host's own back. */
function seedRandom(seed: number): () => void {
  const own = Math.random;
  const random = new Prng(seed);
  Math.random = () => random.nextDouble();
  return () => {
    Math.random = own;
  };
}
