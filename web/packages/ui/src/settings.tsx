// How whoever sits here wants it: language, light or dark, text size. Kept in the browser; nothing personal is.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { showMoney } from "./money";
import { type Key, type Language, learn, translate, translateCode } from "./t";
import { showDay, showDistance, showInstant } from "./time";

export type Theme = "light" | "dark";
export type Scale = 1 | 1.3 | 1.6;

export interface Settings {
  language: Language;
  theme: Theme;
  scale: Scale;
}

interface Place {
  currency: string;
  timeZone: string;
}

export interface Speech extends Settings {
  change: (next: Partial<Settings>) => void;
  t: (key: Key, values?: Record<string, string | number>) => string;
  /** A word for a code of the server: `code("case.kind", "limit")`. */
  code: (prefix: string, code: string) => string;
  money: (minor: number, currency?: string) => string;
  instant: (at: string) => string;
  day: (on: string) => string;
  distance: (at: string, now: number) => string;
}

const STORED = "tiao.settings";
const Context = createContext<Speech | null>(null);

/** How this browser was left, or else as it prefers. */
export function initial(): Settings {
  const preferred: Settings = {
    language: navigator.language.startsWith("zh") ? "zh-CN" : "en",
    theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
    scale: 1,
  };
  try {
    return { ...preferred, ...(JSON.parse(localStorage.getItem(STORED) ?? "{}") as Partial<Settings>) };
  } catch {
    return preferred;
  }
}

const isAlike = (one: Settings, other: Settings) =>
  one.language === other.language && one.theme === other.theme && one.scale === other.scale;

export function SettingsProvider({ place, children }: { place: Place; children: ReactNode }) {
  const [settings, set] = useState(initial);
  useEffect(() => {
    const root = document.documentElement;
    root.lang = settings.language;
    root.dataset.theme = settings.theme;
    root.dataset.scale = String(settings.scale);
    localStorage.setItem(STORED, JSON.stringify(settings));
  }, [settings]);
  useEffect(() => {
    // Chosen in another tab, it holds here too.
    const follow = (event: StorageEvent) => {
      if (event.key !== STORED) return;
      const chosen = initial();
      void learn(chosen.language).then(() => set((now) => (isAlike(now, chosen) ? now : chosen)));
    };
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, []);
  const speech = useMemo<Speech>(() => {
    const { language } = settings;
    return {
      ...settings,
      change: (next) => void learn(next.language ?? language).then(() => set((now) => ({ ...now, ...next }))),
      t: (key, values) => translate(language, key, values),
      code: (prefix, code) => translateCode(language, prefix, code),
      money: (minor, currency = place.currency) => showMoney(minor, currency, language),
      instant: (at) => showInstant(at, language, place.timeZone),
      day: (on) => showDay(on, language),
      distance: (at, now) => showDistance(at, now, language),
    };
  }, [settings, place.currency, place.timeZone]);
  return <Context.Provider value={speech}>{children}</Context.Provider>;
}

export function useSpeech(): Speech {
  const found = useContext(Context);
  if (!found) throw new Error("no SettingsProvider above");
  return found;
}
