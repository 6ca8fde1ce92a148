import { renderHook } from "@testing-library/react";
import { beforeAll, expect, it } from "vitest";
import { startTexts } from "@/i18n";
import { useCodes } from "./texts";

beforeAll(startTexts);

it.each([
  [{ reason: "", outcome: null }, "Sin motivo aún"],
  [{ reason: "", outcome: "abandoned" }, "Sin motivo"],
  [{ reason: "price", outcome: "completed" }, "Precios"],
])("awaits no reason of a call that has ended: %j", (call, said) => {
  expect(renderHook(useCodes).result.current.reasonOf(call)).toBe(said);
});
