import { Combobox, Drawer, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { StoredFile } from "@/components/patient";
import { phone } from "@/format";
import { queries } from "./queries";
import { useZone } from "./session";

/** Finds a patient by name, number or document from anywhere; "/" goes there. */
export function PatientSearch() {
  const { t, i18n } = useTranslation();
  const zone = useZone();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 200);
  const [opened, setOpened] = useState<number | null>(null);
  const hits = useQuery(queries.patients(wanted));
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useHotkeys([["/", () => input.current?.focus()]]);
  const select = combobox.selectFirstOption;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new hits are what Enter should choose
  useEffect(() => {
    select();
  }, [hits.data, select]);
  const choose = (id: string) => {
    setOpened(Number(id));
    setText("");
    combobox.closeDropdown();
    input.current?.blur();
  };
  const born = (date: string) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeZone: "UTC" }).format(
      new Date(`${date}T12:00:00Z`),
    );
  return (
    <>
      <Combobox store={combobox} onOptionSubmit={choose} width={360} position="bottom-start">
        <Combobox.Target>
          <TextInput
            ref={input}
            w={300}
            value={text}
            placeholder={`${t("patient.search")}  (/)`}
            aria-label={t("patient.search")}
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
                <Text size="xs" c="dimmed" className="num">
                  {[patient.birth_date && born(patient.birth_date), ...numbers.map(phone)]
                    .filter(Boolean)
                    .join(" · ")}
                </Text>
              </Combobox.Option>
            ))}
            {hits.data?.length === 0 && <Combobox.Empty>{t("patient.noHits")}</Combobox.Empty>}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size={400}
        padding={0}
        title={
          <Text fw={650} px="md">
            {t("calls.file")}
          </Text>
        }
        closeButtonProps={{ "aria-label": t("patient.close"), mr: "md" }}
        styles={{
          body: { height: "calc(100% - 60px)", display: "flex", flexDirection: "column" },
        }}
      >
        {opened !== null && <StoredFile id={opened} zone={zone} />}
      </Drawer>
    </>
  );
}
