import { decodeValue, encodeValue } from "@volley/engine/columnar/value-codec.js";
import { describe, expect, it } from "vitest";
import { ClassTable } from "./job/class-table.js";

let calls = 0;
const called = (n: number): number => {
  calls++;
  return n;
};
const Level = { Low: 1, High: 2 } as const;

class Account {
  #balance = 0;
  readonly #moves: number[] = [];
  owner: string;
  constructor(owner: string, balance = 0) {
    this.owner = owner;
    this.#balance = balance;
  }
  add(amount: number) {
    this.#balance += amount;
    this.#moves.push(amount);
    return this;
  }
  get state(): unknown[] {
    return [this.owner, this.#balance, [...this.#moves]];
  }
}
class Savings extends Account {
  #rate: number;
  readonly #level = Level.High;
  constructor({ owner, rate = 1 }: { owner: string; rate?: number }) {
    super(owner);
    this.#rate = rate;
  }
  override get state(): unknown[] {
    return [...super.state, this.#rate, this.#level, this.#times(2)];
  }
  #times(n: number) {
    return this.#rate * n;
  }
}
class Careful {
  #name: string;
  #made = new Map<string, number>([["a", 1]]);
  constructor(name: string) {
    if (typeof name !== "string") throw new TypeError("a name");
    this.#name = name.trim();
    called(1);
  }
  get state(): unknown[] {
    return [this.#name, [...this.#made]];
  }
}
class CarefulChild extends Careful {
  #more: number;
  constructor(name: string, more: number) {
    super(name);
    this.#more = called(more);
  }
  override get state(): unknown[] {
    return [...super.state, this.#more];
  }
}
class Throws {
  #x: number;
  constructor(x: number) {
    if (x !== 1) throw new RangeError("x");
    this.#x = x;
  }
  get state(): unknown[] {
    return [this.#x];
  }
}
class OnlyMethods {
  n = 1;
  #double() {
    return this.n * 2;
  }
  state() {
    return this.#double();
  }
}
class NoMethods {
  #x = 1;
  static seen(object: NoMethods) {
    return object.#x;
  }
}
class Loud {
  #id = called(7);
  get state(): unknown[] {
    return [this.#id];
  }
}
class Setter {
  #kept = 0;
  constructor(size: number) {
    this.size = size;
  }
  set size(n: number) {
    this.#kept = called(n);
  }
  get state(): unknown[] {
    return [this.#kept];
  }
}
class SameName extends Account {
  #balance = "child";
  get both() {
    return [this.#balance, this.state];
  }
}
class Linked {
  #next: Linked | undefined;
  #self = this;
  link(next: Linked) {
    this.#next = next;
    return this;
  }
  get isRing() {
    return this.#next !== undefined && this.#next.#next === this && this.#self === this;
  }
}

const classes = new ClassTable(() => undefined);
const again = <T>(value: T): T => decodeValue(encodeValue(value, classes), classes) as T;

describe("rows of classes with private members, on the driver", () => {
  it("come back as they were", () => {
    const account = new Account("ann", 5).add(2);
    const saved = new Savings({ owner: "bob", rate: 3 }).add(4);
    for (const one of [account, saved]) {
      expect(again(one).state).toEqual(one.state);
      expect(Object.getPrototypeOf(again(one))).toBe(Object.getPrototypeOf(one));
      expect(Object.keys(again(one))).toEqual(Object.keys(one));
    }
    expect(again([account, saved, account]).map((one) => one.state)).toEqual(
      [account, saved, account].map((o) => o.state),
    );
    expect(again(saved).add(1).state).toEqual([...saved.add(1).state]);
  });
  it("keep identity and cycles", () => {
    const [a, b] = [new Linked(), new Linked()];
    a.link(b);
    b.link(a);
    expect(again(a).isRing).toBe(true);
  });
  it("do not run a constructor that does more than make values", () => {
    const [careful, child, throws] = [new Careful(" x "), new CarefulChild("y", 4), new Throws(1)];
    calls = 0;
    expect(again(careful).state).toEqual(careful.state);
    expect(again([child, child, new Account("z")])[1]?.state).toEqual(child.state);
    expect(again(throws).state).toEqual([1]);
    expect(calls).toBe(0);
    const setter = new Setter(3);
    calls = 0;
    expect(again(setter).state).toEqual([3]);
    expect(calls).toBe(0);
    expect(Object.getPrototypeOf(CarefulChild)).toBe(Careful);
    expect(new CarefulChild("q", 1).state).toEqual(["q", [["a", 1]], 1]);
  });
  it("need no fields, and no methods", () => {
    expect(again(new OnlyMethods()).state()).toBe(2);
    expect(NoMethods.seen(again(new NoMethods()))).toBe(1);
  });
  it("may have a field of their parent's name", () => {
    const same = new SameName("s", 4);
    expect(again(same).both).toEqual(["child", ["s", 4, []]]);
  });
  it("are refused where a field's own initializer does more than make a value", () => {
    expect(() => again(new Loud())).toThrow(/class Loud.*making one runs `called\(7\)`.*in the constructor/);
  });
  it("are refused where no constructor has made them", () => {
    const bare: Account = Object.create(Account.prototype);
    expect(() => again(bare)).toThrow(/prototype of the class Account but without its private members/);
  });
});
