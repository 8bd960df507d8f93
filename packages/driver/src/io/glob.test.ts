import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandBraces, isGlob, namePattern } from "./glob.js";

const matches = (pattern: string, name: string): boolean => namePattern(pattern).matches(name);

describe("namePattern", () => {
  it.each<[string, string[], string[]]>([
    ["*", ["", "a", "a.b", "日本"], []],
    ["a*", ["a", "ab", "a*"], ["", "ba"]],
    ["*.txt", [".txt", "a.txt", "a.txt.txt"], ["atxt", "a.txt.gz"]],
    ["a?c", ["abc", "a?c", "a😀c"], ["ac", "abbc"]],
    ["[abc]", ["a", "b", "c"], ["d", "ab", ""]],
    ["[a-c]x", ["ax", "bx", "cx"], ["dx", "-x"]],
    ["[!a-c]", ["d", "-", "😀"], ["a", "b", ""]],
    ["[^a]", ["b"], ["a"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["[a\\-c]", ["a", "-", "c"], ["b"]],
    ["\\*", ["*"], ["a", "\\*"]],
    ["a\\[1]", ["a[1]"], ["a1"]],
    ["a.b", ["a.b"], ["axb"]],
    ["a+b(c)$|^", ["a+b(c)$|^"], ["aab"]],
    ["}]", ["}]"], []],
    ["*a*b*", ["ab", "xaxbx", "bab"], ["ba", "a"]],
  ])("%s", (pattern, yes, no) => {
    for (const name of yes) expect([name, matches(pattern, name)]).toEqual([name, true]);
    for (const name of no) expect([name, matches(pattern, name)]).toEqual([name, false]);
    expect(yes.length).toBeGreaterThan(0);
  });

  it("refuses what is not closed or runs backwards", () => {
    for (const pattern of ["[a", "[", "a\\", "[z-a]", "[!"]) {
      expect(() => namePattern(pattern)).toThrowError(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });

  it("agrees with a matcher by definition", () => {
    const letter = fc.constantFrom("a", "b", "*", "?", "[ab]", "[!a]");
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 6 }), fc.stringMatching(/^[abc]{0,7}$/), (tokens, name) => {
        expect(matches(tokens.join(""), name)).toBe(matchesByDefinition(tokens, name));
      }),
      { seed: 8, numRuns: 3000 },
    );
  });

  it("any name escaped is a pattern of itself alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.string({ unit: "binary" }), (name, other) => {
        const pattern = namePattern(name.replace(/[\\*?[\]{}]/g, "\\$&"));
        expect(pattern.text).toBe(name);
        expect(pattern.matches(name)).toBe(true);
        expect(pattern.matches(other)).toBe(other === name);
      }),
      { seed: 8, numRuns: 500 },
    );
  });

  it("takes no exponential time", () => {
    expect(matches(`${"*a".repeat(50)}b`, "a".repeat(5000))).toBe(false);
  });
});

function matchesByDefinition(tokens: readonly string[], name: string): boolean {
  const [token, ...rest] = tokens;
  if (token === undefined) return name === "";
  if (token === "*")
    return Array.from({ length: name.length + 1 }, (_, n) => name.slice(n)).some((tail) =>
      matchesByDefinition(rest, tail),
    );
  if (name === "") return false;
  const fits =
    token === "?" ||
    (token === "[ab]" ? "ab".includes(name[0] as string) : token === "[!a]" ? name[0] !== "a" : token === name[0]);
  return fits && matchesByDefinition(rest, name.slice(1));
}

describe("expandBraces", () => {
  it.each<[string, string[]]>([
    ["a", ["a"]],
    ["{a,b}", ["a", "b"]],
    ["x{a,b}y{c,d}", ["xayc", "xayd", "xbyc", "xbyd"]],
    ["{a,{b,c}d}", ["a", "bd", "cd"]],
    ["{a,b/{c,d}}/e", ["a/e", "b/c/e", "b/d/e"]],
    ["{a,}", ["a", ""]],
    ["{a}", ["a"]],
    ["{a,a}", ["a"]],
    ["\\{a,b\\}", ["\\{a,b\\}"]],
    ["[{]a,b}", ["[{]a,b}"]],
    ["{[,],b}", ["[,]", "b"]],
    ["a}", ["a}"]],
  ])("%s", (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
  });

  it("refuses what is not closed, and what would be too many", () => {
    for (const pattern of ["{a,b", "{a,{b}", "{a,b}".repeat(20)]) {
      expect(() => expandBraces(pattern)).toThrowError(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });
});

it("knows a pattern from a path", () => {
  expect(["a*", "a?", "[a]", "{a,b}", "\\a"].map(isGlob)).toEqual([true, true, true, true, true]);
  expect(["a", "a-b_c.txt", "a,b", "/x/(1)+$"].map(isGlob)).toEqual([false, false, false, false]);
});
