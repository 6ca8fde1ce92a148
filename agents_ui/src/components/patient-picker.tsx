import { Combobox, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type Ref, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { queries } from "@/app/queries";
import { phone } from "@/format";

export interface Picked {
  id: number;
  name: string;
}

/** A field that finds patients by name, number or document, mistakes allowed. */
export function PatientPicker({
  pick,
  label,
  hidden = false,
  hint = "",
  width,
  ref,
}: {
  pick: (patient: Picked) => void;
  label: string;
  /** The label is for screen readers only. */
  hidden?: boolean;
  hint?: string;
  width?: number;
  ref?: Ref<HTMLInputElement>;
}) {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const hits = useQuery(queries.patients(wanted));
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const select = combobox.selectFirstOption;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new hits are what Enter should choose
  useEffect(() => {
    select();
  }, [hits.data, select]);
  const choose = (id: string) => {
    const hit = hits.data?.find(({ patient }) => String(patient.id) === id)?.patient;
    if (!hit) return;
    pick({ id: hit.id, name: `${hit.given} ${hit.family}`.trim() });
    setText("");
    combobox.closeDropdown();
  };
  const born = (date: string) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeZone: "UTC" }).format(
      new Date(`${date}T12:00:00Z`),
    );
  return (
    <Combobox store={combobox} onOptionSubmit={choose} width={360} position="bottom-start">
      <Combobox.Target>
        <TextInput
          ref={ref}
          w={width}
          value={text}
          label={hidden ? undefined : label}
          placeholder={`${label}${hint}`}
          aria-label={label}
          leftSection={<IconSearch size={17} aria-hidden />}
          rightSection={hits.isFetching ? <Loader size={15} /> : null}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
          }}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={wanted.length < 2}>
        <Combobox.Options mah={420} style={{ overflow: "auto" }}>
          {(hits.data ?? []).map(({ patient, numbers }) => (
            <Combobox.Option value={String(patient.id)} key={patient.id}>
              <Text size="sm" fw={600}>
                {patient.given} {patient.family}
              </Text>
              <Text size="xs" c="inherit" className="num">
                {[patient.birth_date && born(patient.birth_date), ...numbers.map(phone)]
                  .filter(Boolean)
                  .join(" · ")}
              </Text>
            </Combobox.Option>
          ))}
          {hits.isError && <Combobox.Empty>{t("error.title")}</Combobox.Empty>}
          {hits.data?.length === 0 && <Combobox.Empty>{t("patient.noHits")}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
