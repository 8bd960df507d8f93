import { expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

const rows = new LocalContext().range(0, 100, 1, 4);
const fail = (): never => {
  throw new RangeError("no order");
};

test.each([
  ["sortBy", () => rows.sortBy((x) => x, { compare: fail }).collect()],
  ["aggregate", () => rows.aggregate(0, (a) => a, fail)],
])("what a function given to %s throws on the driver is told like what it throws in a task", async (operator, call) => {
  await expect(call()).rejects.toMatchObject({
    code: "USER_FUNCTION_FAILED",
    message: expect.stringMatching(
      new RegExp(
        `^the function given to ${operator} threw RangeError: no order\n {2}on the driver, during ${operator} at `,
      ),
    ),
    cause: expect.any(RangeError),
    details: { operator, place: { line: expect.any(Number) } },
  });
});
