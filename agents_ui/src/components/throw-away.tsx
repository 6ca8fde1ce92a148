import { Alert, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/**
 * How a form closes: at once while nothing was written in it, otherwise after asking, whether by
 * its button, Escape or a click beside it.
 */
export function useThrowAway(written: boolean, close: () => void): [() => void, ReactNode] {
  const { t } = useTranslation();
  const [asked, question] = useDisclosure(false);
  const leave = written ? question.open : close;
  return [
    leave,
    asked && (
      <Alert color="yellow" p="sm" role="alert" title={t("app.throwAway")}>
        <Group justify="flex-end" gap={8}>
          <Button size="xs" variant="default" data-autofocus autoFocus onClick={question.close}>
            {t("app.goOn")}
          </Button>
          <Button size="xs" color="red.9" onClick={close}>
            {t("app.discard")}
          </Button>
        </Group>
      </Alert>
    ),
  ];
}
