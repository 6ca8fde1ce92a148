import { DatePickerInput, type DatePickerInputProps } from "@mantine/dates";
import { useState } from "react";
import { useTranslation } from "react-i18next";

type Props = Omit<
  DatePickerInputProps<"range">,
  "type" | "value" | "defaultValue" | "onChange" | "allowSingleDateInRange"
> & {
  from: string | undefined;
  to: string | undefined;
  /** Told of whole ranges only, and of none at all. */
  change: (from: string | undefined, to: string | undefined) => void;
};

/** The days from one to another, chosen by two clicks; what is shown stays until the second. */
export function DayRange({ from, to, change, ...input }: Props) {
  const { t } = useTranslation();
  const [begun, setBegun] = useState<string | null>(null);
  const asked = `${t("log.from")} – ${t("log.to")}`;
  return (
    <DatePickerInput
      type="range"
      allowSingleDateInRange
      placeholder={asked}
      aria-label={from ? undefined : asked}
      value={begun ? [begun, null] : [from ?? null, to ?? null]}
      onChange={([first, last]) => {
        setBegun(last ? null : first);
        if (first && last) change(first, last);
        else if (!first && !begun) change(undefined, undefined);
      }}
      {...input}
    />
  );
}
