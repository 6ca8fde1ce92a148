import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

const SHOWN_MS = 12_000;

/** Tells what was done; while it is shown, it can be undone. */
export function useUndoable(): (message: string, undo: () => void) => void {
  const { t } = useTranslation();
  return (message, undo) => {
    const id = notifications.show({
      color: "teal",
      autoClose: SHOWN_MS,
      message: (
        <Group justify="space-between" wrap="nowrap" gap="sm">
          {message}
          <Button
            flex="none"
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            {t("app.undo")}
          </Button>
        </Group>
      ),
    });
  };
}
