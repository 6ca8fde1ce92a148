import { flushSync } from "react-dom";

/** Marks what is wrong in a form and goes to the first of it. */
export function toFirstFault(form: HTMLElement, mark: () => void): void {
  flushSync(mark);
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
