import { describe, expect, it } from "vitest";
import { rememberCaptured, rememberReaderParams } from "../closure/captured-values.js";
import { analyzeFunction } from "../closure/facts.js";
import { needsMet } from "../task/needs-met.js";
import { readerParams } from "./reader-params.js";

const paramsOf = (f: Function) => readerParams(analyzeFunction(Function.prototype.toString.call(f)));
const kept: unknown[] = [];

function distance(a: number[], b: number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

function closest(x: number[], centers: number[][]): number {
  return centers.reduce(
    (best, _, i) => (distance(x, centers[i] as number[]) < distance(x, centers[best] as number[]) ? i : best),
    0,
  );
}

describe("readerParams", () => {
  it("tells which parameters are only read", () => {
    expect(JSON.parse(paramsOf(distance))).toEqual([[], []]);
    expect(paramsOf((x: number[]) => kept.push(x))).toBe("");
    expect(JSON.parse(paramsOf((x: number[], y: number[]) => [x[0], y]))).toEqual([[], null]);
    expect(paramsOf((...x: number[]) => x[0])).toBe("");
    expect(paramsOf(Math.max)).toBe("");
  });

  it("is followed through the functions that a function calls", () => {
    const dot = (x: number[]) => distance(x, x);
    const keep = (x: number[]) => kept.push(x);
    const user = (x: number[]) => dot(x) + keep(x);
    for (const f of [distance, dot, keep]) rememberReaderParams(f, paramsOf(f));
    rememberCaptured(dot, ["distance"], [distance]);
    rememberCaptured(user, ["dot", "keep"], [dot, keep]);
    expect(needsMet(user, [["reader", "dot", 0]])).toBe(true);
    expect(needsMet(user, [["reader", "dot", 1]])).toBe(false);
    expect(needsMet(user, [["reader", "keep", 0]])).toBe(false);
  });

  it("leaves what an unknown vector's callback captures to who knows it", () => {
    expect(JSON.parse(paramsOf(closest))[0]).toBe(null);
  });

  it("ends where functions call each other", () => {
    const [f, g] = [(x: number[]): number => g(x), (x: number[]): number => f(x)];
    for (const each of [f, g]) rememberReaderParams(each, paramsOf(each));
    rememberCaptured(f, ["g"], [g]);
    rememberCaptured(g, ["f"], [f]);
    expect(needsMet(f, [["reader", "g", 0]])).toBe(false);
  });
});
