// Words come from one catalogue, each application takes its part of it; Chinese is the source of truth.
import type common from "@tiao/i18n/zh-CN/common.json";
import type desk from "@tiao/i18n/zh-CN/desk.json";
import type merchant from "@tiao/i18n/zh-CN/merchant.json";
import type ops from "@tiao/i18n/zh-CN/ops.json";
import type wallet from "@tiao/i18n/zh-CN/wallet.json";

export type Key =
  keyof typeof common | keyof typeof desk | keyof typeof ops | keyof typeof merchant | keyof typeof wallet;
export type Language = "zh-CN" | "en";
export type Words = Record<Language, Record<string, string>>;

let words: Words = { "zh-CN": {}, en: {} };

let teachers: Record<Language, () => Promise<Record<string, string>>> | null = null;

/** Give the words that this application speaks, before it shows anything. */
export function speakWith(given: Words): void {
  words = given;
}

/** Give where the words of each language are fetched: an application with many fetches only those it speaks. */
export function speakFrom(given: NonNullable<typeof teachers>): void {
  teachers = given;
}

/** Have the words of a language at hand. */
export async function learn(language: Language): Promise<void> {
  if (!teachers || Object.keys(words[language]).length > 0) return;
  const learnt = await teachers[language]();
  words = { ...words, [language]: learnt };
}

export function translate(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  const text = words[language][key];
  if (text === undefined) throw new Error(`this application has no word for ${key}`);
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

/** Find a word for what the server names; what the catalogue does not know is shown as it came. */
export function translateCode(language: Language, prefix: string, code: string): string {
  return words[language][`${prefix}.${code}`] ?? code.replaceAll("_", " ");
}
