// Why something was not done, in the customer's words. The sentences come when the first one is needed.
import type { Refused } from "@tiao/api";
import { type Language, useSpeech } from "@tiao/ui";
import { useEffect, useState } from "react";

type Sentences = Record<string, string>;

const BOOKS: Record<Language, () => Promise<Sentences>> = {
  "zh-CN": async () => (await import("@tiao/i18n/zh-CN/refusals.json")).default,
  en: async () => (await import("@tiao/i18n/en/refusals.json")).default,
};
const DATED = /^\d{4}-\d\d-\d\dT/;
/** A sentence with a hole that no fact fills is left out. */
const HOLED = /[^。.;；]*\{\w+\}[^。.;；]*[。.;；]?\s*/g;

export function filled(
  sentence: string,
  facts: Record<string, unknown>,
  show: (name: string, fact: unknown) => string,
) {
  return sentence
    .replace(/\{(\w+)\}/g, (hole, name: string) => (facts[name] === undefined ? hole : show(name, facts[name])))
    .replace(HOLED, "")
    .trim();
}

/** The sentences, fetched when they are asked for; null until they are there. */
export function useBook(isAsked: boolean): Sentences | null {
  const { language } = useSpeech();
  const [book, setBook] = useState<Sentences | null>(null);
  useEffect(() => {
    if (!isAsked) return;
    let isOver = false;
    BOOKS[language]()
      .catch((): Sentences => ({}))
      .then((found) => isOver || setBook(found), null);
    return () => {
      isOver = true;
    };
  }, [isAsked, language]);
  return book;
}

/** The sentence for a refusal; null while it is fetched. What has no sentence of its own names its code beside a plain one. */
export function useSentence(refused: Refused | null): string | null {
  const { t, money, instant } = useSpeech();
  const book = useBook(refused !== null);
  if (!refused) return null;
  if (refused.code === "network") return t("refusal.network");
  if (!book) return null;
  const sentence = book[refused.code];
  if (!sentence) return t("refusal.other", { code: refused.code });
  return filled(sentence, refused.facts, (name, fact) =>
    name.endsWith("_minor") ? money(Number(fact)) : DATED.test(String(fact)) ? instant(String(fact)) : String(fact),
  );
}
