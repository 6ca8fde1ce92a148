import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { es } from "./es";

export type Language = "es" | "en";
const KEPT = "auricula-language";

function kept(): Language {
  return localStorage.getItem(KEPT) === "en" ? "en" : "es";
}

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { es: { translation: es }, en: { translation: en } },
    lng: kept(),
    fallbackLng: "es",
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = i18next.language;
}

export async function choose(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
