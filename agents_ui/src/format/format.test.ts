import { describe, expect, it } from "vitest";
import { age, clockTime, courteous, dayIn, duration, minutesIn, phone, shifted } from ".";

describe("what an agent reads", () => {
  it("shows an appointment at the branch's hour, wherever the browser is", () => {
    const moment = "2026-11-24T17:30:00Z";
    expect(clockTime(moment, "Europe/Madrid", "es-ES")).toBe("18:30");
    expect(clockTime(moment, "America/Mexico_City", "es-MX")).toBe("11:30");
    expect(clockTime("2026-11-24T06:05:00Z", "America/Mexico_City", "es-MX")).toBe("00:05");
    expect(minutesIn(moment, "America/Mexico_City")).toBe(11 * 60 + 30);
  });

  it("changes day at the branch's midnight", () => {
    const late = new Date("2026-11-24T23:30:00Z");
    expect(dayIn("Europe/Madrid", late)).toBe("2026-11-25");
    expect(dayIn("America/Mexico_City", late)).toBe("2026-11-24");
  });

  it("writes Spanish and Mexican numbers in the groups people use", () => {
    expect(phone("+34612345678")).toBe("612 34 56 78");
    expect(phone("+525512345678")).toBe("+52 55 1234 5678");
    expect(phone("+4930123456")).toBe("+4930123456");
  });

  it("writes professionals as their plates do", () => {
    expect(courteous("doctora Elena Ruiz")).toBe("Dra. Elena Ruiz");
    expect(courteous("higienista Lucía Navarro")).toBe("Higienista Lucía Navarro");
  });

  it("counts call time, days and ages", () => {
    expect(duration(75)).toBe("1:15");
    expect(duration(3675)).toBe("1:01:15");
    expect(shifted("2026-12-31", 1)).toBe("2027-01-01");
    expect(age("1990-11-25", "2026-11-24")).toBe(35);
    expect(age("1990-11-24", "2026-11-24")).toBe(36);
  });
});
