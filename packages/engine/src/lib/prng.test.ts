import { describe, expect, it } from "vitest";
import { mixSeed, Prng } from "./prng.js";

function moments(draw: () => number, count: number): { mean: number; variance: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return { mean, variance: squares / count - mean * mean };
}

describe("Prng", () => {
  it("gives the same sequence for the same seed, for ever", () => {
    const a = new Prng(42);
    expect([
      a.nextUint32(),
      a.nextUint32(),
      a.nextDouble(),
      a.nextInt(100),
      a.nextGaussian(),
      a.nextPoisson(3),
    ]).toMatchInlineSnapshot(`
      [
        1758068922,
        1642190638,
        0.6439204991485119,
        92,
        -0.43704469497269915,
        1,
      ]
    `);
    expect(new Prng(1).nextUint32()).not.toBe(new Prng(2).nextUint32());
    expect(mixSeed(1, 2)).not.toBe(mixSeed(2, 1));
    expect(mixSeed(2 ** 40)).not.toBe(mixSeed(0));
    expect(mixSeed(0.25)).not.toBe(mixSeed(0));
  });

  it("has the moments of its distributions", () => {
    const prng = new Prng(7);
    const uniform = moments(() => prng.nextDouble(), 100_000);
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.variance).toBeCloseTo(1 / 12, 2);
    const gaussian = moments(() => prng.nextGaussian(), 100_000);
    expect(Math.abs(gaussian.mean)).toBeLessThan(0.02);
    expect(Math.abs(gaussian.variance - 1)).toBeLessThan(0.03);
    for (const mean of [0, 0.3, 4, 75]) {
      const poisson = moments(() => prng.nextPoisson(mean), 20_000);
      expect(Math.abs(poisson.mean - mean)).toBeLessThanOrEqual(mean * 0.05);
      expect(Math.abs(poisson.variance - mean)).toBeLessThanOrEqual(mean * 0.08);
    }
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[prng.nextInt(10)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(880);
    expect(prng.nextInt(2 ** 53)).toBeLessThan(2 ** 53);
  });
});
