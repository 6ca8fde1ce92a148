import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A field for a password that also tells those who do not see it that it is wrong. */
export function Secret(props: PasswordInputProps) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      aria-invalid={!!props.error}
      visibilityToggleButtonProps={{ "aria-label": t("account.show"), tabIndex: 0 }}
      {...props}
    />
  );
}
