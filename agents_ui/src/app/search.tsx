import { ActionIcon, Drawer, Group, Text, Tooltip } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { StoredFile } from "@/components/patient";
import { PatientForm } from "@/components/patient-form";
import { PatientPicker } from "@/components/patient-picker";
import { numberOf } from "@/format";
import { useOnTheLine } from "@/live/on-the-line";
import { useZone } from "./session";

/** Finds a patient from anywhere, or opens a new file; "/" goes there. */
export function PatientSearch() {
  const { t } = useTranslation();
  const zone = useZone();
  const input = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<number | null>(null);
  const [creating, form] = useDisclosure(false);
  const line = useOnTheLine();
  useHotkeys([["/", () => input.current?.focus()]]);
  return (
    <>
      <Group gap={6} wrap="nowrap">
        <PatientPicker
          ref={input}
          width={250}
          hidden
          label={t("patient.search")}
          hint="  (/)"
          pick={({ id }) => {
            setOpened(id);
            input.current?.blur();
          }}
        />
        <Tooltip label={t("patient.new")}>
          <ActionIcon variant="default" size={36} aria-label={t("patient.new")} onClick={form.open}>
            <IconUserPlus size={19} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {creating && (
        <PatientForm
          number={line && !line.patient ? numberOf(line.call) : ""}
          close={form.close}
          saved={(file) => setOpened(file.patient.id)}
        />
      )}
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
