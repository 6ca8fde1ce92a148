import i18next from "i18next";
import { afterEach, expect, it, vi } from "vitest";
import { choose, languageFor, startTexts } from ".";
import { en } from "./en";
import { es } from "./es";
import { esMx } from "./es-mx";

type Tree = { [key: string]: string | Tree };

afterEach(() => {
  localStorage.clear();
  vi.restoreAllMocks();
});

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [deep, text] of flat(value, `${prefix}${key}.`)) found.set(deep, text);
  }
  return found;
}

const blanks = (one: string) => [...one.matchAll(/{{\w+}}/g)].map((m) => m[0]).sort();

it("says everything in Spanish and in English, with the same blanks to fill in", () => {
  const spanish = flat(es);
  const english = flat(en);
  expect([...english.keys()].sort()).toEqual([...spanish.keys()].sort());
  for (const [key, text] of spanish) {
    expect(blanks(english.get(key) ?? ""), key).toEqual(blanks(text));
    expect(text, key).not.toBe("");
  }
});

it("keeps of Mexico's Spanish what differs from Spain's, with the same blanks to fill in", () => {
  const spanish = flat(es);
  for (const [key, text] of flat(esMx as Tree)) {
    const other = spanish.get(key) ?? "";
    expect(spanish.has(key), key).toBe(true);
    expect(text, key).not.toBe(other);
    expect(blanks(text), key).toEqual(blanks(other));
  }
});

it("leaves no word of Spain in Mexico's Spanish", () => {
  const foreign =
    /ficha|hueco|centralita|ordenador|móvil|anula|descolgar|descuelgue|pulse|pulsa|prefijo|\bsedes?\b|mutua|festivos?:|comunicaba|mayús|\bsitio\b|\bha (contestado|entendido|podido)\b/i;
  const mexican = new Map([...flat(es), ...flat(esMx as Tree)]);
  const left = [...mexican].filter(([, text]) => foreign.test(text.replace("Día festivo:", "")));
  expect(left).toEqual([]);
});

it("reads in Mexico what Mexico says, and Spain's where nothing differs", async () => {
  await startTexts();
  await choose("es-MX");
  expect(i18next.t("patient.edit")).toBe("Editar expediente");
  expect(i18next.t("app.save")).toBe("Guardar");
  expect(document.documentElement.lang).toBe("es-MX");
});

it("starts in the language of the browser, unless one was chosen before", async () => {
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["fr-FR", "es-AR", "en"]);
  await startTexts();
  expect(i18next.language).toBe("es-MX");
  await choose("es");
  await startTexts();
  expect(i18next.language).toBe("es");
});

it.each([
  [["es-ES"], "es"],
  [["es"], "es"],
  [["es-MX"], "es-MX"],
  [["es-419"], "es-MX"],
  [["en-GB", "es"], "en"],
  [["fr", "de"], "es"],
  [[], "es"],
] as const)("has for who wants %j its %s", (wanted, found) => {
  expect(languageFor(wanted)).toBe(found);
});
