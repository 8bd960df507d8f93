/**
 * One stage: which pipelines its tasks run, and the inputs of each task.
 *
 * A task's rows come through a chain of nodes; the chain is the same for most partitions, but a union leads different partitions to
 * different parents. So a pipeline is found by walking up from its last node, and its text is kept by the way that the walk took.
 *
 * When changing this: nothing may recurse over nodes, and a walk must not cost more than the pipeline is long.
 */

import { emitPipeline, type PipelineEnd, type PipelineHead } from "../codegen/emit-pipeline.js";
import type { BindingRef, InputRef } from "../codegen/pipeline-draft.js";
import { assert } from "../lib/assert.js";
import { operatorOf } from "../operators/define-operator.js";
import type { AliasOperator, CutOperator, Sink } from "../operators/operator.js";
import type { CallSite } from "../rdd/call-site.js";
import type { RddNode } from "../rdd/node.js";
import { type BlockId, blockName } from "../task/block-id.js";
import { StorageLevel } from "../task/storage-level.js";
import type { PipelineSpec, TaskInput } from "../task/task-spec.js";
import type { Facts } from "./facts.js";
import { freezeFacts } from "./frozen-facts.js";
import { stageNodes } from "./lineage.js";
import type { PlannedTask } from "./planned-job.js";
import { UnionLeaves } from "./union-leaves.js";

/** Operators in one function: V8 does not optimize functions of more than 60 KB of bytecode, and its compiler inlines less the longer they are. */
const PIPELINE_OPERATORS_MAX = 48;

/** Where a pipeline begins, seen from its last node: the walk's result. */
interface Walk {
  readonly head: PipelineHead;
  readonly chain: readonly RddNode[];
  readonly key: string;
  /** Partition of each node of the walk. */
  readonly partitions: ReadonlyMap<RddNode, number>;
}

/** A pipeline to be run for one partition of its last node. */
interface Want {
  readonly node: RddNode;
  readonly partition: number;
  /**
   * "root": the stage's own end; "rows": a source of rows for another pipeline; "fill": a block for the node's own cache, which is not asked; a
   * node: a source of pairs, for this node.
   */
  readonly end: "root" | "rows" | "fill" | RddNode;
}

export interface StagePipelines {
  readonly sources: readonly string[];
  readonly pipelines: readonly PipelineSpec[];
  readonly bindings: readonly BindingRef[];
  /** Call site of each user function; undefined: the action's. */
  readonly sites: readonly (CallSite | undefined)[];
}

export class StagePlanner {
  readonly #facts: Facts;
  /** What is so now; all but the way that rows take is asked of it. */
  readonly #present: Facts;
  readonly #root: RddNode;
  /** Undefined once all is planned: a map stage must not hold on to its exchange, whose end frees the shuffle. */
  #end: PipelineEnd | undefined;
  readonly #async: ReadonlySet<RddNode>;
  readonly #sources: string[] = [];
  readonly #sourceIndex = new Map<string, number>();
  readonly #pipelines: PipelineSpec[] = [];
  readonly #inputRefs: (readonly InputRef[])[] = [];
  readonly #pipelineIndex = new Map<string, number>();
  readonly #sites: (CallSite | undefined)[] = [];
  readonly #unionLeaves = new Map<RddNode, UnionLeaves>();
  #bindings: BindingRef[] = [];
  #bindingIndex = new Map<RddNode | Sink, Map<string, number>>();

  constructor(root: RddNode, end: PipelineEnd, facts: Facts, partitions: readonly number[]) {
    this.#root = root;
    this.#end = end;
    const nodes = stageNodes(root, (node) => facts.checkpoint(node));
    this.#facts = freezeFacts(facts, nodes);
    this.#present = facts;
    this.#async = asyncNodes(nodes);
    const uniform = nodes.every((node) => operatorOf(node).shape !== "alias");
    for (const partition of uniform ? partitions.slice(0, 1) : partitions) this.task(partition);
    this.#end = undefined;
  }

  /** What an executor needs to be sent. To be asked for once, after the planner is made. */
  takeResult(): StagePipelines {
    const bindings = this.#bindings;
    this.#bindings = [];
    this.#bindingIndex = new Map();
    return { sources: this.#sources, pipelines: this.#pipelines, bindings, sites: this.#sites };
  }

  /** The pipeline and inputs of one task. */
  task(partition: number): PlannedTask {
    const table: TaskInput[] = [];
    const entries = new Map<string, number>();
    const cachedBlocks: string[] = [];
    const queue: { want: Want; at: number }[] = [];
    const enter = (want: Want): number => {
      const key = `${want.node.id}:${want.partition}:${endKey(want.end)}`;
      const known = entries.get(key);
      if (known !== undefined) return known;
      const at = table.push({ kind: "list", items: [] }) - 1;
      entries.set(key, at);
      queue.push({ want, at });
      return at;
    };
    const cached = (block: BlockId) => cachedBlocks.push(blockName(block));
    const root = this.#place({ node: this.#root, partition, end: "root" }, table, enter, cached);
    for (let next = 0; next < queue.length; next++) {
      const { want, at } = queue[next] as { want: Want; at: number };
      const { pipeline, inputs } = this.#place(want, table, enter, cached);
      table[at] = { kind: "pipeline", pipeline, partition: want.partition, inputs };
    }
    return { pipeline: root.pipeline, roots: root.inputs, inputs: table, cachedBlocks, hosts: [] };
  }

  #place(want: Want, table: TaskInput[], enter: (want: Want) => number, cached: (block: BlockId) => void) {
    const walk = this.#walk(want);
    const pipeline = this.#pipeline(walk, want);
    const inputs = (this.#inputRefs[pipeline] as readonly InputRef[]).map(({ node, what }) => {
      const partition = walk.partitions.get(node);
      assert(partition !== undefined, "an input is of a node of the walk");
      return this.#input(node, what, partition, walk.head, table, enter, cached);
    });
    return { pipeline, inputs };
  }

  #walk({ node: last, partition: wanted, end }: Want): Walk {
    const facts = this.#facts;
    const chain: RddNode[] = [];
    const partitions = new Map<RddNode, number>();
    let way = `${endKey(end)}|${last.id}`;
    let node = last;
    let partition = wanted;
    let aliased = false;
    const finish = (kind: PipelineHead["kind"]): Walk => {
      partitions.set(node, partition);
      return { head: { kind, node }, chain: chain.reverse(), key: `${way}|${kind}|${node.id}`, partitions };
    };
    for (;;) {
      const isLast = node === last;
      if (facts.storageLevel(node) !== StorageLevel.NONE && !(isLast && end === "fill")) return finish("cached");
      const stand = facts.checkpoint(node);
      if (stand !== undefined) {
        node = stand;
        way += "|c";
        continue;
      }
      const operator = operatorOf(node);
      if (operator.shape === "row") {
        if (chain.length >= PIPELINE_OPERATORS_MAX) return finish("continued");
        chain.push(node);
        partitions.set(node, partition);
        // Behind an alias the last node does not tell the way any more.
        if (aliased) way += `|${node.id}`;
        node = node.inputs[0] as RddNode;
      } else if (operator.shape === "alias") {
        ({ node, partition } = this.#behindAlias(operator, node, partition));
        aliased = true;
      } else return finish("operator");
    }
  }

  /** The partition that a partition of an alias is. */
  #behindAlias(operator: AliasOperator<unknown>, node: RddNode, partition: number) {
    if (operator.parent !== undefined) {
      const parent = operator.parent(node, partition, this.#facts);
      return { node: node.inputs[parent.input] as RddNode, partition: parent.partition };
    }
    let leaves = this.#unionLeaves.get(node);
    if (leaves === undefined) {
      leaves = new UnionLeaves(node, this.#facts);
      this.#unionLeaves.set(node, leaves);
    }
    return leaves.of(partition);
  }

  #pipeline(walk: Walk, want: Want): number {
    const known = this.#pipelineIndex.get(walk.key);
    if (known !== undefined) return known;
    assert(this.#end !== undefined, "every pipeline is known once the stage is planned");
    const { end: kind } = want;
    const end = kind === "root" ? this.#end : endOf(kind, want.node);
    const text = emitPipeline(walk.head, walk.chain, end, this.#async.has(want.node));
    const index = this.#pipelines.length;
    this.#pipelines.push({
      source: this.#source(text.source),
      bindings: text.draft.bindings.map((ref) => this.#binding(ref)),
      firstSite: this.#sites.length,
    });
    for (const { owner } of text.draft.sites) this.#sites.push("site" in owner ? owner.site : undefined);
    this.#inputRefs.push(text.draft.inputs);
    this.#pipelineIndex.set(walk.key, index);
    return index;
  }

  #source(source: string): number {
    let index = this.#sourceIndex.get(source);
    if (index === undefined) {
      index = this.#sources.push(source) - 1;
      this.#sourceIndex.set(source, index);
    }
    return index;
  }

  #binding(ref: BindingRef): number {
    let ofOwner = this.#bindingIndex.get(ref.owner);
    if (ofOwner === undefined) {
      ofOwner = new Map();
      this.#bindingIndex.set(ref.owner, ofOwner);
    }
    const key = `${ref.late}:${ref.index}`;
    let index = ofOwner.get(key);
    if (index === undefined) {
      index = this.#bindings.push(ref) - 1;
      ofOwner.set(key, index);
    }
    return index;
  }

  #input(
    node: RddNode,
    what: InputRef["what"],
    partition: number,
    head: PipelineHead,
    table: TaskInput[],
    enter: (want: Want) => number,
    cached: (block: BlockId) => void,
  ): number {
    const add = (input: TaskInput) => table.push(input) - 1;
    const rows = (of: RddNode, at: number, end: Want["end"] = "rows") => enter({ node: of, partition: at, end });
    switch (what.kind) {
      case "partition":
        return add({ kind: "partition", partition });
      case "cached": {
        const block: BlockId = { kind: "rdd", rddId: node.id, partition };
        cached(block);
        return add({
          kind: "cached",
          block,
          // Unpersisted since: tasks that start from now on keep nothing.
          level: this.#present.storageLevel(node).name,
          compute: rows(node, partition, "fill"),
        });
      }
      case "port": {
        if (head.kind === "continued") return rows(node, partition);
        const parents = portsOf(node, partition, this.#facts)[what.port];
        assert(parents !== undefined, `port ${what.port} of ${node.kind}`);
        const end = what.pairs === true ? node : "rows";
        const items = parents.map(({ input, partition: at }) => rows(node.inputs[input] as RddNode, at, end));
        return items.length === 1 ? (items[0] as number) : add({ kind: "list", items });
      }
      case "input": {
        const operator = operatorOf(node);
        if (operator.shape === "exchange") return add({ kind: "shuffle", shuffleId: node.id, partition });
        assert(operator.shape === "source", `${node.kind} has no input of its own`);
        return add(operator.input(node, partition, this.#facts));
      }
    }
  }
}

function endOf(wanted: "rows" | "fill" | RddNode, node: RddNode): PipelineEnd {
  if (wanted === "rows") return { kind: "rows" };
  return wanted === "fill" ? { kind: "fill", node } : { kind: "pairs", consumer: wanted };
}

function endKey(end: Want["end"]): string {
  return typeof end === "string" ? end : `pairs for ${end.id}`;
}

function portsOf(node: RddNode, partition: number, facts: Facts) {
  const operator = operatorOf(node) as CutOperator<unknown>;
  return operator.ports?.(node, partition, facts) ?? [[{ input: 0, partition }]];
}

/** Nodes whose rows come asynchronously: an async operator stands at or above them in the stage. */
function asyncNodes(parentsFirst: readonly RddNode[]): ReadonlySet<RddNode> {
  const found = new Set<RddNode>();
  for (const node of parentsFirst) {
    const operator = operatorOf(node);
    if (operator.shape === "exchange") continue;
    if ((operator.shape === "cut" && operator.async === true) || node.inputs.some((input) => found.has(input)))
      found.add(node);
  }
  return found;
}
