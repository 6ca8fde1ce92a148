import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { es } from "./es";
import { esMx } from "./es-mx";

/** Each by its own name. */
export const LANGUAGES = { es: "Español", "es-MX": "Español (México)", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;
const KEPT = "auricula-language";

/** The one that suits who wants these, the most wanted first: "es-AR" is nearer to Mexico's. */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [language, region] = tag.split("-");
    if (language === "es") return region && region !== "ES" ? "es-MX" : "es";
    if (language === "en") return "en";
  }
  return "es";
}

function isLanguage(text: string | null): text is Language {
  return text !== null && text in LANGUAGES;
}

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  return isLanguage(kept) ? kept : languageFor(navigator.languages);
}

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { es: { translation: es }, "es-MX": { translation: esMx }, en: { translation: en } },
    lng: first(),
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
