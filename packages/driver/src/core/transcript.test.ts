import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { replay } from "./transcript-replay.js";

const folder = fileURLToPath(new URL("./testdata/", import.meta.url));

/** `npx vitest run transcript -u` writes the answers anew: read the difference before you commit it. */
for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  it(file.replace(".txt", "").replaceAll("-", " "), async () => {
    const text = readFileSync(folder + file, "utf8");
    await expect(replay(text)).toMatchFileSnapshot(folder + file);
  });
}
