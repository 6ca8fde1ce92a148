import { Kbd, Modal, Table, Text } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/**
 * Function keys: they write nothing, so that no shortcut is pressed by typing (WCAG 2.1.4).
 * Hanging up needs two.
 */
export const SHORTCUTS = [
  ["help", "F1", false],
  ["answer", "F2", false],
  ["mute", "F4", false],
  ["reach", "F6", false],
  ["hold", "F8", false],
  ["back", "F8", true],
  ["transfer", "F9", false],
  ["record", "F10", false],
  ["dial", "F9", true],
  ["hangup", "F2", true],
] as const;

export type Shortcut = (typeof SHORTCUTS)[number][0];

export function shortcutOf(event: {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}): Shortcut | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return null;
  const found = SHORTCUTS.find(([, key, shift]) => key === event.key && shift === event.shiftKey);
  return found ? found[0] : null;
}

/** ``act`` answers whether it did something; what it did not take stays the browser's. */
export function useShortcuts(act: (shortcut: Shortcut) => boolean): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (shortcut && act(shortcut)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [act]);
}

/** All shortcuts on one sheet. */
export function ShortcutSheet({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      closeButtonProps={{ "aria-label": t("app.close") }}
      opened={opened}
      onClose={close}
      title={t("desk.keys.title")}
      centered
    >
      <Table>
        <Table.Tbody>
          {SHORTCUTS.map(([name, key, shift]) => (
            <Table.Tr key={name}>
              <Table.Td>
                {shift && (
                  <>
                    <Kbd>{t("desk.keys.shift")}</Kbd> +{" "}
                  </>
                )}
                <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{t(`desk.keys.${name}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed" mt="sm">
        {t("desk.keys.hint")}
      </Text>
    </Modal>
  );
}
