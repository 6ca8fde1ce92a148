/** Formats for people: always in the zone of the branch, never in the browser's. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs some 50 µs; a screen of calls asks for hundreds a second. */
function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language, options);
  formats.set(key, made);
  return made;
}

export function clockTime(moment: string, zone: string, language: string): string {
  return format(language, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(new Date(moment));
}

export function shortDate(moment: string, zone: string, language: string): string {
  return format(language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: zone,
  }).format(new Date(moment));
}

export function dateTime(moment: string, zone: string, language: string): string {
  return `${shortDate(moment, zone, language)}, ${clockTime(moment, zone, language)}`;
}

export function fullDate(day: string, language: string): string {
  const text = format(language, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: day.startsWith(String(new Date().getFullYear())) ? undefined : "numeric",
    timeZone: "UTC",
  }).format(new Date(`${day}T12:00:00Z`));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "23 de noviembre": a day without its name. */
export function shortDay(day: string, language: string): string {
  return format(language, {
    day: "numeric",
    month: "long",
    timeZone: "UTC",
  }).format(new Date(`${day}T12:00:00Z`));
}

/** The day (YYYY-MM-DD) it is in a zone. */
export function dayIn(zone: string, at: Date = new Date()): string {
  return format("en-CA", { timeZone: zone }).format(at);
}

/** Minutes since midnight in a zone. */
export function minutesIn(moment: string | Date, zone: string): number {
  const parts = format("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone: zone,
  }).formatToParts(new Date(moment));
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return (value("hour") % 24) * 60 + value("minute");
}

/** 75 → 1:15; 3 675 → 1:01:15. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export function money(cents: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(cents / 100);
}

const GROUPS: [RegExp, string][] = [
  [/^\+34(\d{3})(\d{2})(\d{2})(\d{2})$/, "$1 $2 $3 $4"],
  [/^\+52(55|33|81)(\d{4})(\d{4})$/, "+52 $1 $2 $3"],
  [/^\+52(\d{3})(\d{3})(\d{4})$/, "+52 $1 $2 $3"],
];

/** An E.164 number as people write it. */
export function phone(number: string): string {
  for (const [shape, written] of GROUPS) {
    if (shape.test(number)) return number.replace(shape, written);
  }
  return number;
}

const COURTESIES: Record<string, string> = { doctora: "Dra.", doctor: "Dr." };

/** "doctora Elena Ruiz" as it is written: "Dra. Elena Ruiz". */
export function courteous(name: string): string {
  const [title = "", ...rest] = name.split(" ");
  const written = COURTESIES[title] ?? title.charAt(0).toUpperCase() + title.slice(1);
  return [written, ...rest].join(" ");
}

export function professionalName(person: { title: string; given: string; family: string }): string {
  return courteous(`${person.title} ${person.given} ${person.family}`.trim());
}

/** The day after or before, by calendar. */
export function shifted(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function age(birth: string, today: string): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5) < birth.slice(5) ? years - 1 : years;
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words[1]?.[0] ?? "") : "")).toUpperCase();
}

/** The moment it is so many minutes after midnight on a day of a zone, as ISO text. */
export function momentAt(day: string, minutes: number, zone: string): string {
  const wall = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
  let at = wall;
  // Twice, because the offset may differ between the guess and the moment itself.
  for (let round = 0; round < 2; round++) {
    const local = Date.parse(`${dayIn(zone, new Date(at))}T00:00:00Z`);
    at += wall - (local + minutesIn(new Date(at), zone) * 60_000);
  }
  return new Date(at).toISOString();
}

/** Minutes since midnight as a clock shows them. */
export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** The patient's number in a call: who calls us, or whom we call. */
export function numberOf(call: { direction: string; ani: string; dnis: string }): string {
  return call.direction === "outbound" ? call.dnis : call.ani;
}
