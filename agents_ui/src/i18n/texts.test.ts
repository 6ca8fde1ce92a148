import { expect, it } from "vitest";
import { en } from "./en";
import { es } from "./es";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [deep, text] of flat(value, `${prefix}${key}.`)) found.set(deep, text);
  }
  return found;
}

it("says everything in Spanish and in English, with the same blanks to fill in", () => {
  const spanish = flat(es);
  const english = flat(en);
  expect([...english.keys()].sort()).toEqual([...spanish.keys()].sort());
  for (const [key, text] of spanish) {
    const blanks = (one: string) => [...one.matchAll(/{{\w+}}/g)].map((m) => m[0]).sort();
    expect(blanks(english.get(key) ?? ""), key).toEqual(blanks(text));
    expect(text, key).not.toBe("");
  }
});
