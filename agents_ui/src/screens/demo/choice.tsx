import { Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Demo } from "@/api/types";
import { phone } from "@/format";

export interface Choice {
  who: string;
  other: string;
  choose: (who: string) => void;
  write: (number: string) => void;
}

export function useChoice(): Choice {
  const [who, choose] = useState("patient-0");
  const [other, write] = useState("");
  return { who, other, choose, write: (number) => write(number.replace(/[^\d+]/g, "")) };
}

/** The number to call from; empty: withheld; null: not a number yet. */
export function numberOf(choice: Pick<Choice, "who" | "other">, demo: Demo): string | null {
  if (choice.who === "unknown") return demo.unknown_number;
  if (choice.who === "anonymous") return "";
  if (choice.who === "other") return /^\+[1-9]\d{6,14}$/.test(choice.other) ? choice.other : null;
  return demo.patients[Number(choice.who.slice("patient-".length))]?.number ?? demo.unknown_number;
}

function Option({
  choice,
  who,
  title,
  text,
}: {
  choice: Choice;
  who: string;
  title: string;
  text?: string;
}) {
  return (
    <label className="choice">
      <input
        type="radio"
        name="call-as"
        checked={choice.who === who}
        onChange={() => choice.choose(who)}
      />
      <span className="choice-text">
        <Text span fw={600} size="sm" display="block">
          {title}
        </Text>
        {text && (
          <Text span size="xs" c="dimmed" className="num" display="block">
            {text}
          </Text>
        )}
      </span>
    </label>
  );
}

/** Who to call as: patients of the demo clinic, or somebody it does not know. */
export function CallAs({ demo, choice }: { demo: Demo; choice: Choice }) {
  const { t, i18n } = useTranslation();
  const born = (date: string) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeZone: "UTC" }).format(
      new Date(`${date}T12:00:00Z`),
    );
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <legend style={{ fontWeight: 650 }}>{t("demo.who")}</legend>
      <Text size="sm" c="dimmed">
        {t("demo.whoHint")}
      </Text>
      {demo.patients.map((patient, at) => (
        <Option
          key={`${patient.number}${patient.name}`}
          choice={choice}
          who={`patient-${at}`}
          title={
            patient.family > 1
              ? `${patient.name} (${t("demo.family", { count: patient.family })})`
              : patient.name
          }
          text={`${phone(patient.number)}${patient.birth_date ? ` · ${t("demo.birth", { date: born(patient.birth_date) })}` : ""}`}
        />
      ))}
      <Option
        choice={choice}
        who="unknown"
        title={t("demo.unknown")}
        text={phone(demo.unknown_number)}
      />
      <Option choice={choice} who="anonymous" title={t("demo.anonymous")} />
      <Option choice={choice} who="other" title={t("demo.other")} />
    </fieldset>
  );
}
