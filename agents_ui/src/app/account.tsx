import {
  Avatar,
  Button,
  Center,
  Menu,
  Modal,
  Paper,
  Stack,
  Text,
  Title,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  IconCheck,
  IconDeviceDesktop,
  IconKey,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import { toFirstFault } from "@/components/faults";
import { Secret } from "@/components/secret";
import { useFailureText } from "@/components/states";
import { initials } from "@/format";
import { LANGUAGES, type Language } from "@/i18n";
import { live } from "@/live/hooks";
import { phone, useAgentPhone } from "@/phone/agent";
import { client, queries } from "./queries";
import { useMe } from "./session";

const SHORTEST = 10;

function PasswordForm({ done }: { done: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/me/password", { body: { current, fresh } })),
    onSuccess: (me) => {
      client.setQueryData(queries.me.queryKey, me);
      notifications.show({ message: t("account.changed"), color: "teal" });
      done();
    },
  });
  const [tried, setTried] = useState(false);
  const missing = (value: string) => tried && !value && t("app.required");
  const short = fresh.length < SHORTEST;
  const mismatch = again !== "" && fresh !== again;
  const wrong = change.error instanceof Failure && change.error.code === "wrong_credentials";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (current && !short && fresh === again) change.mutate();
    else toFirstFault(event.currentTarget, () => setTried(true));
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack>
        <Secret
          label={t("account.current")}
          autoComplete="current-password"
          value={current}
          onChange={(e) => setCurrent(e.currentTarget.value)}
          error={missing(current) || (wrong && t("account.wrong"))}
          required
        />
        <Secret
          label={t("account.fresh")}
          description={t("account.rule")}
          autoComplete="new-password"
          value={fresh}
          onChange={(e) => setFresh(e.currentTarget.value)}
          error={missing(fresh) || (tried && short && t("account.tooShort"))}
          required
        />
        <Secret
          label={t("account.again")}
          autoComplete="new-password"
          value={again}
          onChange={(e) => setAgain(e.currentTarget.value)}
          error={missing(again) || (mismatch && t("account.mismatch"))}
          required
        />
        {change.error && !wrong && (
          <Text c="red" size="sm" role="alert">
            {failureText(change.error)}
          </Text>
        )}
        <Button type="submit" loading={change.isPending}>
          {t("account.changePassword")}
        </Button>
      </Stack>
    </form>
  );
}

export function MustChangePassword() {
  const { t } = useTranslation();
  return (
    <Center h="100dvh" p="md">
      <Paper withBorder p="xl" w={420}>
        <Title order={2} mb="md">
          {t("account.mustChange")}
        </Title>
        <PasswordForm done={() => undefined} />
      </Paper>
    </Center>
  );
}

/** What tells the choice that holds from the others. */
function chosen(holds: boolean) {
  return {
    fw: holds ? 700 : 400,
    "aria-current": holds,
    rightSection: holds && <IconCheck size={18} aria-hidden />,
  };
}

export function AccountMenu() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [changing, password] = useDisclosure(false);
  const { line } = useAgentPhone();
  const inCall = !!line.call && line.call.stage !== "ended";
  const failureText = useFailureText();
  const speak = useMutation({
    mutationFn: (language: Language) =>
      unwrap(api.PUT("/api/v1/me/language", { body: { language } })),
    onSuccess: (saved) => client.setQueryData(queries.me.queryKey, saved),
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
  const logout = useMutation({
    mutationFn: async () => {
      await phone.want("off");
      await unwrap(api.DELETE("/api/v1/session"));
    },
    onSuccess: () => {
      live.stop();
      client.clear();
      navigate({ to: "/entrar" });
    },
    onError: (error) =>
      notifications.show({
        title: t("account.logoutFailed"),
        message: failureText(error),
        color: "red",
      }),
  });
  const schemes = [
    { value: "light", icon: IconSun, label: t("account.light") },
    { value: "dark", icon: IconMoon, label: t("account.dark") },
    { value: "auto", icon: IconDeviceDesktop, label: t("account.auto") },
  ] as const;
  return (
    <>
      <Menu position="bottom-end" width={240} shadow="md">
        <Menu.Target>
          <UnstyledButton>
            <span className="visually-hidden">{t("nav.account", { name: me.name })}</span>
            <Avatar color="teal.8" radius="xl" size={36} variant="filled" aria-hidden>
              {initials(me.name)}
            </Avatar>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text component="span" display="block" fw={650} c="var(--mantine-color-text)">
              {me.name}
            </Text>
            {t(`account.${me.role}`)} · {me.username}
          </Menu.Label>
          <Menu.Divider />
          {schemes.map(({ value, icon: Icon, label }) => (
            <Menu.Item
              key={value}
              leftSection={<Icon size={18} aria-hidden />}
              onClick={() => setColorScheme(value)}
              {...chosen(colorScheme === value)}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {(Object.keys(LANGUAGES) as Language[]).map((language) => (
            <Menu.Item
              key={language}
              leftSection={<IconLanguage size={18} aria-hidden />}
              onClick={() => speak.mutate(language)}
              {...chosen(i18n.language === language)}
              lang={language}
            >
              {LANGUAGES[language]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconKey size={18} aria-hidden />} onClick={password.open}>
            {t("account.changePassword")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLogout size={18} aria-hidden />}
            disabled={inCall || logout.isPending}
            onClick={() => logout.mutate()}
          >
            {t("account.logout")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={changing}
        onClose={password.close}
        title={t("account.changePassword")}
        closeButtonProps={{ "aria-label": t("app.close") }}
      >
        <PasswordForm done={password.close} />
      </Modal>
    </>
  );
}
