// Words come from one catalogue; Chinese is the source of truth, and the type of every key.
import en from "@tiao/i18n/en.json";
import zh from "@tiao/i18n/zh-CN.json";

export type Key = keyof typeof zh;
export type Language = "zh-CN" | "en";

const WORDS: Record<Language, Record<Key, string>> = { "zh-CN": zh, en };

export function translate(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

/** Find a word for what the server names; what the catalogue does not know is shown as it came. */
export function translateCode(language: Language, prefix: string, code: string): string {
  return (WORDS[language] as Record<string, string>)[`${prefix}.${code}`] ?? code.replaceAll("_", " ");
}
