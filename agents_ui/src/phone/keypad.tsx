import { useEffect } from "react";
import { keyTone } from "./sound";
import "./phone.css";

const LETTERS: Record<string, string> = {
  "2": "ABC",
  "3": "DEF",
  "4": "GHI",
  "5": "JKL",
  "6": "MNO",
  "7": "PQRS",
  "8": "TUV",
  "9": "WXYZ",
};

/** The twelve keys of a telephone; the computer's keyboard works too. */
export function Keypad({
  press,
  disabled,
  label,
}: {
  press: (key: string) => void;
  disabled: boolean;
  label: string;
}) {
  useEffect(() => {
    if (disabled) return;
    const typed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea"))
        return;
      if (/^[0-9*#]$/.test(event.key)) {
        keyTone(event.key);
        press(event.key);
      }
    };
    addEventListener("keydown", typed);
    return () => removeEventListener("keydown", typed);
  }, [disabled, press]);
  return (
    <fieldset className="keypad" disabled={disabled} aria-label={label}>
      {[..."123456789*0#"].map((key) => (
        <button
          key={key}
          type="button"
          onClick={() => {
            keyTone(key);
            press(key);
          }}
        >
          {key}
          <small>{LETTERS[key] ?? ""}</small>
        </button>
      ))}
    </fieldset>
  );
}
