/** Cuts a lineage into stages at its exchanges: one map stage for each shuffle (shared in diamonds), and the result stage. */

import type { PipelineEnd } from "../codegen/emit-pipeline.js";
import type { BindingRef } from "../codegen/pipeline-draft.js";
import { operatorOf } from "../operators/define-operator.js";
import type { Sink } from "../operators/operator.js";
import type { CallSite } from "../rdd/call-site.js";
import type { RddNode } from "../rdd/node.js";
import type { Facts } from "./facts.js";
import { isExchange, parentsFirst, stageNodes } from "./lineage.js";
import type { PlannedJob, PlannedStage } from "./planned-job.js";
import { StagePlanner } from "./stage-planner.js";

export interface PlanRequest {
  readonly node: RddNode;
  readonly sink: Sink;
  /** Partitions of `node` to compute. */
  readonly partitions: readonly number[];
  readonly site: CallSite;
  readonly facts: Facts;
  /** The stage that an earlier job planned for a shuffle whose output is there or on its way. */
  readonly plannedStage: (exchange: RddNode) => PlannedStage | undefined;
  readonly nextStageId: () => number;
  readonly nextStageKey: () => number;
  /** [envelope, root] of an operator's binding, captured when the action was called. */
  readonly captured: (owner: RddNode | Sink, index: number) => readonly [number, number];
  /** Puts values found since then into an envelope of their own. */
  readonly captureLate: (values: readonly unknown[]) => readonly (readonly [number, number])[];
}

/** The exchanges that a stage ending at `root` reads. */
export function parentExchanges(root: RddNode, facts: Pick<Facts, "checkpoint">): RddNode[] {
  return stageNodes(root, (node) => facts.checkpoint(node)).filter(
    (node) => isExchange(node) && facts.checkpoint(node) === undefined,
  );
}

export function planJob(request: PlanRequest): PlannedJob {
  const order = parentsFirst(parentExchanges(request.node, request.facts), (exchange) => parentsOf(exchange, request));
  const stages = order.map((exchange) => request.plannedStage(exchange) ?? planMapStage(request, exchange));
  return { stages: [...stages, planResultStage(request)], description: request.site.toString() };
}

/** The exchanges that an exchange's stage reads. One that is planned already reads what it read then, whatever was checkpointed since. */
function parentsOf(exchange: RddNode, { facts, plannedStage }: PlanRequest): RddNode[] {
  const root = exchange.inputs[0] as RddNode;
  const planned = plannedStage(exchange);
  if (planned === undefined) return parentExchanges(root, facts);
  const uncut = parentExchanges(root, { checkpoint: () => undefined });
  return uncut.filter((parent) => planned.parentShuffleIds.includes(parent.id));
}

function planMapStage(request: PlanRequest, exchange: RddNode): PlannedStage {
  const { facts } = request;
  const root = exchange.inputs[0] as RddNode;
  const partitions = Array.from({ length: facts.numPartitions(root) }, (_, index) => index);
  return planStage(request, root, { kind: "write", node: exchange }, partitions, exchange.site, {
    shuffleId: exchange.id,
    reducePartitions: facts.numPartitions(exchange),
  });
}

function planResultStage(request: PlanRequest): PlannedStage {
  return planStage(request, request.node, { kind: "sink", sink: request.sink }, request.partitions, request.site, {});
}

function planStage(
  request: PlanRequest,
  root: RddNode,
  end: PipelineEnd,
  partitions: readonly number[],
  site: CallSite,
  shuffle: { readonly shuffleId?: number; readonly reducePartitions?: number },
): PlannedStage {
  const { facts } = request;
  const nodes = stageNodes(root, (node) => facts.checkpoint(node));
  const planner = new StagePlanner(root, end, facts, partitions);
  const { sources, pipelines, bindings, sites } = planner.takeResult();
  return Object.freeze({
    stageId: request.nextStageId(),
    name: site.toString(),
    spec: {
      stageKey: request.nextStageKey(),
      sources,
      pipelines,
      bindings: resolveBindings(request, bindings),
      shuffleId: shuffle.shuffleId,
    },
    ...shuffle,
    parentShuffleIds: nodes
      .filter((node) => isExchange(node) && facts.checkpoint(node) === undefined)
      .map((node) => node.id),
    partitions,
    barrier: nodes.some((node) => {
      const operator = operatorOf(node);
      return operator.shape === "cut" && operator.barrier === true;
    }),
    task: (partition: number) => planner.task(partition),
    rddIds: nodes.map((node) => node.id),
    functions: functionsOf(sites),
    site: (index: number) => {
      const at = sites[index] ?? site;
      return { operator: at.operator, place: at.place };
    },
  });
}

function resolveBindings(request: PlanRequest, refs: readonly BindingRef[]): readonly (readonly [number, number])[] {
  const late: unknown[] = [];
  const lateAt: number[] = [];
  const resolved = refs.map((ref, at): readonly [number, number] => {
    if (!ref.late) return request.captured(ref.owner, ref.index);
    const node = ref.owner as RddNode;
    late.push(operatorOf(node).lateBindings?.(node, request.facts)[ref.index]);
    lateAt.push(at);
    return [0, 0];
  });
  if (late.length > 0) {
    request.captureLate(late).forEach((place, index) => {
      resolved[lateAt[index] as number] = place;
    });
  }
  return resolved;
}

/** Each call site that has a function of the user's, once. */
function functionsOf(sites: readonly (CallSite | undefined)[]): PlannedStage["functions"] {
  const known = [...new Set(sites)].filter((site) => site !== undefined && site.place !== undefined);
  return known.map((site) => ({ operator: (site as CallSite).operator, place: (site as CallSite).place }));
}
