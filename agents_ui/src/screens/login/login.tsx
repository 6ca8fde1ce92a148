import { Alert, Button, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconCalendarCheck, IconLock, IconUserQuestion } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import { client, queries } from "@/app/queries";
import { toFirstFault } from "@/components/faults";
import { Secret } from "@/components/secret";
import { useFailureText } from "@/components/states";
import { choose, LANGUAGES, type Language } from "@/i18n";
import "./login.css";

function useLoginProblem(error: unknown): string {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [left, setLeft] = useState(0);
  const wait =
    error instanceof Failure && error.code === "throttled" ? (error.retryAfter ?? 60) : 0;
  useEffect(() => {
    setLeft(wait);
    if (!wait) return;
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000);
    return () => clearInterval(timer);
  }, [wait]);
  if (!error) return "";
  if (wait) return left ? t("login.throttled", { count: left }) : "";
  if (error instanceof Failure && error.code === "wrong_credentials") return t("login.wrong");
  return failureText(error);
}

function LanguageChoice({ chosen }: { chosen: (language: Language) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={t("account.language")}
      value={i18n.language}
      onClick={({ target }) => {
        // Not only a change: who clicks on what is chosen already means it, too.
        if (target instanceof HTMLInputElement) chosen(target.value as Language);
      }}
      onChange={(language) => {
        chosen(language as Language);
        void choose(language as Language);
      }}
      data={Object.entries(LANGUAGES).map(([value, name]) => ({
        value,
        label: <span lang={value}>{name}</span>,
      }))}
    />
  );
}

export function Login() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { to, ended } = useSearch({ from: "/entrar" });
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [language, setLanguage] = useState<Language | null>(null);
  const login = useMutation({
    mutationFn: async () => {
      const me = await unwrap(api.POST("/api/v1/session", { body: { username, password } }));
      return language ? unwrap(api.PUT("/api/v1/me/language", { body: { language } })) : me;
    },
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(queries.me.queryKey, me);
      navigate({ to: to ?? "/llamadas" });
    },
    onError: () => {
      setPassword("");
      setTried(false);
    },
  });
  const problem = useLoginProblem(login.error);
  const demo = useQuery({
    queryKey: ["demo-offered"],
    queryFn: async () => (await api.GET("/api/v1/demo-phone")).response.ok,
    retry: false,
  });
  const [tried, setTried] = useState(false);
  const required = (value: string) => tried && !value && t("app.required");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (username && password) login.mutate();
    else toFirstFault(event.currentTarget, () => setTried(true));
  };
  return (
    <div className="login">
      <section className="login-side" aria-label={t("app.name")}>
        <div className="login-brand">
          <img src="/auricula.svg" alt="" />
          {t("app.name")}
        </div>
        <div>
          <h1>{t("login.pitch")}</h1>
          <ul>
            <li>
              <IconUserQuestion aria-hidden /> {t("login.point1")}
            </li>
            <li>
              <IconCalendarCheck aria-hidden /> {t("login.point2")}
            </li>
            <li>
              <IconLock aria-hidden /> {t("login.point3")}
            </li>
          </ul>
        </div>
        <div>
          {demo.data ? <Link to="/telefono">{t("login.tryPhone")}</Link> : t("app.tagline")}
        </div>
      </section>
      <main className="login-form">
        <form noValidate onSubmit={submit}>
          <Stack gap="md">
            <Title order={2}>{t("login.title")}</Title>
            {ended && !login.error && <Alert color="yellow">{t("login.ended")}</Alert>}
            <TextInput
              label={t("login.username")}
              size="md"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              value={username}
              error={required(username)}
              onChange={(e) => setUsername(e.currentTarget.value)}
            />
            <Secret
              label={t("login.password")}
              size="md"
              autoComplete="current-password"
              value={password}
              error={required(password)}
              onChange={(e) => setPassword(e.currentTarget.value)}
            />
            <Text c="red" size="sm" role="alert" mih={20}>
              {problem}
            </Text>
            <Button type="submit" size="md" loading={login.isPending}>
              {t("login.enter")}
            </Button>
            <LanguageChoice chosen={setLanguage} />
          </Stack>
        </form>
      </main>
    </div>
  );
}
