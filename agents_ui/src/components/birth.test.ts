import { expect, it } from "vitest";
import { birthOf, birthWritten } from "@/components/birth";

it.each([
  ["21/06/1979", "1979-06-21"],
  ["1/6/1979", "1979-06-01"],
  ["21-06-1979", "1979-06-21"],
  ["21.6.1979 ", "1979-06-21"],
  ["21 06 1979", "1979-06-21"],
  ["21061979", "1979-06-21"],
  ["1979-06-21", "1979-06-21"],
  ["29/02/2000", "2000-02-29"],
  ["", ""],
  ["29/02/2001", null],
  ["06/21/1979", null],
  ["21/06/79", null],
  ["21 de junio", null],
  ["00/01/1980", null],
])("reads the date of birth %s", (written, date) => {
  expect(birthOf(written)).toBe(date);
});

it("writes what it reads", () => {
  expect(birthWritten("1979-06-21")).toBe("21/06/1979");
  expect(birthOf(birthWritten("1979-06-21"))).toBe("1979-06-21");
  expect(birthWritten(null)).toBe("");
});
