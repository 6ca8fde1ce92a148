const WRITTEN = /^(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})$|^(\d{2})(\d{2})(\d{4})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * A date of birth as people write it (21/6/1979, 21-06-1979, 21061979; pasted: 1979-06-21), day
 * before month as in Spain and Mexico. ISO 8601; "" for nothing; null for what is no day.
 */
export function birthOf(text: string): string | null {
  const said = text.trim();
  if (!said) return "";
  const iso = ISO.exec(said);
  const found = WRITTEN.exec(said);
  const [day, month, year] = iso
    ? [iso[3], iso[2], iso[1]]
    : found
      ? [found[1] ?? found[4], found[2] ?? found[5], found[3] ?? found[6]]
      : [];
  if (!day || !month || !year) return null;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const read = new Date(`${date}T12:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date) ? date : null;
}

/** As it is written in the field. */
export function birthWritten(date: string | null | undefined): string {
  return date ? date.split("-").reverse().join("/") : "";
}
