import { renderHook } from "@testing-library/react";
import { beforeAll, expect, it } from "vitest";
import { Failure } from "@/api/client";
import { startTexts } from "@/i18n";
import { useFailureText } from "./states";

beforeAll(startTexts);

it.each([
  [409, "off_work", "Ya ha terminado su turno. Solo esa persona puede empezar otro."],
  [409, "newer_than_this_page", "Alguien lo ha cambiado antes. Actualice y vuelva a intentarlo."],
  [422, "newer_than_this_page", "Revise los datos e inténtelo de nuevo."],
  [403, "newer_than_this_page", "No tiene permiso para esto. Pídaselo a supervisión."],
  [500, "internal", "Algo ha fallado en el servidor. Vuelva a intentarlo."],
])("does not blame the server for a refusal: %i %s", (status, code, said) => {
  const { result } = renderHook(() => useFailureText());
  expect(result.current(new Failure(status, code, ""))).toBe(said);
});
